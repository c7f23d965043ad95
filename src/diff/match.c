/* Pairs the constraints and indexes of two tables. */
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

/* The check of an enum follows its column's values. */
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

/* Two are paired by name and definition, then by definition, then by name. So a name that moves to another
 * constraint is a rename, and only those without a match are dropped and created. */
enum pass { PASS_SAME, PASS_SHAPE, PASS_NAME, PASSES };

static bool constraint_fits(struct ctx *ctx, const struct dialect *dialect, enum pass pass,
    const struct constraint *a, const struct constraint *b)
{
    if (pass != PASS_SHAPE && !named_alike(dialect, a->name, b->name))
        return false;
    return pass == PASS_NAME || same_constraint(ctx, dialect, a, b);
}

static bool index_fits(struct ctx *ctx, const struct dialect *dialect, enum pass pass, const struct index *a,
    const struct index *b)
{
    if (pass != PASS_SHAPE && !named_alike(dialect, a->name, b->name))
        return false;
    return pass == PASS_NAME || same_index(ctx, dialect, a, b);
}

static void match_take(struct match *m, size_t i, size_t j, void *object)
{
    m->of[j] = object;
    m->left[i] = false;
}

struct match match_constraints(
    struct ctx *ctx, const struct dialect *dialect, const struct constraints *a, const struct constraints *b)
{
    struct match m = match_new(ctx, a->n, b->n);

    leave_implied(&m, a);
    for (enum pass pass = PASS_SAME; pass < PASSES; pass++)
        vec_each(j, b)
            for (size_t i = 0; !b->v[j]->implied && !m.of[j] && i < a->n; i++)
                if (m.left[i] && constraint_fits(ctx, dialect, pass, a->v[i], b->v[j]))
                    match_take(&m, i, j, a->v[i]);
    count_left(&m, a->n);
    return m;
}

struct match match_indexes(
    struct ctx *ctx, const struct dialect *dialect, const struct indexes *a, const struct indexes *b)
{
    struct match m = match_new(ctx, a->n, b->n);

    vec_each(i, a)
        m.left[i] = true;
    for (enum pass pass = PASS_SAME; pass < PASSES; pass++)
        vec_each(j, b)
            for (size_t i = 0; !m.of[j] && i < a->n; i++)
                if (m.left[i] && index_fits(ctx, dialect, pass, a->v[i], b->v[j]))
                    match_take(&m, i, j, a->v[i]);
    count_left(&m, a->n);
    return m;
}
