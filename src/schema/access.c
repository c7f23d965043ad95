/* Owners and privileges in a schema: visits all of them, and prepares those of models. */
#include "cmig/dialect.h"
#include "schema/prepare.h"

static bool is_in(const struct access_walk *w, const char *on, const char *name, const char *schema,
    struct pos pos, struct access **access, const struct table *table, bool is_linked)
{
    const struct access_place place = {.kind = access_kind(on),
        .name = name,
        .schema = schema,
        .pos = pos,
        .access = access,
        .table = table,
        .is_linked = is_linked};
    return w->visit(w->user, &place);
}

#define EACH(list, on, table, is_linked) \
    vec_each(i, (list)) \
        if (!is_in(w, (on), qname_text(w->arena, &(list)->v[i]->name), (list)->v[i]->name.schema, \
                (list)->v[i]->pos, &(list)->v[i]->access, (table), (is_linked))) \
            return false;

static bool each_default(struct default_access *d, const struct access_walk *w)
{
    for (int kind = 0; kind < (d->schema ? DEFAULT_SCHEMAS : DEFAULT_KINDS); kind++) {
        const struct access_place place = {.kind = default_access_kind((enum default_kind)kind, d->schema),
            .name = default_access_name(w->arena, d),
            .schema = d->schema,
            .pos = d->pos,
            .access = &d->of[kind]};
        if (!w->visit(w->user, &place))
            return false;
    }
    return true;
}

bool schema_each_access(const struct schema *s, const struct access_walk *w)
{
    if (s->default_schema && !is_in(w, "schema", s->default_schema, NULL, (struct pos){0},
                                 (struct access **)&s->home_access, NULL, false))
        return false;
    vec_each(i, &s->namespaces)
        if (!is_in(w, "schema", s->namespaces.v[i]->name, NULL, s->namespaces.v[i]->pos,
                &s->namespaces.v[i]->access, NULL, false))
            return false;
    EACH(&s->enums, "enum", NULL, false)
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        for (size_t i = 0; access_kind(object_table[kind].name) && i < s->objects[kind].n; i++)
            if (!is_in(w, object_table[kind].name, s->objects[kind].v[i]->key,
                    s->objects[kind].v[i]->name.schema, s->objects[kind].v[i]->pos,
                    &s->objects[kind].v[i]->access, NULL, false))
                return false;
    EACH(&s->tables, "table", s->tables.v[i], false)
    EACH(&s->sequences, "sequence", NULL, s->sequences.v[i]->owner.name != NULL)
    EACH(&s->views, "view", NULL, false)
    vec_each(i, &s->default_accesses)
        if (!each_default(s->default_accesses.v[i], w))
            return false;
    return true;
}

struct wanted {
    const char *on, *name;
    struct access_place *ret;
};

static bool is_other(void *user, const struct access_place *place)
{
    struct wanted *w = user;
    if (!str_eq(place->kind->on, w->on) || !str_eq(place->name, w->name))
        return true;
    *w->ret = *place;
    return false;
}

bool schema_find_access(
    struct arena *a, const struct schema *s, const char *on, const char *name, struct access_place *ret)
{
    struct wanted w = {.on = on, .name = name, .ret = ret};
    return !schema_each_access(s, &(struct access_walk){.visit = is_other, .user = &w, .arena = a});
}

/* ---- models ------------------------------------------------------------------------------------------ */

/* Columns of partitions and of tables that inherit are not known yet. */
static bool columns_exist(struct preparing *p, const struct access_place *place)
{
    const struct table *t = place->table;
    const struct grants *list = &(*place->access)->grants;
    if (!t || table_is_partition(t) || t->inherits.n)
        return true;
    vec_each(i, list)
        vec_each(k, &list->v[i]->privileges) {
            const char *column = list->v[i]->privileges.v[k].column;
            if (column && !table_column(t, column))
                return fail_at(p->ctx, STATUS_CONFIG, (*place->access)->grants_pos,
                    "table '%s' has no column '%s'", place->name, column);
        }
    return true;
}

/* Models may be for several databases: what has no privileges in this one is left alone there. */
static bool has_access(const struct dialect *d, const struct access_kind *kind)
{
    return d->has.privileges && (!d->access || d->access->has(kind, NULL));
}

static bool prepare(void *user, const struct access_place *place)
{
    struct preparing *p = user;
    if (!has_access(p->dialect, place->kind))
        *place->access = NULL;
    if (!*place->access)
        return true;
    if (!p->dialect->has.owners) {
        struct access *a = ctx_new(p->ctx, struct access);
        *a = **place->access;
        a->owner = NULL;
        a->owner_pos = (struct pos){0};
        *place->access = a;
    }
    return access_prepare(p->ctx, p->dialect->access, place->kind, place->name, place->access) &&
           columns_exist(p, place);
}

static bool defaults_prepare(struct preparing *p)
{
    const struct default_accesses list = p->schema->default_accesses;
    size_t at;
    p->schema->default_accesses = (struct default_accesses){0};
    if (!p->dialect->has.owners)
        return true;
    vec_each(i, &list) {
        struct default_access *d = list.v[i];
        const char *name = default_access_name(&p->ctx->arena, d);
        if (d->schema && d->of[DEFAULT_SCHEMAS])
            return fail_at(p->ctx, STATUS_CONFIG, d->pos,
                "default privileges of '%s': schemas do not belong to a schema", name);
        if (default_accesses_find(&p->schema->default_accesses, d->role, d->schema, &at))
            return fail_at(
                p->ctx, STATUS_CONFIG, d->pos, "default privileges of '%s' are listed twice", name);
        vec_insert(p->ctx, &p->schema->default_accesses, at, d);
    }
    return true;
}

bool accesses_prepare(struct preparing *p)
{
    if (!defaults_prepare(p))
        return false;
    return schema_each_access(
        p->schema, &(struct access_walk){.visit = prepare, .user = p, .arena = &p->ctx->arena});
}
