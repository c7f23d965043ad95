/* Where the parts of a CREATE TABLE are in its text. */
#pragma once

#include "dialect/sqlite/ddl.h"
#include "dialect/sqlite/parse.h"

enum part_kind {
    PART_TYPE,
    PART_CLAUSE,     /* one of the column's own clauses */
    PART_CONSTRAINT, /* UNIQUE, CHECK or REFERENCES; DEFERRABLE that is apart from its REFERENCES */
    PART_NULL,
    PART_NAME, /* CONSTRAINT name: it belongs to the part that follows */
};
/* A part of a column's definition. */
struct part {
    enum part_kind kind;
    enum column_clause clause;           /* of PART_CLAUSE */
    const struct constraint *constraint; /* of PART_CONSTRAINT */
    const char *from, *to;
};
struct parts VEC_OF(struct part);

/* The definition of a column or of a constraint of the table, from its first token to its last. */
struct item {
    const struct column *column; /* or NULL: */
    const struct constraint *constraint;
    const char *name_to; /* the end of the column's name */
    struct parts parts;
    const char *from, *to;
    const char *comma; /* the comma after it; NULL without */
};
struct items VEC_OF(struct item *);

struct layout {
    const char *text;
    const char *name, *name_to; /* the table's name, with a schema before it if there is one */
    const char *open;           /* after the opening bracket */
    struct items items;
    const char *close; /* the closing bracket */
};

/* parse_table, and where the parts are. */
bool parse_layout(struct ctx *ctx, const char *sql, struct parsed_table *ret, struct layout *ret_layout,
    const char **ret_problem) ATTR_CHECKED;

/* The text of the table `after`, made from the text of `before` by changing the parts that differ: comments,
 * spaces and spellings of all others stay. Columns in `fresh` are new even if `before` has one of that name.
 * `name`: the table's name in the text; NULL: as it is written there. NULL when that text would not define the
 * same table as create_table_sql. */
const char *splice_table(struct ctx *ctx, const struct layout *layout, const struct table *before,
    const struct table *after, const struct strings *fresh, const char *name);
