/* Unmodelled objects that cmig must not drop, but that a change of a column would drop. */
#pragma once

#include "dialect/postgresql/render/render.h"

/* The objects that earlier operations drop, as an array of their kinds and names from pg_identify_object(); functions
 * without their arguments. */
const char *objects_dropped_before(const struct rendering *r);
/* What that array says of an object, where i is its row from pg_identify_object(). */
#define DROPPED_IDENTITY \
    "CASE i.type WHEN 'composite type' THEN 'type' ELSE i.type END || ' ' || " \
    "CASE WHEN i.type IN ('function', 'procedure', 'aggregate', 'operator') THEN " \
    "pg_catalog.split_part(i.identity, '(', 1) ELSE i.identity END"

enum column_change { COLUMN_DROPPED, COLUMN_RETYPED };

/* Whether no object of that kind uses a column: an error names those that do. True without a connection, and
 * after user SQL, which may have dropped them. */
bool column_is_free(struct rendering *r, const struct qname *table, const char *column,
    enum column_change change) ATTR_CHECKED;
