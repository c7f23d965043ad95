/*
 * The order in which revisions are visited.
 *
 * Newest first, one branch at a time, the same for the same files whatever the machine:
 *
 * 1. The candidates are the heads, in load order. 2. A candidate with an unvisited descendant waits: the first
 * candidate in the list that is a descendant of it takes the turn. 3. Otherwise it is walked, and its place in the
 * list is taken by its first remaining parent (as down_revision has them, then depends_on); further parents go to
 * the end of the list. 4. Without a remaining parent it leaves the list, and the candidate before it takes the
 * turn.
 *
 * So a branch is listed down to its start before the trunk continues. Steps upwards are the same list backwards:
 * at a merge the line of the last parent runs first.
 */
#include "walk.h"

#define NOWHERE UINT32_MAX

/*
 * The list is an array that only grows: a revision that leaves it leaves a gap, and one that takes another's
 * place is stored there. A place whose candidate does not descend from a revision never gets one that does,
 * since only revisions below take it; so the search for the first one above a revision continues where it ended
 * before.
 */
struct place {
    struct revision *revision; /* NULL: a gap */
    uint32_t prev, next;       /* among those that are no gaps */
};

struct sorting {
    struct ctx *ctx;
    const struct graph *g;
    struct arena scratch;
    const bool *wanted;
    struct place *list;
    uint32_t n, first, last, turn;
    /* by order: */
    bool *waiting;      /* not visited yet, but will be */
    bool *listed;       /* has a place */
    uint32_t *upon;     /* the number of its children that wait */
    uint64_t **above;   /* bits of all its descendants, created when first needed */
    uint32_t *searched; /* no place before this one is above it */
    struct revision **stack;
    struct revisions out;
};

static void sorting_finish(struct sorting *s)
{
    arena_finish(&s->scratch);
}

static void append(struct sorting *s, struct revision *r)
{
    s->list[s->n] = (struct place){.revision = r, .prev = s->last, .next = NOWHERE};
    *(s->last == NOWHERE ? &s->first : &s->list[s->last].next) = s->n;
    s->last = s->n++;
    s->listed[r->order] = true;
}

static void take_out(struct sorting *s, uint32_t at)
{
    struct place *place = &s->list[at];

    place->revision = NULL;
    *(place->prev == NOWHERE ? &s->first : &s->list[place->prev].next) = place->next;
    *(place->next == NOWHERE ? &s->last : &s->list[place->next].prev) = place->prev;
    s->turn = place->prev == NOWHERE ? s->first : place->prev;
}

static bool bit_get(const uint64_t *bits, size_t i)
{
    return bits[i / 64] >> (i % 64) & 1;
}

/* Marks the waiting ones among `list`; what is known about one of them need not be visited again. */
static size_t push_above(struct sorting *s, const struct revisions *list, uint64_t *bits, size_t depth)
{
    size_t words = s->g->all.n / 64 + 1;

    vec_each(i, list) {
        size_t at = list->v[i]->order;

        if (!s->waiting[at] || bit_get(bits, at))
            continue;
        bits[at / 64] |= UINT64_C(1) << (at % 64);
        if (!s->above[at])
            s->stack[depth++] = list->v[i];
        else
            for (size_t w = 0; w < words; w++)
                bits[w] |= s->above[at][w];
    }
    return depth;
}

static const uint64_t *above_bits(struct sorting *s, const struct revision *r)
{
    uint64_t *bits = s->above[r->order];
    size_t depth = 0;

    if (bits)
        return bits;
    bits = arena_alloc(&s->scratch, (s->g->all.n / 64 + 1) * sizeof(*bits));
    depth = push_above(s, &r->children, bits, depth);
    depth = push_above(s, &r->dependents, bits, depth);
    while (depth) {
        const struct revision *next = s->stack[--depth];

        depth = push_above(s, &next->children, bits, depth);
        depth = push_above(s, &next->dependents, bits, depth);
    }
    s->above[r->order] = bits;
    return bits;
}

/* Rule 2. */
static uint32_t first_above(struct sorting *s, const struct revision *r)
{
    const uint64_t *bits = above_bits(s, r);
    uint32_t at = s->searched[r->order];

    if (at < s->first)
        at = s->first;
    while (at < s->n && !(s->list[at].revision && bit_get(bits, s->list[at].revision->order)))
        at++;
    assert(at < s->n && "a waiting revision has a candidate among its descendants");
    s->searched[r->order] = at;
    return at;
}

/* Rule 3 for the parents in one list. */
static void replace(struct sorting *s, const struct revisions *parents, struct place *place)
{
    vec_each(i, parents) {
        struct revision *parent = parents->v[i];

        if (!s->waiting[parent->order])
            continue;
        s->upon[parent->order]--;
        if (s->listed[parent->order])
            continue;
        if (place->revision) {
            append(s, parent);
        } else {
            place->revision = parent;
            s->listed[parent->order] = true;
        }
    }
}

static void walk_one(struct sorting *s, uint32_t at)
{
    struct place *place = &s->list[at];
    struct revision *r = place->revision;

    s->waiting[r->order] = false;
    if (s->wanted[r->order])
        vec_add(s->ctx, &s->out, r);
    place->revision = NULL;
    replace(s, &r->parents, place);
    replace(s, &r->dependencies, place);
    if (!place->revision)
        take_out(s, at);
}

/* To be walked are also those between wanted ones that are not wanted themselves (a range over down_revision
 * leaves out what lies across a depends_on): they keep the order right. */
static void find_waiting(struct sorting *s, const struct revisions *heads)
{
    struct revisions wanted = {0};
    bool *below = marks_new(&s->scratch, s->g);
    size_t n = s->g->all.n;

    s->waiting = marks_new(&s->scratch, s->g);
    for (size_t i = 0; i < n; i++)
        if (s->wanted[i])
            vec_push(&s->scratch, &wanted, s->g->all.v[i]);
    mark_descendants(&s->scratch, s->g, &wanted, true, s->waiting);
    mark_ancestors(&s->scratch, s->g, heads, true, below);
    for (size_t i = 0; i < n; i++)
        s->waiting[i] = s->waiting[i] && below[i];
}

static void count_upon(struct sorting *s, const struct revisions *parents)
{
    vec_each(i, parents)
        s->upon[parents->v[i]->order]++;
}

static void sorting_init(struct sorting *s, const struct revisions *heads)
{
    size_t n = s->g->all.n;
    bool *is_head = marks_new(&s->scratch, s->g);

    find_waiting(s, heads);
    s->upon = arena_alloc(&s->scratch, n * sizeof(*s->upon));
    s->list = arena_alloc(&s->scratch, n * sizeof(*s->list));
    s->listed = marks_new(&s->scratch, s->g);
    s->searched = arena_alloc(&s->scratch, n * sizeof(*s->searched));
    s->above = arena_alloc(&s->scratch, n * sizeof(uint64_t *));
    s->stack = arena_alloc(&s->scratch, n * sizeof(struct revision *));
    mark_list(heads, is_head);
    for (size_t i = 0; i < n; i++) {
        if (!s->waiting[i])
            continue;
        count_upon(s, &s->g->all.v[i]->parents);
        count_upon(s, &s->g->all.v[i]->dependencies);
        if (is_head[i])
            append(s, s->g->all.v[i]);
    }
    s->turn = s->first;
}

void graph_sort(struct ctx *ctx, const struct graph *g, const bool *wanted, const struct revisions *heads,
    struct revisions *ret)
{
    struct sorting s CLEANUP(sorting_finish) = {
        .ctx = ctx, .g = g, .wanted = wanted, .first = NOWHERE, .last = NOWHERE};

    sorting_init(&s, heads);
    while (s.turn != NOWHERE) {
        const struct revision *r = s.list[s.turn].revision;

        if (s.upon[r->order])
            s.turn = first_above(&s, r);
        else
            walk_one(&s, s.turn);
    }
    *ret = s.out;
}

bool graph_sorted(
    struct ctx *ctx, const struct graph *g, const struct revisions *heads, struct revisions *ret)
{
    bool *marks;

    graph_ancestors(ctx, g, heads, true, &marks);
    graph_sort(ctx, g, marks, heads, ret);
    return true;
}

void graph_below(struct ctx *ctx, const struct graph *g, const struct revisions *of, struct revisions *ret)
{
    struct revisions heads, sorted;
    bool *needed;

    graph_ancestors(ctx, g, of, true, &needed);
    graph_heads(ctx, g, &heads);
    *ret = (struct revisions){0};
    if (!graph_sorted(ctx, g, &heads, &sorted))
        return;
    for (size_t i = sorted.n; i-- > 0;)
        if (needed[sorted.v[i]->order])
            vec_add(ctx, ret, sorted.v[i]);
}
