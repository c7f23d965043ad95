/*
 * Half-applied revisions: whether the record of one still describes the database, and which commands are possible
 * then.
 *
 * The record is valid only while the version rows and the history are those with which it was written. A valid one
 * is continued or reverted before the database moves to any other revision. An outdated one is never used: the
 * operations that it describes may have been undone.
 */
#include "migrate/run.h"

/* ---- reading it --------------------------------------------------------------------------------- */

static bool has_table(struct project *p, const struct qname *name, const char *column, bool *ret)
{
    const struct version_table table = {.name = *name, .column = column};
    *ret = false;
    return !name->name || p->conn->dialect->versions(p->conn, &table, NULL, ret);
}

static enum attempt_kind judge(struct ctx *ctx, const struct progress *at, const struct strings *rows)
{
    if (at->is_foreign || at->history_moved || !str_eq(at->rows, strings_join(&ctx->arena, rows, " ")))
        return ATTEMPT_OUTDATED;
    return ATTEMPT_VALID;
}

/* Between the two statements another cmig may complete the revision and drop the table, or even create it again for the
 * next revision. */
static bool read_record(struct project *p, struct attempt *ret, bool *ret_found)
{
    enum { TRIES = 10 };
    *ret_found = false;
    for (int i = 1; !progress_read(p->conn, &ret->at, ret_found); i++) {
        struct err err = p->ctx->err;
        p->ctx->err = (struct err){0};
        if (!has_table(p, &p->version.progress, "revision", &ret->has_table))
            return false;
        if (!ret->has_table)
            return true;
        p->ctx->err = err;
        if (i == TRIES)
            return false;
        err_clear(p->ctx);
    }
    return true;
}

bool project_attempt(struct project *p, const struct strings *rows, struct attempt *ret)
{
    struct version_table *v = ctx_new(p->ctx, struct version_table);
    bool has_history, found;
    *v = p->version;
    *ret = (struct attempt){.at = {.version = v, .operation = -1}};
    if (!has_table(p, &v->progress, "revision", &ret->has_table))
        return false;
    if (!ret->has_table)
        return true;
    if (!has_table(p, &v->history, "revision", &has_history))
        return false;
    if (!has_history)
        v->history.name = NULL;
    if (!read_record(p, ret, &found))
        return false;
    ret->at.version = &p->version;
    if (!found)
        return true;
    ret->kind = judge(p->ctx, &ret->at, rows);
    ret->is_downgrade = str_eq(ret->at.direction, "downgrade");
    return true;
}

/* ---- what is said of it ------------------------------------------------------------------------- */

/* ", and a part of operation 3" */
static const char *unfinished_text(struct ctx *ctx, const struct progress *at)
{
    long long next = (long long)at->operation + 1;
    size_t together = progress_together(at->state);
    if (together)
        return ctx_printf(ctx, ", and operations %lld to %lld were begun together and may be applied, too",
            next, next + (long long)together - 1);
    if (str_eq(at->state, PROGRESS_BEGUN))
        return ctx_printf(ctx, ", and operation %lld was begun and may be applied, too", next);
    if (at->part || at->state)
        return ctx_printf(ctx, ", and a part of operation %lld", next);
    return "";
}

const char *progress_text(struct ctx *ctx, const struct progress *at)
{
    return ctx_printf(ctx, "%lld of %lld operations of %srevision %s are applied%s", (long long)at->operation,
        (long long)at->operations, str_eq(at->direction, "downgrade") ? "the downgrade of " : "",
        at->revision, unfinished_text(ctx, at));
}

const char *attempt_text(struct ctx *ctx, const struct attempt *a)
{
    const char *what = a->is_downgrade ? "half downgraded" : "half applied";
    if (a->at.is_foreign)
        return ctx_printf(ctx, "revision %s was left %s by an earlier release of cmig", a->at.revision, what);
    if (a->kind == ATTEMPT_OUTDATED)
        return ctx_printf(ctx, "revision %s was left %s at %s, but the database has moved since",
            a->at.revision, what, *a->at.rows ? a->at.rows : "base");
    return ctx_printf(ctx, "revision %s is %s: %lld of %lld operations%s", a->at.revision, what,
        (long long)a->at.operation, (long long)a->at.operations, unfinished_text(ctx, &a->at));
}

const char *progress_ways_on(struct ctx *ctx, const struct progress *at)
{
    if (str_eq(at->direction, "downgrade"))
        return "Run 'cmig downgrade -1' to continue it.";
    return ctx_printf(ctx, "Run 'cmig upgrade %s' to continue it, or 'cmig downgrade %s' to revert it.",
        at->revision,
        strchr(at->rows, ' ') ? "-1"
        : *at->rows           ? at->rows
                              : "base");
}

bool(attempt_fail)(struct ctx *ctx, const struct attempt *a, enum status status)
{
    fail(ctx, status, "%s", attempt_text(ctx, a));
    if (a->kind == ATTEMPT_VALID)
        return fail_hint(ctx, "%s", progress_ways_on(ctx, &a->at));
    return fail_hint(ctx,
        "Complete or undo by hand what revision %s did, then run 'cmig stamp REVISION' with the revision "
        "that the database is at: it removes the record.",
        a->at.revision);
}

/* ---- planning with it --------------------------------------------------------------------------- */

static bool is_about(const struct plan *plan, size_t i, const struct attempt *a)
{
    return i < plan->n && plan->v[i].revision && str_eq(plan->v[i].revision->id, a->at.revision);
}

static size_t place_in(const struct plan *plan, const struct attempt *a)
{
    size_t i = 0;
    while (i < plan->n && !is_about(plan, i, a))
        i++;
    return i;
}

static void append_plan(struct ctx *ctx, struct plan *plan, const struct plan *more)
{
    struct step *v = arena_alloc(&ctx->arena, (plan->n + more->n + 1) * sizeof(*v));
    for (size_t i = 0; i < plan->n; i++)
        v[i] = plan->v[i];
    for (size_t i = 0; i < more->n; i++)
        v[plan->n + i] = more->v[i];
    *plan = (struct plan){.v = v, .n = plan->n + more->n, .rows = more->rows, .waiting = more->waiting};
}

/* The half-applied revision comes first, wherever the plan has it. */
static bool plan_continued_upgrade(struct run *r)
{
    struct ctx *ctx = r->p->ctx;
    const struct graph *g = &r->p->graph;
    const struct attempt *a = &r->attempt;
    struct plan first = {0}, rest = {0};
    size_t place = place_in(&r->plan, a);
    if (place == r->plan.n)
        return attempt_fail(ctx, a, STATUS_FAILED);
    if (place == 0)
        return true;
    if (!plan_upgrade(ctx, g, &r->rows, a->at.revision, &first))
        return false;
    if (first.n != 1 || !is_about(&first, 0, a))
        return attempt_fail(ctx, a, STATUS_FAILED);
    if (!plan_phase(ctx, g, &first.rows, r->options->target, r->options->phase, &rest))
        return false;
    append_plan(ctx, &first, &rest);
    r->plan = first;
    return true;
}

/* As if the revision were applied: then the first step reverts it, without any version row to move. */
static bool plan_reverted_upgrade(struct run *r)
{
    struct ctx *ctx = r->p->ctx;
    const struct graph *g = &r->p->graph;
    const struct attempt *a = &r->attempt;
    struct plan up = {0};
    if (!map_get(&g->by_id, a->at.revision))
        return attempt_fail(ctx, a, STATUS_FAILED);
    if (!plan_upgrade(ctx, g, &r->rows, a->at.revision, &up))
        return false;
    if (up.n != 1 || !is_about(&up, 0, a))
        return attempt_fail(ctx, a, STATUS_FAILED);
    if (!plan_downgrade(ctx, g, &up.rows, r->options->target, &r->plan))
        return false;
    if (!is_about(&r->plan, 0, a))
        return attempt_fail(ctx, a, STATUS_FAILED);
    r->plan.v[0].moves = (struct row_moves){0};
    return true;
}

static bool plan_continued_downgrade(struct run *r)
{
    return is_about(&r->plan, 0, &r->attempt) || attempt_fail(r->p->ctx, &r->attempt, STATUS_FAILED);
}

bool run_plan_from_rows(struct run *r)
{
    const struct attempt *a = &r->attempt;
    bool is_valid = a->kind == ATTEMPT_VALID, is_up = r->options->direction == DIRECTION_UP;
    if (r->options->direction == DIRECTION_DOWN && !run_adopt_history(r))
        return false;
    if (a->kind == ATTEMPT_NONE || r->options->direction == DIRECTION_STAMP)
        return run_plan(r);
    if (!is_valid || r->options->lost || (is_up && a->is_downgrade))
        return attempt_fail(r->p->ctx, a, STATUS_FAILED);
    if (!is_up && !a->is_downgrade)
        return plan_reverted_upgrade(r);
    return run_plan(r) && (is_up ? plan_continued_upgrade : plan_continued_downgrade)(r);
}

bool run_continues(const struct run *r, const struct work *w)
{
    const struct attempt *a = &r->attempt;
    return a->kind == ATTEMPT_VALID && w == r->works && w->step->direction != DIRECTION_STAMP &&
           (w->step->direction == DIRECTION_DOWN) == a->is_downgrade && is_about(&r->plan, 0, a);
}

bool run_reverts(const struct run *r, const struct work *w)
{
    const struct attempt *a = &r->attempt;
    return a->kind == ATTEMPT_VALID && w == r->works && w->step->direction == DIRECTION_DOWN &&
           !a->is_downgrade && is_about(&r->plan, 0, a);
}

void run_warn_of_end(struct run *r)
{
    const struct attempt *a = &r->attempt;
    if (a->kind == ATTEMPT_NONE || r->options->direction != DIRECTION_STAMP)
        return;
    log_warn(
        r->p->ctx, "%s; its record is removed, the applied operations remain", attempt_text(r->p->ctx, a));
}
