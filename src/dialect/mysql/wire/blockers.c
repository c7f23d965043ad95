/*
 * Names the sessions that keep a statement waiting for a lock.
 *
 * Only a plugin or the performance schema knows who holds the lock of a table, and most servers run without them. Then
 * the sessions with an open transaction and those that run a statement are named, of which one may hold it. While the
 * statement waits, they are looked up by a second connection.
 */
#include "dialect/mysql/wire/exec.h"

enum { LIMIT_MS = 1000 };

enum { ID, USER, HOST, COMMAND, SECONDS, QUERY };

#define SESSION "p.id, p.user, p.host, p.command"
#define AGE "ifnull(timestampdiff(SECOND, x.trx_started, now()), p.time), left(p.info, 400)"
#define WITH_AGE \
    "LEFT JOIN information_schema.innodb_trx x ON x.trx_mysql_thread_id = p.id WHERE p.id NOT IN " \
    "(connection_id(), %d)"
#define IS_NOT_WAITING " AND NOT (ifnull(p.state, '') LIKE 'Waiting for table metadata lock%%')"

/* The first number is that of the waiting connection. */
static const struct {
    const char *condition; /* a query that says whether the source can be used; NULL: always */
    const char *sql;       /* up to the name of the table, if it is named */
    bool is_sure, names_table;
} sources[] = {
    {NULL,
        "SELECT DISTINCT " SESSION ", timestampdiff(SECOND, b.trx_started, now()), left(p.info, 400) FROM "
        "information_schema.innodb_lock_waits w JOIN information_schema.innodb_trx r ON r.trx_id = "
        "w.requesting_trx_id JOIN information_schema.innodb_trx b ON b.trx_id = w.blocking_trx_id JOIN "
        "information_schema.processlist p ON p.id = b.trx_mysql_thread_id WHERE r.trx_mysql_thread_id = %d",
        true, false},
    {"SELECT 1 FROM information_schema.plugins WHERE plugin_name = 'METADATA_LOCK_INFO' AND plugin_status = "
     "'ACTIVE'",
        "SELECT DISTINCT " SESSION ", " AGE " FROM information_schema.metadata_lock_info m JOIN "
        "information_schema.processlist p ON p.id = m.thread_id " WITH_AGE
        " AND m.table_schema = DATABASE() AND m.table_name = %L",
        true, true},
    {"SELECT 1 FROM information_schema.tables WHERE @@performance_schema AND table_schema = "
     "'performance_schema' AND table_name = 'metadata_locks'",
        "SELECT DISTINCT " SESSION ", " AGE " FROM performance_schema.metadata_locks m JOIN "
        "performance_schema.threads t ON t.thread_id = m.owner_thread_id JOIN information_schema.processlist "
        "p ON p.id = t.processlist_id " WITH_AGE
        " AND m.lock_status = 'GRANTED' AND m.object_schema = DATABASE() AND m.object_name = %L",
        true, true},
    {NULL,
        "SELECT " SESSION ", " AGE " FROM information_schema.processlist p " WITH_AGE
        " AND (x.trx_id IS NOT NULL OR (p.db = DATABASE() AND p.command NOT IN ('Sleep', 'Daemon')))" //
        IS_NOT_WAITING " ORDER BY x.trx_started IS NULL, x.trx_started LIMIT 5",
        false, false},
    /* Without the privilege to see the transactions of others. */
    {NULL,
        "SELECT " SESSION ", p.time, left(p.info, 400) FROM information_schema.processlist p WHERE p.id NOT "
        "IN (connection_id(), %d) AND p.db = DATABASE()" IS_NOT_WAITING " ORDER BY p.time DESC LIMIT 5",
        false, false},
};

static bool is_usable(struct my *my, const char *condition)
{
    struct my_answer a CLEANUP(my_answer_free) = {0};
    return !condition || (my_query(my, condition, &a) && my_next(&a));
}

static const char *session_text(struct ctx *ctx, const struct my_answer *a, bool is_sure)
{
    const char *query = waiting_excerpt(ctx, my_text(a, QUERY), "'\"");
    return ctx_printf(ctx,
        "the lock %s held by connection %s of the server, user '%s' from '%s', %s for %s s%s%s",
        is_sure ? "is" : "may be", my_text(a, ID), my_text(a, USER), my_text(a, HOST),
        str_eq(my_text(a, COMMAND), "Sleep") ? "in a transaction" : "running a statement",
        my_text(a, SECONDS), query ? ": " : "", query ? query : "");
}

/* False: the source cannot be used, or names nobody. */
static bool read_source(struct my *my, size_t at, unsigned long waiting, const char *table,
    struct strings *ret_lines, struct strings *ret_names)
{
    struct ctx *ctx = my->base.ctx;
    struct my_answer a CLEANUP(my_answer_free) = {0};
    struct sql q = sql_begin(ctx, &mysql_dialect);
    if ((sources[at].names_table && !table) || !is_usable(my, sources[at].condition))
        return false;
    if (sources[at].names_table)
        sql_addf(&q, sources[at].sql, (int64_t)waiting, table);
    else
        sql_addf(&q, sources[at].sql, (int64_t)waiting);
    if (!my_query(my, sql_end(&q), &a))
        return false;
    while (my_next(&a)) {
        vec_add(ctx, ret_lines, session_text(ctx, &a, sources[at].is_sure));
        /* Which sessions may hold it changes all the time on a busy server: that is no news. */
        vec_add(ctx, ret_names, sources[at].is_sure ? my_copy(&a, ID) : "?");
    }
    return ret_lines->n > 0;
}

static void read_sessions(struct my *my, unsigned long waiting, const struct op *op,
    struct strings *ret_lines, struct strings *ret_names)
{
    struct ctx *ctx = my->base.ctx;
    const struct qname *table = op_table_name(op);
    for (size_t i = 0; i < COUNT_OF(sources) && !ret_lines->n; i++) {
        ctx->err = (struct err){0};
        if (!read_source(my, i, waiting, table ? table->name : NULL, ret_lines, ret_names) && ctx->err.status)
            log_debug(ctx, "cannot look up who holds the lock: %s", err_text(ctx));
    }
}

/* ---- while it waits ---------------------------------------------------------------------------------- */

/* For the lock of a table, or for that of a row, which only some users may see. */
static bool is_waiting(struct my *my, unsigned long id)
{
    static const char *const queries[] = {
        "SELECT 1 FROM information_schema.processlist WHERE id = %d AND state LIKE 'Waiting for %%lock%%'",
        "SELECT 1 FROM information_schema.innodb_trx WHERE trx_mysql_thread_id = %d AND trx_state = 'LOCK "
        "WAIT'",
    };
    for (size_t i = 0; i < COUNT_OF(queries); i++) {
        struct my_answer a CLEANUP(my_answer_free) = {0};
        struct sql q = sql_begin(my->base.ctx, &mysql_dialect);
        sql_addf(&q, queries[i], (int64_t)id);
        if (my_query(my, sql_end(&q), &a) && my_next(&a))
            return true;
    }
    err_clear(my->base.ctx);
    return false;
}

/* MariaDB knows how far a stage of ALTER TABLE is, in per cent. MySQL has no such column. */
static void show_progress(struct my *other, unsigned long id, struct my *my)
{
    struct ctx *ctx = my->base.ctx;
    struct my_answer a CLEANUP(my_answer_free) = {0};
    struct sql q = sql_begin(ctx, &mysql_dialect);
    const struct qname *table = op_table_name(my->running);
    sql_addf(&q,
        "SELECT floor(progress), stage, max_stage, ifnull(state, '') FROM information_schema.processlist "
        "WHERE id = %d AND max_stage > 0",
        (int64_t)id);
    if (ctx->log.progress && my_query(other, sql_end(&q), &a) && my_next(&a)) {
        log_progress(ctx,
            ctx_printf(ctx, "per cent of stage %s of %s on '%s': %s", my_text(&a, 1), my_text(&a, 2),
                table ? table->name : "?", my_text(&a, 3)),
            (uint64_t)my_int(&a, 0), 100);
        my->shows_progress = true;
    }
    err_clear(ctx);
}

/* Only of a statement of a revision, and not while it is being killed. */
void my_watch(struct my *my)
{
    struct ctx *ctx = my->base.ctx;
    struct strings lines = {0}, names = {0};
    struct my other = {.base = my->base, .lib = my->lib, .url = my->url, .waiting.is_off = true};
    const struct err err = ctx->err;
    bool is_final;
    if (!waiting_is_due(&my->waiting) || !my->running || my->is_abandoned || ctx_interrupted(ctx))
        return;
    ctx->err = (struct err){0};
    unsigned long id = my->lib.mysql_thread_id(my->conn);
    if (my_connect(&other, LIMIT_MS, &is_final)) {
        other.deadline_us = time_monotonic_us() + LIMIT_MS * 1000;
        if (is_waiting(&other, id))
            read_sessions(&other, id, my->running, &lines, &names);
        else
            show_progress(&other, id, my);
        waiting_tell(ctx, &my->waiting, &lines, &names);
    } else {
        my->waiting.is_off = true;
        log_debug(ctx, "cannot look up who keeps the statement waiting: %s", err_text(ctx));
    }
    my_disconnect(&other);
    ctx->err = err;
}

/* ---- after the failure ------------------------------------------------------------------------------- */

void my_name_blockers(struct my *my, const struct op *op)
{
    struct ctx *ctx = my->base.ctx;
    const struct err err = ctx->err;
    struct strings lines = my->waiting.sessions, names = {0};
    my->waiting.sessions = (struct strings){0};
    if (!lines.n)
        read_sessions(my, my->lib.mysql_thread_id(my->conn), op, &lines, &names);
    ctx->err = err;
    vec_each(i, &lines)
        fail_detail(ctx, "%s", lines.v[i]);
}
