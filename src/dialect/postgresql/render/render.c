/* The table of functions that render operations. */
#include "dialect/postgresql/render/render.h"

#include "dialect/postgresql/objects/objects.h"
#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/wire/script.h"

/* What only other databases have. */
static bool render_nothing(ATTR_UNUSED struct rendering *r, ATTR_UNUSED const struct op *op)
{
    return true;
}

static bool (*const renderers[OP_KINDS])(struct rendering *r, const struct op *op) = {
    [OP_CREATE_SCHEMA] = pg_render_create_schema,
    [OP_DROP_SCHEMA] = pg_render_drop_schema,
    [OP_ALTER_DATABASE] = render_nothing,
    [OP_CREATE_ENUM] = pg_render_create_enum,
    [OP_DROP_ENUM] = pg_render_drop_enum,
    [OP_ALTER_ENUM] = pg_render_alter_enum,
    [OP_RENAME_ENUM] = pg_render_rename_enum,
    [OP_CREATE_SEQUENCE] = pg_render_create_sequence,
    [OP_DROP_SEQUENCE] = pg_render_drop_sequence,
    [OP_ALTER_SEQUENCE] = pg_render_alter_sequence,
    [OP_RENAME_SEQUENCE] = pg_render_rename_sequence,
    [OP_CREATE_TABLE] = pg_render_create_table,
    [OP_DROP_TABLE] = pg_render_drop_table,
    [OP_RENAME_TABLE] = pg_render_rename_table,
    [OP_ALTER_TABLE] = pg_render_alter_table,
    [OP_ATTACH_PARTITION] = pg_render_partition,
    [OP_DETACH_PARTITION] = pg_render_partition,
    [OP_COPY_ROWS] = pg_render_copy_rows,
    [OP_ADD_PARENT] = pg_render_parent,
    [OP_DROP_PARENT] = pg_render_parent,
    [OP_RENAME_PARTITION_INDEX] = pg_render_rename_partition_index,
    [OP_ADD_COLUMN] = pg_render_add_column,
    [OP_DROP_COLUMN] = pg_render_drop_column,
    [OP_ALTER_COLUMN] = pg_render_alter_column,
    [OP_RENAME_COLUMN] = pg_render_rename_column,
    [OP_CREATE_INDEX] = pg_render_create_index,
    [OP_DROP_INDEX] = pg_render_drop_index,
    [OP_RENAME_INDEX] = pg_render_rename_index,
    [OP_CREATE_PRIMARY_KEY] = pg_render_create_constraint,
    [OP_CREATE_UNIQUE_CONSTRAINT] = pg_render_create_constraint,
    [OP_CREATE_CHECK_CONSTRAINT] = pg_render_create_constraint,
    [OP_CREATE_FOREIGN_KEY] = pg_render_create_constraint,
    [OP_CREATE_EXCLUDE_CONSTRAINT] = pg_render_create_constraint,
    [OP_DROP_CONSTRAINT] = pg_render_drop_constraint,
    [OP_RENAME_CONSTRAINT] = pg_render_rename_constraint,
    [OP_VALIDATE_CONSTRAINT] = pg_render_validate_constraint,
    [OP_CREATE_TABLE_COMMENT] = pg_render_table_comment,
    [OP_DROP_TABLE_COMMENT] = pg_render_table_comment,
    [OP_SET_COMMENT] = pg_render_set_comment,
    [OP_CREATE_VIEW] = pg_render_create_view,
    [OP_DROP_VIEW] = pg_render_drop_view,
    [OP_REPLACE_VIEW] = pg_render_replace_view,
    [OP_RENAME_VIEW] = pg_render_rename_view,
    [OP_BULK_INSERT] = pg_render_bulk_insert,
    [OP_EXECUTE] = pg_render_execute,
    [OP_BACKFILL] = pg_render_backfill,
    [OP_RUN] = pg_render_run,
    [OP_ASSERT] = pg_render_assert,
    [OP_GRANT] = pg_render_grant,
    [OP_REVOKE] = pg_render_grant,
    [OP_CHANGE_OWNER] = pg_render_change_owner,
};

static void add_waiting(struct rendering *r)
{
    pg_render_kept(r, OBJECT_KINDS, NULL);
    vec_each(i, &r->after)
        vec_add(r->ctx, r->ret, r->after.v[i]);
    r->after = (struct statements){0};
}

/* Operations outside of the transaction: all statements before them must be complete. */
static bool is_apart(const struct op *op)
{
    return op->kind == OP_BACKFILL || op->kind == OP_RUN ||
           (op->kind == OP_CREATE_INDEX && op->u.create_index.concurrently) ||
           (op->kind == OP_DROP_INDEX && op->u.drop_index.concurrently) ||
           (op->kind == OP_DETACH_PARTITION && op->u.partition.concurrently);
}

bool pg_render(struct ctx *ctx, struct state *state, const struct ops *ops, struct statements *ret)
{
    struct rendering r = {
        .ctx = ctx, .state = state, .pg = state->conn ? pg_of(state->conn) : NULL, .ops = ops, .ret = ret};
    if (!pg_on_update_begin(&r))
        return false;
    for (r.at = 0; r.at < ops->n; r.at++) {
        r.op = ops->v[r.at];
        if (is_apart(r.op))
            add_waiting(&r);
        bool is_object = op_object_kind(r.op->kind) != OBJECT_KINDS;
        pg_on_update_before(&r, r.op);
        if (!(is_object ? pg_render_object : renderers[r.op->kind])(&r, r.op) ||
            !pg_on_update_after(&r, r.op))
            return fail_in(ctx, "%s%s", pos_text(&ctx->arena, r.op->pos), op_label(&ctx->arena, r.op));
    }
    add_waiting(&r);
    return true;
}

void pg_render_kept(struct rendering *r, enum object_kind kind, const char *key)
{
    uint32_t left = 0;
    vec_each(i, &r->kept) {
        struct kept_access k = r->kept.v[i];
        if (!key || (k.kind == kind && str_eq(k.key, key)))
            statement_add(r->ctx, r->ret, k.text, k.op);
        else
            r->kept.v[left++] = k;
    }
    r->kept.n = left;
}

/* ---- what all parts use ------------------------------------------------------------------------------ */

struct sql pg_render_begin(struct rendering *r)
{
    return sql_begin(r->ctx, &postgresql_dialect);
}

struct statement *pg_render_add(struct rendering *r, struct sql *q)
{
    return statement_add(r->ctx, r->ret, sql_end(q), r->op);
}

void pg_render_later(struct rendering *r, struct sql *q)
{
    statement_add(r->ctx, &r->after, sql_end(q), r->op);
}

struct sql pg_render_alter(struct rendering *r, const struct qname *table)
{
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "ALTER TABLE %Q ", table);
    return q;
}

void pg_render_unless(struct rendering *r, size_t from, const char *condition)
{
    struct str body = STR(r->ctx);
    for (size_t i = from; i < r->ret->n; i++)
        str_addf(&body, "    %s;\n", r->ret->v[i]->text);
    const char *tag = pg_unused_tag(r->ctx, str_get(&body));
    r->ret->n = from;
    statement_add(r->ctx, r->ret,
        ctx_printf(r->ctx, "DO %s\nBEGIN\n    IF %s THEN RETURN; END IF;\n%sEND\n%s", tag, condition,
            str_get(&body), tag),
        r->op);
}

const char *pg_render_is_there(struct rendering *r, const struct qname *name)
{
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "pg_catalog.to_regclass(%L) IS NOT NULL", pg_qname(&r->ctx->arena, name));
    return sql_end(&q);
}

void pg_render_comment(struct rendering *r, const char *what, const char *comment)
{
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "COMMENT ON %E IS %L", what, comment);
    pg_render_add(r, &q);
}

const char *pg_render_expr(const struct expr *e)
{
    const char *written = dtext_for(&e->sql, "postgresql");
    return written ? written : e->native;
}

struct qname pg_render_old_table(const struct rendering *r, const struct qname *table)
{
    struct qname name = *table;
    for (size_t i = r->at; i-- > 0;) {
        const struct op *op = r->ops->v[i];
        if (op->kind == OP_RENAME_TABLE && qname_eq(&op->u.rename.new_name, &name))
            name = op->u.rename.name;
    }
    return name;
}

/* Former names of the table are taken into account as well. */
const char *pg_render_old_column(const struct rendering *r, const struct qname *table, const char *column)
{
    struct qname name = *table;
    for (size_t i = r->at; i-- > 0;) {
        const struct op *op = r->ops->v[i];
        if (op->kind == OP_RENAME_TABLE && qname_eq(&op->u.rename.new_name, &name))
            name = op->u.rename.name;
        else if (op->kind == OP_RENAME_COLUMN && qname_eq(&op->u.rename_part.table, &name) &&
                 str_eq(op->u.rename_part.new_name, column))
            column = op->u.rename_part.name;
        else if (op->kind == OP_ALTER_COLUMN && ALTER_HAS(&op->u.alter_column, ALTER_NEW_NAME) &&
                 qname_eq(&op->u.alter_column.table, &name) && str_eq(op->u.alter_column.new_name, column))
            column = op->u.alter_column.name;
    }
    return column;
}
