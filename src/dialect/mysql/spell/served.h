/* The indexes that foreign keys need. */
#pragma once

#include "dialect/mysql/mysql.h"

bool my_begins_with(const struct strings *columns, const struct strings *key);
/* Whether an index serves a foreign key on these columns. */
bool my_index_serves(struct ctx *ctx, const struct index *index, const struct strings *key);
/* Whether any key or index of the table does. */
bool my_is_served(struct ctx *ctx, const struct table *t, const struct strings *key);
/* Whether an index is called as the server calls one that it creates for a key without a name. */
bool my_has_servers_name(const struct index *index);
