/*
 * Keeps other runs of cmig out by a named lock of the session, which the server releases when the client is gone.
 *
 * Lock names are global to the server, so the name contains a hash of the database's name: lock names have at most
 * 64 characters. The lock is polled, never waited for, so that an interruption is noticed.
 */
#include "dialect/mysql/wire/cluster.h"
#include "dialect/mysql/wire/exec.h"

#include <mysqld_error.h>
#include <poll.h>

enum { FIRST_WAIT_MS = 25, LONGEST_WAIT_MS = 500 };

const char *my_lock_sql(struct ctx *ctx, const struct version_table *v)
{
    struct sql q = sql_begin(ctx, &mysql_dialect);
    sql_addf(&q, "concat('cmig:', sha1(concat(DATABASE(), '.', %L)))", v->name.name);
    return sql_end(&q);
}

static bool try_name(struct my *my, bool *ret_taken)
{
    struct my_answer a CLEANUP(my_answer_free) = {0};
    /* If the session took the lock again, it would have to release it as often. */
    const char *sql = ctx_printf(my->base.ctx,
        "SELECT if(is_used_lock(%s) <=> connection_id(), 1, get_lock(%s, 0))", my->lock_name, my->lock_name);
    if (!my_query(my, sql, &a)) {
        if (!my->lock_table.name || !my_failed_with(my, ER_NOT_SUPPORTED_YET))
            return false;
        err_clear(my->base.ctx); /* nodes of a cluster may have no named locks */
        *ret_taken = true;
        return true;
    }
    *ret_taken = my_next(&a) && my_flag(&a, 0);
    return true;
}

/* On a node of a cluster both locks: scripts take only the named one. */
bool my_lock_try(struct my *my, bool *ret_taken)
{
    if (!try_name(my, ret_taken))
        return false;
    return !*ret_taken || !my->lock_table.name || my_cluster_try(my, ret_taken);
}

static bool fail_locked(struct my *my, uint64_t timeout_ms)
{
    struct ctx *ctx = my->base.ctx;
    struct my_answer a CLEANUP(my_answer_free) = {0};
    fail(ctx, STATUS_TRY_AGAIN, "another cmig holds the lock, and did not release it within %llu ms",
        (unsigned long long)timeout_ms);
    struct err err = ctx->err;
    ctx->err = (struct err){0};
    const char *holder = my->lock_table.name ? my_cluster_holder(my) : NULL;
    bool ok =
        !holder &&
        my_query(my,
            ctx_printf(ctx,
                "SELECT id, user, host, time FROM information_schema.processlist WHERE id = is_used_lock(%s)",
                my->lock_name),
            &a);
    ctx->err = err;
    if (holder)
        fail_detail(ctx, "its holder is %s", holder);
    if (ok && my_next(&a))
        fail_detail(ctx, "the holder is connection %s of the server, user '%s' from '%s'", my_text(&a, 0),
            my_text(&a, 1), my_text(&a, 2));
    return fail_hint(ctx, "Try again, or wait longer with 'lock: {timeout: 5m}' in cmig.yaml.");
}
#define fail_locked(...) fail_false(fail_locked(__VA_ARGS__))

static bool wait_for_lock(struct my *my, uint64_t timeout_ms)
{
    struct ctx *ctx = my->base.ctx;
    uint64_t deadline_us = time_monotonic_us() + timeout_ms * 1000;
    int wait = FIRST_WAIT_MS;
    bool is_taken;
    for (bool has_told = false;; has_told = true) {
        if (!my_lock_try(my, &is_taken))
            return false;
        if (is_taken)
            return true;
        if (ctx_interrupted(ctx))
            return fail_interrupted(ctx);
        if (time_monotonic_us() >= deadline_us)
            return fail_locked(my, timeout_ms);
        if (!has_told)
            log_info(ctx, "waiting for another cmig that holds the lock");
        poll(NULL, 0, wait);
        wait = wait * 2 < LONGEST_WAIT_MS ? wait * 2 : LONGEST_WAIT_MS;
    }
}

bool my_lock(struct conn *conn, const struct version_table *v, uint64_t timeout_ms)
{
    struct my *my = my_of(conn);
    bool is_cluster;
    if (!my_is_cluster(my, &is_cluster))
        return false;
    my->lock_name = my_lock_sql(conn->ctx, v);
    my->lock_table = is_cluster ? v->lock : (struct qname){0};
    if (wait_for_lock(my, timeout_ms))
        return true;
    my_unlock(conn);
    return false;
}

/* The server has already released the lock of a lost connection. */
void my_unlock(struct conn *conn)
{
    struct my *my = my_of(conn);
    struct err err = conn->ctx->err;
    const volatile sig_atomic_t *interrupt = conn->ctx->interrupt;
    my_cluster_release(my);
    if (!my->lock_name || my_is_lost(my))
        return;
    conn->ctx->err = (struct err){0};
    conn->ctx->interrupt = NULL; /* the interruption has been noticed */
    if (!my_query(my, ctx_printf(conn->ctx, "DO release_lock(%s)", my->lock_name), NULL))
        log_debug(conn->ctx, "the lock was not released");
    my->lock_name = NULL;
    conn->ctx->interrupt = interrupt;
    conn->ctx->err = err;
}
