/*
 * Sets the vertical places of slots, so that links are as straight as possible.
 *
 * For a layer whose order is given, the places that are nearest to the wishes of its slots are found by joining slots that
 * would overlap into blocks, which take their mean (isotonic regression).
 */
#include "layers.h"

enum {
    BOX_GAP = 26,
    PASS_GAP = 10, /* beside a line that passes */
    SWEEPS = 14,
    LAST_SWEEPS = 8, /* by the neighbours on both sides */
};

/* Nodes that touch. */
struct block {
    double place; /* of the first, without the heights before it */
    double weight;
    size_t first, n;
};

static double weight_of(const struct slot *n)
{
    const size_t links = n->links[SIDE_LEFT].n + n->links[SIDE_RIGHT].n;

    return n->box ? (double)links + 0.1 : 8;
}

static int gap_between(const struct slot *a, const struct slot *b)
{
    return a->box && b->box ? BOX_GAP : a->box || b->box ? (BOX_GAP + PASS_GAP) / 2 : PASS_GAP;
}

/* Long lines should be straight before anything else. */
static double link_weight(const struct link *link)
{
    return link->ends[SIDE_LEFT]->box || link->ends[SIDE_RIGHT]->box ? 1 : 12;
}

/* Where the neighbours on the sides that count want a slot. */
static void find_wish(struct slot *n, bool left, bool right)
{
    const bool sides[] = {left, right};
    double sum = 0, weights = 0;

    for (int side = SIDE_LEFT; side <= SIDE_RIGHT; side++) {
        for (size_t i = 0; sides[side] && i < n->links[side].n; i++) {
            const struct link *link = n->links[side].v[i];

            sum += link_weight(link) * (link->ends[side]->y + link->offsets[side] - link->offsets[1 - side]);
            weights += link_weight(link);
        }
    }
    n->wish = weights > 0 ? sum / weights : n->y;
}

static void place_layer(const struct layers *l, const struct slots *slots)
{
    struct block *blocks = arena_alloc(&l->p->ctx->arena, (slots->n + 1) * sizeof(*blocks));
    double before = 0;
    size_t count = 0;

    vec_each(i, slots) {
        const struct slot *n = slots->v[i];
        struct block *block = &blocks[count++];

        if (i)
            before += slots->v[i - 1]->height + gap_between(slots->v[i - 1], n);
        *block = (struct block){n->wish - before, weight_of(n), i, 1};
        while (count > 1 && blocks[count - 2].place >= blocks[count - 1].place) {
            struct block *a = &blocks[count - 2], *b = &blocks[count - 1];

            a->place = (a->place * a->weight + b->place * b->weight) / (a->weight + b->weight);
            a->weight += b->weight;
            a->n += b->n;
            count--;
        }
    }
    before = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = blocks[i].first; k < blocks[i].first + blocks[i].n; k++) {
            if (k)
                before += slots->v[k - 1]->height + gap_between(slots->v[k - 1], slots->v[k]);
            slots->v[k]->y = blocks[i].place + before;
        }
    }
}

static void align_layer(const struct layers *l, const struct slots *slots, bool left, bool right)
{
    vec_each(i, slots)
        find_wish(slots->v[i], left, right);
    place_layer(l, slots);
}

static void stack(const struct layers *l)
{
    vec_each(i, &l->all) {
        const struct slots *slots = &l->all.v[i].slots;
        double y = 0;

        vec_each(k, slots) {
            if (k)
                y += gap_between(slots->v[k - 1], slots->v[k]);
            slots->v[k]->y = y;
            y += slots->v[k]->height;
        }
    }
}

/* To whole pixels, from 0. Distances in a layer stay at least what they are, since each is a whole number. */
static void round_places(const struct layers *l)
{
    double top = 0;
    bool has_top = false;

    vec_each(i, &l->all) {
        const struct slots *slots = &l->all.v[i].slots;

        if (slots->n && (!has_top || slots->v[0]->y < top)) {
            top = slots->v[0]->y;
            has_top = true;
        }
    }
    vec_each(i, &l->all) {
        const struct slots *slots = &l->all.v[i].slots;

        vec_each(k, slots)
            slots->v[k]->y = (double)(int)(slots->v[k]->y - top + 0.5);
    }
}

/* ---- long lines ---- */

/* Successive slots of a net that can be at one height, and the heights that are free for all of them. */
struct run {
    size_t first, n; /* layers */
    double low, high, sum;
};

static void narrow(struct run *run, const struct layers *l, const struct slot *s)
{
    const struct slots *slots = &l->all.v[s->layer].slots;

    if (s->position) {
        const struct slot *above = slots->v[s->position - 1];
        const double low = above->y + above->height + gap_between(above, s);

        run->low = low > run->low ? low : run->low;
    }
    if (s->position + 1 < slots->n) {
        const struct slot *below = slots->v[s->position + 1];
        const double high = below->y - gap_between(s, below);

        run->high = high < run->high ? high : run->high;
    }
    run->sum += s->y;
    run->n++;
}

static double clamp(double y, const struct run *run)
{
    return y < run->low ? run->low : y > run->high ? run->high : y;
}

/* At the height of the net's end if that is free, or else at about the heights that the slots have. */
static void set_run(const struct net *net, const struct run *run)
{
    const struct slot *target = net->target->slot;
    const double end = target->y + line_offset(net->first->to_line);
    const bool begins = target->layer + 1 == run->first, ends = target->layer == run->first + run->n;
    double y;

    if (!run->n)
        return;
    y = (double)(int)(run->sum / (double)run->n);
    if ((begins || ends) && end >= run->low && end <= run->high)
        y = end;
    for (size_t i = run->first; i < run->first + run->n; i++)
        net->passing.v[i]->y = clamp(y, run);
}

static struct run run_at(size_t layer)
{
    return (struct run){.first = layer, .high = INT32_MAX};
}

static void straighten(const struct layers *l, const struct net *net)
{
    struct run run = {0};

    vec_each(i, &net->passing) {
        const struct slot *s = net->passing.v[i];
        struct run longer = run.n ? run : run_at(i);

        if (s)
            narrow(&longer, l, s);
        if (!s || longer.low > longer.high) {
            set_run(net, &run);
            longer = run_at(i);
            if (s)
                narrow(&longer, l, s);
        }
        run = longer;
    }
    set_run(net, &run);
}

void layers_align(struct layers *l)
{
    const size_t n = l->all.n;

    stack(l);
    for (size_t i = 0; i < SWEEPS; i++) {
        for (size_t k = 1; k < n; k++) {
            const bool to_right = i % 2 == 0;

            align_layer(l, &l->all.v[to_right ? k : n - 1 - k].slots, to_right, !to_right);
        }
    }
    for (size_t i = 0; i < LAST_SWEEPS; i++)
        for (size_t k = 0; k < n; k++)
            align_layer(l, &l->all.v[i % 2 ? n - 1 - k : k].slots, true, true);
    round_places(l);
    vec_each(i, &l->nets)
        straighten(l, l->nets.v[i]);
}
