/* Prints statements in the form that the mariadb program requires. */
#include "dialect/mysql/wire/exec.h"
#include "dialect/mysql/wire/script.h"

#define DELIMITER "//cmig//"

/* A text that contains semicolons needs another delimiter. */
static bool statement(
    struct ctx *ctx, const struct statement *s, ATTR_UNUSED bool in_transaction, const char **ret)
{
    struct statements parts = {0};
    struct str out = STR(ctx);
    if (!(s->flags & STATEMENT_SCRIPT)) {
        *ret = ctx_printf(ctx, "%s;", s->text);
        return true;
    }
    if (!my_split(ctx, s, false, &parts))
        return false;
    vec_each(i, &parts) {
        const struct statement *part = parts.v[i];
        const char *text = arena_strndup(&ctx->arena, part->text + part->from, part->to - part->from);
        bool has_others = strchr(text, ';');
        str_addf(&out, "%s%s%s%s%s", i ? "\n" : "", has_others ? "DELIMITER " DELIMITER "\n" : "", text,
            has_others ? "\n" DELIMITER "\n" : ";", has_others ? "DELIMITER ;" : "");
    }
    *ret = str_get(&out);
    return true;
}

static bool restore(ATTR_UNUSED struct ctx *ctx, ATTR_UNUSED struct conn *conn,
    ATTR_UNUSED const struct statement *s, const char **ret)
{
    *ret = NULL;
    return true;
}

/* The comment after the text becomes part of an open quote or comment. */
static bool check_text(struct ctx *ctx, const struct statement *s)
{
    const char *mark = "\n;/*cmig*/x", *text = ctx_printf(ctx, "%s%s", s->text, mark), *at = text;
    struct sql_piece last = {0};
    if (s->flags & STATEMENT_ROWS)
        return true;
    for (struct sql_piece p; (p = sql_piece(at, SQL_MYSQL)).kind != SQL_END; at = p.s + p.n)
        last = p;
    if (sql_piece_is(&last, "x"))
        return true;
    fail(ctx, STATUS_FAILED, "the SQL text holds a quote or comment that is never closed");
    return fail_in(ctx, "%s%s", pos_text(&ctx->arena, s->op->pos), op_label(&ctx->arena, s->op));
}

const struct shell my_shell = {
    .name = "mariadb",
    .begin = "START TRANSACTION;",
    .commit = "COMMIT;",
    .statement = statement,
    .check_text = check_text,
    .restore = restore,
};
