/*
 * Limits operations that drop or rename an object to the databases where the object exists.
 *
 * A model may say that a database has no such index, check, view or object: `{default: a > 0, mysql: null}`. There the
 * operation that creates it does nothing, and those that drop or rename it must not fail.
 */
#include "diff/differ.h"

static const struct dtext *parts_text(const struct index_parts *parts)
{
    vec_each(i, parts)
        if (!parts->v[i]->column && parts->v[i]->expr.sql.by)
            return &parts->v[i]->expr.sql;
    return NULL;
}

/* The text without which the operation creates nothing; NULL: it always does. */
static const struct dtext *text_of(const struct op *op)
{
    if (op_object_verb(op->kind) == OBJECT_CREATE)
        return &op->u.object.object.sql;
    if (op->kind == OP_CREATE_VIEW)
        return &op->u.view.view.body.sql;
    if (op->kind == OP_CREATE_CHECK_CONSTRAINT)
        return &op->u.create_constraint.constraint.check.sql;
    return op->kind == OP_CREATE_INDEX ? parts_text(&op->u.create_index.index.parts) : NULL;
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

/* The text of the index or check that the operation renames, as `to` has it. */
static const struct dtext *renamed_text(const struct op *op, const struct schema *to)
{
    bool is_index = op->kind == OP_RENAME_INDEX;
    const struct table *t =
        is_index || op->kind == OP_RENAME_CONSTRAINT ? schema_table(to, &op->u.rename_part.table) : NULL;
    const struct index *index = t && is_index ? table_index(t, op->u.rename_part.new_name) : NULL;
    const struct constraint *check = t && !is_index ? table_constraint(t, op->u.rename_part.new_name) : NULL;

    if (index)
        return parts_text(&index->parts);
    return check ? &check->check.sql : NULL;
}

static void limit_renames(struct ctx *ctx, const struct schema *to, struct ops *list)
{
    vec_each(i, list) {
        const struct dtext *text = renamed_text(list->v[i], to);

        if (text && text->by && !list->v[i]->only.n)
            list->v[i]->only = databases_of(ctx, text);
    }
}

/* The way back of a rename is limited as the rename is. */
static void limit_as_renamed(const struct ops *renames, struct op *back)
{
    if (back->kind != OP_RENAME_INDEX && back->kind != OP_RENAME_CONSTRAINT)
        return;
    vec_each(i, renames) {
        const struct op *op = renames->v[i];

        if (op->only.n && op->kind == back->kind &&
            str_eq(op->u.rename_part.name, back->u.rename_part.new_name) &&
            str_eq(op->u.rename_part.new_name, back->u.rename_part.name))
            back->only = op->only;
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

void diff_limit(struct ctx *ctx, const struct schema *models, struct diff *diff)
{
    limit_renames(ctx, models, &diff->up);
    limit(ctx, &diff->up, &diff->down);
    limit(ctx, &diff->down, &diff->up);
    vec_each(i, &diff->down)
        limit_as_renamed(&diff->up, diff->down.v[i]);
}
