/*
 * A static site that documents a schema: a page for each object and each revision, diagrams and a search.
 *
 * The pages need no server and no network. The same schema gives the same bytes.
 */
#pragma once

#include "cmig/migrate.h"

struct site_source {
    const char *title;
    const struct schema *schema; /* as migrate_inspect() reads it */
    const struct dialect *dialect;
    const struct graph *graph;        /* NULL: the site has no revisions */
    struct revisions revisions;       /* those that the site shows, newest first */
    const struct traceds *changes;    /* what they changed, oldest first; NULL: not known */
    struct strings environments;      /* that operations may be limited to */
    const struct vcs_origin *origins; /* of the revision files, by revision->order; NULL: not known */
};
/* The files of the site, in the order in which they are written. */
bool site_build(struct ctx *ctx, const struct site_source *source, struct fs_files *ret) ATTR_CHECKED;

struct site_result {
    struct strings written, removed; /* paths relative to the directory */
    size_t unchanged;
};
/* Checks that the directory is missing, empty, or contains a site; hidden files do not count. */
bool site_check(struct ctx *ctx, const char *folder) ATTR_CHECKED;
/* Makes the directory contain these files, and removes the files of an earlier site that are not among them. */
bool site_write(
    struct ctx *ctx, const char *folder, const struct fs_files *files, struct site_result *ret) ATTR_CHECKED;
