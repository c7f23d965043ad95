/*
 * The revisions of a range, for `history -r low:high`.
 *
 * Both ends included: the ancestors of `high` that are `low` or descend from it by down_revision. A low end of
 * "label@base" keeps to that branch, with all that it depends on.
 */
#include "walk.h"

struct range {
    struct ctx *ctx;
    const struct graph *g;
    const struct revisions *current;
    struct symbol low_symbol, high_symbol;
    struct revisions low, high;
};

static bool counts(const struct symbol *s)
{
    return s->relative && !s->name;
}

/* "-2" counts from where the range ends. */
static bool low_from_high(struct range *range)
{
    struct revision *r;

    vec_each(i, &range->high) {
        if (!symbol_walk_down(range->ctx, range->g, &range->low_symbol, range->high.v[i], &r))
            return false;
        revisions_add(range->ctx, &range->low, r);
    }
    return true;
}

static bool resolve_low(struct range *range)
{
    const struct symbol *s = &range->low_symbol;

    if (counts(s) && s->steps >= 0) {
        fail(range->ctx, STATUS_USAGE, "a range cannot begin at '%s'", s->text);
        return fail_hint(range->ctx, "Name a revision, or '-N' to count down from where the range ends.");
    }
    return graph_resolve(range->ctx, range->g, range->current, s->text, &range->low) &&
           refuse_overlap(range->ctx, range->g, &range->low, "revision");
}

/* "+2" counts from where the range begins, which must be known then. */
static bool resolve_high(struct range *range)
{
    const struct symbol *s = &range->high_symbol;

    if (counts(s) && (s->steps <= 0 || counts(&range->low_symbol))) {
        fail(range->ctx, STATUS_USAGE, "a range cannot end at '%s'%s", s->text,
            s->steps > 0 ? " when it begins at a number, too" : "");
        return fail_hint(range->ctx, "'+N' counts up from where the range begins.");
    }
    return graph_resolve(
        range->ctx, range->g, counts(s) ? &range->low : range->current, s->text, &range->high);
}

/* A low end with a branch keeps the high ends to it. */
static bool narrow_high(struct range *range, struct arena *scratch)
{
    bool *lineage = marks_new(scratch, range->g);
    struct revision *anchor;

    if (!range->low_symbol.branch)
        return true;
    if (!symbol_branch(range->ctx, range->g, &range->low_symbol, &anchor))
        return false;
    mark_lineage(scratch, range->g, anchor, false, lineage);
    range->high = revisions_marked(range->ctx, &range->high, lineage);
    return true;
}

static bool resolve_ends(struct range *range, struct arena *scratch)
{
    if (counts(&range->low_symbol) && range->low_symbol.steps < 0)
        return resolve_high(range) && narrow_high(range, scratch) && low_from_high(range);
    return resolve_low(range) && resolve_high(range) && narrow_high(range, scratch);
}

static bool collect(struct range *range, struct arena *scratch, const char *text, struct revisions *ret)
{
    bool *wanted = marks_new(scratch, range->g), *above = marks_new(scratch, range->g);

    mark_ancestors(scratch, range->g, &range->high, true, wanted);
    vec_each(i, &range->low)
        if (!wanted[range->low.v[i]->order])
            return fail(range->ctx, STATUS_FAILED,
                "range '%s' does not follow one branch: '%s' is not below its end", text,
                range->low.v[i]->id);
    if (range->low.n) {
        mark_descendants(scratch, range->g, &range->low, false, above);
        vec_each(i, &range->g->all)
            wanted[i] = wanted[i] && above[i];
    }
    graph_sort(range->ctx, range->g, wanted, &range->high, ret);
    return true;
}

/* An open side is base, or the heads. */
static bool split(struct ctx *ctx, const char *text, const char **ret_low, const char **ret_high)
{
    const char *colon = strchr(text, ':');

    if (!colon || strchr(colon + 1, ':')) {
        fail(ctx, STATUS_USAGE, "'%s' is not a range of revisions", text);
        return fail_hint(ctx, "Write FROM:TO, FROM: or :TO, as in 'ae10:current'.");
    }
    *ret_low = colon > text ? arena_strndup(&ctx->arena, text, (size_t)(colon - text)) : "base";
    *ret_high = colon[1] ? colon + 1 : "heads";
    return true;
}

bool graph_range(struct ctx *ctx, const struct graph *g, const struct revisions *current, const char *text,
    struct revisions *ret)
{
    struct arena scratch CLEANUP(arena_finish) = {0};
    struct range range = {.ctx = ctx, .g = g, .current = current};
    const char *low, *high;

    if (!split(ctx, text, &low, &high))
        return false;
    symbol_parse(ctx, low, &range.low_symbol);
    symbol_parse(ctx, high, &range.high_symbol);
    return resolve_ends(&range, &scratch) && collect(&range, &scratch, text, ret);
}
