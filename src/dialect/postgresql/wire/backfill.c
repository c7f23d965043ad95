/*
 * Renders a backfill for a script: a DO block that walks the key and commits each batch.
 *
 * Where no key is known, one statement updates all rows.
 */
#include "dialect/postgresql/render/render.h"

static const char *key_of(struct rendering *r, const struct op_backfill *o)
{
    struct qname old = pg_render_old_table(r, &o->table);
    const struct table *t = r->state->schema ? schema_table(r->state->schema, &old) : NULL;
    if (o->key)
        return o->key;
    return t && t->primary_key && t->primary_key->columns.n ? t->primary_key->columns.v[0] : NULL;
}

/* As backfill_run does: the end of a batch is found without the operation's condition, by the key's index. */
static const char *block(struct rendering *r, const struct op_backfill *o, const char *key_name)
{
    struct ctx *ctx = r->ctx;
    const struct dialect *d = &postgresql_dialect;
    struct sql k = pg_render_begin(r), q = pg_render_begin(r);
    sql_ident(&k, key_name);
    const char *key = sql_end(&k);
    const char *first = backfill_part(ctx, d, o, ctx_printf(ctx, "%s <= cmig_end", key));
    const char *batch =
        backfill_part(ctx, d, o, ctx_printf(ctx, "%s > cmig_last AND %s <= cmig_end", key, key));
    const char *rest = backfill_part(ctx, d, o, ctx_printf(ctx, "%s > cmig_last", key));
    const char *null = backfill_part(ctx, d, o, ctx_printf(ctx, "%s IS NULL", key));
    int64_t skip = backfill_batch(o) - 1;
    sql_addf(&q,
        "DO $cmig$\nDECLARE\n"
        "    cmig_last %Q.%E%%TYPE;\n"
        "    cmig_end %Q.%E%%TYPE;\n"
        "BEGIN\n"
        "    SELECT %E INTO cmig_end FROM %Q WHERE %E IS NOT NULL ORDER BY %E LIMIT 1 OFFSET %d;\n"
        "    IF cmig_end IS NULL THEN\n"
        "        %E;\n"
        "        RETURN;\n"
        "    END IF;\n"
        "    %E;\n"
        "    LOOP\n"
        "        COMMIT;\n"
        "        cmig_last := cmig_end;\n"
        "        SELECT %E INTO cmig_end FROM %Q WHERE %E > cmig_last ORDER BY %E LIMIT 1 OFFSET %d;\n"
        "        EXIT WHEN cmig_end IS NULL;\n"
        "        %E;\n"
        "    END LOOP;\n"
        "    %E;\n"
        "    %E;\n"
        "END$cmig$",
        &o->table, key, &o->table, key, key, &o->table, key, key, skip, backfill_text(ctx, d, o), first, key,
        &o->table, key, key, skip, batch, rest, null);
    return sql_end(&q);
}

/* With a connection the runner does it, and the text only represents it. */
bool pg_render_backfill(struct rendering *r, const struct op *op)
{
    const struct op_backfill *o = &op->u.backfill;
    const char *key = r->pg ? NULL : key_of(r, o);
    const char *text = key ? block(r, o, key) : backfill_text(r->ctx, &postgresql_dialect, o);
    statement_add(r->ctx, r->ret, text, op)->flags = STATEMENT_OUTSIDE | STATEMENT_TASK;
    return true;
}
