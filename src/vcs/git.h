/* What the files of this directory share: libgit2's functions, and the opened repository. */
#pragma once

#include <git2.h>

#include "cmig/vcs.h"

/* All that is used of libgit2. */
#define GIT_FUNCTIONS(X) \
    X(git_libgit2_init) \
    X(git_libgit2_shutdown) \
    X(git_error_last) \
    X(git_repository_open_ext) \
    X(git_repository_workdir) \
    X(git_repository_config_snapshot) \
    X(git_repository_free) \
    X(git_reference_name_to_id) \
    X(git_commit_lookup) \
    X(git_commit_tree) \
    X(git_commit_free) \
    X(git_revparse_single) \
    X(git_merge_base) \
    X(git_object_id) \
    X(git_repository_is_shallow) \
    X(git_object_peel) \
    X(git_object_free) \
    X(git_tree_entry_byindex) \
    X(git_tree_entry_bypath) \
    X(git_tree_entrycount) \
    X(git_tree_entry_filemode) \
    X(git_tree_entry_free) \
    X(git_tree_entry_id) \
    X(git_tree_entry_name) \
    X(git_tree_id) \
    X(git_tree_lookup) \
    X(git_blob_free) \
    X(git_blob_lookup) \
    X(git_blob_rawcontent) \
    X(git_blob_rawsize) \
    X(git_tree_free) \
    X(git_oid_fmt) \
    X(git_config_open_default) \
    X(git_config_snapshot) \
    X(git_config_get_string) \
    X(git_config_free) \
    X(git_oid_fromstr) \
    X(git_repository_head) \
    X(git_repository_head_for_worktree) \
    X(git_worktree_list) \
    X(git_strarray_dispose) \
    X(git_commit_time) \
    X(git_commit_author) \
    X(git_commit_tree_id) \
    X(git_commit_parentcount) \
    X(git_commit_parent_id) \
    X(git_tree_entry_type) \
    X(git_reference_iterator_new) \
    X(git_reference_next) \
    X(git_reference_iterator_free) \
    X(git_reference_name) \
    X(git_reference_peel) \
    X(git_reference_target) \
    X(git_reference_free) \
    X(git_reflog_read) \
    X(git_reflog_entrycount) \
    X(git_reflog_entry_byindex) \
    X(git_reflog_entry_id_new) \
    X(git_reflog_free) \
    X(git_config_foreach)

struct libgit2 {
    void *handle; /* NULL if the library is part of the program */
#define X(name) __typeof__(name) *name;
    GIT_FUNCTIONS(X)
#undef X
};

enum asked { ASKED_NOT, ASKED_FOUND, ASKED_ABSENT };

struct vcs {
    struct ctx *ctx;
    const char *folder;
    enum asked library, opened;
    struct libgit2 git;
    git_repository *repository;
    git_tree *tree;      /* of HEAD's commit; NULL: no commit yet */
    char commit[41];     /* HEAD's */
    const char *workdir; /* without links, ends with a slash; NULL: a bare repository */
    const char *root;    /* the directory with ".git"; NULL: there is none */
    bool is_refused;     /* since it belongs to another user */
    struct git_mount *mounts;
};

/* Finds libgit2's functions, without initialising it; false: the reason was logged. */
bool git_library_open(struct ctx *ctx, struct libgit2 *ret) ATTR_CHECKED;
void git_library_close(struct libgit2 *library);

/* Loads libgit2 and opens the repository, once; false: there is none, or it cannot be used. */
bool git_open(struct vcs *vcs);
/* The same; that there is none is an error. `ref` is what should be read there. */
bool git_need(struct vcs *vcs, const char *ref) ATTR_CHECKED;
/* The text of libgit2's last error, in the command's arena. */
const char *git_problem(struct vcs *vcs);
/* The tree of a commit, branch or tag, which the caller frees. An error without git, and for an unknown one. */
bool git_ref_tree(struct vcs *vcs, const char *ref, git_tree **ret) ATTR_CHECKED;
/* "Name <mail>" and "2026-11-20" of a commit, in the command's arena; or NULL. */
const char *git_author_of(struct vcs *vcs, git_commit *commit);
const char *git_date_of(struct vcs *vcs, git_commit *commit);
void git_unmount(struct vcs *vcs);
