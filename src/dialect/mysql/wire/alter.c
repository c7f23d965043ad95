/*
 * Runs the statements that change a table.
 *
 * The server is first asked to change the table in place while others write to it. It refuses before it does anything
 * if it cannot, and gives the reason; then the statement runs without that condition, and a note says what others have
 * to expect.
 */
#include "dialect/mysql/wire/exec.h"

#include <mysqld_error.h>

enum { ONLINE_COPY = 110200 }; /* since this version a table can be written to while it is copied */

bool my_is_refusal(struct my *my)
{
    return my->base.ctx->err.status == STATUS_FAILED &&
           (my_failed_with(my, ER_ALTER_OPERATION_NOT_SUPPORTED) ||
               my_failed_with(my, ER_ALTER_OPERATION_NOT_SUPPORTED_REASON));
}

/* About how many rows the table has, as a text; NULL: none, or nobody knows. */
static const char *rows_of(struct my *my, const char *table)
{
    struct my_answer a CLEANUP(my_answer_free) = {0};
    struct sql q = sql_begin(my->base.ctx, &mysql_dialect);
    sql_addf(&q,
        "SELECT table_rows FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = "
        "%L",
        table);
    if (my_query(my, sql_end(&q), &a))
        return my_next(&a) && my_int(&a, 0) ? my_copy(&a, 0) : NULL;
    err_clear(my->base.ctx);
    return NULL;
}

/* "LOCK=NONE is not supported. Reason: Fulltext index creation requires a lock. Try LOCK=SHARED" */
static void note_refusal(struct my *my, const struct statement *s, const char *message)
{
    struct ctx *ctx = my->base.ctx;
    const char *rows = rows_of(my, s->subject), *reason = strstr(message, "Reason: ");
    if (!rows)
        return;
    reason = reason ? reason + strlen("Reason: ") : NULL;
    const char *end = reason ? strstr(reason, ". Try ") : NULL;
    const char *why =
        !reason ? ""
                : ctx_printf(ctx, " (%.*s)", (int)(end ? (size_t)(end - reason) : strlen(reason)), reason);
    if (strstr(message, "LOCK=NONE is not"))
        log_info(
            ctx, "writes to table '%s', of about %s rows, wait until it is changed%s", s->subject, rows, why);
    else
        log_info(ctx, "table '%s', of about %s rows, is copied, and writes to it %s until then%s", s->subject,
            rows, my->version < ONLINE_COPY ? "wait" : "may wait", why);
}

/* The statement itself requests the algorithm and the lock; no other form is tried. */
static bool run_online(struct my *my, const char *sql)
{
    if (my_run(my, sql, NULL))
        return true;
    return !my_is_refusal(my) ? false : fail_hint(my->base.ctx, MY_ONLINE_HINT);
}

bool my_run_alter(struct my *my, const struct statement *s, const char *sql)
{
    struct ctx *ctx = my->base.ctx;
    if (s->op->online)
        return run_online(my, sql);
    if (my_run(my, ctx_printf(ctx, "%s" MY_IN_PLACE, sql), NULL))
        return true;
    if (!my_is_refusal(my))
        return false;
    const char *message = ctx_strdup(ctx, my->lib.mysql_error(my->conn));
    err_clear(ctx);
    note_refusal(my, s, message);
    return my_run(my, sql, NULL);
}
