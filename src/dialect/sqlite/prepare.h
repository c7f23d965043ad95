/* What SQLite makes of a model's table, and what it cannot honour. */
#pragma once

#include "cmig/dialect.h"

/* Each fails at the place given, or at the object's own, for anything that SQLite does not support. */
bool refuse_schema(struct ctx *ctx, struct pos pos, const struct qname *name) ATTR_CHECKED;
bool refuse_constraint(struct ctx *ctx, struct pos pos, const struct constraint *c) ATTR_CHECKED;
bool refuse_index(struct ctx *ctx, struct pos pos, const struct index *index) ATTR_CHECKED;
bool refuse_column(struct ctx *ctx, const struct table *t, const struct column *c) ATTR_CHECKED;
bool refuse_kind(struct ctx *ctx, const struct op *op) ATTR_CHECKED;
bool refuse_table(struct ctx *ctx, const struct table *t) ATTR_CHECKED;

bool sqlite_check_op(struct ctx *ctx, const struct conn *conn, const struct op *op);

/* What a primary key implies for its columns. */
void table_settle_key(struct table *t);
/* Gives options with several spellings one of them, and removes those that SQLite does not have. */
void table_settle_constraints(struct ctx *ctx, struct table *t);
bool sqlite_prepare_table(struct ctx *ctx, struct schema *s, struct table *t);
bool sqlite_generation_same(
    const struct table *ta, const struct column *a, const struct table *tb, const struct column *b);
