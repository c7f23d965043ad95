/*
 * Pairs objects of the kinds in object_table before they are compared.
 *
 * Objects of kinds that the models do not list are left alone, and objects that every new database has need not be listed.
 */
#include "diff/differ.h"

static void leave_alone(
    struct ctx *ctx, const struct dialect *dialect, struct schema *database, enum object_kind kind)
{
    struct objects *list = &database->objects[kind];

    vec_each(i, list) {
        struct unmodelled *u;

        if (list->v[i]->built_in)
            continue;
        u = ctx_new(ctx, struct unmodelled);
        u->kind = object_table[kind].name;
        u->name = list->v[i]->name;
        u->detail = list->v[i]->detail;
        if (list->v[i]->of.name)
            u->name.schema = list->v[i]->of.schema;
        u->on = list->v[i]->goes_with;
        if (!dialect->complete) {
            u->sql = list->v[i]->native;
        } else {
            u->object = list->v[i];
            u->object_kind = kind;
        }
        vec_add(ctx, &database->unmodelled, u);
    }
    *list = (struct objects){0};
}

static bool is_left_alone(const struct schema *database, enum object_kind kind, const struct object *o)
{
    vec_each(i, &database->unmodelled) {
        const struct unmodelled *u = database->unmodelled.v[i];
        const struct object there = {.native = u->sql};

        if (u->sql && str_eq(u->kind, object_table[kind].name) && qname_eq(&u->name, &o->name) &&
            object_same(&there, o))
            return true;
    }
    return false;
}

/* Properties that cannot be changed, but are equal, are not a difference. */
static void pair_left_alone(const struct schema *database, struct schema *models, enum object_kind kind)
{
    struct objects *list = &models->objects[kind];
    size_t kept = 0;

    vec_each(i, list)
        if (object_table[kind].naming == NAMED_ON_TABLE || !is_left_alone(database, kind, list->v[i]))
            list->v[kept++] = list->v[i];
    list->n = kept;
}

/* Whether the models imply the object without listing it. A family of operators is created with its class, unless
 * the class is left alone. */
static bool is_implied(const struct schema *database, enum object_kind kind, const struct object *o)
{
    return o->built_in &&
           (kind != OBJECT_OPERATOR_FAMILY || !objects_find(&database->objects[OBJECT_OPERATOR_CLASS], o));
}

/* Objects that every new database has need not be in the models. */
static void pair_kind(struct schema *database, const struct schema *models, enum object_kind kind)
{
    struct objects *list = &database->objects[kind];
    size_t kept = 0;

    vec_each(i, list) {
        const struct object *wanted = objects_find(&models->objects[kind], list->v[i]);

        if (!wanted && is_implied(database, kind, list->v[i]))
            continue;
        object_pair(kind, list->v[i], wanted);
        list->v[kept++] = list->v[i];
    }
    list->n = kept;
}

/* A trigger or function that was changed by hand is replaced by the operation that sets `on_update` again. */
static void forget_on_updates(struct ctx *ctx, const struct dialect *dialect, struct schema *database,
    const struct schema *models, enum object_kind kind)
{
    struct objects *list = &database->objects[kind];
    size_t kept = 0;

    vec_each(i, list)
        if (!on_update_owner(ctx, dialect, models, kind, list->v[i]))
            list->v[kept++] = list->v[i];
    list->n = kept;
}

void pair_objects(
    struct ctx *ctx, const struct dialect *dialect, struct schema *database, struct schema *models)
{
    forget_on_updates(ctx, dialect, database, models, OBJECT_TRIGGER);
    forget_on_updates(ctx, dialect, database, models, OBJECT_FUNCTION);
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        if (models->manages[kind]) {
            pair_left_alone(database, models, (enum object_kind)kind);
            pair_kind(database, models, (enum object_kind)kind);
        } else
            leave_alone(ctx, dialect, database, (enum object_kind)kind);
}
