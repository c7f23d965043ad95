/*
 * Tries online operations on an empty copy of their table.
 *
 * DDL commits by itself, so a revision whose third operation the server refuses stays half applied. The server decides by
 * the definition of the table alone whether it can change it in place while others write; so it decides the same for a
 * copy without rows. Where something else about the copy differs, the rest of the table's operations is not tried.
 */
#include "dialect/mysql/render/render.h"

#include "dialect/mysql/wire/exec.h"

#define COPY "cmig_rehearsal"

static bool is_online_change(const struct statement *s)
{
    return s->flags & STATEMENT_ALTER && s->op->online;
}

/* The statement for the copy; NULL: it is not known what it would do there. */
static const char *for_copy(struct ctx *ctx, const struct statement *s)
{
    struct sql table = sql_begin(ctx, &mysql_dialect);
    sql_addf(&table, "ALTER TABLE %Q ", op_table_name(s->op));
    const char *begin = sql_end(&table);
    if (s->op->kind == OP_RENAME_TABLE || !str_starts(s->text, begin))
        return NULL;
    return ctx_printf(ctx, "ALTER TABLE " COPY " %s", s->text + strlen(begin));
}

static bool fail_refused(struct ctx *ctx, const struct op *op)
{
    fail_in(ctx, "%s%s cannot be done online", pos_text(&ctx->arena, op->pos), op_describe(&ctx->arena, op));
    return fail_hint(ctx, MY_ONLINE_HINT);
}

/* Up to the first statement that changes the table in a way that cannot be tried. */
static bool try_changes(struct my *my, const struct statements *all, const char *table)
{
    struct ctx *ctx = my->base.ctx;
    vec_each(i, all) {
        const struct statement *s = all->v[i];
        const char *text;
        if (s->op && s->op->kind == OP_EXECUTE && sql_mentions(s->text, table))
            return true;
        if (!(s->flags & STATEMENT_ALTER) || !str_eq(s->subject, table))
            continue;
        if (!(text = for_copy(ctx, s)))
            return true;
        if (my_run(my, text, NULL))
            continue;
        if (is_online_change(s) && my_is_refusal(my))
            return fail_refused(ctx, s->op);
        err_clear(ctx);
        return true;
    }
    return true;
}

static bool try_table(struct my *my, const struct statements *all, const struct statement *first)
{
    struct ctx *ctx = my->base.ctx;
    struct sql q = sql_begin(ctx, &mysql_dialect);
    sql_addf(&q, "CREATE TABLE " COPY " LIKE %Q", op_table_name(first->op));
    if (!my_run(my, sql_end(&q), NULL)) {
        err_clear(ctx);
        return true;
    }
    bool ok = try_changes(my, all, first->subject);
    struct err err = ctx->err;
    err_clear(ctx);
    if (!my_run(my, "DROP TABLE " COPY, NULL))
        return false;
    ctx->err = err;
    return ok;
}

static bool has_online(const struct ops *ops)
{
    vec_each(i, ops)
        if (ops->v[i]->online)
            return true;
    return false;
}

bool my_rehearse(struct ctx *ctx, struct state *state, const struct ops *ops)
{
    struct statements all = {0};
    struct strings tried = {0};
    if (!my_permit(my_of(state->conn), ops))
        return false;
    if (!has_online(ops))
        return true;
    if (!my_render(ctx, state, ops, &all)) {
        err_clear(ctx);
        return true;
    }
    vec_each(i, &all) {
        const struct statement *s = all.v[i];
        if (!is_online_change(s) || strings_have(&tried, s->subject))
            continue;
        vec_add(ctx, &tried, s->subject);
        if (!try_table(my_of(state->conn), &all, s))
            return false;
    }
    return true;
}
