/*
 * Shows where many databases stand: grouped by what is applied, with the names of those that need attention.
 *
 * Databases with the same revisions should have the same schema. One whose schema is not that of most others with its
 * revisions has drifted.
 */
#include "command.h"

struct group {
    const struct position *like;
    struct VEC_OF(const struct standing *) members;
    uint32_t usual; /* the shape that most of them have */
};
struct groups VEC_OF(struct group *);

static struct group *group_of(struct ctx *ctx, struct groups *groups, const struct position *p)
{
    struct group *g;

    vec_each(i, groups)
        if (str_eq(groups->v[i]->like->at, p->at))
            return groups->v[i];
    g = ctx_new(ctx, struct group);
    g->like = p;
    vec_add(ctx, groups, g);
    return g;
}

/* The majority, if there is one; or else the most frequent one that comes first. */
static void find_usual(struct ctx *ctx, struct group *g)
{
    struct map counts = MAP(ctx);
    size_t most = 0;

    vec_each(i, &g->members) {
        const uint32_t shape = g->members.v[i]->position->shape;
        const char *key = ctx_printf(ctx, "%08x", (unsigned)shape);
        const size_t n = (size_t)(uintptr_t)map_get(&counts, key) + 1;

        map_set(&counts, key, (void *)(uintptr_t)n);
        if (n > most) {
            most = n;
            g->usual = shape;
        }
    }
}

/* "behind, drifted"; "" for nothing. */
static const char *remarks(struct ctx *ctx, const struct group *g, const struct position *p)
{
    struct strings words = {0};

    if (p->is_half)
        vec_add(ctx, &words, "half applied");
    if (p->is_unknown)
        vec_add(ctx, &words, "unknown revision");
    if (p->is_edited)
        vec_add(ctx, &words, "edited files");
    if (p->shape != g->usual)
        vec_add(ctx, &words, "schema differs from the others");
    return strings_join(&ctx->arena, &words, ", ");
}

static void make_groups(struct ctx *ctx, const struct standings *all, struct groups *ret)
{
    vec_each(i, all) {
        const struct standing *s = &all->v[i];

        if (s->position)
            vec_add(ctx, &group_of(ctx, ret, s->position)->members, s);
    }
    vec_each(i, ret)
        find_usual(ctx, ret->v[i]);
}

static const char *names_of(struct ctx *ctx, const struct group *g)
{
    enum { SHOWN = 10 };
    struct strings names = {0};

    for (size_t i = 0; i < g->members.n && i < SHOWN; i++)
        vec_add(ctx, &names, g->members.v[i]->name);
    return ctx_printf(ctx, "%s%s", strings_join(&ctx->arena, &names, ", "),
        g->members.n > SHOWN ? ctx_printf(ctx, " and %u others", g->members.n - SHOWN) : "");
}

static void print_group(struct call *c, const struct group *g)
{
    struct ctx *ctx = c->ctx;
    const struct position *p = g->like;

    print_line(c, "%s  %s, %s", count_text(ctx, g->members.n, "target"), str_eq(p->at, "") ? "base" : p->at,
        p->is_unknown ? "unknown"
        : p->pending  ? ctx_printf(ctx, "%s behind", count_text(ctx, p->pending, "revision"))
                      : "at head");
    if (p->pending || p->is_unknown)
        print_line(c, "  %s", names_of(ctx, g));
    vec_each(i, &g->members) {
        const char *text = remarks(ctx, g, g->members.v[i]->position);

        if (*text)
            print_line(c, "  %s: %s", g->members.v[i]->name, text);
    }
}

static struct node *group_node(struct call *c, const struct group *g)
{
    struct arena *a = &c->ctx->arena;
    struct node *n = node_mapping(a), *names = node_sequence(a), *notes = node_mapping(a);

    vec_each(i, &g->members) {
        const char *text = remarks(c->ctx, g, g->members.v[i]->position);

        node_append(a, names, node_string(a, g->members.v[i]->name));
        if (*text)
            node_set(a, notes, g->members.v[i]->name, node_string(a, text));
    }
    node_set(a, n, "current", node_string(a, g->like->at));
    node_set(a, n, "pending", node_number(a, (int64_t)g->like->pending));
    node_set(a, n, "targets", names);
    node_set(a, n, "remarks", notes);
    return n;
}

struct node *standings_node(struct call *c, const struct standings *all)
{
    struct node *list = node_sequence(&c->ctx->arena);
    struct groups groups = {0};

    make_groups(c->ctx, all, &groups);
    vec_each(i, &groups)
        node_append(&c->ctx->arena, list, group_node(c, groups.v[i]));
    return list;
}

void standings_print(struct call *c, const struct standings *all)
{
    struct groups groups = {0};

    make_groups(c->ctx, all, &groups);
    vec_each(i, &groups)
        print_group(c, groups.v[i]);
}
