/* Tries again what was rolled back since a lock could not be acquired in time. */
#include "migrate/run.h"

#include <poll.h>

enum { PAUSE_MS = 1000, SLICE_MS = 100 };

static bool pause_retry(const struct ctx *ctx)
{
    for (int ms = 0; ms < PAUSE_MS && !ctx_interrupted(ctx); ms += SLICE_MS)
        poll(NULL, 0, SLICE_MS);
    return !ctx_interrupted(ctx);
}

bool run_may_retry(struct run *r)
{
    struct ctx *ctx = r->p->ctx;
    bool is_embedded = r->dialect->has.embedded; /* it has waited already */
    if (ctx->err.status != STATUS_TRY_AGAIN || is_embedded || r->noted.operation >= 0 ||
        r->p->conn->is_lost || r->has_lost_lock || r->retries >= r->p->config.lock_retries)
        return false;
    r->retries++;
    log_warn(ctx, "a lock could not be acquired in time; retrying (%lld of %lld)", (long long)r->retries,
        (long long)r->p->config.lock_retries);
    if (!pause_retry(ctx))
        return false;
    err_clear(ctx);
    return true;
}
