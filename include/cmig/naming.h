/* Names for objects without a name: patterns of the configuration's `naming`. */
#pragma once

#include "cmig/base.h"

/* Patterns with {table} {columns} {name} {referred_table}; the remaining tokens are in cmig.yaml(5). NULL:
 * the built-in pattern of that kind. */
struct naming {
    const char *index, *unique, *foreign_key, *check, *primary_key;
};

/* Whether a pattern is valid: it is not empty and has no unknown token. */
bool naming_check(struct ctx *ctx, const char *pattern) ATTR_CHECKED;
