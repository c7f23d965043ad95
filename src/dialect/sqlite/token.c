/* Cuts SQL into tokens as SQLite does. */
#include "dialect/sqlite/token.h"

#include <stdlib.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Every byte of a character beyond ASCII may be part of a name. */
static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' || c == '$' ||
           (unsigned char)c >= 0x80;
}

static const char *skip_names(const char *p)
{
    while (is_name(*p))
        p++;
    return p;
}

/* A comment that is not closed ends with the text. */
static const char *skip_space(const char *p)
{
    for (;;) {
        p += strspn(p, " \t\n\f\r");
        if (p[0] == '-' && p[1] == '-') {
            p += strcspn(p, "\n");
        } else if (p[0] == '/' && p[1] == '*') {
            const char *end = strstr(p + 2, "*/");
            p = end ? end + 2 : p + strlen(p);
        } else {
            return p;
        }
    }
}

/* Behind the closing quote, or NULL. Only brackets cannot be doubled. */
static const char *skip_quoted(const char *p, char close)
{
    for (p++; *p; p++) {
        if (*p != close)
            continue;
        if (close == ']' || p[1] != close)
            return p + 1;
        p++;
    }
    return NULL;
}

static const char *skip_number(const char *p)
{
    if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
        return skip_names(p);
    while (is_digit(*p) || *p == '.' || *p == '_')
        p++;
    if ((*p == 'e' || *p == 'E') && (is_digit(p[1]) || ((p[1] == '+' || p[1] == '-') && is_digit(p[2]))))
        p += 2;
    return skip_names(p);
}

static const char *skip_operator(const char *p)
{
    static const char *const several[] = {"->>", "->", "||", "<<", ">>", "<=", ">=", "<>", "==", "!="};
    for (size_t i = 0; i < COUNT_OF(several); i++)
        if (strncmp(p, several[i], strlen(several[i])) == 0)
            return p + strlen(several[i]);
    return p + 1;
}

static struct token make(enum token_kind kind, const char *from, const char *to)
{
    if (!to)
        return (struct token){TOKEN_BAD, from, strlen(from)};
    return (struct token){kind, from, (size_t)(to - from)};
}

static struct token scan(const char *p)
{
    char c = *p;
    if (!c)
        return make(TOKEN_END, p, p);
    if (c == '\'')
        return make(TOKEN_STRING, p, skip_quoted(p, '\''));
    if (c == '"' || c == '`' || c == '[')
        return make(TOKEN_QUOTED, p, skip_quoted(p, c == '[' ? ']' : c));
    if ((c == 'x' || c == 'X') && p[1] == '\'')
        return make(TOKEN_BLOB, p, skip_quoted(p + 1, '\''));
    if (is_digit(c) || (c == '.' && is_digit(p[1])))
        return make(TOKEN_NUMBER, p, skip_number(p));
    if (c == '?' || c == ':' || c == '@' || c == '$' || c == '#')
        return make(TOKEN_VARIABLE, p, skip_names(p + 1));
    if (is_name(c))
        return make(TOKEN_WORD, p, skip_names(p));
    return make(TOKEN_OPERATOR, p, skip_operator(p));
}

struct token token_read(const char **at)
{
    struct token t = scan(skip_space(*at));
    *at = t.s + t.n;
    return t;
}

void tokens_read(struct ctx *ctx, const char *s, size_t n, struct tokens *ret)
{
    const char *at = s;
    *ret = (struct tokens){0};
    for (;;) {
        struct token t = token_read(&at);
        if (t.kind == TOKEN_END || t.s >= s + n)
            return;
        vec_add(ctx, ret, t);
    }
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* `word` is in upper case. */
static bool same_word(const char *s, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++)
        if (upper(s[i]) != word[i])
            return false;
    return word[n] == 0;
}

bool token_is(const struct token *t, const char *word)
{
    return t->kind == TOKEN_WORD && same_word(t->s, t->n, word);
}

bool token_op(const struct token *t, const char *op)
{
    return t->kind == TOKEN_OPERATOR && strlen(op) == t->n && memcmp(t->s, op, t->n) == 0;
}

char *token_name(struct arena *a, const struct token *t)
{
    if (t->kind != TOKEN_QUOTED && t->kind != TOKEN_STRING)
        return arena_strndup(a, t->s, t->n);
    char close = t->s[t->n - 1];
    char *out = arena_alloc(a, t->n);
    size_t n = 0;
    for (size_t i = 1; i + 1 < t->n; i++) {
        out[n++] = t->s[i];
        if (close != ']' && t->s[i] == close)
            i++;
    }
    return out;
}

/* Sorted. The others among SQLite's keywords become names where a name must be. */
static const char *const reserved[] = {"ADD", "ALL", "ALTER", "AND", "AS", "AUTOINCREMENT", "BETWEEN", "CASE",
    "CHECK", "COLLATE", "COMMIT", "CONSTRAINT", "CREATE", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP",
    "DEFAULT", "DEFERRABLE", "DELETE", "DISTINCT", "DROP", "ELSE", "ESCAPE", "EXCEPT", "EXISTS", "FOREIGN",
    "FROM", "GROUP", "HAVING", "IN", "INDEX", "INSERT", "INTERSECT", "INTO", "IS", "ISNULL", "JOIN", "LIMIT",
    "NOT", "NOTHING", "NOTNULL", "NULL", "ON", "OR", "ORDER", "PRIMARY", "REFERENCES", "RETURNING", "SELECT",
    "SET", "TABLE", "THEN", "TO", "TRANSACTION", "UNION", "UNIQUE", "UPDATE", "USING", "VALUES", "WHEN",
    "WHERE"};

struct word {
    const char *s;
    size_t n;
};

static int compare_word(const void *key, const void *row)
{
    const struct word *w = key;
    const char *r = *(const char *const *)row;
    for (size_t i = 0; i < w->n; i++)
        if (upper(w->s[i]) != r[i])
            return upper(w->s[i]) < r[i] ? -1 : 1;
    return r[w->n] ? -1 : 0;
}

bool token_is_reserved(const struct token *t)
{
    struct word w = {t->s, t->n};
    return t->kind == TOKEN_WORD &&
           bsearch(&w, reserved, COUNT_OF(reserved), sizeof(reserved[0]), compare_word) != NULL;
}
