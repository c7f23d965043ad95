/* Having the server print the models' texts as it prints its own. */
#pragma once

#include "dialect/mysql/render/render.h"
#include "dialect/mysql/wire/conn.h"

bool my_normalise(struct conn *conn, const struct schema *wanted, struct schema *ret, bool *ret_asked);
/* Before it creates anything but temporary tables: drops what a killed run left, and keeps others from doing so to this
 * run's. */
bool my_judge_begin(struct my *my) ATTR_CHECKED;
/* Creates a table without keys and checks in the session's present database. */
bool my_judge_create_table(struct my *my, const struct table *wanted) ATTR_CHECKED;
bool my_definitions(
    struct conn *conn, const struct scope *scope, const struct schema *schema, struct definitions *ret);

/* ---- what is wrong with a table (culprit.c) ----------------------------------------------------------- */

/* How a table is created for a moment. */
struct trial {
    struct my *my;
    struct rendering *r;
    bool (*create)(struct rendering *r, struct my *my, const struct table *t, const char *words);
};
struct culprit {
    struct pos pos;
    const char *what; /* NULL: none was found */
};
/* The part of `tried` that the server does not accept; `wanted` is the same table as the model has it. */
void my_find_culprit(
    const struct trial *trial, const struct table *tried, const struct table *wanted, struct culprit *ret);
