/* Tables, indexes and views as the statements that create them. */
#pragma once

#include "cmig/dialect.h"

/* An SQL text as it was authored for SQLite, else as it was read; never with a comment that would swallow what
 * follows. */
const char *expr_sql(struct ctx *ctx, const struct expr *e);
/* Completes a table from an operation with what only SQLite knows: native types and defaults, what the key
 * implies, the checks for enums. */
bool table_complete(struct ctx *ctx, struct table *t) ATTR_CHECKED;
/* A double-quoted word that is not a column becomes the string that SQLite sometimes takes it for, and
 * sometimes rejects. */
void index_settle_strings(struct ctx *ctx, const struct table *t, struct index *index);
/* The check for an enum's values: status IN ('draft', 'published'). */
const char *values_check(struct ctx *ctx, const char *column, const struct strings *values);

/* For a complete table, under its own or another name. */
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

/* The text after ADD COLUMN, with the constraints of the column. */
const char *column_sql(struct ctx *ctx, const struct table *t, const struct column *c,
    const struct constraint *references, const char *check);
