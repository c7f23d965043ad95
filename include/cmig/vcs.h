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
/* Lets fs_read() and the functions beside it read the files of a commit, branch or tag, until vcs_close(): paths below
 * *ret_folder, "main:/server/db", are those of the commit below `folder`, which is a directory of the working tree. So
 * config_load() and all that follows from it read the project as it was. Errors as vcs_select(), and for a directory outside
 * of the working tree. The name `ref` is a part of all paths that are printed. */
bool vcs_mount(struct vcs *vcs, const char *ref, const char *folder, const char **ret_folder) ATTR_CHECKED;
/* "Name <mail>" of who works here, or NULL. */
const char *vcs_author(struct vcs *vcs);
/* git's blob id of a text: SHA-1 over "blob <size>\0<text>". */
void vcs_blob_id(const char *text, size_t size, char ret[41]);
/* The same of the text with a line feed for each carriage return and line feed, as git stores it with core.autocrlf. */
void vcs_blob_id_lf(const char *text, size_t size, char ret[41]);
