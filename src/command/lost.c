/*
 * Tells where revisions were found that have no file: in status, and in the error of a command that needs their files.
 */
#include "command.h"

/* ---- a revision ---------------------------------------------------------------------------------- */

/* Where its file would be, as the history has it. */
static const char *file_of(struct call *c, const struct lost *l)
{
    const char *path = l->row && l->row->path ? l->row->path : NULL;

    if (!path)
        return ctx_printf(c->ctx, "%s.yaml", l->revision);
    return str_eq(c->project.config.folder, ".") ? path
                                                 : fs_join(&c->ctx->arena, c->project.config.folder, path);
}

static const char *restore_command(struct call *c, const struct lost *l)
{
    const struct vcs_found *found = l->found;
    struct arena *a = &c->ctx->arena;
    const char *file = str_shell(a, file_of(c, l));

    if (!found->commit)
        return ctx_printf(c->ctx, "git cat-file blob %s >%s", found->blob, file);
    return ctx_printf(c->ctx, "git show %s >%s",
        str_shell(a, arena_printf(a, "%.12s:%s", found->commit, found->path)), file);
}

static struct node *lost_node(struct call *c, const struct lost *l)
{
    static const char *const kinds[] = {
        [VCS_BRANCH] = "branch",
        [VCS_REMOTE_BRANCH] = "remote branch",
        [VCS_TAG] = "tag",
        [VCS_HEAD] = "head",
        [VCS_STASH] = "stash",
        [VCS_OTHER_REF] = "reference",
        [VCS_REFLOG] = "reflog",
        [VCS_NO_REF] = NULL,
    };
    static const struct vcs_found none = {.kind = VCS_NO_REF};
    const struct vcs_found *found = l->found ? l->found : &none;
    struct arena *a = &c->ctx->arena;
    struct node *n = node_mapping(a);

    node_set(a, n, "revision", node_string(a, l->revision));
    node_set(a, n, "in", node_string(a, l->found ? "git" : l->recorded ? "history" : NULL));
    node_set(a, n, "kind", node_string(a, kinds[found->kind]));
    node_set(a, n, "ref", node_string(a, found->ref));
    node_set(a, n, "past", node_boolean(a, found->is_past));
    node_set(a, n, "commit", node_string(a, found->commit));
    node_set(a, n, "author", node_string(a, found->author));
    node_set(a, n, "date", node_string(a, found->date));
    node_set(a, n, "path", node_string(a, found->path));
    node_set(a, n, "blob", node_string(a, found->blob));
    node_set(a, n, "skipped", strings_node(c, &l->skipped));
    node_set(a, n, "edited", node_boolean(a, l->is_edited));
    node_set(a, n, "same_as", node_string(a, l->same ? l->same->id : NULL));
    return n;
}

struct node *lost_nodes(struct call *c, const struct lost_search *s)
{
    struct node *n = node_sequence(&c->ctx->arena);

    vec_each(i, &s->all)
        node_append(&c->ctx->arena, n, lost_node(c, s->all.v[i]));
    return n;
}

/* ---- what was searched --------------------------------------------------------------------------- */

static const char *searched_text(struct call *c, const struct lost_search *s)
{
    struct strings roots = {0};

    vec_each(i, &s->repositories)
        if (s->repositories.v[i]->is_open)
            vec_add(c->ctx, &roots, ctx_printf(c->ctx, "'%s'", s->repositories.v[i]->root));
    if (roots.n)
        return ctx_printf(c->ctx, "the history table and the git repository %s",
            strings_join(&c->ctx->arena, &roots, ", "));
    return "the history table; no git repository could be searched";
}

static void add_hint(struct call *c, struct strings *ret, const struct vcs_state *state, const struct lost *l)
{
    const char *blob = l->row && l->row->blob ? l->row->blob : NULL, *git = "git";

    if (!str_eq(c->project.config.folder, "."))
        git = ctx_printf(c->ctx, "git -C %s", str_shell(&c->ctx->arena, state->root));
    if (state->is_refused) {
        vec_add(c->ctx, ret,
            ctx_printf(c->ctx,
                "The git repository belongs to another user. If you trust it, run 'git config --global --add "
                "safe.directory %s'.",
                str_shell(&c->ctx->arena, state->root)));
        return;
    }
    if (!state->is_open)
        return;
    if (state->is_shallow)
        vec_add(c->ctx, ret,
            ctx_printf(c->ctx, "The git repository is a shallow clone: run '%s fetch --unshallow'.", git));
    if (state->is_partial && blob)
        vec_add(c->ctx, ret,
            ctx_printf(c->ctx, "The git repository is a partial clone: run '%s cat-file blob %s >%s'.", git,
                blob, str_shell(&c->ctx->arena, file_of(c, l))));
    if (!state->is_shallow && !state->is_partial && blob)
        vec_add(c->ctx, ret,
            ctx_printf(c->ctx, "The branch that has it may not be here yet: run '%s fetch --all'.", git));
}

void lost_search_hints(struct call *c, const struct lost_search *s, const struct lost *l, struct strings *ret)
{
    *ret = (struct strings){0};
    vec_each(i, &s->repositories)
        add_hint(c, ret, s->repositories.v[i], l);
}

void note_unfound(struct call *c, const struct lost_search *s)
{
    struct strings hints;

    vec_each(i, &s->all) {
        const struct lost *l = s->all.v[i];

        if (l->recorded)
            continue;
        if (l->problem)
            log_warn(c->ctx, "cannot use the text of revision %s in the history table: %s", l->revision,
                l->problem);
        else
            log_warn(c->ctx, "revision %s was not found in %s", l->revision, searched_text(c, s));
        lost_search_hints(c, s, l, &hints);
        vec_each(k, &hints)
            log_info(c->ctx, "%s", hints.v[k]);
    }
}

/* ---- errors -------------------------------------------------------------------------------------- */

static void add_details(struct call *c, const struct lost_search *s)
{
    vec_each(i, &s->all) {
        const struct lost *l = s->all.v[i];

        if (l->recorded)
            fail_detail(c->ctx, "revision %s was found in %s", l->revision, lost_place(c->ctx, l));
        else if (l->problem)
            fail_detail(c->ctx, "cannot use the text of revision %s in the history table: %s", l->revision,
                l->problem);
        else
            fail_detail(c->ctx, "revision %s was not found in %s", l->revision, searched_text(c, s));
    }
}

static bool all_recorded(const struct lost_search *s)
{
    vec_each(i, &s->all)
        if (!s->all.v[i]->recorded)
            return false;
    return true;
}

static void add_hints(struct call *c, const struct lost_search *s)
{
    struct strings hints;

    vec_each(i, &s->all) {
        const struct lost *l = s->all.v[i];

        if (l->found && l->found->kind == VCS_BRANCH && !l->found->is_past && !l->found->is_here)
            fail_hint(c->ctx, "Check out branch '%s', or restore the file: %s", l->found->ref,
                restore_command(c, l));
        else if (l->found)
            fail_hint(c->ctx, "Restore the file: %s", restore_command(c, l));
        if (l->same)
            fail_hint(c->ctx,
                "Revision %s has the same operations as %s: 'cmig switch --restamp' records it instead.",
                l->same->id, l->revision);
        if (l->recorded)
            continue;
        lost_search_hints(c, s, l, &hints);
        vec_each(k, &hints)
            fail_hint(c->ctx, "%s", hints.v[k]);
    }
    if (all_recorded(s) && !c->project.config.is_protected)
        fail_hint(c->ctx, "On a development database, 'cmig switch' reverts what has no file and applies the "
                          "revisions of this checkout; it first shows what is lost.");
}

static bool find(struct call *c, struct lost_search *ret)
{
    const struct graph *g = &c->project.graph;
    struct strings rows, gone = {0};

    if (!project_rows(&c->project, &rows))
        return false;
    vec_each(i, &rows) {
        if (map_get(&g->by_id, rows.v[i]))
            continue;
        if (graph_replacing(g, rows.v[i]))
            return false;
        vec_add(c->ctx, &gone, rows.v[i]);
    }
    return gone.n && project_lost(&c->project, &gone, true, ret);
}

void lost_explain(struct call *c)
{
    struct err err = c->ctx->err;
    struct lost_search search = {0};
    bool any_found = false;

    if (err.status != STATUS_UNKNOWN_REVISION || !c->project.conn || !c->project.graph_loaded)
        return;
    c->ctx->err = (struct err){0};
    bool ok = find(c, &search);
    c->ctx->err = err;
    if (!ok)
        return;
    vec_each(i, &search.all)
        any_found |= search.all.v[i]->found != NULL;
    if (any_found)
        c->ctx->err.hints = NULL; /* they advise to look for it */
    add_details(c, &search);
    add_hints(c, &search);
}
