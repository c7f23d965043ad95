/* The two sides of a comparison, as words of a command line. Not for other directories. */
#pragma once

#include "command.h"

/* What was opened for a comparison; zeroed it is closed. */
struct opened_sides {
    struct side from, to;
    struct VEC_OF(struct vcs *) commits; /* whose files are read */
    struct sides *sides;
};
struct sides_wishes {
    const char *from, *to;   /* words; NULL: the database, and the models of the configuration */
    const char *dialect;     /* NULL: that of the sides, or of the configured URL */
    const char *scratch_url; /* NULL: the server of the other side, or of the configured URL */
    bool offline;
    bool is_alone;  /* only `from` is read: its database must exist, and models in YAML need no server */
    bool as_models; /* of such a side: models are not created, but become `to`, and `from` is empty */
};
/* Opens the project; for a source among the operands there need not be one. */
bool open_source_project(struct call *c) ATTR_CHECKED;
/* Makes the comparisons of this call those of two sides, until sides_finish(), also after a failure. */
bool sides_begin(struct call *c, const struct sides_wishes *w, struct opened_sides *ret) ATTR_CHECKED;
void sides_finish(struct call *c, struct opened_sides *o);
