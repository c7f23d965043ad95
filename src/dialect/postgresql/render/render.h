/*
 * Renders operations as PostgreSQL's SQL.
 *
 * Each kind of operation has a function, in the file of its subject; render.c has the table of them.
 */
#pragma once

#include "dialect/postgresql/wire/conn.h"

extern const struct option_row pg_options[]; /* ended by on NULL */

bool pg_check_op(struct ctx *ctx, const struct conn *conn, const struct op *op);
/* Whether the server is new enough for it. */
bool pg_check_version(struct ctx *ctx, const struct pg *pg, const struct op *op);
/* What in it needs a newer server than this version: "NULLS NOT DISTINCT needs PostgreSQL 15"; NULL: nothing. */
const char *pg_newer(struct ctx *ctx, int version, const struct op *op);
bool pg_render(struct ctx *ctx, struct state *state, const struct ops *ops, struct statements *ret);

/* ---- for the files of this directory -------------------------------------------------------------------- */

/* A list of operations being rendered. */
/* Statements that restore the owner and privileges of an object once it is created again. */
struct kept_access {
    enum object_kind kind;
    const char *key;
    const char *text;
    const struct op *op;
};

/* A column with `on_update`. */
struct on_update {
    struct qname table;
    const char *column, *expression;
};

struct rendering {
    struct ctx *ctx;
    struct state *state;
    struct pg *pg; /* NULL: offline */
    const struct ops *ops;
    size_t at; /* of the operation that is being rendered */
    const struct op *op;
    struct statements *ret;
    struct kept_accesses VEC_OF(struct kept_access) kept;  /* of objects that are restored */
    struct on_updates VEC_OF(struct on_update) on_updates; /* of all tables, after the operations so far */
    struct statements
        after; /* statements that must wait for the last operation, such as the owner of a sequence */
};

struct sql pg_render_begin(struct rendering *r);
struct statement *pg_render_add(struct rendering *r, struct sql *q); /* the finished text as a statement */
/* Adds the statements kept for an object, or for all (key NULL). */
void pg_render_kept(struct rendering *r, enum object_kind kind, const char *key);
void pg_render_later(struct rendering *r, struct sql *q); /* the same, after all operations */
struct sql pg_render_alter(struct rendering *r, const struct qname *table); /* "ALTER TABLE t " */
/* Combines the statements after the first so many into one, which does nothing if the condition holds. */
void pg_render_unless(struct rendering *r, size_t from, const char *condition);
/* The condition that a table or index has this name. */
const char *pg_render_is_there(struct rendering *r, const struct qname *name);
/* COMMENT ON `what` IS …; NULL removes it. */
void pg_render_comment(struct rendering *r, const char *what, const char *comment);
/* The text that was written for this database, else the one it printed; NULL: nothing for it. */
const char *pg_render_expr(const struct expr *e);
/* The names that a table or column had before the operations of the list, for asking the server about them. */
struct qname pg_render_old_table(const struct rendering *r, const struct qname *table);
const char *pg_render_old_column(const struct rendering *r, const struct qname *table, const char *column);

/* Columns. */
bool pg_render_column_definition(
    struct rendering *r, struct sql *q, const struct table *t, const struct column *column) ATTR_CHECKED;
bool pg_render_column_extras(
    struct rendering *r, const struct qname *table, const struct column *c) ATTR_CHECKED;
/* `usual_storage`: as pg_type has it (p, e, m, x), for going back to it. */
bool pg_render_options(struct rendering *r, const struct qname *table, const char *column,
    const struct options *options, char usual_storage) ATTR_CHECKED;
void pg_render_column_comment(
    struct rendering *r, const struct qname *table, const char *column, const char *comment);
/* Also its sequence, which is named after it. */
bool pg_render_column_rename(
    struct rendering *r, const struct qname *table, const char *name, const char *new_name) ATTR_CHECKED;
bool pg_render_value(struct rendering *r, struct sql *q, const struct value *v) ATTR_CHECKED;
void pg_render_identity(struct sql *q, const struct identity *i);
void pg_render_collation(struct sql *q, const char *collation);
/* Whether a flag among the options is on. */
bool pg_is_set(const struct options *o, const char *key);
/* The default start. */
const char *pg_render_sequence_start(const struct sequence_options *o);
void pg_render_sequence_options(struct sql *q, const struct sequence_options *o);

/* Constraints and indexes. */
bool pg_render_constraint(struct rendering *r, struct sql *q, const struct constraint *c) ATTR_CHECKED;
bool pg_render_constraint_extras(
    struct rendering *r, const struct qname *table, const struct constraint *c) ATTR_CHECKED;
bool pg_render_index(
    struct rendering *r, const struct qname *table, const struct op_create_index *o) ATTR_CHECKED;
/* " WITH (…)" of those settings that are storage parameters. */
void pg_render_storage(struct sql *q, const struct options *options);

/* The name of a constraint that an operation describes by its shape: the one on the server, else the one that
 * the server would choose. */
bool pg_find_constraint(
    struct rendering *r, const struct op_drop_constraint *o, const char **ret) ATTR_CHECKED;

/* What the server knows of a column before the operations. */
struct column_now {
    bool known;
    const char *type, *dflt, *collation, *comment;
    struct qname sequence;     /* of the identity, or of a default that is only its next number */
    const char *sequence_type; /* "bigint" */
    const char *sequence_min, *sequence_max;
    bool owns_sequence; /* which is dropped with the column */
    bool is_serial;     /* exactly what `serial` creates, whatever the name of the sequence */
    char identity, generated, storage;
    bool has_cast, is_assigned; /* from its type to the asked one */
    bool not_null;
};
bool pg_render_column_now(struct rendering *r, const struct qname *table, const char *column,
    const char *new_type, struct column_now *ret) ATTR_CHECKED;

/* The name for the sequence of a numbered column of this table: the usual one, with a number where an object of that
 * name exists when the operation runs. */
bool pg_render_sequence_name(
    struct rendering *r, const struct qname *table, const char *column, struct qname *ret) ATTR_CHECKED;
/* Renames the sequence of a column after a table or column was renamed, if it was named after them. */
bool pg_render_sequence_follows(struct rendering *r, const struct column_now *now,
    const struct qname *old_table, const char *old_column, const struct qname *table,
    const char *column) ATTR_CHECKED;

/* Triggers of `on_update`, and their functions: no server drops or renames these along with a table. */

/* Reads the existing ones, if an operation of the list may concern them. */
bool pg_on_update_begin(struct rendering *r) ATTR_CHECKED;
/* Creates those of a column that was just created. */
bool pg_on_update_create(struct rendering *r, const struct qname *table, const struct column *c) ATTR_CHECKED;
/* Before and after the statements of an operation that changes or drops columns or tables. */
void pg_on_update_before(struct rendering *r, const struct op *op);
bool pg_on_update_after(struct rendering *r, const struct op *op) ATTR_CHECKED;

bool pg_render_create_table(struct rendering *r, const struct op *op);
bool pg_render_drop_table(struct rendering *r, const struct op *op);
bool pg_render_rename_table(struct rendering *r, const struct op *op);
bool pg_render_partition(struct rendering *r, const struct op *op);
bool pg_render_copy_rows(struct rendering *r, const struct op *op);
bool pg_render_parent(struct rendering *r, const struct op *op);
bool pg_render_alter_table(struct rendering *r, const struct op *op);
bool pg_render_table_comment(struct rendering *r, const struct op *op);
bool pg_render_add_column(struct rendering *r, const struct op *op);
bool pg_render_drop_column(struct rendering *r, const struct op *op);
bool pg_render_alter_column(struct rendering *r, const struct op *op);
bool pg_render_rename_column(struct rendering *r, const struct op *op);
bool pg_render_create_index(struct rendering *r, const struct op *op);
bool pg_render_drop_index(struct rendering *r, const struct op *op);
bool pg_render_rename_index(struct rendering *r, const struct op *op);
bool pg_render_rename_partition_index(struct rendering *r, const struct op *op);
bool pg_render_create_constraint(struct rendering *r, const struct op *op);
bool pg_render_drop_constraint(struct rendering *r, const struct op *op);
bool pg_render_rename_constraint(struct rendering *r, const struct op *op);
bool pg_render_validate_constraint(struct rendering *r, const struct op *op);
bool pg_render_create_enum(struct rendering *r, const struct op *op);
bool pg_render_drop_enum(struct rendering *r, const struct op *op);
bool pg_render_alter_enum(struct rendering *r, const struct op *op);
bool pg_render_rename_enum(struct rendering *r, const struct op *op);
bool pg_render_create_view(struct rendering *r, const struct op *op);
bool pg_render_drop_view(struct rendering *r, const struct op *op);
bool pg_render_replace_view(struct rendering *r, const struct op *op);
bool pg_render_rename_view(struct rendering *r, const struct op *op);
/* "VIEW" or "MATERIALIZED VIEW". */
bool pg_render_view_words(struct rendering *r, const struct qname *view, const char **ret) ATTR_CHECKED;
bool pg_render_create_sequence(struct rendering *r, const struct op *op);
bool pg_render_drop_sequence(struct rendering *r, const struct op *op);
bool pg_render_alter_sequence(struct rendering *r, const struct op *op);
bool pg_render_rename_sequence(struct rendering *r, const struct op *op);
bool pg_render_create_schema(struct rendering *r, const struct op *op);
bool pg_render_drop_schema(struct rendering *r, const struct op *op);
/* Also of revoke. */
bool pg_render_grant(struct rendering *r, const struct op *op);
bool pg_render_change_owner(struct rendering *r, const struct op *op);
bool pg_check_roles(struct conn *conn, const struct schema *models);
bool pg_render_set_comment(struct rendering *r, const struct op *op);
bool pg_render_bulk_insert(struct rendering *r, const struct op *op);
bool pg_render_execute(struct rendering *r, const struct op *op);
bool pg_render_backfill(struct rendering *r, const struct op *op);
bool pg_render_assert(struct rendering *r, const struct op *op);
bool pg_render_run(struct rendering *r, const struct op *op);
