/*
 * Changes of a column that exists.
 *
 * As much as possible is one ALTER TABLE, since each may rewrite the table. The present type, default and sequence
 * decide what must go first, so they are queried. Numbering is in render_numbering.c.
 */
#include "dialect/postgresql/render/render_alter.h"
#include "dialect/postgresql/render/column_users.h"
#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/spell/types.h"

void altering_add(struct altering *w, const char *action)
{
    sql_addf(&w->actions, *sql_end(&w->actions) ? ", ALTER COLUMN %I %E" : "ALTER COLUMN %I %E", w->o->name,
        action);
}

void altering_flush(struct rendering *r, struct altering *w)
{
    if (!*sql_end(&w->actions))
        return;
    struct sql q = pg_render_alter(r, &w->o->table);
    sql_add(&q, sql_end(&w->actions));
    pg_render_add(r, &q);
    w->actions = pg_render_begin(r);
}

/* Booleans and numbers can be cast only via integer. */
static const char *cast_path(struct rendering *r, const struct altering *w, const char *column)
{
    struct arena *a = &r->ctx->arena;
    const char *to = w->wanted.native, *from = w->now.type ? w->now.type : "text";
    bool by_integer = (str_eq(from, "boolean") && pg_assignable(a, "integer", to)) ||
                      (str_eq(to, "boolean") && pg_assignable(a, from, "integer"));
    bool is_text = pg_assignable(a, from, "text") && str_starts(pg_type_base(a, from), "character");
    if (w->now.has_cast || str_eq(pg_type_base(a, from), "text") || is_text)
        return arena_printf(a, "%s::%s", column, to);
    if (by_integer && !str_eq(from, "integer") && !str_eq(to, "integer"))
        return arena_printf(a, "%s::integer::%s", column, to);
    if (by_integer)
        return arena_printf(a, "%s::%s", column, to);
    return arena_printf(
        a, str_ends(to, "[]") && str_ends(from, "[]") ? "%s::text[]::%s" : "%s::text::%s", column, to);
}

static bool needs_using(struct rendering *r, const struct altering *w)
{
    struct arena *a = &r->ctx->arena;
    if (w->now.is_assigned)
        return false;
    return !pg_assignable(a, w->now.type ? w->now.type : "unknown", w->wanted.native);
}

static void alter_type(struct rendering *r, struct altering *w, bool with_using)
{
    const struct op_alter_column *o = w->o;
    const char *using = dtext_for(&o->using, "postgresql");
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "TYPE %E", w->wanted.native);
    /* Without it the type's own collation would be used again. */
    const char *collation = ALTER_HAS(o, ALTER_COLLATION) ? o->collation : w->now.collation;
    if (collation)
        pg_render_collation(&q, collation);
    if (using)
        sql_addf(&q, " USING %E", using);
    else if (with_using)
        sql_addf(&q, " USING %E", cast_path(r, w, pg_ident(&r->ctx->arena, o->name)));
    altering_add(w, sql_end(&q));
}

/* The existing default, for the new type: a literal is read again, anything else is cast. */
static const char *kept_default(struct rendering *r, const struct altering *w)
{
    const char *literal, *type;
    if (pg_literal(&r->ctx->arena, w->now.dflt, &literal, &type))
        return literal;
    return ctx_printf(r->ctx, "(%s)::%s", w->now.dflt, w->wanted.native);
}

static bool alter_default(struct rendering *r, struct altering *w)
{
    const struct value *v = &w->wanted.dflt;
    struct sql q = pg_render_begin(r);
    if (v->kind == VALUE_NONE) {
        altering_add(w, "DROP DEFAULT");
        return true;
    }
    sql_add(&q, "SET DEFAULT ");
    if (!pg_render_value(r, &q, v))
        return false;
    altering_add(w, sql_end(&q));
    return true;
}

/* Otherwise a literal would depend on the old type. */
static bool is_literal(struct rendering *r, const char *text)
{
    const char *literal, *type;
    return pg_literal(&r->ctx->arena, text, &literal, &type);
}

/* Type and default together: the old default must not be in the way of the new type. */
static bool alter_type_and_default(struct rendering *r, struct altering *w)
{
    const struct op_alter_column *o = w->o;
    bool has_type = w->wanted.native && !str_eq(w->wanted.native, w->now.type);
    bool has_collation = ALTER_HAS(o, ALTER_COLLATION);
    bool has_default = w->gives_default, has_using = dtext_is_set(&o->using);
    if (!w->wanted.native && has_collation)
        w->wanted.native = w->now.type ? w->now.type : "text";
    if (has_type && !column_is_free(r, &o->table, o->name, COLUMN_RETYPED))
        return false;
    if (has_type || has_collation || has_using) {
        bool with_using = has_type && needs_using(r, w);
        bool is_dropped =
            w->now.dflt && has_type && (has_default || with_using || is_literal(r, w->now.dflt));
        if (is_dropped && !(has_default && w->wanted.dflt.kind == VALUE_NONE))
            altering_add(w, "DROP DEFAULT");
        alter_type(r, w, with_using);
        if (is_dropped && !has_default)
            altering_add(w, ctx_printf(r->ctx, "SET DEFAULT %s", kept_default(r, w)));
    }
    return !has_default || alter_default(r, w);
}

/* The server silently drops what depends on a column together with it: that must be dropped and created again
 * by operations of its own. */
static void refuse_built_on(struct rendering *r, const struct op_alter_column *o)
{
    struct sql body = pg_render_begin(r), q = body;
    sql_addf(&body,
        "DECLARE built text; BEGIN "
        "SELECT pg_catalog.string_agg(pg_catalog.pg_describe_object(d.classid, d.objid, 0), ', ') INTO built "
        "FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum "
        "= "
        "d.refobjsubid "
        "LEFT JOIN pg_catalog.pg_class c ON d.classid = 'pg_catalog.pg_class'::regclass AND c.oid = d.objid "
        "LEFT JOIN pg_catalog.pg_constraint k ON d.classid = 'pg_catalog.pg_constraint'::regclass AND k.oid "
        "= "
        "d.objid "
        "WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = %L::regclass AND a.attname = "
        "%L "
        "AND (c.relkind = 'i' OR k.contype <> 'n'); "
        "IF built IS NOT NULL THEN RAISE EXCEPTION 'the column must be recreated, and %% would be lost', "
        "built "
        "USING HINT = 'Drop it before this operation and create it again after it.'; END IF; END",
        pg_qname(&r->ctx->arena, &o->table), o->name);
    sql_addf(&q, "DO %L", sql_end(&body));
    pg_render_add(r, &q);
}

static void keep_comment(struct rendering *r, const struct altering *w)
{
    if (w->now.comment && !ALTER_HAS(w->o, ALTER_COMMENT))
        pg_render_column_comment(r, &w->o->table, w->o->name, w->now.comment);
}

/* Whether DROP EXPRESSION does it: PostgreSQL 13 has it, for values that are stored. */
static bool can_drop_expression(const struct rendering *r, const struct altering *w)
{
    return w->now.generated != 'v' && (!r->pg || r->pg->version >= 130000);
}

/* A column of the same type takes the values over, and then the name. */
static void make_plain(struct rendering *r, struct altering *w)
{
    static const char other[] = "cmig plain";
    const struct op_alter_column *o = w->o;
    struct sql type = pg_render_begin(r);
    sql_add(&type, w->now.type);
    if (w->now.collation)
        pg_render_collation(&type, w->now.collation);
    refuse_built_on(r, o);
    struct sql q = pg_render_alter(r, &o->table);
    sql_addf(&q, "ADD COLUMN %I %E", other, sql_end(&type));
    pg_render_add(r, &q);
    q = pg_render_alter(r, &o->table);
    sql_addf(&q, "ALTER COLUMN %I TYPE %E USING %I", other, sql_end(&type), o->name);
    pg_render_add(r, &q);
    q = pg_render_alter(r, &o->table);
    sql_addf(&q, "DROP COLUMN %I", o->name);
    pg_render_add(r, &q);
    q = pg_render_alter(r, &o->table);
    sql_addf(&q, "RENAME COLUMN %I TO %I", other, o->name);
    pg_render_add(r, &q);
    keep_comment(r, w);
    if (w->now.not_null && !ALTER_HAS(o, ALTER_NULLABLE))
        altering_add(w, "SET NOT NULL");
    w->now.not_null = false;
}

/* Before PostgreSQL 17 an expression can only be changed by recreating the column; whether it is stored,
 * never. */
static bool can_set_expression(const struct rendering *r, const struct altering *w)
{
    const struct generated *wanted = w->o->generated;
    return w->now.generated && (w->now.generated == 's') == wanted->stored && r->pg &&
           r->pg->version >= 170000;
}

static bool alter_generated(struct rendering *r, struct altering *w)
{
    const struct op_alter_column *o = w->o;
    if (!o->generated && (can_drop_expression(r, w) || !w->now.type)) {
        altering_add(w, "DROP EXPRESSION IF EXISTS");
        return true;
    }
    if (!o->generated) {
        make_plain(r, w);
        return true;
    }
    const char *sql = pg_render_expr(&o->generated->expr);
    if (sql && can_set_expression(r, w)) {
        altering_add(w, ctx_printf(r->ctx, "SET EXPRESSION AS (%s)", sql));
        return true;
    }
    struct column c = {.name = o->name,
        .native = w->wanted.native ? w->wanted.native : w->now.type,
        .collation = w->now.collation,
        .nullable = ALTER_HAS(o, ALTER_NULLABLE) ? o->nullable : !w->now.not_null,
        .generated = o->generated};
    if (!c.native)
        return fail(r->ctx, STATUS_CONFIG, "the type of column '%s' is needed to recreate it", o->name);
    refuse_built_on(r, o);
    struct sql q = pg_render_alter(r, &o->table);
    sql_addf(&q, "DROP COLUMN %I, ADD COLUMN ", o->name);
    if (!pg_render_column_definition(r, &q, NULL, &c))
        return false;
    pg_render_add(r, &q);
    keep_comment(r, w);
    w->is_recreated = true;
    return true;
}

static void alter_nullable(struct altering *w)
{
    const struct op_alter_column *o = w->o;
    if (ALTER_HAS(o, ALTER_NULLABLE) && (o->nullable != !w->now.not_null || !w->now.known))
        altering_add(w, o->nullable ? "DROP NOT NULL" : "SET NOT NULL");
}

static bool altering_begin(struct rendering *r, const struct op_alter_column *o, struct altering *ret)
{
    struct altering w = {.o = o, .actions = pg_render_begin(r)};
    w.wanted = (struct column){.name = o->name, .dflt = o->dflt, .type = o->type};
    if (ALTER_HAS(o, ALTER_TYPE)) {
        w.is_serial = pg_is_serial(&w.wanted);
        if (!pg_type_native(r->ctx, NULL, &w.wanted, &w.wanted.native))
            return false;
    }
    w.gives_default = ALTER_HAS(o, ALTER_DEFAULT) && !(w.is_serial && o->dflt.kind == VALUE_NONE);
    bool asks = ALTER_HAS(o, ALTER_TYPE) || ALTER_HAS(o, ALTER_IDENTITY) ||
                ALTER_HAS(o, ALTER_AUTOINCREMENT) || ALTER_HAS(o, ALTER_GENERATED) ||
                ALTER_HAS(o, ALTER_COLLATION) || ALTER_HAS(o, ALTER_OPTIONS) || ALTER_HAS(o, ALTER_DEFAULT);
    if (asks && !pg_render_column_now(r, &o->table, o->name, w.wanted.native, &w.now))
        return false;
    *ret = w;
    return true;
}

bool pg_render_retyping(struct rendering *r, const struct op_alter_column *o, struct retyping *ret)
{
    const char *using = dtext_for(&o->using, "postgresql"), *name = pg_ident(&r->ctx->arena, o->name);
    struct altering w;
    if (!altering_begin(r, o, &w))
        return false;
    if (!w.wanted.native)
        w.wanted.native = w.now.type;
    bool is_cast = w.wanted.native && !str_eq(w.wanted.native, w.now.type) && needs_using(r, &w);
    *ret = (struct retyping){.now = w.now, .type = w.wanted.native, .is_serial = w.is_serial};
    ret->collation = ALTER_HAS(o, ALTER_COLLATION) ? o->collation : w.now.collation;
    ret->conversion = using ? using : is_cast ? cast_path(r, &w, name) : name;
    if (w.now.dflt)
        ret->dflt = is_cast || is_literal(r, w.now.dflt) ? kept_default(r, &w) : w.now.dflt;
    return true;
}

bool pg_render_alter_column(struct rendering *r, const struct op *op)
{
    const struct op_alter_column *o = &op->u.alter_column;
    struct altering w;
    if (!altering_begin(r, o, &w))
        return false;
    if (ALTER_HAS(o, ALTER_GENERATED) && !alter_generated(r, &w))
        return false;
    if (!w.is_recreated) {
        /* A column that is no longer numbered by the database loses that first; one that becomes numbered gets
         * it last. */
        pg_render_leave_identity(r, &w);
        if (!alter_type_and_default(r, &w))
            return false;
        if (!o->nullable)
            alter_nullable(&w);
        if (!pg_render_numbering(r, &w))
            return false;
        if (o->nullable) /* an identity column cannot be null: that ends first */
            alter_nullable(&w);
        altering_flush(r, &w);
    }
    altering_flush(r, &w);
    if (ALTER_HAS(o, ALTER_OPTIONS) && !pg_render_options(r, &o->table, o->name, o->options, w.now.storage))
        return false;
    if (ALTER_HAS(o, ALTER_COMMENT))
        pg_render_column_comment(r, &o->table, o->name, o->comment);
    if (ALTER_HAS(o, ALTER_NEW_NAME) && o->new_name)
        return pg_render_column_rename(r, &o->table, o->name, o->new_name);
    return true;
}
