/* Spells values of models in databases whose literals have no types. */
#pragma once

#include "cmig/dialect.h"

/* Spells {func: name} for a column; if the database has no such function, sets the error. */
typedef bool func_native_function(
    struct ctx *ctx, const struct column *c, const char *name, const char **ret);

/* What the dialect's value_native does: booleans are 1 and 0. NULL: there is no value. */
bool value_plain_native(struct ctx *ctx, const struct dialect *dialect, const struct column *c,
    const struct value *v, func_native_function *func_native, const char **ret) ATTR_CHECKED;
