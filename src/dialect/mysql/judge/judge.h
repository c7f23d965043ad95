/* Having the server print the models' texts as it prints its own. */
#pragma once

#include "dialect/mysql/wire/conn.h"

bool my_normalise(struct conn *conn, const struct schema *wanted, struct schema *ret, bool *ret_asked);
/* Creates a table without keys and checks in the session's present database. */
bool my_judge_create_table(struct my *my, const struct table *wanted) ATTR_CHECKED;
bool my_definitions(
    struct conn *conn, const struct scope *scope, const struct schema *schema, struct definitions *ret);
