/* The temporary objects that the judge makes, and what they are called. */
#pragma once

#include "dialect/postgresql/render.h"

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
    size_t n, cap;
};
struct creations VEC_OF(struct creation *);

/* The one that is made of all columns that are written alike. */
struct stand_in {
    const char *table, *column;
};

struct judge {
    struct ctx *ctx;
    struct pg *pg;
    const struct schema *wanted;
    struct rendering r; /* for the parts that are written as in real statements */
    struct creations list;
    struct map alike; /* struct stand_in by what is written behind a column's name */
};

/* What an object is called among the temporary ones, by its place in the wanted ones. */
const char *scratch_name(struct judge *j, const struct qname *name, const char *kind, size_t at);
const char *scratch_constraint_name(struct judge *j, const char *kind, size_t table, size_t at);
const char *scratch_index_name(struct judge *j, size_t table, size_t at);
/* What answers for a column that was left out; NULL: its text stays as it is. */
const struct stand_in *scratch_stand_in(struct judge *j, const struct column *c);

/* Lists the statements that make all that is wanted. */
bool scratch_add_all(struct judge *j);
