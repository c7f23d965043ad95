/*
 * Plain text in YAML: whether it is null, a boolean, a number or a string.
 *
 * Text is read as YAML 1.2. Text that is written must also be safe for readers of YAML 1.1, to which `no` is false
 * and 12:30 is 750.
 */
#include "scalar.h"

static bool one_of(const char *s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(s, words[i]) == 0)
            return true;
    return false;
}

bool scalar_is_null(const char *s)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};

    return one_of(s, words, COUNT_OF(words));
}

bool scalar_is_bool(const char *s, bool *ret)
{
    static const char *const yes[] = {"true", "True", "TRUE"}, *const no[] = {"false", "False", "FALSE"};
    bool is_true = one_of(s, yes, COUNT_OF(yes));

    if (!is_true && !one_of(s, no, COUNT_OF(no)))
        return false;
    *ret = is_true;
    return true;
}

static const char *skip(const char *s, const char *set)
{
    return s + strspn(s, set);
}

static const char *skip_sign(const char *s)
{
    return *s == '-' || *s == '+' ? s + 1 : s;
}

#define DIGITS "0123456789"

/* The position after the digits of a whole part without leading zeros, or NULL. */
static const char *whole_part(const char *s)
{
    const char *end = skip(s, DIGITS);

    if (end == s || (*s == '0' && end - s > 1))
        return NULL;
    return end;
}

bool scalar_is_integer(const char *s)
{
    const char *end = whole_part(skip_sign(s));

    return end && !*end;
}

bool scalar_is_number(const char *s)
{
    const char *whole, *end;

    s = skip_sign(s);
    whole = *s == '.' ? s : whole_part(s);
    if (!whole)
        return false;
    end = whole;
    if (*end == '.') {
        end = skip(end + 1, DIGITS);
        if (end - whole == 1 && whole == s) /* a lone dot */
            return false;
    }
    if (*end == 'e' || *end == 'E') {
        const char *digits = skip_sign(end + 1);

        end = skip(digits, DIGITS);
        if (end == digits)
            return false;
    }
    return !*end;
}

/* Numbers of any YAML there is: underscores, leading zeros, 0x 0o 0b, 12:30:45.5, .inf. Generous: it only
 * decides about quotes. */
static bool is_any_number(const char *s)
{
    static const char *const names[] = {".inf", ".nan"};
    const char *digits = s = skip_sign(s), *end;

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_eq_ci(s, names[i]))
            return true;
    if (*s == '0' && s[1] && strchr("xXoObB", s[1]))
        return s[2] && !*skip(s + 2, DIGITS "abcdefABCDEF_");
    end = skip(s, DIGITS "_:");
    if (*end == '.')
        end = skip(end + 1, DIGITS "_.");
    if (end == digits || !strpbrk(s, DIGITS))
        return false;
    if ((*end == 'e' || *end == 'E') && end[1])
        end = skip(skip_sign(end + 1), DIGITS "_");
    return !*end;
}

/* 2026-11-20, and whatever of a time follows. */
static bool is_timestamp(const char *s)
{
    return strspn(s, DIGITS) == 4 && s[4] == '-' && !*skip(s, DIGITS "-:.+TtZz \t");
}

bool scalar_is_ambiguous(const char *s)
{
    static const char *const words[] = {"~", "null", "true", "false", "yes", "no", "on", "off", "y", "n"};

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_eq_ci(s, words[i]))
            return true;
    return !*s || str_eq(s, "<<") || str_eq(s, "=") || is_any_number(s) || is_timestamp(s);
}

/* ---- what must be quoted ---- */

enum text_class {
    TEXT_ESCAPED = 1, /* has characters that only an escape can write */
    TEXT_LINES = 2,   /* has newlines */
    TEXT_TABS = 4,
};

/* The code point at s, and its bytes; of bytes that are no UTF-8, 0xfffd and 1. */
static uint32_t code_at(const unsigned char *s, size_t n, size_t *ret_size)
{
    size_t size = *s < 0x80 ? 1 : *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : 4;
    uint32_t code = *s < 0x80 ? *s : *s & (0x7fu >> size);

    *ret_size = 1;
    if (size > n || !str_utf8((const char *)s, size, NULL))
        return 0xfffd;
    for (size_t i = 1; i < size; i++)
        code = code << 6 | (s[i] & 0x3fu);
    *ret_size = size;
    return code;
}

/* What libyaml's reader refuses, or a scanner takes for a line's end. */
static bool needs_escape(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029 ||
           code == 0xfeff || code == 0xfffe || code == 0xffff;
}

static unsigned classify(const char *s, size_t n)
{
    unsigned found = 0;
    size_t size;
    uint32_t code;

    for (size_t i = 0; i < n; i += size) {
        size = 1;
        if (s[i] >= 0x20 && s[i] < 0x7f)
            continue;
        code = code_at((const unsigned char *)s + i, n - i, &size);
        if (code == '\n')
            found |= TEXT_LINES;
        else if (code == '\t')
            found |= TEXT_TABS;
        else if (needs_escape(code) || (code == 0xfffd && size == 1))
            found |= TEXT_ESCAPED;
    }
    return found;
}

bool scalar_can_be_plain(const char *s, size_t n, enum plain_place place)
{
    if (n == 0 || s[0] == ' ' || s[n - 1] == ' ' || s[n - 1] == ':' || classify(s, n))
        return false;
    if (strchr("-?:,[]{}#&*!|>'\"%@`", s[0]) && !scalar_is_number(s))
        return false;
    if (str_starts(s, "...") || strstr(s, ": ") || strstr(s, " #"))
        return false;
    return place == PLAIN_BLOCK || !(strpbrk(s, ",[]{}") || strstr(s, ":?")); /* libyaml refuses the latter */
}

bool scalar_can_be_literal(const char *s, size_t n, bool *ret_indicator)
{
    if (n == 0 || *s == '\n' || *s == '\t' || (classify(s, n) & TEXT_ESCAPED))
        return false;
    *ret_indicator = *s == ' ';
    return true;
}

/* ---- quotes ---- */

static void add_escape(struct str *out, uint32_t code)
{
    static const struct {
        uint32_t code;
        const char *text;
    } named[] = {{'"', "\\\""}, {'\\', "\\\\"}, {'\n', "\\n"}, {'\r', "\\r"}, {'\t', "\\t"}, {0x1b, "\\e"}};

    for (size_t i = 0; i < COUNT_OF(named); i++)
        if (named[i].code == code) {
            str_add(out, named[i].text);
            return;
        }
    str_addf(out, code < 0x100 ? "\\x%02X" : "\\u%04X", (unsigned)code);
}

static void double_quote(struct str *out, const char *s, size_t n)
{
    size_t size;
    uint32_t code;

    str_addc(out, '"');
    for (size_t i = 0; i < n; i += size) {
        code = code_at((const unsigned char *)s + i, n - i, &size);
        if (code == '"' || code == '\\' || needs_escape(code) || (code == 0xfffd && size == 1))
            add_escape(out, code);
        else
            str_addn(out, s + i, size);
    }
    str_addc(out, '"');
}

void scalar_quote(struct str *out, const char *s, size_t n)
{
    if (classify(s, n) || !(memchr(s, '"', n) || memchr(s, '\\', n))) {
        double_quote(out, s, n);
        return;
    }
    str_addc(out, '\'');
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '\'')
            str_addc(out, '\'');
        str_addc(out, s[i]);
    }
    str_addc(out, '\'');
}
