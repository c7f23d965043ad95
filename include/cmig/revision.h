/*
 * Revision files and the graph that they form. Independent of databases.
 *
 * A file's head (the graph keys) is read for every command; its body only for the revisions that run.
 */
#pragma once

#include "cmig/op.h"

struct dialect;

struct revisions VEC_OF(struct revision *);

/* When a revision runs: before a new version of the program is rolled out, or after the last old one is gone. */
enum phase { PHASE_NONE, PHASE_EXPAND, PHASE_CONTRACT };
extern const char *const phase_names[]; /* by phase, "" for none; NULL-ended */

struct revision {
    const char *id;
    struct strings down;       /* down_revision, as written */
    struct strings depends_on; /* as written: ids, partial ids or labels */
    struct strings labels;     /* branch_labels declared here */
    struct strings replaces;   /* ids of the revisions that a baseline stands for, as written */
    const char *message;
    const char *created; /* or NULL */
    const char *author;  /* or NULL */
    const char *path;    /* as found; NULL when it came from the history table */
    const char *text;    /* the file's whole text, when it did not come from `path` */
    struct pos pos, down_pos, depends_pos;
    struct pos up_origin, down_origin; /* where the SQL of `text` was taken from; file NULL: from here */
    int phase;                         /* enum phase */
    bool sql;                          /* an .sql file */
    bool
        from_history; /* `text` comes from the history table or from git: it must not reach beyond the database */
    bool from_git; /* it is a file of the repository, of another commit */
    /* filled by graph_build: */
    size_t order;                       /* place in load order */
    struct revisions parents, children; /* by down_revision */
    /* by depends_on, normalised: without what an ancestor declares */
    struct revisions dependencies, dependents;
    struct revisions all_dependencies; /* by depends_on as written */
    struct strings all_labels;         /* propagated along the branch, sorted */
};

struct graph {
    struct revisions all; /* load order: locations as configured, file names sorted */
    struct map by_id;     /* ids and branch labels */
};

/* The heads of all revision files in the directories, in load order; directories below that are `skipped` are not read. A
 * directory that is missing is an error with a hint; a .yaml, .yml or .sql file without the key `revision` is
 * an error with its place. */
bool revisions_load(struct ctx *ctx, const struct strings *folders, const struct strings *skipped,
    bool recursive, struct revisions *ret) ATTR_CHECKED;
/* One file's head, from its text. */
bool revision_parse_head(
    struct ctx *ctx, const char *path, const char *text, size_t size, struct revision *ret) ATTR_CHECKED;
/* Links, labels, and the checks: an id used twice, a missing parent, a cycle, a label used twice … are errors
 * that name the files. Iterative: a chain of any depth is fine. */
bool graph_build(struct ctx *ctx, const struct revisions *revisions, struct graph *ret) ATTR_CHECKED;

/* The baseline that stands for this id, which has no file; NULL: there is none. */
struct revision *graph_replacing(const struct graph *g, const char *id);

/* The operations of a file. */
struct revision_body {
    struct ops upgrade, downgrade;
    bool has_downgrade;  /* the key is there; an empty list is a deliberate no-op */
    bool outside;        /* transaction: false */
    struct strings only; /* what the whole revision is for; empty: every place */
    const char *text;    /* the file's */
    size_t size;
};
/* Reads the whole file. Operations that are not for `to` are left out. Their texts keep the variants by
 * dialect. .sql files give one execute per direction, with the place of its text's first byte in text_pos: line
 * n of the text is line text_pos.line + n - 1 of the file. */
bool revision_body(struct ctx *ctx, const struct revision *r, const struct audience *to,
    struct revision_body *ret) ATTR_CHECKED;

/* Whether two texts of a revision file do the same: comments, line ends and the end of the file do not count. */
bool revision_text_same(struct ctx *ctx, const char *path, const char *a, const char *b);

/* Whether two files do the same, though perhaps after other revisions, or under another id or message. */
bool revision_operations_same(
    struct ctx *ctx, const char *path_a, const char *a, const char *path_b, const char *b);
/* The same of their upgrades only. */
bool revision_upgrades_same(
    struct ctx *ctx, const char *path_a, const char *a, const char *path_b, const char *b);

/* "1f3a9c2b7d4e 'add users'", or the id alone if the revision has no message: for messages. */
char *revision_title(struct arena *a, const struct revision *r);

/* ---- which revisions --------------------------------------------------------------------------------- */

bool revision_is_head(const struct revision *r);      /* no child by down_revision */
bool revision_is_real_head(const struct revision *r); /* and nothing depends on it */
void graph_heads(struct ctx *ctx, const struct graph *g, struct revisions *ret); /* load order */
void graph_bases(struct ctx *ctx, const struct graph *g, struct revisions *ret);
/* Ancestors of the given ones, themselves included; over depends_on too when asked. Marks by revision->order.
 */
void graph_ancestors(
    struct ctx *ctx, const struct graph *g, const struct revisions *of, bool dependencies, bool **ret_marks);
/* What `current` shows: of all that the version rows imply, dependencies too, the revisions without an applied
 * child by down_revision, in load order. A row may be missing for such a one: another row depends on it. */
void graph_current(
    struct ctx *ctx, const struct graph *g, const struct revisions *rows, struct revisions *ret);
/* Newest first, in the order that `history` prints and steps run backwards; always true. */
bool graph_sorted(struct ctx *ctx, const struct graph *g, const struct revisions *heads,
    struct revisions *ret) ATTR_CHECKED;
/* The given ones and all that they need, over depends_on too, oldest first: the order in which steps run forwards. */
void graph_below(struct ctx *ctx, const struct graph *g, const struct revisions *of, struct revisions *ret);

/* An id, the beginning of an id or label of four characters or more, a label, `head`, `heads`, `base` (gives
 * nothing), `label@…`, `sym+N`, `sym-N`; several of them parted by blanks. `current` rows (or NULL) give
 * meaning to `current`, `+N` and `-N`. Unknown: STATUS_FAILED with the nearest id; ambiguous: an error that
 * lists the candidates. */
bool graph_resolve(struct ctx *ctx, const struct graph *g, const struct revisions *current,
    const char *symbol, struct revisions *ret) ATTR_CHECKED;
/* The version rows of a database as revisions, in load order; an id that is not among the files is STATUS_UNKNOWN_REVISION
 * with a hint, which differs for an id that a baseline replaces. */
bool graph_rows(
    struct ctx *ctx, const struct graph *g, const struct strings *rows, struct revisions *ret) ATTR_CHECKED;
/* "low:high", newest first, both included. Either may be left out. A high `+N` counts from low, a low `-N` from
 * high. */
bool graph_range(struct ctx *ctx, const struct graph *g, const struct revisions *current, const char *text,
    struct revisions *ret) ATTR_CHECKED;

/* ---- plans ------------------------------------------------------------------------------------------- */

enum direction { DIRECTION_UP, DIRECTION_DOWN, DIRECTION_STAMP };

/* A change of the version table's rows. */
struct row_move {
    const char *from, *to; /* NULL: insert, delete */
};
struct row_moves VEC_OF(struct row_move);

struct step {
    enum direction direction;
    const struct revision *revision; /* STAMP: the revision arrived at, NULL for base */
    struct row_moves moves;
    bool extra; /* the target did not name it: a dependency, or a reverted dependent */
};
struct plan {
    struct step *v;
    size_t n;
    struct strings rows;      /* version rows afterwards, sorted */
    struct revisions waiting; /* of plan_phase(): the pending ones that are not in it, oldest first */
};

bool plan_upgrade(struct ctx *ctx, const struct graph *g, const struct strings *rows, const char *target,
    struct plan *ret) ATTR_CHECKED;
/* The same of one phase: only its pending revisions, as far as none that is pending and not in the plan comes before them.
 * A revision without a phase belongs to PHASE_EXPAND. PHASE_NONE: all. */
bool plan_phase(struct ctx *ctx, const struct graph *g, const struct strings *rows, const char *target,
    enum phase phase, struct plan *ret) ATTR_CHECKED;
bool plan_downgrade(struct ctx *ctx, const struct graph *g, const struct strings *rows, const char *target,
    struct plan *ret) ATTR_CHECKED;
/* Reverts all applied revisions that have no file here, and what descends from them or depends on them. */
bool plan_revert_lost(
    struct ctx *ctx, const struct graph *g, const struct strings *rows, struct plan *ret) ATTR_CHECKED;
/* The step of one revision: up, its parents and dependencies must be applied and itself not; down, it must be applied and
 * none of its descendants. */
bool plan_one(struct ctx *ctx, const struct graph *g, const struct strings *rows, const struct revision *r,
    enum direction direction, struct plan *ret) ATTR_CHECKED;
/* With purge the rows are not read: the first step deletes all of them, also those of unknown revisions. */
bool plan_stamp(struct ctx *ctx, const struct graph *g, const struct strings *rows,
    const struct strings *targets, bool purge, struct plan *ret) ATTR_CHECKED;

/* ---- new files --------------------------------------------------------------------------------------- */

struct revision_new {
    const char *id; /* NULL: a new random one, 12 hexadecimal digits */
    struct strings down, depends_on, labels, replaces;
    struct strings only; /* what the whole revision is for */
    int phase;           /* enum phase */
    const char *message;
    const char *author;                    /* or NULL */
    const struct ops *upgrade, *downgrade; /* downgrade NULL: the file cannot be downgraded */
    bool sql;                              /* write an .sql file; `sql_up`, `sql_down` hold its texts */
    bool outside;                          /* transaction: false */
    const char *note;                      /* a comment for the end of the file; or NULL */
    const char *sql_up, *sql_down;
    const char *folder;
    const char *file_template; /* "{rev}_{slug}" */
    size_t slug_length;        /* of {slug}; 0: 40 bytes */
    const char *template_text; /* the project's form of a file; NULL: the built-in one */
    const char *template_path; /* where it was read */
};
/* Refuses ids and labels that are taken or malformed before anything is written; then writes the file and
 * gives its path. */
bool revision_write(struct ctx *ctx, const struct graph *g, const struct revision_new *n,
    const char **ret_path, const char **ret_id) ATTR_CHECKED;
/* A random id that no revision has. */
bool revision_new_id(struct ctx *ctx, const struct graph *g, const char **ret_id) ATTR_CHECKED;
/* The text that revision_write writes. */
const char *revision_text(struct ctx *ctx, const struct revision_new *n);
/* A slug of a message: lower-case words joined by "_", at most `limit` bytes; 0: 40. */
char *revision_slug(struct arena *a, const char *message, size_t limit);

/* ---- other parents ------------------------------------------------------------------------------------- */

/* A revision that gets other parents. */
struct reparenting {
    struct revision *revision;
    struct strings parents;
};
struct reparentings VEC_OF(struct reparenting);
/* Puts the revisions that are not of the base, marked by revision->order, after the heads of those that are; oldest first.
 * Those that have the right parents are left out. */
bool graph_rebase(
    struct ctx *ctx, const struct graph *g, const bool *is_base, struct reparentings *ret) ATTR_CHECKED;
/* The text of a revision file with other parents; all else in it, also comments, stays as it is. */
bool revision_reparent(struct ctx *ctx, const char *path, const char *text, const struct strings *parents,
    const char **ret) ATTR_CHECKED;

extern const struct record revision_record; /* a revision file in YAML */
/* The JSON Schema of a revision file. */
struct node *revision_json_schema(struct arena *a);
