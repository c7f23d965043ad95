/* What changes cost PostgreSQL: locks, scans and rewrites. */
#pragma once

#include "cmig/dialect.h"
#include "cmig/hazard.h"

/* What it takes to change the type of a column. */
enum type_cost {
    TYPE_COST_NONE,
    TYPE_COST_INDEXES,   /* indexes on the column are built again */
    TYPE_COST_TIME_ZONE, /* a rewrite, unless the session's time zone is UTC */
    TYPE_COST_UNKNOWN,   /* it depends on what the types are */
    TYPE_COST_REWRITE,
};
enum type_cost pg_type_cost(struct ctx *ctx, const char *from, const char *to);

/* The function in a default because of which it is computed for each row, or may be; NULL: it is computed once.
 * *ret_known: it certainly is. */
const char *pg_volatile_function(struct ctx *ctx, const char *sql, bool *ret_known);

/* The names of the functions that an expression calls, without their schemas; also keywords before a bracket. */
struct strings pg_called_functions(struct ctx *ctx, const char *sql);

/* By PostgreSQL's own parser, if it is installed. */
bool pg_read_statement(struct ctx *ctx, const struct dialect *dialect, const char *text, size_t from,
    size_t to, struct sql_changes *ret, const char **ret_problem);
extern const struct hazard_facts pg_hazards;
