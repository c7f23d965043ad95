/*
 * Tables and columns that are dropped: their foreign keys go first, one by one.
 *
 * A foreign key locks the table to which it refers when it is dropped. So the drop itself locks only one table, and no
 * transaction locks more than two.
 */
#include "dialect/postgresql/online/online.h"

#include "dialect/postgresql/postgresql.h"
#include "dialect/postgresql/spell/names.h"

/* The dropped column; NULL: the table is dropped. */
static const char *column_of(const struct recipe_call *k)
{
    return k->op->kind == OP_DROP_COLUMN ? k->op->u.drop_column.name : NULL;
}

/* Those that the table itself has, or that use the column. */
static const char *keys_query(struct recipe_call *k)
{
    const char *table = pg_qname(&k->ctx->arena, &k->table.name);
    struct sql q = sql_begin(k->ctx, &postgresql_dialect);
    sql_addf(&q,
        "SELECT k.conname FROM pg_catalog.pg_constraint k WHERE k.conrelid = pg_catalog.to_regclass(%L) "
        "AND k.contype = 'f' AND k.conparentid = 0",
        table);
    if (column_of(k))
        sql_addf(&q,
            " AND (SELECT a.attnum FROM pg_catalog.pg_attribute a WHERE a.attrelid = k.conrelid "
            "AND a.attname = %L) = ANY (k.conkey)",
            column_of(k));
    sql_add(&q, " ORDER BY k.conname");
    return sql_end(&q);
}

static bool read_has_keys(struct recipe_call *k, bool *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    if (!pg_query(k->pg, keys_query(k), NULL, 0, &a))
        return false;
    *ret = answer_rows(&a);
    return true;
}

static bool replay_has_keys(struct recipe_call *k)
{
    const struct table *t = k->state->schema ? schema_table(k->state->schema, &k->table.name) : NULL;
    for (size_t i = 0; t && i < t->foreign_keys.n; i++)
        if (!column_of(k) || strings_have(&t->foreign_keys.v[i]->columns, column_of(k)))
            return true;
    return false;
}

/* Each in a transaction of its own, which the block ends. */
static struct op *drop_keys(struct recipe_call *k)
{
    struct sql body = sql_begin(k->ctx, &postgresql_dialect), q = body;
    sql_addf(&body,
        "DECLARE cmig_key pg_catalog.name; BEGIN FOR cmig_key IN %E LOOP "
        "EXECUTE pg_catalog.format('ALTER TABLE %%s DROP CONSTRAINT %%I', %L, cmig_key); COMMIT; "
        "END LOOP; END",
        keys_query(k), pg_qname(&k->ctx->arena, &k->table.name));
    sql_addf(&q, "DO %L", sql_end(&body));
    struct op *ret = recipe_sql(k, sql_end(&q));
    ret->u.execute.outside = true;
    return ret;
}

/* After the first segment, no key shows that there was one. */
bool recipe_drop(struct recipe_call *k)
{
    bool has_keys = k->pg ? k->state->begun : replay_has_keys(k);
    if (k->pg && !has_keys && !read_has_keys(k, &has_keys))
        return false;
    if (has_keys)
        recipe_add(k, drop_keys(k), LOCK_ACCESS_EXCLUSIVE, NULL)->stays = true;
    return recipe_as_it_is(k);
}
