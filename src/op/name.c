/* Names for indexes that a revision creates without a name. */
#include "cmig/op.h"

/* The table as far as the operation tells: its name, and what else it gets there. */
static bool name_index(
    struct ctx *ctx, const struct naming *naming, const struct dialect *dialect, struct op_create_index *o)
{
    const struct table t = {.name = o->table};

    return schema_name_index(ctx, naming, dialect, &t, &o->index);
}

static bool name_indexes(
    struct ctx *ctx, const struct naming *naming, const struct dialect *dialect, struct table *t)
{
    vec_each(i, &t->indexes)
        if (!schema_name_index(ctx, naming, dialect, t, t->indexes.v[i]))
            return false;
    return true;
}

static bool name_view_indexes(
    struct ctx *ctx, const struct naming *naming, const struct dialect *dialect, const struct view *v)
{
    struct table t = view_as_table(v);

    return name_indexes(ctx, naming, dialect, &t);
}

bool ops_name(
    struct ctx *ctx, const struct naming *naming, const struct dialect *dialect, const struct ops *ops)
{
    vec_each(i, ops) {
        struct op *op = ops->v[i];

        if (op->kind == OP_CREATE_INDEX && !name_index(ctx, naming, dialect, &op->u.create_index))
            return false;
        if (op->kind == OP_CREATE_TABLE && !name_indexes(ctx, naming, dialect, &op->u.create_table.table))
            return false;
        if ((op->kind == OP_CREATE_VIEW || op->kind == OP_REPLACE_VIEW) &&
            !name_view_indexes(ctx, naming, dialect, &op->u.view.view))
            return false;
    }
    return true;
}
