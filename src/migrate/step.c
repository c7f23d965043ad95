/* Sends the statements of a step to the database, in its transactions. */
#include "migrate/run.h"

/* ---- rendering ---------------------------------------------------------------------------------- */

const struct ops *run_ops(const struct work *w)
{
    if (w->reverts)
        return &w->revert;
    return w->step->direction == DIRECTION_DOWN ? &w->body.downgrade : &w->body.upgrade;
}

const char *run_folder(const struct run *r, const struct work *w)
{
    const struct revision *v = w->step->revision;
    return v->path ? fs_dirname(&r->p->ctx->arena, v->path) : r->p->config.folder;
}

static bool render(
    struct run *r, const struct work *w, size_t from, size_t to, size_t *ret_together, struct statements *ret)
{
    const struct ops *ops = run_ops(w);
    struct state state = {
        .dialect = r->dialect,
        .conn = r->p->conn,
        .schema = r->replayed,
        .base = run_folder(r, w),
        .begun = r->noted.operation == (int64_t)from && str_eq(r->noted.state, PROGRESS_BEGUN),
        .later = &w->later,
        .ret_together = ret_together,
    };
    if (from == to)
        return true;
    const struct ops some = {.v = ops->v + from, .n = to - from};
    if (!state.dialect->render(r->p->ctx, &state, &some, ret))
        return false;
    vec_each(i, ret)
        ret->v[i]->flags |= w->step->revision->from_history ? STATEMENT_CONFINED : 0;
    return true;
}

bool run_render_some(struct run *r, const struct work *w, size_t from, size_t to, struct statements *ret)
{
    return render(r, w, from, to, NULL, ret);
}

bool run_render_together(
    struct run *r, const struct work *w, size_t from, size_t to, size_t *ret_n, struct statements *ret)
{
    return render(r, w, from, to, ret_n, ret);
}

static bool has_online(const struct run *r, const struct work *w)
{
    const struct ops *ops = run_ops(w);
    vec_each(i, ops)
        if (run_is_online(r, ops->v[i]))
            return true;
    return false;
}

bool run_render(struct run *r, const struct work *w, struct statements *ret)
{
    if (w->step->direction == DIRECTION_STAMP)
        return true;
    return has_online(r, w) ? run_render_segments(r, w, ret)
                            : run_render_some(r, w, r->skipped, run_ops(w)->n, ret);
}

/* ---- running ------------------------------------------------------------------------------------ */

bool run_is_outside(const struct run *r, const struct work *w)
{
    return w->body.outside || r->dialect->has.commits_ddl || r->p->config.transaction == TRANSACTION_NONE;
}

bool run_commits(const struct run *r, const struct work *w, bool last)
{
    return run_is_outside(r, w) || last || r->p->config.transaction == TRANSACTION_REVISION ||
           r->left_transaction;
}

/* A whole step in one transaction, whose answer may be awaited later. */
static bool run_whole(struct run *r, struct work *w, bool last)
{
    struct conn *conn = r->p->conn;
    struct statements list = {0};
    if (!run_render(r, w, &list))
        return false;
    run_add_bookkeeping(r, w, &list);
    w->commits = run_commits(r, w, last);
    if (!r->in_transaction && !conn->dialect->begin(conn))
        return false;
    r->in_transaction = true;
    if (!conn->dialect->send(conn, &list, w->commits))
        return false;
    r->in_transaction = !w->commits;
    return true;
}

bool run_step(struct run *r, struct work *w, bool last)
{
    if (!(r->keeps_progress ? run_parts(r, w) : run_whole(r, w, last)))
        return false;
    w->commits |= r->keeps_progress;
    run_move_rows(r, w);
    return true;
}
