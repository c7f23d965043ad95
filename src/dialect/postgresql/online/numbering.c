/*
 * Columns that a sequence numbers, added to a table with rows: the sequence numbers new rows from the beginning, and the
 * present ones in batches.
 *
 * That is all there is to `serial`. An identity cannot be null, so the column takes its numbers from a sequence of its
 * own until the last statement, in which an identity continues after it.
 */
#include "dialect/postgresql/online/online.h"

#include "dialect/postgresql/postgresql.h"
#include "dialect/postgresql/render/render.h"
#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/spell/types.h"

static struct op *sql_op(struct recipe_call *k, struct sql *q)
{
    return recipe_sql(k, sql_end(q));
}

static struct sql begin(struct recipe_call *k)
{
    return sql_begin(k->ctx, &postgresql_dialect);
}

/* The identity that the operation asks for; NULL: the column is `serial`. */
static const struct identity *identity_of(const struct recipe_call *k)
{
    static const struct identity usual = {.kind = IDENTITY_BY_DEFAULT};
    const struct column *c = &k->op->u.add_column.column;
    return c->identity ? c->identity : pg_is_serial(c) ? NULL : &usual;
}

static struct qname own_sequence(struct recipe_call *k)
{
    return (struct qname){k->table.name.schema,
        pg_object_name(&k->ctx->arena, k->table.name.name, k->op->u.add_column.column.name, "cmig_numbers")};
}

static bool name_sequence(struct recipe_call *k, struct qname *ret)
{
    struct ops none = {0};
    struct statements unused = {0};
    struct rendering r = {
        .ctx = k->ctx, .state = k->state, .pg = k->pg, .ops = &none, .op = k->op, .ret = &unused};
    *ret = own_sequence(k);
    return identity_of(k) ||
           pg_render_sequence_name(&r, &k->table.name, k->op->u.add_column.column.name, ret);
}

/* The column, its sequence, and the default that numbers new rows. */
static bool add_column(struct recipe_call *k)
{
    const struct identity *identity = identity_of(k);
    struct op *add = recipe_bare_column(k);
    struct column *c = &add->u.add_column.column;
    struct qname name;
    if ((!c->native && !pg_type_native(k->ctx, NULL, c, &c->native)) || !name_sequence(k, &name))
        return false;
    c->type = (struct dtext){0};
    c->identity = NULL;
    c->autoincrement = TRI_FALSE;
    if (identity)
        recipe_claim(k, CLAIM_RELATION, &k->table.name, name.name);
    struct segment *s = recipe_add(k, add, LOCK_ACCESS_EXCLUSIVE, NULL);
    struct sql q = begin(k);
    sql_addf(&q, "CREATE SEQUENCE %Q AS %E", &name, c->native);
    if (identity)
        pg_render_sequence_options(&q, &identity->options);
    sql_addf(&q, " OWNED BY %Q.%I", &k->table.name, c->name);
    vec_add(k->ctx, &s->ops, sql_op(k, &q));
    q = begin(k);
    sql_addf(&q, "ALTER TABLE %Q ALTER COLUMN %I SET DEFAULT nextval(%L)", &k->table.name, c->name,
        pg_qname(&k->ctx->arena, &name));
    vec_add(k->ctx, &s->ops, sql_op(k, &q));
    vec_add(k->ctx, &s->undo, recipe_drop_column(k, c->name));
    return true;
}

/* The lock of the first statement keeps writers from taking a number in between. */
static void become_identity(struct recipe_call *k, const struct identity *identity)
{
    const char *column = k->op->u.add_column.column.name;
    const struct qname old = own_sequence(k);
    struct segment all = {.lock = LOCK_ACCESS_EXCLUSIVE, .stays = true};
    struct sql q = begin(k);
    sql_addf(&q, "ALTER TABLE %Q ALTER COLUMN %I DROP DEFAULT", &k->table.name, column);
    vec_add(k->ctx, &all.ops, sql_op(k, &q));
    q = begin(k);
    sql_addf(&q, "ALTER SEQUENCE %Q OWNED BY NONE", &old);
    vec_add(k->ctx, &all.ops, sql_op(k, &q));
    q = begin(k);
    sql_addf(&q, "ALTER TABLE %Q ALTER COLUMN %I ADD ", &k->table.name, column);
    pg_render_identity(&q, identity);
    vec_add(k->ctx, &all.ops, sql_op(k, &q));
    q = begin(k);
    sql_addf(&q,
        "SELECT pg_catalog.setval(pg_catalog.pg_get_serial_sequence(%L, %L), last_value, is_called) FROM %Q",
        pg_qname(&k->ctx->arena, &k->table.name), column, &old);
    vec_add(k->ctx, &all.ops, sql_op(k, &q));
    q = begin(k);
    sql_addf(&q, "DROP SEQUENCE %Q", &old);
    vec_add(k->ctx, &all.ops, sql_op(k, &q));
    vec_add(k->ctx, k->ret, all);
}

bool recipe_add_numbered(struct recipe_call *k)
{
    const struct op_add_column *o = &k->op->u.add_column;
    const struct identity *identity = identity_of(k);
    if (o->if_not_exists)
        return recipe_refuse(k,
            "the table would be rewritten while nobody can use it, and 'if_not_exists' is "
            "evaluated only then");
    if (!add_column(k) || !recipe_fill(k, o->column.name, "DEFAULT", NULL) ||
        !recipe_set_not_null(k, o->column.name, NULL) || !recipe_add_references(k))
        return false;
    if (identity)
        become_identity(k, identity);
    return true;
}
