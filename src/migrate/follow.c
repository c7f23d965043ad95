/* Tracks the schema against which the next step is rendered, when steps are only printed. */
#include "migrate/run.h"

/* Rows are for the real database. */
static bool run_in_stand_in(struct run *r, const struct work *w, const struct statements *list)
{
    struct conn *conn = r->p->conn;
    struct statements wanted = {0};
    vec_each(i, list)
        if (!list->v[i]->op || op_changes_schema(list->v[i]->op))
            vec_add(r->p->ctx, &wanted, list->v[i]);
    if (run_is_outside(r, w))
        return conn->dialect->exec(conn, &wanted, false);
    return conn->dialect->begin(conn) && conn->dialect->exec(conn, &wanted, true);
}

/* An operation on an object that user SQL created is skipped. */
static void apply_ops(struct run *r, const struct ops *ops)
{
    vec_each(i, ops) {
        const struct ops one = {.v = &ops->v[i], .n = 1};
        if (!ops_apply(r->p->ctx, r->dialect, r->replayed, &one))
            err_clear(r->p->ctx);
    }
}

bool run_follow(struct run *r, const struct work *w, const struct statements *list)
{
    struct conn *conn = r->p->conn;
    if (r->replayed)
        apply_ops(r, run_ops(w));
    else if (r->offline)
        return run_in_stand_in(r, w, list);
    else if (r->dialect->has.embedded)
        return conn->dialect->exec(conn, list, false);
    return true;
}

bool run_replay(struct run *r, const struct work *w)
{
    struct statements list = {0}, own = {0};
    const char *ignored;
    if ((!r->replayed && !run_render(r, w, &list)) || !run_follow(r, w, &list))
        return false;
    if (r->replayed || !run_has_user_sql(w))
        return true;
    run_add_restore(r, &own);
    return r->dialect->shell->restore(r->p->ctx, r->p->conn, own.v[0], &ignored);
}
