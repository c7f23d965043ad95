/*
 * Renders a backfill for a script: a DO block that walks the key and commits each batch.
 *
 * Where no key is known, one statement updates all rows.
 */
#include "dialect/postgresql/postgresql.h"
#include "dialect/postgresql/render/render.h"
#include "dialect/postgresql/wire/exec.h"

static struct strings key_of(struct rendering *r, const struct op_backfill *o)
{
    struct qname old = pg_render_old_table(r, &o->table);
    const struct table *t = r->state->schema ? schema_table(r->state->schema, &old) : NULL;
    struct strings ret = {0};
    if (o->key)
        vec_add(r->ctx, &ret, o->key);
    return !o->key && t && t->primary_key ? t->primary_key->columns : ret;
}

static const char *variable(struct rendering *r, const struct strings *key, const char *name, size_t i)
{
    return key->n == 1 ? name : ctx_printf(r->ctx, "%s_%zu", name, i + 1);
}

/* "cmig_end", or "cmig_end_1, cmig_end_2". */
static const char *variables(struct rendering *r, const struct strings *key, const char *name)
{
    struct strings all = {0};
    vec_each(i, key)
        vec_add(r->ctx, &all, variable(r, key, name, i));
    return strings_join(&r->ctx->arena, &all, ", ");
}

static void declare(struct rendering *r, struct sql *q, const struct op_backfill *o,
    const struct strings *key, const char *name)
{
    vec_each(i, key)
        sql_addf(q, "    %E %Q.%I%%TYPE;\n", variable(r, key, name, i), &o->table, key->v[i]);
}

static const char *key_list(struct rendering *r, const struct strings *key)
{
    struct sql q = pg_render_begin(r);
    vec_each(i, key)
        sql_addf(&q, i ? ", %I" : "%I", key->v[i]);
    return sql_end(&q);
}

static const char *in_parentheses(struct rendering *r, const struct strings *key, const char *list)
{
    return key->n == 1 ? list : ctx_printf(r->ctx, "(%s)", list);
}

/* The rows of a batch; the last one, which has no end, also has those without a key. For the values of a batch the planner
 * simplifies this to a range of the index. */
static const char *range(struct rendering *r, const struct strings *key)
{
    const char *columns = in_parentheses(r, key, key_list(r, key)),
               *last = in_parentheses(r, key, variables(r, key, "cmig_last")),
               *end = in_parentheses(r, key, variables(r, key, "cmig_end")),
               *first_last = variable(r, key, "cmig_last", 0), *first_end = variable(r, key, "cmig_end", 0);
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "(%E > %E OR %E IS NULL OR %E IS NULL AND %I IS NULL) AND (%E <= %E OR %E IS NULL)", columns,
        last, first_last, first_end, key->v[0], columns, end, first_end);
    return sql_end(&q);
}

static const char *selected(struct rendering *r, const struct op_backfill *o, const char *part)
{
    const char *where = dtext_for(&o->where, "postgresql");
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "SELECT FROM %Q WHERE ", &o->table);
    if (where)
        sql_addf(&q, "(%E) AND ", where);
    sql_addf(&q, "%E%E", part, postgresql_dialect.row_lock);
    return sql_end(&q);
}

/* The block finds the end of a batch as backfill_run does, without the operation's condition, by the key's index. It also
 * refuses what backfill_run refuses. */
static const char *block(struct rendering *r, const struct op_backfill *o, const struct strings *key)
{
    struct ctx *ctx = r->ctx;
    struct sql q = pg_render_begin(r);
    const char *columns = key_list(r, key), *part = range(r, key), *end = variables(r, key, "cmig_end");
    const int64_t skip = backfill_batch(o) - 1;
    sql_add(&q, "DO $cmig$\nDECLARE\n");
    declare(r, &q, o, key, "cmig_last");
    declare(r, &q, o, key, "cmig_end");
    sql_addf(&q,
        "    cmig_triggers text := (%E);\n"
        "    cmig_reason text;\n"
        "    cmig_hint text;\n"
        "    cmig_selected bigint := 0;\n"
        "    cmig_changed bigint;\n"
        "BEGIN\n"
        "    SELECT * INTO cmig_reason, cmig_hint FROM (%E) AS unreached;\n"
        "    IF cmig_reason IS NOT NULL THEN\n"
        "        RAISE EXCEPTION 'cannot backfill all rows of %%: %%', %L, cmig_reason USING HINT = "
        "cmig_hint;\n"
        "    END IF;\n"
        "    SELECT %E INTO %E FROM %Q WHERE %I IS NOT NULL ORDER BY %E LIMIT 1 OFFSET %d;\n"
        "    LOOP\n"
        "        IF cmig_triggers IS NOT NULL THEN\n"
        "            SELECT count(*) INTO cmig_selected FROM (%E) AS selected;\n"
        "        END IF;\n"
        "        %E;\n"
        "        GET DIAGNOSTICS cmig_changed = ROW_COUNT;\n"
        "        IF cmig_changed < cmig_selected THEN\n"
        "            RAISE EXCEPTION '%% of the %% rows of a batch were not updated',\n"
        "                cmig_selected - cmig_changed, cmig_selected\n"
        "                USING HINT = 'Triggers of the table may prevent updates: ' || cmig_triggers;\n"
        "        END IF;\n",
        pg_triggers_query(ctx, &o->table), pg_unreached_query(ctx, &o->table),
        qname_text(&ctx->arena, &o->table), columns, end, &o->table, key->v[0], columns, skip,
        selected(r, o, part), backfill_part(ctx, &postgresql_dialect, o, part));
    sql_addf(&q,
        "        EXIT WHEN %E IS NULL;\n"
        "        COMMIT;\n"
        "        SELECT %E INTO %E;\n"
        "        SELECT %E INTO %E FROM %Q WHERE %E > %E ORDER BY %E LIMIT 1 OFFSET %d;\n"
        "    END LOOP;\n"
        "END$cmig$",
        variable(r, key, "cmig_end", 0), end, variables(r, key, "cmig_last"), columns, end, &o->table,
        in_parentheses(r, key, columns), in_parentheses(r, key, variables(r, key, "cmig_last")), columns,
        skip);
    return sql_end(&q);
}

/* With a connection the runner does it, and the text only represents it. */
bool pg_render_backfill(struct rendering *r, const struct op *op)
{
    const struct op_backfill *o = &op->u.backfill;
    const struct strings key = r->pg ? (struct strings){0} : key_of(r, o);
    const char *text = key.n ? block(r, o, &key) : backfill_text(r->ctx, &postgresql_dialect, o);
    statement_add(r->ctx, r->ret, text, op)->flags = STATEMENT_OUTSIDE | STATEMENT_TASK;
    return true;
}
