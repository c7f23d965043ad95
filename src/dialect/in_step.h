/* What the dialects share of two columns in step. */
#pragma once

#include "cmig/dialect.h"

/* The value of a stored row's column, as the other column has it: by the expression, or by a cast to `type`; either may be
 * NULL. */
const char *in_step_value(struct ctx *ctx, const struct dialect *dialect, const char *column,
    const char *type, const char *expression);
/* Adds what a statement creates. */
void in_step_add(struct ctx *ctx, struct in_step *ret, enum object_kind kind, const struct qname *name,
    struct sql *create);
/* The beginning of the names of triggers and functions: short enough for every database, and different for other columns. */
const char *in_step_name(struct ctx *ctx, const struct twins *t);
