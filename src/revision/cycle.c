/*
 * Finds cycles among the revisions.
 *
 * Revisions are removed once all their parents are removed. Those that remain descend from a cycle, or are part of
 * one.
 */
#include "walk.h"

struct ordering {
    const struct graph *g;
    struct arena *scratch;
    bool dependencies;
    uint32_t *below; /* how many links down are left */
    struct revision **out;
    size_t n;
    struct revisions *users; /* by order: the revisions that depend on it, as written */
};

static void release(struct ordering *o, const struct revisions *above)
{
    vec_each(i, above)
        if (--o->below[above->v[i]->order] == 0)
            o->out[o->n++] = above->v[i];
}

static void count_links(struct ordering *o, struct revision *r)
{
    o->below[r->order] = (uint32_t)r->parents.n;
    if (!o->dependencies)
        return;
    o->below[r->order] += (uint32_t)r->all_dependencies.n;
    vec_each(i, &r->all_dependencies)
        vec_push(o->scratch, &o->users[r->all_dependencies.v[i]->order], r);
}

/* Whether all were reached. */
static bool take_away(struct ordering *o)
{
    const struct revisions *all = &o->g->all;

    o->below = arena_alloc(o->scratch, all->n * sizeof(*o->below));
    o->out = arena_alloc(o->scratch, all->n * sizeof(struct revision *));
    o->users = arena_alloc(o->scratch, all->n * sizeof(*o->users));
    vec_each(i, all) {
        count_links(o, all->v[i]);
        if (!o->below[i])
            o->out[o->n++] = all->v[i];
    }
    for (size_t i = 0; i < o->n; i++) {
        release(o, &o->out[i]->children);
        release(o, &o->users[o->out[i]->order]);
    }
    return o->n == all->n;
}

static struct revision *left_over(const struct ordering *o, const struct revisions *list)
{
    vec_each(i, list)
        if (o->below[list->v[i]->order])
            return list->v[i];
    return NULL;
}

static struct revision *step_down(const struct ordering *o, const struct revision *r)
{
    struct revision *next = left_over(o, &r->parents);

    if (!next && o->dependencies)
        next = left_over(o, &r->all_dependencies);
    assert(next && "each remaining revision has a remaining parent");
    return next;
}

/* Going down from any remaining revision ends in a cycle. It is shown from its first file on. */
static struct revisions find_circle(struct ctx *ctx, const struct ordering *o)
{
    bool *seen = marks_new(o->scratch, o->g);
    struct revision *r = left_over(o, &o->g->all), *first, *next;
    struct revisions circle = {0};

    for (; !seen[r->order]; r = step_down(o, r))
        seen[r->order] = true;
    first = r;
    for (next = step_down(o, r); next != r; next = step_down(o, next))
        if (next->order < first->order)
            first = next;
    next = first;
    do {
        vec_add(ctx, &circle, next);
        next = step_down(o, next);
    } while (next != first);
    return circle;
}

static bool refuse_circle(struct ctx *ctx, const struct ordering *o)
{
    struct revisions circle = find_circle(ctx, o);
    struct str chain = STR(ctx);
    const struct revision *first = circle.v[0];

    for (size_t i = 0; i < circle.n && i < 10; i++)
        str_addf(&chain, "'%s' -> ", circle.v[i]->id);
    if (circle.n > 10)
        str_add(&chain, "… -> ");
    str_addf(&chain, "'%s'", first->id);
    fail_at(ctx, STATUS_CONFIG, first->down_pos.file && !o->dependencies ? first->down_pos : first->pos,
        "%s form a cycle: %s", o->dependencies ? "parents and dependencies" : "parents", str_get(&chain));
    fail_candidates(ctx, &circle);
    return fail_hint(ctx, "Correct the keys: each revision must descend from one without parents.");
}

bool graph_order(struct ctx *ctx, const struct graph *g, struct arena *scratch, struct revision ***ret_order)
{
    struct ordering all = {.g = g, .scratch = scratch, .dependencies = true};
    struct ordering parents = {.g = g, .scratch = scratch};

    if (take_away(&all)) {
        *ret_order = all.out;
        return true;
    }
    return refuse_circle(ctx, take_away(&parents) ? &all : &parents);
}
