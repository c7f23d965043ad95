/* SQL texts: strings and expressions, as they are written and as the server prints them. */
#pragma once

#include "dialect/mysql/mysql.h"

/* What a backslash before the character means. */
char my_unescaped(char c);
/* The value of a string literal, without quotes and escapes. */
char *my_string_value(struct arena *a, const struct sql_piece *p);
/* A literal of this value, in quotes. */
const char *my_literal(struct ctx *ctx, const char *value);
/* The only piece of a text, without white space and comments; false if it has several. */
bool my_only_piece(const char *text, struct sql_piece *ret);
/* See `expr_native` and `expr_same` in cmig/dialect.h. */
const char *my_expr_native(struct ctx *ctx, const char *sql);
bool my_expr_same(struct ctx *ctx, const struct column *c, const char *a, const char *b);
