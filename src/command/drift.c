/*
 * check --drift: compare a database with what its applied revisions give.
 */
#include "command.h"

/* Whether a change is of the thing that a difference names, or of the object that contains it. */
static bool is_about(const struct tree_change *change, const struct tree_change *difference)
{
    const struct strings *a = &change->path, *b = &difference->path;

    for (size_t i = 0; i < a->n && i < b->n; i++)
        if (!str_eq(a->v[i], b->v[i]))
            return false;
    return true;
}

/* The newest revision that touched what a difference names; NULL: none. */
static const struct revision *find_last(const struct traceds *all, const struct tree_change *difference)
{
    for (size_t i = all->n; i-- > 0;)
        vec_each(k, &all->v[i]->changes)
            if (is_about(all->v[i]->changes.v[k], difference))
                return all->v[i]->revision;
    return NULL;
}

static void report(struct call *c, const struct tree_changes *found, const struct traceds *all)
{
    struct arena *a = &c->ctx->arena;
    struct node *list = node_sequence(a);

    vec_each(i, found) {
        const struct revision *last = find_last(all, found->v[i]);
        struct node *n = node_mapping(a);

        node_set(a, n, "text", node_string(a, found->v[i]->text));
        node_set(a, n, "revision", node_string(a, last ? last->id : NULL));
        node_append(a, list, n);
        if (!c->globals->json)
            print_line(c, "%s%s%s%s", found->v[i]->text, last ? " (last changed by revision " : "",
                last ? last->id : "", last ? ")" : "");
    }
    if (c->globals->json)
        node_set(a, document_begin(c), "drift", list);
}

bool check_drift(struct call *c)
{
    struct revisions rows;
    struct attempt attempt;
    struct tree_changes found;
    struct traceds all = {0};

    if (!connect_database(c, MISSING_FAILS) || !current_rows(c, &rows) ||
        !current_attempt(c, &rows, &attempt))
        return false;
    if (attempt.kind != ATTEMPT_NONE)
        return attempt_fail(c->ctx, &attempt, STATUS_FOUND);
    if (!migrate_drift(&c->project, &rows, &found) || (found.n && !migrate_trace(&c->project, &rows, &all)))
        return false;
    report(c, &found, &all);
    if (!found.n) {
        log_info(c->ctx, "the database is as its revisions leave it");
        return true;
    }
    fail(c->ctx, STATUS_FOUND, "the database differs from what its revisions give: %s",
        count_text(c->ctx, found.n, "difference"));
    return fail_hint(
        c->ctx, "Someone changed it by hand: revert that, or write it as a revision and stamp it.");
}
