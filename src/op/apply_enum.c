/* Applies operations on enums, and changes all columns of these types. */
#include "op/apply.h"
#include "op/apply_schema.h"

bool call_create_enum(const struct op_call *call)
{
    const struct enumeration *from = &call->op->u.create_enum.enumeration;
    struct qname name = call_name(call, from->name);
    struct enumeration *e;

    if (schema_enum(call->schema, &name))
        return call_taken(call, "enum", &name);
    e = ctx_new(call->ctx, struct enumeration);
    *e = *from;
    e->name = name;
    e->access = NULL;
    schema_insert_enum(call->ctx, call->schema, e);
    return true;
}

bool call_drop_enum(const struct op_call *call)
{
    const struct op_drop *o = &call->op->u.drop;
    struct qname name = call_name(call, o->name);
    struct enumeration *e = schema_enum(call->schema, &name);

    if (!e)
        return o->if_exists || call_missing(call, "enum", &name);
    schema_remove_enum(call->schema, e);
    return true;
}

/* The enum that a column's authored type names. */
static bool column_enum(const struct op_call *call, const struct column *c, struct qname *ret)
{
    const char *text = dtext_for(&c->type, call->dialect ? call->dialect->name : "default");
    const char *problem;
    struct type t = {0};

    if (!text || !type_parse(&call->ctx->arena, text, &t, &problem) || t.kind != TYPE_ENUM)
        return false;
    *ret = call_name(call, t.enumeration);
    return true;
}

/* Visits the columns that name an enum by their authored type. */
static bool each_user(const struct op_call *call, const struct qname *name,
    bool (*visit)(const struct op_call *call, struct table *t, struct column *c))
{
    struct qname of;

    vec_each(i, &call->schema->tables) {
        struct table *t = call->schema->tables.v[i];

        vec_each(k, &t->columns)
            if (column_enum(call, t->columns.v[k], &of) && qname_eq(&of, name) &&
                !visit(call, t, t->columns.v[k]))
                return false;
    }
    return true;
}

/* If an operation lists its columns, others keep their values. */
static bool is_listed(const struct op_call *call, const struct table *t, const struct column *c)
{
    const struct strings *columns = &call->op->u.alter_enum.columns;

    return !columns->n || strings_have(columns, ctx_printf(call->ctx, "%s.%s",
                                                    qname_text(&call->ctx->arena, &t->name), c->name));
}

static bool take_values(const struct op_call *call, struct table *t, struct column *c)
{
    struct work w = {.ctx = call->ctx, .dialect = call->dialect, .table = t, .op = call->op};
    struct strings *values;

    if (!c->values || !is_listed(call, t, c))
        return true;
    values = ctx_new(call->ctx, struct strings);
    *values = call->op->u.alter_enum.values;
    c->values = values;
    imply_check(&w, c);
    return true;
}

bool call_alter_enum(const struct op_call *call)
{
    const struct op_alter_enum *o = &call->op->u.alter_enum;
    struct qname name = call_name(call, o->name);
    struct enumeration *e = schema_enum(call->schema, &name), *changed;

    if (!e)
        return call_missing(call, "enum", &name);
    /* Another object, since columns may point to the values of this one. */
    changed = ctx_new(call->ctx, struct enumeration);
    *changed = *e;
    changed->values = o->values;
    schema_remove_enum(call->schema, e);
    schema_insert_enum(call->ctx, call->schema, changed);
    return each_user(call, &name, take_values);
}

/* How the dialect spells an enum as a column's type; NULL without one. */
static const char *enum_native(const struct op_call *call, const struct qname *name)
{
    struct table t = {.name = *name};
    struct column c = {.name = "c"};
    const char *native = NULL;

    c.type.text = ctx_printf(call->ctx, "enum(%s)", qname_text(&call->ctx->arena, name));
    if (call->dialect && call->dialect->has.enums && !call->dialect->type_native(call->ctx, &t, &c, &native))
        err_clear(call->ctx);
    return native;
}

/* ---- texts that name a type ---- */

struct type_rename {
    const struct op_call *call;
    const struct qname *from, *to;
};

static void text_follow(const struct type_rename *r, struct expr *e)
{
    e->native = sql_rename_type(
        r->call->ctx, r->call->dialect, r->call->schema->default_schema, e->native, r->from, r->to);
}

static void parts_follow(const struct type_rename *r, struct index_parts *parts)
{
    vec_each(i, parts)
        text_follow(r, &parts->v[i]->expr);
}

static void table_follow(const struct type_rename *r, struct table *t)
{
    struct constraint *c;

    vec_each(i, &t->columns) {
        text_follow(r, &t->columns.v[i]->dflt.expr);
        if (t->columns.v[i]->generated)
            text_follow(r, &t->columns.v[i]->generated->expr);
    }
    for (size_t state = 0; (c = table_next_constraint(t, &state));) {
        text_follow(r, &c->check);
        text_follow(r, &c->where);
        parts_follow(r, &c->parts);
    }
    vec_each(i, &t->indexes) {
        text_follow(r, &t->indexes.v[i]->where);
        parts_follow(r, &t->indexes.v[i]->parts);
    }
}

static const char *type_spelling(const struct op_call *call, const struct qname *name)
{
    struct sql q = sql_begin(call->ctx, call->dialect);

    sql_qname(&q, name);
    return sql_end(&q);
}

/* A type as the model spells it, in the form of the database. */
static void follow_authored_type(
    const struct op_call *call, struct column *c, const struct qname *from, const struct qname *to)
{
    const char *text = dtext_for(&c->type, call->dialect->name);
    const char *old = qname_text(&call->ctx->arena, from);
    size_t n = strlen(old);

    if (text && strncmp(text, old, n) == 0 && (!text[n] || text[n] == '['))
        c->type = (struct dtext){
            .text = ctx_printf(call->ctx, "%s%s", qname_text(&call->ctx->arena, to), text + n)};
}

/* The server renames a type everywhere, and so must texts that it printed before. */
void call_follow_type(const struct op_call *call, const struct qname *from, const struct qname *to)
{
    const struct type_rename r = {call, from, to};
    const struct schema *s = call->schema;

    if (!call->dialect || !call->dialect->has.enums)
        return;
    const char *old = type_spelling(call, from), *new = type_spelling(call, to);
    size_t n = strlen(old);
    vec_each(i, &s->tables) {
        table_follow(&r, s->tables.v[i]);
        vec_each(k, &s->tables.v[i]->columns) {
            struct column *c = s->tables.v[i]->columns.v[k];

            if (c->native && strncmp(c->native, old, n) == 0 && (!c->native[n] || c->native[n] == '['))
                c->native = ctx_printf(call->ctx, "%s%s", new, c->native + n);
            follow_authored_type(call, c, from, to);
        }
    }
    vec_each(i, &s->views)
        text_follow(&r, &s->views.v[i]->body);
    objects_follow_type(call, from, to);
}

static void rename_type(
    const struct op_call *call, struct column *c, const struct qname *from, const struct qname *to)
{
    const char *old = enum_native(call, from), *new = enum_native(call, to);
    struct qname of;

    if (column_enum(call, c, &of) && qname_eq(&of, from)) {
        const char *dimensions =
            strchr(dtext_for(&c->type, call->dialect ? call->dialect->name : "default"), '[');

        c->type = (struct dtext){.text = ctx_printf(call->ctx, "enum(%s)%s",
                                     qname_text(&call->ctx->arena, to), dimensions ? dimensions : "")};
    }
    size_t n = old ? strlen(old) : 0;
    if (n && new && c->native && strncmp(c->native, old, n) == 0 && (!c->native[n] || c->native[n] == '['))
        c->native = ctx_printf(call->ctx, "%s%s", new, c->native + n);
}

bool call_rename_enum(const struct op_call *call)
{
    struct qname from = call_name(call, call->op->u.rename.name),
                 to = call_name(call, call->op->u.rename.new_name);
    struct enumeration *e = schema_enum(call->schema, &from);

    if (!e)
        return call_missing(call, "enum", &from);
    if (schema_enum(call->schema, &to))
        return call_taken(call, "enum", &to);
    schema_remove_enum(call->schema, e);
    e->name = to;
    schema_insert_enum(call->ctx, call->schema, e);
    vec_each(i, &call->schema->tables) {
        const struct columns *columns = &call->schema->tables.v[i]->columns;

        vec_each(k, columns)
            rename_type(call, columns->v[k], &from, &to);
    }
    call_follow_type(call, &from, &to);
    return true;
}
