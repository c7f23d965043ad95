/* Queries the server and takes its answers. */
#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/wire/conn.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

enum {
    POLL_MS = 250,
    CANCEL_US = 1000000
}; /* how long an interruption that came between two calls may go unnoticed */

/* ---- answers ----------------------------------------------------------------------------------------- */

void answer_finish(struct answer *a)
{
    if (a->r)
        a->pg->pq.PQclear(a->r);
    a->r = NULL;
}

int answer_rows(const struct answer *a)
{
    return a->r ? a->pg->pq.PQntuples(a->r) : 0;
}

int answer_columns(const struct answer *a)
{
    return a->r ? a->pg->pq.PQnfields(a->r) : 0;
}

const char *answer_text(const struct answer *a, int row, int column)
{
    const char *text = a->pg->pq.PQgetvalue(a->r, row, column); /* of a null, too, it is "" */
    return *text || !a->pg->pq.PQgetisnull(a->r, row, column) ? text : NULL;
}

char *answer_copy(const struct answer *a, int row, int column)
{
    return ctx_strdup(a->pg->base.ctx, answer_text(a, row, column));
}

bool answer_bool(const struct answer *a, int row, int column)
{
    const char *s = answer_text(a, row, column);
    return s && *s == 't';
}

int64_t answer_int(const struct answer *a, int row, int column)
{
    const char *s = a->pg->pq.PQgetvalue(a->r, row, column);
    bool is_negative = *s == '-';
    uint64_t n = 0; /* a catalogue has hundreds of thousands of them, in which strtoll() is noticed */
    for (s += is_negative; *s >= '0' && *s <= '9'; s++)
        n = n * 10 + (uint64_t)(*s - '0');
    return (int64_t)(is_negative ? -n : n);
}

/* ---- failures ---------------------------------------------------------------------------------------- */

bool pg_failed(const struct pg *pg, const PGresult *r)
{
    ExecStatusType s = pg->pq.PQresultStatus(r);
    return s == PGRES_FATAL_ERROR || s == PGRES_BAD_RESPONSE || s == PGRES_PIPELINE_ABORTED;
}

const char *pg_code(const struct pg *pg, const PGresult *r)
{
    const char *code = r ? pg->pq.PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
    return code ? code : "";
}

/* Any SQL may raise an error with the code of a connection's: only one that ends the session is meant. */
static bool ends_session(const struct pg *pg, const PGresult *r)
{
    const char *severity = pg->pq.PQresultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED);
    return str_eq(severity, "FATAL") || str_eq(severity, "PANIC");
}

/* What a failure means for the command's exit status, by the beginning of its SQLSTATE. */
static enum status status_of(const struct pg *pg, const PGresult *r)
{
    const char *code = pg_code(pg, r);
    static const struct {
        const char *prefix;
        enum status status;
    } rows[] = {
        {"55P03", STATUS_TRY_AGAIN},   /* lock_not_available */
        {"40P01", STATUS_TRY_AGAIN},   /* deadlock_detected */
        {"08", STATUS_UNREACHABLE},    /* connection exception */
        {"57P0", STATUS_UNREACHABLE},  /* shutdown, crash, starting up, database dropped */
        {"28", STATUS_UNREACHABLE},    /* invalid authorisation */
        {"3D000", STATUS_UNREACHABLE}, /* no such database */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (str_starts(code, rows[i].prefix))
            return rows[i].status == STATUS_UNREACHABLE && !ends_session(pg, r) ? STATUS_FAILED
                                                                                : rows[i].status;
    return STATUS_FAILED;
}

static bool fail_lost(struct pg *pg)
{
    struct ctx *ctx = pg->base.ctx;
    if (ctx_interrupted(ctx))
        return fail_interrupted(ctx);
    char *said = str_trim(&ctx->arena, pg->pq.PQerrorMessage(pg->conn));
    return fail(ctx, STATUS_UNREACHABLE, "postgresql: %s",
        *said ? url_mask(&ctx->arena, said, pg->url) : "the connection was lost");
}

/* The server names neither the role nor the object in a field of its own, so the message is read. In another language
 * there is no hint. */
static const char *privilege_hint(struct ctx *ctx, const char *message)
{
    static const struct {
        const char *prefix, *grant;
    } rows[] = {
        {"permission denied for schema ", "GRANT USAGE, CREATE ON SCHEMA"},
        {"permission denied for database ", "GRANT CREATE ON DATABASE"},
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (str_starts(message, rows[i].prefix))
            return ctx_printf(ctx, "Ask its owner to run: %s %s TO ..., with the role that cmig uses.",
                rows[i].grant, pg_ident(&ctx->arena, message + strlen(rows[i].prefix)));
    if (str_starts(message, "must be owner of "))
        return "Connect as the owner, or as a member of the role that owns it.";
    return NULL;
}

bool pg_fail(struct pg *pg, const PGresult *r)
{
    struct ctx *ctx = pg->base.ctx;
    const char *code = pg_code(pg, r);
    if (ctx_interrupted(ctx) && (str_eq(code, "57014") || !*code))
        return fail_interrupted(ctx);
    if (pg->is_abandoned)
        return fail(
            ctx, STATUS_UNREACHABLE, "postgresql: the server accepted the connection but does not answer");
    if (!*code)
        return fail_lost(pg);
    enum status status = status_of(pg, r);
    pg->base.is_ended |= ends_session(pg, r) && str_eq(code, "57P01"); /* admin_shutdown */
    fail(ctx, status, "postgresql %s: %s", code, pg->pq.PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY));
    const char *detail = pg->pq.PQresultErrorField(r, PG_DIAG_MESSAGE_DETAIL);
    const char *context = pg->pq.PQresultErrorField(r, PG_DIAG_CONTEXT);
    const char *hint = pg->pq.PQresultErrorField(r, PG_DIAG_MESSAGE_HINT);
    if (detail)
        fail_detail(ctx, "detail: %s", detail);
    if (context)
        fail_detail(ctx, "context: %s", context);
    /* DROP ... CASCADE would take along what cmig cannot create again. */
    if (str_eq(code, "2BP01"))
        fail_hint(ctx,
            "Drop the dependent objects with an 'execute' before this operation and recreate them with "
            "one after it.");
    else if (!hint && str_eq(code, "42501"))
        hint = privilege_hint(ctx, pg->pq.PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY));
    if (hint && !str_eq(code, "2BP01"))
        fail_hint(ctx, "%s", hint);
    if (status == STATUS_TRY_AGAIN)
        fail_hint(ctx, "Another session held a lock for too long; try again.");
    return false;
}

/* ---- waiting ----------------------------------------------------------------------------------------- */

/* libpq then treats the connection as closed by the server, so that nothing waits for it any longer. */
static void abandon(struct pg *pg)
{
    pg->is_abandoned = true;
    shutdown(pg->pq.PQsocket(pg->conn), SHUT_RDWR);
}

/* Gives the server a second to react to an interruption. */
static void check_silence(struct pg *pg, uint64_t *since_us)
{
    uint64_t now = time_monotonic_us();
    if (pg->is_abandoned)
        return;
    if (ctx_interrupted(pg->base.ctx) && !*since_us) {
        *since_us = now;
        if (!pg->cancelled_us)
            pg_cancel(pg);
        pg->cancelled_us = now;
    }
    if ((*since_us && now - *since_us > CANCEL_US) || (pg->deadline_us && now > pg->deadline_us))
        abandon(pg);
}

/* The server sends the answers of a list together: those after the first one are not waited for, whichever took the time. */
static void note_waiting(struct pg *pg, uint64_t us)
{
    enum { NOTICED_US = 1000 };
    if (us >= NOTICED_US)
        pg->answered_us = us;
}

PGresult *pg_result(struct pg *pg)
{
    uint64_t since_us = 0; /* an interruption was noticed */
    const uint64_t begun_us = time_monotonic_us();
    waiting_begin(&pg->waiting, pg->lock_timeout_ms);
    while (pg->pq.PQisBusy(pg->conn)) {
        check_silence(pg, &since_us);
        pg_watch(pg);
        pg_show_index(pg);
        struct pollfd fd = {.fd = pg->pq.PQsocket(pg->conn), .events = POLLIN};
        if (pg->pq.PQflush(pg->conn) > 0)
            fd.events |= POLLOUT;
        int n = poll(&fd, 1, waiting_left_ms(&pg->waiting, POLL_MS));
        if (n < 0 && errno != EINTR)
            break;
        if (n > 0 && !pg->pq.PQconsumeInput(pg->conn))
            break;
    }
    pg_hide_index(pg);
    note_waiting(pg, time_monotonic_us() - begun_us);
    return pg->pq.PQgetResult(pg->conn);
}

/* ---- asking ------------------------------------------------------------------------------------------ */

const char *pg_on_primary(struct ctx *ctx, const char *sql)
{
    return ctx_printf(ctx, "/*NO LOAD BALANCE*/ %s", sql);
}

bool pg_query(struct pg *pg, const char *sql, const char *const *params, int nparams, struct answer *ret)
{
    if (!pipeline_end(pg))
        return false;
    if (!pg->pq.PQsendQueryParams(
            pg->conn, pg_on_primary(pg->base.ctx, sql), nparams, NULL, params, NULL, NULL, 0))
        return fail_lost(pg);
    struct answer a = {.pg = pg, .r = pg_result(pg)};
    for (PGresult *more; a.r && (more = pg_result(pg));)
        pg->pq.PQclear(more);
    if (!a.r || pg_failed(pg, a.r)) {
        pg_fail(pg, a.r);
        answer_finish(&a);
        return false;
    }
    *ret = a;
    return true;
}

bool pg_query_row(struct conn *conn, const char *sql, struct strings *ret)
{
    struct pg *pg = pg_of(conn);
    struct answer a CLEANUP(answer_finish) = {0};
    *ret = (struct strings){0};
    if (!pg_query(pg, sql, NULL, 0, &a))
        return false;
    for (int i = 0; answer_rows(&a) && i < pg->pq.PQnfields(a.r); i++)
        vec_add(conn->ctx, ret, answer_copy(&a, 0, i));
    return true;
}

/* A table that was never analysed, and a partitioned one, have no estimate: then the partitions' are added up, or the rows are
 * counted. */
const char *pg_statistics_query(struct ctx *ctx, const struct qname *table)
{
    const char *name = pg_qname(&ctx->arena, table);
    struct sql q = sql_begin(ctx, &postgresql_dialect);
    sql_addf(&q,
        "SELECT CASE WHEN c.reltuples >= 0 AND c.relkind <> 'p' AND (c.reltuples > 0 OR c.relpages > 0) "
        "THEN c.reltuples::pg_catalog.int8 ELSE (SELECT pg_catalog.count(*) FROM %E) END, "
        "CASE WHEN c.relkind = 'p' THEN (SELECT pg_catalog.sum(pg_catalog.pg_total_relation_size(t.relid)) "
        "FROM "
        "pg_catalog.pg_partition_tree(c.oid) t) ELSE pg_catalog.pg_total_relation_size(c.oid) END "
        "FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass(%L)",
        name, name);
    return sql_end(&q);
}

const char *pg_key_query(struct ctx *ctx, const struct qname *table, int64_t number)
{
    struct sql q = sql_begin(ctx, &postgresql_dialect);
    sql_addf(&q,
        "SELECT a.attname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a ON a.attrelid = "
        "i.indrelid AND a.attnum = i.indkey[%d] "
        "WHERE i.indrelid = pg_catalog.to_regclass(%L) AND i.indisprimary AND i.indnkeyatts >= %d",
        number - 1, pg_qname(&ctx->arena, table), number);
    return sql_end(&q);
}

/* A policy without a condition shows all rows, unless a restrictive one hides some. */
const char *pg_unreached_query(struct ctx *ctx, const struct qname *table)
{
    struct sql q = sql_begin(ctx, &postgresql_dialect);
    sql_addf(&q,
        "SELECT 'rule ' || pg_catalog.quote_ident(r.rulename) || ' replaces updates', "
        "'Disable the rule while the revision runs.' "
        "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_rewrite r ON r.ev_class = c.oid "
        "WHERE c.oid = pg_catalog.to_regclass(%L) AND c.relkind IN ('r', 'p') AND r.ev_type = '2' "
        "AND r.is_instead AND r.ev_enabled <> 'D' "
        "UNION ALL SELECT 'row security hides rows from role ' || "
        "pg_catalog.quote_ident(current_user), "
        "'Run the revision as a role with BYPASSRLS, or with a policy that shows it all rows.' "
        "FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass(%L) "
        "AND pg_catalog.row_security_active(c.oid) AND NOT (SELECT COALESCE(pg_catalog.bool_and("
        "CASE WHEN p.polpermissive THEN NULL ELSE false END), true) AND COALESCE(pg_catalog.bool_or("
        "p.polpermissive AND p.polcmd = '*' AND pg_catalog.pg_get_expr(p.polqual, p.polrelid) = 'true'), "
        "false) "
        "FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid AND EXISTS (SELECT FROM "
        "pg_catalog.unnest(p.polroles) AS m (oid) WHERE m.oid = 0 OR pg_catalog.pg_has_role(m.oid, "
        "'USAGE'))) "
        "LIMIT 1",
        pg_qname(&ctx->arena, table), pg_qname(&ctx->arena, table));
    return sql_end(&q);
}

bool pg_run(struct pg *pg, const char *sql)
{
    if (!pipeline_end(pg))
        return false;
    if (!pg->pq.PQsendQuery(pg->conn, sql))
        return fail_lost(pg);
    bool ok = true;
    for (PGresult *r; (r = pg_result(pg)); pg->pq.PQclear(r))
        if (ok && pg_failed(pg, r))
            ok = pg_fail(pg, r);
    return ok;
}

/* Takes the answer to one question. Its results end with a NULL, and a sync has one of its own. */
static bool take_answer(struct pg *pg, const struct question *q, void *user, bool wanted)
{
    struct answer a CLEANUP(answer_finish) = {.pg = pg, .r = pg_result(pg)};
    bool ok = wanted;
    if (!a.r || pg_failed(pg, a.r)) {
        bool tolerated = q->tolerate && a.r && *pg_code(pg, a.r) &&
                         (str_eq(q->tolerate, "*") || strstr(q->tolerate, pg_code(pg, a.r)));
        if (ok && !tolerated)
            ok = pg_fail(pg, a.r);
    } else if (ok && q->take) {
        ok = q->take(pg, user, &a);
    }
    for (PGresult *more; a.r && (more = pg_result(pg));)
        pg->pq.PQclear(more);
    return ok;
}

static bool take_sync(struct pg *pg)
{
    for (;;) {
        PGresult *r = pg_result(pg);
        if (!r) {
            if (pg->pq.PQstatus(pg->conn) == CONNECTION_BAD)
                return false;
            continue;
        }
        bool is_sync = pg->pq.PQresultStatus(r) == PGRES_PIPELINE_SYNC;
        pg->pq.PQclear(r);
        if (is_sync)
            return true;
    }
}

static bool send_questions(struct pg *pg, const struct question *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct question *q = &list[i];
        const char *sql = pg_on_primary(pg->base.ctx, q->sql);
        if (!pg->pq.PQsendQueryParams(pg->conn, sql, q->nparams, NULL, q->params, NULL, NULL, 0))
            return false;
        if ((q->apart || i + 1 == n) && !pg->pq.PQpipelineSync(pg->conn))
            return false;
    }
    return true;
}

bool pg_ask(struct pg *pg, const struct question *list, size_t n, void *user)
{
    if (!pipeline_end(pg))
        return false;
    if (!pg->pq.PQenterPipelineMode(pg->conn) || !send_questions(pg, list, n))
        return fail_lost(pg);
    bool ok = true;
    for (size_t i = 0; i < n && pg->pq.PQstatus(pg->conn) == CONNECTION_OK; i++) {
        ok = take_answer(pg, &list[i], user, ok) && ok;
        if ((list[i].apart || i + 1 == n) && !take_sync(pg))
            break;
    }
    if (ok && pg->pq.PQstatus(pg->conn) != CONNECTION_OK)
        ok = fail_lost(pg);
    pg->pq.PQexitPipelineMode(pg->conn);
    return ok;
}
