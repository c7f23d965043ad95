/* A column that gets another type online. */
#pragma once

#include "dialect/postgresql/online/online.h"
#include "dialect/postgresql/render/render_alter.h"

struct change {
    struct recipe_call *k;
    const struct op_alter_column *o;
    struct retyping to;
    const struct table *table; /* reflected; offline: replayed */
    struct indexes indexes;    /* those of the table that use the column */
    struct constraints uniques, checks;
    const char *cost; /* what the plain form does while nobody can use the table; NULL: nothing */
};

/* The segments in which a second column is filled and takes the place of the first. */
bool change_by_second_column(const struct change *c) ATTR_CHECKED;
/* Those that give the column the type and validate its checks afterwards. *ret_done false: it has none. */
bool change_and_validate(const struct change *c, bool *ret_done) ATTR_CHECKED;
/* Adds those of the NOT NULL of the operation, if it gives one. */
bool recipe_prove_not_null(struct recipe_call *k) ATTR_CHECKED;
