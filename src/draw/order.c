/*
 * Sorts the slots of layers so that few links cross, by the barycentres of their neighbours.
 */
#include "layers.h"

enum { SWEEPS = 12 };

static void number_slots(struct layer *layer)
{
    vec_each(i, &layer->slots)
        layer->slots.v[i]->position = i;
}

/* The place of a link's end in its layer: in boxes, and fractions of one. */
static double end_position(const struct link *link, enum side side)
{
    const struct slot *n = link->ends[side];

    return (double)n->position + (n->box ? (double)link->offsets[side] / (n->height + 1) : 0.5);
}

/* ---- crossings ---- */

static int compare_spans(const void *a, const void *b)
{
    const struct span *x = a, *y = b;

    if (x->left != y->left)
        return x->left < y->left ? -1 : 1;
    return x->right < y->right ? -1 : x->right > y->right;
}

static size_t count_crossings(struct layers *l)
{
    size_t count = 0;

    vec_each(i, &l->all) {
        struct spans *spans = &l->spans;
        const struct slots *slots = &l->all.v[i].slots;

        spans->n = 0;
        vec_each(k, slots) {
            vec_each(m, &slots->v[k]->links[SIDE_RIGHT]) {
                const struct link *link = slots->v[k]->links[SIDE_RIGHT].v[m];
                const struct span span = {end_position(link, SIDE_LEFT), end_position(link, SIDE_RIGHT)};

                vec_add(l->p->ctx, spans, span);
            }
        }
        if (spans->n)
            qsort(spans->v, spans->n, sizeof(*spans->v), compare_spans);
        vec_each(k, spans)
            for (size_t m = k + 1; m < spans->n; m++)
                count += spans->v[k].left < spans->v[m].left && spans->v[k].right > spans->v[m].right;
    }
    return count;
}

/* ---- sorting ---- */

static int compare_wishes(const void *a, const void *b)
{
    const struct slot *x = *(struct slot *const *)a, *y = *(struct slot *const *)b;

    if (x->wish != y->wish)
        return x->wish < y->wish ? -1 : 1;
    return x->position < y->position ? -1 : 1;
}

/* By the neighbours on one side; a slot without such stays where it is. */
static void sort_layer(struct layer *layer, enum side side)
{
    const enum side far = side;

    vec_each(i, &layer->slots) {
        struct slot *n = layer->slots.v[i];
        double sum = 0;

        vec_each(k, &n->links[side])
            sum += end_position(n->links[side].v[k], far);
        n->wish = n->links[side].n ? sum / n->links[side].n : (double)n->position;
    }
    if (layer->slots.n)
        qsort(layer->slots.v, layer->slots.n, sizeof(*layer->slots.v), compare_wishes);
    number_slots(layer);
}

static void sweep(struct layers *l, enum side side)
{
    for (size_t i = 1; i < l->all.n; i++)
        sort_layer(&l->all.v[side == SIDE_LEFT ? i : l->all.n - 1 - i], side);
}

static void save(const struct layers *l, struct slots *best)
{
    vec_each(i, &l->all)
        memcpy(best[i].v, l->all.v[i].slots.v, l->all.v[i].slots.n * sizeof(*best[i].v));
}

static void restore(struct layers *l, const struct slots *best)
{
    vec_each(i, &l->all) {
        struct layer *layer = &l->all.v[i];

        memcpy(layer->slots.v, best[i].v, layer->slots.n * sizeof(*best[i].v));
        number_slots(layer);
    }
}

/* Exchanges neighbours wherever that removes crossings. */
static size_t exchange_neighbours(struct layers *l, size_t count)
{
    vec_each(i, &l->all) {
        struct slots *slots = &l->all.v[i].slots;

        for (size_t k = 1; count && k < slots->n; k++) {
            struct slot *a = slots->v[k - 1], *b = slots->v[k];
            size_t now;

            a->position = k;
            b->position = k - 1;
            now = count_crossings(l);
            if (now < count) {
                slots->v[k - 1] = b;
                slots->v[k] = a;
                count = now;
            } else {
                a->position = k - 1;
                b->position = k;
            }
        }
    }
    return count;
}

void layers_order(struct layers *l)
{
    struct slots *best = arena_alloc(&l->p->ctx->arena, (l->all.n + 1) * sizeof(*best));
    size_t fewest, count;

    vec_each(i, &l->all) {
        number_slots(&l->all.v[i]);
        best[i].v = arena_alloc(&l->p->ctx->arena, (l->all.v[i].slots.n + 1) * sizeof(*best[i].v));
    }
    fewest = count_crossings(l);
    save(l, best);
    for (size_t i = 0; fewest && i < SWEEPS; i++) {
        sweep(l, i % 2 ? SIDE_RIGHT : SIDE_LEFT);
        count = count_crossings(l);
        if (count >= fewest)
            continue;
        fewest = count;
        save(l, best);
    }
    restore(l, best);
    for (size_t i = 0; fewest && i < 3; i++) {
        count = exchange_neighbours(l, fewest);
        if (count == fewest)
            break;
        fewest = count;
    }
}
