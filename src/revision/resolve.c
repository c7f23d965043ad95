/*
 * Resolves symbols to revisions.
 *
 * Ids and branch labels first, then their prefixes; never a guess: an ambiguous one is an error that lists the
 * candidates. A branch ("x@…") is all above and below what `x` means, by down_revision.
 */
#include "walk.h"

struct resolving {
    struct ctx *ctx;
    const struct graph *g;
    const struct revisions *current;
    const struct symbol *symbol;
    struct arena scratch;
    bool *lineage;         /* of the branch; NULL: none was named */
    struct revision *base; /* steps led below this one, to the base */
};

static void resolving_finish(struct resolving *z)
{
    arena_finish(&z->scratch);
}

/* ---- names ---------------------------------------------------------------------------------------------- */

enum { SHORT = 3 }; /* bytes of a name that is never found by a prefix: a short id must be written in full */

/* Whether a number of steps was probably meant, without its sign. Such a name is never a prefix either: what it does
 * must not depend on the digits that an id happens to begin with. */
static bool is_count(const char *name)
{
    size_t n = strspn(name, "0123456789");

    return n && n <= SHORT && !name[n] && *name != '0';
}

static bool hint_nearest(struct ctx *ctx, const struct graph *g, const char *nearest)
{
    const struct revision *r = map_get(&g->by_id, nearest);

    if (!r)
        return fail_hint(ctx, "Did you mean '%s'?", nearest);
    if (str_eq(r->id, nearest))
        return fail_hint(ctx, "Did you mean %s?", revision_label(&ctx->arena, r));
    return fail_hint(ctx, "Did you mean the branch '%s'?", nearest);
}

static bool refuse_unknown(struct ctx *ctx, const struct graph *g, const char *name, bool branch)
{
    static const char *const symbols[] = {"head", "heads", "base", "current"};
    struct strings known = {0};
    const char *nearest;

    vec_each(i, &g->all) {
        const struct revision *r = g->all.v[i];

        vec_add(ctx, &known, r->id);
        vec_each(k, &r->labels)
            vec_add(ctx, &known, r->labels.v[k]);
    }
    for (size_t i = 0; !branch && i < COUNT_OF(symbols); i++)
        vec_add(ctx, &known, symbols[i]);
    nearest = str_nearest(name, known.v, known.n);
    fail(ctx, STATUS_FAILED, "unknown %s '%s'", branch ? "branch or revision" : "revision", name);
    if (!nearest && !branch && is_count(name))
        return fail_hint(
            ctx, "Write '+%s' or '-%s' for a number of revisions up or down, or more of the id.", name, name);
    if (!nearest)
        return fail_hint(ctx, "Run 'cmig history' to list the revisions and their labels.");
    return hint_nearest(ctx, g, nearest);
}

static bool begins(const char *name, const char *beginning)
{
    return strlen(name) > SHORT && str_starts(name, beginning);
}

static bool revision_begins(const struct revision *r, const char *beginning)
{
    if (begins(r->id, beginning))
        return true;
    vec_each(i, &r->labels)
        if (begins(r->labels.v[i], beginning))
            return true;
    return false;
}

static bool lookup(struct ctx *ctx, const struct graph *g, const char *name, const bool *lineage, bool branch,
    struct revision **ret)
{
    struct revision *exact = map_get(&g->by_id, name);
    struct revisions found = {0};

    if (exact) {
        *ret = exact;
        return true;
    }
    for (size_t i = 0; *name && !is_count(name) && i < g->all.n; i++)
        if ((!lineage || lineage[i]) && revision_begins(g->all.v[i], name))
            vec_add(ctx, &found, g->all.v[i]);
    if (!found.n)
        return refuse_unknown(ctx, g, name, branch);
    if (found.n > 1) {
        fail(ctx, STATUS_FAILED, "'%s' is ambiguous: %u revisions begin with it", name, found.n);
        fail_candidates(ctx, &found);
        return fail_hint(ctx, "Use a longer prefix.");
    }
    *ret = found.v[0];
    return true;
}

bool symbol_branch(struct ctx *ctx, const struct graph *g, const struct symbol *s, struct revision **ret)
{
    if (!*s->branch)
        return fail(ctx, STATUS_USAGE, "unknown branch '%s'", s->text);
    return lookup(ctx, g, s->branch, NULL, true, ret);
}

/* ---- symbols without steps ------------------------------------------------------------------------------ */

static void narrow(struct resolving *z, struct revisions *list)
{
    if (z->lineage)
        *list = revisions_marked(z->ctx, list, z->lineage);
}

static bool resolve_base(ATTR_UNUSED struct resolving *z, struct revisions *ret)
{
    *ret = (struct revisions){0};
    return true;
}

/* Heads that no other one depends on: only several of these can be merged. */
static size_t count_real(const struct revisions *heads)
{
    size_t n = 0;

    vec_each(i, heads)
        n += revision_is_real_head(heads->v[i]);
    return n;
}

static bool resolve_head(struct resolving *z, struct revisions *ret)
{
    struct revisions heads;

    graph_heads(z->ctx, z->g, &heads);
    narrow(z, &heads);
    if (heads.n > 1) {
        fail(z->ctx, STATUS_FOUND, "'%s' is ambiguous: there are %u heads", z->symbol->text, heads.n);
        fail_candidates(z->ctx, &heads);
        return fail_hint(z->ctx, "%s",
            count_real(&heads) > 1
                ? "Name one of them, or its branch as in 'label@head'; 'heads' means all of them, "
                  "and 'cmig merge heads' joins them."
                : "Name one of them, or its branch as in 'label@head'; 'heads' means all of them: one "
                  "depends on "
                  "the others.");
    }
    *ret = heads;
    return true;
}

/* Without a branch those that nothing depends on; with one, all its ends. */
static bool resolve_heads(struct resolving *z, struct revisions *ret)
{
    struct revisions heads, real = {0};

    graph_heads(z->ctx, z->g, &heads);
    narrow(z, &heads);
    vec_each(i, &heads)
        if (z->lineage || revision_is_real_head(heads.v[i]))
            vec_add(z->ctx, &real, heads.v[i]);
    *ret = real;
    return true;
}

static bool resolve_current(struct resolving *z, struct revisions *ret)
{
    struct revisions rows;

    if (!z->current)
        return fail(z->ctx, STATUS_USAGE,
            "'%s' refers to the database's revision, which is not available here", z->symbol->text);
    rows = *z->current;
    narrow(z, &rows);
    *ret = rows;
    return true;
}

static const struct word {
    const char *name;
    bool (*resolve)(struct resolving *z, struct revisions *ret);
} words[] = {
    {"base", resolve_base},
    {"head", resolve_head},
    {"heads", resolve_heads},
    {"current", resolve_current},
};

static bool resolve_name(struct resolving *z, struct revisions *ret)
{
    struct revision *r;
    struct revisions one = {0};

    if (!z->symbol->name)
        return fail(z->ctx, STATUS_USAGE, "'%s' names no revision", z->symbol->text);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_eq(z->symbol->name, words[i].name))
            return words[i].resolve(z, ret);
    if (!lookup(z->ctx, z->g, z->symbol->name, z->lineage, false, &r))
        return false;
    if (z->lineage && !z->lineage[r->order])
        return fail(
            z->ctx, STATUS_FAILED, "revision '%s' is not in the branch of '%s'", r->id, z->symbol->branch);
    vec_add(z->ctx, &one, r);
    *ret = one;
    return true;
}

/* ---- steps ---------------------------------------------------------------------------------------------- */

static bool refuse_several(struct resolving *z, const struct revisions *starts)
{
    fail(z->ctx, STATUS_FAILED, "'%s' is ambiguous: it could count from %u revisions", z->symbol->text,
        starts->n);
    fail_candidates(z->ctx, starts);
    if (z->symbol->name)
        return fail_hint(z->ctx, "Count from one of them.");
    return fail_hint(z->ctx, "Name the branch, as in 'label@%+ld'.", z->symbol->steps);
}

/* The newest applied revisions of a branch without a version row: "label@+1" counts from there. */
static struct revisions applied_tips(struct resolving *z)
{
    bool *active = marks_new(&z->scratch, z->g);
    struct revisions tips = {0};

    mark_ancestors(&z->scratch, z->g, z->current, true, active);
    vec_each(i, &z->g->all)
        active[i] = active[i] && z->lineage[i];
    vec_each(i, &z->g->all) {
        const struct revision *r = z->g->all.v[i];
        bool tip = active[i];

        for (size_t k = 0; tip && k < r->children.n; k++)
            tip = !active[r->children.v[k]->order];
        for (size_t k = 0; tip && k < r->dependents.n; k++)
            tip = !active[r->dependents.v[k]->order];
        if (tip)
            vec_add(z->ctx, &tips, z->g->all.v[i]);
    }
    return tips;
}

/* Where "+2" or "-1" counts from: the version rows, in the branch that was named. Up, an empty list is the
 * base; down, it must be applied. */
static bool find_start(struct resolving *z, struct revision **ret)
{
    struct revisions starts, effective;

    if (!z->current)
        return fail(z->ctx, STATUS_USAGE,
            "'%s' counts from the database's revision, which is not available here", z->symbol->text);
    starts = *z->current;
    narrow(z, &starts);
    if (!starts.n && z->lineage && z->symbol->steps < 0) {
        graph_current(z->ctx, z->g, z->current, &effective);
        starts = effective;
        narrow(z, &starts);
    } else if (!starts.n && z->lineage) {
        starts = applied_tips(z);
    }
    if (starts.n > 1)
        return refuse_several(z, &starts);
    if (!starts.n && z->symbol->steps < 0)
        return fail(z->ctx, STATUS_FAILED, "'%s' is too far: no revision%s is applied", z->symbol->text,
            z->lineage ? " of that branch" : "");
    *ret = starts.n ? starts.v[0] : NULL;
    return true;
}

static bool refuse_fork(struct resolving *z, const struct revision *at, const struct revisions *next)
{
    if (at)
        fail(z->ctx, STATUS_FAILED, "'%s' is ambiguous: revision '%s' has %u %s", z->symbol->text, at->id,
            next->n, z->symbol->steps > 0 ? "children" : "parents");
    else
        fail(z->ctx, STATUS_FAILED, "'%s' is ambiguous: there are %u bases", z->symbol->text, next->n);
    fail_candidates(z->ctx, next);
    return fail_hint(
        z->ctx, "Name the revision that you mean, or its branch as in 'label@%+ld'.", z->symbol->steps);
}

static bool refuse_far(struct resolving *z, const struct revision *from, long steps)
{
    const char *way = z->symbol->steps > 0 ? "above" : "below";
    const char *name = from ? ctx_printf(z->ctx, "'%s'", from->id) : "base";

    if (!steps)
        return fail(
            z->ctx, STATUS_FAILED, "'%s' is too far: there is nothing %s %s", z->symbol->text, way, name);
    return fail(z->ctx, STATUS_FAILED, "'%s' is too far: there %s only %ld step%s %s %s", z->symbol->text,
        steps == 1 ? "is" : "are", steps, steps == 1 ? "" : "s", way, name);
}

static struct revisions next_ones(struct resolving *z, const struct revision *r)
{
    struct revisions next = {0};

    if (z->symbol->steps < 0)
        next = r->parents;
    else if (r)
        next = r->children;
    else
        graph_bases(z->ctx, z->g, &next);
    narrow(z, &next);
    return next;
}

/* Below a revision without parents is the base, NULL. */
static bool walk(struct resolving *z, struct revision *from, struct revision **ret)
{
    long wanted = z->symbol->steps < 0 ? -z->symbol->steps : z->symbol->steps;
    struct revision *r = from;
    struct revisions next;

    for (long done = 0; done < wanted; done++) {
        if (!r && z->symbol->steps < 0)
            return refuse_far(z, from, done);
        next = next_ones(z, r);
        if (!next.n && z->symbol->steps > 0)
            return refuse_far(z, from, done);
        if (next.n > 1)
            return refuse_fork(z, r, &next);
        z->base = next.n ? NULL : r;
        r = next.n ? next.v[0] : NULL;
    }
    *ret = r;
    return true;
}

static bool resolve_relative(struct resolving *z, struct revisions *ret)
{
    struct revisions one = {0};
    struct revision *r = NULL;

    if (z->symbol->name) {
        if (!resolve_name(z, &one))
            return false;
        if (one.n > 1)
            return refuse_several(z, &one);
        r = one.n ? one.v[0] : NULL;
    } else if (!find_start(z, &r)) {
        return false;
    }
    if (!walk(z, r, &r))
        return false;
    one = (struct revisions){0};
    if (r)
        vec_add(z->ctx, &one, r);
    *ret = one;
    return true;
}

static bool find_lineage(struct resolving *z)
{
    struct revision *anchor;

    if (!z->symbol->branch)
        return true;
    if (!symbol_branch(z->ctx, z->g, z->symbol, &anchor))
        return false;
    z->lineage = marks_new(&z->scratch, z->g);
    mark_lineage(&z->scratch, z->g, anchor, false, z->lineage);
    return true;
}

bool symbol_resolve(struct ctx *ctx, const struct graph *g, const struct revisions *current,
    const struct symbol *s, struct revisions *ret, struct revision **ret_base)
{
    struct resolving z CLEANUP(resolving_finish) = {.ctx = ctx, .g = g, .current = current, .symbol = s};

    if (!find_lineage(&z) || !(s->relative ? resolve_relative(&z, ret) : resolve_name(&z, ret)))
        return false;
    *ret_base = z.base;
    return true;
}

bool symbol_walk_down(struct ctx *ctx, const struct graph *g, const struct symbol *s, struct revision *from,
    struct revision **ret)
{
    struct resolving z CLEANUP(resolving_finish) = {.ctx = ctx, .g = g, .symbol = s};
    struct revision *to;

    if (!find_lineage(&z) || !walk(&z, from, &to))
        return false;
    *ret = to ? to : z.base;
    return true;
}

bool graph_resolve(struct ctx *ctx, const struct graph *g, const struct revisions *current,
    const char *symbol, struct revisions *ret)
{
    struct arena scratch CLEANUP(arena_finish) = {0};
    bool *have = marks_new(&scratch, g);
    struct revisions all = {0}, some;
    struct revision *base;
    struct strings list;
    struct symbol s;

    symbol_words(ctx, symbol, &list);
    if (!list.n)
        return fail(ctx, STATUS_USAGE, "'%s' names no revision", symbol);
    vec_each(i, &list) {
        symbol_parse(ctx, list.v[i], &s);
        if (!symbol_resolve(ctx, g, current, &s, &some, &base))
            return false;
        vec_each(k, &some) {
            if (!have[some.v[k]->order])
                vec_add(ctx, &all, some.v[k]);
            have[some.v[k]->order] = true;
        }
    }
    *ret = all;
    return true;
}
