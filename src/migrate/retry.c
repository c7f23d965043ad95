/*
 * Retries transactions that could not get a lock.
 *
 * A session that waits for a strong lock on a table keeps every later one waiting, too. So statements wait briefly, and
 * between the retries are pauses in which the others proceed. The pauses grow, and their lengths are random, so that two
 * programs do not keep meeting.
 */
#include "migrate/run.h"

#include <poll.h>
#include <sys/random.h>

enum { FIRST_PAUSE_MS = 500, LONGEST_PAUSE_MS = 5000, MOST_DOUBLINGS = 4, SLICE_MS = 100 };

struct place run_here(const struct run *r)
{
    const struct progress *p = &r->noted;
    return (struct place){
        .steps = r->result->n,
        .operation = p->operation,
        .part = p->operation < 0 ? 0 : p->part,
        .state = p->operation < 0 ? NULL : p->state,
    };
}

bool place_eq(const struct place *a, const struct place *b)
{
    return a->steps == b->steps && a->operation == b->operation && a->part == b->part &&
           str_eq(a->state, b->state);
}

/* ---- the pause ---------------------------------------------------------------------------------- */

/* From half of it to all of it. */
static uint64_t randomised(uint64_t ms)
{
    uint32_t random = 0;
    if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != (ssize_t)sizeof(random))
        random = (uint32_t)time_monotonic_us();
    return ms / 2 + random % (ms / 2 + 1);
}

static uint64_t choose_pause(const struct run *r, uint64_t left_ms)
{
    uint64_t ms = (uint64_t)FIRST_PAUSE_MS << (r->pauses < MOST_DOUBLINGS ? r->pauses : MOST_DOUBLINGS);
    ms = randomised(ms < LONGEST_PAUSE_MS ? ms : LONGEST_PAUSE_MS);
    return ms < left_ms ? ms : left_ms;
}

static bool pause_retry(const struct ctx *ctx, uint64_t pause_ms)
{
    uint64_t end_us = time_monotonic_us() + pause_ms * 1000, now;
    while (!ctx_interrupted(ctx) && (now = time_monotonic_us()) < end_us) {
        uint64_t left_ms = (end_us - now) / 1000 + 1;
        poll(NULL, 0, left_ms < SLICE_MS ? (int)left_ms : SLICE_MS);
    }
    return !ctx_interrupted(ctx);
}

/* ---- messages ----------------------------------------------------------------------------------- */

/* ", and was rolled back": of the running step, and of those before it in the same transaction. */
static const char *undone_text(struct run *r)
{
    struct ctx *ctx = r->p->ctx;
    size_t first = r->resume_at - run_place(r, 0), others = r->done - first;
    if (r->noted.operation >= 0)
        return ctx_printf(ctx, " after %lld of %lld operations", (long long)r->noted.operation,
            (long long)r->noted.operations);
    if (others)
        return ctx_printf(
            ctx, ", and was rolled back with %zu revision%s before it", others, others > 1 ? "s" : "");
    return ", and was rolled back";
}

static void say_retry(struct run *r, uint64_t pause_ms)
{
    struct ctx *ctx = r->p->ctx;
    const struct revision *v = r->works[r->done].step->revision;
    log_warn(ctx, "revision %s could not get a lock%s; retrying in %llu.%llu s", v ? v->id : "base",
        undone_text(r), (unsigned long long)(pause_ms / 1000), (unsigned long long)(pause_ms / 100 % 10));
    log_debug(ctx, "%s", err_text(ctx));
    if (r->noted.operation < 0)
        log_debug(ctx, "the statements before it in the transaction run again");
}

static void say_limit(struct run *r)
{
    struct ctx *ctx = r->p->ctx;
    const struct run_result *result = r->result;
    if (result->retries)
        fail_hint(ctx, "The run tried again %lld time%s, and waited %llu.%llu s in total.",
            (long long)result->retries, result->retries > 1 ? "s" : "",
            (unsigned long long)(result->waited_us / 1000000),
            (unsigned long long)(result->waited_us / 100000 % 10));
    fail_hint(ctx, "To wait longer, set 'lock: {retry_for: 10m}' in cmig.yaml.");
}

/* ---- the decision ------------------------------------------------------------------------------- */

static bool is_for_lack_of_lock(const struct run *r)
{
    bool is_embedded = r->dialect->has.embedded; /* it has waited already */
    return r->p->ctx->err.status == STATUS_TRY_AGAIN && !is_embedded && !r->has_lost_lock &&
           !r->is_reconnected && !r->p->conn->is_lost;
}

bool run_may_retry(struct run *r)
{
    struct ctx *ctx = r->p->ctx;
    const struct config *config = &r->p->config;
    struct run_result *result = r->result;
    const struct place here = run_here(r);
    if (!is_for_lack_of_lock(r))
        return false;
    result->waited_us += r->p->conn->waited_us;
    r->p->conn->waited_us = 0;
    r->pauses = place_eq(&here, &r->blocked_at) ? r->pauses : 0;
    r->blocked_at = here;
    uint64_t limit_us = config->lock_retry_for_ms * 1000;
    bool is_last = config->lock_retries >= 0 && result->retries >= config->lock_retries;
    if (is_last || result->waited_us + SLICE_MS * 1000 > limit_us) {
        say_limit(r);
        return false;
    }
    uint64_t pause_ms = choose_pause(r, (limit_us - result->waited_us) / 1000);
    say_retry(r, pause_ms);
    if (!pause_retry(ctx, pause_ms))
        return false;
    r->pauses++;
    result->retries++;
    result->waited_us += pause_ms * 1000;
    err_clear(ctx);
    return true;
}
