/* Makes a loaded schema comparable with a reflected one. */

#include "schema/prepare.h"

bool fail_nearest(
    struct preparing *p, struct pos pos, const char *word, const struct strings *names, const char *fmt, ...)
{
    const char *near = str_nearest(word, names->v, names->n), *text;
    va_list ap;

    va_start(ap, fmt);
    text = arena_vprintf(&p->ctx->arena, fmt, ap);
    va_end(ap);
    fail_at(p->ctx, STATUS_CONFIG, pos, "%s", text);
    return near ? fail_hint(p->ctx, "Did you mean '%s'?", near) : false;
}

/* ---- names -------------------------------------------------------------------------------------------- */

bool name_local(struct preparing *p, struct pos pos, const char *what, struct qname *name)
{
    if (!name->schema)
        return true;
    if (str_eq(name->schema, p->default_schema)) {
        name->schema = NULL;
        return true;
    }
    return p->dialect->has.schemas ||
           fail_at(p->ctx, STATUS_CONFIG, pos, "%s '%s': %s has no schemas", what,
               qname_text(&p->ctx->arena, name), dialect_title(p->ctx, p->dialect));
}

#define LOCAL_NAMES(p, what, list) \
    vec_each(i, &(p)->schema->list) \
        if (!name_local(p, (p)->schema->list.v[i]->pos, what, &(p)->schema->list.v[i]->name)) \
            return false;

static bool names_prepare(struct preparing *p)
{
    LOCAL_NAMES(p, "table", tables)
    LOCAL_NAMES(p, "enum", enums)
    LOCAL_NAMES(p, "sequence", sequences)
    LOCAL_NAMES(p, "view", views)
    vec_each(i, &p->schema->sequences)
        if (!name_local(p, p->schema->sequences.v[i]->pos, "table", &p->schema->sequences.v[i]->owner))
            return false;
    return true;
}

/* "public.users" and "users", or on some databases "Users" and "users", turn out to be one. */
static bool fail_same(struct preparing *p, const struct table *a, const struct table *b)
{
    struct arena *arena = &p->ctx->arena;

    fail_at(p->ctx, STATUS_CONFIG, b->pos, "table '%s' is the same as '%s' in %s",
        qname_text(arena, &b->name), qname_text(arena, &a->name), dialect_title(p->ctx, p->dialect));
    return fail_detail(p->ctx, "%sthe first definition", pos_text(arena, a->pos));
}

static bool names_check(struct preparing *p)
{
    bool folds = p->dialect->has.folded_names;

    vec_each(i, &p->schema->tables) {
        struct table *t = p->schema->tables.v[i], *first;
        char *key;

        if (i && qname_eq(&p->schema->tables.v[i - 1]->name, &t->name))
            return fail_same(p, p->schema->tables.v[i - 1], t);
        if (!folds)
            continue;
        key = str_lower(&p->ctx->arena, qname_text(&p->ctx->arena, &t->name));
        first = map_get(&p->folded, key);
        if (first)
            return fail_same(p, first, t);
        map_set(&p->folded, key, t);
    }
    return true;
}

static void namespace_add(struct preparing *p, const char *name, struct pos pos)
{
    struct namespaces *list = &p->schema->namespaces;
    struct namespace *ns;

    if (!name)
        return;
    vec_each(i, list)
        if (str_eq(list->v[i]->name, name))
            return;
    ns = ctx_new(p->ctx, struct namespace);
    *ns = (struct namespace){.name = name, .pos = pos};
    vec_add(p->ctx, list, ns);
}

/* A schema is there when it is listed, or when something is in it; the default one needs no mention. */
static bool namespaces_prepare(struct preparing *p)
{
    struct schema *s = p->schema;
    size_t kept = 0;

    vec_each(i, &s->namespaces) {
        if (str_eq(s->namespaces.v[i]->name, p->default_schema)) {
            s->home_access = s->namespaces.v[i]->access;
            continue;
        }
        if (!p->dialect->has.schemas)
            return fail_at(p->ctx, STATUS_CONFIG, s->namespaces.v[i]->pos, "%s has no schemas",
                dialect_title(p->ctx, p->dialect));
        s->namespaces.v[kept++] = s->namespaces.v[i];
    }
    s->namespaces.n = kept;
    vec_each(i, &s->tables)
        namespace_add(p, s->tables.v[i]->name.schema, s->tables.v[i]->pos);
    vec_each(i, &s->enums)
        namespace_add(p, s->enums.v[i]->name.schema, s->enums.v[i]->pos);
    vec_each(i, &s->sequences)
        namespace_add(p, s->sequences.v[i]->name.schema, s->sequences.v[i]->pos);
    vec_each(i, &s->views)
        namespace_add(p, s->views.v[i]->name.schema, s->views.v[i]->pos);
    for (size_t kind = 0; kind < OBJECT_KINDS; kind++)
        vec_each(i, &s->objects[kind])
            if (!str_eq(s->objects[kind].v[i]->name.schema, p->default_schema))
                namespace_add(p, s->objects[kind].v[i]->name.schema, s->objects[kind].v[i]->pos);
    return true;
}

/* ---- the objects -------------------------------------------------------------------------------------- */

bool fail_on_table(struct preparing *p, struct pos pos, const struct table *t)
{
    return fail_in(
        p->ctx, "%stable '%s'", pos_text(&p->ctx->arena, pos), qname_text(&p->ctx->arena, &t->name));
}

static bool table_prepare(struct preparing *p, struct table *t)
{
    if (!options_check(p, "table", t->options) || !columns_prepare(p, t) || !constraints_prepare(p, t))
        return false;
    if (p->dialect->prepare_table && !p->dialect->prepare_table(p->ctx, p->schema, t))
        return fail_on_table(p, t->pos, t);
    return true;
}

/* References are completed by other tables' primary keys, and are checked when all tables are known. */
static bool tables_prepare(struct preparing *p)
{
    vec_each(i, &p->schema->tables)
        if (!references_prepare(p, p->schema->tables.v[i]))
            return false;
    vec_each(i, &p->schema->tables)
        if (!table_prepare(p, p->schema->tables.v[i]))
            return false;
    return true;
}

static bool views_prepare(struct preparing *p)
{
    struct views *list = &p->schema->views;
    size_t kept = 0;

    vec_each(i, list) {
        struct view *v = list->v[i];

        if (!expr_prepare(p, &v->body))
            continue;
        if (!options_check(p, "view", v->options) ||
            (p->dialect->has.materialized && !indexes_prepare(p, &v->indexes)))
            return false;
        if (p->dialect->prepare_view)
            p->dialect->prepare_view(p->ctx, v);
        list->v[kept++] = v;
    }
    list->n = kept;
    return true;
}

/* A flag that is off means the same as one that is not given. */
static void drop_flags_off(struct options *o)
{
    bool flag;

    for (size_t i = o ? o->n : 0; i-- > 0;)
        if (option_flag(o->v[i].value, &flag) && !flag)
            vec_remove(o, i);
}

static bool sequences_prepare(struct preparing *p)
{
    vec_each(i, &p->schema->sequences) {
        struct sequence *q = p->schema->sequences.v[i];

        if (!p->dialect->has.sequences)
            return fail_at(p->ctx, STATUS_CONFIG, q->pos, "sequence '%s': %s has no sequences", q->name.name,
                dialect_title(p->ctx, p->dialect));
        if (!sequence_owner_check(p, q) || !options_check(p, "sequence", q->settings))
            return false;
        drop_flags_off(q->settings);
        if (!q->type)
            q->type = "bigint";
        if (p->dialect->check_sequence && !p->dialect->check_sequence(p->ctx, q->pos, q))
            return false;
    }
    return true;
}

bool schema_prepare(
    struct ctx *ctx, const struct dialect *dialect, const char *default_schema, struct schema *s)
{
    struct preparing p = {
        .ctx = ctx,
        .dialect = dialect,
        .default_schema = default_schema,
        .schema = s,
        .folded = MAP(ctx),
        .natives = MAP(ctx),
    };

    s->default_schema = default_schema;
    if (!names_prepare(&p) || !options_check(&p, "database", s->options))
        return false;
    schema_sort(s);
    if (!names_check(&p) || !partitions_prepare(&p) || !namespaces_prepare(&p) || !tables_prepare(&p) ||
        !sequences_prepare(&p) || !views_prepare(&p) || !objects_prepare(&p) || !accesses_prepare(&p))
        return false;
    schema_inherit(ctx, s); /* with native types */
    schema_sort(s);
    return schema_check_claims(ctx, dialect, s);
}

void schema_mark_external(struct ctx *ctx, const struct dialect *dialect, struct schema *s)
{
    struct preparing p = {.ctx = ctx, .dialect = dialect, .schema = s, .folded = MAP(ctx)};

    vec_each(i, &s->tables)
        map_set(&p.folded, str_lower(&ctx->arena, qname_text(&ctx->arena, &s->tables.v[i]->name)),
            s->tables.v[i]);
    vec_each(i, &s->tables)
        vec_each(k, &s->tables.v[i]->foreign_keys)
            s->tables.v[i]->foreign_keys.v[k]->external =
                !reference_resolves(&p, s->tables.v[i]->foreign_keys.v[k]);
}
