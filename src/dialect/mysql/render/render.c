/* Renders operations as statements. */
#include "dialect/mysql/render/render.h"

#include "dialect/mysql/reflect/reflect.h"

/* Operations on objects that only other databases have, or that are part of a column here. */
static bool render_nothing(ATTR_UNUSED struct rendering *r, ATTR_UNUSED const struct op *op)
{
    return true;
}

static my_renderer *const renderers[OP_KINDS] = {
    [OP_ALTER_DATABASE] = render_nothing,
    [OP_CREATE_ENUM] = render_nothing,
    [OP_DROP_ENUM] = render_nothing,
    [OP_ALTER_ENUM] = my_render_alter_enum,
    [OP_RENAME_ENUM] = render_nothing,
    [OP_CREATE_TABLE] = my_render_create_table,
    [OP_DROP_TABLE] = my_render_drop_table,
    [OP_RENAME_TABLE] = my_render_rename_table,
    [OP_ALTER_TABLE] = my_render_alter_table,
    [OP_ADD_COLUMN] = my_render_add_column,
    [OP_DROP_COLUMN] = my_render_drop_column,
    [OP_ALTER_COLUMN] = my_render_alter_column,
    [OP_RENAME_COLUMN] = my_render_rename_column,
    [OP_CREATE_INDEX] = my_render_create_index,
    [OP_DROP_INDEX] = my_render_drop_index,
    [OP_RENAME_INDEX] = my_render_rename_index,
    [OP_CREATE_PRIMARY_KEY] = my_render_create_constraint,
    [OP_CREATE_UNIQUE_CONSTRAINT] = my_render_create_constraint,
    [OP_CREATE_CHECK_CONSTRAINT] = my_render_create_constraint,
    [OP_CREATE_FOREIGN_KEY] = my_render_create_constraint,
    [OP_DROP_CONSTRAINT] = my_render_drop_constraint,
    [OP_RENAME_CONSTRAINT] = my_render_rename_constraint,
    [OP_VALIDATE_CONSTRAINT] = render_nothing, /* it was checked when it was created */
    [OP_CREATE_TABLE_COMMENT] = my_render_table_comment,
    [OP_DROP_TABLE_COMMENT] = my_render_table_comment,
    [OP_SET_COMMENT] = my_render_set_comment,
    [OP_CREATE_SEQUENCE] = my_render_create_sequence,
    [OP_ALTER_SEQUENCE] = my_render_alter_sequence,
    [OP_DROP_SEQUENCE] = my_render_drop_sequence,
    [OP_RENAME_SEQUENCE] = my_render_rename_sequence,
    [OP_CREATE_VIEW] = my_render_create_view,
    [OP_DROP_VIEW] = my_render_drop_view,
    [OP_REPLACE_VIEW] = my_render_replace_view,
    [OP_RENAME_VIEW] = my_render_rename_view,
    [OP_BULK_INSERT] = my_render_bulk_insert,
    [OP_EXECUTE] = my_render_execute,
    [OP_BACKFILL] = my_render_backfill,
    [OP_RUN] = my_render_run,
    [OP_ASSERT] = my_render_assert,
    [OP_GRANT] = my_render_grant,
    [OP_REVOKE] = my_render_grant,
    [OP_CHANGE_OWNER] = render_nothing,
};

static my_renderer *renderer(enum op_kind kind)
{
    return op_object_kind(kind) == OBJECT_KINDS ? renderers[kind] : my_render_object;
}

bool my_renders(enum op_kind kind)
{
    return renderer(kind);
}

/* ---- the tables before an operation ------------------------------------------------------------------ */

static bool load(struct rendering *r, const struct qname *name, struct table **ret)
{
    const struct state *s = r->state;
    struct table *found = NULL;
    if (s->conn && !my_reflect_table(s->conn, name, &found))
        return false;
    if (!s->conn && s->schema && schema_table(s->schema, name))
        found = table_copy(r->ctx, schema_table(s->schema, name));
    if (found) {
        found->name = *name; /* the server may keep it in lower case */
        schema_insert_table(r->ctx, &r->now, found);
    }
    *ret = found;
    return true;
}

bool my_table_find(struct rendering *r, const struct qname *name, struct table **ret)
{
    *ret = schema_table(&r->now, name);
    return *ret || load(r, name, ret);
}

bool my_table_now(struct rendering *r, const struct qname *name, struct table **ret)
{
    if (!my_table_find(r, name, ret))
        return false;
    return *ret || fail(r->ctx, STATUS_FAILED, "table '%s' does not exist", qname_text(&r->ctx->arena, name));
}

bool my_change_of(struct rendering *r, const struct qname *name, struct my_change *ret)
{
    struct table *before;
    if (!my_table_now(r, name, &before))
        return false;
    struct table *after = table_copy(r->ctx, before);
    if (!op_apply_to_table(r->ctx, &mysql_dialect, &r->now, after, r->op))
        return false;
    *ret = (struct my_change){before, after};
    return true;
}

static const char **name_in(struct table *t, const char *name)
{
    struct constraint *c = table_constraint(t, name);
    struct index *i = table_index(t, name);
    return i ? &i->name : c && c->kind == CONSTRAINT_UNIQUE ? &c->name : NULL;
}

static void remove_unique(struct table *t, const char *name)
{
    vec_each(i, &t->uniques)
        if (str_eq(t->uniques.v[i]->name, name)) {
            vec_remove(&t->uniques, i);
            return;
        }
    vec_each(i, &t->indexes)
        if (str_eq(t->indexes.v[i]->name, name)) {
            vec_remove(&t->indexes, i);
            return;
        }
}

/* An operation may call an index what is a constraint in the reflected table, and the other way round. */
static void follow_unique(struct rendering *r)
{
    const struct op *op = r->op;
    const struct qname *table = op_table_name(op);
    struct table *t = table ? schema_table(&r->now, table) : NULL;
    const char **name;
    if (t && op->kind == OP_DROP_CONSTRAINT && my_drops_primary_key(r, &op->u.drop_constraint, t))
        t->primary_key = NULL; /* the operation may name it, which the server does not */
    else if (t && op->kind == OP_DROP_INDEX)
        remove_unique(t, op->u.drop_index.name);
    else if (t && op->kind == OP_DROP_CONSTRAINT && op->u.drop_constraint.name)
        remove_unique(t, op->u.drop_constraint.name);
    else if (t && (op->kind == OP_RENAME_INDEX || op->kind == OP_RENAME_CONSTRAINT) &&
             (name = name_in(t, op->u.rename_part.name)))
        *name = op->u.rename_part.new_name;
}

/* A list of operations is rendered before any of them runs, so its tables are tracked in memory. Tables that user
 * SQL created cannot be tracked and are left out. */
void my_render_follow(struct rendering *r)
{
    const struct ops one = {.v = (struct op **)&r->op, .n = 1};
    if (r->op->kind == OP_ALTER_ENUM || ops_apply(r->ctx, &mysql_dialect, &r->now, &one))
        return;
    err_clear(r->ctx);
    follow_unique(r);
}

/* Whether the table is to be tracked: with `ret_together`, only for the next operation. */
static bool has_later(const struct rendering *r, const struct qname *name)
{
    if (!r->state->ret_together)
        return r->ops->n > 1;
    const struct qname *next = r->at + 1 < r->ops->n ? op_table_name(r->ops->v[r->at + 1]) : NULL;
    return next && qname_eq(next, name);
}

static bool load_for_later(struct rendering *r)
{
    const struct qname *name = op_table_name(r->op);
    struct table *ignored;
    bool is_needed =
        name && has_later(r, name) && r->op->kind != OP_CREATE_TABLE && !schema_table(&r->now, name);
    return !is_needed || load(r, name, &ignored);
}

/* An operation that an earlier run began may be applied already: then there is nothing to do. */
static bool is_applied_already(struct rendering *r, bool *ret)
{
    const struct qname *name = op_table_name(r->op);
    struct table *t;
    *ret = false;
    if (!r->state->begun || r->at > 0 || !name || r->op->kind == OP_CREATE_TABLE)
        return true;
    if (!load(r, name, &t))
        return false;
    *ret = t && !op_apply_to_table(r->ctx, &mysql_dialect, &r->now, table_copy(r->ctx, t), r->op);
    if (*ret)
        err_clear(r->ctx);
    return true;
}

static bool view_exists(struct rendering *r, const char *name, bool *ret)
{
    const struct state *s = r->state;
    struct strings row = {0};
    struct sql q = my_render_begin(r);
    *ret = s->schema && schema_view(s->schema, &(struct qname){.name = name});
    if (!s->conn)
        return true;
    sql_addf(&q, "SELECT 1 FROM information_schema.views WHERE table_schema = DATABASE() AND table_name = %L",
        name);
    if (!my_query_row(s->conn, sql_end(&q), &row))
        return false;
    *ret = row.n > 0;
    return true;
}

/* Whether it is about an index of a materialized view, which is a plain one here and has none. */
static bool is_index_of_view(struct rendering *r, bool *ret)
{
    const struct op *op = r->op;
    const struct qname *on = op_table_name(op);
    *ret = false;
    bool is_of_index = op->kind == OP_CREATE_INDEX || op->kind == OP_DROP_INDEX ||
                       op->kind == OP_RENAME_INDEX ||
                       (op->kind == OP_SET_COMMENT && str_eq(op->u.set_comment.on, "index"));
    if (!on || !is_of_index)
        return true;
    const char *name = on->name;
    for (size_t i = r->at; i-- > 0 && !*ret;) {
        const struct op *before = r->ops->v[i];
        *ret = before->kind == OP_CREATE_VIEW && str_eq(before->u.view.view.name.name, name);
        if (before->kind == OP_RENAME_VIEW && str_eq(before->u.rename.new_name.name, name))
            name = before->u.rename.name.name;
    }
    return *ret || schema_table(&r->now, on) || view_exists(r, name, ret);
}

static bool render_unless_applied(struct rendering *r)
{
    struct sql nothing = my_render_begin(r);
    bool is_applied, is_of_view;
    assert(renderer(r->op->kind) && "my_check_op refuses all others");
    if (!is_index_of_view(r, &is_of_view))
        return false;
    if (is_of_view)
        return true;
    if (!load_for_later(r) || !is_applied_already(r, &is_applied))
        return false;
    if (!is_applied)
        return renderer(r->op->kind)(r, r->op);
    sql_add(&nothing, "DO 0");
    my_render_add(r, &nothing);
    return true;
}

bool my_render_one(struct rendering *r)
{
    return render_unless_applied(r) ||
           fail_in(r->ctx, "%s%s", pos_text(&r->ctx->arena, r->op->pos), op_label(&r->ctx->arena, r->op));
}

/* The rows are checked while they are copied. */
bool my_never_online(enum op_kind kind)
{
    return kind == OP_CREATE_CHECK_CONSTRAINT || kind == OP_CREATE_FOREIGN_KEY;
}

/* The server then refuses what it could only do while others wait. */
static void require_online(struct ctx *ctx, struct statements *list)
{
    vec_each(i, list) {
        struct statement *s = list->v[i];
        if (s->flags & STATEMENT_ALTER && s->op->online)
            s->text = ctx_printf(ctx, "%s" MY_IN_PLACE, s->text);
    }
}

bool my_render(struct ctx *ctx, struct state *state, const struct ops *ops, struct statements *ret)
{
    struct rendering r = {.ctx = ctx, .state = state, .ops = ops, .ret = ret};
    if (!my_render_together(&r))
        return false;
    require_online(ctx, ret);
    return true;
}

/* ---- statements -------------------------------------------------------------------------------------- */

struct sql my_render_begin(const struct rendering *r)
{
    return sql_begin(r->ctx, &mysql_dialect);
}

struct sql my_render_alter(const struct rendering *r, const struct qname *table)
{
    struct sql q = my_render_begin(r);
    sql_addf(&q, "ALTER TABLE %Q ", table);
    return q;
}

struct statement *my_render_add(struct rendering *r, struct sql *q)
{
    struct statement *s = statement_add(r->ctx, r->ret, sql_end(q), r->op);
    const struct qname *table = op_table_name(r->op);
    s->flags = STATEMENT_OUTSIDE;
    if (table && str_starts(s->text, "ALTER TABLE ")) {
        s->flags |= STATEMENT_ALTER;
        s->subject = table->name;
    }
    return s;
}

const char *my_render_expr(const struct expr *e)
{
    const char *written = dtext_for(&e->sql, "mysql");
    return written ? written : e->native;
}
