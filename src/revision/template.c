/*
 * Names of new revision files.
 */
#include "document.h"

#include <stdlib.h>

enum { SLUG_LIMIT = 40, MESSAGE_LIMIT = 100, NAME_LIMIT = 250 /* with its ending at most 255 */ };

/* ---- words of a message --------------------------------------------------------------------------------- */

/* Letters of other alphabets stay as they are. */
static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (unsigned char)c >= 0x80;
}

/* Not within a character. */
static size_t cut_at(const char *s, size_t limit)
{
    size_t n = strlen(s);

    if (n <= limit)
        return n;
    for (n = limit; n && ((unsigned char)s[n] & 0xc0) == 0x80; n--)
        ;
    return n;
}

static const char *next_word(const char *s, size_t *ret_size)
{
    while (*s && !is_word(*s))
        s++;
    for (*ret_size = 0; is_word(s[*ret_size]); ++*ret_size)
        ;
    return s;
}

char *revision_slug(struct arena *a, const char *message, size_t limit)
{
    struct str out = {.arena = a};
    const char *word;
    size_t n;

    limit = limit ? limit : SLUG_LIMIT;
    for (word = next_word(message ? message : "", &n); n; word = next_word(word + n, &n)) {
        if (out.n && out.n + 1 + n > limit)
            break;
        if (out.n)
            str_addc(&out, '_');
        if (n > limit)
            str_addn(&out, word, cut_at(word, limit));
        else
            str_addn(&out, word, n);
    }
    return str_lower(a, str_get(&out));
}

/* ---- tokens --------------------------------------------------------------------------------------------- */

struct values {
    struct ctx *ctx;
    const struct revision_new *n;
    const char *created; /* "2026-11-20T10:00:00Z" */
};

static const char *rev_text(const struct values *v)
{
    return v->n->id;
}

static const char *slug_text(const struct values *v)
{
    return revision_slug(&v->ctx->arena, v->n->message, v->n->slug_length);
}

static const char *message_text(const struct values *v)
{
    const char *message = v->n->message ? v->n->message : "";
    char *text = arena_strndup(&v->ctx->arena, message, cut_at(message, MESSAGE_LIMIT));

    for (char *p = text; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f || *p == '/' || *p == '\\')
            *p = '_';
    return text;
}

static long number_at(const char *created, size_t at, size_t n)
{
    char digits[5] = "";

    memcpy(digits, created + at, n);
    return strtol(digits, NULL, 10);
}

/* Days since 1970 of a date in the Gregorian calendar; the year begins in March, so that the leap day is last. */
static long days_of(long year, long month, long day)
{
    long era_year;

    year -= month <= 2;
    era_year = year % 400;
    return year / 400 * 146097 + era_year * 365 + era_year / 4 - era_year / 100 +
           (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1 - 719468;
}

static const char *epoch_text(const struct values *v)
{
    const char *c = v->created;
    long days = days_of(number_at(c, 0, 4), number_at(c, 5, 2), number_at(c, 8, 2));

    return ctx_printf(v->ctx, "%ld",
        days * 86400 + number_at(c, 11, 2) * 3600 + number_at(c, 14, 2) * 60 + number_at(c, 17, 2));
}

static const struct token {
    const char *name;
    const char *(*text)(const struct values *v); /* NULL: a piece of the time */
    size_t at, n;
} tokens[] = {
    {"rev", rev_text, 0, 0},
    {"slug", slug_text, 0, 0},
    {"message", message_text, 0, 0},
    {"date", NULL, 0, 10},
    {"year", NULL, 0, 4},
    {"month", NULL, 5, 2},
    {"day", NULL, 8, 2},
    {"hour", NULL, 11, 2},
    {"minute", NULL, 14, 2},
    {"second", NULL, 17, 2},
    {"epoch", epoch_text, 0, 0},
};

static bool add_token(const struct values *v, struct str *out, const char *name, size_t n)
{
    for (size_t i = 0; i < COUNT_OF(tokens); i++) {
        const struct token *t = &tokens[i];

        if (strlen(t->name) != n || memcmp(t->name, name, n) != 0)
            continue;
        if (t->text)
            str_add(out, t->text(v));
        else
            str_addn(out, v->created + t->at, t->n);
        return true;
    }
    fail(v->ctx, STATUS_CONFIG, "file_template '%s': unknown token '{%.*s}'", v->n->file_template, (int)n,
        name);
    return fail_hint(v->ctx,
        "Use {rev}, {slug}, {message}, {date}, {year}, {month}, {day}, {hour}, {minute}, "
        "{second} and {epoch}.");
}

static bool add_tokens(const struct values *v, struct str *out)
{
    const char *s = v->n->file_template, *open, *close;

    for (; (open = strchr(s, '{')); s = close + 1) {
        str_addn(out, s, (size_t)(open - s));
        close = strchr(open, '}');
        if (!close)
            return fail(v->ctx, STATUS_CONFIG, "file_template '%s': no '}' for a '{'", v->n->file_template);
        if (!add_token(v, out, open + 1, (size_t)(close - open) - 1))
            return false;
    }
    str_add(out, s);
    return true;
}

/* Hidden files are not read, and ".." would leave the directory. */
static bool check_name(const struct values *v, const char *name)
{
    const char *part = name;

    if (strlen(fs_basename(name)) > NAME_LIMIT)
        return fail(v->ctx, STATUS_CONFIG, "file name '%s' is longer than %d bytes", name, NAME_LIMIT);
    for (; part; part = strchr(part, '/') ? strchr(part, '/') + 1 : NULL)
        if (!*part || *part == '.' || *part == '/')
            return fail(v->ctx, STATUS_CONFIG,
                "file_template '%s' gives '%s', in which a part is empty or hidden", v->n->file_template,
                name);
    return true;
}

bool template_expand(
    struct ctx *ctx, const struct revision_new *n, const char *created, const char **ret_name)
{
    struct values v = {.ctx = ctx, .n = n, .created = created};
    struct str out = STR(ctx);

    if (!add_tokens(&v, &out))
        return false;
    /* What joined an empty slug. */
    while (out.n && strchr("_- .", out.s[out.n - 1]))
        out.s[--out.n] = '\0';
    *ret_name = str_get(&out);
    return check_name(&v, *ret_name);
}
