/* A schema in place of a database. Not for other directories. */
#pragma once

#include "cmig/migrate.h"

/* A connection to nothing: it has the schema of a document of models, and no server that could print an expression or
 * execute a statement. */
struct conn *paper_open(struct ctx *ctx, const struct dialect *dialect, const char *default_schema);
/* Replaces its schema, which is empty at first. */
void paper_set(struct conn *conn, const struct node *document);
/* How keys are numbered is then no difference. */
void paper_ignore_generation(struct conn *conn);
