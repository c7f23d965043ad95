/*
 * Finds the parents that the revisions of a branch get when they are put after those of its base.
 *
 * A parent of the base becomes the head that descends from it; the order within the branch stays.
 */
#include "walk.h"

struct rebasing {
    struct ctx *ctx;
    const struct graph *g;
    const bool *is_base;
    struct revisions heads;  /* of the base */
    struct revisions *under; /* by revision->order: the heads of the base below a revision of the branch */
};

static void find_heads(struct rebasing *b)
{
    vec_each(i, &b->g->all) {
        struct revision *r = b->g->all.v[i];
        bool is_head = b->is_base[r->order];

        vec_each(k, &r->children)
            is_head &= !b->is_base[r->children.v[k]->order];
        if (is_head)
            vec_add(b->ctx, &b->heads, r);
    }
}

static bool have(const struct revisions *list, const struct revision *r)
{
    vec_each(i, list)
        if (list->v[i] == r)
            return true;
    return false;
}

static void add_once(struct rebasing *b, struct revisions *list, struct revision *r)
{
    if (!have(list, r))
        vec_add(b->ctx, list, r);
}

/* The head that descends from a revision of the base. */
static bool find_head(
    struct rebasing *b, const struct revision *r, struct revision *parent, struct revision **ret)
{
    struct revisions found = {0};

    vec_each(i, &b->heads) {
        const struct revisions one = {.v = &b->heads.v[i], .n = 1};
        bool *below;

        graph_ancestors(b->ctx, b->g, &one, false, &below);
        if (!parent || below[parent->order])
            vec_add(b->ctx, &found, b->heads.v[i]);
    }
    if (found.n == 1) {
        *ret = found.v[0];
        return true;
    }
    fail(b->ctx, STATUS_FAILED, "cannot tell after which head of the base revision %s belongs", r->id);
    fail_candidates(b->ctx, &found);
    return fail_hint(
        b->ctx, "Join the heads of the base with 'cmig merge' first, or write 'down_revision' yourself.");
}

/* A head that is below another parent already is not named again. */
static bool is_below(const struct rebasing *b, const struct revision *r, const struct revision *head)
{
    vec_each(i, &r->parents)
        if (!b->is_base[r->parents.v[i]->order] && have(&b->under[r->parents.v[i]->order], head))
            return true;
    return false;
}

static bool find_parents(struct rebasing *b, const struct revision *r, struct revisions *ret)
{
    struct revisions *under = &b->under[r->order];
    struct revision *head;

    vec_each(i, &r->parents) {
        struct revision *parent = r->parents.v[i];

        if (b->is_base[parent->order]) {
            if (!find_head(b, r, parent, &head))
                return false;
            if (!is_below(b, r, head))
                add_once(b, ret, head);
            add_once(b, under, head);
            continue;
        }
        add_once(b, ret, parent);
        vec_each(k, &b->under[parent->order])
            add_once(b, under, b->under[parent->order].v[k]);
    }
    if (r->parents.n || !b->heads.n)
        return true;
    if (!find_head(b, r, NULL, &head))
        return false;
    add_once(b, ret, head);
    add_once(b, under, head);
    return true;
}

static bool is_same(const struct revisions *a, const struct revisions *b)
{
    bool same = a->n == b->n;

    for (size_t i = 0; same && i < a->n; i++)
        same = a->v[i] == b->v[i];
    return same;
}

bool graph_rebase(struct ctx *ctx, const struct graph *g, const bool *is_base, struct reparentings *ret)
{
    struct rebasing b = {.ctx = ctx, .g = g, .is_base = is_base};
    struct revisions heads = {0}, sorted;

    b.under = arena_alloc(&ctx->arena, (g->all.n + 1) * sizeof(*b.under));
    find_heads(&b);
    graph_heads(ctx, g, &heads);
    if (!graph_sorted(ctx, g, &heads, &sorted))
        return false;
    for (size_t i = sorted.n; i-- > 0;) {
        struct revision *r = sorted.v[i];
        struct revisions parents = {0};
        struct reparenting found = {.revision = r};

        if (is_base[r->order])
            continue;
        if (!find_parents(&b, r, &parents))
            return false;
        vec_each(k, &parents)
            vec_add(ctx, &found.parents, parents.v[k]->id);
        if (!is_same(&parents, &r->parents))
            vec_add(ctx, ret, found);
    }
    return true;
}
