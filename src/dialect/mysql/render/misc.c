/* Renders views, rows, user SQL, and the runner's own statements. */
#include "dialect/mysql/render/render.h"

/* ---- views ------------------------------------------------------------------------------------------- */

static const char *option(const struct view *v, const char *key)
{
    return v->options ? options_get(v->options, "mysql", key) : NULL;
}

static bool render_view(struct rendering *r, const struct view *v, const char *verb)
{
    struct sql q = my_render_begin(r);
    sql_add(&q, verb);
    if (option(v, "algorithm"))
        sql_addf(&q, " ALGORITHM = %E", option(v, "algorithm"));
    if (option(v, "security"))
        sql_addf(&q, " SQL SECURITY %E", option(v, "security"));
    sql_addf(&q, " VIEW %Q", &v->name);
    if (v->columns.n)
        sql_addf(&q, " %C", &v->columns);
    sql_addf(&q, " AS\n%E", str_trim(&r->ctx->arena, my_render_expr(&v->body)));
    if (option(v, "check_option"))
        sql_addf(&q, " WITH %E CHECK OPTION", option(v, "check_option"));
    my_render_add(r, &q);
    return true;
}

bool my_render_create_view(struct rendering *r, const struct op *op)
{
    return render_view(r, &op->u.view.view, "CREATE");
}

bool my_render_replace_view(struct rendering *r, const struct op *op)
{
    return render_view(r, &op->u.view.view, "CREATE OR REPLACE");
}

bool my_render_drop_view(struct rendering *r, const struct op *op)
{
    struct sql q = my_render_begin(r);
    sql_addf(&q, "DROP VIEW %E%Q", op->u.drop.if_exists ? "IF EXISTS " : "", &op->u.drop.name);
    my_render_add(r, &q);
    return my_drop_access(r, "view", &op->u.drop.name);
}

bool my_render_rename_view(struct rendering *r, const struct op *op)
{
    struct sql q = my_render_begin(r);
    sql_addf(&q, "RENAME TABLE %Q TO %Q", &op->u.rename.name, &op->u.rename.new_name);
    my_render_add(r, &q);
    return my_move_access(r, "view", &op->u.rename.name, op->u.rename.new_name.name, false);
}

/* ---- rows and user SQL ------------------------------------------------------------------------------- */

/* The table's columns determine the types of values, as far as the table is known. */
bool my_render_bulk_insert(struct rendering *r, const struct op *op)
{
    const struct op_bulk_insert *o = &op->u.bulk_insert;
    struct table *t = NULL;
    if (!my_table_now(r, &o->table, &t)) {
        if (r->ctx->err.status != STATUS_FAILED && r->ctx->err.status != STATUS_CONFIG)
            return false;
        err_clear(r->ctx); /* user SQL created it, or it is a view; the server knows */
    }
    const char *path =
        o->file ? fs_join(&r->ctx->arena, r->state->base ? r->state->base : ".", o->file) : NULL;
    struct statement *s = statement_add(r->ctx, r->ret, op_describe(&r->ctx->arena, op), op);
    s->flags = STATEMENT_ROWS;
    s->subject = path;
    s->rows = t;
    return true;
}

bool my_render_execute(struct rendering *r, const struct op *op)
{
    const char *sql = dtext_for(&op->u.execute.sql, "mysql");
    if (sql)
        statement_add(r->ctx, r->ret, sql, op)->flags = STATEMENT_SCRIPT;
    return true;
}

bool my_render_assert(struct rendering *r, const struct op *op)
{
    const char *sql = dtext_for(&op->u.assertion.sql, "mysql");
    if (sql)
        statement_add(r->ctx, r->ret, sql, op)->flags = STATEMENT_CHECK;
    return true;
}

/* ---- what the runner does ---------------------------------------------------------------------------- */

bool my_render_backfill(struct rendering *r, const struct op *op)
{
    const char *text = backfill_text(r->ctx, &mysql_dialect, &op->u.backfill);
    statement_add(r->ctx, r->ret, text, op)->flags = STATEMENT_OUTSIDE | STATEMENT_TASK;
    return true;
}

bool my_render_run(struct rendering *r, const struct op *op)
{
    const char *text = sql_comment(r->ctx, op_describe(&r->ctx->arena, op));
    statement_add(r->ctx, r->ret, text, op)->flags = STATEMENT_OUTSIDE | STATEMENT_TASK;
    return true;
}
