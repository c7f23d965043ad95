/*
 * Continues a run whose connection was lost.
 *
 * The server may notice the loss late. Until then the lost session may still commit, and has cmig's lock: so the
 * result of a new connection's query is final once that connection has the lock. After a failover the new server may have
 * lost what the old one had reported as committed; the run continues from what is there.
 */
#include "migrate/run.h"

#include <poll.h>

enum { LEAST_WAIT_MS = 5000, PAUSE_MS = 250 };

/* ---- connecting --------------------------------------------------------------------------------- */

static bool open_again(struct run *r, uint64_t wait_ms)
{
    struct project *p = r->p;
    struct conn *lost = p->conn;
    const struct open_options how = {.wait_ms = wait_ms, .missing = MISSING_FAILS};
    p->conn = NULL;
    if (!project_connect(p, &how)) {
        p->conn = lost;
        return false;
    }
    p->conn->is_ended = lost->is_ended && str_eq(lost->instance, p->conn->instance);
    r->dialect->close(lost);
    return r->dialect->lock(p->conn, &p->version, p->config.lock_timeout_ms);
}

/* ---- where it is -------------------------------------------------------------------------------- */

size_t run_place(const struct run *r, size_t step)
{
    return r->whole.n - r->plan.n + step;
}

/* Reverting the applied part of a revision, the first step of a downgrade, moves no version row: until it is done there is
 * the record of an upgrade. */
static bool is_at(const struct run *r, size_t place, const struct attempt *attempt)
{
    const struct step *v = r->whole.v;
    bool is_half_up = attempt->kind == ATTEMPT_VALID && !attempt->is_downgrade;
    if (place < r->whole.n && !v[place].moves.n && !is_half_up)
        return false;
    return !(place && !v[place - 1].moves.n && is_half_up);
}

/* How many steps of the whole plan lead to the version rows; false: none of its steps does. */
static bool find_place(
    const struct run *r, const struct strings *rows, const struct attempt *attempt, size_t *ret)
{
    struct run at = {.p = r->p, .dialect = r->dialect, .rows = r->start};
    size_t places = 0;
    for (size_t i = 0; i <= r->whole.n; i++) {
        struct work w = {.step = i ? &r->whole.v[i - 1] : NULL};
        if (i)
            run_move_rows(&at, &w);
        if (!strings_eq(rows, &at.rows) || !is_at(r, i, attempt))
            continue;
        places++;
        *ret = i;
    }
    return places == 1;
}

/* ---- what is missing ---------------------------------------------------------------------------- */

static const char *rows_text(struct ctx *ctx, const struct strings *rows)
{
    return rows->n ? strings_join(&ctx->arena, rows, ", ") : "base";
}

static bool is_in(const struct plan *plan, size_t n, const struct ran *ran)
{
    for (size_t i = 0; i < n; i++)
        if (plan->v[i].revision == ran->revision)
            return true;
    return false;
}

/* Steps that the server had reported as committed. */
static void drop_missing(struct run *r, size_t place, const struct strings *rows)
{
    struct run_result *result = r->result;
    size_t missing = 0;
    for (; result->n && !is_in(&r->whole, place, &result->v[result->n - 1]); missing++)
        result->n--;
    r->announced = missing ? place : r->announced;
    if (missing)
        log_warn(r->p->ctx,
            "the server lost %zu step%s that had been committed: the database is at %s, not at %s", missing,
            missing > 1 ? "s" : "", rows_text(r->p->ctx, rows), rows_text(r->p->ctx, &r->standing_rows));
}

static void say_missing_part(struct run *r, const struct progress *at)
{
    const struct progress *noted = &r->noted;
    if (noted->operation >= 0 &&
        (at->operation < noted->operation || (at->operation == noted->operation && at->part < noted->part)))
        log_warn(r->p->ctx,
            "the server lost operations of revision %s that had been committed: %lld are applied, not %lld",
            noted->revision ? noted->revision : "?", at->operation < 0 ? 0 : (long long)at->operation,
            (long long)noted->operation);
}

/* ---- together ----------------------------------------------------------------------------------- */

static bool read_place(struct run *r, size_t *ret_place)
{
    struct strings rows = {0};
    struct attempt attempt;
    if (!project_versions(r->p, &rows, &r->table_exists) || !project_attempt(r->p, &rows, &attempt) ||
        attempt.kind == ATTEMPT_OUTDATED)
        return false;
    if (!find_place(r, &rows, &attempt, ret_place)) {
        log_warn(r->p->ctx, "another program has changed the revisions of the database to %s",
            rows_text(r->p->ctx, &rows));
        return false;
    }
    if (*ret_place < r->resume_at)
        drop_missing(r, *ret_place, &rows);
    else if (*ret_place == r->resume_at)
        say_missing_part(r, &attempt.at);
    r->rows = rows;
    r->noted = attempt.at;
    r->attempt = attempt;
    r->record_is_empty = false;
    return true;
}

/* A server that is about to end may accept a connection and close it at once. */
static bool look_up(struct run *r, size_t *ret_place)
{
    struct ctx *ctx = r->p->ctx;
    const uint64_t given_ms = r->options->wait_ms,
                   wait_ms = given_ms > LEAST_WAIT_MS ? given_ms : LEAST_WAIT_MS;
    const uint64_t end_us = time_monotonic_us() + wait_ms * 1000;
    for (uint64_t left_ms = wait_ms, now; !open_again(r, left_ms) || !read_place(r, ret_place);) {
        now = time_monotonic_us();
        left_ms = now < end_us ? (end_us - now) / 1000 : 0;
        if (ctx->err.status != STATUS_UNREACHABLE || ctx_interrupted(ctx) || !left_ms)
            return false;
        err_clear(ctx);
        poll(NULL, 0, PAUSE_MS);
    }
    return true;
}

bool run_look_up(struct run *r, size_t *ret_place)
{
    struct ctx *ctx = r->p->ctx;
    const struct err err = ctx->err;
    if (r->dialect->has.embedded || ctx_interrupted(ctx))
        return false;
    log_info(ctx, "the connection was lost; connecting again to find out what was committed");
    err_clear(ctx);
    r->is_reconnected = look_up(r, ret_place);
    if (ctx->err.status)
        log_warn(ctx, "cannot find out what was committed: %s", err_text(ctx));
    ctx->err = err;
    return r->is_reconnected;
}

/* A session that was ended on purpose is not replaced. A statement that may crash the server is repeated only once. */
bool run_may_continue(struct run *r)
{
    struct ctx *ctx = r->p->ctx;
    const struct place here = run_here(r);
    bool was_here = r->result->reconnects && place_eq(&here, &r->lost_at);
    if (!r->is_reconnected || ctx->err.status != STATUS_UNREACHABLE || r->p->conn->is_ended || was_here)
        return false;
    r->is_reconnected = false;
    r->lost_at = here;
    r->result->reconnects++;
    r->result->failed = NULL;
    err_clear(ctx);
    log_info(ctx, "connected again; the database is at %s", rows_text(ctx, &r->rows));
    return true;
}

bool run_plan_rest(struct run *r)
{
    const struct attempt *a = &r->attempt;
    size_t n = r->resume_at;
    r->plan = r->whole;
    r->plan.v += n;
    r->plan.n -= n;
    if (a->kind == ATTEMPT_NONE || r->options->direction == DIRECTION_STAMP)
        return true;
    if (a->kind == ATTEMPT_VALID && r->plan.n && str_eq(r->plan.v[0].revision->id, a->at.revision))
        return true;
    return attempt_fail(r->p->ctx, a, STATUS_FAILED);
}
