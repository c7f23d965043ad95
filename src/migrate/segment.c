/*
 * What happens to a revision that cannot be one transaction?
 *
 * An index that is built concurrently, a backfill and a program run between transactions: what stands before them is
 * committed first, together with a note of how far the revision got. When it fails later, the next run goes on from
 * there. The note is gone once the revision is done.
 */
#include "migrate/run.h"

/* ---- how far it got ----------------------------------------------------------------------------- */

static bool is_apart(const struct run *r, const struct op *op)
{
    if (op->kind == OP_BACKFILL || op->kind == OP_RUN)
        return true;
    if (r->dialect->features & DIALECT_EMBEDDED)
        return false;
    return (op->kind == OP_CREATE_INDEX && op->u.create_index.concurrently) ||
           (op->kind == OP_DROP_INDEX && op->u.drop_index.concurrently);
}

/* Of the operations that were done: when they are others now, the file was edited and says nothing of what stands. */
static const char *digest_of(struct ctx *ctx, const struct ops *ops, size_t n)
{
    struct str text = STR(ctx);
    for (size_t i = 0; i < n && i < ops->n; i++)
        node_json(&text, op_encode(&ctx->arena, ops->v[i]), false);
    return ctx_printf(ctx, "%08x", (unsigned)hash_bytes(str_get(&text), text.n));
}

static size_t place_of(const struct ops *ops, const struct op *op)
{
    size_t i = 0;
    while (i < ops->n && ops->v[i] != op)
        i++;
    return i;
}

/* With `waits` until it is done; else its answer may be put off. */
static bool give(struct run *r, const struct statements *list, bool commit, bool waits)
{
    struct conn *conn = r->p->conn;
    const struct dialect *dialect = conn->dialect;
    if (!list->n && !commit)
        return true;
    if (!r->in_transaction && commit && !dialect->begin(conn))
        return false;
    if (!(waits ? dialect->exec(conn, list, commit) : dialect->send(conn, list, commit)))
        return false;
    r->in_transaction = r->in_transaction && !commit;
    return true;
}

static bool exec(struct run *r, const struct statements *list, bool commit)
{
    return give(r, list, commit, true);
}

static bool begin(struct run *r)
{
    struct conn *conn = r->p->conn;
    if (!r->in_transaction && !conn->dialect->begin(conn))
        return false;
    r->in_transaction = true;
    return true;
}

static bool take_up(struct run *r, const struct work *w, bool outside)
{
    struct ctx *ctx = r->p->ctx;
    const struct ops *ops = run_ops(w);
    const struct progress *p = &r->earlier;
    if (!str_eq(p->digest, digest_of(ctx, ops, (size_t)p->operation))) {
        log_warn(ctx, "the file of revision %s was edited since it was begun: it begins anew",
            w->step->revision->id);
        r->earlier = (struct progress){.operation = -1};
        return true;
    }
    if (!outside)
        r->skipped = (size_t)p->operation;
    log_info(ctx, "going on with operation %lld of %zu, where an earlier run stopped",
        (long long)p->operation + 1, ops->n);
    return true;
}

bool run_take_up(struct run *r, const struct work *w, bool outside)
{
    static const char *const directions[] = {
        [DIRECTION_UP] = "upgrade", [DIRECTION_DOWN] = "downgrade", [DIRECTION_STAMP] = "stamp"};
    const struct ops *ops = run_ops(w);
    struct statements list = {0};
    bool found = false;
    r->skipped = 0;
    r->keeps_progress = false;
    r->earlier = (struct progress){.operation = -1};
    for (size_t i = 0; w->step->direction != DIRECTION_STAMP && i < ops->n; i++)
        r->keeps_progress |= is_apart(r, ops->v[i]);
    if (!r->keeps_progress)
        return true;
    r->progress = (struct progress){.version = &r->p->version,
        .revision = w->step->revision->id,
        .direction = directions[w->step->direction],
        .digest = digest_of(r->p->ctx, ops, 0)};
    r->earlier = r->progress;
    progress_create(r->p->ctx, r->dialect, &r->progress, &list);
    if (!begin(r) || !exec(r, &list, false) || !progress_read(r->p->conn, &r->earlier, &found))
        return false;
    if (found)
        return take_up(r, w, outside);
    r->earlier.operation = -1;
    return true;
}

/* ---- between transactions ----------------------------------------------------------------------- */

static bool run_task(struct run *r, const struct work *w, const struct statement *s)
{
    struct ctx *ctx = r->p->ctx;
    if (s->op->kind == OP_BACKFILL)
        return backfill_run(r->p->conn, s->op, &r->progress);
    if (run_program(r, w, &s->op->u.run.command))
        return true;
    return fail_in(ctx, "%s%s", pos_text(&ctx->arena, s->op->pos), op_describe(&ctx->arena, s->op));
}

/* An embedded database on a file system without locks: another process may have come in between. */
static bool check_alone(struct run *r)
{
    struct progress now = r->progress;
    struct strings rows;
    bool exists, found;
    if (!(r->dialect->features & DIALECT_EMBEDDED))
        return true;
    if (!r->dialect->versions(r->p->conn, &r->p->version, &rows, &exists))
        return false;
    if (exists == r->table_exists && strings_eq(&rows, &r->rows)) {
        if (!progress_read(r->p->conn, &now, &found))
            return false;
        if (found && now.operation == r->progress.operation)
            return true;
    }
    return fail(r->p->ctx, STATUS_TRY_AGAIN, "another cmig went on with this revision meanwhile");
}

/* The note is moved with what it tells of: with what stands before the operation, and right behind it. */
static bool note(struct run *r, struct statements *with, const char *state)
{
    r->progress.state = state;
    progress_set(r->p->ctx, r->dialect, &r->progress, with);
    return begin(r) && exec(r, with, true);
}

static bool run_apart(struct run *r, const struct work *w, struct statement *s, struct statements *before)
{
    const struct ops *ops = run_ops(w);
    struct statements alone = {0}, none = {0};
    r->progress.operation = (int64_t)place_of(ops, s->op);
    r->progress.digest = digest_of(r->p->ctx, ops, (size_t)r->progress.operation);
    bool begun = r->earlier.operation == r->progress.operation;
    if (!note(r, before, begun ? r->earlier.state : NULL))
        return false;
    r->left_transaction = true;
    r->standing = r->result->n;
    r->standing_rows = r->rows;
    s->flags |= begun ? STATEMENT_AGAIN : 0;
    vec_add(r->p->ctx, &alone, s);
    if (s->flags & STATEMENT_TASK ? !run_task(r, w, s) : !exec(r, &alone, false))
        return false;
    if (!begin(r) || !check_alone(r) || !note(r, &none, PROGRESS_DONE))
        return false;
    r->earlier = r->progress;
    return true;
}

/* Of an operation that was taken up behind itself only the rest is to be done. */
static bool is_done(const struct run *r, const struct work *w, const struct statement *s)
{
    return r->earlier.operation >= 0 && str_eq(r->earlier.state, PROGRESS_DONE) &&
           (int64_t)place_of(run_ops(w), s->op) == r->earlier.operation;
}

bool run_segment(
    struct run *r, const struct work *w, const struct statements *list, bool commit, bool *ret_again)
{
    struct statements group = {0};
    if (!begin(r))
        return false;
    vec_each(i, list) {
        if (!(list->v[i]->flags & STATEMENT_OUTSIDE)) {
            vec_add(r->p->ctx, &group, list->v[i]);
            continue;
        }
        if (is_done(r, w, list->v[i]))
            continue;
        *ret_again = true;
        r->skipped = place_of(run_ops(w), list->v[i]->op);
        return run_apart(r, w, list->v[i], &group) && begin(r) && check_alone(r);
    }
    *ret_again = false;
    return give(r, &group, commit, false);
}

/* ---- `transaction: false` ----------------------------------------------------------------------- */

/* Whether a statement belongs to the one before: a table that is made anew is never left half done. */
static bool goes_along(const struct run *r, const struct statement *before, const struct statement *s)
{
    return r->dialect->features & DIALECT_REBUILDS && before->op == s->op &&
           !(s->flags & (STATEMENT_OUTSIDE | STATEMENT_SCRIPT));
}

bool run_outside(struct run *r, const struct work *w, const struct statements *list)
{
    struct conn *conn = r->p->conn;
    struct statements none = {0};
    if (r->in_transaction && !conn->dialect->commit(conn))
        return false;
    r->in_transaction = false;
    vec_each(i, list) {
        struct statements alone = {0};
        if (list->v[i]->flags & STATEMENT_OUTSIDE) {
            if (!run_apart(r, w, list->v[i], &none))
                return false;
            none = (struct statements){0};
            continue;
        }
        vec_add(r->p->ctx, &alone, list->v[i]);
        for (; i + 1 < list->n && goes_along(r, list->v[i], list->v[i + 1]); i++)
            vec_add(r->p->ctx, &alone, list->v[i + 1]);
        if (!exec(r, &alone, alone.n > 1))
            return false;
        r->left_transaction = true;
    }
    return true;
}

bool run_clear_progress(struct run *r, struct statements *ret)
{
    return !r->keeps_progress || (begin(r) && progress_clear(r->p->conn, &r->progress, ret));
}
