/*
 * Operations that are done online, in segments.
 *
 * The dialect cuts such an operation into segments of plain operations. Each is rendered only when those before it are
 * committed, since rendering asks the database, and is committed with the record of how many are done. So a run that is
 * ended at any point continues there.
 */
#include "migrate/run.h"

bool run_is_online(const struct run *r, const struct op *op)
{
    return op->online && r->dialect->online;
}

static struct state state_of(struct run *r, const struct work *w)
{
    return (struct state){
        .dialect = r->dialect, .conn = r->p->conn, .schema = r->replayed, .base = run_folder(r, w)};
}

/* Messages name the operation in the file. */
static void take_place(const struct op *from, const struct ops *ops)
{
    vec_each(i, ops) {
        ops->v[i]->pos = from->pos;
        ops->v[i]->at = from->at;
        ops->v[i]->of = from->of;
    }
}

bool run_segments(
    struct run *r, const struct work *w, const struct op *op, bool has_begun, struct segments *ret)
{
    struct state state = state_of(r, w);
    state.begun = has_begun;
    if (!r->dialect->online(r->p->ctx, &state, op, ret))
        return false;
    vec_each(i, ret) {
        take_place(op, &ret->v[i].ops);
        take_place(op, &ret->v[i].undo);
    }
    return true;
}

static bool check_backfill(struct run *r, const struct op *op)
{
    struct ctx *ctx = r->p->ctx;
    return !r->p->conn || r->p->conn->stand_in || backfill_check(r->p->conn, op) ||
           fail_in(ctx, "%s%s", pos_text(&ctx->arena, op->pos), op_describe(&ctx->arena, op));
}

/* Not for a revision that continues: its first operations are applied. */
static bool rehearse(struct run *r, const struct work *w)
{
    struct state state = state_of(r, w);
    bool is_real = r->p->conn && !r->p->conn->stand_in && !r->options->dry_run;
    return !is_real || !r->dialect->rehearse || run_continues(r, w) ||
           r->dialect->rehearse(r->p->ctx, &state, run_ops(w));
}

bool run_check_apart(struct run *r, const struct work *w)
{
    const struct ops *ops = run_ops(w);
    vec_each(i, ops) {
        struct segments ignored = {0};
        if (ops->v[i]->kind == OP_BACKFILL && !check_backfill(r, ops->v[i]))
            return false;
        if (run_is_online(r, ops->v[i]) &&
            !run_segments(r, w, ops->v[i], r->attempt.kind == ATTEMPT_VALID, &ignored))
            return false;
    }
    return rehearse(r, w);
}

/* ---- running ------------------------------------------------------------------------------------ */

/* Whether rows that a proof finds are those that the operation cannot have. */
static bool is_proved(const struct op *op)
{
    const struct op_alter_column *o = &op->u.alter_column;
    if (op->kind == OP_ALTER_COLUMN)
        return ALTER_HAS(o, ALTER_NULLABLE) && !o->nullable && !ALTER_HAS(o, ALTER_TYPE);
    return op->kind == OP_CREATE_CHECK_CONSTRAINT || op->kind == OP_CREATE_FOREIGN_KEY;
}

static bool render(struct run *r, const struct work *w, const struct segment *s, const struct op *op,
    bool has_begun, struct statements *ret)
{
    struct state state = state_of(r, w);
    state.begun = has_begun;
    if (!r->dialect->render(r->p->ctx, &state, &s->ops, ret))
        return false;
    vec_each(i, ret)
        if (ret->v[i]->op && ret->v[i]->op->kind == OP_VALIDATE_CONSTRAINT && is_proved(op))
            ret->v[i]->key = op;
    return true;
}

static bool run_segment(
    struct run *r, const struct work *w, const struct segment *s, size_t operation, size_t part, bool is_last)
{
    struct ctx *ctx = r->p->ctx;
    struct statements all = {0}, inside = {0};
    bool has_begun = str_eq(run_recorded_state(r, operation, part), PROGRESS_BEGUN);
    if (!render(r, w, s, run_ops(w)->v[operation], has_begun, &all))
        return false;
    vec_each(i, &all)
        if (!(all.v[i]->flags & STATEMENT_OUTSIDE))
            vec_add(ctx, &inside, all.v[i]);
        else if (!run_between(r, w, all.v[i], operation, part))
            return false;
    return run_commit_part(r, w, &inside, operation + is_last, is_last ? 0 : part + 1);
}

bool run_online(struct run *r, const struct work *w, size_t operation)
{
    struct ctx *ctx = r->p->ctx;
    const struct op *op = run_ops(w)->v[operation];
    struct statements none = {0};
    struct segments all = {0};
    if (!run_segments(r, w, op, r->skipped_parts || run_recorded_state(r, operation, 0), &all))
        return false;
    for (size_t i = r->skipped_parts; i < all.n; i++) {
        if (ctx_interrupted(ctx))
            return fail_interrupted(ctx);
        log_debug(ctx, "%s: segment %zu of %u", op_describe(&ctx->arena, op), i + 1, all.n);
        if (!run_segment(r, w, &all.v[i], operation, i, i + 1 == all.n))
            return all.n == 1 ? false
                              : fail_in(ctx, "segment %zu of %u of online %s", i + 1, all.n,
                                    op_describe(&ctx->arena, op));
    }
    return r->skipped_parts < all.n || run_commit_part(r, w, &none, operation + 1, 0);
}

/* ---- for scripts -------------------------------------------------------------------------------- */

/* Where a segment begins, or what comes after an online operation. */
struct mark {
    const struct op *op;
    const char *remark;
};
struct marks VEC_OF(struct mark);

static const char *remark_of(struct ctx *ctx, const struct segment *s)
{
    struct strings parts = {0};
    if (s->lock)
        vec_add(ctx, &parts, ctx_printf(ctx, "lock: %s", s->lock));
    if (s->work)
        vec_add(ctx, &parts, s->work);
    if (s->stays)
        vec_add(ctx, &parts, "once started, only the operations of the downgrade revert it");
    return parts.n ? strings_join(&ctx->arena, &parts, "; ") : NULL;
}

static void add_segments(
    struct ctx *ctx, const struct segments *all, size_t from, struct ops *ret, struct marks *marks)
{
    for (size_t i = from; i < all->n; i++) {
        const struct segment *s = &all->v[i];
        struct mark mark = {s->ops.v[0], remark_of(ctx, s)};
        vec_add(ctx, marks, mark);
        vec_each(k, &s->ops)
            vec_add(ctx, ret, s->ops.v[k]);
    }
}

/* Puts segments in the place of the online operations from `from` on. */
static bool expand(struct run *r, const struct work *w, size_t from, struct ops *ret, struct marks *marks)
{
    const struct ops *ops = run_ops(w);
    for (size_t i = from; i < ops->n; i++) {
        struct segments all = {0};
        struct mark after = {ops->v[i], NULL};
        if (run_is_online(r, ops->v[i])) {
            if (!run_segments(r, w, ops->v[i], r->attempt.kind == ATTEMPT_VALID, &all))
                return false;
            add_segments(r->p->ctx, &all, i == r->skipped ? r->skipped_parts : 0, ret, marks);
            continue;
        }
        if (i > from && run_is_online(r, ops->v[i - 1]))
            vec_add(r->p->ctx, marks, after);
        vec_add(r->p->ctx, ret, ops->v[i]);
    }
    return true;
}

static void mark_statements(const struct marks *marks, struct statements *list)
{
    size_t next = 0;
    vec_each(i, list)
        for (size_t k = next; k < marks->n; k++) {
            if (list->v[i]->op != marks->v[k].op)
                continue;
            list->v[i]->flags |= STATEMENT_SEGMENT;
            list->v[i]->remark = marks->v[k].remark;
            next = k + 1;
        }
}

bool run_render_segments(struct run *r, const struct work *w, struct statements *ret)
{
    struct state state = state_of(r, w);
    struct marks marks = {0};
    struct ops ops = {0};
    state.later = &w->later;
    if (!expand(r, w, r->skipped, &ops, &marks) || !r->dialect->render(r->p->ctx, &state, &ops, ret))
        return false;
    mark_statements(&marks, ret);
    return true;
}
