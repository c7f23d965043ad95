/* Parses the texts in sqlite_schema. */
#pragma once

#include "cmig/schema.h"

struct parsed_table {
    struct table *table;
    struct constraints
        keys; /* the primary key and UNIQUE in the order they are written in: that numbers the indexes
                                that SQLite makes for them */
};

/*
 * Each gives false, without an error, for a text that it does not understand as a whole: newer syntax. *ret_problem
 * then says where. Everything is filled in as reflection gives it; keys that refer to a table without saying
 * the columns have none.
 */
/* `types` remembers the spellings of types from one table to the next; it may be NULL. */
bool parse_table(struct ctx *ctx, const char *sql, struct map *types, struct parsed_table *ret,
    const char **ret_problem) ATTR_CHECKED;
bool parse_index(struct ctx *ctx, const char *sql, const struct table *table, struct index **ret,
    const char **ret_problem) ATTR_CHECKED;
bool parse_view(struct ctx *ctx, const char *sql, struct view **ret, const char **ret_problem) ATTR_CHECKED;

/* The column of that name in whatever case, or NULL; also for no table. */
struct column *table_named_column(const struct table *t, const char *name);
/* The column that is another name of the rowid, so that SQLite generates its values; NULL: none. */
struct column *table_rowid_alias(const struct table *t);
bool table_flag(const struct table *t, const char *key); /* "strict", "without_rowid" */
/* The built-in ones in upper case; BINARY, the default, gives NULL. */
const char *collation_canonical(struct ctx *ctx, const char *name);
/* The collation that a key names, or NULL if it is that of the column. */
const char *collation_of_key(struct ctx *ctx, const char *name, const char *of_column);
/* A type's text as parse_table gives it, or NULL when SQLite does not take it. */
const char *type_canonical(struct ctx *ctx, const char *text);
bool type_is_rowid(const char *native); /* INTEGER, and nothing else */

/* The text of an expression over a table, with '…' for each "…" that names none of its columns. */
const char *text_with_strings(struct ctx *ctx, const struct table *t, const char *text);
