/*
 * Whether two texts probably mean the same, for when the server cannot print them.
 *
 * Parts that the server adds when it prints are ignored: casts, brackets, the table before a column; and IN, LIKE
 * and != are compared in the form in which it prints them. So every reported difference is real, but a difference in
 * a cast alone is not found.
 */
#include "dialect/postgresql/spell/types.h"

#include <ctype.h>

/* One text being read, and what is left of it. */
struct reading {
    const char *at;
    struct str out;
};

/* 0: none begins here. */
static size_t word_length(const char *s)
{
    const struct sql_piece p = sql_piece(s, 0);
    return p.kind == SQL_WORD ? p.n : 0;
}

static const char *behind_space(const char *s)
{
    return s + strspn(s, " \t\r\n");
}

static bool word_is(const char *s, const char *word)
{
    const struct sql_piece p = sql_piece(s, 0);
    return sql_piece_is(&p, word);
}

static bool is_one_of(const char *s, const char *const *words)
{
    while (*words && !word_is(s, *words))
        words++;
    return *words != NULL;
}

/* 'it''s' or "a name", as it stands. */
static size_t quoted_length(const char *s)
{
    return sql_piece(s, 0).n;
}

/* character varying(20)[], timestamp(3) with time zone, "a schema".type */
static const char *behind_type(const char *s)
{
    static const char *const more[] = {"varying", "precision", "with", "without", "time", "zone", NULL};
    s = behind_space(s);
    s += *s == '"' ? quoted_length(s) : word_length(s);
    for (;;) {
        const char *next = behind_space(s);
        if (*next == '(' || *next == '[') {
            s = next + strcspn(next, *next == '(' ? ")" : "]");
            s += *s != '\0';
        } else if (*next == '.') {
            s = next + 1 + (next[1] == '"' ? quoted_length(next + 1) : word_length(next + 1));
        } else if (is_one_of(next, more)) {
            s = next + word_length(next);
        } else {
            return s;
        }
    }
}

static void add(struct reading *r, const char *text, size_t n)
{
    str_addn(&r->out, text, n);
    str_addc(&r->out, ' ');
}

static void add_lower(struct reading *r, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        str_addc(&r->out, (char)tolower((unsigned char)text[i]));
    str_addc(&r->out, ' ');
}

/* x NOT IN (…) is printed as x <> ALL (ARRAY[…]), x NOT LIKE y as x !~~ y. */
static bool read_not(struct reading *r, const char *next)
{
    static const char *const rows[][2] = {{"in", "<>"}, {"like", "!~~"}, {"ilike", "!~~*"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (!word_is(next, rows[i][0]))
            continue;
        add(r, rows[i][1], strlen(rows[i][1]));
        r->at = next + strlen(rows[i][0]);
        return true;
    }
    return false;
}

static void read_word(struct reading *r)
{
    static const char *const types[] = {
        "interval", "date", "time", "timestamp", "timestamptz", "numeric", NULL};
    static const char *const left_out[] = {"any", "all", "array", NULL};
    static const char *const printed[][2] = {{"in", "="}, {"like", "~~"}, {"ilike", "~~*"}};
    size_t n = word_length(r->at);
    const char *word = r->at, *next = behind_space(word + n);
    bool is_literal = *next == '\'' && is_one_of(word, types);
    r->at += n;
    if (is_literal || is_one_of(word, left_out) || (word_is(word, "not") && read_not(r, next)))
        return;
    for (size_t i = 0; i < COUNT_OF(printed); i++)
        if (word_is(word, printed[i][0])) {
            add(r, printed[i][1], strlen(printed[i][1]));
            return;
        }
    if (*r->at == '.' && !isdigit((unsigned char)*word))
        r->at++;
    else
        add_lower(r, word, n);
}

static void read_name(struct reading *r)
{
    size_t n = quoted_length(r->at);
    if (r->at[n] != '.')
        add(r, r->at + 1, n - 2);
    r->at += n + (r->at[n] == '.');
}

static void read_symbols(struct reading *r)
{
    size_t n = strspn(r->at, "+-*/<>=~!@#%^&|`?");
    if (n == 2 && strncmp(r->at, "!=", 2) == 0)
        add(r, "<>", 2);
    else
        add(r, r->at, n ? n : 1);
    r->at += n ? n : 1;
}

static const char *bare(struct ctx *ctx, const char *text)
{
    struct reading r = {.at = text, .out = STR(ctx)};
    while (*(r.at = behind_space(r.at))) {
        if (strncmp(r.at, "::", 2) == 0) {
            r.at = behind_type(r.at + 2);
        } else if (strchr("()[];", *r.at)) {
            r.at++;
        } else if (*r.at == '\'') {
            size_t n = quoted_length(r.at);
            add(&r, r.at, n);
            r.at += n;
        } else if (*r.at == '"' && r.at[1]) {
            read_name(&r);
        } else if (word_length(r.at)) {
            read_word(&r);
        } else {
            read_symbols(&r);
        }
    }
    return str_get(&r.out);
}

bool pg_text_alike(struct ctx *ctx, const char *a, const char *b)
{
    return str_eq(bare(ctx, a), bare(ctx, b));
}

bool pg_expr_alike(struct ctx *ctx, const struct column *c, const char *a, const char *b)
{
    return pg_expr_same(ctx, c, a, b) || (a && b && pg_text_alike(ctx, a, b));
}
