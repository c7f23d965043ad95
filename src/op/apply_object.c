/* Applies operations on objects of the table of kinds. */
#include "op/apply.h"
#include "op/apply_schema.h"

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

    return call_missing(call, object_word(call), &name);
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
    o->access = NULL;
    if (objects_find(objects_of(call), o)) {
        const struct qname name = {.name = object_text(&call->ctx->arena, o)};

        return call->op->u.object.if_not_exists || call_taken(call, object_word(call), &name);
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

/* A statement that creates the object, under its name. */
static const char *text_renamed(
    const struct op_call *call, enum object_kind kind, const struct object *o, const char *text)
{
    struct sql q = sql_begin(call->ctx, call->dialect);
    size_t at, n;

    if (!text || !call->dialect || !object_sql_name(kind, text, &at, &n))
        return text;
    sql_addf(&q, "%E%Q%E", arena_strndup(&call->ctx->arena, text, at), &o->name, text + at + n);
    return sql_end(&q);
}

static struct dtext sql_renamed(const struct op_call *call, enum object_kind kind, const struct object *o)
{
    struct dtext sql = {.text = text_renamed(call, kind, o, o->sql.text)};
    struct dtext_by *by;
    size_t n = 0;

    while (o->sql.by && o->sql.by[n].dialect)
        n++;
    by = arena_alloc(&call->ctx->arena, (n + 1) * sizeof(*by));
    for (size_t i = 0; i < n; i++)
        by[i] = (struct dtext_by){o->sql.by[i].dialect, text_renamed(call, kind, o, o->sql.by[i].text)};
    sql.by = n ? by : NULL;
    return sql;
}

/* ---- collations ---- */

static void collation_follow(const char **collation, const char *from, const char *to)
{
    if (str_eq(*collation, from))
        *collation = to;
}

static void parts_follow_collation(const struct index_parts *parts, const char *from, const char *to)
{
    vec_each(i, parts)
        collation_follow(&parts->v[i]->collation, from, to);
}

static void indexes_follow_collation(const struct indexes *list, const char *from, const char *to)
{
    vec_each(i, list)
        parts_follow_collation(&list->v[i]->parts, from, to);
}

static void tables_follow_collation(
    const struct op_call *call, const struct qname *old, const struct qname *new)
{
    const char *from = qname_text(&call->ctx->arena, old), *to = qname_text(&call->ctx->arena, new);

    vec_each(i, &call->schema->tables) {
        struct table *t = call->schema->tables.v[i];

        vec_each(k, &t->columns)
            collation_follow(&t->columns.v[k]->collation, from, to);
        vec_each(k, &t->excludes)
            parts_follow_collation(&t->excludes.v[k]->parts, from, to);
        indexes_follow_collation(&t->indexes, from, to);
    }
    vec_each(i, &call->schema->views)
        indexes_follow_collation(&call->schema->views.v[i]->indexes, from, to);
}

bool call_rename_object(const struct op_call *call)
{
    enum object_kind kind = op_object_kind(call->op->kind);
    struct object *o = objects_find(objects_of(call), object_of(call));
    struct object renamed = op_renamed_object(&call->ctx->arena, call->op);

    if (!o)
        return object_missing(call);
    renamed.name = call_name(call, renamed.name);
    renamed.of = o->of;
    object_make_key(&call->ctx->arena, kind, &renamed);
    struct object *other = objects_find(objects_of(call), &renamed);
    if (other && other != o) {
        const struct qname name = {.name = object_text(&call->ctx->arena, &renamed)};

        return call_taken(call, object_word(call), &name);
    }
    const struct qname from = o->name;
    o->name = renamed.name;
    o->key = renamed.key;
    o->native = text_renamed(call, kind, o, o->native);
    o->sql = sql_renamed(call, kind, o);
    objects_sort(objects_of(call));
    if (kind == OBJECT_TYPE || kind == OBJECT_DOMAIN || kind == OBJECT_FOREIGN_TABLE)
        call_follow_type(call, &from, &o->name);
    if (kind == OBJECT_COLLATION)
        tables_follow_collation(call, &from, &o->name);
    return true;
}

/* What divides the name of a kind whose objects are named by types, as in "pair as text"; NULL: none. */
static const char *divider_of(size_t kind)
{
    return kind == OBJECT_CAST ? " as " : kind == OBJECT_TRANSFORM ? " language " : NULL;
}

static const char *name_following_type(const struct op_call *call, size_t kind, const char *name,
    const struct qname *from, const struct qname *to)
{
    struct ctx *ctx = call->ctx;
    const char *divider = divider_of(kind), *at = divider ? strstr(name, divider) : NULL;

    if (!at)
        return name;
    const char *first = arena_strndup(&ctx->arena, name, (size_t)(at - name)), *rest = at + strlen(divider);
    return ctx_printf(ctx, "%s%s%s", signature_rename_type(ctx, call->dialect, first, from, to), divider,
        kind == OBJECT_CAST ? signature_rename_type(ctx, call->dialect, rest, from, to) : rest);
}

void objects_follow_type(const struct op_call *call, const struct qname *from, const struct qname *to)
{
    for (size_t kind = 0; kind < OBJECT_KINDS; kind++) {
        if (object_table[kind].naming != NAMED_BY_SIGNATURE && !divider_of(kind))
            continue;
        vec_each(i, &call->schema->objects[kind]) {
            struct object *o = call->schema->objects[kind].v[i];

            o->name.name = name_following_type(call, kind, o->name.name, from, to);
            o->signature = signature_rename_type(call->ctx, call->dialect, o->signature, from, to);
            object_make_key(&call->ctx->arena, (enum object_kind)kind, o);
        }
        objects_sort(&call->schema->objects[kind]);
    }
}

void objects_drop_on(struct schema *s, const struct qname *table)
{
    for (size_t kind = 0; kind < OBJECT_KINDS; kind++)
        for (size_t i = s->objects[kind].n; i-- > 0;)
            if (s->objects[kind].v[i]->of.name && qname_eq(&s->objects[kind].v[i]->of, table))
                vec_remove(&s->objects[kind], i);
}

static bool has_late_bodies(const struct op_call *call)
{
    return call->dialect && call->dialect->has.late_bodies;
}

/* The text of a trigger with another name for its table, which is after the first ON. */
static const char *text_on(
    const struct op_call *call, const char *text, const struct qname *from, const struct qname *to)
{
    bool is_on = false;

    for (const char *s = text; s && *s;) {
        const struct sql_piece p = sql_piece(s, call->dialect->grammar);
        struct sql q = sql_begin(call->ctx, call->dialect);

        if (is_on && str_eq(sql_piece_text(&call->ctx->arena, &p), from->name)) {
            sql_addf(&q, "%E%Q%E", arena_strndup(&call->ctx->arena, text, (size_t)(s - text)), to, s + p.n);
            return sql_end(&q);
        }
        if (is_on && p.kind != SQL_SPACE && p.kind != SQL_COMMENT)
            break;
        is_on = is_on || sql_piece_is(&p, "on");
        s += p.n;
    }
    return text;
}

/* A body that is read when it runs keeps the names that it has. */
static void text_follows(
    const struct op_call *call, struct object *o, const struct qname *from, const struct qname *to)
{
    if (has_late_bodies(call)) {
        o->native = text_on(call, o->native, from, to);
        o->sql = (struct dtext){.text = text_on(call, dtext_for(&o->sql, call->dialect->name), from, to)};
        return;
    }
    o->native = sql_rename(call->ctx, call->dialect, o->native, from->name, to->name);
    o->sql = (struct dtext){0};
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
            text_follows(call, o, from, to);
        }
        if (any)
            objects_sort(&call->schema->objects[kind]);
    }
}

void objects_follow_column(
    const struct op_call *call, const struct qname *table, const char *from, const char *to)
{
    if (has_late_bodies(call))
        return;
    for (size_t kind = 0; kind < OBJECT_KINDS; kind++)
        vec_each(i, &call->schema->objects[kind]) {
            struct object *o = call->schema->objects[kind].v[i];

            if (!o->of.name || !qname_eq(&o->of, table))
                continue;
            o->native = sql_rename(call->ctx, call->dialect, o->native, from, to);
            o->sql = (struct dtext){0};
        }
}
