/* What does an operation do to what stands beside the tables: enums, sequences, views, schemas? */
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

static bool missing(const struct op_call *call, const char *what, const struct qname *name)
{
    return fail(
        call->ctx, STATUS_CONFIG, "%s '%s' does not exist", what, qname_text(&call->ctx->arena, name));
}

static bool taken(const struct op_call *call, const char *what, const struct qname *name)
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
        return o->if_not_exists || taken(call, "schema", &(struct qname){.name = o->name});
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
        return o->if_exists || missing(call, "schema", &(struct qname){.name = o->name});
    vec_remove(&call->schema->namespaces, at);
    return true;
}

/* ---- enums -------------------------------------------------------------------------------------------- */

bool call_create_enum(const struct op_call *call)
{
    const struct enumeration *from = &call->op->u.create_enum.enumeration;
    struct qname name = call_name(call, from->name);
    struct enumeration *e;

    if (schema_enum(call->schema, &name))
        return taken(call, "enum", &name);
    e = ctx_new(call->ctx, struct enumeration);
    *e = *from;
    e->name = name;
    schema_insert_enum(call->ctx, call->schema, e);
    return true;
}

bool call_drop_enum(const struct op_call *call)
{
    const struct op_drop *o = &call->op->u.drop;
    struct qname name = call_name(call, o->name);
    struct enumeration *e = schema_enum(call->schema, &name);

    if (!e)
        return o->if_exists || missing(call, "enum", &name);
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

/* Where an operation says which columns it is about, others keep their values. */
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
        return missing(call, "enum", &name);
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
    if (call->dialect && (call->dialect->features & DIALECT_ENUMS) &&
        !call->dialect->type_native(call->ctx, &t, &c, &native))
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

/* The server follows a renamed type everywhere, and so must texts that it printed before. */
void call_follow_type(const struct op_call *call, const struct qname *from, const struct qname *to)
{
    const struct type_rename r = {call, from, to};
    const struct schema *s = call->schema;

    if (!call->dialect || !(call->dialect->features & DIALECT_ENUMS))
        return;
    const char *old = type_spelling(call, from), *new = type_spelling(call, to);
    size_t n = strlen(old);
    vec_each(i, &s->tables) {
        table_follow(&r, s->tables.v[i]);
        vec_each(k, &s->tables.v[i]->columns) {
            struct column *c = s->tables.v[i]->columns.v[k];

            if (c->native && strncmp(c->native, old, n) == 0 && (!c->native[n] || c->native[n] == '['))
                c->native = ctx_printf(call->ctx, "%s%s", new, c->native + n);
        }
    }
    vec_each(i, &s->views)
        text_follow(&r, &s->views.v[i]->body);
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
        return missing(call, "enum", &from);
    if (schema_enum(call->schema, &to))
        return taken(call, "enum", &to);
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

void defaults_follow_sequence(const struct op_call *call, const struct qname *from, const struct qname *to)
{
    struct qname name;
    bool comes_with_it;

    if (!call->dialect || !call->dialect->column_sequence)
        return;
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
    if (schema_sequence(call->schema, &q->name))
        return taken(call, "sequence", &q->name);
    schema_insert_sequence(call->ctx, call->schema, q);
    return true;
}

bool call_drop_sequence(const struct op_call *call)
{
    const struct op_drop *o = &call->op->u.drop;
    struct qname name = call_name(call, o->name);
    struct sequence *q = find_sequence(call, &name);

    if (!q)
        return o->if_exists || missing(call, "sequence", &name);
    schema_remove_sequence(call->schema, q);
    return true;
}

bool call_alter_sequence(const struct op_call *call)
{
    struct qname name = call_name(call, call->op->u.sequence.sequence.name);
    struct sequence *q = find_sequence(call, &name);

    if (!q)
        return missing(call, "sequence", &name);
    *q = call->op->u.sequence.sequence;
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
        return missing(call, "sequence", &from);
    if (schema_sequence(call->schema, &to))
        return taken(call, "sequence", &to);
    schema_remove_sequence(call->schema, q);
    q->name = to;
    schema_insert_sequence(call->ctx, call->schema, q);
    defaults_follow_sequence(call, &from, &to);
    return true;
}

/* ---- objects of the table of kinds ---------------------------------------------------------------------- */

static struct objects *objects_of(const struct op_call *call)
{
    return &call->schema->objects[op_object_kind(call->op->kind)];
}

static const char *object_word(const struct op_call *call)
{
    return object_table[op_object_kind(call->op->kind)].name;
}

static bool object_missing(const struct op_call *call)
{
    const struct qname name = {.name = object_text(&call->ctx->arena, &call->op->u.object.object)};

    return missing(call, object_word(call), &name);
}

/* The object of an operation as the schema holds it. */
static struct object *object_of(const struct op_call *call)
{
    struct object *o = ctx_new(call->ctx, struct object);

    *o = call->op->u.object.object;
    o->name = call_name(call, o->name);
    o->of = call_name(call, o->of);
    object_make_key(&call->ctx->arena, op_object_kind(call->op->kind), o);
    if (!o->native)
        o->native = dtext_for(&o->sql, call->dialect ? call->dialect->name : "");
    return o;
}

bool call_create_object(const struct op_call *call)
{
    struct object *o = object_of(call);

    o->rank = SIZE_MAX; /* after all others */
    if (objects_find(objects_of(call), o)) {
        const struct qname name = {.name = object_text(&call->ctx->arena, o)};

        return call->op->u.object.if_not_exists || taken(call, object_word(call), &name);
    }
    objects_insert(call->ctx, objects_of(call), o);
    return true;
}

bool call_change_object(const struct op_call *call)
{
    const struct object *wanted = object_of(call);
    struct object *o = objects_find(objects_of(call), wanted);

    if (!o)
        return object_missing(call);
    for (size_t i = 0; i < OBJECT_SETTINGS; i++)
        if (wanted->settings[i])
            o->settings[i] = wanted->settings[i];
    if (dtext_is_set(&wanted->sql)) {
        o->sql = wanted->sql;
        o->native = wanted->native;
        o->parts = wanted->parts;
        o->comment = wanted->comment;
    }
    return true;
}

bool call_drop_object(const struct op_call *call)
{
    struct object *o = objects_find(objects_of(call), object_of(call));

    if (!o)
        return call->op->u.object.if_exists || object_missing(call);
    objects_remove(objects_of(call), o);
    return true;
}

void objects_drop_on(struct schema *s, const struct qname *table)
{
    for (size_t kind = 0; kind < OBJECT_KINDS; kind++)
        for (size_t i = s->objects[kind].n; i-- > 0;)
            if (s->objects[kind].v[i]->of.name && qname_eq(&s->objects[kind].v[i]->of, table))
                vec_remove(&s->objects[kind], i);
}

void objects_follow(const struct op_call *call, const struct qname *from, const struct qname *to)
{
    for (size_t kind = 0; kind < OBJECT_KINDS; kind++) {
        bool any = false;

        vec_each(i, &call->schema->objects[kind]) {
            struct object *o = call->schema->objects[kind].v[i];

            if (!o->of.name || !qname_eq(&o->of, from))
                continue;
            any = true;
            o->of = *to;
            o->native = sql_rename(call->ctx, call->dialect, o->native, from->name, to->name);
            o->sql = (struct dtext){0};
        }
        if (any)
            objects_sort(&call->schema->objects[kind]);
    }
}

void objects_follow_column(
    const struct op_call *call, const struct qname *table, const char *from, const char *to)
{
    for (size_t kind = 0; kind < OBJECT_KINDS; kind++)
        vec_each(i, &call->schema->objects[kind]) {
            struct object *o = call->schema->objects[kind].v[i];

            if (!o->of.name || !qname_eq(&o->of, table))
                continue;
            o->native = sql_rename(call->ctx, call->dialect, o->native, from, to);
            o->sql = (struct dtext){0};
        }
}

/* ---- views -------------------------------------------------------------------------------------------- */

static struct view *view_of(const struct op_call *call)
{
    struct work w = {.ctx = call->ctx, .dialect = call->dialect, .op = call->op};
    struct view *v = view_copy(call->ctx, &call->op->u.view.view);

    v->name = call_name(call, v->name);
    native_expr(&w, &v->body);
    vec_each(i, &v->indexes)
        native_index(&w, v->indexes.v[i]);
    return v;
}

bool call_create_view(const struct op_call *call)
{
    struct view *v = view_of(call);

    if (schema_view(call->schema, &v->name) || schema_table(call->schema, &v->name))
        return taken(call, "view", &v->name);
    schema_insert_view(call->ctx, call->schema, v);
    return true;
}

bool call_replace_view(const struct op_call *call)
{
    struct view *v = view_of(call), *old = schema_view(call->schema, &v->name);

    if (!old)
        return missing(call, "view", &v->name);
    *old = *v;
    return true;
}

bool call_drop_view(const struct op_call *call)
{
    const struct op_drop *o = &call->op->u.drop;
    struct qname name = call_name(call, o->name);
    struct view *v = schema_view(call->schema, &name);

    if (!v)
        return o->if_exists || missing(call, "view", &name);
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
        return missing(call, "view", &from);
    if (schema_view(call->schema, &to) || schema_table(call->schema, &to))
        return taken(call, "view", &to);
    schema_remove_view(call->schema, v);
    v->name = to;
    schema_insert_view(call->ctx, call->schema, v);
    objects_follow(call, &from, &to);
    return true;
}

/* ---- comments ----------------------------------------------------------------------------------------- */

static bool comment_view(const struct op_call *call, const struct qname *name)
{
    struct view *v = schema_view(call->schema, name);

    if (!v)
        return missing(call, "view", name);
    v->comment = call->op->u.set_comment.comment;
    return true;
}

static bool comment_enum(const struct op_call *call, const struct qname *name)
{
    struct enumeration *e = schema_enum(call->schema, name);

    if (!e)
        return missing(call, "enum", name);
    e->comment = call->op->u.set_comment.comment;
    return true;
}

static bool comment_sequence(const struct op_call *call, const struct qname *name)
{
    struct sequence *q = find_sequence(call, name);

    if (!q)
        return missing(call, "sequence", name);
    q->comment = call->op->u.set_comment.comment;
    return true;
}

static bool comment_namespace(const struct op_call *call, const struct qname *name)
{
    size_t at = find_namespace(call->schema, name->name);

    if (at == call->schema->namespaces.n)
        return missing(call, "schema", name);
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

        return missing(call, call->op->u.set_comment.on, &name);
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
