/* Scratch databases, in which models in SQL are loaded and baselines and triggers are tried. */
#pragma once

#include "dialect/mysql/wire/conn.h"

/* See the contract in cmig/dialect.h. */
bool my_scratch_open(struct conn *conn, const struct url *url, const struct url *given, struct scratch *ret);
void my_scratch_close(struct conn *conn, struct scratch *s);
bool my_scratch_reset(struct conn *scratch);
bool my_check_model(struct ctx *ctx, const struct statement *part);

/* Creates an empty database with the character set of the connection's, under a name of cmig's own. Those that
 * killed runs left are dropped first. */
bool my_scratch_create(struct conn *conn, const char **ret_name) ATTR_CHECKED;
/* Drops it, also after an interruption. */
void my_scratch_drop(struct conn *conn, const char *name);

/* See `rewrite` and `events` of a connection: a statement that creates an event creates it disabled. */
const char *my_quiet_event(struct my *my, const char *sql);
