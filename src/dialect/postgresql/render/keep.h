/* Facts that only the catalogue has about the objects that a comparison drops. */
#pragma once

#include "dialect/postgresql/wire/conn.h"

/* Statements, in the third column, that restore on a view the objects that DROP VIEW drops with it; $1 is its name.
 * The first column is their kind, of which these are used. */
enum {
    KEEPSAKE_OWNER = 1,
    KEEPSAKE_RULE = 4,
    KEEPSAKE_TRIGGER = 5,
    KEEPSAKE_GRANT = 6,
    KEEPSAKE_COLUMN_GRANT = 7,
    KEEPSAKE_STATISTICS = 9
};
extern const char view_keepsakes_sql[];

/* Adds to the downgrade what restores unmodelled parts of dropped objects, and marks dropped columns that others
 * inherit. The names in `up` and `down` are those of a comparison with the database. */
bool pg_complete(struct conn *conn, struct ops *up, struct ops *down) ATTR_CHECKED;
