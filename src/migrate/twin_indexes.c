/*
 * Copies the indexes of a column whose type changes for the twin that will replace it.
 */
#include "migrate/ties.h"

static const char *copy_name(struct ctx *ctx, const struct index *x)
{
    return ctx_printf(ctx, "%s_new", x->name);
}

static bool changes_index(const struct ops *ops, const struct table *t, const struct index *x)
{
    vec_each(i, ops) {
        const struct op *op = ops->v[i];
        const char *part = op_part(op);

        if ((op->kind == OP_CREATE_INDEX || op->kind == OP_DROP_INDEX || op->kind == OP_RENAME_INDEX) &&
            qname_eq(op_table_name(op), &t->name) && (!part || str_eq(part, x->name)))
            return true;
    }
    return false;
}

const char *twin_find_indexes(struct ctx *ctx, const struct ops *ops, struct indexed_twin *w)
{
    enum { LONGEST = 63 };

    if (!column_indexes(ctx, w->table, w->column, &w->indexes))
        return "an index uses it in a way that depends on its type";
    vec_each(i, &w->indexes) {
        if (changes_index(ops, w->table, w->indexes.v[i]))
            return "an index that uses it changes, too";
        if (strlen(copy_name(ctx, w->indexes.v[i])) > LONGEST)
            return "the name of its index is too long for a copy";
    }
    return NULL;
}

static struct index_parts copied_parts(
    struct ctx *ctx, const struct indexed_twin *w, const struct index_parts *parts)
{
    struct index_parts ret = {0};

    vec_each(i, parts) {
        struct index_part *part = ctx_new(ctx, struct index_part);

        *part = *parts->v[i];
        if (str_eq(part->column, w->column))
            part->column = w->twin;
        vec_add(ctx, &ret, part);
    }
    return ret;
}

void twin_copy_indexes(struct ctx *ctx, const struct indexed_twin *w, struct ops *ret)
{
    vec_each(i, &w->indexes) {
        const struct index *x = w->indexes.v[i];
        struct op *op = op_new(ctx, OP_CREATE_INDEX);

        op->u.create_index.table = w->table->name;
        op->u.create_index.index = *x;
        op->u.create_index.index.name = copy_name(ctx, x);
        op->u.create_index.index.parts = copied_parts(ctx, w, &x->parts);
        vec_add(ctx, ret, op);
    }
}

void twin_drop_indexes(struct ctx *ctx, const struct indexed_twin *w, bool copies, struct ops *ret)
{
    vec_each(i, &w->indexes) {
        const struct index *x = w->indexes.v[i];
        struct op *op = op_new(ctx, OP_DROP_INDEX);

        op->u.drop_index =
            (struct op_drop_index){.table = w->table->name, .name = copies ? copy_name(ctx, x) : x->name};
        vec_add(ctx, ret, op);
    }
}

void twin_rename_copies(struct ctx *ctx, const struct indexed_twin *w, struct ops *ret)
{
    vec_each(i, &w->indexes) {
        const struct index *x = w->indexes.v[i];
        struct op *op = op_new(ctx, OP_RENAME_INDEX);

        op->u.rename_part =
            (struct op_rename_part){.table = w->table->name, .name = copy_name(ctx, x), .new_name = x->name};
        vec_add(ctx, ret, op);
    }
}
