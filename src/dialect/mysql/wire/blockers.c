/*
 * Names the sessions that may hold the lock for which a statement waited in vain.
 *
 * Only a plugin or the performance schema knows who holds the lock of a table, and most servers run without them. Then
 * the sessions with an open transaction and those that run a statement are named, of which one may hold it.
 */
#include "dialect/mysql/wire/exec.h"

enum { ID, USER, HOST, COMMAND, SECONDS };

#define SESSION "p.id, p.user, p.host, p.command"

static const struct {
    const char *condition; /* a query that says whether the source can be used; NULL: always */
    const char *sql;       /* up to the name of the table, if it is named */
    bool is_sure;
} sources[] = {
    {"SELECT 1 FROM information_schema.plugins WHERE plugin_name = 'METADATA_LOCK_INFO' AND plugin_status = "
     "'ACTIVE'",
        "SELECT DISTINCT " SESSION ", p.time FROM information_schema.metadata_lock_info m JOIN "
        "information_schema.processlist p ON p.id = m.thread_id WHERE p.id <> connection_id() AND "
        "m.table_schema = DATABASE() AND m.table_name = ",
        true},
    {"SELECT 1 FROM information_schema.tables WHERE @@performance_schema AND table_schema = "
     "'performance_schema' AND table_name = 'metadata_locks'",
        "SELECT DISTINCT " SESSION ", p.time FROM performance_schema.metadata_locks m JOIN "
        "performance_schema.threads t ON t.thread_id = m.owner_thread_id JOIN information_schema.processlist "
        "p "
        "ON p.id = t.processlist_id WHERE p.id <> connection_id() AND m.lock_status = 'GRANTED' AND "
        "m.object_schema = DATABASE() AND m.object_name = ",
        true},
    {NULL,
        "SELECT " SESSION ", ifnull(timestampdiff(SECOND, t.trx_started, now()), p.time) FROM "
        "information_schema.processlist p LEFT JOIN information_schema.innodb_trx t ON t.trx_mysql_thread_id "
        "= "
        "p.id WHERE p.id <> connection_id() AND (t.trx_id IS NOT NULL OR (p.db = DATABASE() AND p.command "
        "NOT "
        "IN ('Sleep', 'Daemon'))) AND NOT (ifnull(p.state, '') LIKE 'Waiting for table metadata lock%') "
        "ORDER "
        "BY t.trx_started IS NULL, t.trx_started LIMIT 5",
        false},
    /* Without the privilege to see the transactions of others. */
    {NULL,
        "SELECT " SESSION ", p.time FROM information_schema.processlist p WHERE p.id <> connection_id() AND "
        "p.db = DATABASE() AND NOT (ifnull(p.state, '') LIKE 'Waiting for table metadata lock%') ORDER BY "
        "p.time DESC LIMIT 5",
        false},
};

static bool is_usable(struct my *my, const char *condition)
{
    struct my_answer a CLEANUP(my_answer_free) = {0};
    return !condition || (my_query(my, condition, &a) && my_next(&a));
}

static const char *session_text(struct ctx *ctx, const struct my_answer *a, bool is_sure)
{
    bool is_idle = str_eq(my_text(a, COMMAND), "Sleep");
    return ctx_printf(ctx,
        "the lock %s held by connection %s of the server, user '%s' from '%s', %s for %s s",
        is_sure ? "is" : "may be", my_text(a, ID), my_text(a, USER), my_text(a, HOST),
        is_idle ? "in a transaction" : "which runs a statement", my_text(a, SECONDS));
}

/* False: the source cannot be used, or names nobody. */
static bool read_source(struct my *my, size_t at, const char *table, struct strings *ret)
{
    struct my_answer a CLEANUP(my_answer_free) = {0};
    struct sql q = sql_begin(my->base.ctx, &mysql_dialect);
    if (!is_usable(my, sources[at].condition))
        return false;
    sql_add(&q, sources[at].sql);
    if (sources[at].is_sure)
        sql_string(&q, table);
    if (!my_query(my, sql_end(&q), &a))
        return false;
    while (my_next(&a))
        vec_add(my->base.ctx, ret, session_text(my->base.ctx, &a, sources[at].is_sure));
    return ret->n > 0;
}

void my_name_blockers(struct my *my, const char *table)
{
    struct ctx *ctx = my->base.ctx;
    const struct err err = ctx->err;
    struct strings sessions = {0};
    for (size_t i = 0; i < COUNT_OF(sources) && !sessions.n; i++) {
        ctx->err = (struct err){0};
        if (!read_source(my, i, table, &sessions))
            log_debug(ctx, "nobody is known to hold the lock: %s", err_text(ctx));
    }
    ctx->err = err;
    vec_each(i, &sessions)
        fail_detail(ctx, "%s", sessions.v[i]);
}
