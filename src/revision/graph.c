/*
 * Builds and checks the graph of revision files.
 *
 * Links are made by the names in the files, then checked (each error has its place), then completed: dependencies
 * that an ancestor already declares are removed, and labels are added along their branches.
 */
#include "walk.h"

struct building {
    struct ctx *ctx;
    struct graph *g;
    struct arena scratch;
    struct revision **order; /* ancestors before descendants */
};

static void building_finish(struct building *b)
{
    arena_finish(&b->scratch);
}

static const char *file_of(struct building *b, const struct revision *r)
{
    struct pos pos = r->pos;
    char *text;

    if (!pos.file)
        pos.file = r->path;
    text = pos_text(&b->ctx->arena, pos);
    if (*text)
        text[strlen(text) - 2] = '\0'; /* ": " */
    return *text ? text : "an earlier place";
}

static bool add_id(struct building *b, struct revision *r)
{
    const struct revision *other = map_get(&b->g->by_id, r->id);

    if (other) {
        fail_at(b->ctx, STATUS_CONFIG, r->pos, "revision '%s' is defined twice", r->id);
        fail_detail(b->ctx, "the other one is in %s", file_of(b, other));
        return fail_hint(
            b->ctx, "Give one of the two a new id, in the file and in those that name it as parent.");
    }
    map_set(&b->g->by_id, r->id, r);
    return true;
}

static bool add_labels(struct building *b, struct revision *r)
{
    vec_each(i, &r->labels) {
        const char *label = r->labels.v[i];
        const struct revision *other = map_get(&b->g->by_id, label);

        if (other == r && !str_eq(label, r->id))
            return fail_at(b->ctx, STATUS_CONFIG, r->pos, "duplicate branch label '%s'", label);
        if (other && str_eq(other->id, label))
            return fail_at(b->ctx, STATUS_CONFIG, r->pos, "branch label '%s' is the id of the revision in %s",
                label, file_of(b, other));
        if (other) {
            fail_at(b->ctx, STATUS_CONFIG, r->pos, "branch label '%s' of revision '%s' is used twice", label,
                r->id);
            return fail_detail(b->ctx, "revision '%s' in %s has it, too", other->id, file_of(b, other));
        }
        map_set(&b->g->by_id, label, r);
    }
    return true;
}

struct revision *graph_replacing(const struct graph *g, const char *id)
{
    vec_each(i, &g->all)
        if (strings_have(&g->all.v[i]->replaces, id))
            return g->all.v[i];
    return NULL;
}

/* A baseline, and what it stands for, would both create the same tables. */
static bool check_replaced(struct building *b, const struct revision *r)
{
    vec_each(i, &r->replaces) {
        const struct revision *other = map_get(&b->g->by_id, r->replaces.v[i]);

        if (!other || other == r || !str_eq(other->id, r->replaces.v[i]))
            continue;
        fail_at(b->ctx, STATUS_CONFIG, other->pos, "revision '%s' has a file, although '%s' replaces it",
            other->id, r->id);
        fail_detail(b->ctx, "the key 'replaces' is in %s", file_of(b, r));
        return fail_hint(
            b->ctx, "Remove the file; or remove the id from 'replaces' if the revision is a new one.");
    }
    return true;
}

/* `place` is that of a key; without one it is the revision's. */
static bool refuse_missing(
    struct building *b, const struct revision *r, struct pos place, const char *what, const char *name)
{
    const struct revision *labelled = map_get(&b->g->by_id, name), *baseline = graph_replacing(b->g, name);
    struct strings known = {0};
    const char *nearest;

    vec_each(i, &b->g->all)
        if (b->g->all.v[i] != r)
            vec_push(&b->scratch, &known, b->g->all.v[i]->id);
    nearest = str_nearest(name, known.v, known.n);
    fail_at(b->ctx, STATUS_CONFIG, place.file ? place : r->pos,
        "revision '%s' names %s '%s', which has no file", r->id, what, name);
    if (baseline)
        return fail_hint(b->ctx, "'%s' replaces it: name that one instead.", baseline->id);
    if (labelled)
        return fail_hint(b->ctx, "'%s' is a branch label: write the id of the revision, '%s' for its first.",
            name, labelled->id);
    if (nearest)
        return fail_hint(b->ctx, "Did you mean '%s'?", nearest);
    return fail_hint(b->ctx, "Restore its file, or correct the name.");
}

static bool link_parents(struct building *b, struct revision *r)
{
    vec_each(i, &r->down) {
        struct revision *parent = map_get(&b->g->by_id, r->down.v[i]);

        if (!parent || !str_eq(parent->id, r->down.v[i]))
            return refuse_missing(b, r, r->down_pos, "the parent", r->down.v[i]);
        if (parent == r)
            return fail_at(b->ctx, STATUS_CONFIG, r->down_pos.file ? r->down_pos : r->pos,
                "revision '%s' is its own parent", r->id);
        if (revisions_have(&r->parents, parent))
            continue;
        vec_add(b->ctx, &r->parents, parent);
        vec_add(b->ctx, &parent->children, r);
    }
    return true;
}

/* A dependency may be written as an id, a label or the beginning of an id. */
static struct revision *find_dependency(struct building *b, const char *name)
{
    struct revision *found = map_get(&b->g->by_id, name);

    for (size_t i = 0; !found && i < b->g->all.n; i++) {
        if (!str_starts(b->g->all.v[i]->id, name) || strlen(name) < 4)
            continue;
        for (size_t k = i + 1; k < b->g->all.n; k++)
            if (str_starts(b->g->all.v[k]->id, name))
                return NULL;
        found = b->g->all.v[i];
    }
    return found ? found : graph_replacing(b->g, name);
}

static bool link_dependencies(struct building *b, struct revision *r)
{
    vec_each(i, &r->depends_on) {
        struct revision *other = find_dependency(b, r->depends_on.v[i]);

        if (!other)
            return refuse_missing(b, r, r->depends_pos, "the dependency", r->depends_on.v[i]);
        if (other == r)
            return fail_at(b->ctx, STATUS_CONFIG, r->depends_pos.file ? r->depends_pos : r->pos,
                "revision '%s' depends on itself", r->id);
        revisions_add(b->ctx, &r->all_dependencies, other);
    }
    return true;
}

/* ---- dependencies without what is implied --------------------------------------------------------------- */

/* A number from 1 for each revision that two or more depend on: only those can be declared twice in a line. */
static size_t number_shared(struct building *b, uint32_t *numbers)
{
    uint32_t *users = arena_alloc(&b->scratch, b->g->all.n * sizeof(*users));
    size_t n = 0;

    vec_each(i, &b->g->all) {
        const struct revisions *deps = &b->g->all.v[i]->all_dependencies;

        vec_each(k, deps)
            if (++users[deps->v[k]->order] == 2)
                numbers[deps->v[k]->order] = (uint32_t)++n;
    }
    return n;
}

static void keep_dependencies(
    struct building *b, struct revision *r, const uint32_t *numbers, uint64_t *declared)
{
    vec_each(i, &r->all_dependencies) {
        struct revision *other = r->all_dependencies.v[i];
        uint32_t number = numbers[other->order];

        if (revisions_have(&r->parents, other))
            continue;
        if (number && declared[number / 64] >> (number % 64) & 1)
            continue;
        vec_add(b->ctx, &r->dependencies, other);
        vec_add(b->ctx, &other->dependents, r);
    }
    vec_each(i, &r->all_dependencies) {
        uint32_t number = numbers[r->all_dependencies.v[i]->order];

        declared[number / 64] |= UINT64_C(1) << (number % 64);
    }
}

/* Each revision inherits, as bits, what its ancestors over down_revision declare. */
static void normalise(struct building *b)
{
    size_t n = b->g->all.n;
    uint32_t *numbers = arena_alloc(&b->scratch, n * sizeof(*numbers));
    size_t words = number_shared(b, numbers) / 64 + 1;
    uint64_t *bits = arena_alloc(&b->scratch, n * words * sizeof(*bits));

    for (size_t i = 0; i < n; i++) {
        struct revision *r = b->order[i];
        uint64_t *declared = bits + r->order * words;

        vec_each(k, &r->parents)
            for (size_t w = 0; w < words; w++)
                declared[w] |= bits[r->parents.v[k]->order * words + w];
        keep_dependencies(b, r, numbers, declared);
    }
}

/* ---- labels --------------------------------------------------------------------------------------------- */

/* A label is on all descendants, and on the ancestors up to the start of its branch: the nearest revision that
 * has another child, or that joins several. */
static void spread_labels(struct building *b, struct revision *r)
{
    struct revision *one[] = {r}, *ancestor = r;
    bool *marks;

    if (!r->labels.n)
        return;
    marks = marks_new(&b->scratch, b->g);
    while (ancestor->children.n + ancestor->dependents.n < 2 && ancestor->parents.n == 1) {
        ancestor = ancestor->parents.v[0];
        if (ancestor->children.n + ancestor->dependents.n < 2 && ancestor->parents.n < 2)
            marks[ancestor->order] = true;
    }
    mark_descendants(&b->scratch, b->g, &(struct revisions){.v = one, .n = 1}, false, marks);
    vec_each(i, &b->g->all)
        if (marks[i])
            vec_each(k, &r->labels)
                vec_add(b->ctx, &b->g->all.v[i]->all_labels, r->labels.v[k]);
}

static void reset(struct revision *r, size_t order)
{
    r->order = order;
    r->parents = r->children = r->dependencies = r->dependents = r->all_dependencies = (struct revisions){0};
    r->all_labels = (struct strings){0};
}

static bool build(struct building *b)
{
    const struct revisions *all = &b->g->all;

    vec_each(i, all)
        if (!add_id(b, all->v[i]))
            return false;
    vec_each(i, all)
        if (!add_labels(b, all->v[i]))
            return false;
    vec_each(i, all)
        if (!check_replaced(b, all->v[i]))
            return false;
    vec_each(i, all)
        if (!link_parents(b, all->v[i]) || !link_dependencies(b, all->v[i]))
            return false;
    if (!graph_order(b->ctx, b->g, &b->scratch, &b->order))
        return false;
    normalise(b);
    vec_each(i, all)
        spread_labels(b, all->v[i]);
    vec_each(i, all)
        strings_sort(&all->v[i]->all_labels);
    return true;
}

bool graph_build(struct ctx *ctx, const struct revisions *revisions, struct graph *ret)
{
    struct graph g = {.by_id = MAP(ctx)};
    struct building b CLEANUP(building_finish) = {.ctx = ctx, .g = &g};

    vec_each(i, revisions) {
        reset(revisions->v[i], i);
        vec_add(ctx, &g.all, revisions->v[i]);
    }
    if (!build(&b))
        return false;
    *ret = g;
    return true;
}
