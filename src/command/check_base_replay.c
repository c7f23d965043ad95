/*
 * check --base: whether the revisions of this branch can be applied.
 *
 * They are applied in memory, in the order of this branch and in that of the merge. A failure counts only if all revisions
 * before it are known: SQL may have created anything.
 */
#include "check_base.h"

bool base_replay(struct base_check *b, const struct graph *graph, struct lint_replay *ret)
{
    struct lint_levels levels = {0};
    struct findings none;
    const struct lint_request request = {.dialect = b->dialect,
        .config = &b->c->project.config,
        .graph = graph,
        .levels = &levels,
        .replay = ret};

    return lint_run(b->ctx, &request, &none);
}

static void add_failure(struct base_check *b, const struct lint_replay *replay, bool is_merged)
{
    const struct revision *r = replay->failed;
    struct arena *a = &b->ctx->arena;
    const char *when = is_merged   ? arena_printf(a, " after a merge with '%s'", b->base.at.name)
                       : r->down.n ? arena_printf(a, " after %s", strings_join(a, &r->down, ", "))
                                   : "";

    base_add(b, BASE_FAILS, r, replay->failed_at, "Change the revision so that it fits those before it",
        "revision %s cannot be applied%s: %s", r->id, when, replay->failed_why);
}

/* What the base branch has itself is not this branch's. */
static bool is_here_only(const struct base_check *b, const struct revision *r)
{
    return r && !base_find(&b->base.tip.by_id, r->id);
}

/* Whether a revision of this branch is the first that fails in this order. */
static bool find_failure(
    struct base_check *b, const struct graph *graph, struct lint_replay *replay, bool *ret_fails)
{
    *replay = (struct lint_replay){0};
    if (!base_replay(b, graph, replay))
        return false;
    *ret_fails = is_here_only(b, replay->failed);
    return true;
}

static bool check_both(struct base_check *b, struct lint_replay *replay, bool *ret_fails, bool *ret_merged)
{
    *ret_merged = false;
    if (!find_failure(b, &b->c->project.graph, replay, ret_fails))
        return false;
    *ret_merged = !*ret_fails;
    return *ret_fails || find_failure(b, &b->merged, replay, ret_fails);
}

/* If the database system is not known, what fails must fail on all of them. */
static bool check_everywhere(
    struct base_check *b, struct lint_replay *replay, bool *ret_fails, bool *ret_merged)
{
    const struct dialect *guess = b->dialect;

    *ret_fails = true;
    for (size_t i = 0; *ret_fails && dialects[i]; i++) {
        b->dialect = dialects[i];
        *ret_fails = check_both(b, replay, ret_fails, ret_merged) && *ret_fails;
    }
    err_clear(b->ctx);
    b->dialect = guess;
    return true;
}

bool base_check_replay(struct base_check *b)
{
    struct lint_replay replay;
    bool fails, is_merged;

    if (!(b->is_guessed ? check_everywhere : check_both)(b, &replay, &fails, &is_merged))
        return false;
    if (fails)
        add_failure(b, &replay, is_merged);
    return true;
}
