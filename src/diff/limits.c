/*
 * Limits operations that drop an object to the databases where the object exists.
 *
 * A model may say that a database has no such index, check, view or object: `{default: a > 0, mysql: null}`. There the
 * operation that creates it does nothing, and the one that drops it must not fail.
 */
#include "diff/differ.h"

/* The text without which the operation creates nothing; NULL: it always does. */
static const struct dtext *text_of(const struct op *op)
{
    const struct index_parts *parts = &op->u.create_index.index.parts;

    if (op_object_verb(op->kind) == OBJECT_CREATE)
        return &op->u.object.object.sql;
    if (op->kind == OP_CREATE_VIEW)
        return &op->u.view.view.body.sql;
    if (op->kind == OP_CREATE_CHECK_CONSTRAINT)
        return &op->u.create_constraint.constraint.check.sql;
    for (size_t i = 0; op->kind == OP_CREATE_INDEX && i < parts->n; i++)
        if (!parts->v[i]->column && parts->v[i]->expr.sql.by)
            return &parts->v[i]->expr.sql;
    return NULL;
}

/* The databases that have a text; empty: all. */
static struct strings databases_of(struct ctx *ctx, const struct dtext *text)
{
    struct strings list = {0};
    bool lacks_any = false;

    for (size_t i = 0; dialects[i]; i++) {
        if (dtext_for(text, dialects[i]->name))
            vec_add(ctx, &list, dialects[i]->name);
        else
            lacks_any = true;
    }
    return lacks_any ? list : (struct strings){0};
}

static bool drops(const struct op *drop, const struct op *create)
{
    enum object_kind kind = op_object_kind(create->kind);

    if (kind != OBJECT_KINDS)
        return drop->kind == op_kind_of_object(kind, OBJECT_DROP) &&
               qname_eq(&drop->u.object.object.name, &create->u.object.object.name) &&
               qname_eq(&drop->u.object.object.of, &create->u.object.object.of) &&
               str_eq(drop->u.object.object.signature, create->u.object.object.signature);
    switch ((int)create->kind) {
    case OP_CREATE_VIEW:
        return drop->kind == OP_DROP_VIEW && qname_eq(&drop->u.drop.name, &create->u.view.view.name);
    case OP_CREATE_INDEX:
        return drop->kind == OP_DROP_INDEX &&
               qname_eq(&drop->u.drop_index.table, &create->u.create_index.table) &&
               str_eq(drop->u.drop_index.name, create->u.create_index.index.name);
    default:
        return drop->kind == OP_DROP_CONSTRAINT && drop->u.drop_constraint.name &&
               qname_eq(&drop->u.drop_constraint.table, &create->u.create_constraint.table) &&
               str_eq(drop->u.drop_constraint.name, create->u.create_constraint.constraint.name);
    }
}

static void limit(struct ctx *ctx, const struct ops *creates, struct ops *list)
{
    vec_each(i, creates) {
        const struct dtext *text = text_of(creates->v[i]);
        struct strings only = {0};

        if (text && text->by)
            only = databases_of(ctx, text);
        for (size_t j = 0; only.n && j < list->n; j++)
            if (!list->v[j]->only.n && drops(list->v[j], creates->v[i]))
                list->v[j]->only = only;
    }
}

void diff_limit_drops(struct ctx *ctx, struct diff *diff)
{
    limit(ctx, &diff->up, &diff->down);
    limit(ctx, &diff->down, &diff->up);
}
