/*
 * Finds the columns of an enum that an operation recreates, and the unmodelled objects that prevent it.
 *
 * The columns are those that the server, or offline the replayed schema, has, and those that the list itself
 * has created; with their names and defaults after the earlier operations.
 */
#include "dialect/postgresql/render/enum_users.h"

#include "dialect/postgresql/render/column_users.h"
#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/spell/types.h"

static const char users_sql[] =
    "SELECT n.nspname, c.relname, a.attname, a.atttypid = t.typarray, " PG_DEFAULT_TEXT
    " FROM pg_catalog.pg_type t "
    "JOIN pg_catalog.pg_attribute a ON a.atttypid IN (t.oid, t.typarray) AND a.attnum > 0 AND NOT "
    "a.attisdropped "
    "JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') AND a.attinhcount = 0 "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated = "
    "'' "
    "WHERE t.oid = pg_catalog.to_regtype($1) AND a.attinhcount = 0 ORDER BY 1, 2, a.attnum";

/* A column and its default, as operations leave them. */
struct followed {
    struct qname table;
    const char *column, *dflt;
};

static const char *default_text(struct rendering *r, const struct value *v)
{
    struct sql q = pg_render_begin(r);
    if (v->kind == VALUE_NONE || !pg_render_value(r, &q, v))
        return NULL;
    return sql_end(&q);
}

/* The written type of a column; NULL: unknown, which ops_check has rejected before. */
static const char *native_of(struct rendering *r, const struct column *c)
{
    struct column copy = *c;
    if (!copy.native && !pg_type_native(r->ctx, NULL, &copy, &copy.native))
        return NULL;
    return copy.native;
}

static bool is_of_enum(struct rendering *r, const char *type, const struct qname *name)
{
    const char *is = pg_qname(&r->ctx->arena, name);
    return type && str_starts(type, is) && (!type[strlen(is)] || str_eq(type + strlen(is), "[]"));
}

struct qname enum_before(const struct rendering *r, const struct qname *name, size_t at)
{
    struct qname was = *name;
    for (size_t i = r->at; i-- > at;) {
        const struct op *op = r->ops->v[i];
        if (op->kind == OP_RENAME_ENUM && qname_eq(&op->u.rename.new_name, &was))
            was = op->u.rename.name;
    }
    return was;
}

/* False: the column no longer has the enum type. */
static bool follow_alter(
    struct rendering *r, const struct op_alter_column *o, const struct qname *type, struct followed *f)
{
    const struct column now = {.name = o->name, .type = o->type};
    if (ALTER_HAS(o, ALTER_TYPE) && !is_of_enum(r, native_of(r, &now), type))
        return false;
    if (ALTER_HAS(o, ALTER_DEFAULT))
        f->dflt = default_text(r, &o->dflt);
    if (ALTER_HAS(o, ALTER_NEW_NAME))
        f->column = o->new_name;
    return true;
}

/* The effect on a column of the operations of the list before this one, from a given one on; false if it is
 * dropped, or no longer of the enum. */
static bool follow_column(struct rendering *r, size_t from, const struct qname *type, struct followed *f)
{
    for (size_t i = from; i < r->at; i++) {
        const struct op *op = r->ops->v[i];
        const struct qname *on = op_table_name(op), then = enum_before(r, type, i);
        if (op->kind == OP_RENAME_TABLE && qname_eq(&op->u.rename.name, &f->table))
            f->table = op->u.rename.new_name;
        else if (op->kind == OP_DROP_TABLE && qname_eq(&op->u.drop.name, &f->table))
            return false;
        else if (!on || !qname_eq(on, &f->table))
            continue;
        else if (op->kind == OP_DROP_COLUMN && str_eq(op->u.drop_column.name, f->column))
            return false;
        else if (op->kind == OP_RENAME_COLUMN && str_eq(op->u.rename_part.name, f->column))
            f->column = op->u.rename_part.new_name;
        else if (op->kind == OP_ALTER_COLUMN && str_eq(op->u.alter_column.name, f->column) &&
                 !follow_alter(r, &op->u.alter_column, &then, f))
            return false;
    }
    return true;
}

static void add_user(struct rendering *r, struct enum_users *users, size_t from, const struct qname *type,
    struct followed f, bool is_array)
{
    struct arena *a = &r->ctx->arena;
    if (!follow_column(r, from, type, &f))
        return;
    struct enum_user u = {pg_qname(a, &f.table), pg_ident(a, f.column), f.dflt, is_array};
    vec_each(i, users)
        if (str_eq(users->v[i].table, u.table) && str_eq(users->v[i].column, u.column))
            return;
    vec_add(r->ctx, users, u);
}

static bool users_online(
    struct rendering *r, const struct op_alter_enum *o, const struct qname *was, struct enum_users *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    const char *params[] = {pg_qname(&r->ctx->arena, was)};
    if (!pg_query(r->pg, users_sql, params, 1, &a))
        return false;
    for (int i = 0; i < answer_rows(&a); i++) {
        struct followed f = {
            {answer_copy(&a, i, 0), answer_copy(&a, i, 1)}, answer_copy(&a, i, 2), answer_copy(&a, i, 4)};
        if (str_eq(f.table.schema, r->pg->base.default_schema))
            f.table.schema = NULL;
        add_user(r, ret, 0, &o->name, f, answer_bool(&a, i, 3));
    }
    return true;
}

static void add_made(struct rendering *r, struct enum_users *users, size_t at, const struct qname *type,
    const struct qname *table, const struct column *c)
{
    const char *text = native_of(r, c);
    const struct qname then = enum_before(r, type, at);
    if (is_of_enum(r, text, &then))
        add_user(r, users, at + 1, type, (struct followed){*table, c->name, default_text(r, &c->dflt)},
            str_ends(text, "[]"));
}

/* Columns that the list itself has made before. */
static void users_made(struct rendering *r, const struct op_alter_enum *o, struct enum_users *ret)
{
    for (size_t i = 0; i < r->at; i++) {
        const struct op *op = r->ops->v[i];
        const struct table *t = &op->u.create_table.table;
        const struct op_alter_column *alter = &op->u.alter_column;
        for (size_t k = 0; op->kind == OP_CREATE_TABLE && k < t->columns.n; k++)
            add_made(r, ret, i, &o->name, &t->name, t->columns.v[k]);
        if (op->kind == OP_ADD_COLUMN)
            add_made(r, ret, i, &o->name, &op->u.add_column.table, &op->u.add_column.column);
        if (op->kind != OP_ALTER_COLUMN || !ALTER_HAS(alter, ALTER_TYPE))
            continue;
        const struct column c = {
            .name = ALTER_HAS(alter, ALTER_NEW_NAME) ? alter->new_name : alter->name,
            .type = alter->type,
            .dflt = alter->dflt,
        };
        add_made(r, ret, i, &o->name, &alter->table, &c);
    }
}

static void users_replayed(
    struct rendering *r, const struct op_alter_enum *o, const struct qname *was, struct enum_users *ret)
{
    const struct schema *s = r->state->schema;
    for (size_t i = 0; s && i < s->tables.n; i++) {
        const struct table *t = s->tables.v[i];
        vec_each(k, &t->columns) {
            const struct column *c = t->columns.v[k];
            struct followed f = {t->name, c->name, c->dflt.expr.native};
            if (!c->is_inherited && is_of_enum(r, c->native, was))
                add_user(r, ret, 0, &o->name, f, str_ends(c->native, "[]"));
        }
    }
}

/* The name of a column in the operation: "s.posts.status". */
static void users_said(struct rendering *r, const struct op_alter_enum *o, struct enum_users *ret)
{
    struct arena *a = &r->ctx->arena;
    vec_each(i, &o->columns) {
        const char *dot = strrchr(o->columns.v[i], '.');
        struct qname table;
        if (!dot ||
            !qname_parse(a, arena_strndup(a, o->columns.v[i], (size_t)(dot - o->columns.v[i])), &table))
            continue;
        add_user(r, ret, r->at, &o->name, (struct followed){table, dot + 1, NULL}, false);
    }
}

bool enum_users(struct rendering *r, const struct op_alter_enum *o, struct enum_users *ret)
{
    const struct qname was = enum_before(r, &o->name, 0);
    if (r->pg && !users_online(r, o, &was, ret))
        return false;
    users_made(r, o, ret);
    if (!r->pg) {
        users_replayed(r, o, &was, ret);
        users_said(r, o, ret);
    }
    return true;
}

/* ---- unmodelled objects ------------------------------------------------------------------------------- */

/* What depends on the type, or on a column of it, and is neither converted nor recreated. Of an object of a table, the
 * table's schema and name. */
static const char others_sql[] =
    "WITH t AS (SELECT t.oid FROM pg_catalog.pg_type t WHERE t.oid = pg_catalog.to_regtype($1) UNION ALL "
    "SELECT t.typarray FROM pg_catalog.pg_type t WHERE t.oid = pg_catalog.to_regtype($1)), "
    "d AS (SELECT d.classid, d.objid, NULL::pg_catalog.oid AS rel, NULL::pg_catalog.text AS attname FROM "
    "pg_catalog.pg_depend d WHERE d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid IN (SELECT "
    "oid FROM t) "
    "AND d.deptype IN ('n', 'a') UNION "
    "SELECT d.classid, d.objid, a.attrelid, a.attname::pg_catalog.text FROM pg_catalog.pg_attribute a JOIN "
    "pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') JOIN pg_catalog.pg_depend d ON "
    "d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum "
    "AND "
    "d.deptype = 'n' AND d.classid IN ('pg_catalog.pg_policy'::regclass, 'pg_catalog.pg_trigger'::regclass, "
    "'pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_rewrite'::regclass, "
    "'pg_catalog.pg_publication_rel'::regclass) "
    "WHERE a.atttypid IN (SELECT oid FROM t) AND NOT a.attisdropped) "
    "SELECT DISTINCT pg_catalog.pg_describe_object(d.classid, d.objid, 0), n.nspname, r.relname, "
    "coalesce(d.attname, g.attname) FROM d "
    "LEFT JOIN pg_catalog.pg_class c ON d.classid = 'pg_catalog.pg_class'::regclass AND c.oid = d.objid "
    "LEFT JOIN pg_catalog.pg_rewrite w ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND w.oid = d.objid "
    "LEFT JOIN pg_catalog.pg_class v ON v.oid = w.ev_class "
    "LEFT JOIN pg_catalog.pg_constraint k ON d.classid = 'pg_catalog.pg_constraint'::regclass AND k.oid = "
    "d.objid "
    "LEFT JOIN pg_catalog.pg_attrdef f ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND f.oid = d.objid "
    "LEFT JOIN pg_catalog.pg_attribute g ON g.attrelid = f.adrelid AND g.attnum = f.adnum "
    "LEFT JOIN pg_catalog.pg_class r ON r.oid = coalesce(d.rel, f.adrelid) "
    "LEFT JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace "
    "CROSS JOIN LATERAL pg_catalog.pg_identify_object(CASE WHEN k.contypid <> 0 THEN "
    "'pg_catalog.pg_type'::regclass ELSE d.classid END, CASE WHEN k.contypid <> 0 THEN k.contypid ELSE "
    "d.objid "
    "END, 0) i "
    "WHERE NOT coalesce(c.relkind IN ('r', 'p', 'i', 'I', 'v', 'm'), false) AND NOT coalesce(v.relkind "
    "IN ('v', 'm'), false) "
    "AND NOT coalesce(k.contype IN ('c', 'x') AND k.conrelid <> 0, false) "
    "AND NOT coalesce(f.oid IS NOT NULL AND g.attgenerated = '', false) "
    "AND " DROPPED_IDENTITY " <> ALL ($2::pg_catalog.text[]) ORDER BY 1";

/* Whether an earlier operation of the list has dropped the object with its table or column. */
static bool is_dropped(const struct rendering *r, const struct answer *a, int i)
{
    struct qname table = {answer_text(a, i, 1), answer_text(a, i, 2)};
    if (!table.name)
        return false;
    if (str_eq(table.schema, r->pg->base.default_schema))
        table.schema = NULL;
    for (size_t k = 0; k < r->at; k++) {
        const struct op *op = r->ops->v[k];
        if (op->kind == OP_DROP_TABLE && qname_eq(&op->u.drop.name, &table))
            return true;
        if (op->kind == OP_DROP_COLUMN && qname_eq(&op->u.drop_column.table, &table) &&
            str_eq(op->u.drop_column.name, answer_text(a, i, 3)))
            return true;
    }
    return false;
}

bool enum_is_free(struct rendering *r, const struct qname *type)
{
    struct answer a CLEANUP(answer_finish) = {0};
    struct strings users = {0};
    if (!r->pg)
        return true;
    const char *params[] = {pg_qname(&r->ctx->arena, type), objects_dropped_before(r)};
    /* User SQL of earlier operations may have dropped any of them. */
    for (size_t i = 0; i < r->at; i++)
        if (r->ops->v[i]->kind == OP_EXECUTE || r->ops->v[i]->kind == OP_RUN)
            return true;
    if (!pg_query(r->pg, others_sql, params, 2, &a))
        return false;
    for (int i = 0; i < answer_rows(&a); i++)
        if (!is_dropped(r, &a, i) && !strings_have(&users, answer_text(&a, i, 0)))
            vec_add(r->ctx, &users, answer_copy(&a, i, 0));
    if (!users.n)
        return true;
    fail(r->ctx, STATUS_FAILED, "enum '%s' must be recreated, and is used by %s",
        qname_text(&r->ctx->arena, type), strings_join(&r->ctx->arena, &users, ", "));
    return fail_hint(
        r->ctx, "Drop it with an 'execute' before this operation and recreate it with one after it.");
}
