/*
 * Rules about statements of user SQL that a few of their words identify.
 *
 * What a statement changes in the schema is none of their business: read_sql.c finds that out. A pattern is a list of
 * words: `a|b` is one of two, `*` stands for any number of words, and `!a` at the end means that no such word follows.
 * A mark or a string counts as a word. A pattern need not cover the end of the statement.
 */
#include "lint.h"

struct statement_row {
    const char *dialect; /* NULL: every one */
    enum rule rule;
    const char *pattern;
    const char *text;
};
static const struct statement_row rows[] = {
    {"postgresql", RULE_DISABLE_TRIGGERS, "ALTER TABLE * DISABLE TRIGGER", "triggers are disabled"},
    {"postgresql", RULE_DISABLE_TRIGGERS, "ALTER EVENT TRIGGER * DISABLE", "an event trigger is disabled"},
    {"postgresql", RULE_DISABLE_CHECKS, "SET * session_replication_role TO|= replica",
        "triggers and foreign keys are switched off"},
    {"mysql", RULE_DISABLE_CHECKS, "SET * foreign_key_checks = 0|off|false", "foreign keys are switched off"},
    {"mysql", RULE_DISABLE_CHECKS, "SET * check_constraint_checks = 0|off|false", "checks are switched off"},
    {"mysql", RULE_DISABLE_CHECKS, "SET * unique_checks = 0|off|false", "unique keys are switched off"},
    {"sqlite", RULE_DISABLE_CHECKS, "PRAGMA * foreign_keys =|( 0|off|no|false",
        "foreign keys are switched off"},
    {"sqlite", RULE_DISABLE_CHECKS, "PRAGMA * ignore_check_constraints =|( 1|on|yes|true",
        "checks are switched off"},
    {"postgresql", RULE_DISABLE_TIMEOUT,
        "SET * lock_timeout|statement_timeout|transaction_timeout TO|= 0|0s|0ms|0min",
        "statements wait without a limit"},
    {"postgresql", RULE_REPLICA_IDENTITY, "ALTER TABLE * REPLICA IDENTITY FULL|NOTHING",
        "the replica identity is not the primary key"},
    {"postgresql", RULE_ENUM_VALUE_ORDER, "ALTER TYPE * ADD VALUE !BEFORE|AFTER",
        "the new value of the enum becomes the last one"},
    {"postgresql", RULE_CREATE_EXTENSION, "CREATE EXTENSION", "an extension is created"},
    {"postgresql", RULE_RENAME_OBJECT,
        "ALTER AGGREGATE|DOMAIN|FUNCTION|MATERIALIZED|PROCEDURE|ROUTINE|SEQUENCE|TYPE|VIEW * RENAME TO",
        "an object is renamed"},
    {"postgresql", RULE_RENAME_OBJECT, "ALTER * SET SCHEMA", "an object is moved to another schema"},
    {"postgresql", RULE_CHANGE_IDENTITY, "ALTER TABLE * ALTER * DROP IDENTITY",
        "a column is no longer numbered"},
    {"postgresql", RULE_CHANGE_IDENTITY, "ALTER TABLE * ALTER * DROP EXPRESSION",
        "a column is no longer computed"},
    {"postgresql", RULE_CHANGE_IDENTITY, "ALTER TABLE * ALTER * SET GENERATED",
        "a column takes its numbers in another way"},
    {NULL, RULE_CHANGE_DEFAULT, "ALTER TABLE * ALTER * SET DEFAULT", "a default changes"},
    {NULL, RULE_CHANGE_DEFAULT, "ALTER TABLE * ALTER * DROP DEFAULT", "a default is removed"},
    {NULL, RULE_REPLACE_OBJECT, "CREATE OR REPLACE", "an object is replaced"},
    {NULL, RULE_REVOKE, "REVOKE", "privileges are revoked"},
};

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

void statement_check(struct review *v, const char *sql, bool is_ddl, struct pos pos)
{
    const struct matching m = {v, v->l->dialect->grammar};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct statement_row *row = &rows[i];
        if ((!row->dialect || str_eq(row->dialect, v->l->dialect->name)) && matches(&m, row->pattern, sql))
            review_add(v, row->rule, pos, NULL, "%s", row->text);
    }
    if (is_ddl)
        check_names(&m, sql, pos);
}
