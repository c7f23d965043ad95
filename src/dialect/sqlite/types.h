/* Types, defaults and expressions as SQLite spells them: what struct dialect asks for. */
#pragma once

#include "cmig/dialect.h"

bool type_to_native(struct ctx *ctx, const struct table *t, const struct column *c, const char **ret);
const char *type_to_model(struct ctx *ctx, const char *native);
/* The portable type that 0.1.0 spelled in this way, or NULL. */
const char *type_near(const char *native);
bool type_is_same(const struct column *a, const struct column *b);
/* Whether the column's type is serial, bigserial or smallserial. */
bool column_is_serial(const struct column *c);
/* The type of a column that holds one of these values. */
const char *enum_spelling(struct ctx *ctx, const struct strings *values);
bool value_to_native(struct ctx *ctx, const struct column *c, const struct value *v, const char **ret);
void value_to_model(struct ctx *ctx, const struct column *c, const char *native, struct value *ret);
const char *expr_to_native(struct ctx *ctx, const char *sql);
bool expr_is_same(struct ctx *ctx, const struct column *c, const char *a, const char *b);

/* A native type as written in a CREATE TABLE. */
const char *type_sql(struct ctx *ctx, const char *native);
/* A native default as written after DEFAULT: in brackets unless it is a literal. */
const char *default_sql(struct ctx *ctx, const char *native);
/* Whether ADD COLUMN takes it: a literal, but none that depends on the time. */
bool default_is_constant(struct ctx *ctx, const char *native);

enum affinity { AFFINITY_BLOB, AFFINITY_TEXT, AFFINITY_NUMERIC, AFFINITY_INTEGER, AFFINITY_REAL };
/* What becomes of values stored in a column of this type, by the rules of datatype3.html. */
enum affinity type_affinity(const char *native);
