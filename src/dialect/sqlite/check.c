/* Rejects operations that SQLite does not support. */
#include "dialect/sqlite/ddl.h"
#include "dialect/sqlite/prepare.h"
#include "dialect/sqlite/sqlite.h"
#include "dialect/sqlite/virtual.h"

static const char *const missing[OP_KINDS] = {
    [OP_CREATE_SCHEMA] = "schemas",
    [OP_DROP_SCHEMA] = "schemas",
    [OP_CREATE_SEQUENCE] = "sequences",
    [OP_DROP_SEQUENCE] = "sequences",
    [OP_ALTER_SEQUENCE] = "sequences",
    [OP_RENAME_SEQUENCE] = "sequences",
    [OP_CREATE_EXCLUDE_CONSTRAINT] = "exclusion constraints",
};

bool refuse_kind(struct ctx *ctx, const struct op *op)
{
    if (!missing[op->kind])
        return true;
    fail(ctx, STATUS_CONFIG, "SQLite has no %s", missing[op->kind]);
    return fail_hint(ctx, "Restrict the operation to other databases: `only: [postgresql]`.");
}

static bool check_table(struct ctx *ctx, const struct op *op)
{
    return table_complete(ctx, table_copy(ctx, &op->u.create_table.table));
}

static bool check_rename(struct ctx *ctx, const struct op *op)
{
    return refuse_schema(ctx, op->pos, &op->u.rename.new_name);
}

static bool check_add_column(struct ctx *ctx, const struct op *op)
{
    const struct op_add_column *o = &op->u.add_column;
    return refuse_column(ctx, NULL, &o->column) &&
           (!o->references || refuse_constraint(ctx, op->pos, o->references));
}

static bool check_index(struct ctx *ctx, const struct op *op)
{
    return refuse_index(ctx, op->pos, &op->u.create_index.index);
}

static bool check_constraint(struct ctx *ctx, const struct op *op)
{
    return refuse_constraint(ctx, op->pos, &op->u.create_constraint.constraint);
}

static bool check_view(struct ctx *ctx, const struct op *op)
{
    const struct view *v = &op->u.view.view;
    if (!refuse_schema(ctx, op->pos, &v->name))
        return false;
    return expr_sql(ctx, &v->body) ||
           fail_at(ctx, STATUS_CONFIG, op->pos, "view '%s' has no query for SQLite", v->name.name);
}

static bool check_virtual_table(struct ctx *ctx, const struct op *op)
{
    const struct object *o = &op->u.object.object;
    const char *text = dtext_for(&o->sql, "sqlite");
    struct virtual_table v;
    if (!text)
        return true;
    if (!virtual_parse(ctx, text, &v) || !str_eq_ci(v.name, o->name.name))
        return fail_at(
            ctx, STATUS_CONFIG, op->pos, "the SQL must be CREATE VIRTUAL TABLE %s USING …", o->name.name);
    return virtual_check_module(ctx, op->pos, &v);
}

static bool (*const checks[OP_KINDS])(struct ctx *ctx, const struct op *op) = {
    [OP_CREATE_TABLE] = check_table,
    [OP_RENAME_TABLE] = check_rename,
    [OP_RENAME_VIEW] = check_rename,
    [OP_ADD_COLUMN] = check_add_column,
    [OP_CREATE_INDEX] = check_index,
    [OP_CREATE_PRIMARY_KEY] = check_constraint,
    [OP_CREATE_UNIQUE_CONSTRAINT] = check_constraint,
    [OP_CREATE_CHECK_CONSTRAINT] = check_constraint,
    [OP_CREATE_FOREIGN_KEY] = check_constraint,
    [OP_CREATE_VIEW] = check_view,
    [OP_REPLACE_VIEW] = check_view,
    [OP_CREATE_VIRTUAL_TABLE] = check_virtual_table,
    [OP_CHANGE_VIRTUAL_TABLE] = check_virtual_table,
};

bool sqlite_check_op(struct ctx *ctx, ATTR_UNUSED const struct conn *conn, const struct op *op)
{
    const struct qname *table = op_table_name(op);
    if (!refuse_kind(ctx, op) || (table && !refuse_schema(ctx, op->pos, table)))
        return false;
    return !checks[op->kind] || checks[op->kind](ctx, op);
}
