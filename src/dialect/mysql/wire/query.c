/* Queries the server and takes its answers. */
#include "dialect/mysql/wire/conn.h"

#include <errmsg.h>
#include <errno.h>
#include <mysqld_error.h>
#include <poll.h>
#include <stdlib.h>

enum { POLL_MS = 250, SILENCE_US = 3000000 }; /* the time that a server has to react to an interruption */

/* ---- answers ----------------------------------------------------------------------------------------- */

void my_answer_free(struct my_answer *a)
{
    if (a->rows)
        a->my->lib.mysql_free_result(a->rows);
    a->rows = NULL;
}

bool my_next(struct my_answer *a)
{
    a->row = a->rows ? a->my->lib.mysql_fetch_row(a->rows) : NULL;
    return a->row;
}

const char *my_text(const struct my_answer *a, unsigned column)
{
    return a->row[column];
}

unsigned my_columns(const struct my_answer *a)
{
    return a->rows ? a->my->lib.mysql_num_fields(a->rows) : 0;
}

const char *my_column(const struct my_answer *a, unsigned column)
{
    return a->my->lib.mysql_fetch_field_direct(a->rows, column)->name;
}

char *my_copy(const struct my_answer *a, unsigned column)
{
    return ctx_strdup(a->my->base.ctx, my_text(a, column));
}

int64_t my_int(const struct my_answer *a, unsigned column)
{
    const char *s = my_text(a, column);
    return s ? strtoll(s, NULL, 10) : 0;
}

bool my_flag(const struct my_answer *a, unsigned column)
{
    const char *s = my_text(a, column);
    return s && (str_eq(s, "1") || str_eq_ci(s, "YES") || str_eq_ci(s, "ON"));
}

/* ---- failures ---------------------------------------------------------------------------------------- */

static const struct {
    unsigned code;
    enum status status;
} statuses[] = {
    {CR_CONNECTION_ERROR, STATUS_UNREACHABLE},
    {CR_CONN_HOST_ERROR, STATUS_UNREACHABLE},
    {CR_UNKNOWN_HOST, STATUS_UNREACHABLE},
    {CR_SERVER_GONE_ERROR, STATUS_UNREACHABLE},
    {CR_SERVER_LOST, STATUS_UNREACHABLE},
    {CR_SERVER_HANDSHAKE_ERR, STATUS_UNREACHABLE},
    {CR_SSL_CONNECTION_ERROR, STATUS_UNREACHABLE},
    {CR_AUTH_PLUGIN_CANNOT_LOAD, STATUS_UNREACHABLE},
    {ER_CON_COUNT_ERROR, STATUS_UNREACHABLE},
    {ER_HOST_IS_BLOCKED, STATUS_UNREACHABLE},
    {ER_HOST_NOT_PRIVILEGED, STATUS_UNREACHABLE},
    {ER_ACCESS_DENIED_ERROR, STATUS_UNREACHABLE},
    {ER_DBACCESS_DENIED_ERROR, STATUS_UNREACHABLE},
    {ER_BAD_DB_ERROR, STATUS_UNREACHABLE},
    {ER_SERVER_SHUTDOWN, STATUS_UNREACHABLE},
    {ER_CONNECTION_KILLED, STATUS_UNREACHABLE},
    {ER_LOCK_WAIT_TIMEOUT, STATUS_TRY_AGAIN},
    {ER_LOCK_DEADLOCK, STATUS_TRY_AGAIN},
};

static enum status status_of(unsigned code)
{
    for (size_t i = 0; i < COUNT_OF(statuses); i++)
        if (statuses[i].code == code)
            return statuses[i].status;
    return STATUS_FAILED;
}

bool my_failed_with(struct my *my, unsigned code)
{
    return my->conn && my->lib.mysql_errno(my->conn) == code;
}

bool my_is_lost(struct my *my)
{
    return !my->conn || my->is_abandoned || my_failed_with(my, CR_SERVER_GONE_ERROR) ||
           my_failed_with(my, CR_SERVER_LOST) || my_failed_with(my, ER_CONNECTION_KILLED) ||
           my_failed_with(my, ER_SERVER_SHUTDOWN);
}

/* The library reports only "Lost connection" if it was waiting for the server. */
static bool fail_silent(struct my *my)
{
    return fail(
        my->base.ctx, STATUS_UNREACHABLE, "mysql: the server accepted the connection but does not answer");
}

bool my_fail(struct my *my)
{
    struct ctx *ctx = my->base.ctx;
    unsigned code = my->lib.mysql_errno(my->conn);
    if (ctx_interrupted(ctx))
        return fail_interrupted(ctx);
    if (my->is_abandoned)
        return fail_silent(my);
    enum status status = status_of(code);
    my->base.is_ended |= code == ER_CONNECTION_KILLED;
    fail(ctx, status, "mysql %u: %s", code,
        url_mask(&ctx->arena, my->lib.mysql_error(my->conn), my->url->text));
    if (status == STATUS_TRY_AGAIN)
        fail_hint(ctx, "Another session held a lock for too long; try again.");
    return false;
}

/* ---- waiting ----------------------------------------------------------------------------------------- */

/* Whether the server has been silent for so long that the connection is given up. */
static bool is_silent(struct my *my, uint64_t *interrupted_us)
{
    uint64_t now = time_monotonic_us();
    if (ctx_interrupted(my->base.ctx) && !*interrupted_us) {
        *interrupted_us = now;
        if (!my->is_killed)
            my_kill(my);
        my->is_killed = true;
    }
    return (*interrupted_us && now - *interrupted_us > SILENCE_US) ||
           (my->deadline_us && now > my->deadline_us);
}

/* The library treats a silent server as one that exceeded its time limit, and closes the connection. */
int my_await(struct my *my, int wanted)
{
    uint64_t interrupted_us = 0;
    struct pollfd fd = {.fd = my->lib.mysql_get_socket(my->conn)};
    fd.events = (short)((wanted & MYSQL_WAIT_READ ? POLLIN : 0) | (wanted & MYSQL_WAIT_WRITE ? POLLOUT : 0) |
                        (wanted & MYSQL_WAIT_EXCEPT ? POLLPRI : 0));
    waiting_begin(&my->waiting, my->table_timeout_ms);
    for (;;) {
        my->is_abandoned = my->is_abandoned || is_silent(my, &interrupted_us);
        my_watch(my);
        int n = my->is_abandoned ? 0 : poll(&fd, 1, waiting_left_ms(&my->waiting, POLL_MS));
        if (my->is_abandoned || (n < 0 && errno != EINTR))
            return MYSQL_WAIT_TIMEOUT;
        if (n > 0)
            return (fd.revents & (POLLIN | POLLHUP | POLLERR) ? MYSQL_WAIT_READ : 0) |
                   (fd.revents & (POLLOUT | POLLERR) ? MYSQL_WAIT_WRITE : 0) |
                   (fd.revents & POLLPRI ? MYSQL_WAIT_EXCEPT : 0);
    }
}

/* ---- queries ----------------------------------------------------------------------------------------- */

static bool send(struct my *my, const char *sql)
{
    int failed = 0, wanted = my->lib.mysql_real_query_start(&failed, my->conn, sql, strlen(sql));
    while (wanted)
        wanted = my->lib.mysql_real_query_cont(&failed, my->conn, my_await(my, wanted));
    return !failed;
}

/* NULL also for a statement that returns no rows. */
static MYSQL_RES *store(struct my *my)
{
    MYSQL_RES *rows = NULL;
    int wanted = my->lib.mysql_store_result_start(&rows, my->conn);
    while (wanted)
        wanted = my->lib.mysql_store_result_cont(&rows, my->conn, my_await(my, wanted));
    return rows;
}

/* A procedure may return several results; only the first one counts, but a later one may be an error. */
static bool discard_others(struct my *my)
{
    while (my->lib.mysql_more_results(my->conn)) {
        int state = 0, wanted = my->lib.mysql_next_result_start(&state, my->conn);
        while (wanted)
            wanted = my->lib.mysql_next_result_cont(&state, my->conn, my_await(my, wanted));
        if (state > 0)
            return false;
        struct my_answer more = {my, store(my), NULL};
        my_answer_free(&more);
    }
    return my->lib.mysql_errno(my->conn) == 0;
}

static bool fail_query(struct my *my, uint64_t begun_us)
{
    if (my_failed_with(my, ER_LOCK_WAIT_TIMEOUT))
        my->base.waited_us = time_monotonic_us() - begun_us;
    return my_fail(my);
}

bool my_query(struct my *my, const char *sql, struct my_answer *ret)
{
    const uint64_t begun_us = time_monotonic_us();
    if (!my->conn)
        return fail(my->base.ctx, STATUS_UNREACHABLE, "mysql: the connection was lost");
    if (!send(my, sql))
        return fail_query(my, begun_us);
    struct my_answer a CLEANUP(my_answer_free) = {my, store(my), NULL};
    if (my->lib.mysql_errno(my->conn) || !discard_others(my))
        return fail_query(my, begun_us);
    if (ret) {
        *ret = a;
        a.rows = NULL;
    }
    return true;
}

bool my_query_row(struct conn *conn, const char *sql, struct strings *ret)
{
    struct my *my = my_of(conn);
    struct my_answer a CLEANUP(my_answer_free) = {0};
    struct strings row = {0};
    if (my->begin_pending && !my_begin_now(my))
        return false;
    if (!my_query(my, sql, &a))
        return false;
    if (my_next(&a))
        for (unsigned i = 0; i < my->lib.mysql_num_fields(a.rows); i++)
            vec_add(conn->ctx, &row, my_copy(&a, i));
    *ret = row;
    return true;
}

const char *my_statistics_query(struct ctx *ctx, const struct qname *table)
{
    struct sql q = sql_begin(ctx, &mysql_dialect);
    sql_addf(&q,
        "SELECT table_rows, data_length + index_length FROM information_schema.tables WHERE table_schema = "
        "DATABASE() AND table_name = %L",
        table->name);
    return sql_end(&q);
}

/* Numbers with a binary fraction are not equal to their literals: they can only come first. */
const char *my_key_query(struct ctx *ctx, const struct qname *table, int64_t number)
{
    struct sql q = sql_begin(ctx, &mysql_dialect);
    sql_addf(&q,
        "SELECT column_name FROM information_schema.key_column_usage AS k WHERE table_schema = DATABASE() "
        "AND table_name = %L AND constraint_name = 'PRIMARY' AND ordinal_position = %d AND (ordinal_position "
        "= 1 OR NOT EXISTS (SELECT 1 FROM information_schema.key_column_usage AS b "
        "JOIN information_schema.columns AS c ON c.table_schema = b.table_schema AND c.table_name = "
        "b.table_name AND c.column_name = b.column_name "
        "WHERE b.table_schema = k.table_schema AND b.table_name = k.table_name AND b.constraint_name = "
        "'PRIMARY' AND b.ordinal_position <= k.ordinal_position AND c.data_type IN ('float', 'double')))",
        table->name, number);
    return sql_end(&q);
}

/* A BEFORE trigger may change the row. */
const char *my_triggers_query(struct ctx *ctx, const struct qname *table)
{
    struct sql q = sql_begin(ctx, &mysql_dialect);
    sql_addf(&q,
        "SELECT group_concat(trigger_name ORDER BY trigger_name SEPARATOR ', ') FROM "
        "information_schema.triggers WHERE event_object_schema = DATABASE() AND event_object_table = %L "
        "AND action_timing = 'BEFORE'",
        table->name);
    return sql_end(&q);
}

/* Names and texts of everything that ALTER TABLE changes; the number of rows and the next AUTO_INCREMENT are not in it. */
const char *my_fingerprint(struct ctx *ctx, const char *table)
{
    static const struct {
        const char *columns, *from, *order;
    } parts[] = {
        {"engine, row_format, table_collation, create_options, table_comment", "tables", "table_name"},
        {"column_name, column_type, is_nullable, ifnull(column_default, '-'), ifnull(collation_name, '-'), "
         "extra, "
         "column_comment, ifnull(generation_expression, '-')",
            "columns", "ordinal_position"},
        {"index_name, non_unique, ifnull(column_name, '-'), ifnull(collation, '-'), ifnull(sub_part, 0), "
         "index_type, index_comment",
            "statistics", "index_name, seq_in_index"},
        {"constraint_name, constraint_type", "table_constraints", "constraint_name, constraint_type"},
        {"partition_name, ifnull(subpartition_name, '-'), partition_method, ifnull(partition_description, "
         "'-')",
            "partitions", "partition_ordinal_position, subpartition_ordinal_position"},
    };
    struct str sql = STR(ctx);
    str_add(&sql, "sha1(concat_ws('/'");
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        str_addf(&sql,
            ",\n    (SELECT group_concat(concat_ws('|', %s) ORDER BY %s) FROM information_schema.%s WHERE "
            "table_schema = DATABASE() AND table_name = %s)",
            parts[i].columns, parts[i].order, parts[i].from, table);
    str_add(&sql, "))");
    return str_get(&sql);
}
