/*
 * Finds the commits that added files.
 *
 * The commits below HEAD are read once for all files. Only where a directory differs from that of every parent are its
 * names compared.
 */
#include "git.h"

#include <limits.h>
#include <stdlib.h>

enum { COMMITS = 100000 }; /* read at most */

/* The files of one directory. */
struct folder {
    const char *path; /* within the repository; "" is its root */
    struct map files; /* by name: a struct vcs_origin */
};

struct walk {
    struct vcs *vcs;
    struct libgit2 *git;
    struct arena scratch;
    struct VEC_OF(struct folder *) folders;
    struct map by_path; /* to a struct folder */
    struct map seen;    /* ids of commits that were read, or are about to be */
    struct VEC_OF(git_oid) open;
    const git_oid *commit; /* that is being read */
};

static void walk_finish(struct walk *w)
{
    arena_finish(&w->scratch);
}

static void add_file(struct walk *w, struct vcs_origin *file)
{
    char real[PATH_MAX];

    if (!file->path || !w->vcs->workdir || !realpath(file->path, real) || !str_starts(real, w->vcs->workdir))
        return;
    const char *path = arena_strdup(&w->scratch, real + strlen(w->vcs->workdir));
    const char *dir = strchr(path, '/') ? fs_dirname(&w->scratch, path) : "";
    struct folder *folder = map_get(&w->by_path, dir);

    if (!folder) {
        folder = arena_new(&w->scratch, struct folder);
        *folder = (struct folder){.path = dir, .files.arena = &w->scratch};
        map_set(&w->by_path, dir, folder);
        vec_push(&w->scratch, &w->folders, folder);
    }
    map_set(&folder->files, fs_basename(path), file);
}

static void open_commit(struct walk *w, const git_oid *id)
{
    char *key = arena_alloc(&w->scratch, 41);

    w->git->git_oid_fmt(key, id);
    if (map_get(&w->seen, key))
        return;
    map_set(&w->seen, key, key);
    vec_push(&w->scratch, &w->open, *id);
}

/* The tree of a directory in a commit; false: the commit does not have it. */
static bool folder_tree(struct walk *w, const struct folder *folder, const git_oid *root, git_oid *ret)
{
    git_tree_entry *entry;
    git_tree *tree;
    bool found;

    *ret = *root;
    if (!*folder->path)
        return true;
    if (w->git->git_tree_lookup(&tree, w->vcs->repository, root) < 0)
        return false;
    found = w->git->git_tree_entry_bypath(&entry, tree, folder->path) >= 0;
    if (found) {
        *ret = *w->git->git_tree_entry_id(entry);
        w->git->git_tree_entry_free(entry);
    }
    w->git->git_tree_free(tree);
    return found;
}

static void note_origin(struct walk *w, struct vcs_origin *file, git_commit *commit)
{
    const int64_t time = w->git->git_commit_time(commit);
    char id[41] = "";

    if (file->commit && file->time <= time)
        return;
    w->git->git_oid_fmt(id, w->commit);
    file->time = time;
    file->commit = ctx_strdup(w->vcs->ctx, id);
    file->author = git_author_of(w->vcs, commit);
    file->date = git_date_of(w->vcs, commit);
}

/* Notes the files of a directory that are not among these names, or, without a commit, adds the names. */
static void read_names(
    struct walk *w, const struct folder *folder, const git_oid *id, struct map *names, git_commit *commit)
{
    git_tree *tree;

    if (w->git->git_tree_lookup(&tree, w->vcs->repository, id) < 0)
        return;
    for (size_t i = 0, n = w->git->git_tree_entrycount(tree); i < n; i++) {
        const char *name = w->git->git_tree_entry_name(w->git->git_tree_entry_byindex(tree, i));
        struct vcs_origin *file = map_get(&folder->files, name);

        if (!file)
            continue;
        if (!commit)
            map_set(names, arena_strdup(names->arena, name), file);
        else if (!map_get(names, name))
            note_origin(w, file, commit);
    }
    w->git->git_tree_free(tree);
}

/* Files of the directory that no parent of the commit has. */
static void read_folder(struct walk *w, const struct folder *folder, git_commit *commit)
{
    struct arena scratch CLEANUP(arena_finish) = {0};
    struct map before = {.arena = &scratch};
    git_oid own, theirs;

    if (!folder_tree(w, folder, w->git->git_commit_tree_id(commit), &own))
        return;
    for (unsigned i = 0, n = w->git->git_commit_parentcount(commit); i < n; i++) {
        git_commit *parent;
        bool found;

        if (w->git->git_commit_lookup(&parent, w->vcs->repository, w->git->git_commit_parent_id(commit, i)) <
            0)
            return; /* a shallow clone ends here: what the commit added is not known */
        found = folder_tree(w, folder, w->git->git_commit_tree_id(parent), &theirs);
        w->git->git_commit_free(parent);
        if (found && memcmp(&own, &theirs, sizeof(own)) == 0)
            return;
        if (found)
            read_names(w, folder, &theirs, &before, NULL);
    }
    read_names(w, folder, &own, &before, commit);
}

static void read_commit(struct walk *w, const git_oid *id)
{
    git_commit *commit;

    if (w->git->git_commit_lookup(&commit, w->vcs->repository, id) < 0)
        return;
    w->commit = id;
    vec_each(i, &w->folders)
        read_folder(w, w->folders.v[i], commit);
    for (unsigned i = 0, n = w->git->git_commit_parentcount(commit); i < n; i++)
        open_commit(w, w->git->git_commit_parent_id(commit, i));
    w->git->git_commit_free(commit);
}

void vcs_origins(struct vcs *vcs, struct vcs_origin *files, size_t n)
{
    struct walk w CLEANUP(walk_finish) = {.vcs = vcs, .git = &vcs->git};
    git_oid head;

    w.by_path.arena = w.seen.arena = &w.scratch;
    if (!git_open(vcs) || !*vcs->commit || vcs->git.git_oid_fromstr(&head, vcs->commit) < 0)
        return;
    for (size_t i = 0; i < n; i++)
        add_file(&w, &files[i]);
    if (w.folders.n)
        open_commit(&w, &head);
    for (size_t i = 0; i < w.open.n && i < COMMITS && !ctx_interrupted(vcs->ctx); i++) {
        const git_oid id = w.open.v[i];

        read_commit(&w, &id);
    }
}
