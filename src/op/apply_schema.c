/* Applies operations on schemas, sequences and views, and on comments of all objects but tables. */
#include "op/apply_schema.h"
#include "op/apply.h"

struct qname call_name(const struct op_call *call, struct qname name)
{
    if (name.schema && str_eq(name.schema, call->schema->default_schema))
        name.schema = NULL;
    return name;
}

struct table *call_find_table(const struct op_call *call, const struct qname *name)
{
    struct table *t = schema_table(call->schema, name);

    if (t || !call->dialect || !call->dialect->has.folded_names ||
        !schema_may_have_table(call->ctx, call->schema, name->name))
        return t;
    for (size_t i = 0; !t && i < call->schema->tables.n; i++) {
        const struct qname *other = &call->schema->tables.v[i]->name;

        if (str_eq(other->schema, name->schema) && name_same(call->dialect, other->name, name->name))
            t = call->schema->tables.v[i];
    }
    return t;
}

bool view_reads(const struct view *v, const struct qname *name)
{
    const char *body = v->body.native ? v->body.native : v->body.sql.text;

    vec_each(i, &v->depends_on) {
        struct qname read = {0};
        struct arena a = {0};
        bool same = qname_parse(&a, v->depends_on.v[i], &read) && qname_eq(&read, name);

        arena_finish(&a);
        if (same)
            return true;
    }
    return !v->depends_on.n && sql_mentions(body, name->name) &&
           (!name->schema || sql_mentions(body, name->schema));
}

bool call_missing(const struct op_call *call, const char *what, const struct qname *name)
{
    return fail(
        call->ctx, STATUS_CONFIG, "%s '%s' does not exist", what, qname_text(&call->ctx->arena, name));
}

bool call_taken(const struct op_call *call, const char *what, const struct qname *name)
{
    return fail(
        call->ctx, STATUS_CONFIG, "%s '%s' already exists", what, qname_text(&call->ctx->arena, name));
}

bool call_nothing(const struct op_call *call)
{
    (void)call;
    return true;
}

/* ---- schemas ------------------------------------------------------------------------------------------ */

static size_t find_namespace(const struct schema *s, const char *name)
{
    size_t i = 0;

    while (i < s->namespaces.n && !str_eq(s->namespaces.v[i]->name, name))
        i++;
    return i;
}

bool call_create_schema(const struct op_call *call)
{
    const struct op_schema *o = &call->op->u.schema;
    struct namespaces *list = &call->schema->namespaces;
    struct namespace *n;
    size_t at = 0;

    if (find_namespace(call->schema, o->name) < list->n)
        return o->if_not_exists || call_taken(call, "schema", &(struct qname){.name = o->name});
    n = ctx_new(call->ctx, struct namespace);
    n->name = o->name;
    while (at < list->n && str_cmp(list->v[at]->name, o->name) < 0)
        at++;
    vec_insert(call->ctx, list, at, n);
    return true;
}

bool call_drop_schema(const struct op_call *call)
{
    const struct op_schema *o = &call->op->u.schema;
    size_t at = find_namespace(call->schema, o->name);

    if (at == call->schema->namespaces.n)
        return o->if_exists || call_missing(call, "schema", &(struct qname){.name = o->name});
    vec_remove(&call->schema->namespaces, at);
    return true;
}

/* ---- the database ------------------------------------------------------------------------------------- */

bool call_alter_database(const struct op_call *call)
{
    options_alter(call->ctx, &call->schema->options, &call->op->u.alter_database.options);
    return true;
}

/* ---- sequences ---------------------------------------------------------------------------------------- */

/* The sequence of a serial column is listed only once an operation names it: then the column is taken apart. */
static struct sequence *find_sequence(const struct op_call *call, const struct qname *name)
{
    struct sequence *q = schema_sequence(call->schema, name);
    struct qname own;
    bool comes_with_it;

    for (size_t i = 0; !q && call->dialect && call->dialect->serial_apart && i < call->schema->tables.n;
         i++) {
        const struct table *t = call->schema->tables.v[i];

        for (size_t k = 0; !q && k < t->columns.n; k++) {
            struct column *c = t->columns.v[k];

            if (call->dialect->column_sequence(call->ctx, t, c, &own, &comes_with_it) && comes_with_it &&
                qname_eq(&own, name))
                q = call->dialect->serial_apart(call->ctx, t, c);
        }
        if (q)
            schema_insert_sequence(call->ctx, call->schema, q);
    }
    return q;
}

/* 'name', as a default has it. */
static const char *sequence_literal(const struct op_call *call, const struct qname *name)
{
    struct sql text = sql_begin(call->ctx, call->dialect), literal = sql_begin(call->ctx, call->dialect);

    sql_qname(&text, name);
    sql_string(&literal, sql_end(&text));
    return sql_end(&literal);
}

static const char *with_literal(struct ctx *ctx, const char *text, const char *old, const char *new)
{
    const char *at = text ? strstr(text, old) : NULL;

    return at ? ctx_printf(ctx, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old)) : text;
}

/* Where the sequence is a name in the expression, as in nextval(ticket). */
static void names_follow_sequence(
    const struct op_call *call, const struct qname *from, const struct qname *to)
{
    vec_each(i, &call->schema->tables) {
        const struct table *t = call->schema->tables.v[i];

        vec_each(k, &t->columns) {
            struct expr *e = &t->columns.v[k]->dflt.expr;

            if (t->columns.v[k]->dflt.kind != VALUE_SQL)
                continue;
            e->native = sql_rename(call->ctx, call->dialect, e->native, from->name, to->name);
            e->sql.text = sql_rename(call->ctx, call->dialect, e->sql.text, from->name, to->name);
        }
    }
}

void defaults_follow_sequence(const struct op_call *call, const struct qname *from, const struct qname *to)
{
    struct qname name;
    bool comes_with_it;

    if (!call->dialect || !call->dialect->has.sequences)
        return;
    if (!call->dialect->column_sequence) {
        names_follow_sequence(call, from, to);
        return;
    }
    const char *old = sequence_literal(call, from), *new = sequence_literal(call, to);
    vec_each(i, &call->schema->tables) {
        const struct table *t = call->schema->tables.v[i];

        vec_each(k, &t->columns) {
            struct expr *e = &t->columns.v[k]->dflt.expr;

            if (!call->dialect->column_sequence(call->ctx, t, t->columns.v[k], &name, &comes_with_it) ||
                comes_with_it)
                continue;
            e->native = with_literal(call->ctx, e->native, old, new);
            e->sql.text = with_literal(call->ctx, e->sql.text, old, new);
        }
    }
}

bool call_create_sequence(const struct op_call *call)
{
    struct sequence *q = ctx_new(call->ctx, struct sequence);

    *q = call->op->u.sequence.sequence;
    q->name = call_name(call, q->name);
    q->owner = call_name(call, q->owner);
    q->access = NULL;
    if (schema_sequence(call->schema, &q->name))
        return call_taken(call, "sequence", &q->name);
    schema_insert_sequence(call->ctx, call->schema, q);
    return true;
}

bool call_drop_sequence(const struct op_call *call)
{
    const struct op_drop *o = &call->op->u.drop;
    struct qname name = call_name(call, o->name);
    struct sequence *q = find_sequence(call, &name);

    if (!q)
        return o->if_exists || call_missing(call, "sequence", &name);
    schema_remove_sequence(call->schema, q);
    return true;
}

bool call_alter_sequence(const struct op_call *call)
{
    struct qname name = call_name(call, call->op->u.sequence.sequence.name);
    struct sequence *q = find_sequence(call, &name);

    if (!q)
        return call_missing(call, "sequence", &name);
    struct access *access = q->access;
    *q = call->op->u.sequence.sequence;
    q->access = access;
    q->name = name;
    q->owner = call_name(call, q->owner);
    return true;
}

bool call_rename_sequence(const struct op_call *call)
{
    struct qname from = call_name(call, call->op->u.rename.name),
                 to = call_name(call, call->op->u.rename.new_name);
    struct sequence *q = find_sequence(call, &from);

    if (!q)
        return call_missing(call, "sequence", &from);
    if (schema_sequence(call->schema, &to))
        return call_taken(call, "sequence", &to);
    schema_remove_sequence(call->schema, q);
    q->name = to;
    schema_insert_sequence(call->ctx, call->schema, q);
    defaults_follow_sequence(call, &from, &to);
    return true;
}

/* ---- views -------------------------------------------------------------------------------------------- */

static struct view *view_of(const struct op_call *call)
{
    struct work w = {.ctx = call->ctx, .dialect = call->dialect, .op = call->op};
    struct view *v = view_copy(call->ctx, &call->op->u.view.view);

    v->name = call_name(call, v->name);
    v->access = NULL;
    native_expr(&w, &v->body);
    vec_each(i, &v->indexes)
        native_index(&w, v->indexes.v[i]);
    return v;
}

bool call_create_view(const struct op_call *call)
{
    struct view *v = view_of(call);

    if (schema_view(call->schema, &v->name) || schema_table(call->schema, &v->name))
        return call_taken(call, "view", &v->name);
    schema_insert_view(call->ctx, call->schema, v);
    return true;
}

bool call_replace_view(const struct op_call *call)
{
    struct view *v = view_of(call), *old = schema_view(call->schema, &v->name);

    if (!old)
        return call_missing(call, "view", &v->name);
    v->access = old->access;
    *old = *v;
    schema_note_indexes(call->schema, &old->name, &old->indexes);
    return true;
}

bool call_drop_view(const struct op_call *call)
{
    const struct op_drop *o = &call->op->u.drop;
    struct qname name = call_name(call, o->name);
    struct view *v = schema_view(call->schema, &name);

    if (!v)
        return o->if_exists || call_missing(call, "view", &name);
    schema_remove_view(call->schema, v);
    objects_drop_on(call->schema, &name);
    for (size_t i = call->schema->views.n; o->cascade && i-- > 0;)
        if (view_reads(call->schema->views.v[i], &name))
            vec_remove(&call->schema->views, i);
    return true;
}

bool call_rename_view(const struct op_call *call)
{
    struct qname from = call_name(call, call->op->u.rename.name),
                 to = call_name(call, call->op->u.rename.new_name);
    struct view *v = schema_view(call->schema, &from);

    if (!v)
        return call_missing(call, "view", &from);
    if (schema_view(call->schema, &to) || schema_table(call->schema, &to))
        return call_taken(call, "view", &to);
    schema_remove_view(call->schema, v);
    v->name = to;
    schema_insert_view(call->ctx, call->schema, v);
    views_follow(call->ctx, call->schema, &from, &to);
    objects_follow(call, &from, &to);
    return true;
}

/* ---- comments ----------------------------------------------------------------------------------------- */

static bool comment_view(const struct op_call *call, const struct qname *name)
{
    struct view *v = schema_view(call->schema, name);

    if (!v)
        return call_missing(call, "view", name);
    v->comment = call->op->u.set_comment.comment;
    return true;
}

static bool comment_enum(const struct op_call *call, const struct qname *name)
{
    struct enumeration *e = schema_enum(call->schema, name);

    if (!e)
        return call_missing(call, "enum", name);
    e->comment = call->op->u.set_comment.comment;
    return true;
}

static bool comment_sequence(const struct op_call *call, const struct qname *name)
{
    struct sequence *q = find_sequence(call, name);

    if (!q)
        return call_missing(call, "sequence", name);
    q->comment = call->op->u.set_comment.comment;
    return true;
}

static bool comment_namespace(const struct op_call *call, const struct qname *name)
{
    size_t at = find_namespace(call->schema, name->name);

    if (at == call->schema->namespaces.n)
        return call_missing(call, "schema", name);
    call->schema->namespaces.v[at]->comment = call->op->u.set_comment.comment;
    return true;
}

static const struct {
    const char *on;
    bool (*set)(const struct op_call *call, const struct qname *name);
} commented[] = {
    {"view", comment_view},
    {"enum", comment_enum},
    {"sequence", comment_sequence},
    {"schema", comment_namespace},
};

static bool comment_object(const struct op_call *call)
{
    struct arena *a = &call->ctx->arena;
    enum object_kind kind;
    struct object wanted, *o;

    op_commented_object(a, &call->op->u.set_comment, &kind, &wanted);
    if (kind < OBJECT_KINDS) {
        wanted.name = call_name(call, wanted.name);
        wanted.of = call_name(call, wanted.of);
        object_make_key(a, kind, &wanted);
    }
    o = kind < OBJECT_KINDS ? objects_find(&call->schema->objects[kind], &wanted) : NULL;
    if (!o) {
        const struct qname name = {.name = object_text(a, &wanted)};

        return call_missing(call, call->op->u.set_comment.on, &name);
    }
    o->comment = call->op->u.set_comment.comment;
    return true;
}

bool call_set_comment(const struct op_call *call)
{
    struct qname name = call_name(call, call->op->u.set_comment.name);

    for (size_t i = 0; i < COUNT_OF(commented); i++)
        if (str_eq(commented[i].on, call->op->u.set_comment.on))
            return commented[i].set(call, &name);
    if (object_kind_by_name(call->op->u.set_comment.on) < OBJECT_KINDS)
        return comment_object(call);
    return call_on_table(call);
}

/* ---- lists -------------------------------------------------------------------------------------------- */

bool ops_apply(struct ctx *ctx, const struct dialect *dialect, struct schema *s, const struct ops *ops)
{
    vec_each(i, ops) {
        struct op_call call = {.ctx = ctx, .dialect = dialect, .schema = s, .op = ops->v[i]};

        if (!op_table[call.op->kind].apply(&call))
            return fail_in(ctx, "%soperation %zu of %u, %s", pos_text(&ctx->arena, call.op->pos), i + 1,
                ops->n, op_describe(&ctx->arena, call.op));
    }
    return true;
}
