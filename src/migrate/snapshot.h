/* What a database contains, as a text that can be compared. Not for other directories. */
#pragma once

#include "cmig/migrate.h"

/* Zeroed it is empty. */
struct snapshot {
    struct arena arena;
    const char *text; /* a document: models, and what is not modelled, with its SQL */
};

/* Replaces an earlier one. */
bool snapshot_take(struct project *p, struct snapshot *ret) ATTR_CHECKED;
void snapshot_finish(struct snapshot *s);
/* Adds how one differs from what it was, as node_compare() does. */
bool snapshot_compare(struct ctx *ctx, const struct snapshot *was, const struct snapshot *is,
    struct tree_changes *ret) ATTR_CHECKED;
