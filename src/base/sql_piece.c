/* Cuts SQL text into pieces. */
#include "cmig/base.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Every byte of a character beyond ASCII may be part of a name. */
static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '$' ||
           (unsigned char)c >= 0x80;
}

static size_t word_length(const char *s)
{
    size_t n = 0;
    while (is_word(s[n]))
        n++;
    return n;
}

/* A doubled quote is part of the text. */
static const char *skip_quoted(const char *s, bool has_escapes)
{
    char quote = *s++;
    while (*s && (*s != quote || s[1] == quote)) {
        if (*s == quote || (has_escapes && *s == '\\' && s[1]))
            s++;
        s++;
    }
    return *s ? s + 1 : s;
}

static const char *skip_comment(const char *s, unsigned grammar)
{
    unsigned depth = 0;
    if (*s != '/')
        return s + strcspn(s, grammar & SQL_RETURNS ? "\r\n" : "\n");
    do {
        bool opens = s[0] == '/' && s[1] == '*' && (!depth || grammar & SQL_NESTED);
        bool closes = s[0] == '*' && s[1] == '/';
        depth += opens;
        depth -= closes;
        s += opens || closes ? 2 : 1;
    } while (*s && depth);
    return s;
}

/* NULL: none begins here. */
static const char *skip_dollars(const char *s)
{
    const char *tag = s + 1;
    if (is_digit(*tag))
        return NULL;
    while (is_word(*tag) && *tag != '$')
        tag++;
    if (*tag != '$')
        return NULL;
    size_t n = (size_t)(tag + 1 - s);
    for (const char *p = tag + 1; *p; p++)
        if (strncmp(p, s, n) == 0)
            return p + n;
    return tag + strlen(tag);
}

static const char *skip_brackets(const char *s)
{
    s += strcspn(s, "]'\"");
    return *s == ']' ? s + 1 : NULL;
}

static bool begins_comment(const char *s, unsigned grammar)
{
    if (s[0] == '-' && s[1] == '-')
        return !(grammar & SQL_HASH) || !s[2] || strchr(" \t\r\n\f\v", s[2]);
    return (s[0] == '/' && s[1] == '*') || (s[0] == '#' && grammar & SQL_HASH);
}

static struct sql_piece piece(enum sql_kind kind, const char *s, const char *end)
{
    return end ? (struct sql_piece){kind, s, (size_t)(end - s)} : (struct sql_piece){SQL_OTHER, s, 1};
}

struct sql_piece sql_piece(const char *s, unsigned grammar)
{
    size_t space = strspn(s, " \t\r\n\f\v");
    const char *dollars = *s == '$' && grammar & SQL_DOLLARS ? skip_dollars(s) : NULL;
    if (!*s)
        return piece(SQL_END, s, s);
    if (space)
        return piece(SQL_SPACE, s, s + space);
    if (begins_comment(s, grammar))
        return piece(SQL_COMMENT, s, skip_comment(s, grammar));
    if (*s == '\'')
        return piece(SQL_STRING, s, skip_quoted(s, grammar & SQL_BACKSLASH));
    if ((*s == 'E' || *s == 'e') && s[1] == '\'' && grammar & SQL_ESCAPES)
        return piece(SQL_STRING, s, skip_quoted(s + 1, true));
    if (dollars)
        return piece(SQL_STRING, s, dollars);
    if (*s == '"' && grammar & SQL_DOUBLE)
        return piece(SQL_STRING, s, skip_quoted(s, grammar & SQL_BACKSLASH));
    if (*s == '"' || (*s == '`' && grammar & SQL_BACKTICKS))
        return piece(SQL_QUOTED, s, skip_quoted(s, false));
    if (*s == '[' && grammar & SQL_BRACKETS)
        return piece(SQL_QUOTED, s, skip_brackets(s));
    size_t n = word_length(s);
    return piece(n ? SQL_WORD : SQL_OTHER, s, s + (n ? n : 1));
}

bool sql_piece_is(const struct sql_piece *p, const char *word)
{
    if (p->kind != SQL_WORD || strlen(word) != p->n)
        return false;
    for (size_t i = 0; i < p->n; i++) {
        char c = p->s[i], w = word[i];
        c = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        w = w >= 'A' && w <= 'Z' ? (char)(w - 'A' + 'a') : w;
        if (c != w)
            return false;
    }
    return true;
}

bool sql_piece_is_any(const struct sql_piece *p, const char *const *words)
{
    for (; *words; words++)
        if (sql_piece_is(p, *words))
            return true;
    return false;
}

bool sql_piece_is_char(const struct sql_piece *p, char c)
{
    return p->kind == SQL_OTHER && *p->s == c;
}

const char *sql_skip_space(const char *s, unsigned grammar)
{
    for (;;) {
        struct sql_piece p = sql_piece(s, grammar);
        if (p.kind != SQL_SPACE && p.kind != SQL_COMMENT)
            return s;
        s += p.n;
    }
}

const char *sql_piece_text(struct arena *a, const struct sql_piece *p)
{
    struct str out = {.arena = a};
    if (p->kind != SQL_QUOTED && p->kind != SQL_STRING)
        return arena_strndup(a, p->s, p->n);
    for (size_t i = 1; i + 1 < p->n; i++) {
        str_addc(&out, p->s[i]);
        i += p->s[i] == *p->s;
    }
    return str_get(&out);
}
