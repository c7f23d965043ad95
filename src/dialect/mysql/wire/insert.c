/*
 * Inserts the rows of a bulk_insert, by statements of a few hundred rows each.
 *
 * From version 10.7 on the server says which row of a statement it did not accept.
 */
#include "dialect/mysql/wire/exec.h"

struct insertion {
    struct my *my;
    uint64_t before; /* rows of earlier statements */
    uint64_t failed; /* the row that was not accepted, from 1; 0: none, or not known */
    bool has_failed;
};

/* 0: the server does not say. The error of the statement stays. */
static uint64_t failed_row(struct my *my)
{
    struct ctx *ctx = my->base.ctx;
    struct err err = ctx->err;
    struct my_answer a CLEANUP(my_answer_free) = {0};
    int64_t row = 0;
    if (my_is_lost(my))
        return 0;
    ctx->err = (struct err){0};
    if (my_query(my, "GET DIAGNOSTICS CONDITION 1 @cmig_row = ROW_NUMBER", NULL) &&
        my_query(my, "SELECT @cmig_row", &a) && my_next(&a))
        row = my_int(&a, 0);
    ctx->err = err;
    return row > 0 ? (uint64_t)row : 0;
}

static void insert(void *user, const char *sql, size_t rows)
{
    struct insertion *n = user;
    if (n->has_failed)
        return;
    n->has_failed = !my_query(n->my, sql, NULL);
    if (n->has_failed) {
        uint64_t row = failed_row(n->my);
        n->failed = row && row <= rows ? n->before + row : 0;
    }
    n->before += rows;
}

bool my_insert_rows(struct my *my, const struct statement *s)
{
    struct ctx *ctx = my->base.ctx;
    struct insertion n = {.my = my};
    if (rows_script(ctx, &mysql_dialect, s, insert, &n) && !n.has_failed)
        return true;
    if (n.failed)
        (void)!rows_fail_row(ctx, s, n.failed);
    return fail_in(ctx, "%s%s", pos_text(&ctx->arena, s->op->pos), op_label(&ctx->arena, s->op));
}
