/* Tables, indexes and views as the statements that create them. */
#pragma once

#include "cmig/dialect.h"

/* An SQL text as it was authored for SQLite, else as it was read; never with a comment that would swallow what
 * follows. */
const char *expr_sql(struct ctx *ctx, const struct expr *e);
/* Fills in what only SQLite knows of a table from an operation: native types and defaults, what the key implies,
 * the checks for enums. */
bool table_complete(struct ctx *ctx, struct table *t) ATTR_CHECKED;
/* What an author wrote in double quotes and is no column becomes the string that SQLite would take it for at times, and
 * refuse at others. */
void index_settle_strings(struct ctx *ctx, const struct table *t, struct index *index);
/* The check that stands for an enum's values: status IN ('draft', 'published'). */
const char *values_check(struct ctx *ctx, const char *column, const struct strings *values);

/* Of a complete table, under a name that may be another than its own. */
const char *create_table_sql(struct ctx *ctx, const struct table *t, const char *name, bool if_not_exists);
const char *create_index_sql(
    struct ctx *ctx, const char *table, const struct index *index, bool if_not_exists);
const char *create_view_sql(struct ctx *ctx, const struct view *view);
/* The table's options, with a space before them; "" without. */
const char *table_options_sql(struct ctx *ctx, const struct table *t);
/* A constraint as it is written after the columns or, `is_inline`, within the definition of its only column. */
const char *constraint_sql(struct ctx *ctx, const struct constraint *k, bool is_inline);

/* What a column's definition consists of, apart from its name and type, and from constraints of the table. */
enum column_clause {
    CLAUSE_COLLATE,
    CLAUSE_NOT_NULL,
    CLAUSE_DEFAULT,
    CLAUSE_GENERATED,
    CLAUSE_KEY,
    COLUMN_CLAUSES
};
/* A clause with a space before it; "" when the column has none. */
const char *clause_sql(
    struct ctx *ctx, const struct table *t, const struct column *c, enum column_clause clause);
/* Whether the table's primary key is written within the definition of this column. */
bool column_has_inline_key(const struct table *t, const struct column *c);

/* What stands behind ADD COLUMN, with the constraints that come along. */
const char *column_sql(struct ctx *ctx, const struct table *t, const struct column *c,
    const struct constraint *references, const char *check);
