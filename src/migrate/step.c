/* What does one step send to the database, and in which transaction? */
#include "migrate/run.h"

/* ---- rendering ---------------------------------------------------------------------------------- */

const struct ops *run_ops(const struct work *w)
{
    return w->step->direction == DIRECTION_DOWN ? &w->body.downgrade : &w->body.upgrade;
}

const char *run_folder(const struct run *r, const struct work *w)
{
    const struct revision *v = w->step->revision;
    return v->path ? fs_dirname(&r->p->ctx->arena, v->path) : r->p->config.folder;
}

bool run_render(struct run *r, const struct work *w, struct statements *ret)
{
    if (w->step->direction == DIRECTION_STAMP)
        return true;
    struct state state = {
        .dialect = r->dialect,
        .conn = r->p->conn,
        .schema = r->replayed,
        .base = run_folder(r, w),
        .later = &w->later,
    };
    struct ops rest = *run_ops(w);
    rest.v += rest.n ? r->skipped : 0;
    rest.n -= r->skipped;
    return state.dialect->render(r->p->ctx, &state, &rest, ret);
}

/* ---- running ------------------------------------------------------------------------------------ */

static bool run_all_outside(struct run *r, const struct work *w)
{
    struct statements list = {0};
    return run_render(r, w, &list) && run_outside(r, w, &list);
}

static bool run_all_segments(struct run *r, const struct work *w)
{
    for (bool again = true; again;) {
        struct statements list = {0};
        if (!run_render(r, w, &list) || !run_segment(r, w, &list, false, &again))
            return false;
    }
    return true;
}

bool run_is_outside(const struct run *r, const struct work *w)
{
    return w->body.outside || r->p->config.transaction == TRANSACTION_NONE;
}

bool run_commits(const struct run *r, const struct work *w, bool last)
{
    return run_is_outside(r, w) || last || r->p->config.transaction == TRANSACTION_REVISION ||
           r->left_transaction;
}

bool run_step(struct run *r, struct work *w, bool last)
{
    bool outside = run_is_outside(r, w);
    struct statements list = {0};
    bool again;
    if (!run_take_up(r, w, outside) || (outside && !run_all_outside(r, w)))
        return false;
    if (!outside && r->keeps_progress && !run_all_segments(r, w))
        return false;
    if (!outside && !r->keeps_progress && !run_render(r, w, &list))
        return false;
    if (!run_clear_progress(r, &list))
        return false;
    run_add_bookkeeping(r, w, &list);
    w->commits = run_commits(r, w, last);
    if (!run_segment(r, w, &list, w->commits, &again))
        return false;
    run_move_rows(r, w);
    return true;
}
