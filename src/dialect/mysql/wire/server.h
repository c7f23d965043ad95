/* What differs between MariaDB's and MySQL's servers, in one table. */
#pragma once

#include "cmig/base.h"

struct my_server {
    const char *name;
    const char *mark; /* is in the version or its comment; NULL: any */
    int oldest;       /* the oldest version that cmig works with */
    const char *oldest_text;
    int before;              /* the first version that another row is for; 0: none */
    bool is_documented_only; /* written from the manual, and not tested */
    /* Statements: CREATE OR REPLACE of routines, triggers and events, IF [NOT] EXISTS within ALTER TABLE, SET STATEMENT
     * and EXECUTE IMMEDIATE. */
    bool has_mariadb_words;
    bool has_sequences;
    bool has_checks;        /* others accept CHECK, and forget it */
    bool has_descending;    /* others accept DESC in keys and indexes, and forget it */
    bool has_rename_column; /* in ALTER TABLE; others have CHANGE COLUMN with a definition */
    /* information_schema prints a default as SQL. Without it, a literal has no quotes, and an expression is marked in
     * `extra`; and expressions have a backslash before each quote, and the character set before each string. */
    bool prints_sql;
    const char *index_hidden; /* the attribute of an index that queries do not use */
};

/* NULL: cmig does not work with it; *ret_number is the version, 101114 for 10.11.14. */
const struct my_server *my_server_find(const char *version, const char *comment, int *ret_number);
/* The known servers, for the message then: "MariaDB 10.6, MySQL 5.7 or MySQL 8.0.16". */
const char *my_server_list(struct ctx *ctx);
