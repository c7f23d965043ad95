/*
 * How are enums written?
 *
 * Values are added in place where that is possible. A value cannot be used in the transaction that added it, and what
 * vanishes or moves cannot be done in place at all: then the type is made anew under its name, and every column of
 * the old one is converted.
 */
#include "dialect/postgresql/dependents.h"
#include "dialect/postgresql/names.h"
#include "dialect/postgresql/render.h"
#include "dialect/postgresql/types.h"

static void add_values(struct sql *q, const struct strings *values)
{
    sql_add(q, "(");
    vec_each(i, values)
        sql_addf(q, i ? ", %L" : "%L", values->v[i]);
    sql_add(q, ")");
}

static void comment_enum(struct rendering *r, const struct qname *name, const char *comment)
{
    if (comment)
        pg_render_comment(r, ctx_printf(r->ctx, "TYPE %s", pg_qname(&r->ctx->arena, name)), comment);
}

bool pg_render_create_enum(struct rendering *r, const struct op *op)
{
    const struct enumeration *e = &op->u.create_enum.enumeration;
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "CREATE TYPE %Q AS ENUM ", &e->name);
    add_values(&q, &e->values);
    pg_render_add(r, &q);
    comment_enum(r, &e->name, e->comment);
    return true;
}

bool pg_render_drop_enum(struct rendering *r, const struct op *op)
{
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "DROP TYPE %E%Q%E", op->u.drop.if_exists ? "IF EXISTS " : "", &op->u.drop.name,
        op->u.drop.cascade ? " CASCADE" : "");
    pg_render_add(r, &q);
    return true;
}

bool pg_render_rename_enum(struct rendering *r, const struct op *op)
{
    const struct op_rename *o = &op->u.rename;
    struct qname moved = {o->name.schema, o->new_name.name};
    struct sql q = pg_render_begin(r);
    if (!str_eq(o->name.name, o->new_name.name)) {
        sql_addf(&q, "ALTER TYPE %Q RENAME TO %I", &o->name, o->new_name.name);
        pg_render_add(r, &q);
    }
    if (!str_eq(o->name.schema, o->new_name.schema)) {
        q = pg_render_begin(r);
        sql_addf(&q, "ALTER TYPE %Q SET SCHEMA %I", &moved,
            o->new_name.schema ? o->new_name.schema
            : r->pg            ? r->pg->base.default_schema
                               : "public");
        pg_render_add(r, &q);
    }
    return true;
}

/* ---- in place ---------------------------------------------------------------------------------------- */

/* Whether an operation says this text anywhere: a value that is used before it was committed. */
static bool op_says(struct rendering *r, const struct op *op, const char *value)
{
    struct str text = STR(r->ctx);
    node_yaml(&text, op_encode(&r->ctx->arena, op), 0);
    return strstr(str_get(&text), value) != NULL;
}

static bool is_used_later(struct rendering *r, const char *value)
{
    for (size_t i = r->at + 1; i < r->ops->n; i++) {
        const struct op *op = r->ops->v[i];
        if (op->kind != OP_ALTER_ENUM && op->kind != OP_DROP_ENUM && op_says(r, op, value))
            return true;
    }
    return false;
}

/* Whether the new list is the old one with values put in, none of which is used right away. */
static bool is_in_place(struct rendering *r, const struct op_alter_enum *o, const struct strings *existing)
{
    size_t at = 0;
    vec_each(i, &o->values) {
        if (at < existing->n && str_eq(o->values.v[i], existing->v[at]))
            at++;
        else if (is_used_later(r, o->values.v[i]))
            return false;
    }
    return at == existing->n;
}

static void add_in_place(struct rendering *r, const struct op_alter_enum *o, const struct strings *existing)
{
    vec_each(i, &o->values) {
        struct sql q = pg_render_begin(r);
        if (strings_have(existing, o->values.v[i]))
            continue;
        sql_addf(&q, "ALTER TYPE %Q ADD VALUE %L", &o->name, o->values.v[i]);
        if (i > 0)
            sql_addf(&q, " AFTER %L", o->values.v[i - 1]);
        else if (o->values.n > 1)
            sql_addf(&q, " BEFORE %L", existing->n ? existing->v[0] : o->values.v[1]);
        pg_render_add(r, &q);
    }
}

static void rename_values(struct rendering *r, const struct op_alter_enum *o, struct strings *existing)
{
    vec_each(i, &o->rename) {
        struct sql q = pg_render_begin(r);
        sql_addf(
            &q, "ALTER TYPE %Q RENAME VALUE %L TO %L", &o->name, o->rename.v[i]->from, o->rename.v[i]->to);
        pg_render_add(r, &q);
        vec_each(k, existing)
            if (str_eq(existing->v[k], o->rename.v[i]->from))
                existing->v[k] = o->rename.v[i]->to;
    }
}

/* ---- anew -------------------------------------------------------------------------------------------- */

/* A column of the type. */
struct user {
    const char *table, *column; /* quoted */
    const char *dflt;
    bool is_array;
};
struct users VEC_OF(struct user);

static const char users_sql[] =
    "SELECT n.nspname, c.relname, a.attname, a.atttypid = t.typarray, "
    "pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_type t "
    "JOIN pg_catalog.pg_attribute a ON a.atttypid IN (t.oid, t.typarray) AND a.attnum > 0 AND NOT "
    "a.attisdropped "
    "JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p') AND NOT c.relispartition "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated = "
    "'' "
    "WHERE t.oid = pg_catalog.to_regtype($1) AND a.attinhcount = 0 ORDER BY 1, 2, a.attnum";

/* What the earlier operations of the list make of a column: its names then, or false when it is gone. */
static bool follow_column(const struct rendering *r, struct qname *table, const char **column)
{
    for (size_t i = 0; i < r->at; i++) {
        const struct op *op = r->ops->v[i];
        const struct qname *on = op_table_name(op);
        if (op->kind == OP_RENAME_TABLE && qname_eq(&op->u.rename.name, table))
            *table = op->u.rename.new_name;
        else if (op->kind == OP_DROP_TABLE && qname_eq(&op->u.drop.name, table))
            return false;
        else if (!on || !qname_eq(on, table))
            continue;
        else if (op->kind == OP_DROP_COLUMN && str_eq(op->u.drop_column.name, *column))
            return false;
        else if (op->kind == OP_RENAME_COLUMN && str_eq(op->u.rename_part.name, *column))
            *column = op->u.rename_part.new_name;
        else if (op->kind == OP_ALTER_COLUMN && ALTER_HAS(&op->u.alter_column, ALTER_NEW_NAME) &&
                 str_eq(op->u.alter_column.name, *column))
            *column = op->u.alter_column.new_name;
    }
    return true;
}

static bool users_online(struct rendering *r, const struct op_alter_enum *o, struct users *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    const char *params[] = {pg_qname(&r->ctx->arena, &o->name)};
    if (!pg_query(r->pg, users_sql, params, 1, &a))
        return false;
    for (int i = 0; i < answer_rows(&a); i++) {
        struct qname table = {answer_copy(&a, i, 0), answer_copy(&a, i, 1)};
        const char *column = answer_copy(&a, i, 2);
        if (str_eq(table.schema, r->pg->base.default_schema))
            table.schema = NULL;
        if (!follow_column(r, &table, &column))
            continue;
        struct user u = {pg_qname(&r->ctx->arena, &table), pg_ident(&r->ctx->arena, column),
            answer_copy(&a, i, 4), answer_bool(&a, i, 3)};
        vec_add(r->ctx, ret, u);
    }
    return true;
}

/* "s.posts.status": what the operation says of its columns. */
static void users_said(struct rendering *r, const struct op_alter_enum *o, struct users *ret)
{
    struct arena *a = &r->ctx->arena;
    vec_each(i, &o->columns) {
        const char *dot = strrchr(o->columns.v[i], '.');
        struct qname table;
        if (!dot ||
            !qname_parse(a, arena_strndup(a, o->columns.v[i], (size_t)(dot - o->columns.v[i])), &table))
            continue;
        struct column *c = NULL;
        struct table *t = r->state->schema ? schema_table(r->state->schema, &table) : NULL;
        if (t)
            c = table_column(t, dot + 1);
        struct user u = {.table = pg_qname(a, &table),
            .column = pg_ident(a, dot + 1),
            .dflt = c ? c->dflt.expr.native : NULL,
            .is_array = c && c->native && str_ends(c->native, "[]")};
        vec_add(r->ctx, ret, u);
    }
}

/* The default again, unless its value is one that vanishes. */
static const char *default_again(struct rendering *r, const struct op_alter_enum *o, const struct user *u)
{
    const char *literal, *type;
    if (!pg_literal(&r->ctx->arena, u->dflt, &literal, &type))
        return u->dflt;
    if (u->is_array)
        return literal;
    for (size_t i = 0; i <= o->values.n + o->replace.n; i++) {
        struct sql q = pg_render_begin(r);
        bool is_replaced = i > o->values.n;
        if (i == o->values.n)
            continue;
        sql_string(&q, is_replaced ? o->replace.v[i - o->values.n - 1]->from : o->values.v[i]);
        if (!str_eq(sql_end(&q), literal))
            continue;
        struct sql with = pg_render_begin(r);
        if (is_replaced)
            sql_string(&with, o->replace.v[i - o->values.n - 1]->to);
        return is_replaced ? sql_end(&with) : literal;
    }
    return NULL;
}

static const char *conversion(struct rendering *r, const struct op_alter_enum *o, const struct user *u)
{
    struct sql q = pg_render_begin(r);
    if (u->is_array || !o->replace.n) {
        sql_addf(&q, u->is_array ? "%E::text[]::%Q[]" : "%E::text::%Q", u->column, &o->name);
        return sql_end(&q);
    }
    sql_addf(&q, "(CASE %E::text", u->column);
    vec_each(i, &o->replace)
        sql_addf(&q, " WHEN %L THEN %L", o->replace.v[i]->from, o->replace.v[i]->to);
    sql_addf(&q, " ELSE %E::text END)::%Q", u->column, &o->name);
    return sql_end(&q);
}

static void convert_column(struct rendering *r, const struct op_alter_enum *o, const struct user *u)
{
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "ALTER TABLE %E ", u->table);
    if (u->dflt)
        sql_addf(&q, "ALTER COLUMN %E DROP DEFAULT, ", u->column);
    sql_addf(&q, "ALTER COLUMN %E TYPE %Q%E USING %E", u->column, &o->name, u->is_array ? "[]" : "",
        conversion(r, o, u));
    const char *again = u->dflt ? default_again(r, o, u) : NULL;
    if (again)
        sql_addf(&q, ", ALTER COLUMN %E SET DEFAULT %E", u->column, again);
    pg_render_add(r, &q);
}

static void run_dependents(struct rendering *r, const struct dependents *d, bool create)
{
    for (size_t i = 0; i < d->n; i++) {
        const struct dependent *one = &d->v[create ? i : d->n - 1 - i];
        statement_add(r->ctx, r->ret, create ? one->create : one->drop, r->op);
        if (create && one->comment)
            statement_add(r->ctx, r->ret, one->comment, r->op);
    }
}

static const char *type_comment(struct rendering *r, const struct qname *name)
{
    struct answer a CLEANUP(answer_finish) = {0};
    const char *params[] = {pg_qname(&r->ctx->arena, name)};
    if (!r->pg ||
        !pg_query(r->pg,
            "SELECT pg_catalog.obj_description(pg_catalog.to_regtype($1)::pg_catalog.oid, 'pg_type')", params,
            1, &a))
        return NULL;
    return answer_copy(&a, 0, 0);
}

static bool make_anew(struct rendering *r, const struct op_alter_enum *o)
{
    struct ctx *ctx = r->ctx;
    struct users users = {0};
    struct dependents d = {0};
    struct qname old = {o->name.schema, ctx_printf(ctx, "%.52s__cmig_old", o->name.name)};
    if (r->pg ? !users_online(r, o, &users) || !dependents_of_type(r, &o->name, &d) : false)
        return false;
    if (!r->pg)
        users_said(r, o, &users);
    const char *comment = type_comment(r, &o->name);
    if (ctx->err.status != STATUS_OK)
        return false;
    run_dependents(r, &d, false);
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "ALTER TYPE %Q RENAME TO %I", &o->name, old.name);
    pg_render_add(r, &q);
    q = pg_render_begin(r);
    sql_addf(&q, "CREATE TYPE %Q AS ENUM ", &o->name);
    add_values(&q, &o->values);
    pg_render_add(r, &q);
    vec_each(i, &users)
        convert_column(r, o, &users.v[i]);
    q = pg_render_begin(r);
    sql_addf(&q, "DROP TYPE %Q", &old);
    pg_render_add(r, &q);
    comment_enum(r, &o->name, comment);
    run_dependents(r, &d, true);
    return true;
}

/* What the values are before: the server knows best, but not what earlier operations of the list did to them. */
bool pg_render_alter_enum(struct rendering *r, const struct op *op)
{
    const struct op_alter_enum *o = &op->u.alter_enum;
    struct strings existing = {0};
    vec_each(i, &o->existing_values)
        vec_add(r->ctx, &existing, o->existing_values.v[i]);
    if (!existing.n && r->pg) {
        struct answer a CLEANUP(answer_finish) = {0};
        const char *params[] = {pg_qname(&r->ctx->arena, &o->name)};
        if (!pg_query(r->pg,
                "SELECT enumlabel FROM pg_catalog.pg_enum WHERE enumtypid = pg_catalog.to_regtype($1) "
                "ORDER BY enumsortorder",
                params, 1, &a))
            return false;
        for (int i = 0; i < answer_rows(&a); i++)
            vec_add(r->ctx, &existing, answer_copy(&a, i, 0));
    }
    rename_values(r, o, &existing);
    if (strings_eq(&existing, &o->values))
        return true;
    if (is_in_place(r, o, &existing)) {
        add_in_place(r, o, &existing);
        return true;
    }
    return make_anew(r, o);
}
