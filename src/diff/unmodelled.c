/* Restores unmodelled objects of a table or a view that is created again. */
#include "diff/differ.h"

/* Whether the table is replaced: renamed, and created under its name. */
static bool is_set_aside(const struct ops *ops, const struct qname *name)
{
    bool renamed = false, created = false;
    for (size_t i = 0; name->name && i < ops->n; i++) {
        const struct op *op = ops->v[i];
        renamed |= op->kind == OP_RENAME_TABLE && qname_eq(&op->u.rename.name, name);
        created |= op->kind == OP_CREATE_TABLE && qname_eq(&op->u.create_table.table.name, name);
    }
    return renamed && created;
}

static bool does(const struct ops *ops, enum op_kind table, enum op_kind view, const struct qname *name)
{
    vec_each(i, ops) {
        const struct op *op = ops->v[i];
        if (table == OP_DROP_TABLE && is_set_aside(ops, name))
            return true;
        if (op->kind == table &&
            qname_eq(table == OP_CREATE_TABLE ? &op->u.create_table.table.name : &op->u.drop.name, name))
            return true;
        if (op->kind == view &&
            qname_eq(view == OP_CREATE_VIEW ? &op->u.view.view.name : &op->u.drop.name, name))
            return true;
    }
    return false;
}

static void add_text(struct ctx *ctx, const struct unmodelled *u, struct ops *ret)
{
    struct op *op = op_new(ctx, OP_EXECUTE);
    op->u.execute.sql.text = u->sql;
    vec_add(ctx, ret, op);
}

/* Its SQL is this database's: on others the operation does nothing. */
static void add_object(
    struct ctx *ctx, const struct dialect *dialect, const struct unmodelled *u, struct ops *ret)
{
    struct op *op = op_new(ctx, op_kind_of_object(u->object_kind, OBJECT_CREATE));
    struct dtext_by *by = arena_alloc(&ctx->arena, 2 * sizeof(*by));
    by[0] = (struct dtext_by){
        dialect->name, dtext_is_set(&u->object->sql) ? u->object->sql.text : u->object->native};
    by[1] = (struct dtext_by){0};
    op->u.object.object = *u->object;
    op->u.object.object.sql = (struct dtext){.by = by};
    vec_add(ctx, ret, op);
}

/* Unchanged, after everything else: then all objects that a trigger names exist. */
void diff_restore_unmodelled(
    struct ctx *ctx, const struct dialect *dialect, const struct unmodelleds *list, struct diff *diff)
{
    struct ops up = {0};
    vec_each(i, list) {
        const struct unmodelled *u = list->v[i];
        bool is_replaced = is_set_aside(&diff->up, &u->on);
        if (u->object && is_replaced)
            add_object(ctx, dialect, u, &up);
        if (u->object && (is_replaced || !does(&diff->up, OP_CREATE_TABLE, OP_CREATE_VIEW, &u->on)) &&
            does(&diff->up, OP_DROP_TABLE, OP_DROP_VIEW, &u->on) &&
            does(&diff->down, OP_CREATE_TABLE, OP_CREATE_VIEW, &u->on))
            add_object(ctx, dialect, u, &diff->down);
        if (!u->sql || !does(&diff->up, OP_DROP_TABLE, OP_DROP_VIEW, &u->on))
            continue;
        if (does(&diff->up, OP_CREATE_TABLE, OP_CREATE_VIEW, &u->on))
            add_text(ctx, u, &up);
        if (does(&diff->down, OP_CREATE_TABLE, OP_CREATE_VIEW, &u->on))
            add_text(ctx, u, &diff->down);
    }
    vec_each(i, &up)
        vec_add(ctx, &diff->up, up.v[i]);
}
