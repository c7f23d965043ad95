/* Completing models. */
#pragma once

#include "dialect/mysql/mysql.h"

bool my_prepare_table(struct ctx *ctx, struct schema *s, struct table *t);
bool my_generation_same(
    const struct table *ta, const struct column *a, const struct table *tb, const struct column *b);
/* The method of an index that names none: "btree", or "hash" in memory. */
const char *my_index_method(const struct table *t);
