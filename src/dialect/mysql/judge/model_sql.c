/*
 * Rejects statements of models in SQL that would act outside of the scratch database.
 *
 * A scratch database is one of many on its server, so that DROP TABLE shop.users in a model would drop a table of the
 * database shop. Reading other databases, as views and foreign keys may, is allowed.
 */
#include "dialect/mysql/judge/scratch.h"
#include "dialect/mysql/spell/comments.h"

struct scan {
    struct ctx *ctx;
    const struct statement *part;
    const char *text, *at, *end; /* of the statement */
};

static struct sql_piece next(struct scan *s)
{
    struct sql_piece p = sql_piece(sql_skip_space(s->at, SQL_MYSQL), SQL_MYSQL);
    if (p.s >= s->end)
        p = (struct sql_piece){.kind = SQL_END, .s = s->end};
    s->at = p.s + p.n;
    return p;
}

static bool reject(struct scan *s, const struct sql_piece *p, const char *what, const char *hint)
{
    fail_at(s->ctx, STATUS_CONFIG, statement_pos(s->part, s->part->text + (p->s - s->text)), "%s", what);
    return fail_hint(s->ctx, "%s", hint);
}

/* SET a = 1, GLOBAL b = 2 */
static bool check_set(struct scan *s)
{
    static const char *const scopes[] = {"global", "persist", "persist_only", NULL};
    unsigned depth = 0;
    bool is_start = false;
    for (struct sql_piece p; (p = next(s)).kind != SQL_END;) {
        depth += sql_piece_is_char(&p, '(');
        depth -= depth && sql_piece_is_char(&p, ')');
        if (!depth && sql_piece_is(&p, "for"))
            return true; /* SET STATEMENT … FOR: the rest is checked as any statement */
        if (is_start && sql_piece_is_any(&p, scopes))
            return reject(s, &p, "a model cannot set variables of the server",
                "Remove it: a model describes the contents of one database.");
        is_start = !depth && (sql_piece_is_char(&p, ',') || sql_piece_is_char(&p, '@'));
    }
    return true;
}

/* Up to the body or the columns, where names have other parts; the heads of ALTER and DROP go on to the end. */
static bool ends_head(const struct sql_piece *first, const struct sql_piece *p)
{
    static const char *const bodies[] = {"as", "select", "for", "do", "begin", "references", "like", NULL};
    return sql_piece_is(first, "create") && (sql_piece_is_char(p, '(') || sql_piece_is_any(p, bodies));
}

static bool may_be_qualified(const struct sql_piece *before)
{
    static const char *const words[] = {"references", "like", "default", "for", NULL};
    return sql_piece_is_char(before, '@') || sql_piece_is_any(before, words);
}

/* A name of two parts in a head names an object of another database, even if that is the compared one. */
static bool check_head(struct scan *s, const struct sql_piece *first)
{
    struct sql_piece before = *first, p, last = {0};
    unsigned depth = 0;
    for (; (p = next(s)).kind != SQL_END && !ends_head(first, &p); before = last, last = p) {
        if (sql_piece_is(&p, "soname"))
            return reject(s, &p, "a model cannot load a library into the server", "Remove the statement.");
        depth += sql_piece_is_char(&p, '(');
        depth -= depth && sql_piece_is_char(&p, ')');
        if (depth || !sql_piece_is_char(&p, '.') || may_be_qualified(&before))
            continue;
        if (last.kind != SQL_QUOTED && (last.kind != SQL_WORD || (*last.s >= '0' && *last.s <= '9')))
            continue;
        return reject(s, &last,
            ctx_printf(s->ctx, "a model cannot create, alter or drop objects of database '%s'",
                sql_piece_text(&s->ctx->arena, &last)),
            "Write the name without its database: models are loaded in a scratch database.");
    }
    return true;
}

bool my_check_model(struct ctx *ctx, const struct statement *part)
{
    const char *text = my_visible(ctx, part->text);
    struct scan s = {ctx, part, text, text + part->from, text + part->to};
    struct sql_piece first = next(&s);
    if (sql_piece_is(&first, "set")) {
        if (!check_set(&s))
            return false;
        first = next(&s);
    }
    return first.kind == SQL_END || check_head(&s, &first);
}
