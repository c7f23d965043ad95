/*
 * Divides a large schema into groups of tables that belong together.
 *
 * A group is a part of a namespace, or tables that references and the first word of their names connect. References within
 * a group are lines; one that leaves it is named at its column. Small schemas are a single group.
 */
#include "picture.h"

enum {
    ONE_GROUP_LIMIT = 40, /* boxes that are laid out together */
    GROUP_LIMIT = 18,     /* boxes in a group of a larger schema */
    SMALL_GROUP = 2,      /* boxes that join another group if they can */
};

/* Two boxes that may be joined. */
struct bond {
    size_t a, b; /* by box->at */
    int weight;
};

struct grouping {
    struct picture *p;
    size_t *parent; /* by box->at: union-find */
    size_t *size;
    size_t *degree; /* references to a box */
    struct VEC_OF(struct bond) bonds;
};

static size_t find_root(struct grouping *g, size_t at)
{
    while (g->parent[at] != at)
        at = g->parent[at] = g->parent[g->parent[at]];
    return at;
}

static bool join(struct grouping *g, size_t a, size_t b, size_t limit)
{
    a = find_root(g, a);
    b = find_root(g, b);
    if (a == b || g->size[a] + g->size[b] > limit)
        return false;
    if (a > b) {
        const size_t other = a;

        a = b;
        b = other;
    }
    g->parent[b] = a;
    g->size[a] += g->size[b];
    return true;
}

/* ---- names ---- */

/* The length of the first word of a name, if more follows; else 0. */
static size_t prefix_length(const char *name)
{
    const size_t n = strcspn(name, "_");

    return name[n] && n > 1 ? n : 0;
}

/* The table "order" belongs to "order_items", and so does "orders". */
static bool shares_prefix(const char *a, const char *b)
{
    const size_t n = prefix_length(a), m = prefix_length(b);
    const size_t length = n ? n : m;

    if (!length || strncmp(a, b, length) != 0)
        return false;
    if (n && m)
        return n == m;
    return n ? !b[n] || str_eq(b + n, "s") : !a[m] || str_eq(a + m, "s");
}

static bool same_namespace(const struct box *a, const struct box *b)
{
    return str_eq(a->name.schema, b->name.schema);
}

/* ---- bonds ---- */

static int weigh(const struct grouping *g, const struct edge *e)
{
    const struct line *line = e->from_line == (size_t)NO_LINE ? NULL : &e->from->lines.v[e->from_line];
    int weight = 600 / (int)(g->degree[e->to->at] + 1);

    if (line && line->is_primary)
        weight += 250;
    if (e->kind == EDGE_INHERITS)
        weight += 1000;
    if (!e->is_optional)
        weight += 50;
    if (shares_prefix(e->from->name.name, e->to->name.name))
        weight += 400;
    return weight;
}

static void add_bond(struct grouping *g, size_t a, size_t b, int weight)
{
    const struct bond bond = {a, b, weight};

    vec_add(g->p->ctx, &g->bonds, bond);
}

static void add_edge_bonds(struct grouping *g)
{
    vec_each(i, &g->p->edges) {
        const struct edge *e = g->p->edges.v[i];

        if (!e->to || e->to == e->from)
            continue;
        g->degree[e->to->at]++;
    }
    vec_each(i, &g->p->edges) {
        const struct edge *e = g->p->edges.v[i];

        if (e->to && e->to != e->from && same_namespace(e->from, e->to))
            add_bond(g, e->from->at, e->to->at, weigh(g, e));
    }
}

static bool is_next_table(const struct picture *p, size_t at)
{
    const struct box *a = p->boxes.v[at - 1], *b = p->boxes.v[at];

    return a->kind == DRAW_TABLE && b->kind == DRAW_TABLE && same_namespace(a, b);
}

/* Tables whose names follow each other and begin alike. */
static void add_name_bonds(struct grouping *g)
{
    for (size_t i = 1; i < g->p->boxes.n; i++)
        if (is_next_table(g->p, i) &&
            shares_prefix(g->p->boxes.v[i - 1]->name.name, g->p->boxes.v[i]->name.name))
            add_bond(g, i - 1, i, 120);
}

/* The number of tables in the namespace of a table, which follow each other. */
static size_t count_namespace(const struct picture *p, size_t at)
{
    size_t first = at, last = at;

    while (first && is_next_table(p, first))
        first--;
    while (last + 1 < p->boxes.n && is_next_table(p, last + 1))
        last++;
    return last - first + 1;
}

/* Whether a table is in a namespace, other than the default one, that is small enough for one group. */
static bool is_in_small_namespace(const struct picture *p, const struct box *b)
{
    return b->name.schema && b->kind == DRAW_TABLE && count_namespace(p, b->at) <= GROUP_LIMIT;
}

static void add_namespace_bonds(struct grouping *g)
{
    bool is_small = false;

    for (size_t i = 1; i < g->p->boxes.n; i++) {
        if (!is_next_table(g->p, i)) {
            is_small = false;
            continue;
        }
        if (i == 1 || !is_next_table(g->p, i - 1))
            is_small = is_in_small_namespace(g->p, g->p->boxes.v[i]);
        if (is_small)
            add_bond(g, i - 1, i, 1);
    }
}

static int compare_bonds(const void *a, const void *b)
{
    const struct bond *x = a, *y = b;

    if (x->weight != y->weight)
        return y->weight - x->weight;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    return x->b < y->b ? -1 : x->b > y->b;
}

static void join_bonds(struct grouping *g)
{
    add_edge_bonds(g);
    add_name_bonds(g);
    add_namespace_bonds(g);
    if (g->bonds.n)
        qsort(g->bonds.v, g->bonds.n, sizeof(*g->bonds.v), compare_bonds);
    vec_each(i, &g->bonds)
        join(g, g->bonds.v[i].a, g->bonds.v[i].b, GROUP_LIMIT);
    vec_each(i, &g->bonds) /* small groups may exceed the limit a little */
        if (g->size[find_root(g, g->bonds.v[i].a)] <= SMALL_GROUP ||
            g->size[find_root(g, g->bonds.v[i].b)] <= SMALL_GROUP)
            join(g, g->bonds.v[i].a, g->bonds.v[i].b, GROUP_LIMIT + GROUP_LIMIT / 3);
}

/* ---- groups ---- */

static struct group *add_group(struct picture *p)
{
    struct group *group = ctx_new(p->ctx, struct group);

    vec_add(p->ctx, &p->groups, group);
    return group;
}

static void add_to_group(struct picture *p, struct group *group, size_t at, struct box *box)
{
    box->group = at;
    vec_add(p->ctx, &group->boxes, box);
}

/* The box to which most of the group refer. */
static const struct box *center_of(const struct grouping *g, const struct group *group)
{
    const struct box *best = group->boxes.v[0];

    vec_each(i, &group->boxes)
        if (g->degree[group->boxes.v[i]->at] > g->degree[best->at])
            best = group->boxes.v[i];
    return best;
}

/* The name of a small namespace, or a prefix that more than half of the names have, or the name of the center. */
static const char *title_of(const struct grouping *g, const struct group *group)
{
    const struct box *center = center_of(g, group);
    const char *title = center->key;

    if (is_in_small_namespace(g->p, center))
        return center->name.schema;
    vec_each(i, &group->boxes) {
        const char *name = group->boxes.v[i]->name.name;
        const size_t n = prefix_length(name);
        size_t count = 0;

        for (size_t k = 0; n && k < group->boxes.n; k++)
            count += strncmp(group->boxes.v[k]->name.name, name, n) == 0;
        if (n && count * 2 > group->boxes.n && group->boxes.n > 1) {
            title = arena_strndup(&g->p->ctx->arena, name, n);
            return center->name.schema ? ctx_printf(g->p->ctx, "%s.%s", center->name.schema, title) : title;
        }
    }
    return title;
}

/* The group of boxes of a kind, or without edges. *at SIZE_MAX: it does not exist yet. */
static size_t rest_group(struct picture *p, size_t *at, const char *title)
{
    if (*at == SIZE_MAX) {
        *at = p->groups.n;
        add_group(p);
        p->groups.v[*at]->title = title;
        p->groups.v[*at]->is_rest = true;
    }
    return *at;
}

static void divide(struct grouping *g)
{
    struct picture *p = g->p;
    size_t *number = arena_alloc(&p->ctx->arena, (p->boxes.n + 1) * sizeof(*number));
    size_t alone = SIZE_MAX, enums = SIZE_MAX, divided;

    vec_each(i, &p->boxes) {
        const size_t root = find_root(g, i);

        if (p->boxes.v[i]->kind == DRAW_ENUM || g->size[root] == 1)
            continue;
        if (!number[root]) {
            add_group(p);
            number[root] = p->groups.n;
        }
        add_to_group(p, p->groups.v[number[root] - 1], number[root] - 1, p->boxes.v[i]);
    }
    divided = p->groups.n;
    vec_each(i, &p->boxes) {
        struct box *box = p->boxes.v[i];
        size_t at;

        if (box->kind != DRAW_ENUM && g->size[find_root(g, i)] > 1)
            continue;
        at = box->kind == DRAW_ENUM ? rest_group(p, &enums, "Enums")
                                    : rest_group(p, &alone, divided ? "Other tables" : "Tables");
        add_to_group(p, p->groups.v[at], at, box);
    }
    for (size_t i = 0; i < divided; i++)
        p->groups.v[i]->title =
            ctx_printf(p->ctx, "%s · %u", title_of(g, p->groups.v[i]), p->groups.v[i]->boxes.n);
}

static void group_all(struct picture *p)
{
    struct group *group = add_group(p);

    vec_each(i, &p->boxes)
        add_to_group(p, group, 0, p->boxes.v[i]);
}

/* ---- references that are not lines ---- */

static bool is_apart(const struct picture *p, const struct edge *e)
{
    if (!e->to || e->from->group != e->to->group)
        return true;
    return e->from != e->to && p->groups.v[e->from->group]->is_rest;
}

/* At the box: the edge has no column. */
static void name_at_box(struct picture *p, const struct edge *e)
{
    const struct line line = {
        .name = ctx_printf(p->ctx, "→ %s", e->to_name), .type = "", .is_note = true, .sign = e->sign};

    vec_each(i, &e->from->lines)
        if (str_eq(e->from->lines.v[i].name, line.name))
            return;
    vec_add(p->ctx, &e->from->lines, line);
}

static void name_target(struct picture *p, const struct edge *e)
{
    struct line *line;

    if (e->from_line == (size_t)NO_LINE) {
        name_at_box(p, e);
        return;
    }
    line = &e->from->lines.v[e->from_line];
    line->refers = line->refers ? ctx_printf(p->ctx, "%s, %s", line->refers, e->to_name)
                                : ctx_printf(p->ctx, "→ %s", e->to_name);
}

static void name_targets(struct picture *p)
{
    vec_each(i, &p->edges) {
        struct edge *e = p->edges.v[i];

        e->is_apart = is_apart(p, e);
        if (e->is_apart)
            name_target(p, e);
    }
}

/* ---- together ---- */

void picture_group(struct picture *p, bool may_divide)
{
    struct grouping g = {.p = p};
    const size_t n = p->boxes.n + 1;

    if (may_divide && p->boxes.n > ONE_GROUP_LIMIT) {
        g.parent = arena_alloc(&p->ctx->arena, n * sizeof(*g.parent));
        g.size = arena_alloc(&p->ctx->arena, n * sizeof(*g.size));
        g.degree = arena_alloc(&p->ctx->arena, n * sizeof(*g.degree));
        for (size_t i = 0; i < n; i++) {
            g.parent[i] = i;
            g.size[i] = 1;
        }
        join_bonds(&g);
        divide(&g);
    } else {
        group_all(p);
    }
    name_targets(p);
}
