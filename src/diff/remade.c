/* Refuses revisions that change objects which tables use, if the database can neither alter nor recreate them. */
#include "diff/differ.h"

/* Whether it is dropped and created again by the same operations. */
static bool is_remade(const struct ops *ops, const struct op *drop)
{
    enum object_kind kind = op_object_kind(drop->kind);

    vec_each(i, ops)
        if (ops->v[i]->kind == op_kind_of_object(kind, OBJECT_CREATE) &&
            object_cmp(&ops->v[i]->u.object.object, &drop->u.object.object) == 0)
            return true;
    return false;
}

/* PostgreSQL alters no attribute of a type that a table uses. */
static bool alters_attribute(const struct op *op)
{
    vec_each(i, &op->u.object.steps)
        if (strstr(op->u.object.steps.v[i], " ALTER ATTRIBUTE "))
            return true;
    return false;
}

/* The name that the object of an operation has before all of them. */
static const char *name_at_first(const struct ops *ops, size_t at)
{
    enum op_kind rename = op_kind_of_object(op_object_kind(ops->v[at]->kind), OBJECT_RENAME);
    struct arena a = {0};
    const char *name = ops->v[at]->u.object.object.name.name;

    for (size_t i = at; i-- > 0;)
        if (ops->v[i]->kind == rename && str_eq(op_renamed_object(&a, ops->v[i]).name.name, name))
            name = ops->v[i]->u.object.object.name.name;
    arena_finish(&a);
    return name;
}

static bool fail_used(struct ctx *ctx, const struct op *op, const struct table *t)
{
    enum object_kind kind = op_object_kind(op->kind);

    fail_at(ctx, STATUS_CONFIG, op->pos, "%s '%s' cannot be changed in place, and table '%s' uses it",
        object_table[kind].name, object_text(&ctx->arena, &op->u.object.object),
        qname_text(&ctx->arena, &t->name));
    return fail_hint(ctx,
        "Give the changed %s another name and use that in the table, or remove it from the table in a "
        "revision before this one.",
        object_table[kind].name);
}

/* No text of a table can call these. */
static bool is_never_used(enum object_kind kind)
{
    return kind == OBJECT_AGGREGATE || kind == OBJECT_PROCEDURE;
}

bool diff_check_remade(struct ctx *ctx, const struct schema *from, const struct ops *ops)
{
    vec_each(i, ops) {
        const struct op *op = ops->v[i];

        enum object_verb verb = op_object_verb(op->kind);

        if (verb == OBJECT_VERBS || verb == OBJECT_RENAME || op->u.object.object.of.name ||
            is_never_used(op_object_kind(op->kind)) || (verb == OBJECT_DROP && !is_remade(ops, op)) ||
            verb == OBJECT_CREATE || (verb == OBJECT_CHANGE && !alters_attribute(op)))
            continue;
        vec_each(k, &from->tables) {
            struct map words = MAP(ctx);

            words_of_table(ctx, from->tables.v[k], &words);
            if (map_get(&words, str_lower(&ctx->arena, name_at_first(ops, i))))
                return fail_used(ctx, op, from->tables.v[k]);
        }
    }
    return true;
}
