/* The describers that the rows of the operation table use. */
#pragma once

#include "cmig/op.h"

const char *describe_schema(struct arena *a, const struct op *op);
const char *describe_database(struct arena *a, const struct op *op);
const char *describe_table(struct arena *a, const struct op *op);
const char *describe_drop(struct arena *a, const struct op *op);
const char *describe_rename(struct arena *a, const struct op *op);
const char *describe_create_enum(struct arena *a, const struct op *op);
const char *describe_alter_enum(struct arena *a, const struct op *op);
const char *describe_sequence(struct arena *a, const struct op *op);
const char *describe_partition(struct arena *a, const struct op *op);
const char *describe_parent(struct arena *a, const struct op *op);
const char *describe_add_column(struct arena *a, const struct op *op);
const char *describe_drop_column(struct arena *a, const struct op *op);
const char *describe_alter_column(struct arena *a, const struct op *op);
const char *describe_rename_part(struct arena *a, const struct op *op);
const char *describe_create_index(struct arena *a, const struct op *op);
const char *describe_drop_index(struct arena *a, const struct op *op);
const char *describe_create_constraint(struct arena *a, const struct op *op);
const char *describe_drop_constraint(struct arena *a, const struct op *op);
const char *describe_validate_constraint(struct arena *a, const struct op *op);
const char *describe_set_comment(struct arena *a, const struct op *op);
const char *describe_object(struct arena *a, const struct op *op);
const char *describe_rename_object(struct arena *a, const struct op *op);
const char *describe_view(struct arena *a, const struct op *op);
const char *describe_run(struct arena *a, const struct op *op);
const char *describe_assert(struct arena *a, const struct op *op);
const char *describe_access(struct arena *a, const struct op *op);
const char *describe_execute(struct arena *a, const struct op *op);
