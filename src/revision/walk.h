/* Shared by the files of this directory: ids, marks over a graph, its order, and symbols. */
#pragma once

#include "cmig/revision.h"

/* Why a text cannot be a revision id (or branch label), or NULL. */
const char *id_problem(const char *id);
/* "1f3a9c2b7d4e (add users)": a revision in a message; the first line of its own message. */
char *revision_label(struct arena *a, const struct revision *r);
/* Adds a line for each revision below an error, at most ten. */
void fail_candidates(struct ctx *ctx, const struct revisions *candidates);

/* ---- marks: a bool for each revision, by its place in load order ---------------------------------------- */

bool *marks_new(struct arena *a, const struct graph *g);
/* These and all above or below them, over down_revision, or over depends_on too. Marks are added. */
void mark_ancestors(
    struct arena *scratch, const struct graph *g, const struct revisions *of, bool dependencies, bool *marks);
void mark_descendants(
    struct arena *scratch, const struct graph *g, const struct revisions *of, bool dependencies, bool *marks);
/* One with its ancestors and descendants. */
void mark_lineage(
    struct arena *scratch, const struct graph *g, struct revision *of, bool dependencies, bool *marks);
/* The list itself as marks. */
void mark_list(const struct revisions *list, bool *marks);
void revisions_add(struct ctx *ctx, struct revisions *list, struct revision *r); /* once */
bool revisions_have(const struct revisions *list, const struct revision *r);
struct revisions revisions_marked(struct ctx *ctx, const struct revisions *list, const bool *marks);
/* An error when one of the list is an ancestor of another. `what` names the list: "target". */
bool refuse_overlap(
    struct ctx *ctx, const struct graph *g, const struct revisions *list, const char *what) ATTR_CHECKED;

/* The wanted ones among `heads` and their ancestors, newest first. */
void graph_sort(struct ctx *ctx, const struct graph *g, const bool *wanted, const struct revisions *heads,
    struct revisions *ret);
/* Ancestors before descendants, over all links; an error when there is a cycle. */
bool graph_order(
    struct ctx *ctx, const struct graph *g, struct arena *scratch, struct revision ***ret_order) ATTR_CHECKED;

/* ---- symbols -------------------------------------------------------------------------------------------- */

/* "branch@name+2", taken apart. */
struct symbol {
    const char *text;
    const char *branch; /* NULL: none */
    const char *name;   /* NULL: none was written */
    bool relative;
    long steps;
};
void symbol_parse(struct ctx *ctx, const char *text, struct symbol *ret);
/* Words of a target: ids contain no blanks. */
void symbol_words(struct ctx *ctx, const char *text, struct strings *ret);
/* Where a branch is anchored: the revision that its label, or id, means. */
bool symbol_branch(
    struct ctx *ctx, const struct graph *g, const struct symbol *s, struct revision **ret) ATTR_CHECKED;
/* *ret_base: the revision without parents below which steps led, so that *ret is empty; NULL when they did not. */
bool symbol_resolve(struct ctx *ctx, const struct graph *g, const struct revisions *current,
    const struct symbol *s, struct revisions *ret, struct revision **ret_base) ATTR_CHECKED;
/* So many links down from a revision, inside a branch when one is named; not below one without parents. */
bool symbol_walk_down(struct ctx *ctx, const struct graph *g, const struct symbol *s, struct revision *from,
    struct revision **ret) ATTR_CHECKED;
