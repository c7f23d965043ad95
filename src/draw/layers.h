/*
 * Boxes in layers, from left to right: a table is to the right of those to which it refers, as far as there is no cycle.
 * Not for other directories.
 */
#pragma once

#include "picture.h"

enum side { SIDE_LEFT, SIDE_RIGHT };

/* A box, or the place where the line of a net passes through a layer. */
struct slot {
    struct box *box; /* NULL: of a net */
    size_t layer;
    size_t position; /* in the layer */
    double y;        /* its top */
    double wish;     /* where its neighbours want it */
    int height;
    struct boxes parents, children; /* without the edges that close cycles */
    struct VEC_OF(struct link *) links[2];
    unsigned visit; /* 0: not visited, 1: in progress, 2: done */
};
struct slots VEC_OF(struct slot *);

/* A part of a net between neighbouring layers. Offsets are from the tops of the slots. */
struct link {
    struct slot *ends[2];
    int offsets[2];
};

/* Edges that lead to the same end of a table: they are drawn with common lines. */
struct net {
    struct box *target;
    const struct edge *first;
    bool is_reversed; /* the target is on the right */
    bool is_loop;
    struct edges edges;
    struct slots passing; /* by layer, NULL where it does not pass */
    int *trunks;          /* x of the vertical line in the gap after each layer */
    int target_y;         /* of its end at the target */
};
struct nets VEC_OF(struct net *);

struct layer {
    struct slots slots;
    int x, width;
    int gap; /* the width of the space after it */
};

/* The ends of a link, for counting crossings. */
struct span {
    double left, right;
};
struct spans VEC_OF(struct span);

struct layers {
    struct picture *p;
    const struct boxes *boxes;
    const struct edges *edges;
    struct VEC_OF(struct layer) all;
    struct nets nets;
    struct spans spans; /* scratch memory */
};

/* Sets the layer of each box. */
void layers_assign(struct layers *l);
/* Creates the nets, their slots and links. */
void layers_connect(struct layers *l);
/* Sorts the slots of each layer so that few links cross. */
void layers_order(struct layers *l);
/* Sets y of each slot. */
void layers_align(struct layers *l);
/* Sets x of each layer, and the paths of the edges. */
void layers_route(struct layers *l);

/* The offset of a line's middle from the top of its box. */
int line_offset(size_t line);
/* The side of a table's box at which an edge ends, and at which a net ends at its target. */
enum side edge_side(const struct net *net);
enum side net_side(const struct net *net);
