/* Reverts the applied operations of a half-applied revision. */
#include "migrate/run.h"

bool run_find_revert(struct run *r, struct work *w)
{
    if (!run_check_continued(r, &w->body.upgrade))
        return false;
    w->reverts = true;
    return attempt_fail(r->p->ctx, &r->attempt, STATUS_FAILED);
}
