/* Parts of models that MySQL and MariaDB do not support. Each is an error with its place. */
#pragma once

#include "dialect/mysql/mysql.h"

bool my_refuse_schema(struct ctx *ctx, struct pos pos, const struct qname *name) ATTR_CHECKED;
bool my_refuse_constraint(struct ctx *ctx, struct pos pos, const struct constraint *c) ATTR_CHECKED;
bool my_refuse_index(struct ctx *ctx, struct pos pos, const struct index *index) ATTR_CHECKED;
/* An on_update that is not the current time; of the column only name, on_update and, if known, native are read. */
bool my_refuse_on_update(struct ctx *ctx, struct pos pos, const struct column *c) ATTR_CHECKED;
bool my_refuse_table(struct ctx *ctx, const struct table *t) ATTR_CHECKED;
