/*
 * Names the sessions that keep a statement waiting for a lock.
 *
 * While it waits, the server knows them; they are looked up by a second connection to the same server, which remains open
 * as long as the first one. Without it, after the failure, they can only be guessed.
 */
#include "dialect/postgresql/wire/exec.h"

enum { LIMIT_MS = 1000 };

enum { PROCESS, USER, APPLICATION, LOCK, STATE, TRANSACTION, QUERY_AGE, QUERY };

#define AGE(of) \
    "pg_catalog.floor(pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - s." of \
    "))::pg_catalog.int8"
#define SESSION(lock) \
    "SELECT b.pid, coalesce(s.usename, '?'), coalesce(s.application_name, ''), " lock ", s.state, " AGE( \
        "xact_start") ", coalesce(" AGE("query_start") ", 0), pg_catalog.\"left\"(s.query, 400) "

/* The process of a prepared transaction is 0. */
static const char waiting_sql[] = SESSION(
    "CASE WHEN w.relation IS NULL THEN 'keeps a transaction open' WHEN b.pid = 0 OR EXISTS (SELECT FROM "
    "pg_catalog.pg_locks h WHERE h.pid = b.pid AND h.granted AND h.relation = w.relation AND h.database = "
    "w.database) THEN 'holds a lock on ' ELSE 'is ahead in the queue for a lock on ' END || "
    "coalesce(w.relation::pg_catalog.regclass::pg_catalog.text, '')") //
    "FROM pg_catalog.pg_locks w CROSS JOIN LATERAL (SELECT DISTINCT u.pid FROM "
    "pg_catalog.unnest(pg_catalog.pg_blocking_pids(w.pid)) AS u (pid)) AS b "
    "LEFT JOIN pg_catalog.pg_stat_activity s ON s.pid = b.pid "
    "WHERE w.pid = $1::pg_catalog.int4 AND NOT w.granted ORDER BY s.xact_start, b.pid LIMIT 5";

/* The server does not say which lock it was; its holders are those of the tables that the statement names. */
static const char guess_sql[] = SESSION("'holds a lock on ' || b.relations") //
    "FROM (SELECT l.pid, pg_catalog.string_agg(DISTINCT c.oid::pg_catalog.regclass::pg_catalog.text, ', ') "
    "AS "
    "relations FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation "
    "WHERE l.granted AND l.locktype = 'relation' AND l.pid <> pg_catalog.pg_backend_pid() "
    "AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = "
    "pg_catalog.current_database()) "
    "AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND pg_catalog.strpos(pg_catalog.lower($1), "
    "pg_catalog.lower(c.relname)) > 0 GROUP BY l.pid) AS b "
    "JOIN pg_catalog.pg_stat_activity s ON s.pid = b.pid ORDER BY s.xact_start, b.pid LIMIT 3";

/* ---- the words ------------------------------------------------------------------------------------------- */

/* Of roles whose sessions may not be seen there is only the number. */
static const char *session_text(struct ctx *ctx, const struct answer *a, int row)
{
    struct str out = STR(ctx);
    const char *state = answer_text(a, row, STATE), *began = answer_text(a, row, TRANSACTION);
    const char *query = waiting_excerpt(ctx, answer_text(a, row, QUERY), "'");
    bool is_active = str_eq(state, "active");
    if (!answer_int(a, row, PROCESS))
        return ctx_printf(ctx, "a prepared transaction %s", answer_text(a, row, LOCK));
    str_addf(&out, "process %s, user '%s', application '%s', %s", answer_text(a, row, PROCESS),
        answer_text(a, row, USER), answer_text(a, row, APPLICATION), answer_text(a, row, LOCK));
    if (began)
        str_addf(&out, "; its transaction began %s s ago", began);
    if (state && !is_active)
        str_addf(&out, "; it is %s", state);
    if (state && query)
        str_addf(&out, "; its %squery began %s s ago: %s", is_active ? "" : "last ",
            answer_text(a, row, QUERY_AGE), query);
    return str_get(&out);
}

/* Their lines, and who they are. */
static void take_sessions(
    struct ctx *ctx, const struct answer *a, struct strings *ret_lines, struct strings *ret_names)
{
    for (int i = 0; i < answer_rows(a); i++) {
        vec_add(ctx, ret_lines, session_text(ctx, a, i));
        vec_add(
            ctx, ret_names, ctx_printf(ctx, "%s %s", answer_text(a, i, PROCESS), answer_text(a, i, LOCK)));
    }
}

/* ---- while it waits -------------------------------------------------------------------------------------- */

struct pg *pg_watcher(struct pg *pg)
{
    if (!pg->watch) {
        struct pg *other = ctx_new(pg->base.ctx, struct pg);
        if (!pg_connect_another(pg, pg->parsed_url, LIMIT_MS, other))
            return NULL;
        pg->watch = other;
    }
    pg->watch->deadline_us = time_monotonic_us() + LIMIT_MS * 1000;
    return pg->watch;
}

static bool look_up(struct pg *pg, struct strings *ret_lines, struct strings *ret_names)
{
    struct ctx *ctx = pg->base.ctx;
    struct answer a CLEANUP(answer_finish) = {0};
    const char *params[] = {ctx_printf(ctx, "%lld", (long long)pg->session)};
    struct pg *watcher = pg_watcher(pg);
    if (!watcher || !pg_query(watcher, waiting_sql, params, 1, &a))
        return false;
    take_sessions(ctx, &a, ret_lines, ret_names);
    return true;
}

/* Not while it connects, nor of a session that is not known. */
void pg_watch(struct pg *pg)
{
    struct ctx *ctx = pg->base.ctx;
    struct strings lines = {0}, names = {0};
    if (!waiting_is_due(&pg->waiting) || pg->deadline_us || pg->is_shared || !pg->session ||
        ctx_interrupted(ctx))
        return;
    const struct err err = ctx->err;
    ctx->err = (struct err){0};
    if (look_up(pg, &lines, &names)) {
        waiting_tell(ctx, &pg->waiting, &lines, &names);
    } else {
        pg->waiting.is_off = true;
        log_debug(ctx, "cannot look up who keeps the statement waiting: %s", err_text(ctx));
    }
    ctx->err = err;
}

/* ---- after the failure ----------------------------------------------------------------------------------- */

void lock_name_blockers(struct pg *pg)
{
    struct ctx *ctx = pg->base.ctx;
    struct answer a CLEANUP(answer_finish) = {0};
    const char *params[] = {pg->waited_for};
    struct strings lines = pg->waited_sessions, names = {0};
    const struct err err = ctx->err;
    if (!pg->waited_for || ctx_interrupted(ctx))
        return;
    pg->waited_for = NULL;
    ctx->err = (struct err){0};
    if (!lines.n && pg_query(pg, guess_sql, params, 1, &a))
        take_sessions(ctx, &a, &lines, &names);
    ctx->err = err;
    vec_each(i, &lines)
        fail_detail(ctx, "%s", lines.v[i]);
}
