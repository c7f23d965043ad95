/*
 * What a failed run leaves behind, as hints of its error.
 *
 * Every sentence is derived from what is known to be committed: steps, version rows and the record of the step that
 * failed.
 */
#include "migrate/run.h"

const char *run_current_text(const struct run *r)
{
    return r->rows.n ? strings_join(&r->p->ctx->arena, &r->rows, ", ") : "base";
}

/* "1 of 2 revisions were applied" */
static const char *steps_text(struct run *r)
{
    static const char *const verbs[] = {
        [DIRECTION_UP] = "applied", [DIRECTION_DOWN] = "reverted", [DIRECTION_STAMP] = "stamped"};
    size_t n = r->result->n, planned = r->result->planned;
    return ctx_printf(r->p->ctx, "%zu of %zu revisions %s %s", n, planned, n == 1 ? "was" : "were",
        verbs[r->options->direction]);
}

/* A statement that failed is not applied; only an interruption or a lost connection leaves it open. */
static struct progress known_progress(const struct run *r, const struct work *w)
{
    struct progress at = r->noted;
    const struct ops *ops = run_ops(w);
    size_t i = (size_t)at.operation;
    bool is_program = i < ops->n && ops->v[i]->kind == OP_RUN;
    if (r->is_at_end) {
        at.operation = (int64_t)ops->n;
        at.part = 0;
    }
    if (r->is_at_end ||
        (r->p->ctx->err.status == STATUS_FAILED && !is_program && progress_has_begun(at.state)))
        at.state = NULL;
    return at;
}

static void say_half_applied(struct run *r, const struct work *w, bool is_known)
{
    struct ctx *ctx = r->p->ctx;
    struct progress at = known_progress(r, w);
    fail_hint(ctx, "%s%s; %s.%s%s%s The version table says %s.", is_known ? "" : "At least ",
        progress_text(ctx, &at),
        r->dialect->has.commits_ddl ? "each statement was committed separately"
                                    : "what followed was rolled back",
        r->result->n ? " Before it, " : "", r->result->n ? steps_text(r) : "", r->result->n ? "." : "",
        run_current_text(r));
    fail_hint(ctx, "%s", progress_ways_on(ctx, &at));
}

/* The steps of one transaction fail together. */
static const char *rolled_back(struct run *r, size_t first, size_t failed)
{
    struct ctx *ctx = r->p->ctx;
    struct strings ids = {0};
    for (size_t i = first; i <= failed && i < r->plan.n; i++) {
        const struct revision *v = r->works[i].step->revision;
        vec_add(ctx, &ids, v ? v->id : "base");
    }
    return ctx_printf(ctx, "Revision%s %s %s rolled back", ids.n > 1 ? "s" : "",
        strings_join(&ctx->arena, &ids, ", "), ids.n > 1 ? "were" : "was");
}

bool run_is_lost(const struct run *r)
{
    return r->p->conn->is_lost;
}

void run_say_outcome(struct run *r, size_t first, size_t failed, bool is_known)
{
    struct ctx *ctx = r->p->ctx;
    if (r->p->is_scratch)
        return;
    if (failed == r->plan.n)
        fail_hint(ctx, "%s; the database is at %s.", steps_text(r), run_current_text(r));
    else if (r->noted.operation >= 0)
        say_half_applied(r, &r->works[failed], is_known);
    else if (!is_known)
        fail_hint(ctx,
            "%s for certain, and the database was last seen at %s. It is unknown whether the last commit "
            "took effect; the next run finds out, and 'cmig current' shows it.",
            steps_text(r), run_current_text(r));
    else if (r->result->n)
        fail_hint(ctx, "%s; %s, the database is at %s.", rolled_back(r, first, failed), steps_text(r),
            run_current_text(r));
    else
        fail_hint(ctx, "Everything was rolled back; the database is at %s, as before.", run_current_text(r));
}
