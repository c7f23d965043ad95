/* Triggers and their functions that set columns on UPDATE, for `on_update`. */
#pragma once

#include "cmig/dialect.h"

/* The name of both, without the schema. */
const char *pg_on_update_name(struct ctx *ctx, const char *table, const char *column);
/* The body of the function. */
const char *pg_on_update_body(struct ctx *ctx, const char *column, const char *expression);
/* The expression in a body that otherwise equals the column's; NULL: the body differs in more. */
const char *pg_on_update_expression(struct ctx *ctx, const char *column, const char *body);
/* The same within the text of the function as the server prints it. */
const char *pg_on_update_of_function(struct ctx *ctx, const char *column, const struct object *function);
/* Whether the text of a trigger, as the server prints it, is the one that calls such a function. */
bool pg_on_update_is_trigger(struct ctx *ctx, const struct object *trigger);
