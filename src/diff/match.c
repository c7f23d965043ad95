/* Which constraint (or index) of one table is which of the other's? */
#include "diff/differ.h"

static bool named_alike(const struct dialect *dialect, const char *a, const char *b)
{
    return a && b && same_name(dialect, a, b);
}

static struct match match_new(struct ctx *ctx, size_t na, size_t nb)
{
    return (struct match){
        .of = nb ? arena_alloc(&ctx->arena, nb * sizeof(void *)) : NULL,
        .left = na ? arena_alloc(&ctx->arena, na * sizeof(bool)) : NULL,
    };
}

/* What stands for an enum comes and goes with its column's values. */
static void leave_implied(struct match *m, const struct constraints *a)
{
    vec_each(i, a)
        m->left[i] = !a->v[i]->implied;
}

static void count_left(struct match *m, size_t n)
{
    for (size_t i = 0; i < n; i++)
        m->any_left = m->any_left || m->left[i];
}

struct match match_constraints(
    struct ctx *ctx, const struct dialect *dialect, const struct constraints *a, const struct constraints *b)
{
    struct match m = match_new(ctx, a->n, b->n);

    leave_implied(&m, a);
    vec_each(j, b) {
        for (size_t i = 0; !b->v[j]->implied && !m.of[j] && i < a->n; i++) {
            if (!m.left[i] || !named_alike(dialect, a->v[i]->name, b->v[j]->name))
                continue;
            m.of[j] = a->v[i];
            m.left[i] = false;
        }
    }
    vec_each(j, b) {
        for (size_t i = 0; !b->v[j]->implied && !m.of[j] && i < a->n; i++) {
            if (!m.left[i] || !same_constraint(ctx, dialect, a->v[i], b->v[j]))
                continue;
            m.of[j] = a->v[i];
            m.left[i] = false;
        }
    }
    count_left(&m, a->n);
    return m;
}

struct match match_indexes(
    struct ctx *ctx, const struct dialect *dialect, const struct indexes *a, const struct indexes *b)
{
    struct match m = match_new(ctx, a->n, b->n);

    vec_each(i, a)
        m.left[i] = true;
    vec_each(j, b) {
        for (size_t i = 0; !m.of[j] && i < a->n; i++) {
            if (!m.left[i] || !named_alike(dialect, a->v[i]->name, b->v[j]->name))
                continue;
            m.of[j] = a->v[i];
            m.left[i] = false;
        }
    }
    vec_each(j, b) {
        for (size_t i = 0; !m.of[j] && i < a->n; i++) {
            if (!m.left[i] || !same_index(ctx, dialect, a->v[i], b->v[j]))
                continue;
            m.of[j] = a->v[i];
            m.left[i] = false;
        }
    }
    count_left(&m, a->n);
    return m;
}
