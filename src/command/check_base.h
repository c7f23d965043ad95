/* check --base: what a merge with the base branch will bring. */
#pragma once

#include "base.h"
#include "lint_files.h"

struct base_options {
    const char *ref;     /* see vcs_find_base() */
    const char *dialect; /* NULL: that of the URL */
    enum lint_format format;
};
/* Prints findings, and fails with STATUS_FOUND if one of them is an error. */
bool check_base(struct call *c, const struct base_options *options) ATTR_CHECKED;

/* ---- for the files of this check ---- */

/* Findings of this check, beside lint's. */
enum base_rule {
    BASE_EDITED,
    BASE_RENAMED,
    BASE_REMOVED,
    BASE_SAME_ID,
    BASE_HEADS,
    BASE_INVALID,
    BASE_FAILS,
    BASE_MODELS,
};

struct base_check {
    struct call *c;
    struct ctx *ctx;
    const struct base_options *options;
    const struct dialect *dialect;
    bool is_guessed; /* the dialect: neither an option nor a URL names one */
    struct base base;
    struct project server;   /* its connection reads models in SQL; closed at the end */
    struct graph merged;     /* what the merge will contain; empty if it is invalid */
    struct revisions ours;   /* of `merged`: those that only this branch has */
    struct revisions theirs; /* and those that only the base branch has, since this one left it */
    struct findings found;
};
void base_add(struct base_check *b, enum base_rule rule, const struct revision *r, struct pos pos,
    const char *hint, const char *fmt, ...) ATTR_FORMAT(6, 7);
/* The text of a file in the working tree; "" if it cannot be read. */
const char *base_own_text(struct base_check *b, const struct revision *r);
/* Compares the files of this branch with those of the base. */
void base_check_files(struct base_check *b);
/* Whether the revisions of both branches can be applied in either order, as far as their operations tell. */
bool base_check_order(struct base_check *b, enum tri *ret) ATTR_CHECKED;
/* Applies the revisions of a graph in memory, as far as they are known. */
bool base_replay(struct base_check *b, const struct graph *graph, struct lint_replay *ret) ATTR_CHECKED;
/* Whether the revisions of this branch can be applied, here and after the merge. */
bool base_check_replay(struct base_check *b) ATTR_CHECKED;
/* Whether the models changed in another way than the revisions. */
bool base_check_models(struct base_check *b) ATTR_CHECKED;
