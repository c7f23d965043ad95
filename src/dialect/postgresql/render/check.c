/* Rejects operations that no PostgreSQL, or not the connected one, supports. */
#include "dialect/postgresql/render/render.h"

static bool refuse(struct ctx *ctx, struct pos pos, const char *what, const char *hint)
{
    fail_at(ctx, STATUS_CONFIG, pos, "PostgreSQL has no %s", what);
    return !hint || fail_hint(ctx, "%s", hint);
}
#define refuse(...) fail_false(refuse(__VA_ARGS__))

static bool check_parts(struct ctx *ctx, struct pos pos, const struct index_parts *parts)
{
    vec_each(i, parts)
        if (parts->v[i]->length)
            return refuse(ctx, pos, "index on part of a column", "Create it on substr(column, 1, n).");
    return true;
}

static bool check_constraint(struct ctx *ctx, struct pos pos, const struct constraint *c)
{
    if (c->kind == CONSTRAINT_FOREIGN_KEY && c->match == FK_MATCH_PARTIAL)
        return refuse(ctx, pos, "MATCH PARTIAL", "Use simple or full.");
    if (c->kind == CONSTRAINT_CHECK && !pg_render_expr(&c->check))
        return fail_at(
            ctx, STATUS_CONFIG, pos, "check '%s' has no expression for PostgreSQL", c->name ? c->name : "");
    return check_parts(ctx, pos, &c->parts);
}

static bool check_table(struct ctx *ctx, const struct op *op)
{
    const struct table *t = &op->u.create_table.table;
    const struct constraint *c;
    for (size_t state = 0; (c = table_next_constraint(t, &state));)
        if (!check_constraint(ctx, c->pos.line ? c->pos : op->pos, c))
            return false;
    vec_each(i, &t->indexes)
        if (!check_parts(ctx, t->indexes.v[i]->pos, &t->indexes.v[i]->parts))
            return false;
    return true;
}

static bool check_add_column(struct ctx *ctx, const struct op *op)
{
    const struct op_add_column *o = &op->u.add_column;
    if (o->after || o->first)
        return refuse(ctx, op->pos, "position for a new column other than the last",
            "Remove 'after' and 'first', or restrict the operation to other databases: `only: [sqlite, "
            "mysql]`.");
    return true;
}

static bool check_index(struct ctx *ctx, const struct op *op)
{
    return check_parts(ctx, op->pos, &op->u.create_index.index.parts);
}

static bool check_create_constraint(struct ctx *ctx, const struct op *op)
{
    return check_constraint(ctx, op->pos, &op->u.create_constraint.constraint);
}

static bool check_view(struct ctx *ctx, const struct op *op)
{
    const struct view *v = &op->u.view.view;
    vec_each(i, &v->indexes)
        if (!check_parts(ctx, v->indexes.v[i]->pos, &v->indexes.v[i]->parts))
            return false;
    return pg_render_expr(&v->body) ||
           fail_at(ctx, STATUS_CONFIG, op->pos, "view '%s' has no query for PostgreSQL", v->name.name);
}

static bool (*const checks[OP_KINDS])(struct ctx *ctx, const struct op *op) = {
    [OP_CREATE_TABLE] = check_table,
    [OP_ADD_COLUMN] = check_add_column,
    [OP_CREATE_INDEX] = check_index,
    [OP_CREATE_PRIMARY_KEY] = check_create_constraint,
    [OP_CREATE_UNIQUE_CONSTRAINT] = check_create_constraint,
    [OP_CREATE_CHECK_CONSTRAINT] = check_create_constraint,
    [OP_CREATE_FOREIGN_KEY] = check_create_constraint,
    [OP_CREATE_EXCLUDE_CONSTRAINT] = check_create_constraint,
    [OP_CREATE_VIEW] = check_view,
    [OP_REPLACE_VIEW] = check_view,
};

bool pg_check_op(struct ctx *ctx, const struct conn *conn, const struct op *op)
{
    if (checks[op->kind] && !checks[op->kind](ctx, op))
        return false;
    return !conn || pg_check_version(ctx, (const struct pg *)conn, op);
}
