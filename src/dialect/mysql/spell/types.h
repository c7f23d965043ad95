/* Types and defaults as the server spells them. See the functions of the same purpose in cmig/dialect.h. */
#pragma once

#include "dialect/mysql/mysql.h"

bool my_type_native(struct ctx *ctx, const struct table *t, const struct column *c, const char **ret);
const char *my_type_model(struct ctx *ctx, const char *native);
bool my_type_same(const struct column *a, const struct column *b);
bool my_type_values(struct ctx *ctx, const char *native, struct strings *ret);
/* One spelling for all names of a type: lower case, without the usual display width of integers. */
const char *my_type_canonical(struct ctx *ctx, const char *text);
/* Whether the column's type is serial, bigserial or smallserial, so that the database numbers the rows. */
bool my_column_is_serial(const struct column *c);
/* Whether a key on such a column needs a prefix length: text and blob types. */
bool my_type_is_long(const char *native);
/* Whether the server can number rows by such a column: an integer of any size. */
bool my_type_is_integer(const char *native);
/* Whether its values are numbers, which need no quotes. */
bool my_type_is_number(const char *native);
/* Whether it is datetime or timestamp, with or without digits. */
bool my_type_is_time(const char *native);
/* Whether columns of the type hold characters, which a collation orders. */
bool my_type_has_collation(const char *native);

bool my_value_native(struct ctx *ctx, const struct column *c, const struct value *v, const char **ret);
/* The time of a row's last change, as `on_update` spells it for columns with any number of digits. */
#define MY_NOW "current_timestamp()"
/* The same with as many fractional digits as the column, as the server requires. */
const char *my_now(struct ctx *ctx, const struct column *c);
/* Whether an expression is the current time in one of its spellings. */
bool my_is_now(const char *native);
const char *my_row_text(struct ctx *ctx, const char *native, const char *text);
void my_value_model(struct ctx *ctx, const struct column *c, const char *native, struct value *ret);
/* A native default as it may be written after DEFAULT: in parentheses unless it is a literal. */
const char *my_default_sql(struct ctx *ctx, const struct column *c, const char *native);
