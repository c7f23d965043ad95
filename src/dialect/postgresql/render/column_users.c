/*
 * Finds unmodelled objects that prevent a column from being dropped or getting another type.
 *
 * The server refuses both for a policy, a rule, a trigger, a publication or a function's body, and advises
 * CASCADE, which drops them. It does not refuse to drop a column that other tables inherit, though these lose
 * theirs with all its values, nor a column of extended statistics, which are then dropped.
 */
#include "dialect/postgresql/render/column_users.h"

#include "dialect/postgresql/reflect/reflect.h"
#include "dialect/postgresql/spell/names.h"

static const char users_sql[] =
    "WITH col AS (SELECT a.attrelid, a.attnum, a.attname FROM pg_catalog.pg_attribute a "
    "WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attname = $2 AND NOT a.attisdropped) "
    "SELECT pg_catalog.pg_describe_object(d.classid, d.objid, 0), false FROM col "
    "JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = "
    "col.attrelid "
    "AND d.refobjsubid = col.attnum AND (d.deptype = 'n' OR d.classid = "
    "'pg_catalog.pg_publication_rel'::regclass OR $3 AND d.classid = "
    "'pg_catalog.pg_statistic_ext'::regclass) "
    "LEFT JOIN pg_catalog.pg_rewrite w ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND w.oid = d.objid "
    "LEFT JOIN pg_catalog.pg_class m ON m.oid = w.ev_class AND w.rulename <> '_RETURN' AND "
    "m.relkind IN ('r', 'p') "
    "CROSS JOIN LATERAL pg_catalog.pg_identify_object(d.classid, d.objid, 0) i "
    "WHERE (m.oid IS NOT NULL OR d.classid IN ('pg_catalog.pg_publication_rel'::regclass, "
    "'pg_catalog.pg_policy'::regclass, "
    "'pg_catalog.pg_trigger'::regclass, 'pg_catalog.pg_proc'::regclass, "
    "'pg_catalog.pg_statistic_ext'::regclass)) "
    "AND COALESCE((SELECT 'publication ' || pg_catalog.quote_ident(p.pubname) FROM "
    "pg_catalog.pg_publication_rel x "
    "JOIN pg_catalog.pg_publication p ON p.oid = x.prpubid WHERE i.type = 'publication relation' AND x.oid = "
    "d.objid), " DROPPED_IDENTITY ") <> ALL ($4::pg_catalog.text[]) "
    "UNION SELECT pg_catalog.pg_describe_object('pg_catalog.pg_class'::regclass, i.inhrelid, 0), true FROM "
    "col "
    "JOIN pg_catalog.pg_inherits i ON i.inhparent = col.attrelid "
    "JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND NOT c.relispartition "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = col.attname AND NOT a.attislocal "
    "AND a.attinhcount = 1 WHERE $3 ORDER BY 2, 1";

static bool follows_people_sql(const struct rendering *r)
{
    for (size_t i = 0; i < r->at; i++)
        if (r->ops->v[i]->kind == OP_EXECUTE || r->ops->v[i]->kind == OP_RUN)
            return true;
    return false;
}

const char *objects_dropped_before(const struct rendering *r)
{
    struct arena *a = &r->ctx->arena;
    struct strings list = {0};
    const char *home = r->pg->base.default_schema;
    for (size_t i = 0; i < r->at; i++) {
        const struct op *op = r->ops->v[i];
        enum object_kind kind = op_object_kind(op->kind);
        const struct object *o = &op->u.object.object;
        if (kind == OBJECT_KINDS || op_object_verb(op->kind) != OBJECT_DROP)
            continue;
        struct qname on = o->of.name ? o->of : o->name;
        if (!on.schema && (o->of.name || object_table[kind].naming != NAMED_IN_DATABASE))
            on.schema = home;
        vec_push(a, &list,
            arena_printf(a, "%s%s %s%s%s", kind == OBJECT_DOMAIN ? "type" : object_table[kind].name,
                kind == OBJECT_STATISTICS ? " object" : "", o->of.name ? pg_ident(a, o->name.name) : "",
                o->of.name ? " on " : "", pg_qname(a, &on)));
    }
    return array_literal(r->ctx, &list);
}

static bool fail_used(
    struct rendering *r, const struct qname *table, const char *column, const struct answer *a)
{
    struct ctx *ctx = r->ctx;
    struct strings users = {0};
    bool inherits = answer_bool(a, 0, 1);
    for (int i = 0; i < answer_rows(a) && answer_bool(a, i, 1) == inherits; i++)
        vec_add(ctx, &users, answer_copy(a, i, 0));
    const char *name = ctx_printf(ctx, "%s.%s", qname_text(&ctx->arena, table), column);
    if (inherits) {
        fail(ctx, STATUS_FAILED, "column '%s' is inherited: %s would lose it and its values, too", name,
            strings_join(&ctx->arena, &users, ", "));
        return fail_hint(ctx, "Add 'cascade: true' to drop it there as well.");
    }
    fail(ctx, STATUS_FAILED, "column '%s' is used by objects that cmig does not model: %s", name,
        strings_join(&ctx->arena, &users, ", "));
    return fail_hint(
        ctx, "Drop it with an 'execute' before this operation and recreate it with one after it.");
}

bool column_is_free(
    struct rendering *r, const struct qname *table, const char *column, enum column_change change)
{
    struct answer a CLEANUP(answer_finish) = {0};
    struct strings values = {0};
    if (!r->pg || follows_people_sql(r))
        return true;
    struct qname old = pg_render_old_table(r, table);
    vec_add(r->ctx, &values, pg_qname(&r->ctx->arena, &old));
    vec_add(r->ctx, &values, pg_render_old_column(r, table, column));
    vec_add(r->ctx, &values, change == COLUMN_DROPPED ? "true" : "false");
    vec_add(r->ctx, &values, objects_dropped_before(r));
    return pipeline_ask(r->pg, users_sql, &values, &a) &&
           (!answer_rows(&a) || fail_used(r, table, column, &a));
}
