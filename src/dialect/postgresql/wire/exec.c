/* Runs the statements of a step, inside and outside of a transaction. */
#include "dialect/postgresql/wire/exec.h"

#include "dialect/postgresql/wire/script.h"
#include "dialect/transaction_words.h"

/* ---- in a transaction -------------------------------------------------------------------------------- */

static bool add_own(struct pg *pg, const char *sql)
{
    const struct sent s = {.sql = sql};
    return pipeline_add(pg, &s);
}

/* A statement that must change exactly so many rows: otherwise it divides by zero, and no later statement
 * runs. */
static const char *guarded(struct ctx *ctx, const char *sql, int64_t expect)
{
    if (expect < 0)
        return sql;
    return ctx_printf(ctx,
        "WITH moved AS (%s RETURNING 1) SELECT 1 / (pg_catalog.count(*) = %lld)::pg_catalog.int4 FROM moved",
        sql, (long long)expect);
}

bool exec_split(struct ctx *ctx, const struct statement *s, bool in_transaction, struct script_parts *ret)
{
    struct script_problem problem;
    unsigned line, column;
    script_split(&ctx->arena, s->text, ret);
    if (script_may_run(s->text, ret, in_transaction, &problem))
        return true;
    script_place(s->text, problem.at, &line, &column);
    fail(ctx, STATUS_CONFIG, "line %u, column %u of the SQL text: %s", line, column, problem.what);
    if (problem.hint)
        fail_hint(ctx, "%s", problem.hint);
    return exec_fail_at_byte(ctx, s, problem.at);
}

bool pg_split(struct ctx *ctx, const struct statement *s, bool in_transaction, struct statements *ret)
{
    struct script_parts parts;
    if (!exec_split(ctx, s, in_transaction, &parts))
        return false;
    vec_each(i, &parts) {
        struct statement *part = ctx_new(ctx, struct statement);
        *part = *s;
        part->from = parts.v[i].from;
        part->to = parts.v[i].to;
        part->flags |= script_sets_session(parts.v[i].words) ? STATEMENT_SETTING : 0;
        vec_add(ctx, ret, part);
    }
    return true;
}

static bool is_within(const struct statement *s, const struct script_part *part)
{
    return !s->to || (part->from >= s->from && part->to <= s->to);
}

/* One statement of a script. Some deallocate the statements that the server has prepared. */
static struct sent sent_part(struct pg *pg, const struct statement *s, const struct script_part *part)
{
    if (str_starts(part->words, "DEALLOCATE") || str_starts(part->words, "DISCARD"))
        pg->prepares_nothing = true;
    return (struct sent){
        .statement = s,
        .at = part->from,
        .sql = arena_strndup(&pg->base.ctx->arena, s->text + part->from, part->to - part->from),
    };
}

static bool copy_rows(struct pg *pg, const struct sent *sent, const struct script_part *part)
{
    return pg_copy_text(pg, sent, sent->statement->text + part->data_from, part->data_to - part->data_from);
}

static bool add_script(struct pg *pg, const struct statement *s)
{
    struct script_parts parts;
    if (!exec_split(pg->base.ctx, s, true, &parts))
        return false;
    vec_each(i, &parts) {
        if (!is_within(s, &parts.v[i]))
            continue;
        const struct sent sent = sent_part(pg, s, &parts.v[i]);
        if (parts.v[i].copies_in ? !pipeline_end(pg) || !copy_rows(pg, &sent, &parts.v[i])
                                 : !pipeline_add(pg, &sent))
            return false;
    }
    return true;
}

static bool add_statement(struct pg *pg, const struct statement *s)
{
    if (s->flags & STATEMENT_SCRIPT)
        return add_script(pg, s);
    if (s->flags & STATEMENT_SESSION)
        return pg_restore_session(pg, s);
    struct sent sent = {
        .statement = s, .guarded = s->expect < 0 ? NULL : "the statement did not change exactly one row"};
    sent.sql = guarded(pg->base.ctx, s->kind ? s->kind : s->text, s->expect);
    return s->kind ? pipeline_add_kind(pg, &sent, &s->values) : pipeline_add(pg, &sent);
}

static bool add_begin(struct pg *pg)
{
    if (!pg->begin_pending)
        return true;
    pg->begin_pending = false;
    pg->in_transaction = true;
    return add_own(pg, "BEGIN");
}

/* The rows of a file need the connection exclusively, and the answer to a query that must give no rows is
 * awaited before more is sent. */
static bool add_all(struct pg *pg, const struct statements *list)
{
    vec_each(i, list) {
        const struct statement *s = list->v[i];
        if (!add_begin(pg))
            return false;
        if (s->flags & STATEMENT_ROWS ? !pipeline_end(pg) || !pg_copy_rows(pg, s) : !add_statement(pg, s))
            return false;
        if (s->flags & STATEMENT_CHECK && !pipeline_end(pg))
            return false;
    }
    return true;
}

static bool send_inside(struct pg *pg, const struct statements *list, bool commit)
{
    if (!add_all(pg, list))
        return false;
    if (commit && pg->in_transaction && !add_own(pg, "COMMIT"))
        return false;
    if (commit)
        pg->begin_pending = pg->in_transaction = false;
    return pipeline_end_list(pg);
}

/* ---- outside of one ---------------------------------------------------------------------------------- */

static bool run_text(struct pg *pg, const struct sent *s)
{
    if (!pg->pq.PQsendQueryParams(pg->conn, s->sql, 0, NULL, NULL, NULL, NULL, 0))
        return pg_fail(pg, NULL);
    bool ok = true;
    for (PGresult *r; (r = pg_result(pg)); pg->pq.PQclear(r))
        if (ok && pg_failed(pg, r))
            ok = pipeline_fail(pg, s, r);
    if (ok && pg->pq.PQstatus(pg->conn) != CONNECTION_OK)
        ok = pg_fail(pg, NULL);
    return ok;
}

/* A lock timeout would leave an invalid index behind, so these statements wait without a limit. */
static bool run_alone(struct pg *pg, const struct sent *s, bool is_concurrent)
{
    if (is_concurrent && pg->lock_timeout_ms && !pg_run(pg, "SET lock_timeout = 0"))
        return false;
    bool ok = run_text(pg, s);
    if (is_concurrent && pg->lock_timeout_ms && ok)
        ok = pg_run(
            pg, ctx_printf(pg->base.ctx, "SET lock_timeout = %llu", (unsigned long long)pg->lock_timeout_ms));
    return ok;
}

/* SQL of an online operation that ends its own transactions can be repeated. */
static bool run_statement(struct pg *pg, const struct statement *s)
{
    const struct sent sent = {.statement = s, .sql = s->text};
    bool is_concurrent = s->flags & STATEMENT_OUTSIDE && s->op->kind != OP_EXECUTE, is_done = false;
    if (is_concurrent && s->flags & STATEMENT_AGAIN && !concurrent_is_done(pg, s->op, &is_done))
        return exec_fail_at(pg->base.ctx, s);
    if (is_done)
        return true;
    if (is_concurrent && !concurrent_index_before(pg, s->op))
        return exec_fail_at(pg->base.ctx, s);
    bool ok = run_alone(pg, &sent, is_concurrent);
    return is_concurrent ? concurrent_index_after(pg, s->op, ok) : ok;
}

static bool run_script(struct pg *pg, const struct statement *s)
{
    struct script_parts parts;
    if (!exec_split(pg->base.ctx, s, false, &parts))
        return false;
    vec_each(i, &parts) {
        if (!is_within(s, &parts.v[i]))
            continue;
        const struct sent sent = sent_part(pg, s, &parts.v[i]);
        bool is_concurrent = strstr(parts.v[i].words, "CONCURRENTLY");
        if (parts.v[i].copies_in ? copy_rows(pg, &sent, &parts.v[i]) : run_alone(pg, &sent, is_concurrent))
            continue;
        if (is_concurrent)
            concurrent_script_failed(pg);
        return false;
    }
    return true;
}

/* Each statement is sent separately: several together would be one transaction. */
static bool run_outside(struct pg *pg, const struct statements *list)
{
    if (!pipeline_end(pg))
        return false;
    vec_each(i, list) {
        const struct statement *s = list->v[i];
        if (s->flags & STATEMENT_ROWS
                ? !pg_copy_rows(pg, s)
                : !(s->flags & STATEMENT_SCRIPT ? run_script(pg, s) : run_statement(pg, s)))
            return false;
    }
    return true;
}

/* ---- both -------------------------------------------------------------------------------------------- */

bool pg_send(struct conn *conn, const struct statements *list, bool commit)
{
    struct pg *pg = pg_of(conn);
    if (pg->begin_pending || pg->in_transaction)
        return send_inside(pg, list, commit);
    return run_outside(pg, list);
}

bool pg_exec(struct conn *conn, const struct statements *list, bool commit)
{
    size_t others = conn->unanswered;
    if (!pg_send(conn, list, commit))
        return false;
    bool is_counted = conn->unanswered > others;
    if (pipeline_end(pg_of(conn)))
        return true;
    conn->unanswered -= is_counted;
    return false;
}

/* ---- a statement of a user that is committed by itself ----------------------------------------------- */

static bool exec_committed(struct conn *conn, const struct statements *list)
{
    return pg_begin(conn) && pg_exec(conn, list, true);
}

/* VACUUM and the like fail with 25001, a procedure that commits with 2D000. Both are detected before anything
 * is committed. */
static bool refuses_transactions(const struct pg *pg)
{
    return str_eq(pg->failed_code, "25001") || str_eq(pg->failed_code, "2D000");
}

bool pg_exec_alone(struct conn *conn, const struct statement *s, struct alone *with)
{
    struct pg *pg = pg_of(conn);
    struct statements all = {0}, one = {0};
    *pg->failed_code = 0;
    with->begun = false;
    vec_add(conn->ctx, &all, (struct statement *)s);
    vec_each(i, &with->with)
        vec_add(conn->ctx, &all, with->with.v[i]);
    if (exec_committed(conn, &all))
        return true;
    if (!refuses_transactions(pg) || ctx_interrupted(conn->ctx))
        return false;
    err_clear(conn->ctx);
    pg_rollback(conn);
    if (!exec_committed(conn, &with->before))
        return false;
    with->begun = true;
    vec_add(conn->ctx, &one, (struct statement *)s);
    return run_outside(pg, &one) && exec_committed(conn, &with->after);
}

/* ---- transactions ------------------------------------------------------------------------------------ */

bool pg_begin(struct conn *conn)
{
    pg_of(conn)->begin_pending = true;
    return true;
}

bool pg_commit(struct conn *conn)
{
    static const struct statements none = {0};
    return pg_exec(conn, &none, true);
}

static bool send_rollback(struct pg *pg)
{
    if (!pg->pq.PQsendQuery(pg->conn, "ROLLBACK"))
        return false;
    for (PGresult *r; (r = pg_result(pg));)
        pg->pq.PQclear(r);
    return pg->pq.PQstatus(pg->conn) == CONNECTION_OK;
}

/* Also for statements that were sent after a failure, or while there is another reason to stop. */
void pg_rollback(struct conn *conn)
{
    struct pg *pg = pg_of(conn);
    struct err err = conn->ctx->err;
    conn->ctx->err = (struct err){0};
    if (!pipeline_end(pg))
        log_debug(conn->ctx, "statements that were still running failed, too");
    conn->ctx->err = err;
    pg->begin_pending = pg->in_transaction = pg->pipeline.failed = false;
    conn->unanswered = 0;
    conn->is_lost = !pg->conn || pg->pq.PQstatus(pg->conn) != CONNECTION_OK;
    if (conn->is_lost)
        return;
    if (pg_has_open_transaction(pg) && !send_rollback(pg))
        return;
    lock_name_blockers(pg);
}
