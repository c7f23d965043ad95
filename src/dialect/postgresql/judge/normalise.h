/* Asking the server how it would print tables and views. */
#pragma once

#include "dialect/postgresql/wire/conn.h"

bool pg_normalise(struct conn *conn, const struct schema *wanted, struct schema *ret, bool *ret_asked);
