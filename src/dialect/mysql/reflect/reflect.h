/* Reading what the database contains. */
#pragma once

#include "dialect/mysql/reflect/rights.h"
#include "dialect/mysql/wire/conn.h"

bool my_reflect(struct conn *conn, const struct scope *scope, struct schema *ret);
/* One table; *ret NULL: the database has no table of this name. */
bool my_reflect_table(struct conn *conn, const struct qname *name, struct table **ret) ATTR_CHECKED;

/* See `state_inherited` in cmig/dialect.h. */
void my_state_inherited(struct conn *conn, struct schema *database, const struct schema *models);

/* The text of one view as the server prints it; the view exists. */
bool my_reflect_view(struct conn *conn, const struct qname *name, struct view *v) ATTR_CHECKED;

/* A text without the name of the database, which the server puts before those of tables, and a model does not. */
const char *my_without_database(struct my *my, const char *text);

/* What the files of the reflection share. */
struct reading {
    struct my *my;
    struct ctx *ctx;
    const char *only;            /* the one table that is read; NULL: all */
    const struct strings *names; /* or those that are read; NULL: all */
    const char *collation;       /* of the database */
    const char *user;            /* "root@localhost" */
    struct my_rights rights;
    struct map tables; /* by name */
    struct schema *schema;
};
/* Runs a query that ends in a condition on `column`, and passes each row to `take`. If the first column names a
 * table that is read, `take` gets it; rows of other tables are skipped, unless `take` accepts rows without a table. */
struct reading_query {
    const char *sql; /* the query, up to and with the start of WHERE */
    const char
        *plain; /* that of a server whose information_schema lacks columns of MariaDB's; NULL: the same */
    const char *column; /* the column that holds the name of the table */
    const char *order;
    bool (*take)(struct reading *r, struct table *t, const struct my_answer *a);
    bool takes_others;
};
/* The collation of a table's columns that have none of their own. */
const char *my_table_collation(const struct reading *r, const struct table *t);
bool my_read(struct reading *r, const struct reading_query *q) ATTR_CHECKED;
struct unmodelled *my_add_unmodelled(struct reading *r, const char *kind, const char *name);

/* An expression of information_schema, as SHOW CREATE prints it, without the character sets of its strings. */
const char *my_read_expression(struct my *my, const char *text);
const char *my_without_charsets(struct ctx *ctx, const char *text);
/* A column's default, as SQL. */
const char *my_read_default(struct my *my, const struct column *c, const char *text, const char *extra);

extern const struct reading_query my_tables_query, my_columns_query;
extern const struct reading_query my_indexes_query, my_foreign_keys_query, my_foreign_key_rules_query,
    my_checks_query;
/* For users with few privileges. */
extern const struct reading_query my_restricted_keys_query;
bool my_read_key_actions(struct reading *r) ATTR_CHECKED;
/* Names the kinds of which objects may be hidden. */
void my_name_hidden(struct reading *r);
extern const struct reading_query my_views_query, my_triggers_list_query, my_routines_query, my_events_query;
/* Reads the texts of tables that have partitions or periods, one by one. */
bool my_read_texts(struct reading *r) ATTR_CHECKED;
/* Reads the defaults that are bytes, in tables that may have such ones. */
bool my_read_binary_defaults(struct reading *r) ATTR_CHECKED;
/* Reads the privileges on the objects, if grants are managed. */
bool my_read_access(struct reading *r) ATTR_CHECKED;
/* The same of one object; `on` is its kind. */
bool my_access_of(struct my *my, const char *on, const char *name, struct access **ret) ATTR_CHECKED;
/* Revokes all privileges on the objects of a scratch database, which would outlive it; as far as that is possible. */
void my_forget_access(struct my *my);
/* See `check_roles` in cmig/dialect.h. */
bool my_check_roles(struct conn *conn, const struct schema *models);
/* Whether there is a user or role of this name; also true if the connected user may not know. */
bool my_account_exists(struct my *my, const char *name, bool *ret) ATTR_CHECKED;
bool my_fail_account(struct ctx *ctx, struct pos pos, const char *name);
/* Reads the numbers of the sequences. */
bool my_read_sequences(struct reading *r) ATTR_CHECKED;
/* Hides the indexes that the server creates for foreign keys, and the checks that it creates for JSON columns. */
void my_settle_table(struct reading *r, struct table *t);
