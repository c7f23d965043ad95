/*
 * The lock that keeps other runs of cmig out.
 *
 * It is an advisory lock of the session, which the server releases when the client is gone. It is polled, never
 * waited for: a session that waits in pg_advisory_lock holds a snapshot, CREATE INDEX CONCURRENTLY in the session
 * that has the lock would wait for it, and the server would end one of the two as a deadlock.
 */
#include "dialect/postgresql/wire/exec.h"

#include <poll.h>

enum { FIRST_WAIT_MS = 25, LONGEST_WAIT_MS = 500 };

/* A script must come to the same number without knowing the schema, so the server makes it. */
const char *pg_lock_key(struct ctx *ctx, const struct version_table *v)
{
    struct sql q = sql_begin(ctx, &postgresql_dialect);
    const char *name = ctx_printf(ctx, ".%s", v->name.name);
    if (v->name.schema)
        sql_addf(&q, "pg_catalog.hashtext(%L)", ctx_printf(ctx, "%s%s", v->name.schema, name));
    else
        sql_addf(&q,
            "pg_catalog.hashtext(coalesce(" PG_FOUND_SCHEMA(
                "%L") ", pg_catalog.current_schema(), 'public') || %L)",
            v->name.name, name);
    return sql_end(&q);
}

static bool lock_try(struct pg *pg, const struct version_table *v)
{
    struct answer a CLEANUP(answer_finish) = {0};
    struct ctx *ctx = pg->base.ctx;
    const char *sql = ctx_printf(ctx,
        "SELECT pg_catalog.pg_try_advisory_lock(%d, k), k, " PG_SETTINGS " FROM (SELECT %s) AS key (k)",
        LOCK_CLASS, pg_lock_key(ctx, v));
    if (!pg_query(pg, sql, NULL, 0, &a))
        return false;
    pg->is_locked = answer_bool(&a, 0, 0);
    pg->lock_key = (uint32_t)answer_int(&a, 0, 1);
    pg->settings = answer_copy(&a, 0, 2);
    return true;
}

static bool fail_locked(struct pg *pg, uint64_t timeout_ms)
{
    struct ctx *ctx = pg->base.ctx;
    struct answer a CLEANUP(answer_finish) = {0};
    const char *sql = ctx_printf(ctx,
        "SELECT s.pid, coalesce(s.usename, '?'), s.application_name, "
        "coalesce(pg_catalog.host(s.client_addr), 'a local socket'), "
        "pg_catalog.to_char(s.backend_start, 'YYYY-MM-DD HH24:MI:SS TZ') FROM pg_catalog.pg_locks l "
        "JOIN pg_catalog.pg_stat_activity s ON s.pid = l.pid WHERE l.locktype = 'advisory' AND l.granted "
        "AND l.classid = %u AND l.objid = %u AND l.objsubid = 2 "
        "AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database())",
        (unsigned)LOCK_CLASS, (unsigned)pg->lock_key);
    fail(ctx, STATUS_TRY_AGAIN, "another cmig holds the lock and did not release it within %llu ms",
        (unsigned long long)timeout_ms);
    if (pg_query(pg, sql, NULL, 0, &a) && answer_rows(&a))
        fail_detail(ctx,
            "the holder is server process %s, user '%s', application '%s' from %s, connected since %s",
            answer_text(&a, 0, 0), answer_text(&a, 0, 1), answer_text(&a, 0, 2), answer_text(&a, 0, 3),
            answer_text(&a, 0, 4));
    return fail_hint(ctx, "Try again, or wait longer with 'lock: {timeout: 5m}' in cmig.yaml.");
}

static bool fail_shared(struct ctx *ctx)
{
    fail(ctx, STATUS_CONFIG,
        "cannot take the lock: the connection pooler switches sessions between transactions");
    return fail_hint(ctx,
        "Give the URL of the server itself, or of a pool that keeps a session for each client: "
        "'pool_mode = session' in PgBouncer.");
}

bool pg_lock(struct conn *conn, const struct version_table *v, uint64_t timeout_ms)
{
    struct pg *pg = pg_of(conn);
    if (pg->is_shared)
        return fail_shared(conn->ctx);
    if (pg->rule)
        return fail(conn->ctx, STATUS_FAILED,
            "%s changes the rows that cmig writes there: drop or disable it", pg->rule);
    uint64_t deadline = time_monotonic_us() + timeout_ms * 1000;
    int wait = FIRST_WAIT_MS;
    for (bool has_told = false;;) {
        if (!lock_try(pg, v))
            return false;
        if (pg->is_locked)
            return true;
        if (ctx_interrupted(conn->ctx))
            return fail_interrupted(conn->ctx);
        if (time_monotonic_us() >= deadline)
            return fail_locked(pg, timeout_ms);
        if (!has_told)
            log_info(conn->ctx, "waiting for another cmig that holds the lock");
        has_told = true;
        poll(NULL, 0, wait);
        wait = wait * 2 < LONGEST_WAIT_MS ? wait * 2 : LONGEST_WAIT_MS;
    }
}

/* A connection that is gone has given it back already. */
void pg_unlock(struct conn *conn)
{
    struct pg *pg = pg_of(conn);
    if (!pg->is_locked || pg->pq.PQstatus(pg->conn) != CONNECTION_OK || pg_has_open_transaction(pg))
        return;
    pg->is_locked = false;
    const char *sql = ctx_printf(
        conn->ctx, "SELECT pg_catalog.pg_advisory_unlock(%d, %d)", LOCK_CLASS, (int32_t)pg->lock_key);
    if (!pg->pq.PQsendQuery(pg->conn, sql))
        return;
    for (PGresult *r; (r = pg_result(pg));)
        pg->pq.PQclear(r);
}
