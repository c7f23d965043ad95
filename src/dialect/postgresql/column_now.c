/* What is known of a column before the operations? */
#include "dialect/postgresql/names.h"
#include "dialect/postgresql/render.h"
#include "dialect/postgresql/types.h"

static const char column_now_sql[] =
    "SELECT pg_catalog.format_type(a.atttypid, a.atttypmod), "
    "CASE WHEN a.attgenerated = '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END, a.attidentity, "
    "a.attgenerated, t.typstorage, a.attnotnull, "
    "CASE WHEN a.attcollation <> t.typcollation THEN pg_catalog.format('\"%s\".\"%s\"', cn.nspname, "
    "co.collname) END, "
    "(SELECT pg_catalog.quote_ident(s.relname) FROM pg_catalog.pg_depend p JOIN pg_catalog.pg_class s "
    "ON s.oid = p.objid AND s.relkind = 'S' WHERE p.classid = 'pg_catalog.pg_class'::regclass "
    "AND p.refclassid = 'pg_catalog.pg_class'::regclass AND p.refobjid = a.attrelid AND p.refobjsubid = "
    "a.attnum "
    "AND p.deptype IN ('a', 'i') LIMIT 1), "
    "EXISTS (SELECT 1 FROM pg_catalog.pg_cast k WHERE k.castsource = a.atttypid "
    "AND k.casttarget = pg_catalog.to_regtype($3)), "
    "EXISTS (SELECT 1 FROM pg_catalog.pg_cast k WHERE k.castsource = a.atttypid "
    "AND k.casttarget = pg_catalog.to_regtype($3) AND k.castcontext IN ('a', 'i')), "
    "pg_catalog.col_description(a.attrelid, a.attnum) "
    "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
    "LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
    "LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation "
    "LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace "
    "WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attname = $2 AND NOT a.attisdropped";

/* The column that an operation makes. */
static const struct column *column_of(const struct op *op, const struct qname *table, const char *column)
{
    const struct op_add_column *o = &op->u.add_column;
    const struct table *t = &op->u.create_table.table;
    if (op->kind == OP_CREATE_TABLE)
        return qname_eq(&t->name, table) ? table_column(t, column) : NULL;
    bool is_it = op->kind == OP_ADD_COLUMN && qname_eq(&o->table, table) && str_eq(o->column.name, column);
    return is_it ? &o->column : NULL;
}

/* The type of a column that an operation before this one adds; NULL: none does. */
static bool column_made_here(
    struct rendering *r, const struct qname *table, const char *column, const char **ret)
{
    for (size_t i = r->at; i-- > 0;) {
        const struct column *made = column_of(r->ops->v[i], table, column);
        if (!made)
            continue;
        struct column c = *made;
        *ret = c.native;
        return c.native || pg_type_native(r->ctx, NULL, &c, ret);
    }
    return true;
}

static bool column_now_online(struct rendering *r, const struct qname *table, const char *column,
    const char *type, struct column_now *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    struct qname old = pg_render_old_table(r, table);
    const char *params[] = {
        pg_qname(&r->ctx->arena, &old), pg_render_old_column(r, table, column), type ? type : "text"};
    if (!pg_query(r->pg, column_now_sql, params, 3, &a))
        return false;
    if (!answer_rows(&a))
        return column_made_here(r, table, column, &ret->type);
    *ret = (struct column_now){
        .known = true,
        .type = answer_copy(&a, 0, 0),
        .dflt = answer_copy(&a, 0, 1),
        .identity = *answer_text(&a, 0, 2),
        .generated = *answer_text(&a, 0, 3),
        .storage = *answer_text(&a, 0, 4),
        .not_null = answer_bool(&a, 0, 5),
        .collation = answer_copy(&a, 0, 6),
        .sequence = answer_copy(&a, 0, 7),
        .has_cast = answer_bool(&a, 0, 8),
        .is_assigned = answer_bool(&a, 0, 9),
        .comment = answer_copy(&a, 0, 10),
    };
    return true;
}

/* Without a connection the schema that the revisions have built up so far says it. */
static void column_now_offline(
    struct rendering *r, const struct qname *table, const char *column, struct column_now *ret)
{
    struct qname old = pg_render_old_table(r, table);
    struct table *t = r->state->schema ? schema_table(r->state->schema, &old) : NULL;
    struct column *c = t ? table_column(t, pg_render_old_column(r, table, column)) : NULL;
    if (!c)
        return;
    bool is_key = pg_is_generated_key(t, c);
    *ret = (struct column_now){
        .known = true,
        .type = c->native,
        .dflt = c->dflt.expr.native,
        .collation = c->collation,
        .identity = is_key || (c->identity && c->identity->kind == IDENTITY_BY_DEFAULT) ? 'd'
                    : c->identity                                                       ? 'a'
                                                                                        : 0,
        .generated = !c->generated          ? 0
                     : c->generated->stored ? 's'
                                            : 'v',
        .comment = c->comment,
        .storage = 'x',
        .not_null = !c->nullable,
    };
    if (pg_is_serial(c) || ret->identity)
        ret->sequence = pg_ident(&r->ctx->arena, pg_serial_sequence(&r->ctx->arena, t->name.name, c->name));
}

/* What an operation of the list has made of it since. */
static bool follow_alter(struct rendering *r, const struct op_alter_column *o, struct column_now *now)
{
    struct column c = {.name = o->name, .type = o->type};
    struct sql dflt = pg_render_begin(r);
    if (ALTER_HAS(o, ALTER_TYPE)) {
        now->has_cast = now->is_assigned = false;
        if (!pg_type_native(r->ctx, NULL, &c, &now->type))
            return false;
    }
    if (ALTER_HAS(o, ALTER_NULLABLE))
        now->not_null = !o->nullable;
    if (ALTER_HAS(o, ALTER_COLLATION))
        now->collation = o->collation;
    if (ALTER_HAS(o, ALTER_DEFAULT) && o->dflt.kind != VALUE_NONE && !pg_render_value(r, &dflt, &o->dflt))
        return false;
    if (ALTER_HAS(o, ALTER_DEFAULT))
        now->dflt = *sql_end(&dflt) ? sql_end(&dflt) : NULL;
    if (ALTER_HAS(o, ALTER_GENERATED))
        now->generated = o->generated ? 's' : 0;
    if (ALTER_HAS(o, ALTER_IDENTITY) && !o->identity)
        now->sequence = NULL;
    if (ALTER_HAS(o, ALTER_IDENTITY))
        now->identity = !o->identity ? 0 : o->identity->kind == IDENTITY_ALWAYS ? 'a' : 'd';
    return true;
}

/* Operations are of the column when they lead back to the same one before the list. */
static bool follow_alters(
    struct rendering *r, const struct qname *table, const char *column, struct column_now *now)
{
    struct rendering then = *r;
    for (then.at = 0; then.at < r->at; then.at++) {
        const struct op *op = r->ops->v[then.at];
        const struct op_alter_column *o = &op->u.alter_column;
        if (op->kind != OP_ALTER_COLUMN)
            continue;
        struct qname was = pg_render_old_table(&then, &o->table), is = pg_render_old_table(r, table);
        if (qname_eq(&was, &is) &&
            str_eq(pg_render_old_column(&then, &o->table, o->name), pg_render_old_column(r, table, column)) &&
            !follow_alter(r, o, now))
            return false;
    }
    return true;
}

bool pg_render_column_now(struct rendering *r, const struct qname *table, const char *column,
    const char *new_type, struct column_now *ret)
{
    *ret = (struct column_now){0};
    if (r->pg && !column_now_online(r, table, column, new_type, ret))
        return false;
    if (!r->pg)
        column_now_offline(r, table, column, ret);
    return follow_alters(r, table, column, ret);
}
