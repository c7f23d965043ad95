/*
 * Reads rows from JSON.
 *
 * A list of objects, or a sequence of objects, as in JSON lines. Only one row is in memory at a time, so no
 * tree is built. Nested values are kept as text: they are JSON values for the database.
 */
#include "op/rows.h"

enum { DEPTH = 100 };

static int skip_space(struct row_reader *r)
{
    int c;

    while ((c = rows_peek(r)) == ' ' || c == '\t' || c == '\n' || c == '\r')
        rows_get(r);
    return c;
}

static bool unexpected(struct row_reader *r, const char *expected)
{
    int c = rows_peek(r);

    if (c == EOF)
        return rows_fail(r, r->line, "expected %s, but the file ends", expected);
    return rows_fail(r, r->line, c < ' ' || c > '~' ? "expected %s" : "expected %s, not '%c'", expected, c);
}
#define unexpected(...) fail_false(unexpected(__VA_ARGS__))

static bool expect(struct row_reader *r, int wanted, const char *name)
{
    if (skip_space(r) != wanted)
        return unexpected(r, name);
    rows_get(r);
    return true;
}

/* ---- strings ------------------------------------------------------------------------------------------- */

static void add_utf8(struct str *out, uint32_t c)
{
    if (c < 0x80) {
        str_addc(out, (char)c);
        return;
    }
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char leads[] = {0, 0xc0, 0xe0, 0xf0};
    str_addc(out, (char)(leads[more] | (c >> (6 * more))));
    while (more-- > 0)
        str_addc(out, (char)(0x80 | ((c >> (6 * more)) & 0x3f)));
}

static bool read_hex(struct row_reader *r, uint32_t *ret)
{
    static const char digits[] = "0123456789abcdef";

    *ret = 0;
    for (int i = 0; i < 4; i++) {
        int c = rows_peek(r);
        const char *at = c > 0 ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;

        if (!at)
            return unexpected(r, "four hexadecimal digits after \\u");
        rows_get(r);
        *ret = *ret << 4 | (uint32_t)(at - digits);
    }
    return true;
}

/* \ud83d\ude00 is one character. */
static bool read_unicode(struct row_reader *r, struct str *out)
{
    uint32_t c, low;

    if (!read_hex(r, &c))
        return false;
    if (c >= 0xd800 && c < 0xdc00) {
        if (rows_get(r) != '\\' || rows_get(r) != 'u' || !read_hex(r, &low) || low < 0xdc00 || low > 0xdfff)
            return rows_fail(r, r->line, "an incomplete surrogate pair after \\u");
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    } else if (c >= 0xdc00 && c < 0xe000) {
        return rows_fail(r, r->line, "an incomplete surrogate pair after \\u");
    }
    add_utf8(out, c);
    return true;
}

static bool read_escape(struct row_reader *r, struct str *out)
{
    static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
    int c = rows_get(r);
    const char *at = c > 0 ? strchr(names, c) : NULL;

    if (c == 'u')
        return read_unicode(r, out);
    if (!at)
        return rows_fail(r, r->line, "an unknown escape in a string");
    str_addc(out, values[at - names]);
    return true;
}

static bool read_string(struct row_reader *r, const char **ret)
{
    struct str text = {.arena = &r->scratch};
    unsigned line = r->line;
    int c;

    if (!expect(r, '"', "a string"))
        return false;
    while ((c = rows_get(r)) != '"') {
        if (c == EOF || c == '\n')
            return rows_fail(r, line, "a string that begins here is never closed");
        if (c != '\\')
            str_addc(&text, (char)c);
        else if (!read_escape(r, &text))
            return false;
    }
    return rows_text(r, line, &text, ret);
}

/* ---- values -------------------------------------------------------------------------------------------- */

static const char *read_word(struct row_reader *r)
{
    struct str text = {.arena = &r->scratch};

    for (int c; (c = rows_peek(r)) != EOF && !strchr(" \t\r\n,]}[{\":", c);)
        str_addc(&text, (char)rows_get(r));
    return str_get(&text);
}

static bool is_number(const char *s)
{
    s += *s == '-';
    size_t whole = strspn(s, "0123456789");
    if (!whole || (*s == '0' && whole > 1))
        return false;
    s += whole;
    if (*s == '.') {
        size_t part = strspn(s + 1, "0123456789");
        if (!part)
            return false;
        s += 1 + part;
    }
    if (*s != 'e' && *s != 'E')
        return !*s;
    s += 1 + (s[1] == '-' || s[1] == '+');
    return *s && !s[strspn(s, "0123456789")];
}

/* An object or a list, unchanged. */
static bool read_nested(struct row_reader *r, const char **ret)
{
    struct str text = {.arena = &r->scratch};
    char open[DEPTH];
    unsigned line = r->line;
    int depth = 0;
    bool quoted = false;

    do {
        int c = rows_get(r);
        if (c == EOF)
            return rows_fail(r, line, "a value that begins here is never closed");
        str_addc(&text, (char)c);
        if (quoted && c == '\\')
            str_addc(&text, (char)rows_get(r));
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '{' || c == '[')) {
            if (depth == DEPTH)
                return rows_fail(r, r->line, "a value that is nested too deeply");
            open[depth++] = c == '{' ? '}' : ']';
        } else if (!quoted && (c == '}' || c == ']') && open[--depth] != c)
            return rows_fail(r, r->line, "expected '%c', not '%c'", open[depth], c);
    } while (depth);
    return rows_text(r, line, &text, ret);
}

static bool read_value(struct row_reader *r, struct row *row, const char *column)
{
    int c = skip_space(r);
    const char *text = NULL;

    if (c == '"' || c == '{' || c == '[') {
        if (!(c == '"' ? read_string(r, &text) : read_nested(r, &text)))
            return false;
        rows_add(r, row, column, VALUE_STRING, text);
        return true;
    }
    const char *word = read_word(r);
    if (str_eq(word, "null"))
        rows_add(r, row, column, VALUE_NONE, NULL);
    else if (str_eq(word, "true") || str_eq(word, "false"))
        rows_add(r, row, column, VALUE_BOOL, word);
    else if (is_number(word))
        rows_add(r, row, column, VALUE_NUMBER, word);
    else
        return *word ? rows_fail(r, r->line, "'%s' is not a JSON value", word) : unexpected(r, "a value");
    return true;
}

/* ---- rows ---------------------------------------------------------------------------------------------- */

static bool read_object(struct row_reader *r, struct row *row)
{
    const char *column;

    if (!expect(r, '{', "an object, '{'"))
        return false;
    if (skip_space(r) == '}') {
        rows_get(r);
        return true;
    }
    for (;;) {
        if (!read_string(r, &column) || !expect(r, ':', "':'"))
            return false;
        vec_each(i, row)
            if (str_eq(row->v[i]->column, column))
                return rows_fail(r, r->line, "duplicate column '%s'", column);
        if (!read_value(r, row, column))
            return false;
        if (skip_space(r) != ',')
            return expect(r, '}', "',' or '}'");
        rows_get(r);
    }
}

/* Up to the next object; *ret_end: there is none. */
static bool find_object(struct row_reader *r, bool *ret_end)
{
    int c = skip_space(r);

    if (!r->begun && c == '[') {
        r->in_array = true;
        rows_get(r);
        c = skip_space(r);
    } else if (r->begun && r->in_array && c == ',') {
        rows_get(r);
        c = skip_space(r);
        *ret_end = false;
        r->begun = true;
        return true;
    } else if (r->begun && r->in_array && c != ']') {
        return unexpected(r, "',' or ']'");
    }
    r->begun = true;
    *ret_end = r->in_array ? c == ']' : c == EOF;
    if (!*ret_end || !r->in_array)
        return true;
    rows_get(r);
    return skip_space(r) == EOF || unexpected(r, "nothing after the list");
}

bool json_row(struct row_reader *r, const struct row **ret, struct pos *ret_pos)
{
    struct row *row = arena_new(&r->scratch, struct row);
    bool end;

    *ret = NULL;
    if (!find_object(r, &end))
        return false;
    if (end)
        return true;
    *ret_pos = (struct pos){r->path, r->line, 0};
    if (!read_object(r, row))
        return false;
    *ret = row;
    return true;
}
