/* PostgreSQL's types and values, by their texts. */
#pragma once

#include "cmig/schema.h"

/* How PostgreSQL prints a type that was written in SQL: "int4" → "integer", "varchar( 3 )" → "character
 * varying(3)". Unknown types stay, in lower case where they are not quoted. */
char *pg_type_spelling(struct arena *a, const char *text);
/* The type of an argument: the same, without lengths. */
const char *pg_argument_type(struct ctx *ctx, const char *text);
/* Without its length or precision: "character varying(3)[]" → "character varying[]". */
char *pg_type_base(struct arena *a, const char *native);
/* The integer type of serial, bigserial and smallserial; NULL for any other text. */
const char *pg_serial_integer(const char *type_text);
/* "serial" for integer and so on; NULL for a type that has none. */
const char *pg_serial_of(const char *native);
/* Whether a column was written, or reflected, as a serial one. */
bool pg_is_serial(const struct column *c);
/* Whether the database generates values for a column by default: a single integer key. */
bool pg_is_generated_key(const struct table *t, const struct column *c);
/* Whether a value of one type can be assigned to a column of the other (an assignment cast). */
bool pg_assignable(struct arena *a, const char *from, const char *to);

bool pg_type_native(struct ctx *ctx, const struct table *t, const struct column *c, const char **ret);
const char *pg_type_model(struct ctx *ctx, const char *native);
bool pg_value_native(struct ctx *ctx, const struct column *c, const struct value *v, const char **ret);
void pg_value_model(struct ctx *ctx, const struct column *c, const char *native, struct value *ret);
const char *pg_expr_native(struct ctx *ctx, const char *sql);
bool pg_expr_same(struct ctx *ctx, const struct column *c, const char *a, const char *b);
/* Whether they are equal, apart from casts and parentheses. */
bool pg_text_alike(struct ctx *ctx, const char *a, const char *b);
bool pg_expr_alike(struct ctx *ctx, const struct column *c, const char *a, const char *b);
bool pg_prepare_table(struct ctx *ctx, struct schema *s, struct table *t);
void pg_prepare_view(struct ctx *ctx, struct view *v);
bool pg_generation_same(
    const struct table *ta, const struct column *a, const struct table *tb, const struct column *b);
bool pg_column_sequence(struct ctx *ctx, const struct table *t, const struct column *c, struct qname *ret,
    bool *ret_comes_with_it);
struct sequence *pg_serial_apart(struct ctx *ctx, const struct table *t, struct column *c);
/* The sequence that a default takes its numbers from. *ret_is_all: the default is that number and nothing else. */
bool pg_default_sequence(struct arena *a, const char *dflt, struct qname *ret, bool *ret_is_all);

/* A text without the brackets that enclose all of it. */
char *pg_unbracket(struct arena *a, const char *text);
/* Whether it needs no brackets after DEFAULT: it is a literal, a name or a call, perhaps with a cast. */
bool pg_is_simple(const char *text);
/* A literal such as 'x'::text: its quoted part and, when there is a cast, the type. False for anything else. */
bool pg_literal(struct arena *a, const char *text, const char **ret_quoted, const char **ret_type);
