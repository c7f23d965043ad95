/*
 * Assigns boxes to layers.
 *
 * An edge leads from a table to the left, to the table to which it refers. Edges that would close a cycle lead to the
 * right. A layer that is much higher than the picture is wide continues in a further one.
 */
#include "layers.h"

enum {
    BOX_GAP = 26,
    USUAL_GAP = 90, /* between layers, to guess the width of the picture */
};

/* ---- cycles ---- */

static void visit(struct slot *n, const struct layers *l);

/* Adds the edge as one without cycles: in the other direction if it would close one. */
static void follow(struct slot *child, struct slot *parent, const struct layers *l)
{
    struct ctx *ctx = l->p->ctx;

    if (parent->visit == 1) {
        vec_add(ctx, &parent->parents, child->box);
        vec_add(ctx, &child->children, parent->box);
        return;
    }
    vec_add(ctx, &child->parents, parent->box);
    vec_add(ctx, &parent->children, child->box);
    if (!parent->visit)
        visit(parent, l);
}

static void visit(struct slot *n, const struct layers *l)
{
    n->visit = 1;
    vec_each(i, l->edges) {
        const struct edge *e = l->edges->v[i];

        if (e->from == n->box && e->to != e->from)
            follow(n, e->to->slot, l);
    }
    n->visit = 2;
}

static void break_cycles(const struct layers *l)
{
    vec_each(i, l->boxes)
        if (!l->boxes->v[i]->slot->visit)
            visit(l->boxes->v[i]->slot, l);
}

/* ---- layers ---- */

/* One after the last of its parents. */
static size_t find_layer(struct slot *n)
{
    if (n->layer != SIZE_MAX)
        return n->layer;
    n->layer = 0;
    vec_each(i, &n->parents) {
        const size_t parent = find_layer(n->parents.v[i]->slot);

        if (parent + 1 > n->layer)
            n->layer = parent + 1;
    }
    return n->layer;
}

/* Moves a box towards its children, if it has more of them than parents. */
static bool move_right(struct slot *n)
{
    size_t last = SIZE_MAX;

    if (n->children.n <= n->parents.n)
        return false;
    vec_each(i, &n->children)
        if (n->children.v[i]->slot->layer - 1 < last)
            last = n->children.v[i]->slot->layer - 1;
    if (last <= n->layer)
        return false;
    n->layer = last;
    return true;
}

static void find_layers(const struct layers *l)
{
    bool is_moved = true;

    vec_each(i, l->boxes)
        find_layer(l->boxes->v[i]->slot);
    for (size_t pass = 0; is_moved && pass < l->boxes->n; pass++) {
        is_moved = false;
        vec_each(i, l->boxes)
            is_moved |= move_right(l->boxes->v[i]->slot);
    }
}

/* ---- height ---- */

/* The height at which the picture is a little wider than high. */
static int height_limit(const struct layers *l)
{
    double area = 0;
    int highest = 0, limit = 1;

    vec_each(i, l->boxes) {
        const struct box *b = l->boxes->v[i];

        area += (double)(b->width + USUAL_GAP) * (b->height + BOX_GAP);
        if (b->height > highest)
            highest = b->height;
    }
    while ((double)limit * limit < area * 0.75)
        limit += 16;
    return limit > highest ? limit : highest;
}

static int compare_children(const void *a, const void *b)
{
    const struct slot *x = *(struct slot *const *)a, *y = *(struct slot *const *)b;

    if (x->children.n != y->children.n)
        return x->children.n < y->children.n ? -1 : 1;
    return x->box->at < y->box->at ? -1 : 1;
}

static int total_height(const struct slots *list)
{
    int sum = 0;

    vec_each(i, list)
        sum += list->v[i]->height + BOX_GAP;
    return sum;
}

/* Divides a list into columns of about the same height; returns their number. */
static size_t divide(const struct slots *list, int limit, size_t first)
{
    const int total = total_height(list);
    const int columns = (total + limit - 1) / limit;
    const int share = columns ? total / columns : 0;
    int sum = 0;
    size_t at = 0;

    vec_each(i, list) {
        const int height = list->v[i]->height + BOX_GAP;

        if (sum && sum + height / 2 > share && at + 1 < (size_t)columns) {
            at++;
            sum = 0;
        }
        list->v[i]->layer = first + at;
        sum += height;
    }
    return at + 1;
}

static size_t count_layers(const struct layers *l)
{
    size_t count = 0;

    vec_each(i, l->boxes)
        if (l->boxes->v[i]->slot->layer + 1 > count)
            count = l->boxes->v[i]->slot->layer + 1;
    return count;
}

static void limit_heights(struct layers *l)
{
    const size_t count = count_layers(l);
    const int limit = height_limit(l);
    struct slots *lists = arena_alloc(&l->p->ctx->arena, (count + 1) * sizeof(*lists));
    size_t next = 0;

    vec_each(i, l->boxes)
        vec_add(l->p->ctx, &lists[l->boxes->v[i]->slot->layer], l->boxes->v[i]->slot);
    for (size_t i = 0; i < count; i++) {
        if (lists[i].n)
            qsort(lists[i].v, lists[i].n, sizeof(*lists[i].v), compare_children);
        next += lists[i].n ? divide(&lists[i], limit, next) : 0;
    }
}

void layers_assign(struct layers *l)
{
    struct layer empty = {0};
    size_t count;

    break_cycles(l);
    find_layers(l);
    limit_heights(l);
    count = count_layers(l);
    for (size_t i = 0; i < count; i++)
        vec_add(l->p->ctx, &l->all, empty);
    vec_each(i, l->boxes) {
        struct slot *n = l->boxes->v[i]->slot;

        vec_add(l->p->ctx, &l->all.v[n->layer].slots, n);
    }
}

/* ---- together ---- */

static struct slot *slot_of(struct picture *p, struct box *box)
{
    struct slot *n = ctx_new(p->ctx, struct slot);

    n->box = box;
    n->layer = SIZE_MAX;
    n->height = box->height;
    return n;
}

static struct place size_of(const struct layers *l)
{
    struct place size = {0};

    vec_each(i, &l->all) {
        const struct layer *layer = &l->all.v[i];

        vec_each(k, &layer->slots) {
            const struct slot *n = layer->slots.v[k];
            const int bottom = (int)n->y + n->height;

            if (bottom > size.y)
                size.y = bottom;
        }
        size.x = layer->x + layer->width + (i + 1 < l->all.n ? 0 : layer->gap);
    }
    return size;
}

void layers_lay_out(
    struct picture *p, const struct boxes *boxes, const struct edges *edges, struct place *ret_size)
{
    struct layers l = {.p = p, .boxes = boxes, .edges = edges};

    vec_each(i, boxes)
        boxes->v[i]->slot = slot_of(p, boxes->v[i]);
    layers_assign(&l);
    layers_connect(&l);
    layers_order(&l);
    layers_align(&l);
    layers_route(&l);
    *ret_size = size_of(&l);
}
