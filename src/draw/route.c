/*
 * Draws edges as horizontal and vertical lines.
 *
 * In the gap after a layer each net has a vertical trunk, which its lines from the left and the right join. Trunks that
 * would overlap have tracks of their own, in an order in which few lines cross.
 */
#include "layers.h"

enum {
    TRACK = 9,        /* between trunks */
    END_SPACE = 30,   /* for the marks at the ends of edges */
    END_STEP = 6,     /* between ends at the same line of a box */
    TITLE_STEP = 12,  /* the same at its title */
    EMPTY_GAP = 40,   /* between layers that no edge connects */
    TRACK_MARGIN = 6, /* between trunks in the same track */
};

/* ---- ends ---- */

/* The end of an edge or a net at a box. */
struct end {
    const struct slot *slot;
    enum side side;
    int offset; /* from the top of the box */
    double far; /* where the other end is */
    int *y;     /* to be set */
    size_t number;
};
struct ends VEC_OF(struct end);

static void add_end(const struct layers *l, struct ends *ends, struct end end)
{
    end.number = ends->n;
    vec_add(l->p->ctx, ends, end);
}

static double edge_place(const struct edge *e)
{
    return e->from->slot->y + line_offset(e->from_line);
}

static double target_place(const struct net *net)
{
    return net->target->slot->y + line_offset(net->first->to_line);
}

static void collect_ends(const struct layers *l, struct ends *ends)
{
    vec_each(i, &l->nets) {
        struct net *net = l->nets.v[i];
        double sum = 0;

        vec_each(k, &net->edges) {
            struct edge *e = net->edges.v[k];

            sum += edge_place(e);
            add_end(l, ends,
                (struct end){e->from->slot, edge_side(net), line_offset(e->from_line), target_place(net),
                    &e->from_y, 0});
        }
        add_end(l, ends,
            (struct end){net->target->slot, net_side(net), line_offset(net->first->to_line),
                sum / (double)net->edges.n, &net->target_y, 0});
    }
}

static int compare_ends(const void *a, const void *b)
{
    const struct end *x = a, *y = b;

    if (x->slot != y->slot)
        return x->slot->box->at < y->slot->box->at ? -1 : 1;
    if (x->side != y->side)
        return (int)x->side - (int)y->side;
    if (x->offset != y->offset)
        return x->offset - y->offset;
    if (x->far != y->far)
        return x->far < y->far ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

static bool is_same_place(const struct end *a, const struct end *b)
{
    return a->slot == b->slot && a->side == b->side && a->offset == b->offset;
}

/* Several ends at the same line are a little above and below its middle. */
static void spread_ends(const struct end *ends, size_t n)
{
    const bool is_title = ends->offset < TITLE_HEIGHT;
    const int room = is_title ? TITLE_HEIGHT : LINE_HEIGHT;
    int step = is_title ? TITLE_STEP : END_STEP;

    if (n > 1 && step * (int)(n - 1) > room - 6)
        step = (room - 6) / (int)(n - 1);
    for (size_t i = 0; i < n; i++)
        *ends[i].y = (int)ends[i].slot->y + ends[i].offset + (2 * (int)i - (int)(n - 1)) * step / 2;
}

static void set_ends(const struct layers *l)
{
    struct ends ends = {0};

    collect_ends(l, &ends);
    if (ends.n)
        qsort(ends.v, ends.n, sizeof(*ends.v), compare_ends);
    for (size_t i = 0, n; i < ends.n; i += n) {
        for (n = 1; i + n < ends.n && is_same_place(&ends.v[i], &ends.v[i + n]); n++)
            ;
        spread_ends(&ends.v[i], n);
    }
    vec_each(i, &l->nets)
        vec_each(k, &l->nets.v[i]->edges)
            l->nets.v[i]->edges.v[k]->to_y = l->nets.v[i]->target_y;
}

/* ---- trunks ---- */

/* A net in a gap: the places of its lines on both sides. */
struct trunk {
    struct net *net;
    struct VEC_OF(int) sides[2];
    int top, bottom;
    size_t track;
    size_t number;
};
struct trunks VEC_OF(struct trunk *);

static void add_place(const struct layers *l, struct trunk *t, enum side side, int y)
{
    if (!t->sides[SIDE_LEFT].n && !t->sides[SIDE_RIGHT].n)
        t->top = t->bottom = y;
    t->top = y < t->top ? y : t->top;
    t->bottom = y > t->bottom ? y : t->bottom;
    vec_add(l->p->ctx, &t->sides[side], y);
}

/* The target's end, or where the net passes the layer that is nearer to the target. */
static int near_y(const struct net *net, size_t near)
{
    const struct slot *n = net->passing.v[near];

    return n ? (int)n->y : net->target_y;
}

/* Whether the net has lines in the gap after a layer, and then which. */
static bool fill_trunk(const struct layers *l, struct trunk *t, size_t gap)
{
    const struct net *net = t->net;
    const size_t near = net->is_reversed ? gap + 1 : gap, far = net->is_reversed ? gap : gap + 1;
    const enum side near_side = net->is_reversed ? SIDE_RIGHT : SIDE_LEFT;
    bool is_here = false;

    if (net->is_loop) {
        if (net->target->slot->layer != gap)
            return false;
        vec_each(i, &net->edges)
            add_place(l, t, SIDE_LEFT, net->edges.v[i]->from_y);
        add_place(l, t, SIDE_LEFT, net->target_y);
        return true;
    }
    if (gap + 1 >= l->all.n || (!net->passing.v[near] && net->target->slot->layer != near))
        return false;
    if (net->passing.v[far]) {
        add_place(l, t, 1 - near_side, (int)net->passing.v[far]->y);
        is_here = true;
    }
    vec_each(i, &net->edges) {
        if (net->edges.v[i]->from->slot->layer != far)
            continue;
        add_place(l, t, 1 - near_side, net->edges.v[i]->from_y);
        is_here = true;
    }
    if (is_here)
        add_place(l, t, near_side, near_y(net, near));
    return is_here;
}

/* How often the lines of two trunks cross if `a` is left of `b`. */
static int cost_of(const struct trunk *a, const struct trunk *b)
{
    int cost = 0;

    vec_each(i, &a->sides[SIDE_RIGHT]) {
        const int y = a->sides[SIDE_RIGHT].v[i];

        cost += y > b->top && y < b->bottom;
        vec_each(k, &b->sides[SIDE_LEFT])
            cost += abs(y - b->sides[SIDE_LEFT].v[k]) < 3 ? 4 : 0; /* one line on another */
    }
    vec_each(i, &b->sides[SIDE_LEFT]) {
        const int y = b->sides[SIDE_LEFT].v[i];

        cost += y > a->top && y < a->bottom;
    }
    return cost;
}

enum { SORT_LIMIT = 400 };

/* Moves each trunk to the place among its predecessors at which fewest lines cross. */
static void sort_trunks(struct trunks *list)
{
    for (size_t i = 1; i < list->n && i < SORT_LIMIT; i++) {
        struct trunk *moved = list->v[i];
        int cost = 0, best = 0;
        size_t to = i;

        for (size_t k = i; k-- > 0;) {
            cost += cost_of(moved, list->v[k]) - cost_of(list->v[k], moved);
            if (cost < best) {
                best = cost;
                to = k;
            }
        }
        memmove(&list->v[to + 1], &list->v[to], (i - to) * sizeof(*list->v));
        list->v[to] = moved;
    }
}

static bool overlaps(const struct trunk *a, const struct trunk *b)
{
    return a->top <= b->bottom + TRACK_MARGIN && b->top <= a->bottom + TRACK_MARGIN;
}

/* Returns the number of tracks. */
static size_t assign_tracks(const struct trunks *list)
{
    size_t count = 0;

    vec_each(i, list) {
        struct trunk *t = list->v[i];

        for (size_t k = 0; k < i; k++)
            if (list->v[k]->track >= t->track && overlaps(list->v[k], t))
                t->track = list->v[k]->track + 1;
        count = t->track + 1 > count ? t->track + 1 : count;
    }
    return count;
}

static void set_trunks(struct layers *l, size_t gap, int x)
{
    struct trunks list = {0};
    struct layer *layer = &l->all.v[gap];
    size_t tracks;

    vec_each(i, &l->nets) {
        struct trunk *t = ctx_new(l->p->ctx, struct trunk);

        t->net = l->nets.v[i];
        if (fill_trunk(l, t, gap))
            vec_add(l->p->ctx, &list, t);
    }
    sort_trunks(&list);
    tracks = assign_tracks(&list);
    vec_each(i, &list)
        list.v[i]->net->trunks[gap] = x + END_SPACE + (int)list.v[i]->track * TRACK;
    layer->gap = tracks ? 2 * END_SPACE + ((int)tracks - 1) * TRACK : EMPTY_GAP;
}

static void set_columns(struct layers *l)
{
    int x = 0;

    vec_each(i, &l->all) {
        struct layer *layer = &l->all.v[i];

        layer->x = x;
        vec_each(k, &layer->slots) {
            const struct box *b = layer->slots.v[k]->box;

            if (b && b->width > layer->width)
                layer->width = b->width;
        }
        set_trunks(l, i, x + layer->width);
        x += layer->width + layer->gap;
    }
}

/* ---- paths ---- */

static int side_x(const struct box *b, enum side side)
{
    return side == SIDE_LEFT ? b->place.x : b->place.x + b->width;
}

static bool is_on_line(struct place a, struct place b, struct place c)
{
    return (a.x == b.x && b.x == c.x) || (a.y == b.y && b.y == c.y);
}

static void add_point(const struct layers *l, struct places *path, int x, int y)
{
    const struct place point = {x, y};

    if (path->n && path->v[path->n - 1].x == x && path->v[path->n - 1].y == y)
        return;
    if (path->n > 1 && is_on_line(path->v[path->n - 2], path->v[path->n - 1], point))
        path->n--;
    vec_add(l->p->ctx, path, point);
}

static void set_path(const struct layers *l, const struct net *net, struct edge *e)
{
    const size_t start = e->from->slot->layer, end = net->target->slot->layer;
    int y = e->from_y;

    add_point(l, &e->path, side_x(e->from, edge_side(net)), y);
    if (net->is_loop)
        add_point(l, &e->path, net->trunks[start], y);
    for (size_t at = start; at != end && !net->is_loop;) {
        const size_t gap = net->is_reversed ? at : at - 1;

        at = net->is_reversed ? at + 1 : at - 1;
        add_point(l, &e->path, net->trunks[gap], y);
        y = near_y(net, at);
        add_point(l, &e->path, net->trunks[gap], y);
    }
    if (net->is_loop)
        add_point(l, &e->path, net->trunks[start], net->target_y);
    add_point(l, &e->path, side_x(net->target, net_side(net)), net->target_y);
}

void layers_route(struct layers *l)
{
    set_ends(l);
    set_columns(l);
    vec_each(i, &l->all) {
        const struct layer *layer = &l->all.v[i];

        vec_each(k, &layer->slots) {
            const struct slot *n = layer->slots.v[k];

            if (n->box)
                n->box->place = (struct place){layer->x, (int)n->y};
        }
    }
    vec_each(i, &l->nets)
        vec_each(k, &l->nets.v[i]->edges)
            set_path(l, l->nets.v[i], l->nets.v[i]->edges.v[k]);
}
