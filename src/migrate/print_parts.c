/*
 * Prints a step of a script for a database where DDL commits by itself.
 *
 * The script writes the same record as a run does, see segment.c: before a statement that commits by itself, that it has
 * begun; rows are changed in a transaction with the record of what comes next. So a run, or an idempotent script, continues
 * where the script was ended.
 */
#include "migrate/run.h"

struct printing {
    struct run *r;
    const struct work *w;
    size_t operation, part;     /* of the next statement */
    bool has_record, has_begun; /* what the script has recorded: anything, and that a statement has begun */
};

/* The operation at which a statement begins, and how many it does. */
static const struct op *first_op(const struct statement *s)
{
    return s->together ? s->together->v[0] : s->op;
}

static size_t count_ops(const struct statement *s)
{
    return s->together ? s->together->n : 1;
}

static void set_record(struct printing *p, const struct statement *s, const char *state)
{
    struct run *r = p->r;
    size_t n = s ? count_ops(s) : 1;
    run_set_record(r, p->w, p->operation, p->part, state);
    if (n > 1)
        progress_set_together(
            r->p->ctx, r->dialect, &r->progress, n, run_digest(r, p->w, p->operation + n), s->subject);
}

/* The first takes the place of what an earlier run has left, the others move it. */
static bool print_record(struct printing *p, const struct statement *begun, const char *state)
{
    struct run *r = p->r;
    struct statements list = {0};
    set_record(p, begun, state);
    (p->has_record ? progress_move : progress_set)(r->p->ctx, r->dialect, &r->progress, &list);
    bool outside = p->has_record && !r->in_transaction;
    p->has_record = true;
    p->has_begun = begun && state;
    return run_print_statements(r, &list, outside);
}

static bool print_one(struct run *r, struct statement *s, bool outside)
{
    struct statements list = {0};
    vec_add(r->p->ctx, &list, s);
    return run_print_statements(r, &list, outside);
}

/* A failure then leaves a record that says what was applied before. */
static bool print_inside(struct printing *p, struct statement *s)
{
    bool is_check = s->flags & STATEMENT_CHECK;
    return (is_check || !p->has_begun || print_record(p, NULL, NULL)) && print_one(p->r, s, is_check);
}

/* A backfill that has begun can simply begin again. */
static bool print_outside(struct printing *p, struct statement *s)
{
    struct run *r = p->r;
    if (!print_record(p, s, s->op->kind == OP_BACKFILL ? NULL : PROGRESS_BEGUN))
        return false;
    run_print_commit(r);
    return print_one(r, s, true);
}

/* Moves to what comes after a statement; rows that it changed are committed with the record. The end is recorded by the
 * bookkeeping. */
static bool print_end(struct printing *p, const struct statement *s, bool ends_operation)
{
    struct run *r = p->r;
    p->operation += ends_operation ? count_ops(s) : 0;
    p->part = ends_operation || s->together ? 0 : p->part + 1;
    if (!r->in_transaction || p->operation == run_ops(p->w)->n)
        return true;
    if (!print_record(p, NULL, NULL))
        return false;
    run_print_commit(r);
    return true;
}

static bool print_part(struct printing *p, struct statement *s, bool ends_operation)
{
    struct run *r = p->r;
    const struct progress at = {.operation = (int64_t)p->operation, .part = (int64_t)p->part};
    r->guard_at = &at;
    bool ok = (s->flags & STATEMENT_OUTSIDE ? print_outside : print_inside)(p, s) &&
              print_end(p, s, ends_operation);
    r->guard_at = NULL;
    return ok;
}

/* The statement, or those of an SQL text. */
static bool parts_of(struct run *r, struct statement *s, struct statements *ret)
{
    if (s->flags & STATEMENT_SCRIPT)
        return r->dialect->split(r->p->ctx, s, false, ret);
    vec_add(r->p->ctx, ret, s);
    return true;
}

bool run_print_parts(struct run *r, const struct work *w, const struct statements *list)
{
    const struct ops *ops = run_ops(w);
    struct printing p = {.r = r, .w = w};
    vec_each(i, list) {
        struct statements parts = {0};
        while (p.operation + 1 < ops->n && first_op(list->v[i]) != ops->v[p.operation]) {
            p.operation++;
            p.part = 0;
        }
        bool is_last = i + 1 == list->n || first_op(list->v[i + 1]) != first_op(list->v[i]);
        if (!parts_of(r, list->v[i], &parts))
            return false;
        vec_each(k, &parts)
            if (!print_part(&p, parts.v[k], is_last && k + 1 == parts.n))
                return false;
    }
    return true;
}
