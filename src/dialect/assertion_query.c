/* The query of an assertion: what it may be, and whether it may be a condition. */
#include "cmig/dialect.h"

/* The words of a query, without what is in parentheses. */
struct outline {
    const char *at;
    unsigned grammar;
    int depth;
};

/* The next piece outside of all parentheses but for the outermost ones themselves. */
static struct sql_piece next(struct outline *o)
{
    struct sql_piece p;
    for (;; o->at = p.s + p.n) {
        p = sql_piece(o->at, o->grammar);
        if (p.kind == SQL_END)
            return p;
        bool is_open = sql_piece_is_char(&p, '('), is_close = sql_piece_is_char(&p, ')');
        int depth = o->depth;
        o->depth += is_open - is_close;
        if (p.kind == SQL_SPACE || p.kind == SQL_COMMENT || (depth > 0 && o->depth > 0))
            continue;
        o->at = p.s + p.n;
        return p;
    }
}

/* ---- what is selected -------------------------------------------------------------------------------- */

enum { PIECES = 8 };

/* The first pieces of the only expression that is selected; n 0: there are several, or none. */
struct selected {
    struct sql_piece v[PIECES];
    size_t n; /* may be more than PIECES */
};

static bool ends_list(const struct sql_piece *p)
{
    static const char *const words[] = {"FROM", "WHERE", "GROUP", "HAVING", "WINDOW", "UNION", "INTERSECT",
        "EXCEPT", "ORDER", "LIMIT", "OFFSET", "FETCH", "FOR", "INTO", NULL};
    return p->kind == SQL_END || sql_piece_is_char(p, ';') || sql_piece_is_any(p, words);
}

static void read_selected(const char *sql, unsigned grammar, struct selected *ret)
{
    struct outline o = {.at = sql, .grammar = grammar};
    struct sql_piece p = next(&o);
    ret->n = 0;
    while (p.kind != SQL_END && !sql_piece_is(&p, "SELECT"))
        p = next(&o);
    if (p.kind == SQL_END)
        return;
    for (p = next(&o); !ends_list(&p); p = next(&o)) {
        if (sql_piece_is_char(&p, ',')) {
            ret->n = 0;
            return;
        }
        if (ret->n < PIECES)
            ret->v[ret->n] = p;
        ret->n++;
    }
}

static bool is_name(const struct sql_piece *p)
{
    static const char *const others[] = {"NOT", "TRUE", "FALSE", "NULL", "CASE", "DISTINCT", "ALL", NULL};
    bool is_number = p->kind == SQL_WORD && *p->s >= '0' && *p->s <= '9';
    return p->kind == SQL_QUOTED || (p->kind == SQL_WORD && !is_number && !sql_piece_is_any(p, others));
}

/* Whether the rest, from `at` on, is only another name for the expression: "x", "AS x". */
static bool is_alias(const struct selected *s, size_t at)
{
    if (at < s->n && sql_piece_is(&s->v[at], "AS"))
        at++;
    return at == s->n || (at + 1 == s->n && is_name(&s->v[at]));
}

/* "a", "t.a", "a AS b", "*", "t.*" */
static bool is_column(const struct selected *s)
{
    size_t at = 0;
    while (at + 1 < s->n && is_name(&s->v[at]) && sql_piece_is_char(&s->v[at + 1], '.'))
        at += 2;
    if (sql_piece_is_char(&s->v[at], '*'))
        return true;
    return is_name(&s->v[at]) && is_alias(s, at + 1);
}

bool assertion_is_condition(const char *sql, unsigned grammar)
{
    struct selected s;
    read_selected(sql, grammar, &s);
    return s.n > 0 && (s.n > PIECES || !is_column(&s));
}

/* A number of rows is never true, but 1 would be on some databases. */
static bool is_bare_count(const char *sql, unsigned grammar)
{
    struct selected s;
    read_selected(sql, grammar, &s);
    return s.n >= 3 && s.n < PIECES && sql_piece_is(&s.v[0], "COUNT") && sql_piece_is_char(&s.v[1], '(') &&
           sql_piece_is_char(&s.v[2], ')') && is_alias(&s, 3);
}

/* ---- what it must be --------------------------------------------------------------------------------- */

static bool is_query(const char *sql, unsigned grammar)
{
    static const char *const words[] = {"SELECT", "WITH", NULL};
    struct outline o = {.at = sql, .grammar = grammar};
    struct sql_piece p = next(&o);
    return sql_piece_is_any(&p, words);
}

/* One statement, whose parentheses are balanced: it becomes a part of others. */
static bool is_single(const char *sql, unsigned grammar)
{
    struct outline o = {.at = sql, .grammar = grammar};
    for (struct sql_piece p = next(&o); p.kind != SQL_END; p = next(&o))
        if (o.depth < 0 || sql_piece_is_char(&p, ';') || sql_piece_is(&p, "INTO"))
            return false;
    return o.depth == 0;
}

bool assertion_check(struct ctx *ctx, struct pos pos, const char *sql, unsigned grammar)
{
    if (!is_query(sql, grammar) || !is_single(sql, grammar)) {
        fail_at(ctx, STATUS_CONFIG, pos, "the SQL of an assertion is not one query");
        return fail_hint(ctx, "Write one SELECT, or WITH … SELECT, without a semicolon.");
    }
    if (!is_bare_count(sql, grammar))
        return true;
    fail_at(
        ctx, STATUS_CONFIG, pos, "the assertion selects a number of rows, which is neither true nor false");
    return fail_hint(ctx, "Compare it, as in SELECT count(*) = 0 FROM …, or select the rows themselves.");
}
