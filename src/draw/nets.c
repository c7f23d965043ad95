/*
 * Connects boxes in layers: edges to the same end of a table become a net, which has a slot in each layer that it passes.
 */
#include "layers.h"

int line_offset(size_t line)
{
    return line == (size_t)NO_LINE ? TITLE_HEIGHT / 2
                                   : TITLE_HEIGHT + (int)line * LINE_HEIGHT + LINE_HEIGHT / 2;
}

enum side edge_side(const struct net *net)
{
    return net->is_reversed || net->is_loop ? SIDE_RIGHT : SIDE_LEFT;
}

enum side net_side(const struct net *net)
{
    return net->is_reversed ? SIDE_LEFT : SIDE_RIGHT;
}

static bool is_reversed(const struct edge *e)
{
    return e->from->slot->layer < e->to->slot->layer;
}

/* Edges of a net look the same at its end. */
static bool belongs_to(const struct edge *e, const struct net *net)
{
    const struct edge *first = net->first;

    return e->to == net->target && e->to_line == first->to_line && e->kind == first->kind &&
           e->is_optional == first->is_optional && e->sign == first->sign && !net->is_loop &&
           e->from != e->to && is_reversed(e) == net->is_reversed;
}

static struct net *net_of(struct layers *l, struct edge *e)
{
    struct net *net;

    vec_each(i, &l->nets)
        if (belongs_to(e, l->nets.v[i]))
            return l->nets.v[i];
    net = ctx_new(l->p->ctx, struct net);
    net->target = e->to;
    net->first = e;
    net->is_loop = e->from == e->to;
    net->is_reversed = !net->is_loop && is_reversed(e);
    net->trunks = arena_alloc(&l->p->ctx->arena, (l->all.n + 1) * sizeof(*net->trunks));
    for (size_t i = 0; i < l->all.n; i++)
        vec_add(l->p->ctx, &net->passing, NULL);
    vec_add(l->p->ctx, &l->nets, net);
    return net;
}

static void add_link(
    struct layers *l, struct slot *left, int left_offset, struct slot *right, int right_offset)
{
    struct link *link = ctx_new(l->p->ctx, struct link);

    *link = (struct link){{left, right}, {left_offset, right_offset}};
    vec_add(l->p->ctx, &left->links[SIDE_RIGHT], link);
    vec_add(l->p->ctx, &right->links[SIDE_LEFT], link);
}

/* The slot through which the net passes a layer. */
static struct slot *pass(struct layers *l, struct net *net, size_t layer)
{
    struct slot *n = net->passing.v[layer];

    if (n)
        return n;
    n = ctx_new(l->p->ctx, struct slot);
    n->layer = layer;
    net->passing.v[layer] = n;
    vec_add(l->p->ctx, &l->all.v[layer].slots, n);
    return n;
}

static void connect(
    struct layers *l, struct net *net, struct slot *near, int near_offset, struct slot *far, int far_offset)
{
    if (net->is_reversed)
        add_link(l, far, far_offset, near, near_offset);
    else
        add_link(l, near, near_offset, far, far_offset);
}

/* From the target to the table of an edge, as far as the net does not lead there yet. */
static void lead_to(struct layers *l, struct net *net, const struct edge *e)
{
    const size_t end = e->from->slot->layer;
    struct slot *near = net->target->slot;
    int near_offset = line_offset(e->to_line);

    for (size_t at = near->layer; net->is_reversed ? --at > end : ++at < end;) {
        const bool is_new = !net->passing.v[at];
        struct slot *next = pass(l, net, at);

        if (is_new)
            connect(l, net, near, near_offset, next, 0);
        near = next;
        near_offset = 0;
    }
    connect(l, net, near, near_offset, e->from->slot, line_offset(e->from_line));
}

void layers_connect(struct layers *l)
{
    vec_each(i, l->edges) {
        struct net *net = net_of(l, l->edges->v[i]);

        vec_add(l->p->ctx, &net->edges, l->edges->v[i]);
        if (!net->is_loop)
            lead_to(l, net, l->edges->v[i]);
    }
}
