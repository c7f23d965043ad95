/* Inserts the rows of a bulk_insert, by statements of a few hundred rows each. */
#include "dialect/mysql/wire/exec.h"

struct insertion {
    struct my *my;
    bool has_failed;
};

static void insert(void *user, const char *sql)
{
    struct insertion *n = user;
    n->has_failed = n->has_failed || !my_query(n->my, sql, NULL);
}

bool my_insert_rows(struct my *my, const struct statement *s)
{
    struct ctx *ctx = my->base.ctx;
    struct insertion n = {.my = my};
    if (rows_script(ctx, &mysql_dialect, s, insert, &n) && !n.has_failed)
        return true;
    return fail_in(ctx, "%s%s", pos_text(&ctx->arena, s->op->pos), op_label(&ctx->arena, s->op));
}
