/*
 * Runs many statements without waiting for each, and finds the one that failed.
 *
 * They are sent one after the other in libpq's pipeline mode, with a flush request after each list and no sync
 * point, at which the server would continue after a failure: so nothing after a failed statement is run, not
 * even in transactions of their own. The answers come in the order of the statements. Sending never waits: what
 * the socket does not take goes out while answers are waited for, where an interruption is seen.
 */
#include "dialect/postgresql/wire/exec.h"

#include "dialect/postgresql/wire/script.h"

#include <stdlib.h>

enum { CHECK_ROWS = 10 }; /* rows of a failed check that are shown */

/* ---- failures ---------------------------------------------------------------------------------------- */

bool exec_fail_at_byte(struct ctx *ctx, const struct statement *s, size_t at)
{
    if (s->op)
        return fail_in(
            ctx, "%s%s", pos_text(&ctx->arena, statement_pos(s, s->text + at)), op_label(&ctx->arena, s->op));
    return false;
}

bool exec_fail_at(struct ctx *ctx, const struct statement *s)
{
    return exec_fail_at_byte(ctx, s, 0);
}

/* The place that the server complained about, in bytes from the start of the text; SIZE_MAX: it named none. */
static size_t failed_at(struct pg *pg, const PGresult *r, const char *sql)
{
    const char *position = r ? pg->pq.PQresultErrorField(r, PG_DIAG_STATEMENT_POSITION) : NULL;
    if (!position)
        return SIZE_MAX;
    long characters = strtol(position, NULL, 10);
    const char *s = sql;
    while (--characters > 0 && *s)
        for (s++; ((unsigned char)*s & 0xC0) == 0x80;)
            s++;
    return (size_t)(s - sql);
}

/* Of a long text only where, which is known of each of its statements; a short one is shown. */
static void show_statement(struct pg *pg, const struct sent *sent, size_t at)
{
    struct ctx *ctx = pg->base.ctx;
    const struct statement *s = sent->statement;
    if (s->flags & STATEMENT_SESSION)
        return;
    if (at == SIZE_MAX && s->flags & STATEMENT_SCRIPT)
        at = 0;
    if (at != SIZE_MAX && (s->flags & STATEMENT_SCRIPT || strchr(s->text, '\n'))) {
        unsigned line, column;
        const char *from = s->text + sent->at + at;
        script_place(s->text, sent->at + at, &line, &column);
        while (from > s->text && from[-1] != '\n')
            from--;
        fail_detail(ctx, "line %u, column %u: %.*s", line, column, (int)strcspn(from, "\n"), from);
    } else {
        fail_detail(ctx, "statement: %.300s%s", s->text, strlen(s->text) > 300 ? " …" : "");
    }
}

static void note_own_failure(struct pg *pg, const struct sent *s, enum own_failure failure)
{
    pg->base.own_failure = failure;
    pg->base.own_statement = s->sql;
    pg->is_locked = pg->is_locked && failure != OWN_FAILURE_LOCK;
}

/* undefined_table, undefined_column, wrong_object_type, invalid_schema_name */
static bool is_missing(const char *code)
{
    static const char *const codes[] = {"42P01", "42703", "42809", "3F000"};
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        if (str_eq(code, codes[i]))
            return true;
    return false;
}

/* The time includes that of earlier statements whose answers came with this one. */
static void note_waited(struct pg *pg, const struct sent *s)
{
    const uint64_t most_us = pg->lock_timeout_ms * 1000, us = pg->answered_us;
    pg->base.waited_us = most_us && most_us < us ? most_us : us;
    pg->waited_for = s->sql;
    pg->waited_sessions = pg->waiting.sessions;
    pg->waiting.sessions = (struct strings){0};
}

bool pipeline_fail(struct pg *pg, const struct sent *s, const PGresult *r)
{
    struct ctx *ctx = pg->base.ctx;
    snprintf(pg->failed_code, sizeof(pg->failed_code), "%s", pg_code(pg, r));
    if (s->guarded && str_eq(pg_code(pg, r), "22012")) {
        note_own_failure(pg, s, s->guarded == pg_lock_is_lost ? OWN_FAILURE_LOCK : OWN_FAILURE_ROWS);
        fail(ctx, s->guarded == pg_lock_is_lost ? STATUS_TRY_AGAIN : STATUS_FAILED, "%s", s->guarded);
        return !(s->statement->flags & STATEMENT_SESSION) &&
               fail_detail(ctx, "statement: %s", s->statement->text);
    }
    pg_fail(pg, r);
    if (str_eq(pg_code(pg, r), "55P03"))
        note_waited(pg, s);
    if (!s->statement || ctx_interrupted(ctx))
        return false;
    if (!s->statement->op && is_missing(pg_code(pg, r)))
        note_own_failure(pg, s, OWN_FAILURE_TABLE);
    /* Class 23: an integrity constraint is violated. */
    const struct op *key = s->statement->key ? s->statement->key : s->statement->op;
    if (key && str_starts(pg_code(pg, r), "23"))
        violation_hint(ctx, &postgresql_dialect, key,
            str_eq(pg_code(pg, r), "23502") || (key != s->statement->op && key->kind == OP_ALTER_COLUMN));
    size_t at = failed_at(pg, r, s->sql);
    show_statement(pg, s, at);
    return exec_fail_at_byte(ctx, s->statement, s->at + (at != SIZE_MAX ? at : 0));
}

enum { BOOLEAN = 16 }; /* pg_type.oid */

/* The last column is the number of rows. */
static bool check_assertion(struct pg *pg, const struct statement *statement, const PGresult *r)
{
    struct ctx *ctx = pg->base.ctx;
    struct assertion_rows rows = {0};
    int last = pg->pq.PQnfields(r) - 1;
    for (int i = 0; i < last; i++)
        vec_add(ctx, &rows.columns, ctx_strdup(ctx, pg->pq.PQfname(r, i)));
    rows.n = strtoull(pg->pq.PQgetvalue(r, 0, last), NULL, 10);
    rows.is_true = rows.n == 1 && last == 1 && pg->pq.PQftype(r, 0) == BOOLEAN &&
                   str_eq(pg->pq.PQgetvalue(r, 0, 0), "t");
    for (int row = 0; row < pg->pq.PQntuples(r); row++) {
        struct strings values = {0};
        for (int i = 0; i < last; i++)
            vec_add(ctx, &values, pg->pq.PQgetisnull(r, row, i) ? NULL : pg->pq.PQgetvalue(r, row, i));
        assertion_add_row(ctx, &rows, &values);
    }
    return assertion_holds(&pg->base, statement, &rows) || exec_fail_at(ctx, statement);
}

/* Rows of a query that must give none say what is wrong. */
static bool check_rows(struct pg *pg, const struct sent *s, const PGresult *r)
{
    struct ctx *ctx = pg->base.ctx;
    int rows = pg->pq.PQntuples(r);
    if (!s->statement || !(s->statement->flags & STATEMENT_CHECK) || rows == 0)
        return true;
    if (s->statement->op && s->statement->op->kind == OP_ASSERT)
        return check_assertion(pg, s->statement, r);
    fail(ctx, STATUS_FAILED, "%d rows violate it", rows);
    for (int i = 0; i < rows && i < CHECK_ROWS; i++)
        fail_detail(ctx, "%s", pg->pq.PQgetvalue(r, i, 0));
    return exec_fail_at(ctx, s->statement);
}

/* ---- sending ----------------------------------------------------------------------------------------- */

static bool open_pipeline(struct pg *pg)
{
    struct pipeline *p = &pg->pipeline;
    if (p->open)
        return true;
    *p = (struct pipeline){.sent = p->sent};
    p->sent.n = 0;
    p->open = pg->pq.PQsetnonblocking(pg->conn, 1) == 0 && pg->pq.PQenterPipelineMode(pg->conn);
    return p->open || pg_fail(pg, NULL);
}

static bool note_sent(struct pg *pg, const struct sent *s, int ok)
{
    vec_add(pg->base.ctx, &pg->pipeline.sent, *s);
    return ok || pg_fail(pg, NULL);
}

bool pipeline_add(struct pg *pg, const struct sent *s)
{
    return open_pipeline(pg) &&
           note_sent(pg, s, pg->pq.PQsendQueryParams(pg->conn, s->sql, 0, NULL, NULL, NULL, NULL, 0));
}

static bool prepare(struct pg *pg, const struct sent *user, const char *name)
{
    const struct sent s = {.statement = user->statement, .sql = user->sql};
    return note_sent(pg, &s, pg->pq.PQsendPrepare(pg->conn, name, s.sql, 0, NULL));
}

bool pipeline_add_kind(struct pg *pg, const struct sent *s, const struct strings *values)
{
    size_t at = 0;
    int n = (int)values->n;
    if (!open_pipeline(pg))
        return false;
    if (pg->prepares_nothing)
        return note_sent(
            pg, s, pg->pq.PQsendQueryParams(pg->conn, s->sql, n, NULL, values->v, NULL, NULL, 0));
    while (at < pg->prepared.n && !str_eq(pg->prepared.v[at], s->sql))
        at++;
    const char *name = ctx_printf(pg->base.ctx, "cmig_%zu", at);
    if (at == pg->prepared.n) {
        vec_add(pg->base.ctx, &pg->prepared, s->sql);
        if (!prepare(pg, s, name))
            return false;
    }
    return note_sent(pg, s, pg->pq.PQsendQueryPrepared(pg->conn, name, n, values->v, NULL, NULL, 0));
}

bool pipeline_end_list(struct pg *pg)
{
    struct pipeline *p = &pg->pipeline;
    if (!p->open || !p->sent.n || p->sent.v[p->sent.n - 1].last) /* an empty one */
        return true;
    p->sent.v[p->sent.n - 1].last = true;
    pg->base.unanswered++;
    return (pg->pq.PQsendFlushRequest(pg->conn) && pg->pq.PQflush(pg->conn) >= 0) || pg_fail(pg, NULL);
}

/* ---- answers ----------------------------------------------------------------------------------------- */

/* Throws away what comes up to the end of the pipeline. */
static bool drain(struct pg *pg)
{
    for (;;) {
        PGresult *r = pg_result(pg);
        bool is_sync = r && pg->pq.PQresultStatus(r) == PGRES_PIPELINE_SYNC;
        pg->pq.PQclear(r);
        if (is_sync)
            return true;
        if (!r && pg->pq.PQstatus(pg->conn) == CONNECTION_BAD)
            return false;
    }
}

/* Leaves the pipeline, with answers or without. */
static bool close_pipeline(struct pg *pg)
{
    struct pipeline *p = &pg->pipeline;
    bool ok = (p->synced || pg->pq.PQpipelineSync(pg->conn)) && drain(pg);
    ok = ok && pg->pq.PQexitPipelineMode(pg->conn) && pg->pq.PQsetnonblocking(pg->conn, 0) == 0;
    p->open = false;
    return ok;
}

static bool give_up(struct pg *pg)
{
    pg->pipeline.failed = true;
    pg->pipeline.err = pg->base.ctx->err;
    pg->prepares_nothing = true;
    if (pg->pq.PQstatus(pg->conn) == CONNECTION_OK)
        close_pipeline(pg);
    pg->pipeline.open = false;
    return false;
}

static bool take_answer(struct pg *pg)
{
    struct pipeline *p = &pg->pipeline;
    const struct sent *s = &p->sent.v[p->answered];
    PGresult *r = pg_result(pg), *more;
    bool ok = r && !pg_failed(pg, r) ? check_rows(pg, s, r) : pipeline_fail(pg, s, r);
    if (ok && s->statement && s->statement->ret_changed)
        *s->statement->ret_changed = strtoll(pg->pq.PQcmdTuples(r), NULL, 10);
    if (ok && s->ret)
        *s->ret = (struct answer){pg, r};
    else
        pg->pq.PQclear(r);
    while (ok && (more = pg_result(pg)))
        pg->pq.PQclear(more);
    p->answered += ok;
    if (ok && s->last)
        pg->base.unanswered--;
    return ok || give_up(pg);
}

bool pipeline_end(struct pg *pg)
{
    struct pipeline *p = &pg->pipeline;
    if (!p->open)
        return true;
    if (!pg->pq.PQpipelineSync(pg->conn))
        return pg_fail(pg, NULL) || give_up(pg);
    p->synced = true;
    while (p->answered < p->sent.n)
        if (!take_answer(pg))
            return false;
    return close_pipeline(pg) || pg_fail(pg, NULL);
}

/* A list that is long ago answered need not be remembered. */
static void forget_answered(struct pipeline *p)
{
    p->sent.n -= p->answered;
    memmove(p->sent.v, p->sent.v + p->answered, p->sent.n * sizeof(*p->sent.v));
    p->answered = 0;
}

bool pipeline_ask(struct pg *pg, const char *sql, const struct strings *values, struct answer *ret)
{
    struct pipeline *p = &pg->pipeline;
    const struct sent s = {.sql = sql, .ret = ret};
    if (!pipeline_add_kind(pg, &s, values))
        return false;
    if (!pg->pq.PQsendFlushRequest(pg->conn))
        return pg_fail(pg, NULL);
    while (p->answered < p->sent.n)
        if (!take_answer(pg))
            return false;
    forget_answered(p);
    return true;
}

bool pg_settle(struct conn *conn, size_t most)
{
    struct pg *pg = pg_of(conn);
    if (pg->pipeline.failed) {
        conn->ctx->err = pg->pipeline.err;
        return false;
    }
    if (!most)
        return pipeline_end(pg);
    while (conn->unanswered > most)
        if (!take_answer(pg))
            return false;
    forget_answered(&pg->pipeline);
    return true;
}
