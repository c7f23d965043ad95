/* Triggers that set columns on UPDATE, for `on_update`. */
#pragma once

#include "dialect/sqlite/render.h"

/* A trigger of a table, as sqlite_schema has it. */
struct on_update_trigger {
    const char *name, *sql;
    bool is_taken; /* result */
};
struct on_update_triggers VEC_OF(struct on_update_trigger);

/* Whether a trigger has a name of the form that cmig gives. */
bool on_update_is_name(const char *name);
/* Sets `on_update` of the columns whose triggers are exactly those that cmig creates, and marks these. */
void on_update_fold(struct ctx *ctx, struct table *t, struct on_update_triggers *triggers);
/* Checks that a table has what the trigger of such a column needs. */
bool on_update_check(struct ctx *ctx, const struct table *t) ATTR_CHECKED;
/* Whether a change of the column makes such triggers of its table fire. */
bool on_update_is_firing(const struct column *c);
/* The statement that creates the trigger of a column, whose native text is set. */
const char *on_update_sql(struct ctx *ctx, const struct table *t, const struct column *c);

/* The columns that identify a row. Empty: there are none. */
struct strings sqlite_row_key(struct ctx *ctx, const struct table *t);

/* Creates the triggers of a table that has just been created. */
bool on_update_create(struct rendering *r, const struct op *op, struct table *t) ATTR_CHECKED;

/* Columns with their `on_update`, while the table changes. */
struct on_updates VEC_OF(struct column *);
/* Drops the triggers of a table that is going to change: they name all of its columns. */
bool on_update_take(
    struct rendering *r, const struct op *op, const char *table, struct on_updates *ret) ATTR_CHECKED;
/* The effect of an operation on them. */
bool on_update_apply(struct rendering *r, const struct op *op, struct on_updates *list) ATTR_CHECKED;
void on_update_rename(struct rendering *r, struct on_updates *list, const char *from, const char *to);
/* Creates the triggers of a table, in the form that it has then. */
bool on_update_give(
    struct rendering *r, const struct op *op, const char *table, const struct on_updates *list) ATTR_CHECKED;
