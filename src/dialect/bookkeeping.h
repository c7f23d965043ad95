/* Parts of statements about the version and history tables that are the same in every database. */
#pragma once

#include "cmig/dialect.h"

/* Adds the statement that moves a version row. It must change exactly one: otherwise another program has moved it. */
struct statement *bookkeeping_move(struct ctx *ctx, const struct dialect *dialect,
    const struct version_table *v, const struct version_move *m, struct statements *ret);

/* Ends a query of the history, which ends with WHERE and a condition: which rows, in which order. */
void bookkeeping_which(struct sql *q, const struct history_query *which);

/* Such a query selects id, revision, parents, direction, started, duration_ms, user, version, blob, commit_id, path,
 * outcome, message, tag, text and modified. This is where the i-th of the texts belongs, which begin after the id. */
enum { HISTORY_TEXTS = 14 };
const char **bookkeeping_text(struct history_row *row, size_t i);
