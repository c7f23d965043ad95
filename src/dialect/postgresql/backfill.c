/*
 * How does a script change many rows without holding a transaction open over all of them?
 *
 * The server itself goes along the key: a DO block may commit. Where no key is known all rows are one statement.
 */
#include "dialect/postgresql/render.h"

static const char *key_of(struct rendering *r, const struct op_backfill *o)
{
    struct qname old = pg_render_old_table(r, &o->table);
    const struct table *t = r->state->schema ? schema_table(r->state->schema, &old) : NULL;
    if (o->key)
        return o->key;
    return t && t->primary_key && t->primary_key->columns.n ? t->primary_key->columns.v[0] : NULL;
}

/* The first key of each batch is looked for anew, so that an index gives it at once. */
static const char *block(struct rendering *r, const struct op_backfill *o, const char *key_name)
{
    struct ctx *ctx = r->ctx;
    const struct dialect *d = &postgresql_dialect;
    struct sql k = pg_render_begin(r), q = pg_render_begin(r);
    sql_ident(&k, key_name);
    const char *key = sql_end(&k);
    const char *all = backfill_where(ctx, d, o, ctx_printf(ctx, "%s IS NOT NULL", key));
    const char *rest = backfill_where(ctx, d, o, ctx_printf(ctx, "%s >= cmig_first", key));
    const char *next = backfill_where(ctx, d, o, ctx_printf(ctx, "%s > cmig_last", key));
    const char *batch = ctx_printf(ctx, "%s >= cmig_first AND %s <= cmig_last", key, key);
    sql_addf(&q,
        "DO $cmig$\nDECLARE\n"
        "    cmig_first %Q.%E%%TYPE;\n"
        "    cmig_last %Q.%E%%TYPE;\n"
        "BEGIN\n"
        "    SELECT %E INTO cmig_first FROM %Q%E ORDER BY %E LIMIT 1;\n"
        "    WHILE FOUND LOOP\n"
        "        SELECT k INTO cmig_last FROM (SELECT %E AS k FROM %Q%E ORDER BY %E LIMIT %d) AS batch\n"
        "            ORDER BY k DESC LIMIT 1;\n"
        "        %E;\n"
        "        COMMIT;\n"
        "        SELECT %E INTO cmig_first FROM %Q%E ORDER BY %E LIMIT 1;\n"
        "    END LOOP;\n"
        "    %E;\n"
        "END$cmig$",
        &o->table, key, &o->table, key, key, &o->table, all, key, key, &o->table, rest, key,
        backfill_batch(o), backfill_part(ctx, d, o, batch), key, &o->table, next, key,
        backfill_part(ctx, d, o, ctx_printf(ctx, "%s IS NULL", key)));
    return sql_end(&q);
}

/* With a connection the runner does it, and the text only stands for that. */
bool pg_render_backfill(struct rendering *r, const struct op *op)
{
    const struct op_backfill *o = &op->u.backfill;
    const char *key = r->pg ? NULL : key_of(r, o);
    const char *text = key ? block(r, o, key) : backfill_text(r->ctx, &postgresql_dialect, o);
    statement_add(r->ctx, r->ret, text, op)->flags = STATEMENT_OUTSIDE | STATEMENT_TASK;
    return true;
}
