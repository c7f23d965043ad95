/* Names in PostgreSQL's SQL. */
#pragma once

#include "cmig/codec.h"

bool pg_must_quote(const char *name);
/* As quote_ident() has it. */
char *pg_ident(struct arena *a, const char *name);
char *pg_qname(struct arena *a, const struct qname *name);
/* The name that the server gives to the sequence of a serial or identity column. */
char *pg_serial_sequence(struct arena *a, const char *table, const char *column);
