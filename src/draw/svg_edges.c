/*
 * Draws the edges of a picture as SVG paths, with crow's feet.
 */
#include "svg.h"

enum { CORNER = 6 }; /* the radius of the corners of lines */

static int sign_of(int n)
{
    return n < 0 ? -1 : 1;
}

static void add_ring(struct str *out, int x, int y)
{
    str_addf(out, "M%d %da4 4 0 1 0 8 0a4 4 0 1 0 -8 0", x - 4, y);
}

int svg_many(struct str *out, struct place at, int d)
{
    str_addf(out, "M%d %dL%d %dM%d %dL%d %dM%d %dH%d", at.x, at.y - 6, at.x + 12 * d, at.y, at.x, at.y + 6,
        at.x + 12 * d, at.y, at.x, at.y, at.x + 12 * d);
    add_ring(out, at.x + 16 * d, at.y);
    return 20;
}

int svg_one(struct str *out, struct place at, int d)
{
    str_addf(out, "M%d %dv10M%d %dv10", at.x + 5 * d, at.y - 5, at.x + 10 * d, at.y - 5);
    return 0;
}

int svg_none_or_one(struct str *out, struct place at, int d)
{
    str_addf(out, "M%d %dv10M%d %dH%d", at.x + 6 * d, at.y - 5, at.x, at.y, at.x + 12 * d);
    add_ring(out, at.x + 16 * d, at.y);
    return 20;
}

static int add_triangle(struct str *out, struct place at, int d)
{
    str_addf(out, "M%d %dL%d %dV%dZ", at.x, at.y, at.x + 12 * d, at.y - 7, at.y + 7);
    return 12;
}

static int add_arrow(struct str *out, struct place at, int d)
{
    str_addf(out, "M%d %dL%d %dL%d %d", at.x + 9 * d, at.y - 5, at.x, at.y, at.x + 9 * d, at.y + 5);
    return 0;
}

static int add_from_mark(struct str *out, const struct edge *e, struct place at, int d)
{
    if (e->kind != EDGE_KEY)
        return 0;
    return (e->is_unique ? svg_none_or_one : svg_many)(out, at, d);
}

static int add_to_mark(struct str *out, const struct edge *e, struct place at, int d)
{
    switch (e->kind) {
    case EDGE_KEY:
        return (e->is_optional ? svg_none_or_one : svg_one)(out, at, d);
    case EDGE_INHERITS:
        return add_triangle(out, at, d);
    case EDGE_READS:
        return add_arrow(out, at, d);
    }
    return 0;
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static int distance(struct place a, struct place b)
{
    return abs(a.x - b.x) + abs(a.y - b.y);
}

static struct place towards(struct place from, struct place to, int n)
{
    if (from.x == to.x)
        return (struct place){from.x, from.y + n * sign_of(to.y - from.y)};
    return (struct place){from.x + n * sign_of(to.x - from.x), from.y};
}

/* A line with round corners. */
static void add_line(struct str *out, const struct place *points, size_t n)
{
    str_addf(out, "M%d %d", points[0].x, points[0].y);
    for (size_t i = 1; i + 1 < n; i++) {
        const int r = smaller(
            CORNER, smaller(distance(points[i - 1], points[i]), distance(points[i], points[i + 1])) / 2);
        const struct place a = towards(points[i], points[i - 1], r), b = towards(points[i], points[i + 1], r);

        str_addf(out, "L%d %dQ%d %d %d %d", a.x, a.y, points[i].x, points[i].y, b.x, b.y);
    }
    str_addf(out, "L%d %d", points[n - 1].x, points[n - 1].y);
}

/* The line and, as a path of its own, the marks at its ends. */
static void add_paths(const struct picture *p, struct str *out, const struct edge *e)
{
    const size_t n = e->path.n, last = n - 1;
    struct place *points = arena_alloc(&p->ctx->arena, n * sizeof(*points));
    struct str marks = STR(p->ctx);
    const int d = sign_of(e->path.v[1].x - e->path.v[0].x);
    const int to_d = sign_of(e->path.v[last - 1].x - e->path.v[last].x);

    memcpy(points, e->path.v, n * sizeof(*points));
    points[0].x += d * add_from_mark(&marks, e, points[0], d);
    points[last].x += to_d * add_to_mark(&marks, e, points[last], to_d);
    str_add(out, "<path d=\"");
    add_line(out, points, n);
    str_addf(out, "\"/><path class=\"mark\" d=\"%s\"/>", str_get(&marks));
}

static const char *const kind_words[] = {
    [EDGE_KEY] = "", [EDGE_INHERITS] = " inherits", [EDGE_READS] = " reads"};

static void add_edge_title(struct str *out, const struct edge *e)
{
    str_add(out, "<title>");
    if (e->sign)
        str_addf(out, "%s ", sign_texts[e->sign]);
    add_xml(out, e->from->key);
    if (*e->columns) {
        str_add(out, " (");
        add_xml(out, e->columns);
        str_add(out, ")");
    }
    str_addf(out, "%s → ", kind_words[e->kind]);
    add_xml(out, e->to_name);
    str_add(out, "</title>");
}

void svg_edge(const struct picture *p, struct str *out, const struct edge *e)
{
    if (e->path.n < 2)
        return;
    str_addf(out, "<g class=\"edge%s%s%s\" data-from=\"%s\" data-to=\"%s\">", kind_words[e->kind],
        e->sign ? " " : "", sign_words[e->sign], box_id(p, e->from), box_id(p, e->to));
    add_edge_title(out, e);
    add_paths(p, out, e);
    str_add(out, "</g>\n");
}
