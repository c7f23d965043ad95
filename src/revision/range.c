/*
 * Which revisions lie between two symbols, for `history -r low:high`?
 *
 * Both ends included: the ancestors of `high` that are `low` or stand upon it by down_revision. A low end of
 * "label@base" keeps to that branch, with all that it depends on.
 */
#include "walk.h"

struct range {
    struct ctx *ctx;
    const struct graph *g;
    const struct revisions *current;
    struct revisions low, high;
};

/* "-2" at the low end counts from the heads, of a branch when one is named. */
static bool low_from_heads(struct range *range, const struct symbol *s)
{
    struct symbol heads = {.text = s->text, .branch = s->branch, .name = "heads"};
    struct revisions list;
    struct revision *base, *r;

    if (!symbol_resolve(range->ctx, range->g, NULL, &heads, &list, &base))
        return false;
    vec_each(i, &list) {
        if (!symbol_walk(range->ctx, range->g, s, list.v[i], &r))
            return false;
        if (r)
            revisions_add(range->ctx, &range->low, r);
    }
    return true;
}

static bool resolve_low(struct range *range, const char *low)
{
    struct symbol s;

    symbol_parse(range->ctx, low, &s);
    if (s.relative && !s.name && s.steps < 0)
        return low_from_heads(range, &s);
    if (s.relative && !s.name) {
        fail(range->ctx, STATUS_USAGE, "a range cannot begin at '%s'", low);
        return fail_hint(range->ctx, "Name a revision, or '-N' to count down from the heads.");
    }
    return graph_resolve(range->ctx, range->g, range->current, low, &range->low) &&
           refuse_overlap(range->ctx, range->g, &range->low, "revision");
}

static bool resolve_high(struct range *range, const char *high)
{
    struct symbol s;

    symbol_parse(range->ctx, high, &s);
    if (s.relative && !s.name && s.steps <= 0) {
        fail(range->ctx, STATUS_USAGE, "a range cannot end at '%s'", high);
        return fail_hint(range->ctx, "'+N' counts up from where the range begins.");
    }
    return graph_resolve(
        range->ctx, range->g, s.relative && !s.name ? &range->low : range->current, high, &range->high);
}

/* A low end with a branch keeps the high ends to it. */
static bool narrow_high(struct range *range, struct arena *scratch, const char *low)
{
    bool *lineage = marks_new(scratch, range->g);
    struct revision *anchor;
    struct symbol s;

    symbol_parse(range->ctx, low, &s);
    if (!s.branch)
        return true;
    if (!symbol_branch(range->ctx, range->g, &s, &anchor))
        return false;
    mark_lineage(scratch, range->g, anchor, false, lineage);
    range->high = revisions_marked(range->ctx, &range->high, lineage);
    return true;
}

static bool collect(struct range *range, struct arena *scratch, const char *text, struct revisions *ret)
{
    bool *wanted = marks_new(scratch, range->g), *above = marks_new(scratch, range->g);

    mark_ancestors(scratch, range->g, &range->high, true, wanted);
    vec_each(i, &range->low)
        if (!wanted[range->low.v[i]->order])
            return fail(range->ctx, STATUS_FAILED,
                "range '%s' is not along one branch: '%s' is not below its end", text, range->low.v[i]->id);
    if (range->low.n) {
        mark_descendants(scratch, range->g, &range->low, false, above);
        vec_each(i, &range->g->all)
            wanted[i] = wanted[i] && above[i];
    }
    graph_sort(range->ctx, range->g, wanted, &range->high, ret);
    return true;
}

bool graph_range(struct ctx *ctx, const struct graph *g, const struct revisions *current, const char *low,
    const char *high, struct revisions *ret)
{
    struct arena scratch CLEANUP(arena_finish) = {0};
    struct range range = {.ctx = ctx, .g = g, .current = current};

    low = low && *low ? low : "base";
    high = high && *high ? high : "heads";
    if (!resolve_low(&range, low) || !resolve_high(&range, high) || !narrow_high(&range, &scratch, low))
        return false;
    return collect(&range, &scratch, ctx_printf(ctx, "%s:%s", low, high), ret);
}
