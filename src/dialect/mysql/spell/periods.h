/* System versioning and periods of tables: the options of models that say so. */
#pragma once

#include "dialect/mysql/mysql.h"

/* Whether a table's option is a clause of its own: partitions, versioning, a period. */
bool my_is_clause(const char *key);
bool my_is_versioned(const struct options *o);
/* "start" or "end", if the column holds when a version of the row began or ended; else NULL. */
const char *my_system_time(const struct column *c);
/* The column of a table whose value this is; NULL: it has none. */
struct column *my_system_time_column(const struct table *t, const char *which);

/* A period of application time: "valid (since, until)"; name NULL: none. */
struct my_period {
    const char *name, *from, *to;
};
struct my_period my_period_of(struct ctx *ctx, const struct options *o);
/* The same of a check that a period may imply: its name, and start < end. */
bool my_period_of_check(struct ctx *ctx, const char *name, const char *check, struct my_period *ret);
bool my_period_same(const struct my_period *a, const struct my_period *b);
/* Reads the period of a table from the output of SHOW CREATE TABLE, and which of its keys are WITHOUT OVERLAPS. */
void my_period_printed(struct ctx *ctx, const char *printed, struct table *t);
/* The period in which the columns of a key are unique; NULL: always. */
const char *my_without_overlaps(const struct constraint *c);
