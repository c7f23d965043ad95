/* What version control knows of a file. libgit2 is loaded on the first call, and may be absent. */
#pragma once

#include "cmig/base.h"

struct vcs_file {
    char blob[41];   /* git's id of the text, computed with or without a repository */
    char commit[41]; /* HEAD's, or "" */
    bool tracked;    /* the commit has the file */
    bool modified;   /* and it differs there */
};

/* A repository, opened once and queried for many files. Never fails: what cannot be known stays empty, with at
 * most one note (LOG_DEBUG; LOG_INFO for a repository that refuses its owner). */
struct vcs;
struct vcs *vcs_open(struct ctx *ctx, const char *folder);
void vcs_close(struct vcs *vcs);
void vcs_file(struct vcs *vcs, const char *path, const char *text, size_t size, struct vcs_file *ret);
/* Lets vcs_file() compare with this commit, branch or tag instead of HEAD. An error without git, and for an unknown one. */
bool vcs_select(struct vcs *vcs, const char *ref) ATTR_CHECKED;
/* What a branch will be merged into. */
struct vcs_base {
    const char *name;    /* "origin/main" */
    char tip[41];        /* its commit */
    char merge_base[41]; /* the commit from which it and HEAD descend */
};
/* `ref`: a branch, tag or commit, or "auto": the target branch in the variables of the CI system, else the default branch of
 * origin. That there is no common commit is an error, with a remedy for a shallow clone. */
bool vcs_find_base(struct vcs *vcs, const char *ref, struct vcs_base *ret) ATTR_CHECKED;
/* Lets fs_read() and the functions beside it read the files of a commit, branch or tag, until vcs_close(): paths below
 * *ret_folder, "main:/server/db", are those of the commit below `folder`, which is a directory of the working tree. So
 * config_load() and all that follows from it read the project as it was. Errors as vcs_select(), and for a directory outside
 * of the working tree. The name `ref` is a part of all paths that are printed. */
bool vcs_mount(struct vcs *vcs, const char *ref, const char *folder, const char **ret_folder) ATTR_CHECKED;

/* What refers to a commit, from the most to the least helpful. */
enum vcs_ref {
    VCS_BRANCH,
    VCS_REMOTE_BRANCH,
    VCS_TAG,
    VCS_HEAD, /* detached, here or in another worktree */
    VCS_STASH,
    VCS_OTHER_REF,
    VCS_REFLOG,
    VCS_NO_REF,
    VCS_REFS
};
/* A file that was found by its id. */
struct vcs_found {
    const char *blob, *text;
    size_t size;
    enum vcs_ref kind;
    /* "feature", "origin/feature", "stash@{0}", "HEAD@{3}"; NULL: nothing refers to a commit that has it */
    const char *ref;
    bool is_here; /* the branch is checked out */
    bool is_past; /* the reference's commit no longer has the file */
    /* of the first commit that has the file; NULL: none that is known has it. The path is relative to the repository. */
    const char *commit, *author, *date, *path;
};
/* Looks for an object with this id, reachable or not, and for a commit with it. `commit`: one more that may have it, or
 * NULL. False: the repository does not have the object, or cannot be read. */
bool vcs_find(struct vcs *vcs, const char *blob, const char *commit, struct vcs_found *ret);
/* Why a repository may lack an object. */
struct vcs_state {
    bool is_open, is_shallow, is_partial;
    bool is_refused;  /* it belongs to another user */
    const char *root; /* NULL: the directory is in no repository */
};
void vcs_state(struct vcs *vcs, struct vcs_state *ret);

/* The commit below HEAD that added a file: the oldest, if several did. */
struct vcs_origin {
    const char *path;                   /* of the file; NULL: nothing is looked for */
    const char *commit, *author, *date; /* NULL: not known */
    int64_t time;                       /* of the commit, in seconds since 1970 */
};
/* Reads the history once for all files, whose paths are set. Never fails. */
void vcs_origins(struct vcs *vcs, struct vcs_origin *files, size_t n);

/* "Name <mail>" of who works here, or NULL. */
const char *vcs_author(struct vcs *vcs);
/* git's blob id of a text: SHA-1 over "blob <size>\0<text>". */
void vcs_blob_id(const char *text, size_t size, char ret[41]);
/* The same of the text with a line feed for each carriage return and line feed, as git stores it with core.autocrlf. */
void vcs_blob_id_lf(const char *text, size_t size, char ret[41]);
