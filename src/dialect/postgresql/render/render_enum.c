/*
 * Renders enums.
 *
 * Values are added in place where that is possible. A value cannot be used in the transaction that added it,
 * and values cannot be removed or moved in place: then the type is recreated under its name, and every column
 * of the old one is converted.
 */
#include "dialect/postgresql/render/dependents.h"
#include "dialect/postgresql/render/enum_users.h"
#include "dialect/postgresql/render/render.h"
#include "dialect/postgresql/spell/acl.h"
#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/spell/types.h"

#include <ctype.h>

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

static bool is_word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c > 127;
}

/* Whether the text contains the value, and not only as a part of a word. */
static bool has_value(const char *text, const char *value)
{
    size_t n = strlen(value);
    for (const char *at = text; (at = strstr(at, value)); at++) {
        bool begins = at == text || !n || !is_word_char(*at) || !is_word_char(at[-1]);
        if (begins && (!n || !is_word_char(at[n - 1]) || !is_word_char(at[n])))
            return true;
    }
    return false;
}

/* SQL that creates an object contains values in strings only. */
static bool sql_has_value(struct rendering *r, const char *sql, const char *value)
{
    for (struct sql_piece p; (p = sql_piece(sql, SQL_POSTGRESQL)).kind != SQL_END; sql += p.n)
        if (p.kind == SQL_STRING && has_value(sql_piece_text(&r->ctx->arena, &p), value))
            return true;
    return false;
}

/* Whether an operation contains a value, which is then used before it was committed. */
static bool op_says(struct rendering *r, const struct op *op, const char *value)
{
    struct str text = STR(r->ctx);
    const char *sql = op_object_kind(op->kind) < OBJECT_KINDS
                          ? dtext_for(&op->u.object.object.sql, postgresql_dialect.name)
                          : NULL;
    if (sql)
        return sql_has_value(r, sql, value);
    node_yaml(&text, op_encode(&r->ctx->arena, op), 0);
    return has_value(str_get(&text), value);
}

/* Whether it inserts rows from a file, whose values are unknown here, or converts other values to the type. */
static bool may_take_any(const struct op *op, const struct qname *type)
{
    const struct op_alter_column *o = &op->u.alter_column;
    if (op->kind == OP_BULK_INSERT)
        return op->u.bulk_insert.file != NULL;
    if (op->kind == OP_EXECUTE)
        return dtext_is_set(&op->u.execute.file);
    return op->kind == OP_ALTER_COLUMN && ALTER_HAS(o, ALTER_TYPE) && dtext_for(&o->type, "postgresql") &&
           strstr(dtext_for(&o->type, "postgresql"), type->name);
}

static bool is_used_in(
    struct rendering *r, const struct ops *ops, size_t from, const struct qname *type, const char *value)
{
    for (size_t i = from; ops && i < ops->n; i++) {
        const struct op *op = ops->v[i];
        if (op->kind == OP_ALTER_ENUM || op->kind == OP_DROP_ENUM)
            continue;
        if (op_says(r, op, value) || may_take_any(op, type))
            return true;
    }
    return false;
}

static bool is_used_later(struct rendering *r, const struct qname *type, const char *value)
{
    return is_used_in(r, r->ops, r->at + 1, type, value) || is_used_in(r, r->state->later, 0, type, value);
}

/* Whether the new list is the old one with added values, none of which is used in the same transaction. */
static bool is_in_place(struct rendering *r, const struct op_alter_enum *o, const struct strings *existing)
{
    size_t at = 0;
    vec_each(i, &o->values) {
        if (at < existing->n && str_eq(o->values.v[i], existing->v[at]))
            at++;
        else if (is_used_later(r, &o->name, o->values.v[i]))
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

/* ---- recreated ----------------------------------------------------------------------------------- */

static const char *quoted(struct rendering *r, const char *value)
{
    struct sql q = pg_render_begin(r);
    sql_string(&q, value);
    return sql_end(&q);
}

/* The new value of a literal; NULL: it is removed. */
static const char *value_now(struct rendering *r, const struct op_alter_enum *o, const char *literal)
{
    const struct rename_pairs *const changes[] = {&o->rename, &o->replace};
    for (size_t k = 0; k < COUNT_OF(changes); k++)
        vec_each(i, changes[k])
            if (str_eq(quoted(r, changes[k]->v[i]->from), literal))
                return quoted(r, changes[k]->v[i]->to);
    vec_each(i, &o->values)
        if (str_eq(quoted(r, o->values.v[i]), literal))
            return literal;
    return NULL;
}

/* ---- defaults ---- */

/* The next quoted literal of an expression, with its quotes; NULL: none. */
static const char *next_literal(struct arena *a, const char **at)
{
    const char *from = strchr(*at, '\''), *p;
    if (!from)
        return NULL;
    for (p = from + 1; *p && (*p != '\'' || p[1] == '\''); p++)
        p += *p == '\'';
    if (!*p)
        return NULL;
    *at = p + 1;
    return arena_strndup(a, from, (size_t)(*at - from));
}

static bool is_label(struct rendering *r, const struct strings *labels, const char *literal)
{
    vec_each(i, labels)
        if (str_eq(quoted(r, labels->v[i]), literal))
            return true;
    return false;
}

/* An expression with a removed value as a literal cannot be evaluated with the new type. */
static bool names_lost_value(struct rendering *r, const struct strings *existing,
    const struct op_alter_enum *o, const char *expression)
{
    const char *literal;
    while ((literal = next_literal(&r->ctx->arena, &expression)))
        if (is_label(r, existing, literal) && !is_label(r, &o->values, literal))
            return true;
    return false;
}

/* Reads an element of an array literal, and removes its quotes; *at moves past it. */
static const char *array_element(struct arena *a, const char **at, bool *ret_null)
{
    struct str out = {.arena = a};
    const char *p = *at;
    bool is_quoted = *p == '"';
    for (p += is_quoted; *p && (is_quoted ? *p != '"' : !strchr(",{}", *p)); p++) {
        p += *p == '\\' && p[1];
        str_addc(&out, *p);
    }
    *at = p + (is_quoted && *p);
    *ret_null = !is_quoted && str_eq_ci(str_get(&out), "NULL");
    return arena_strdup(a, str_get(&out));
}

static void add_element(struct str *out, const char *literal)
{
    str_addc(out, '"');
    for (const char *c = literal + 1; c[0] && c[1]; c++) {
        c += c[0] == '\'' && c[1] == '\'';
        if (*c == '"' || *c == '\\')
            str_addc(out, '\\');
        str_addc(out, *c);
    }
    str_addc(out, '"');
}

/* '{a,"b c"}', or '[0:1]={…}', with its values as they are afterwards; NULL: one of them is removed. */
static const char *array_now(struct rendering *r, const struct op_alter_enum *o, const char *literal)
{
    struct str body = STR(r->ctx), out = STR(r->ctx);
    for (const char *p = literal + 1; p[0] && p[1]; p++) {
        p += p[0] == '\'' && p[1] == '\'';
        str_addc(&body, *p);
    }
    const char *at = str_get(&body);
    while (*at && *at != '{')
        str_addc(&out, *at++);
    while (*at) {
        if (strchr("{},", *at)) {
            str_addc(&out, *at++);
            continue;
        }
        bool is_null;
        const char *element = array_element(&r->ctx->arena, &at, &is_null);
        const char *now = is_null ? NULL : value_now(r, o, quoted(r, element));
        if (!is_null && !now)
            return NULL;
        if (is_null)
            str_add(&out, "NULL");
        else
            add_element(&out, now);
    }
    return quoted(r, str_get(&out));
}

/* The default for the new type; NULL: a value of it is removed. */
static const char *default_again(struct rendering *r, const struct strings *existing,
    const struct op_alter_enum *o, const struct enum_user *u)
{
    const char *literal, *type;
    if (pg_literal(&r->ctx->arena, u->dflt, &literal, &type))
        return u->is_array ? array_now(r, o, literal) : value_now(r, o, literal);
    return names_lost_value(r, existing, o, u->dflt) ? NULL : u->dflt;
}

static const char *conversion(struct rendering *r, const struct op_alter_enum *o, const struct enum_user *u)
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

static void convert_column(struct rendering *r, const struct strings *existing, const struct op_alter_enum *o,
    const struct enum_user *u)
{
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "ALTER TABLE %E ", u->table);
    if (u->dflt)
        sql_addf(&q, "ALTER COLUMN %E DROP DEFAULT, ", u->column);
    sql_addf(&q, "ALTER COLUMN %E TYPE %Q%E USING %E", u->column, &o->name, u->is_array ? "[]" : "",
        conversion(r, o, u));
    const char *again = u->dflt ? default_again(r, existing, o, u) : NULL;
    if (again)
        sql_addf(&q, ", ALTER COLUMN %E SET DEFAULT %E", u->column, again);
    pg_render_add(r, &q);
}

static void run_dependents(struct rendering *r, const struct dependents *d, bool create)
{
    for (size_t i = 0; i < d->n; i++) {
        const struct dependent *one = &d->v[create ? i : d->n - 1 - i];
        if (create ? one->create : one->drop)
            statement_add(r->ctx, r->ret, create ? one->create : one->drop, r->op);
        for (size_t k = 0; create && k < one->after.n; k++)
            statement_add(r->ctx, r->ret, one->after.v[k], r->op);
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

/* Owner and privileges of a type, as statements on the new one. Default privileges may have granted others. */
static const char privileges_sql[] =
    "WITH t AS (SELECT t.typowner, t.typacl, coalesce(t.typacl, pg_catalog.acldefault('T', t.typowner)) AS "
    "acl FROM "
    "pg_catalog.pg_type t WHERE t.oid = pg_catalog.to_regtype($1)), "
    "others AS (SELECT x.grantee FROM pg_catalog.pg_default_acl d, pg_catalog.aclexplode(d.defaclacl) x "
    "WHERE "
    "d.defaclobjtype = 'T' UNION SELECT 0 UNION SELECT typowner FROM t), "
    "s (at, text) AS (SELECT 1, pg_catalog.format('ALTER TYPE %s OWNER TO %I', $2::pg_catalog.text, "
    "pg_catalog.pg_get_userbyid(typowner)) FROM t WHERE pg_catalog.pg_get_userbyid(typowner) <> CURRENT_USER "
    "UNION ALL SELECT 2, pg_catalog.format('REVOKE ALL ON TYPE %s FROM %s', $2::pg_catalog.text, (SELECT "
    "pg_catalog.string_agg(" PG_GRANTEE(
        "x") ", ', ') FROM others x)) FROM t WHERE typacl IS NOT NULL OR (SELECT pg_catalog.count(*) FROM "
             "others) > 2 "
             "UNION ALL SELECT 3, pg_catalog.format('GRANT %s ON TYPE %s TO %s%s', x.privilege_type, "
             "$2::pg_catalog.text, " PG_GRANTEE("x") ", " PG_GRANT_OPTION(
                 "x") ") FROM t, pg_catalog.aclexplode(t.acl) x WHERE typacl IS NOT NULL "
                      "OR "
                      "(SELECT pg_catalog.count(*) FROM others) > 2) SELECT text FROM s ORDER BY at, text";

static bool type_privileges(
    struct rendering *r, const struct qname *was, const struct qname *name, struct strings *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    const char *params[] = {pg_qname(&r->ctx->arena, was), pg_qname(&r->ctx->arena, name)};
    if (!r->pg)
        return true;
    if (!pg_query(r->pg, privileges_sql, params, 2, &a))
        return false;
    for (int i = 0; i < answer_rows(&a); i++)
        vec_add(r->ctx, ret, answer_copy(&a, i, 0));
    return true;
}

static bool only_adds(const struct strings *existing, const struct strings *values)
{
    size_t at = 0;
    for (size_t i = 0; i < values->n && at < existing->n; i++)
        at += str_eq(values->v[i], existing->v[at]);
    return at == existing->n;
}

static bool recreate(struct rendering *r, const struct op_alter_enum *o, const struct strings *existing)
{
    struct ctx *ctx = r->ctx;
    struct enum_users users = {0};
    struct dependents d = {0};
    struct qname old = {o->name.schema, ctx_printf(ctx, "%.52s__cmig_old", o->name.name)};
    const struct qname was = enum_before(r, &o->name, 0);
    if (!enum_users(r, o, &users) || (r->pg && !dependents_of_type(r, &was, &d)))
        return false;
    struct strings privileges = {0};
    if (!enum_is_free(r, &was)) {
        if (only_adds(existing, &o->values))
            fail_hint(
                ctx, "Or add the value in a revision before the one that uses it: then the enum is altered.");
        return false;
    }
    if (!type_privileges(r, &was, &o->name, &privileges))
        return false;
    const char *comment = type_comment(r, &was);
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
        convert_column(r, existing, o, &users.v[i]);
    q = pg_render_begin(r);
    sql_addf(&q, "DROP TYPE %Q", &old);
    pg_render_add(r, &q);
    comment_enum(r, &o->name, comment);
    vec_each(i, &privileges)
        statement_add(ctx, r->ret, privileges.v[i], r->op);
    vec_each(i, &d)
        if (names_lost_value(r, existing, o, d.v[i].create) && strstr(d.v[i].create, " SET DEFAULT "))
            d.v[i].create = NULL;
    run_dependents(r, &d, true);
    return true;
}

/* The values before: the server has them, but not the changes by earlier operations of the list. */
bool pg_render_alter_enum(struct rendering *r, const struct op *op)
{
    const struct op_alter_enum *o = &op->u.alter_enum;
    struct strings existing = {0};
    vec_each(i, &o->existing_values)
        vec_add(r->ctx, &existing, o->existing_values.v[i]);
    if (!existing.n && r->pg) {
        struct answer a CLEANUP(answer_finish) = {0};
        const struct qname was = enum_before(r, &o->name, 0);
        const char *params[] = {pg_qname(&r->ctx->arena, &was)};
        if (!pg_query(r->pg,
                "SELECT enumlabel FROM pg_catalog.pg_enum WHERE enumtypid = pg_catalog.to_regtype($1) "
                "ORDER BY enumsortorder",
                params, 1, &a))
            return false;
        for (int i = 0; i < answer_rows(&a); i++)
            vec_add(r->ctx, &existing, answer_copy(&a, i, 0));
    }
    struct strings before = {0};
    vec_each(i, &existing)
        vec_add(r->ctx, &before, existing.v[i]);
    rename_values(r, o, &existing);
    if (strings_eq(&existing, &o->values))
        return true;
    if (is_in_place(r, o, &existing)) {
        add_in_place(r, o, &existing);
        return true;
    }
    return recreate(r, o, &before);
}
