/*
 * Reads the files of a commit as if they were on the disk.
 */
#include "git.h"

#include <limits.h>
#include <stdlib.h>

enum { LINKS_MAX = 40 }; /* as the system: links that lead to links */

struct git_mount {
    struct fs_mount files;
    struct vcs *vcs;
    git_tree *tree;
    struct git_mount *next;
};

/* ---- paths ---- */

/* What a link contains; NULL: it cannot be read. */
static const char *read_link(struct git_mount *m, const git_tree_entry *entry)
{
    struct libgit2 *git = &m->vcs->git;
    const char *ret = NULL;
    git_blob *blob;

    if (git->git_blob_lookup(&blob, m->vcs->repository, git->git_tree_entry_id(entry)) < 0)
        return NULL;
    ret = arena_strndup(
        &m->vcs->ctx->arena, git->git_blob_rawcontent(blob), (size_t)git->git_blob_rawsize(blob));
    git->git_blob_free(blob);
    return ret;
}

/* What a path leads to, links followed: FS_DIR or FS_FILE with its id; the root has none. */
static enum fs_kind find(struct git_mount *m, const char *path, git_oid *ret)
{
    struct ctx *ctx = m->vcs->ctx;
    struct libgit2 *git = &m->vcs->git;
    git_filemode_t mode = GIT_FILEMODE_LINK;

    for (int links = 0; mode == GIT_FILEMODE_LINK && links < LINKS_MAX; links++) {
        git_tree_entry *entry;

        path = fs_clean(&ctx->arena, path);
        if (str_starts(path, ".."))
            return FS_ABSENT;
        if (!*path) {
            *ret = *git->git_tree_id(m->tree);
            return FS_DIR;
        }
        if (git->git_tree_entry_bypath(&entry, m->tree, path) < 0)
            return FS_ABSENT;
        mode = git->git_tree_entry_filemode(entry);
        *ret = *git->git_tree_entry_id(entry);
        if (mode == GIT_FILEMODE_LINK) {
            const char *target = read_link(m, entry);

            path =
                target && *target != '/' ? fs_join(&ctx->arena, fs_dirname(&ctx->arena, path), target) : NULL;
        }
        git->git_tree_entry_free(entry);
        if (!path)
            return FS_ABSENT;
    }
    if (mode == GIT_FILEMODE_TREE)
        return FS_DIR;
    return mode == GIT_FILEMODE_BLOB || mode == GIT_FILEMODE_BLOB_EXECUTABLE ? FS_FILE : FS_ABSENT;
}

/* ---- the mount's functions ---- */

static enum fs_kind mount_kind(void *data, const char *path)
{
    git_oid id;

    return find(data, path, &id);
}

static const char *mount_read(
    void *data, struct arena *a, const char *path, char **ret_text, size_t *ret_size)
{
    struct git_mount *m = data;
    struct libgit2 *git = &m->vcs->git;
    git_blob *blob;
    git_oid id;

    if (find(m, path, &id) != FS_FILE)
        return "no such file";
    if (git->git_blob_lookup(&blob, m->vcs->repository, &id) < 0)
        return git_problem(m->vcs);
    *ret_size = (size_t)git->git_blob_rawsize(blob);
    *ret_text = arena_alloc(a, *ret_size + 1);
    memcpy(*ret_text, git->git_blob_rawcontent(blob), *ret_size);
    (*ret_text)[*ret_size] = '\0';
    git->git_blob_free(blob);
    return NULL;
}

static const char *mount_list(void *data, const char *path, struct strings *ret_names)
{
    struct git_mount *m = data;
    struct libgit2 *git = &m->vcs->git;
    git_tree *tree;
    git_oid id;

    if (find(m, path, &id) != FS_DIR)
        return "no such directory";
    if (git->git_tree_lookup(&tree, m->vcs->repository, &id) < 0)
        return git_problem(m->vcs);
    for (size_t i = 0; i < git->git_tree_entrycount(tree); i++)
        vec_add(m->vcs->ctx, ret_names,
            ctx_strdup(m->vcs->ctx, git->git_tree_entry_name(git->git_tree_entry_byindex(tree, i))));
    git->git_tree_free(tree);
    return NULL;
}

/* ---- mounting ---- */

/* The path of a directory within the repository, which may be gone from the disk. */
static const char *place_of(struct vcs *vcs, const char *folder)
{
    char real[PATH_MAX];
    const size_t n = strlen(vcs->workdir);

    if (!realpath(folder, real))
        return NULL;
    if (strlen(real) + 1 == n && strncmp(real, vcs->workdir, n - 1) == 0)
        return "";
    return str_starts(real, vcs->workdir) ? ctx_strdup(vcs->ctx, real + n) : NULL;
}

bool vcs_mount(struct vcs *vcs, const char *ref, const char *folder, const char **ret_folder)
{
    struct ctx *ctx = vcs->ctx;
    struct git_mount *m;
    const char *place;
    git_tree *tree;

    if (!git_ref_tree(vcs, ref, &tree))
        return false;
    place = vcs->workdir ? place_of(vcs, folder) : NULL;
    if (!place) {
        vcs->git.git_tree_free(tree);
        return fail(ctx, STATUS_FAILED, "cannot read '%s': '%s' is not in the repository's working tree", ref,
            folder);
    }
    m = ctx_new(ctx, struct git_mount);
    *m = (struct git_mount){
        .files = {.prefix = ctx_printf(ctx, "%s:/", ref),
            .data = m,
            .kind = mount_kind,
            .read = mount_read,
            .list = mount_list},
        .vcs = vcs,
        .tree = tree,
        .next = vcs->mounts,
    };
    vcs->mounts = m;
    fs_mount_add(ctx, &m->files);
    *ret_folder = ctx_printf(ctx, "%s%s", m->files.prefix, place);
    return true;
}

void git_unmount(struct vcs *vcs)
{
    for (struct git_mount *m = vcs->mounts; m; m = m->next) {
        fs_mount_remove(vcs->ctx, &m->files);
        vcs->git.git_tree_free(m->tree);
    }
    vcs->mounts = NULL;
}
