/* Building the boxes and edges of a picture. Not for other directories. */
#pragma once

#include "picture.h"

struct builder {
    struct picture *p;
    struct ctx *ctx;
    struct changes *changes;
    const struct schema *before; /* or NULL */
    struct map by_sql_name;      /* of struct boxes; unset until a view needs it */
};

/* Whether a constraint or unique index has exactly these columns, in any order. */
bool is_unique_set(const struct table *t, const struct strings *columns);
/* Whether a table has a box of its own: partitions do not. */
bool is_drawn(const struct table *t);
/* Adds the edges of those tables and views of a schema whose boxes are marked as dropped, or of the others. */
void edges_add(struct builder *b, const struct schema *s, bool is_dropped);
