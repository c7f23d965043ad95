/*
 * Draws the graph of revisions beside their list.
 *
 * As in `history --graph`, each branch has a lane, which waits for a revision. A line leaves a revision in its lane, runs
 * down the lane that its parent takes over, and ends at the parent.
 */
#include "site.h"

enum { ROW = 44, LANE = 16, LEFT = 12, RADIUS = 5, BEND = 22 };

struct line {
    size_t from, to;           /* rows */
    unsigned from_lane, along; /* lanes: where it begins, and where it runs and ends */
    bool is_dependency;
};

struct lane {
    const struct revision *waits; /* NULL: free */
    struct VEC_OF(size_t) lines;  /* that end at it */
};

struct graph_picture {
    struct page *page;
    const struct revisions *list;
    const bool *listed; /* by revision->order */
    unsigned *lane_of;  /* by row */
    struct VEC_OF(struct line) lines;
    struct VEC_OF(struct lane) lanes;
    unsigned width;
};

static unsigned take_lane(struct graph_picture *g, const struct revision *r)
{
    struct lane lane = {.waits = r};
    unsigned i = 0;

    while (i < g->lanes.n && g->lanes.v[i].waits)
        i++;
    if (i == g->lanes.n)
        vec_add(g->page->site->ctx, &g->lanes, lane);
    g->lanes.v[i] = lane;
    if (i + 1 > g->width)
        g->width = i + 1;
    return i;
}

/* The lane that waits for a revision, or a new one; `own` is taken if it is free. */
static unsigned lane_to(struct graph_picture *g, const struct revision *r, unsigned own)
{
    for (unsigned i = 0; i < g->lanes.n; i++)
        if (g->lanes.v[i].waits == r)
            return i;
    if (!g->lanes.v[own].waits) {
        g->lanes.v[own] = (struct lane){.waits = r};
        return own;
    }
    return take_lane(g, r);
}

static void lead_to(struct graph_picture *g, size_t row, const struct revision *r, bool is_dependency)
{
    struct line line = {.from = row, .from_lane = g->lane_of[row], .is_dependency = is_dependency};

    if (!g->listed[r->order])
        return;
    line.along = lane_to(g, r, line.from_lane);
    vec_add(g->page->site->ctx, &g->lanes.v[line.along].lines, g->lines.n);
    vec_add(g->page->site->ctx, &g->lines, line);
}

static void place(struct graph_picture *g, size_t row)
{
    const struct revision *r = g->list->v[row];
    unsigned at = 0;

    while (at < g->lanes.n && g->lanes.v[at].waits != r)
        at++;
    if (at == g->lanes.n)
        at = take_lane(g, r);
    g->lane_of[row] = at;
    vec_each(i, &g->lanes.v[at].lines)
        g->lines.v[g->lanes.v[at].lines.v[i]].to = row;
    g->lanes.v[at] = (struct lane){0};
    vec_each(i, &r->parents)
        lead_to(g, row, r->parents.v[i], false);
    vec_each(i, &r->dependencies)
        lead_to(g, row, r->dependencies.v[i], true);
}

static unsigned x_of(unsigned lane)
{
    return LEFT + lane * LANE;
}

static size_t y_of(size_t row)
{
    return row * ROW + ROW / 2;
}

static void add_line(struct str *out, const struct line *l)
{
    const unsigned x = x_of(l->from_lane), along = x_of(l->along);
    const size_t y = y_of(l->from), end = y_of(l->to);

    str_addf(out, "<path%s d=\"M%u %zu", l->is_dependency ? " class=\"dependency\"" : "", x, y);
    if (along != x)
        str_addf(out, "C%u %zu %u %zu %u %zu", x, y + BEND, along, y + BEND, along, y + 2 * BEND);
    str_addf(out, "V%zu\"/>\n", end);
}

void graph_draw(struct page *p)
{
    struct site *s = p->site;
    struct arena *a = &s->ctx->arena;
    struct graph_picture g = {.page = p, .list = &s->source->revisions, .listed = s->listed};

    g.lane_of = arena_alloc(a, (g.list->n + 1) * sizeof(*g.lane_of));
    for (size_t row = 0; row < g.list->n; row++)
        place(&g, row);
    str_addf(&p->out, "<svg class=\"graph\" aria-hidden=\"true\" width=\"%u\" height=\"%zu\">\n",
        x_of(g.width), (size_t)ROW * g.list->n);
    vec_each(i, &g.lines)
        add_line(&p->out, &g.lines.v[i]);
    for (size_t row = 0; row < g.list->n; row++)
        str_addf(
            &p->out, "<circle cx=\"%u\" cy=\"%zu\" r=\"%d\"/>\n", x_of(g.lane_of[row]), y_of(row), RADIUS);
    str_add(&p->out, "</svg>\n");
}
