/*
 * Reverts the applied operations of a half-applied revision.
 *
 * What an operation created is dropped, what it renamed is renamed back, in reverse order. A change of an object that
 * goes with this needs nothing. Every other operation, and one that may have found its object existing, cannot be
 * undone by what is known of it: then nothing is, and the error lists all of them.
 */
#include "migrate/run.h"

/* ---- the operation that undoes another ---------------------------------------------------------- */

/* `if_exists`: it may not have been applied. NULL: it cannot be undone. */
typedef struct op *inverse_function(struct ctx *ctx, const struct op *op, bool if_exists);

static struct op *undo_schema(struct ctx *ctx, const struct op *op, bool if_exists)
{
    if (op->u.schema.if_not_exists)
        return NULL;
    struct op *ret = op_new(ctx, OP_DROP_SCHEMA);
    ret->u.schema = (struct op_schema){.name = op->u.schema.name, .if_exists = if_exists};
    return ret;
}

static struct op *drop(struct ctx *ctx, enum op_kind kind, const struct qname *name, bool if_exists)
{
    struct op *ret = op_new(ctx, kind);
    ret->u.drop = (struct op_drop){.name = *name, .if_exists = if_exists};
    return ret;
}

static struct op *undo_enum(struct ctx *ctx, const struct op *op, bool if_exists)
{
    return drop(ctx, OP_DROP_ENUM, &op->u.create_enum.enumeration.name, if_exists);
}

static struct op *undo_sequence(struct ctx *ctx, const struct op *op, bool if_exists)
{
    return drop(ctx, OP_DROP_SEQUENCE, &op->u.sequence.sequence.name, if_exists);
}

static struct op *undo_view(struct ctx *ctx, const struct op *op, bool if_exists)
{
    return drop(ctx, OP_DROP_VIEW, &op->u.view.view.name, if_exists);
}

static struct op *undo_table(struct ctx *ctx, const struct op *op, bool if_exists)
{
    if (op->u.create_table.if_not_exists)
        return NULL;
    return drop(ctx, OP_DROP_TABLE, &op->u.create_table.table.name, if_exists);
}

static struct op *undo_column(struct ctx *ctx, const struct op *op, bool if_exists)
{
    const struct op_add_column *o = &op->u.add_column;
    if (o->if_not_exists)
        return NULL;
    struct op *ret = op_new(ctx, OP_DROP_COLUMN);
    ret->u.drop_column =
        (struct op_drop_column){.table = o->table, .name = o->column.name, .if_exists = if_exists};
    return ret;
}

static struct op *undo_index(struct ctx *ctx, const struct op *op, bool if_exists)
{
    const struct op_create_index *o = &op->u.create_index;
    if (o->if_not_exists)
        return NULL;
    struct op *ret = op_new(ctx, OP_DROP_INDEX);
    ret->u.drop_index =
        (struct op_drop_index){.table = o->table, .name = o->index.name, .if_exists = if_exists};
    return ret;
}

static struct op *undo_constraint(struct ctx *ctx, const struct op *op, bool if_exists)
{
    const struct op_create_constraint *o = &op->u.create_constraint;
    if (o->using_index || !o->constraint.name)
        return NULL;
    struct op *ret = op_new(ctx, OP_DROP_CONSTRAINT);
    ret->u.drop_constraint =
        (struct op_drop_constraint){.table = o->table, .name = o->constraint.name, .if_exists = if_exists};
    return ret;
}

static struct op *undo_rename(struct ctx *ctx, const struct op *op, bool if_exists)
{
    struct op *ret = op_new(ctx, op->kind);
    ret->u.rename = (struct op_rename){.name = op->u.rename.new_name, .new_name = op->u.rename.name};
    return if_exists ? NULL : ret;
}

static struct op *undo_rename_part(struct ctx *ctx, const struct op *op, bool if_exists)
{
    const struct op_rename_part *o = &op->u.rename_part;
    struct op *ret = op_new(ctx, op->kind);
    ret->u.rename_part = (struct op_rename_part){.table = o->table, .name = o->new_name, .new_name = o->name};
    return if_exists ? NULL : ret;
}

static inverse_function *const inverses[OP_KINDS] = {
    [OP_CREATE_SCHEMA] = undo_schema,
    [OP_CREATE_ENUM] = undo_enum,
    [OP_RENAME_ENUM] = undo_rename,
    [OP_CREATE_SEQUENCE] = undo_sequence,
    [OP_RENAME_SEQUENCE] = undo_rename,
    [OP_CREATE_TABLE] = undo_table,
    [OP_RENAME_TABLE] = undo_rename,
    [OP_ADD_COLUMN] = undo_column,
    [OP_RENAME_COLUMN] = undo_rename_part,
    [OP_CREATE_INDEX] = undo_index,
    [OP_RENAME_INDEX] = undo_rename_part,
    [OP_CREATE_UNIQUE_CONSTRAINT] = undo_constraint,
    [OP_CREATE_CHECK_CONSTRAINT] = undo_constraint,
    [OP_CREATE_FOREIGN_KEY] = undo_constraint,
    [OP_CREATE_EXCLUDE_CONSTRAINT] = undo_constraint,
    [OP_RENAME_CONSTRAINT] = undo_rename_part,
    [OP_CREATE_VIEW] = undo_view,
};

/* ---- changes of what goes anyway ---------------------------------------------------------------- */

static bool creates_table(const struct op *op, const struct qname *table)
{
    const struct op_create_table *o = &op->u.create_table;
    return op->kind == OP_CREATE_TABLE && !o->if_not_exists && qname_eq(&o->table.name, table);
}

static bool adds_column(const struct op *op, const struct qname *table, const char *column)
{
    const struct op_add_column *o = &op->u.add_column;
    return op->kind == OP_ADD_COLUMN && !o->if_not_exists && qname_eq(&o->table, table) &&
           str_eq(o->column.name, column);
}

/* Whether one of the first n operations created the column, alone or with its table. */
static bool is_new_column(const struct ops *ops, size_t n, const struct qname *table, const char *column)
{
    for (size_t i = 0; i < n; i++)
        if (creates_table(ops->v[i], table) || (column && adds_column(ops->v[i], table, column)))
            return true;
    return false;
}

static bool changes_new_object(const struct ops *ops, size_t n)
{
    const struct op *op = ops->v[n];
    const struct qname *table = op_table_name(op);
    if (!table)
        return false;
    if (is_new_column(ops, n, table, NULL))
        return op->kind != OP_DROP_TABLE && op->kind != OP_RENAME_TABLE;
    if (op->kind == OP_ALTER_COLUMN && !ALTER_HAS(&op->u.alter_column, ALTER_NEW_NAME))
        return is_new_column(ops, n, table, op->u.alter_column.name);
    if (op->kind != OP_BACKFILL)
        return false;
    vec_each(i, &op->u.backfill.set)
        if (!is_new_column(ops, n, table, op->u.backfill.set.v[i]->column))
            return false;
    return true;
}

/* ---- all of them -------------------------------------------------------------------------------- */

static bool refuse(struct run *r, const struct work *w, const struct strings *remaining)
{
    struct ctx *ctx = r->p->ctx;
    const struct progress *at = &r->attempt.at;
    fail(ctx, STATUS_FAILED, "cannot revert half-applied revision %s", at->revision);
    fail_detail(ctx, "%s", progress_text(ctx, at));
    vec_each(i, remaining)
        fail_detail(ctx, "cannot be undone: %s", remaining->v[i]);
    return fail_hint(ctx,
        "Nothing was changed. Run 'cmig upgrade %s' to complete the revision; or undo by hand what is "
        "applied, and run 'cmig stamp %s', which removes the record.",
        w->step->revision->id, *at->rows ? at->rows : "base");
}

bool run_find_revert(struct run *r, struct work *w)
{
    struct ctx *ctx = r->p->ctx;
    const struct ops *ops = &w->body.upgrade;
    const struct progress *at = &r->attempt.at;
    struct strings remaining = {0};
    size_t n = (size_t)at->operation;
    bool in_part = at->part || at->state;
    if (!run_check_continued(r, ops))
        return false;
    for (size_t i = n + (in_part && n < ops->n); i-- > 0;) {
        const struct op *op = ops->v[i];
        if (changes_new_object(ops, i))
            continue;
        struct op *undo = inverses[op->kind] ? inverses[op->kind](ctx, op, i == n) : NULL;
        if (!undo) {
            vec_add(ctx, &remaining,
                ctx_printf(ctx, "%s%s", pos_text(&ctx->arena, op->pos), op_label(&ctx->arena, op)));
            continue;
        }
        undo->pos = op->pos;
        vec_add(ctx, &w->revert, undo);
    }
    w->reverts = true;
    return !remaining.n || refuse(r, w, &remaining);
}
