/* What cmig does not model and must not drop, but a change of a column would. */
#pragma once

#include "dialect/postgresql/render/render.h"

enum column_change { COLUMN_DROPPED, COLUMN_RETYPED };

/* Whether nothing of that kind holds on to a column: an error names what does. True without a connection, and behind
 * SQL of people's own, which may have taken it away. */
bool column_is_free(struct rendering *r, const struct qname *table, const char *column,
    enum column_change change) ATTR_CHECKED;
