/* Two schemas to the operations that lead from one to the other, in an order that runs. */
#pragma once

#include "cmig/op.h"

/* The note of an operation that fails if a row contains NULL. */
extern const char diff_note_nulls[];
/* The note of a rename that sets a table aside, so that a new one of that name can replace it. */
extern const char diff_note_aside[];

/* An answer of the user: `--rename old=new`. Tables as "old" or "s.old", columns as "table.old". */
struct rename_hint {
    const char *kind; /* "table", "column", "view", "enum", "sequence" or NULL for any */
    const char *from, *to;
};

/* A missing and a new object with the same definition: only the user knows whether it was renamed. */
struct rename_question {
    const char *kind;   /* "table" or "column" */
    struct qname table; /* of a column */
    const char *from, *to;
};
struct rename_questions VEC_OF(struct rename_question *);

struct diff_options {
    const struct naming *naming;
    const struct rename_hint *renames; /* ended by from NULL; may be NULL */
    bool no_rename;                    /* answer every question with drop and add */
    unsigned manages;                  /* MANAGE_… bits: whether owners and grants are compared */
    bool serial_keys;                  /* new integer keys of the models are of type serial */
    bool no_down;                      /* the downgrade is not wanted */
};

/* One thing that differs, for check and diff. */
struct difference {
    const char *text; /* "users.email: type string(80) in the database, string(255) in the models" */
    struct pos pos;   /* in the models, when it is there */
    const char *hint; /* for a difference for which there is no operation */
};
struct differences VEC_OF(struct difference *);

struct diff {
    struct ops up, down;               /* database → models and back */
    struct rename_questions questions; /* unanswered: then up and down hold nothing final */
    struct differences found;
    struct differences refused; /* those of `found`, as errors, for which there is no operation */
};

/* Removes from the models what the user may not read in the database; before diff_pair. */
void diff_leave_hidden(const struct schema *database, struct schema *models);
/*
 * Pairs matching objects before anything is compared: unnamed constraints and indexes of the models with those
 * of the same shape in the database (they take its name), model enum columns with text columns and checks where
 * the dialect has no enums; what stays unnamed gets a name. Both schemas are changed in place and are fully
 * named afterwards, so that diff_schemas works in both directions.
 */
bool diff_pair(struct ctx *ctx, const struct dialect *dialect, const struct diff_options *options,
    struct schema *database, struct schema *models) ATTR_CHECKED;

/*
 * Lists what only the database's own printing can decide: tables (with columns, constraints and indexes) and
 * views of which a native text differs. *ret_models and *ret_database get the same set, as far as each has
 * it. Empty when there is no doubt. Both may be handed to the dialect's normalise and given back to
 * diff_settle.
 */
bool diff_doubts(struct ctx *ctx, const struct dialect *dialect, const struct schema *database,
    const struct schema *models, struct schema *ret_database, struct schema *ret_models) ATTR_CHECKED;
/* Adds to the models' doubts the tables and views that are new or have something new, so that the judge refuses what the
 * database would refuse, with its place. Names are resolved: after diff_pair. */
void diff_news(struct ctx *ctx, const struct dialect *dialect, const struct schema *database,
    const struct schema *models, struct schema *ret);
/* Copies the texts of the normalised tables and views into a schema (by name, column, constraint and index). */
void diff_settle(
    struct ctx *ctx, const struct dialect *dialect, const struct schema *normalised, struct schema *s);

/* That no object which operations drop and create again is one that a table of `from` uses: the database would refuse. */
bool diff_check_remade(struct ctx *ctx, const struct schema *from, const struct ops *ops) ATTR_CHECKED;

/* Gives objects of the database the spelling that they have in the schema that the revisions lead to, with
 * properties that this database cannot tell; for the downgrade. After diff_pair; the database is spelled already. */
void diff_recall(struct ctx *ctx, const struct dialect *dialect, struct schema *replayed,
    const struct schema *models, struct schema *database);

/* The operations from one to the other and what differs. */
bool diff_schemas(struct ctx *ctx, const struct dialect *dialect, const struct diff_options *options,
    struct schema *database, struct schema *models, struct diff *ret) ATTR_CHECKED;
