/*
 * Finds renamed objects of the table of kinds.
 *
 * Renames are settled as for tables: one list of wishes for each kind, and for each table if the kind is on tables. A
 * rename keeps the arguments of a function, except for types that are renamed too.
 */
#include "diff/rename.h"

/* ---- arguments -------------------------------------------------------------------------------------------- */

/* Kinds that are types of arguments. */
static const enum object_kind types[] = {OBJECT_TYPE, OBJECT_DOMAIN};

static bool is_type(enum op_kind kind)
{
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (kind == op_kind_of_object(types[i], OBJECT_RENAME))
            return true;
    return false;
}

static bool name_before(struct ctx *ctx, const char *renamed_from, struct qname *ret)
{
    return renamed_from && qname_parse(&ctx->arena, renamed_from, ret);
}

/* The arguments with the old names of enums, which are renamed after the objects; with `all`, with the old names of all
 * types, as the database has them. */
static const char *signature_before(struct ctx *ctx, const struct dialect *dialect,
    const struct schema *models, const char *signature, bool all)
{
    struct qname old;

    for (size_t i = 0; all && i < COUNT_OF(types); i++)
        vec_each(k, &models->objects[types[i]]) {
            const struct object *o = models->objects[types[i]].v[k];

            if (name_before(ctx, o->renamed_from, &old))
                signature = signature_rename_type(ctx, dialect, signature, &o->name, &old);
        }
    vec_each(i, &models->enums)
        if (name_before(ctx, models->enums.v[i]->renamed_from, &old))
            signature = signature_rename_type(ctx, dialect, signature, &models->enums.v[i]->name, &old);
    return signature;
}

const char *signature_reversed(
    struct ctx *ctx, const struct dialect *dialect, const struct renames *renames, const char *signature)
{
    for (size_t i = 0; signature && i < renames->n; i++) {
        const struct renamed *r = &renames->v[i];

        if (is_type(r->kind))
            signature = signature_rename_type(ctx, dialect, signature, &r->to, &r->from);
        else if (r->kind == OP_RENAME_ENUM)
            signature = signature_rename_type(ctx, dialect, signature, &r->from, &r->to);
    }
    return signature;
}

/* ---- names ------------------------------------------------------------------------------------------------ */

/* The name that a table or view of the models has in the database. */
static struct qname relation_before(struct ctx *ctx, const struct schema *models, const struct qname *name)
{
    const struct table *t = schema_table(models, name);
    const struct view *v = schema_view(models, name);
    struct qname old;

    return name_before(ctx, t ? t->renamed_from : v ? v->renamed_from : NULL, &old) ? old : *name;
}

/* The object of the database that corresponds to one of the models under a name. */
static const struct object *find_before(
    const struct resolving *r, enum object_kind kind, const struct object *o, const char *name)
{
    struct object probe;

    if (!object_under_name(&r->ctx->arena, kind, o, name, &probe))
        return NULL;
    if (probe.name.schema && str_eq(probe.name.schema, r->database->default_schema))
        probe.name.schema = NULL;
    if (o->of.name)
        probe.of = relation_before(r->ctx, r->models, &o->of);
    if (o->signature)
        probe.signature = signature_before(r->ctx, r->dialect, r->models, o->signature, true);
    object_make_key(&r->ctx->arena, kind, &probe);
    const struct object *found = objects_find(&r->database->objects[kind], &probe);
    for (size_t i = 0; !found && r->dialect->has.folded_names && i < r->database->objects[kind].n; i++) {
        const struct object *other = r->database->objects[kind].v[i];

        if (str_eq_ci(other->key, probe.key) && same_qname(r->dialect, &other->of, &probe.of))
            found = other;
    }
    return found;
}

/* A name without a schema is first looked up in the schema of the new name. */
static const struct object *find_old(
    const struct resolving *r, enum object_kind kind, const struct object *o, const char *name)
{
    const char *beside = o->name.schema ? ctx_printf(r->ctx, "%s.%s", o->name.schema, name) : NULL;
    const struct object *found = beside ? find_before(r, kind, o, beside) : NULL;

    return found ? found : find_before(r, kind, o, name);
}

/* Its name without arguments, as `renamed_from` has it. */
static const char *plain_name(struct ctx *ctx, const struct object *o)
{
    return o->signature ? qname_text(&ctx->arena, &o->name) : o->key;
}

/* ---- options ---------------------------------------------------------------------------------------------- */

/* "touch" or "posts.touch" for objects on a table, "slug" or "slug(text)" for functions. */
static bool is_called(const struct resolving *r, const struct object *o, const char *text)
{
    struct qname table;
    const char *name;

    if (!o->of.name)
        return str_eq(text, o->key) || str_eq(text, plain_name(r->ctx, o));
    return str_eq(text, o->key) || (hint_split(r->ctx, r->models, text, &table, &name) &&
                                       str_eq(name, o->key) && qname_eq(&table, &o->of));
}

static const char *old_part(const struct resolving *r, const struct object *o, const char *text)
{
    struct qname table, before;
    const char *name;

    if (!o->of.name)
        return text;
    before = relation_before(r->ctx, r->models, &o->of);
    if (!hint_split(r->ctx, r->database, text, &table, &name) ||
        !(qname_eq(&table, &o->of) || qname_eq(&table, &before)))
        return NULL;
    return name;
}

/* A name without arguments applies to all functions of that name. */
bool hint_object(struct resolving *r, const struct rename_hint *hint)
{
    bool any = false;

    for (int kind = 0; kind < OBJECT_KINDS; kind++) {
        if (!object_kind_renames((enum object_kind)kind) || !hint_may_be(hint, object_table[kind].name))
            continue;
        vec_each(i, &r->models->objects[kind]) {
            struct object *o = r->models->objects[kind].v[i];
            const char *name = is_called(r, o, hint->to) ? old_part(r, o, hint->from) : NULL;
            const struct object *old = name ? find_old(r, (enum object_kind)kind, o, name) : NULL;

            if (!old)
                continue;
            resolving_hint(r, &o->renamed_from, plain_name(r->ctx, old));
            any = true;
        }
    }
    return any;
}

/* ---- which of them hold ----------------------------------------------------------------------------------- */

static bool fail_name(const struct resolving *r, enum object_kind kind, const struct object *o)
{
    struct ctx *ctx = r->ctx;

    fail_at(ctx, STATUS_CONFIG, o->pos, "%s '%s' is renamed from '%s', which is not the name of a %s%s",
        object_table[kind].name, object_text(&ctx->arena, o), o->renamed_from, object_table[kind].name,
        o->signature ? " with the same arguments" : "");
    return o->signature ? fail_hint(ctx, "Give the name alone: a %s keeps its arguments when it is renamed.",
                              object_table[kind].name)
                        : false;
}

static bool add_wish(
    struct resolving *r, enum object_kind kind, struct object *o, struct wishes *list, struct strings *keys)
{
    struct object other;

    if (!object_under_name(&r->ctx->arena, kind, o, o->renamed_from, &other))
        return fail_name(r, kind, o);
    const struct object *old = find_old(r, kind, o, o->renamed_from);
    struct wish w = {.to = {.name = o->key}, .pos = o->pos, .renamed_from = &o->renamed_from};
    if (old) {
        other.name = old->name;
        object_make_key(&r->ctx->arena, kind, &other);
    }
    w.from.name = other.key;
    w.old_exists = old;
    w.new_exists = find_before(r, kind, o, plain_name(r->ctx, o));
    w.old_stays = objects_find(&r->models->objects[kind], &other);
    w.hinted = resolving_hinted(r, w.renamed_from);
    vec_add(r->ctx, list, w);
    vec_add(r->ctx, keys, old ? plain_name(r->ctx, old) : NULL);
    return true;
}

/* Settles the renames of a kind; of kinds on tables, those of one table. */
static bool settle_group(struct resolving *r, enum object_kind kind, const struct qname *table)
{
    const struct objects *all = &r->models->objects[kind];
    struct wishes list = {.kind = object_table[kind].name, .table = *table, .by_key = true};
    struct strings keys = {0};

    vec_each(i, all)
        if (all->v[i]->renamed_from && qname_eq(&all->v[i]->of, table) &&
            !add_wish(r, kind, all->v[i], &list, &keys))
            return false;
    if (!wishes_settle(r->ctx, r->dialect, r->options->no_rename, &list))
        return false;
    vec_each(i, &list)
        if (*list.v[i].renamed_from)
            *list.v[i].renamed_from = keys.v[i];
    return true;
}

static bool settle_kind(struct resolving *r, enum object_kind kind)
{
    struct map seen = MAP(r->ctx);

    vec_each(i, &r->models->objects[kind]) {
        const struct object *o = r->models->objects[kind].v[i];
        const char *key = o->of.name ? qname_text(&r->ctx->arena, &o->of) : "";

        if (!o->renamed_from || map_get(&seen, key))
            continue;
        map_set(&seen, key, r);
        if (!settle_group(r, kind, &o->of))
            return false;
    }
    return true;
}

bool settle_objects(struct resolving *r)
{
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        if (object_kind_renames((enum object_kind)kind) && !settle_kind(r, (enum object_kind)kind))
            return false;
    return true;
}

/* ---- what follows from them ------------------------------------------------------------------------------- */

static void collect(struct ctx *ctx, const struct dialect *dialect, const struct schema *models,
    enum object_kind kind, const struct object *o, struct renames *ret)
{
    struct renamed r = {.kind = op_kind_of_object(kind, OBJECT_RENAME), .to = o->name};
    struct object old;

    if (!o->renamed_from || !object_under_name(&ctx->arena, kind, o, o->renamed_from, &old) ||
        qname_eq(&old.name, &o->name))
        return;
    r.from = old.name;
    if (o->of.name)
        r.table = relation_before(ctx, models, &o->of);
    if (o->signature)
        r.signature = signature_before(ctx, dialect, models, o->signature, false);
    vec_add(ctx, ret, r);
}

void objects_collect_renames(
    struct ctx *ctx, const struct dialect *dialect, const struct schema *models, struct renames *ret)
{
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        vec_each(i, &models->objects[kind])
            collect(ctx, dialect, models, (enum object_kind)kind, models->objects[kind].v[i], ret);
}
