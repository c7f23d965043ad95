/*
 * Which columns are of an enum, when an operation that makes it anew runs?
 *
 * Those that the server has, or offline the replayed schema, and those that the list itself has made; under the names,
 * and with the defaults, that the operations before it leave them.
 */
#include "dialect/postgresql/enum_users.h"

#include "dialect/postgresql/names.h"
#include "dialect/postgresql/types.h"

static const char users_sql[] =
    "SELECT n.nspname, c.relname, a.attname, a.atttypid = t.typarray, " PG_DEFAULT_TEXT
    " FROM pg_catalog.pg_type t "
    "JOIN pg_catalog.pg_attribute a ON a.atttypid IN (t.oid, t.typarray) AND a.attnum > 0 AND NOT "
    "a.attisdropped "
    "JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') AND NOT c.relispartition "
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

/* How the type of a column is written; NULL: not in a way that is known, which ops_check has refused before. */
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

/* False: it is of the enum no more. */
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

/* What the operations of the list before this one, from one on, make of a column; false when it is gone, or no longer
 * of the enum. */
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
            if (is_of_enum(r, c->native, was))
                add_user(r, ret, 0, &o->name, f, str_ends(c->native, "[]"));
        }
    }
}

/* "s.posts.status": what the operation says of its columns. */
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
