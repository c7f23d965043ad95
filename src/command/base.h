/* The revisions of the base branch, for the commands that compare with it. */
#pragma once

#include "command.h"

#include "cmig/vcs.h"

/* The revisions of a commit, which are read without a checkout. */
struct base_side {
    const char *folder;   /* of the configuration, in the commit: "origin/main:/server" */
    struct config config; /* only models and migrations */
    struct revisions all; /* with their texts */
    struct map by_id;
};
struct base {
    struct call *c;
    struct vcs *vcs;
    struct vcs_base at;
    struct base_side tip, fork; /* the base branch now, and where this branch left it */
};
/* `ref`: see vcs_find_base(). To be closed in any case; until then the files of both commits can be read. */
bool base_open(struct call *c, const char *ref, struct base *ret) ATTR_CHECKED;
void base_close(struct base *base);
/* The revision with this id in a map that may have labels, too; or NULL. */
const struct revision *base_find(const struct map *by_id, const char *id);
/* The path that the file of such a revision has in the working tree. */
const char *base_path(const struct base *base, const struct revision *r);
