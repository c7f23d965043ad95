/* The temporary objects that the judge makes, and what they are called. */
#pragma once

#include "dialect/postgresql/judge/relocate.h"
#include "dialect/postgresql/render/render.h"

/* A place in a statement, and what of the models is written there. */
struct fragment {
    size_t at;
    struct pos pos;
    const char *label;
};
struct creation {
    const char *sql;
    const char *lean;   /* what does instead when all is made at once, "": nothing; or NULL */
    struct fragment *v; /* of the statement, in order */
    uint32_t n, cap;
};
struct creations VEC_OF(struct creation *);

/* The one that is made of all columns that are written alike. */
struct stand_in {
    const char *table, *column;
};

struct judge {
    struct ctx *ctx;
    struct pg *pg;
    const struct schema *original;
    const struct schema *wanted; /* the same with the names of the stand-ins in its texts */
    struct relocation texts,
        types;          /* which those are; as the type of a column also tables of other schemas */
    struct rendering r; /* for the parts that are written as in real statements */
    bool has_objects;   /* given as SQL */
    struct map names_of_tables,
        names_changed; /* of the tables and views, and of objects that change, in lower case */
    struct creations list;
    struct map tables; /* positions, from 1, by the name of the stand-in */
    struct map alike;  /* struct stand_in by the text that follows a column's name */
};

/* What an object is called among the temporary ones, by its place in the wanted ones. */
const char *scratch_name(struct judge *j, const struct qname *name, const char *kind, size_t at);
const char *scratch_constraint_name(struct judge *j, const char *kind, size_t table, size_t at);
/* Materialized views count on after the tables. */
const char *scratch_index_name(struct judge *j, size_t table, size_t at);
/* The table that stands in for a materialized view that has indexes. */
const char *scratch_rows_name(struct judge *j, size_t view);
/* Whether a default takes from a sequence, which need not be there. */
bool scratch_says_sequence(const struct column *c);
/* Whether an index is created: what a plain one prints is known. */
bool scratch_has_index(const struct index *x);
/* Replaces names in all that is wanted by those of the stand-ins. */
void scratch_relocate(struct judge *j);
/* What answers for a column that was left out; NULL: its text stays as it is. */
const struct stand_in *scratch_stand_in(struct judge *j, const struct column *c);

/* Lists the statements that make all that is wanted. */
bool scratch_add_all(struct judge *j);
