/* Names in PostgreSQL's SQL. */
#pragma once

#include "cmig/codec.h"

bool pg_must_quote(const char *name);
/* As quote_ident() has it. */
char *pg_ident(struct arena *a, const char *name);
char *pg_qname(struct arena *a, const struct qname *name);
/* The name that the server gives to an unnamed constraint or index: table_column_label, or table_label when
 * `column` is NULL. */
char *pg_object_name(struct arena *a, const char *table, const char *column, const char *label);
/* The name that the server gives to the sequence of a serial or identity column. */
char *pg_serial_sequence(struct arena *a, const char *table, const char *column);
/* Whether a sequence has that name, or the numbered one that the server takes when the name is in use. */
bool pg_is_serial_name(struct arena *a, const char *name, const char *table, const char *column);

/* The text of default `d` of column `a`. With the table's oid pg_get_expr() first resolves the names of all its columns,
 * which makes a table of 1,500 columns take 11 s; only generated columns refer to others. */
#define PG_DEFAULT_TEXT \
    "pg_catalog.pg_get_expr(d.adbin, CASE WHEN a.attgenerated = '' THEN 0 ELSE d.adrelid END)"
