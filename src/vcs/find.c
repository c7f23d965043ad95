/*
 * Finds a file by git's id of it: the object, and the branch and commit that have it.
 *
 * An object may remain after its branch was deleted, so the object comes first, and the place is a help for people.
 * Commits are read one by one instead of by libgit2's walk, which fails in shallow clones.
 */
#include <time.h>

#include "git.h"

enum {
    COMMITS = 100000, /* read at most for one place */
    TREES = 1000000,
    DEPTH = 100, /* of directories */
    REFLOG = 1000,
};

/* Where a search for commits begins. */
struct tip {
    enum vcs_ref kind;
    const char *name;
    git_oid id;
};
struct tips VEC_OF(struct tip);

struct search {
    struct vcs *vcs;
    struct libgit2 *git;
    git_oid blob;
    struct arena scratch;
    struct map trees; /* by id: the path of the file in it, or "" */
    struct map seen;  /* ids of commits that were read, or are about to be */
    struct tips tips;
    const char *branch; /* that is checked out; NULL: none */
};

static void search_finish(struct search *s)
{
    arena_finish(&s->scratch);
}

static char *hex(struct search *s, const git_oid *id)
{
    char *text = arena_alloc(&s->scratch, 41);

    s->git->git_oid_fmt(text, id);
    return text;
}

/* ---- trees --------------------------------------------------------------------------------------------- */

static const char *path_in_tree(struct search *s, const git_oid *id, int depth);

static const char *path_of_entry(struct search *s, const git_tree_entry *e, int depth)
{
    const char *below;

    switch (s->git->git_tree_entry_type(e)) {
    case GIT_OBJECT_BLOB:
        return memcmp(s->git->git_tree_entry_id(e), &s->blob, sizeof(s->blob)) == 0
                   ? arena_strdup(&s->scratch, s->git->git_tree_entry_name(e))
                   : "";
    case GIT_OBJECT_TREE:
        below = path_in_tree(s, s->git->git_tree_entry_id(e), depth + 1);
        return *below ? arena_printf(&s->scratch, "%s/%s", s->git->git_tree_entry_name(e), below) : "";
    default:
        return ""; /* a submodule */
    }
}

/* A tree that a partial clone lacks has no path. */
static const char *search_tree(struct search *s, const git_oid *id, int depth)
{
    const char *path = "";
    git_tree *tree;

    if (depth > DEPTH || s->trees.n > TREES || s->git->git_tree_lookup(&tree, s->vcs->repository, id) < 0)
        return path;
    for (size_t i = 0, n = s->git->git_tree_entrycount(tree); i < n && !*path; i++)
        path = path_of_entry(s, s->git->git_tree_entry_byindex(tree, i), depth);
    s->git->git_tree_free(tree);
    return path;
}

static const char *path_in_tree(struct search *s, const git_oid *id, int depth)
{
    char *key = hex(s, id);
    const char *path = map_get(&s->trees, key);

    if (path)
        return path;
    path = search_tree(s, id, depth);
    map_set(&s->trees, key, (void *)(uintptr_t)path);
    return path;
}

/* ---- commits ------------------------------------------------------------------------------------------- */

/* Without characters that a terminal obeys. */
static const char *plain_text(struct vcs *vcs, const char *text)
{
    char *plain = ctx_strdup(vcs->ctx, text);

    for (char *c = plain; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    return plain;
}

const char *git_author_of(struct vcs *vcs, git_commit *commit)
{
    const git_signature *who = vcs->git.git_commit_author(commit);

    if (!who || !who->name)
        return NULL;
    if (!who->email || !*who->email)
        return plain_text(vcs, who->name);
    return plain_text(vcs, ctx_printf(vcs->ctx, "%s <%s>", who->name, who->email));
}

const char *git_date_of(struct vcs *vcs, git_commit *commit)
{
    const git_signature *who = vcs->git.git_commit_author(commit);
    time_t when = who ? (time_t)who->when.time : 0;
    struct tm tm;

    if (!who || !gmtime_r(&when, &tm))
        return NULL;
    return ctx_printf(vcs->ctx, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

static void open_commit(struct search *s, const git_oid *id, struct tips *open)
{
    struct tip one = {.id = *id};
    char *key = hex(s, id);

    if (map_get(&s->seen, key))
        return;
    map_set(&s->seen, key, key);
    vec_push(&s->scratch, open, one);
}

static void read_commit(
    struct search *s, git_commit *commit, const git_oid *id, git_time_t *oldest, struct vcs_found *ret)
{
    const char *path = path_in_tree(s, s->git->git_commit_tree_id(commit), 0);
    git_time_t time = s->git->git_commit_time(commit);

    if (!*path || (ret->commit && time > *oldest))
        return;
    *oldest = time;
    ret->commit = ctx_strdup(s->vcs->ctx, hex(s, id));
    ret->path = plain_text(s->vcs, path);
    ret->author = git_author_of(s->vcs, commit);
    ret->date = git_date_of(s->vcs, commit);
}

/* The oldest commit below the tip that has the file. A shallow clone lacks commits that others name. */
static bool find_origin(struct search *s, const struct tip *tip, struct vcs_found *ret)
{
    struct tips open = {0};
    git_time_t oldest = 0;
    git_commit *commit;

    open_commit(s, &tip->id, &open);
    for (size_t i = 0; i < open.n && i < COMMITS && !ctx_interrupted(s->vcs->ctx); i++) {
        const git_oid id = open.v[i].id;

        if (s->git->git_commit_lookup(&commit, s->vcs->repository, &id) < 0)
            continue;
        read_commit(s, commit, &id, &oldest, ret);
        for (unsigned k = 0, n = s->git->git_commit_parentcount(commit); k < n; k++)
            open_commit(s, s->git->git_commit_parent_id(commit, k), &open);
        s->git->git_commit_free(commit);
    }
    return ret->commit != NULL;
}

static bool has_file(struct search *s, const struct tip *tip)
{
    git_commit *commit;
    bool found;

    if (s->git->git_commit_lookup(&commit, s->vcs->repository, &tip->id) < 0)
        return false;
    found = *path_in_tree(s, s->git->git_commit_tree_id(commit), 0) != '\0';
    s->git->git_commit_free(commit);
    return found;
}

/* ---- tips ---------------------------------------------------------------------------------------------- */

static void add_tip(struct search *s, enum vcs_ref kind, const char *name, const git_oid *id)
{
    struct tip tip = {.kind = kind, .name = arena_strdup(&s->scratch, name), .id = *id};

    vec_push(&s->scratch, &s->tips, tip);
}

static void add_reflog(struct search *s, enum vcs_ref kind, const char *ref, const char *name)
{
    git_reflog *log;

    if (s->git->git_reflog_read(&log, s->vcs->repository, ref) < 0)
        return;
    for (size_t i = 0, n = s->git->git_reflog_entrycount(log); i < n && i < REFLOG; i++)
        add_tip(s, kind, arena_printf(&s->scratch, "%s@{%zu}", name, i),
            s->git->git_reflog_entry_id_new(s->git->git_reflog_entry_byindex(log, i)));
    s->git->git_reflog_free(log);
}

static const char branches[] = "refs/heads/";

static const struct ref_space {
    const char *prefix;
    enum vcs_ref kind;
} ref_spaces[] = {
    {branches, VCS_BRANCH},
    {"refs/remotes/", VCS_REMOTE_BRANCH},
    {"refs/tags/", VCS_TAG},
    {"", VCS_OTHER_REF},
};

static void add_reference(struct search *s, git_reference *reference)
{
    const char *name = s->git->git_reference_name(reference), *own = name;
    const struct ref_space *space = ref_spaces;
    git_object *commit;

    if (s->git->git_reference_peel(&commit, reference, GIT_OBJECT_COMMIT) < 0)
        return;
    while (!str_starts(name, space->prefix))
        space++;
    own += strlen(space->prefix);
    if (str_eq(name, "refs/stash"))
        add_reflog(s, VCS_STASH, name, "stash");
    else if (!(space->kind == VCS_REMOTE_BRANCH && str_ends(name, "/HEAD"))) /* another name of a branch */
        add_tip(s, space->kind, own, s->git->git_object_id(commit));
    if (space->kind == VCS_BRANCH)
        add_reflog(s, VCS_REFLOG, name, own);
    s->git->git_object_free(commit);
}

static void add_references(struct search *s)
{
    git_reference_iterator *all;
    git_reference *reference;

    if (s->git->git_reference_iterator_new(&all, s->vcs->repository) < 0)
        return;
    while (s->git->git_reference_next(&reference, all) >= 0) {
        add_reference(s, reference);
        s->git->git_reference_free(reference);
    }
    s->git->git_reference_iterator_free(all);
}

/* A detached HEAD is on no branch. libgit2 1.5 cannot peel that of another worktree. */
static void add_head(struct search *s, int error, git_reference *head, const char *name)
{
    const git_oid *id;

    if (error < 0)
        return;
    id = s->git->git_reference_target(head);
    if (id)
        add_tip(s, VCS_HEAD, name, id);
    s->git->git_reference_free(head);
}

static void add_heads(struct search *s)
{
    git_repository *repository = s->vcs->repository;
    git_strarray worktrees;
    git_reference *head;
    int error = s->git->git_repository_head(&head, repository);

    if (error >= 0 && str_starts(s->git->git_reference_name(head), branches))
        s->branch = arena_strdup(&s->scratch, s->git->git_reference_name(head) + strlen(branches));
    add_head(s, error, head, "HEAD");
    if (s->git->git_worktree_list(&worktrees, repository) < 0)
        return;
    for (size_t i = 0; i < worktrees.count; i++) {
        error = s->git->git_repository_head_for_worktree(&head, repository, worktrees.strings[i]);
        add_head(s, error, head, arena_printf(&s->scratch, "worktrees/%s/HEAD", worktrees.strings[i]));
    }
    s->git->git_strarray_dispose(&worktrees);
}

/* By kind, and then as they were found: references by name, reflogs by age. */
static void sort_tips(struct search *s)
{
    struct tips sorted = {0};

    for (int kind = 0; kind < VCS_REFS; kind++)
        vec_each(i, &s->tips)
            if ((int)s->tips.v[i].kind == kind)
                vec_push(&s->scratch, &sorted, s->tips.v[i]);
    s->tips = sorted;
}

static bool is_reference(const struct tip *tip)
{
    return tip->kind < VCS_REFLOG;
}

/* A branch that has the file is better than one whose past has it, and that better than a commit that a branch has left. */
static const struct tip *find_tip(struct search *s, struct vcs_found *ret)
{
    const struct tips *tips = &s->tips;

    vec_each(i, tips)
        if (is_reference(&tips->v[i]) && has_file(s, &tips->v[i]) && find_origin(s, &tips->v[i], ret))
            return &tips->v[i];
    vec_each(i, tips) {
        if (!is_reference(&tips->v[i]) || !find_origin(s, &tips->v[i], ret))
            continue;
        ret->is_past = tips->v[i].kind != VCS_STASH; /* a parent of which has the files that were not added */
        return &tips->v[i];
    }
    vec_each(i, tips)
        if (!is_reference(&tips->v[i]) && has_file(s, &tips->v[i]) && find_origin(s, &tips->v[i], ret))
            return &tips->v[i];
    return NULL;
}

static void find_place(struct search *s, const char *commit, struct vcs_found *ret)
{
    const struct tip *tip;
    git_oid id;

    add_references(s);
    add_heads(s);
    add_reflog(s, VCS_REFLOG, "HEAD", "HEAD");
    if (commit && s->git->git_oid_fromstr(&id, commit) >= 0)
        add_tip(s, VCS_NO_REF, "", &id);
    sort_tips(s);
    tip = find_tip(s, ret);
    ret->kind = tip ? tip->kind : VCS_NO_REF;
    ret->is_here = ret->kind == VCS_BRANCH && str_eq(s->branch, tip->name);
    ret->ref = tip && tip->kind != VCS_NO_REF ? ctx_strdup(s->vcs->ctx, tip->name) : NULL;
}

/* ---- the object ---------------------------------------------------------------------------------------- */

/* Only a text whose own id, or that with plain line feeds, is the one that was asked for. */
static bool read_blob(struct search *s, const char *id, struct vcs_found *ret)
{
    struct ctx *ctx = s->vcs->ctx;
    char plain[41], lf[41];
    git_blob *blob;
    size_t size;

    if (s->git->git_oid_fromstr(&s->blob, id) < 0 ||
        s->git->git_blob_lookup(&blob, s->vcs->repository, &s->blob) < 0)
        return false;
    size = (size_t)s->git->git_blob_rawsize(blob);
    if (size <= FS_TEXT_LIMIT) {
        ret->text = arena_strndup(&ctx->arena, s->git->git_blob_rawcontent(blob), size);
        ret->size = size;
        vcs_blob_id(ret->text, size, plain);
        vcs_blob_id_lf(ret->text, size, lf);
    }
    s->git->git_blob_free(blob);
    return size <= FS_TEXT_LIMIT && strlen(ret->text) == size && (str_eq(id, plain) || str_eq(id, lf));
}

bool vcs_find(struct vcs *vcs, const char *blob, const char *commit, struct vcs_found *ret)
{
    struct search s CLEANUP(search_finish) = {.vcs = vcs, .git = &vcs->git};

    *ret = (struct vcs_found){.kind = VCS_NO_REF};
    s.trees.arena = s.seen.arena = &s.scratch;
    if (!git_open(vcs) || !read_blob(&s, blob, ret))
        return false;
    ret->blob = ctx_strdup(vcs->ctx, blob);
    find_place(&s, commit, ret);
    return true;
}

/* ---- what the repository lacks ------------------------------------------------------------------------- */

static int note_promisor(const git_config_entry *entry, void *found)
{
    *(bool *)found |= str_starts(entry->name, "remote.") && str_ends(entry->name, ".promisor");
    return 0;
}

static bool is_partial(struct vcs *vcs)
{
    git_config *config;
    bool found = false;

    if (vcs->git.git_repository_config_snapshot(&config, vcs->repository) < 0)
        return false;
    if (vcs->git.git_config_foreach(config, note_promisor, &found) < 0) /* with a pattern it leaks */
        found = false;
    vcs->git.git_config_free(config);
    return found;
}

void vcs_state(struct vcs *vcs, struct vcs_state *ret)
{
    *ret = (struct vcs_state){.is_open = git_open(vcs)};
    ret->root = vcs->root;
    ret->is_refused = vcs->is_refused;
    if (!ret->is_open)
        return;
    ret->is_shallow = vcs->git.git_repository_is_shallow(vcs->repository) == 1;
    ret->is_partial = is_partial(vcs);
}
