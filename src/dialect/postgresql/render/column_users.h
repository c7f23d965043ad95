/* Unmodelled objects that cmig must not drop, but that a change of a column would drop. */
#pragma once

#include "dialect/postgresql/render/render.h"

enum column_change { COLUMN_DROPPED, COLUMN_RETYPED };

/* Whether no object of that kind uses a column: an error names those that do. True without a connection, and
 * after user SQL, which may have dropped them. */
bool column_is_free(struct rendering *r, const struct qname *table, const char *column,
    enum column_change change) ATTR_CHECKED;
