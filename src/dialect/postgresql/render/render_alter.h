/* One alter_column on its way, for the files that render it. */
#pragma once

#include "dialect/postgresql/render/render.h"

/* The actions are those of one ALTER TABLE, which rewrites the table at most once. */
struct altering {
    const struct op_alter_column *o;
    struct column_now now;
    struct column wanted; /* type and default, where given */
    struct sql actions;
    bool is_serial;     /* the wanted type is serial */
    bool gives_default; /* a default, or no default, which is implied for serial */
    bool is_recreated;  /* with all its wanted properties */
};

void altering_add(struct altering *w, const char *action);
/* Adds the statement for the actions so far. */
void altering_flush(struct rendering *r, struct altering *w);

/* What a new type, collation or `using` makes of a column. */
struct retyping {
    struct column_now now;
    const char *type, *collation; /* collation NULL: the type's own */
    const char *conversion;       /* of a value, as SQL that names the column */
    const char *dflt;             /* the present default, for the new type; NULL: none */
    bool is_serial;               /* the new type is serial */
};
bool pg_render_retyping(
    struct rendering *r, const struct op_alter_column *o, struct retyping *ret) ATTR_CHECKED;

/* ---- numbering (render_numbering.c) ------------------------------------------------------------------- */

/* Changes of an identity that must come before those of type and default. */
void pg_render_leave_identity(struct rendering *r, struct altering *w);
/* Begins, changes or ends the numbering of a column, and gives a new sequence the position of the old one. */
bool pg_render_numbering(struct rendering *r, struct altering *w) ATTR_CHECKED;
/* ALTER SEQUENCE, or the same in ALTER TABLE for an identity: `restart` is appended where the position is outside of
 * the new bounds. `column` NULL: the sequence has no column whose numbers could be counted. */
struct rebound {
    const char *alter;        /* "ALTER SEQUENCE s …" */
    const char *sequence;     /* as an expression for setval() */
    const struct qname *name; /* of the sequence; NULL: it is an identity's */
    const struct qname *table;
    const char *column;
    const char *min, *max; /* the new bounds */
    bool descends;
};
void pg_render_rebound(struct rendering *r, const struct rebound *b);
/* Whether the new bounds contain the old ones, where these are known; then every position is within them. */
bool pg_sequence_covers(const char *min, const char *max, const char *old_min, const char *old_max);
/* The bounds of a sequence of this type, where its options leave them out. */
const char *pg_sequence_min(const struct sequence_options *o, const char *type);
const char *pg_sequence_max(const struct sequence_options *o, const char *type);
