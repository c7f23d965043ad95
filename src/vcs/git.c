/*
 * What git knows of a file and of the user.
 *
 * libgit2 is opened on the first call, since that costs several milliseconds, and most runs need none. Outside
 * of a repository it is not opened at all.
 */
#include "git.h"

#include <limits.h>
#include <stdlib.h>

/* ---- the library ---- */

static bool load(struct vcs *vcs)
{
    if (vcs->library != ASKED_NOT)
        return vcs->library == ASKED_FOUND;
    vcs->library = ASKED_ABSENT;
    if (!git_library_open(vcs->ctx, &vcs->git))
        return false;
    if (vcs->git.git_libgit2_init() < 0) {
        log_debug(vcs->ctx, "git is not used: libgit2 cannot be initialised");
        return false;
    }
    vcs->library = ASKED_FOUND;
    return true;
}

const char *git_problem(struct vcs *vcs)
{
    const git_error *error = vcs->git.git_error_last();

    return error && error->message ? ctx_strdup(vcs->ctx, error->message) : "no reason given";
}

/* ---- the repository ---- */

/* The directory, this one or above, that contains ".git", without links; or NULL. */
static const char *find_root(struct ctx *ctx, const char *folder)
{
    char real[PATH_MAX];
    const char *path;

    if (!realpath(folder, real))
        return NULL;
    for (path = real;; path = fs_dirname(&ctx->arena, path)) {
        if (fs_exists(fs_join(&ctx->arena, path, ".git")))
            return ctx_strdup(ctx, path);
        if (str_eq(path, "/"))
            return NULL;
    }
}

/* libgit2 would wait for the other end of a FIFO. */
static bool is_readable(struct vcs *vcs, const char *root)
{
    static const char *const files[] = {".git/config", ".git/HEAD", ".git/packed-refs"};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        const char *path = fs_join(&vcs->ctx->arena, root, files[i]);
        const char *problem = fs_exists(path) ? fs_unreadable(vcs->ctx, path) : NULL;

        if (!problem)
            continue;
        log_warn(vcs->ctx, "git is not used: cannot read '%s': %s", path, problem);
        return false;
    }
    return true;
}

/* Repositories of other users are refused, as git does. The error's number is not the same in all releases, and
 * libgit2 1.5 complains, with another one, that nobody has set safe.directory. */
static void note_refusal(struct vcs *vcs, const char *root)
{
    const char *reason = git_problem(vcs);

    vcs->is_refused = strstr(reason, "not owned by") || strstr(reason, "safe.directory");
    if (vcs->is_refused)
        log_info(vcs->ctx,
            "git is not used, since the repository belongs to another user; to trust it: git config "
            "--global "
            "--add safe.directory '%s'",
            root);
    else
        log_debug(vcs->ctx, "git is not used: %s", reason);
}

static void find_commit(struct vcs *vcs)
{
    git_commit *commit;
    git_oid id;

    if (vcs->git.git_reference_name_to_id(&id, vcs->repository, "HEAD") < 0)
        return; /* no commit yet */
    if (vcs->git.git_commit_lookup(&commit, vcs->repository, &id) < 0) {
        log_debug(vcs->ctx, "git: %s", git_problem(vcs));
        return;
    }
    vcs->git.git_oid_fmt(vcs->commit, &id);
    if (vcs->git.git_commit_tree(&vcs->tree, commit) < 0) {
        log_debug(vcs->ctx, "git: %s", git_problem(vcs));
        vcs->tree = NULL;
    }
    vcs->git.git_commit_free(commit);
}

bool git_open(struct vcs *vcs)
{
    char real[PATH_MAX];
    const char *workdir, *root;

    if (vcs->opened != ASKED_NOT)
        return vcs->opened == ASKED_FOUND;
    vcs->opened = ASKED_ABSENT;
    root = vcs->root = find_root(vcs->ctx, vcs->folder);
    if (!root || !is_readable(vcs, root) || !load(vcs))
        return false;
    if (vcs->git.git_repository_open_ext(&vcs->repository, vcs->folder, GIT_REPOSITORY_OPEN_CROSS_FS, NULL) <
        0) {
        note_refusal(vcs, root);
        vcs->repository = NULL;
        return false;
    }
    vcs->opened = ASKED_FOUND;
    workdir = vcs->git.git_repository_workdir(vcs->repository);
    if (workdir && realpath(workdir, real))
        vcs->workdir = ctx_printf(vcs->ctx, "%s%s", real, str_ends(real, "/") ? "" : "/");
    find_commit(vcs);
    return true;
}

struct vcs *vcs_open(struct ctx *ctx, const char *folder)
{
    struct vcs *vcs = ctx_new(ctx, struct vcs);

    vcs->ctx = ctx;
    vcs->folder = ctx_strdup(ctx, folder);
    return vcs;
}

void vcs_close(struct vcs *vcs)
{
    if (!vcs)
        return;
    git_unmount(vcs);
    if (vcs->tree)
        vcs->git.git_tree_free(vcs->tree);
    if (vcs->repository)
        vcs->git.git_repository_free(vcs->repository);
    if (vcs->library == ASKED_FOUND)
        vcs->git.git_libgit2_shutdown();
    git_library_close(&vcs->git);
    *vcs = (struct vcs){.ctx = vcs->ctx, .folder = vcs->folder};
}

/* ---- questions ---- */

/* Compares with what the commit has at the file's place, which may have the line ends as they are here. */
static void look_up(struct vcs *vcs, const char *path, const char *text, size_t size, struct vcs_file *file)
{
    char real[PATH_MAX], id[41] = "", own[41];
    git_tree_entry *entry;

    if (!vcs->tree || !vcs->workdir || !realpath(path, real) || !str_starts(real, vcs->workdir))
        return;
    if (vcs->git.git_tree_entry_bypath(&entry, vcs->tree, real + strlen(vcs->workdir)) < 0)
        return;
    vcs->git.git_oid_fmt(id, vcs->git.git_tree_entry_id(entry));
    vcs->git.git_tree_entry_free(entry);
    file->tracked = true;
    vcs_blob_id(text, size, own);
    if (str_eq(id, own))
        memcpy(file->blob, own, sizeof(own));
    file->modified = !str_eq(id, file->blob);
}

void vcs_file(struct vcs *vcs, const char *path, const char *text, size_t size, struct vcs_file *ret)
{
    *ret = (struct vcs_file){0};
    vcs_blob_id_lf(text, size, ret->blob);
    if (!git_open(vcs))
        return;
    memcpy(ret->commit, vcs->commit, sizeof(ret->commit));
    look_up(vcs, path, text, size, ret);
}

bool git_need(struct vcs *vcs, const char *ref)
{
    if (git_open(vcs))
        return true;
    fail(vcs->ctx, STATUS_FAILED, "cannot read '%s': '%s' is not in a git repository that can be read", ref,
        vcs->folder);
    return fail_hint(vcs->ctx, "Run the command with -v for the reason.");
}

bool git_ref_tree(struct vcs *vcs, const char *ref, git_tree **ret)
{
    git_object *object = NULL, *tree = NULL;
    struct ctx *ctx = vcs->ctx;
    bool ok;

    if (!git_need(vcs, ref))
        return false;
    ok = vcs->git.git_revparse_single(&object, vcs->repository, ref) >= 0 &&
         vcs->git.git_object_peel(&tree, object, GIT_OBJECT_TREE) >= 0;
    if (!ok)
        fail(ctx, STATUS_USAGE, "git does not know '%s': %s", ref, git_problem(vcs));
    if (object)
        vcs->git.git_object_free(object);
    if (!ok)
        return fail_hint(ctx, "Name a branch, tag or commit; 'git fetch' may have to get it first.");
    *ret = (git_tree *)tree;
    return true;
}

bool vcs_select(struct vcs *vcs, const char *ref)
{
    git_tree *tree;

    if (!git_ref_tree(vcs, ref, &tree))
        return false;
    if (vcs->tree)
        vcs->git.git_tree_free(vcs->tree);
    vcs->tree = tree;
    return true;
}

/* The repository's settings, or, outside of one, the user's. They are a snapshot, whose texts last as long. */
static git_config *open_config(struct vcs *vcs)
{
    git_config *config = NULL, *all;

    if (git_open(vcs))
        return vcs->git.git_repository_config_snapshot(&config, vcs->repository) < 0 ? NULL : config;
    if (!load(vcs) || vcs->git.git_config_open_default(&all) < 0)
        return NULL;
    if (vcs->git.git_config_snapshot(&config, all) < 0)
        config = NULL;
    vcs->git.git_config_free(all);
    return config;
}

/* As git does: the environment first. */
static const char *setting(struct vcs *vcs, git_config *config, const char *variable, const char *key)
{
    const char *value = getenv(variable);

    if (value && *value)
        return value;
    if (!config || vcs->git.git_config_get_string(&value, config, key) < 0 || !*value)
        return NULL;
    return ctx_strdup(vcs->ctx, value);
}

const char *vcs_author(struct vcs *vcs)
{
    git_config *config = open_config(vcs);
    const char *name = setting(vcs, config, "GIT_AUTHOR_NAME", "user.name");
    const char *mail = setting(vcs, config, "GIT_AUTHOR_EMAIL", "user.email");

    if (config)
        vcs->git.git_config_free(config);
    if (!name)
        return NULL;
    return mail ? ctx_printf(vcs->ctx, "%s <%s>", name, mail) : ctx_strdup(vcs->ctx, name);
}
