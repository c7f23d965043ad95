/* Rejects operations that the database does not support, or that cmig does not support there yet. */
#include "dialect/mysql/render/refuse.h"
#include "dialect/mysql/render/render.h"
#include "dialect/mysql/spell/types.h"

static bool check_create_table(struct ctx *ctx, const struct op *op)
{
    struct table *t = table_copy(ctx, &op->u.create_table.table);
    if (!t->pos.line)
        t->pos = op->pos;
    vec_each(i, &t->columns) { /* written by hand, it has no types of the server yet */
        struct column *c = t->columns.v[i];
        if (!c->native && !my_type_native(ctx, t, c, &c->native))
            err_clear(ctx); /* rendering reports it */
    }
    return my_refuse_table(ctx, t);
}

/* They come and go with their period and the versioning of the table, in one statement. */
static bool check_system_time(
    struct ctx *ctx, const struct op *op, const struct options *o, const char *column)
{
    if (!o || !options_get(o, "mysql", "system_time"))
        return true;
    fail_at(ctx, STATUS_CONFIG, op->pos, "cannot change 'system_time' of column '%s' of an existing table",
        column);
    return fail_hint(
        ctx, "Write the ALTER TABLE with 'execute': columns, period and versioning change in one statement.");
}

static bool check_add_column(struct ctx *ctx, const struct op *op)
{
    const struct op_add_column *o = &op->u.add_column;
    if (!check_system_time(ctx, op, o->column.options, o->column.name))
        return false;
    return my_refuse_schema(ctx, op->pos, &o->table) && my_refuse_on_update(ctx, op->pos, &o->column) &&
           (!o->references || my_refuse_constraint(ctx, op->pos, o->references));
}

static bool check_alter_column(struct ctx *ctx, const struct op *op)
{
    const struct op_alter_column *o = &op->u.alter_column;
    if (ALTER_HAS(o, ALTER_USING) && dtext_for(&o->using, "mysql")) {
        fail_at(ctx, STATUS_CONFIG, op->pos, "%s does not support 'using': it converts the rows itself",
            my_title(ctx));
        return fail_hint(
            ctx, "Add a column, fill it with 'backfill', drop the old one and rename the new one.");
    }
    if (!check_system_time(ctx, op, o->options, o->name))
        return false;
    const struct column set = {.name = o->name, .on_update = o->on_update};
    return my_refuse_schema(ctx, op->pos, &o->table) &&
           (!ALTER_HAS(o, ALTER_ON_UPDATE) || my_refuse_on_update(ctx, op->pos, &set));
}

static bool check_index(struct ctx *ctx, const struct op *op)
{
    return my_refuse_schema(ctx, op->pos, &op->u.create_index.table) &&
           my_refuse_index(ctx, op->pos, &op->u.create_index.index);
}

static bool check_constraint(struct ctx *ctx, const struct op *op)
{
    return my_refuse_schema(ctx, op->pos, &op->u.create_constraint.table) &&
           my_refuse_constraint(ctx, op->pos, &op->u.create_constraint.constraint);
}

static bool check_view(struct ctx *ctx, const struct op *op)
{
    const struct view *v = &op->u.view.view;
    if (!my_refuse_schema(ctx, op->pos, &v->name))
        return false;
    return my_render_expr(&v->body) ||
           fail_at(ctx, STATUS_CONFIG, op->pos, "view '%s' has no SQL for %s", v->name.name, my_title(ctx));
}

static bool check_sequence(struct ctx *ctx, const struct op *op)
{
    const struct sequence *q = &op->u.sequence.sequence;
    return my_refuse_schema(ctx, op->pos, &q->name) && my_check_sequence(ctx, op->pos, q);
}

/* Without a text for this database there is no such object. */
static bool check_object(struct ctx *ctx, const struct op *op)
{
    enum object_kind kind = op_object_kind(op->kind);
    enum object_verb verb = op_object_verb(op->kind);
    const struct object *o = &op->u.object.object;
    const char *text = dtext_for(&o->sql, mysql_dialect.name);
    size_t at, n;
    if (!(mysql_dialect.objects & 1u << kind))
        return true;
    if (!my_refuse_schema(ctx, op->pos, &o->name) || !my_refuse_schema(ctx, op->pos, &o->of))
        return false;
    if ((verb != OBJECT_CREATE && verb != OBJECT_CHANGE) || !text || object_sql_name(kind, text, &at, &n))
        return true;
    fail_at(ctx, STATUS_CONFIG, op->pos, "%s '%s': on %s its SQL must begin with CREATE %s",
        object_table[kind].name, object_text(&ctx->arena, o), my_title(ctx), object_table[kind].name);
    return fail_hint(ctx, "Write the whole statement that creates it.");
}

static bool (*const checks[OP_KINDS])(struct ctx *ctx, const struct op *op) = {
    [OP_CREATE_TABLE] = check_create_table,
    [OP_ADD_COLUMN] = check_add_column,
    [OP_ALTER_COLUMN] = check_alter_column,
    [OP_CREATE_INDEX] = check_index,
    [OP_CREATE_PRIMARY_KEY] = check_constraint,
    [OP_CREATE_UNIQUE_CONSTRAINT] = check_constraint,
    [OP_CREATE_CHECK_CONSTRAINT] = check_constraint,
    [OP_CREATE_FOREIGN_KEY] = check_constraint,
    [OP_CREATE_SEQUENCE] = check_sequence,
    [OP_ALTER_SEQUENCE] = check_sequence,
    [OP_CREATE_VIEW] = check_view,
    [OP_REPLACE_VIEW] = check_view,
};

/* ---- what some servers do not have ------------------------------------------------------------------- */

static bool has_sequence(const struct op *op)
{
    return op->kind == OP_CREATE_SEQUENCE || op->kind == OP_ALTER_SEQUENCE;
}

static bool has_check(const struct op *op)
{
    const struct constraint *c;
    if (op->kind != OP_CREATE_TABLE)
        return op->kind == OP_CREATE_CHECK_CONSTRAINT &&
               my_render_expr(&op->u.create_constraint.constraint.check);
    for (size_t state = 0; (c = table_next_constraint(&op->u.create_table.table, &state));)
        if (c->kind == CONSTRAINT_CHECK && my_render_expr(&c->check))
            return true;
    return false;
}

static bool descends(const struct index *i)
{
    vec_each(k, &i->parts)
        if (i->parts.v[k]->order == ORDER_DESC)
            return true;
    return false;
}

static bool key_descends(const struct constraint *c)
{
    const char *order = c && c->options ? options_get(c->options, mysql_dialect.name, "order") : NULL;
    return order && strpbrk(order, "dD"); /* of "asc, desc" */
}

static bool has_descending(const struct op *op)
{
    const struct table *t = &op->u.create_table.table;
    if (op->kind == OP_CREATE_INDEX)
        return descends(&op->u.create_index.index);
    if (op->kind == OP_CREATE_PRIMARY_KEY)
        return key_descends(&op->u.create_constraint.constraint);
    if (op->kind != OP_CREATE_TABLE)
        return false;
    vec_each(i, &t->indexes)
        if (descends(t->indexes.v[i]))
            return true;
    return key_descends(t->primary_key);
}

static bool has_ignored_index(const struct op *op)
{
    const struct index *i = &op->u.create_index.index;
    return op->kind == OP_CREATE_INDEX && i->options &&
           url_flag(options_get(i->options, mysql_dialect.name, "ignored"));
}

static bool check_server(struct ctx *ctx, const struct conn *conn, const struct op *op)
{
    const struct my *my = (const struct my *)conn;
    if (!my || conn->stand_in)
        return true;
    const struct {
        bool is_there;
        bool (*needs)(const struct op *op);
        const char *what, *hint;
    } rows[] = {
        {my->server->has_sequences, has_sequence, "sequences", NULL},
        {my->server->has_checks, has_check, "check constraints",
            "Leave them out there: {default: ..., mysql: null}."},
        {my->server->has_descending, has_descending, "descending keys",
            "Leave 'order' out: the server would ignore it."},
        {my->server->index_hidden != NULL, has_ignored_index, "indexes that queries ignore", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (!rows[i].is_there && rows[i].needs(op)) {
            fail_at(ctx, STATUS_CONFIG, op->pos, "%s has no %s", conn->server, rows[i].what);
            return rows[i].hint ? fail_hint(ctx, "%s", rows[i].hint) : false;
        }
    return true;
}

/* ---- all of it --------------------------------------------------------------------------------------- */

bool my_check_op(struct ctx *ctx, const struct conn *conn, const struct op *op)
{
    if (!check_server(ctx, conn, op))
        return false;
    if (!my_renders(op->kind)) {
        fail_at(ctx, STATUS_CONFIG, op->pos, "cmig has no '%s' for %s yet", op_table[op->kind].name,
            my_title(ctx));
        return fail_hint(ctx,
            "Restrict the operation to other databases with 'only: [postgresql]', and add an 'execute' with "
            "'only: [mysql]'.");
    }
    if (op_object_kind(op->kind) != OBJECT_KINDS)
        return check_object(ctx, op);
    return !checks[op->kind] || checks[op->kind](ctx, op);
}
