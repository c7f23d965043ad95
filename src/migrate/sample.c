/*
 * Fills the tables of a scratch database with rows.
 *
 * Tables are filled after those that they refer to. A row that the database rejects is tried again with only the
 * columns that need a value; if that is rejected too, the table stays without further rows.
 */
#include "migrate/sample.h"

/* True with *ret_why NULL: it was inserted. False: interrupted, or the connection is gone. */
static bool insert(struct project *p, const char *sql, const char **ret_why)
{
    struct ctx *ctx = p->ctx;
    const struct dialect *dialect = p->conn->dialect;
    struct statements list = {0};

    *ret_why = NULL;
    if (ctx_interrupted(ctx))
        return fail_interrupted(ctx);
    statement_add(ctx, &list, sql, NULL)->expect = -1;
    if (dialect->begin(p->conn) && dialect->exec(p->conn, &list, true))
        return true;
    dialect->rollback(p->conn);
    if (ctx_interrupted(ctx) || p->conn->is_lost)
        return false;
    *ret_why = err_text(ctx);
    err_clear(ctx);
    return true;
}

/* Row number `row`. *ret_why NULL: it was inserted. */
static bool fill_row(
    struct project *p, const struct schema *s, const struct table *t, int64_t row, const char **ret_why)
{
    const struct dialect *dialect = p->conn->dialect;
    const char *sql;

    *ret_why = "";
    for (int only_needed = 0; only_needed < 2 && *ret_why; only_needed++)
        if (sample_row(p->ctx, dialect, s, t, row, only_needed, &sql, ret_why) && !insert(p, sql, ret_why))
            return false;
    return true;
}

/* *ret_why NULL: all rows were inserted. The memory that a row takes is freed at once: there may be millions. */
static bool fill_table(
    struct project *p, const struct schema *s, const struct table *t, int64_t rows, const char **ret_why)
{
    struct arena own = p->ctx->arena;
    bool ok = true;

    *ret_why = NULL;
    for (int64_t i = 0; ok && !*ret_why && i < rows; i++) {
        p->ctx->arena = (struct arena){0};
        ok = fill_row(p, s, t, i, ret_why);
        if (ok && !*ret_why)
            arena_finish(&p->ctx->arena);
        else
            arena_take(&own, &p->ctx->arena);
    }
    p->ctx->arena = own;
    return ok;
}

static const char *table_key(struct ctx *ctx, const struct qname *name)
{
    return qname_text(&ctx->arena, name);
}

static bool can_be_filled(struct ctx *ctx, const struct map *filled, const struct table *t)
{
    vec_each(i, &t->foreign_keys) {
        const struct qname *other = &t->foreign_keys.v[i]->references;

        if (!qname_eq(other, &t->name) && !map_get(filled, table_key(ctx, other)))
            return false;
    }
    return true;
}

static void note(struct sample *sample, const struct table *t, const char *why)
{
    struct ctx *ctx = sample->p->ctx;

    const char *text = ctx_printf(ctx, "table '%s' did not get %lld rows: %.*s",
        qname_text(&ctx->arena, &t->name), (long long)sample->rows, (int)strcspn(why, "\n"), why);

    if (!strings_have(&sample->notes, text)) /* in a scratch database that was created again */
        vec_add(ctx, &sample->notes, text);
}

/* A renamed table brings its rows, and a revision may insert some. */
static bool has_rows(struct project *p, const struct table *t, bool *ret)
{
    const struct dialect *dialect = p->conn->dialect;
    struct strings row = {0};

    if (!dialect->query(p->conn, rows_query(p->ctx, dialect, &t->name, NULL), &row))
        return false;
    *ret = row.n > 0;
    return true;
}

/* Forgets tables that were dropped: another one may get the name. */
static void forget_dropped(struct sample *sample, const struct schema *s)
{
    struct ctx *ctx = sample->p->ctx;
    struct map filled = MAP(ctx);

    vec_each(i, &s->tables) {
        const char *key = table_key(ctx, &s->tables.v[i]->name);

        if (map_get(&sample->filled, key))
            map_set(&filled, key, sample);
    }
    sample->filled = filled;
}

/* Fills those that can be filled, all of them if `anyway`; counts them. */
static bool fill_once(struct sample *sample, const struct schema *s, bool anyway, size_t *ret)
{
    struct ctx *ctx = sample->p->ctx;

    *ret = 0;
    vec_each(i, &s->tables) {
        struct table *t = s->tables.v[i];
        const char *key = table_key(ctx, &t->name), *why;
        bool is_filled;

        if (map_get(&sample->filled, key) || (!anyway && !can_be_filled(ctx, &sample->filled, t)))
            continue;
        if (!has_rows(sample->p, t, &is_filled) ||
            (!is_filled && !fill_table(sample->p, s, t, sample->rows, &why)))
            return false;
        if (!is_filled && why)
            note(sample, t, why);
        map_set(&sample->filled, key, sample);
        ++*ret;
    }
    return true;
}

bool sample_fill(struct sample *sample)
{
    struct schema s = {0};
    size_t n;

    if (!migrate_inspect(sample->p, &s))
        return false;
    forget_dropped(sample, &s);
    do
        if (!fill_once(sample, &s, false, &n))
            return false;
    while (n);
    return fill_once(sample, &s, true, &n);
}
