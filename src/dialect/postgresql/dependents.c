/* What is built on a type or a view, and how is it made again? */
#include "dialect/postgresql/dependents.h"

#include "dialect/postgresql/names.h"

/* Follows views that read views; %s begins with those that read the thing itself. Printed in an order in which each
 * stands behind what it reads. */
#define VIEWS(first) \
    "WITH RECURSIVE readers (oid, depth) AS (" first \
    " UNION ALL SELECT r.ev_class, v.depth + 1 FROM readers v " \
    "JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = v.oid " \
    "AND d.classid = 'pg_catalog.pg_rewrite'::regclass " \
    "JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid AND r.ev_class <> v.oid) " \
    "SELECT c.oid::regclass::pg_catalog.text, 'VIEW', NULL, CASE WHEN c.reloptions IS NOT NULL THEN " \
    "' WITH (' || pg_catalog.array_to_string(c.reloptions, ', ') || ')' ELSE '' END || ' AS' || E'\\n' || " \
    "pg_catalog.rtrim(pg_catalog.pg_get_viewdef(c.oid), ';'), pg_catalog.obj_description(c.oid, " \
    "'pg_class'), " \
    "n.nspname, c.relname FROM (SELECT oid, max(depth) AS depth FROM readers GROUP BY oid) v " \
    "JOIN pg_catalog.pg_class c ON c.oid = v.oid AND c.relkind = 'v' " \
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace ORDER BY v.depth, 1"

static const char views_of_view[] = VIEWS(
    "SELECT r.ev_class, 1 FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid "
    "WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass "
    "AND d.refobjid = pg_catalog.to_regclass($1) AND r.ev_class <> d.refobjid");

#define TYPE_AND_ARRAY \
    "(SELECT t.oid FROM pg_catalog.pg_type t WHERE t.oid = pg_catalog.to_regtype($1) " \
    "UNION ALL SELECT t.typarray FROM pg_catalog.pg_type t WHERE t.oid = pg_catalog.to_regtype($1))"

static const char views_of_type[] = VIEWS(
    "SELECT r.ev_class, 1 FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid "
    "WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.refclassid = 'pg_catalog.pg_type'::regclass "
    "AND d.refobjid IN " TYPE_AND_ARRAY " UNION SELECT r.ev_class, 1 FROM pg_catalog.pg_attribute a JOIN "
    "pg_catalog.pg_class c ON c.oid = a.attrelid "
    "AND c.relkind IN ('r', 'p') JOIN pg_catalog.pg_depend d ON d.refclassid = "
    "'pg_catalog.pg_class'::regclass "
    "AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND d.classid = "
    "'pg_catalog.pg_rewrite'::regclass "
    "JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid WHERE NOT a.attisdropped AND a.atttypid "
    "IN " TYPE_AND_ARRAY);

static const char parts_of_type[] =
    "SELECT k.conrelid::regclass::pg_catalog.text, 'CONSTRAINT', pg_catalog.quote_ident(k.conname), "
    "pg_catalog.pg_get_constraintdef(k.oid), pg_catalog.obj_description(k.oid, 'pg_constraint'), n.nspname, "
    "c.relname "
    "FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE k.contype IN ('c', 'x') AND k.conparentid = 0 AND EXISTS (SELECT 1 FROM pg_catalog.pg_depend d "
    "WHERE d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid IN " TYPE_AND_ARRAY
    " AND (d.classid = 'pg_catalog.pg_constraint'::regclass AND d.objid = k.oid "
    "OR k.conindid <> 0 AND d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = k.conindid)) "
    "UNION ALL SELECT i.indexrelid::regclass::pg_catalog.text, 'INDEX', NULL, "
    "pg_catalog.pg_get_indexdef(i.indexrelid), pg_catalog.obj_description(i.indexrelid, 'pg_class'), "
    "n.nspname, "
    "c.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE EXISTS (SELECT 1 FROM "
    "pg_catalog.pg_depend d "
    "WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid "
    "AND d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid IN " TYPE_AND_ARRAY
    ") AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid "
    "AND k.contype IN ('p', 'u', 'x')) ORDER BY 1, 2, 3";

enum { DEP_OBJECT, DEP_KIND, DEP_PART, DEP_DEFINITION, DEP_COMMENT, DEP_SCHEMA, DEP_RELATION };

static const char *comment_sql(struct rendering *r, const char *what, const char *comment)
{
    struct sql q = pg_render_begin(r);
    if (!comment)
        return NULL;
    sql_addf(&q, "COMMENT ON %E IS %L", what, comment);
    return sql_end(&q);
}

static struct dependent dependent_of(struct rendering *r, const struct answer *a, int i)
{
    struct ctx *ctx = r->ctx;
    const char *object = answer_text(a, i, DEP_OBJECT), *kind = answer_text(a, i, DEP_KIND);
    const char *part = answer_text(a, i, DEP_PART), *definition = answer_text(a, i, DEP_DEFINITION);
    const char *comment = answer_text(a, i, DEP_COMMENT);
    if (str_eq(kind, "CONSTRAINT"))
        return (struct dependent){.drop = ctx_printf(ctx, "ALTER TABLE %s DROP CONSTRAINT %s", object, part),
            .create = ctx_printf(ctx, "ALTER TABLE %s ADD CONSTRAINT %s %s", object, part, definition),
            .comment = comment_sql(r, ctx_printf(ctx, "CONSTRAINT %s ON %s", part, object), comment)};
    struct dependent d = {.drop = ctx_printf(ctx, "DROP %s %s", kind, object),
        .comment = comment_sql(r, ctx_printf(ctx, "%s %s", kind, object), comment)};
    d.create = str_eq(kind, "VIEW") ? ctx_printf(ctx, "CREATE VIEW %s%s", object, definition)
                                    : ctx_strdup(ctx, definition);
    return d;
}

/* Whether an earlier operation of the list has taken it away already. */
static bool is_gone(const struct rendering *r, const struct answer *a, int i)
{
    const char *schema = answer_text(a, i, DEP_SCHEMA);
    struct qname name = {.name = answer_text(a, i, DEP_RELATION)};
    name.schema = str_eq(schema, r->pg->base.default_schema) ? NULL : schema;
    for (size_t k = 0; k < r->at; k++) {
        const struct op *op = r->ops->v[k];
        bool drops = op->kind == OP_DROP_VIEW || op->kind == OP_DROP_TABLE;
        if (drops && qname_eq(&op->u.drop.name, &name))
            return true;
        const char *part = answer_text(a, i, DEP_PART), *object = answer_text(a, i, DEP_OBJECT);
        if (op->kind == OP_DROP_CONSTRAINT && part && qname_eq(&op->u.drop_constraint.table, &name) &&
            str_eq(pg_ident(&r->ctx->arena, op->u.drop_constraint.name), part))
            return true;
        struct qname index = {name.schema, op->kind == OP_DROP_INDEX ? op->u.drop_index.name : ""};
        if (op->kind == OP_DROP_INDEX && str_eq(pg_qname(&r->ctx->arena, &index), object))
            return true;
    }
    return false;
}

static bool collect(struct rendering *r, const char *sql, const struct qname *name, struct dependents *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    const char *params[] = {pg_qname(&r->ctx->arena, name)};
    if (!r->pg)
        return true;
    if (!pg_query(r->pg, sql, params, 1, &a))
        return false;
    for (int i = 0; i < answer_rows(&a); i++)
        if (!is_gone(r, &a, i))
            vec_add(r->ctx, ret, dependent_of(r, &a, i));
    return true;
}

bool dependents_of_view(struct rendering *r, const struct qname *view, struct dependents *ret)
{
    return collect(r, views_of_view, view, ret);
}

bool dependents_of_type(struct rendering *r, const struct qname *type, struct dependents *ret)
{
    return collect(r, parts_of_type, type, ret) && collect(r, views_of_type, type, ret);
}
