/* Pairs and compares objects of the kinds in object_table. */
#include "diff/differ.h"

/* ---- pairs ------------------------------------------------------------------------------------------------ */

static void leave_alone(struct ctx *ctx, struct schema *database, enum object_kind kind)
{
    struct objects *list = &database->objects[kind];

    vec_each(i, list) {
        struct unmodelled *u;

        if (list->v[i]->built_in)
            continue;
        u = ctx_new(ctx, struct unmodelled);
        u->kind = object_table[kind].name;
        u->name = list->v[i]->name;
        vec_add(ctx, &database->unmodelled, u);
    }
    *list = (struct objects){0};
}

/* What every database is born with need not stand in the models. */
static void pair_kind(struct schema *database, const struct schema *models, enum object_kind kind)
{
    struct objects *list = &database->objects[kind];
    size_t kept = 0;

    vec_each(i, list) {
        const struct object *wanted = objects_find(&models->objects[kind], &list->v[i]->name);

        if (!wanted && list->v[i]->built_in)
            continue;
        object_pair(kind, list->v[i], wanted);
        list->v[kept++] = list->v[i];
    }
    list->n = kept;
}

void pair_objects(struct ctx *ctx, struct schema *database, struct schema *models)
{
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        if (models->manages[kind])
            pair_kind(database, models, (enum object_kind)kind);
        else
            leave_alone(ctx, database, (enum object_kind)kind);
}

/* ---- differences ------------------------------------------------------------------------------------------ */

static void found(struct differ *d, enum object_kind kind, const struct object *o, const char *what)
{
    if (d->found)
        differ_found(
            d, o->pos, "%s '%s': %s", object_table[kind].name, qname_text(&d->ctx->arena, &o->name), what);
}

static void create(struct differ *d, enum object_kind kind, const struct object *o)
{
    struct op *op = op_new(d->ctx, op_kind_of_object(kind, OBJECT_CREATE));

    op->pos = o->pos;
    op->u.object.object = *o;
    differ_add(d, PHASE_CREATE_OBJECT, op);
    found(d, kind, o, "not in the database");
}

static void alter(struct differ *d, enum object_kind kind, const struct object *a, const struct object *b)
{
    struct op *op = op_new(d->ctx, op_kind_of_object(kind, OBJECT_ALTER));

    op->pos = b->pos;
    op->u.object.object = *b;
    for (size_t i = 0; i < OBJECT_SETTINGS; i++) {
        if (str_eq(a->settings[i], b->settings[i])) {
            op->u.object.object.settings[i] = NULL;
            continue;
        }
        found(d, kind, b,
            ctx_printf(d->ctx, "%s '%s' in the database, '%s' in the models",
                object_table[kind].settings[i].name, a->settings[i] ? a->settings[i] : "",
                b->settings[i] ? b->settings[i] : ""));
    }
    differ_add(d, PHASE_CREATE_OBJECT, op);
}

static void compare_kind(struct differ *d, enum object_kind kind)
{
    const struct objects before = objects_ranked(d->ctx, &d->from->objects[kind]),
                         after = objects_ranked(d->ctx, &d->to->objects[kind]);

    vec_each(i, &after) {
        const struct object *b = after.v[i], *a = objects_find(&d->from->objects[kind], &b->name);

        if (!a)
            create(d, kind, b);
        else if (!object_same(a, b))
            alter(d, kind, a, b);
    }
    for (size_t i = before.n; i-- > 0;) {
        const struct object *a = before.v[i];

        if (objects_find(&d->to->objects[kind], &a->name))
            continue;
        differ_add(d, PHASE_DROP_OBJECT, op_drop_for(d, op_kind_of_object(kind, OBJECT_DROP), &a->name));
        found(d, kind, a, "not in the models");
    }
}

void compare_objects(struct differ *d)
{
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        compare_kind(d, (enum object_kind)kind);
}
