/*
 * Detects poolers that switch sessions between transactions.
 *
 * PgBouncer does so with pool_mode = transaction. No message says so, and with one client nothing looks wrong:
 * settings and the lock remain in a session that another client gets next. So a second client begins a transaction.
 * If it gets our session, or makes us lose it, the pooler switches sessions. Where each client keeps its session,
 * the second one gets another, or must wait.
 */
#include "dialect/postgresql/wire/conn.h"

#include <poll.h>
#include <stdlib.h>

enum { PATIENCE_MS = 1000, CONNECT_MS = 5000, UNANSWERED = 0, REFUSED = -1 };

/* The next result, when it comes in time; NULL: it did not, or there is none. */
static PGresult *result_in_time(struct pg *pg, uint64_t deadline)
{
    while (pg->pq.PQisBusy(pg->conn)) {
        uint64_t now = time_monotonic_us();
        struct pollfd fd = {.fd = pg->pq.PQsocket(pg->conn), .events = POLLIN};
        if (now >= deadline || poll(&fd, 1, (int)((deadline - now) / 1000) + 1) < 0)
            return NULL;
        if (!pg->pq.PQconsumeInput(pg->conn))
            return NULL;
    }
    return pg->pq.PQgetResult(pg->conn);
}

/* The session's number, as the last of some statements gives it. */
static int64_t ask_session(struct pg *pg, const char *sql)
{
    uint64_t deadline = time_monotonic_us() + PATIENCE_MS * 1000;
    int64_t found = UNANSWERED;
    if (!pg->pq.PQsendQuery(pg->conn, sql))
        return REFUSED;
    for (PGresult *r; (r = result_in_time(pg, deadline)); pg->pq.PQclear(r)) {
        if (pg_failed(pg, r))
            found = REFUSED;
        else if (pg->pq.PQntuples(r))
            found = strtoll(pg->pq.PQgetvalue(r, 0, 0), NULL, 10);
    }
    return found;
}

bool pg_is_shared(struct pg *pg, const struct url *url, int64_t session)
{
    struct pg other;
    if (!pg_connect_another(pg, url, CONNECT_MS, &other)) {
        err_clear(pg->base.ctx);
        return false;
    }
    int64_t theirs = ask_session(&other, "BEGIN; SELECT pg_catalog.pg_backend_pid()");
    bool is_shared = theirs == REFUSED || theirs == session;
    if (theirs != UNANSWERED && !is_shared)
        is_shared =
            ask_session(pg, pg_on_primary(pg->base.ctx, "SELECT pg_catalog.pg_backend_pid()")) != session;
    other.pq.PQfinish(other.conn);
    for (PGresult *r; (r = pg_result(pg));)
        pg->pq.PQclear(r);
    return is_shared;
}
