/*
 * Rules about statements of user SQL that a few of their words identify.
 *
 * The dialects have the tables of patterns; see `struct sql_pattern`. What a statement changes in the schema is found out by
 * read_sql.c.
 */
#include "lint.h"

/* ---- patterns ------------------------------------------------------------------------------------------ */

struct matching {
    struct review *v;
    unsigned grammar;
};

static struct sql_piece piece_at(const struct matching *m, const char *s)
{
    return sql_piece(sql_skip_space(s, m->grammar), m->grammar);
}

/* Whether a word of the statement is one of `n` bytes of a pattern, "a|b". */
static bool is_one_of(const struct matching *m, const struct sql_piece *p, const char *words, size_t n)
{
    struct arena *a = &m->v->ctx->arena;
    const char *own = p->kind == SQL_OTHER ? arena_strndup(a, p->s, 1) : sql_piece_text(a, p);
    for (const char *end = words + n; words < end; words += strcspn(words, "|") + 1) {
        const size_t length = strcspn(words, "| ");
        if (p->kind != SQL_QUOTED && str_eq_ci(own, arena_strndup(a, words, length)))
            return true;
    }
    return false;
}

/* Whether one of these words comes later. */
static bool has_later(const struct matching *m, const char *s, const char *words)
{
    struct sql_piece p;
    for (; (p = piece_at(m, s)).kind != SQL_END; s = p.s + p.n)
        if (is_one_of(m, &p, words, strlen(words)))
            return true;
    return false;
}

static bool matches(const struct matching *m, const char *pattern, const char *s)
{
    const size_t n = strcspn(pattern, " ");
    const char *rest = pattern + n + (pattern[n] == ' ');
    const struct sql_piece p = piece_at(m, s);
    if (!*pattern)
        return true;
    if (*pattern == '!')
        return !has_later(m, s, pattern + 1);
    if (*pattern == '*')
        return matches(m, rest, s) || (p.kind != SQL_END && matches(m, pattern, p.s + p.n));
    return p.kind != SQL_END && is_one_of(m, &p, pattern, n) && matches(m, rest, p.s + p.n);
}

/* ---- names --------------------------------------------------------------------------------------------- */

static size_t length_of(const struct dialect *d, const char *name)
{
    size_t n = 0;
    for (const char *s = name; *s; s++)
        n += !d->has.character_names || ((unsigned char)*s & 0xC0) != 0x80;
    return n;
}

static void check_names(const struct matching *m, const char *sql, struct pos pos)
{
    const struct dialect *d = m->v->l->dialect;
    struct sql_piece p;
    for (const char *s = sql; d->name_max && (p = piece_at(m, s)).kind != SQL_END; s = p.s + p.n) {
        if (p.n <= d->name_max || (p.kind != SQL_WORD && p.kind != SQL_QUOTED))
            continue;
        const char *name = sql_piece_text(&m->v->ctx->arena, &p);
        const size_t length = length_of(d, name);
        if (length > d->name_max)
            review_add(m->v, RULE_IDENTIFIER_TOO_LONG, pos, NULL, "name '%s' has %zu %s, more than %zu", name,
                length, d->has.character_names ? "characters" : "bytes", d->name_max);
    }
}

/* ---- all of them --------------------------------------------------------------------------------------- */

static void check_patterns(
    const struct matching *m, const struct sql_pattern *rows, const char *sql, struct pos pos)
{
    for (const struct sql_pattern *p = rows; p && p->pattern; p++)
        if (matches(m, p->pattern, sql))
            review_add(m->v, p->rule, pos, NULL, "%s", p->text);
}

void statement_check(struct review *v, const char *sql, bool is_ddl, struct pos pos)
{
    const struct hazard_facts *facts = v->l->dialect->hazards;
    const struct matching m = {v, v->l->dialect->grammar};
    check_patterns(&m, sql_patterns, sql, pos);
    check_patterns(&m, facts ? facts->patterns : NULL, sql, pos);
    if (is_ddl)
        check_names(&m, sql, pos);
}
