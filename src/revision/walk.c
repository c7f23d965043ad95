/*
 * Ancestors and descendants of revisions.
 *
 * Depth first with an explicit stack, so that a chain may have any length.
 */
#include "walk.h"

/* Two lists of neighbours by their offsets in struct revision. */
struct way {
    size_t versioned, dependent;
};

static const struct way up = {offsetof(struct revision, children), offsetof(struct revision, dependents)};
static const struct way down = {offsetof(struct revision, parents), offsetof(struct revision, dependencies)};

struct walking {
    struct revision **stack;
    size_t n;
    bool *marks;
};

static void push_neighbours(struct walking *w, const struct revision *r, size_t offset)
{
    const struct revisions *list = (const struct revisions *)(const void *)((const char *)r + offset);

    vec_each(i, list) {
        struct revision *next = list->v[i];

        if (w->marks[next->order])
            continue;
        w->marks[next->order] = true;
        w->stack[w->n++] = next;
    }
}

static void walk(struct arena *scratch, const struct graph *g, const struct revisions *of,
    const struct way *way, bool dependencies, bool *marks)
{
    struct walking w = {.marks = marks};

    /* Each is pushed once when it gets its mark, the first ones once more at most. */
    w.stack = arena_alloc(scratch, (g->all.n + of->n) * sizeof(struct revision *));
    vec_each(i, of) {
        marks[of->v[i]->order] = true;
        w.stack[w.n++] = of->v[i];
    }
    while (w.n) {
        const struct revision *r = w.stack[--w.n];

        push_neighbours(&w, r, way->versioned);
        if (dependencies)
            push_neighbours(&w, r, way->dependent);
    }
}

bool *marks_new(struct arena *a, const struct graph *g)
{
    return arena_alloc(a, g->all.n * sizeof(bool));
}

void mark_ancestors(
    struct arena *scratch, const struct graph *g, const struct revisions *of, bool dependencies, bool *marks)
{
    walk(scratch, g, of, &down, dependencies, marks);
}

void mark_descendants(
    struct arena *scratch, const struct graph *g, const struct revisions *of, bool dependencies, bool *marks)
{
    walk(scratch, g, of, &up, dependencies, marks);
}

void mark_lineage(
    struct arena *scratch, const struct graph *g, struct revision *of, bool dependencies, bool *marks)
{
    struct revision *list[] = {of};
    struct revisions one = {.v = list, .n = 1};

    walk(scratch, g, &one, &down, dependencies, marks);
    walk(scratch, g, &one, &up, dependencies, marks);
}

void mark_list(const struct revisions *list, bool *marks)
{
    vec_each(i, list)
        marks[list->v[i]->order] = true;
}

void graph_ancestors(
    struct ctx *ctx, const struct graph *g, const struct revisions *of, bool dependencies, bool **ret_marks)
{
    struct arena scratch CLEANUP(arena_finish) = {0};

    *ret_marks = marks_new(&ctx->arena, g);
    mark_ancestors(&scratch, g, of, dependencies, *ret_marks);
}

bool revisions_have(const struct revisions *list, const struct revision *r)
{
    vec_each(i, list)
        if (list->v[i] == r)
            return true;
    return false;
}

void revisions_add(struct ctx *ctx, struct revisions *list, struct revision *r)
{
    if (!revisions_have(list, r))
        vec_add(ctx, list, r);
}

struct revisions revisions_marked(struct ctx *ctx, const struct revisions *list, const bool *marks)
{
    struct revisions found = {0};

    vec_each(i, list)
        if (marks[list->v[i]->order])
            vec_add(ctx, &found, list->v[i]);
    return found;
}

bool revision_is_head(const struct revision *r)
{
    return r->children.n == 0;
}

bool revision_is_real_head(const struct revision *r)
{
    return r->children.n == 0 && r->dependents.n == 0;
}

void graph_heads(struct ctx *ctx, const struct graph *g, struct revisions *ret)
{
    struct revisions heads = {0};

    vec_each(i, &g->all)
        if (revision_is_head(g->all.v[i]))
            vec_add(ctx, &heads, g->all.v[i]);
    *ret = heads;
}

void graph_bases(struct ctx *ctx, const struct graph *g, struct revisions *ret)
{
    struct revisions bases = {0};

    vec_each(i, &g->all)
        if (!g->all.v[i]->parents.n)
            vec_add(ctx, &bases, g->all.v[i]);
    *ret = bases;
}

void graph_current(
    struct ctx *ctx, const struct graph *g, const struct revisions *rows, struct revisions *ret)
{
    struct arena scratch CLEANUP(arena_finish) = {0};
    bool *active = marks_new(&scratch, g);
    struct revisions found = {0};

    mark_ancestors(&scratch, g, rows, true, active);
    vec_each(i, &g->all) {
        const struct revision *r = g->all.v[i];
        bool tip = active[i];

        for (size_t k = 0; tip && k < r->children.n; k++)
            tip = !active[r->children.v[k]->order];
        if (tip)
            vec_add(ctx, &found, g->all.v[i]);
    }
    *ret = found;
}

/* The one of the list that is below `r`. */
static const struct revision *overlapping(
    struct arena *scratch, const struct graph *g, const struct revisions *list, struct revision *r)
{
    struct revision *one[] = {r};
    bool *marks = marks_new(scratch, g);

    mark_descendants(scratch, g, &(struct revisions){.v = one, .n = 1}, true, marks);
    vec_each(i, list)
        if (list->v[i] != r && marks[list->v[i]->order])
            return list->v[i];
    return NULL;
}

bool refuse_overlap(struct ctx *ctx, const struct graph *g, const struct revisions *list, const char *what)
{
    struct arena scratch CLEANUP(arena_finish) = {0};
    bool *marks = marks_new(&scratch, g);

    vec_each(i, list) {
        mark_ancestors(&scratch, g, &list->v[i]->parents, true, marks);
        mark_ancestors(&scratch, g, &list->v[i]->dependencies, true, marks);
    }
    vec_each(i, list) {
        if (!marks[list->v[i]->order])
            continue;
        return fail(ctx, STATUS_FAILED, "%s '%s' overlaps with '%s', which already implies it", what,
            list->v[i]->id, overlapping(&scratch, g, list, list->v[i])->id);
    }
    return true;
}
