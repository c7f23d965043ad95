/* What ties a column to its table. */
#pragma once

#include "cmig/migrate.h"

bool is_key_column(const struct table *t, const char *column);
/* The indexes that use a column; false: one of them cannot be copied for another column of another type. */
bool column_indexes(struct ctx *ctx, const struct table *t, const char *column, struct indexes *ret);
/* Why a column cannot be replaced by another one, apart from indexes; NULL: it can. */
const char *column_tie(const struct schema *s, const struct table *t, const char *column);

/* A column whose type changes, the twin that will replace it, and the indexes that use the column. */
struct indexed_twin {
    const struct table *table;
    const char *column, *twin;
    struct indexes indexes;
};
/* Finds them. Why the twin cannot have copies of them, while these operations change the table; NULL: it can. */
const char *twin_find_indexes(struct ctx *ctx, const struct ops *ops, struct indexed_twin *w);
/* The operations that create the copies, that drop them or the indexes themselves, and that give them the names of these. */
void twin_copy_indexes(struct ctx *ctx, const struct indexed_twin *w, struct ops *ret);
void twin_drop_indexes(struct ctx *ctx, const struct indexed_twin *w, bool copies, struct ops *ret);
void twin_rename_copies(struct ctx *ctx, const struct indexed_twin *w, struct ops *ret);
