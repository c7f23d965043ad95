/*
 * Checks the names of models: that no two objects claim one, and that none is over the database's limit.
 *
 * A database that cuts names to its limit has another name than the models from then on, so that both sides differ for
 * ever.
 */

#include "cmig/dialect.h"

/* ---- one name, one object ------------------------------------------------------------------------------- */

/* Objects whose names must differ. */
enum space { SPACE_RELATION, SPACE_TYPE, SPACE_CONSTRAINT };

static const char *const space_hints[] = {
    [SPACE_RELATION] = ("Tables, views, sequences and indexes of a schema, and the indexes of its keys, "
                        "share one namespace."),
    [SPACE_TYPE] =
        "Enums, types and domains of a schema share one namespace with its tables, views and sequences.",
    [SPACE_CONSTRAINT] = "The constraints of a table share one namespace.",
};

struct claims {
    struct ctx *ctx;
    const struct dialect *dialect;
    struct arena *arena; /* of what is forgotten after the check */
    struct map taken;    /* struct claim by space and name */
};

struct claim {
    const char *what, *name;
    const struct table *table; /* of an index or a constraint */
    struct pos pos;
};

/* "index 'i' of table 't'" */
static const char *claim_text(struct ctx *ctx, const struct claim *c)
{
    if (!c->table)
        return ctx_printf(ctx, "%s '%s'", c->what, c->name);
    return ctx_printf(
        ctx, "%s '%s' of table '%s'", c->what, c->name, qname_text(&ctx->arena, &c->table->name));
}

static bool fail_taken(struct claims *s, enum space space, const struct claim *c, const struct claim *first)
{
    fail_at(s->ctx, STATUS_CONFIG, c->pos, "%s has the name of %s", claim_text(s->ctx, c),
        claim_text(s->ctx, first));
    if (first->pos.file)
        fail_detail(s->ctx, "%sthe first definition", pos_text(&s->ctx->arena, first->pos));
    return fail_hint(s->ctx, "%s", space_hints[space]);
}

/* Called for every name of the models. */
static const char *claim_key(struct arena *a, enum space space, const char *scope, const char *name)
{
    size_t n = scope ? strlen(scope) : 0, size = strlen(name) + 1;
    char *key = arena_alloc(a, 2 + n + size);
    key[0] = (char)('0' + (int)space);
    if (n)
        memcpy(key + 1, scope, n);
    key[1 + n] = '\n';
    memcpy(key + 2 + n, name, size);
    return key;
}

/* `scope` is a schema, or a table with its schema. */
static bool take(struct claims *s, enum space space, const char *scope, const struct claim *c)
{
    const char *key = claim_key(s->arena, space, scope, c->name);
    if (s->dialect->has.folded_names)
        key = str_lower(s->arena, key);
    const struct claim *first = map_get(&s->taken, key);
    if (first)
        return fail_taken(s, space, c, first);
    struct claim *kept = arena_new(s->arena, struct claim);
    *kept = *c;
    map_set(&s->taken, key, kept);
    return true;
}

static bool take_object(struct claims *s, const char *what, const struct qname *name, struct pos pos,
    bool is_relation, bool is_type)
{
    const struct claim c = {.what = what, .name = name->name, .pos = pos};
    return (!is_relation || take(s, SPACE_RELATION, name->schema, &c)) &&
           (!is_type || !s->dialect->has.enums || take(s, SPACE_TYPE, name->schema, &c));
}

static bool is_index(const struct claims *s, const struct constraint *c)
{
    return s->dialect->has.key_indexes && c->kind != CONSTRAINT_CHECK && c->kind != CONSTRAINT_FOREIGN_KEY;
}

static bool take_parts(struct claims *s, const struct table *t)
{
    static const char *const labels[] = {[CONSTRAINT_PRIMARY_KEY] = "primary key",
        [CONSTRAINT_UNIQUE] = "unique constraint",
        [CONSTRAINT_CHECK] = "check",
        [CONSTRAINT_FOREIGN_KEY] = "foreign key",
        [CONSTRAINT_EXCLUDE] = "exclusion constraint"};
    const char *table = qname_text(s->arena, &t->name);
    const char *indexes = s->dialect->has.global_indexes ? t->name.schema : table;
    const struct constraint *k;

    for (size_t state = 0; (k = table_next_constraint(t, &state));) {
        const struct claim c = {labels[k->kind], k->name, t, k->pos};
        if (k->name && !k->implied && s->dialect->has.key_indexes &&
            (!take(s, SPACE_CONSTRAINT, table, &c) ||
                (is_index(s, k) && !take(s, SPACE_RELATION, indexes, &c))))
            return false;
    }
    vec_each(i, &t->indexes) {
        const struct index *x = t->indexes.v[i];
        const struct claim c = {"index", x->name, t, x->pos};
        if (x->name && !take(s, SPACE_RELATION, indexes, &c))
            return false;
    }
    return true;
}

static bool take_view_indexes(struct claims *s, const struct view *v)
{
    vec_each(i, &v->indexes) {
        const struct index *x = v->indexes.v[i];
        const struct claim c = {.what = "index", .name = x->name, .pos = x->pos};
        if (x->name && !take(s, SPACE_RELATION, v->name.schema, &c))
            return false;
    }
    return true;
}

/* A trigger or function must not have the name of one that is created for a column. */
static bool check_on_updates(struct claims *s, const struct schema *schema, enum object_kind kind)
{
    vec_each(i, &schema->objects[kind]) {
        const struct object *o = schema->objects[kind].v[i];
        const struct column *owner = on_update_owner(s->ctx, s->dialect, schema, kind, o);
        if (owner && (s->dialect->objects & 1u << kind))
            return fail_at(s->ctx, STATUS_CONFIG, o->pos,
                "%s '%s' has the name of the %s that sets column '%s' on UPDATE", object_table[kind].name,
                o->name.name, object_table[kind].name, owner->name);
    }
    return true;
}

bool schema_check_claims(struct ctx *ctx, const struct dialect *dialect, const struct schema *s)
{
    static const enum object_kind types[] = {OBJECT_TYPE, OBJECT_DOMAIN};
    struct arena scratch CLEANUP(arena_finish) = {0};
    struct claims c = {.ctx = ctx, .dialect = dialect, .arena = &scratch, .taken = {.arena = &scratch}};

    vec_each(i, &s->tables)
        if (!take_object(&c, "table", &s->tables.v[i]->name, s->tables.v[i]->pos, true, true))
            return false;
    vec_each(i, &s->views)
        if (!take_object(&c, "view", &s->views.v[i]->name, s->views.v[i]->pos, true, true))
            return false;
    vec_each(i, &s->objects[OBJECT_VIRTUAL_TABLE]) {
        const struct object *o = s->objects[OBJECT_VIRTUAL_TABLE].v[i];
        if (!take_object(&c, "virtual table", &o->name, o->pos, true, true))
            return false;
    }
    vec_each(i, &s->sequences)
        if (!take_object(&c, "sequence", &s->sequences.v[i]->name, s->sequences.v[i]->pos, true, true))
            return false;
    vec_each(i, &s->enums)
        if (!take_object(&c, "enum", &s->enums.v[i]->name, s->enums.v[i]->pos, false, true))
            return false;
    for (size_t i = 0; i < COUNT_OF(types); i++)
        vec_each(k, &s->objects[types[i]]) {
            const struct object *o = s->objects[types[i]].v[k];
            if (!take_object(&c, object_table[types[i]].name, &o->name, o->pos, false, true))
                return false;
        }
    vec_each(i, &s->tables)
        if (!take_parts(&c, s->tables.v[i]))
            return false;
    vec_each(i, &s->views)
        if (dialect->has.materialized && !take_view_indexes(&c, s->views.v[i]))
            return false;
    return check_on_updates(&c, s, OBJECT_TRIGGER) && check_on_updates(&c, s, OBJECT_FUNCTION);
}

/* ---- the limit ------------------------------------------------------------------------------------------ */

struct lengths {
    struct ctx *ctx;
    const struct dialect *dialect;
    size_t char_width;
};

static size_t length_of(const struct lengths *l, const char *name)
{
    size_t n = 0;
    if (!l->char_width)
        return strlen(name);
    for (; *name; name++)
        n += (unsigned char)*name < 0x80 ? 1 : ((unsigned char)*name & 0xC0) == 0xC0 ? l->char_width : 0;
    return n;
}

/* A character counts once where the database counts characters. */
static const char *unit_of(const struct lengths *l)
{
    return l->char_width == 1 ? "characters" : "bytes";
}

static bool check(const struct lengths *l, struct pos pos, const char *what, const char *name)
{
    size_t n = name ? length_of(l, name) : 0;
    if (n <= l->dialect->name_max)
        return true;
    fail_at(l->ctx, STATUS_CONFIG, pos, "%s '%s' has a name of %zu %s", what, name, n, unit_of(l));
    return fail_hint(l->ctx, "%s allows names of up to %zu %s.", dialect_title(l->ctx, l->dialect),
        l->dialect->name_max, unit_of(l));
}

static bool check_labels(const struct lengths *l, const struct enumeration *e)
{
    vec_each(i, &e->values) {
        size_t n = length_of(l, e->values.v[i]);
        if (n <= l->dialect->name_max)
            continue;
        fail_at(l->ctx, STATUS_CONFIG, e->pos, "value '%s' of enum '%s' has %zu bytes", e->values.v[i],
            e->name.name, n);
        return fail_hint(l->ctx, "%s accepts values of up to %zu bytes.", dialect_title(l->ctx, l->dialect),
            l->dialect->name_max);
    }
    return true;
}

static bool check_table(const struct lengths *l, const struct table *t)
{
    const struct constraint *c;

    if (!check(l, t->pos, "table", t->name.name))
        return false;
    vec_each(i, &t->columns)
        if (!check(l, t->columns.v[i]->pos, "column", t->columns.v[i]->name))
            return false;
    for (size_t state = 0; (c = table_next_constraint(t, &state));)
        if (!c->implied && !check(l, c->pos, "constraint", c->name))
            return false;
    vec_each(i, &t->indexes)
        if (!check(l, t->indexes.v[i]->pos, "index", t->indexes.v[i]->name))
            return false;
    vec_each(i, &t->index_names)
        if (!check(l, t->pos, "index", t->index_names.v[i].name))
            return false;
    return true;
}

static bool check_view(const struct lengths *l, const struct view *v)
{
    if (!check(l, v->pos, "view", v->name.name))
        return false;
    vec_each(i, &v->columns)
        if (!check(l, v->pos, "column", v->columns.v[i]))
            return false;
    vec_each(i, &v->indexes)
        if (!check(l, v->indexes.v[i]->pos, "index", v->indexes.v[i]->name))
            return false;
    return true;
}

bool schema_check_lengths(
    struct ctx *ctx, const struct dialect *dialect, size_t char_width, const struct schema *s)
{
    const struct lengths l = {ctx, dialect, dialect->has.character_names ? 1 : char_width};

    if (!dialect->name_max)
        return true;
    vec_each(i, &s->namespaces)
        if (!check(&l, s->namespaces.v[i]->pos, "schema", s->namespaces.v[i]->name))
            return false;
    vec_each(i, &s->enums)
        if (!check(&l, s->enums.v[i]->pos, "enum", s->enums.v[i]->name.name) ||
            (dialect->has.enums && !check_labels(&l, s->enums.v[i])))
            return false;
    vec_each(i, &s->sequences)
        if (!check(&l, s->sequences.v[i]->pos, "sequence", s->sequences.v[i]->name.name))
            return false;
    vec_each(i, &s->tables)
        if (!check_table(&l, s->tables.v[i]))
            return false;
    vec_each(i, &s->views)
        if (!check_view(&l, s->views.v[i]))
            return false;
    for (size_t kind = 0; kind < OBJECT_KINDS; kind++)
        for (size_t i = 0; kind != OBJECT_CAST && kind != OBJECT_TRANSFORM && i < s->objects[kind].n; i++)
            if (!check(&l, s->objects[kind].v[i]->pos, object_table[kind].name,
                    s->objects[kind].v[i]->name.name))
                return false;
    return true;
}
