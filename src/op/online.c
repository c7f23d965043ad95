/*
 * Operations that have an online form: `online: true` asks for the one that other sessions hardly notice.
 *
 * What that form is, a dialect decides; a database without the need runs the operation as it is.
 */
#include "cmig/dialect.h"

static const bool has_form[OP_KINDS] = {
    [OP_ALTER_TABLE] = true,
    [OP_ATTACH_PARTITION] = true,
    [OP_DETACH_PARTITION] = true,
    [OP_DROP_TABLE] = true,
    [OP_ADD_COLUMN] = true,
    [OP_DROP_COLUMN] = true,
    [OP_ALTER_COLUMN] = true,
    [OP_CREATE_INDEX] = true,
    [OP_DROP_INDEX] = true,
    [OP_CREATE_PRIMARY_KEY] = true,
    [OP_CREATE_UNIQUE_CONSTRAINT] = true,
    [OP_CREATE_CHECK_CONSTRAINT] = true,
    [OP_CREATE_FOREIGN_KEY] = true,
    [OP_CREATE_EXCLUDE_CONSTRAINT] = true,
    [OP_DROP_CONSTRAINT] = true,
};

bool op_has_online_form(enum op_kind kind)
{
    return has_form[kind];
}

bool online_decode(struct decoder *d, const struct node *n, struct op *op)
{
    if (!node_bool(n, &op->online))
        return decode_fail(d, n, "'online' must be true or false, not %s", node_describe(&d->ctx->arena, n));
    return !op->online || has_form[op->kind] ||
           decode_fail(d, n, "operation '%s' has no online form", op_table[op->kind].name);
}

/* Whether one of the first n operations creates the table. */
static bool is_new(const struct ops *ops, size_t n, const struct qname *table)
{
    for (size_t i = 0; i < n; i++)
        if (ops->v[i]->kind == OP_CREATE_TABLE && qname_eq(&ops->v[i]->u.create_table.table.name, table))
            return true;
    return false;
}

void ops_set_online(const struct dialect *dialect, const struct ops *ops)
{
    vec_each(i, ops) {
        const struct qname *table = op_table_name(ops->v[i]);
        enum op_kind kind = ops->v[i]->kind;
        ops->v[i]->online = has_form[kind] && table && !is_new(ops, i, table) &&
                            !(dialect->never_online && dialect->never_online(kind));
    }
}
