/* Operations on their way to statements: what the files of the renderer share. */
#pragma once

#include "dialect/mysql/wire/conn.h"

struct rendering {
    struct ctx *ctx;
    struct state *state;
    const struct ops *ops;
    size_t at;           /* of the operation that is rendered */
    const struct op *op; /* the index of that operation */
    struct schema now;   /* tables that were read, as the operations before this one leave them */
    struct statements *ret;
    bool is_alone; /* the operation must not be joined with others to one statement */
};

bool my_never_online(enum op_kind kind);
bool my_keep_in_step(struct ctx *ctx, const struct twins *twins, struct in_step *ret);
bool my_render(struct ctx *ctx, struct state *state, const struct ops *ops, struct statements *ret);
/* Refuses online operations that the server would not do online. */
/* Rejects what the server will refuse to this user. */
bool my_permit(struct my *my, const struct ops *ops) ATTR_CHECKED;
bool my_rehearse(struct ctx *ctx, struct state *state, const struct ops *ops) ATTR_CHECKED;
bool my_check_op(struct ctx *ctx, const struct conn *conn, const struct op *op);
/* Whether operations of a kind are rendered here. */
bool my_renders(enum op_kind kind);

/* Renders all of them, those that one statement can do together. */
bool my_render_together(struct rendering *r) ATTR_CHECKED;
/* Renders r->op. */
bool my_render_one(struct rendering *r) ATTR_CHECKED;
/* Applies r->op to the tables that are tracked. */
void my_render_follow(struct rendering *r);

/* ---- statements -------------------------------------------------------------------------------------- */

struct sql my_render_begin(const struct rendering *r);
/* "ALTER TABLE name" */
struct sql my_render_alter(const struct rendering *r, const struct qname *table);
/* Adds a statement that changes the schema. */
struct statement *my_render_add(struct rendering *r, struct sql *q);
/* The text of an expression for this database; NULL: it has none. */
const char *my_render_expr(const struct expr *e);

/* ---- tables ------------------------------------------------------------------------------------------ */

/* A table as it is before the operation; NULL: it does not exist. */
bool my_table_find(struct rendering *r, const struct qname *name, struct table **ret) ATTR_CHECKED;
/* The same; a table that does not exist is an error. */
bool my_table_now(struct rendering *r, const struct qname *name, struct table **ret) ATTR_CHECKED;
/* The same before the operation and after it. */
struct my_change {
    struct table *before, *after;
};
bool my_change_of(struct rendering *r, const struct qname *name, struct my_change *ret) ATTR_CHECKED;

/* Whether the column of this table is AUTO_INCREMENT. */
bool my_is_numbered(const struct table *t, const struct column *c);
/* An AUTO_INCREMENT column must be a key. One that becomes a key by a later operation has this index until then. */
#define MY_NUMBERS_INDEX "cmig_numbers"
bool my_needs_numbers_index(const struct table *t, const struct column *c);
/* Adds DROP INDEX of that index of a column, if there is one. */
void my_drop_numbers_index(
    struct rendering *r, const struct table *before, const char *column, struct sql *q);
/* A column's definition without its name; `t` is for its key. */
bool my_column_definition(
    struct rendering *r, const struct table *t, const struct column *c, struct sql *q) ATTR_CHECKED;
/* CONSTRAINT name …, or INDEX name …, as in CREATE TABLE and after ADD. */
void my_add_constraint(struct sql *q, const struct constraint *c);
/* The prefix length of a column of a primary key; 0: all of it. */
int my_key_length(const struct constraint *c, size_t at);
void my_add_index(struct sql *q, const struct index *i);
/* The PERIOD FOR … of a table. */
void my_add_periods(struct ctx *ctx, struct sql *q, const struct table *t);

/* ---- options of tables ------------------------------------------------------------------------------- */

/* Adds ENGINE = … and the like. */
void my_add_table_options(struct sql *q, const struct options *o);
/* The value that a table without the option has, as SQL; NULL: the database's. */
const char *my_usual_option(const char *key);
/* Whether other engines may reject the option. */
bool my_is_of_one_engine(const char *key);
/* An option as information_schema.tables prints it; key NULL: models do not have it. */
struct my_table_option {
    const char *printed;
    const char *key, *value;
    bool is_usual; /* the server prints it for every table of the engine */
};
/* Reads the option at *at, and moves after it; false: there are no more. */
bool my_next_table_option(struct ctx *ctx, const char **at, struct my_table_option *ret);

/* ---- parts of definitions ---------------------------------------------------------------------------- */

/* Whether the operation drops the primary key, which it may call by a name. */
bool my_drops_primary_key(struct rendering *r, const struct op_drop_constraint *o, const struct table *t);
/* Whether the check is an attribute of a column, so that it is part of the column's definition. */
bool my_is_on_column(const struct constraint *c);

/* Adds DROP FOREIGN KEY, and with it the index that the server made for the key, unless another key needs that. */
void my_drop_foreign_key(
    struct rendering *r, const struct my_change *change, const struct constraint *c, struct sql *q);
/* Whether the table has this constraint, by its name. */
bool my_has_constraint(const struct table *t, const struct constraint *wanted);
/* Fails if the name of a constraint is not known: the operation that created it gave none, and there is no database. */
bool my_has_name(struct rendering *r, const struct constraint *c) ATTR_CHECKED;
/* Adds indexes for the foreign keys that lose theirs with this change, since the server would refuse it. */
void my_add_replacements(struct rendering *r, const struct my_change *change, struct sql *q);

/* Whether a column must be dropped and added for the change. */
bool my_must_remake(const struct column *before, const struct column *after);
/* Adds that, for a column that gets a new definition; or what makes a generated column ready to become another one. */
bool my_render_remade(struct rendering *r, const struct my_change *change, const char *name,
    const struct column *c) ATTR_CHECKED;

/* ---- privileges -------------------------------------------------------------------------------------- */

/* If grants are managed: revokes those on an object that was dropped, or moves them to its new name. is_forgotten: the
 * server has forgotten those under the old one. */
bool my_drop_access(struct rendering *r, const char *on, const struct qname *name) ATTR_CHECKED;
bool my_move_access(struct rendering *r, const char *on, const struct qname *name, const char *new_name,
    bool is_forgotten) ATTR_CHECKED;
/* The same of a column: grants its privileges on the column `as`, or revokes them there. */
bool my_column_access(struct rendering *r, enum op_kind kind, const struct qname *table, const char *column,
    const char *as) ATTR_CHECKED;

/* ---- sequences --------------------------------------------------------------------------------------- */

extern const struct sequence_defaults my_sequence_defaults;
bool my_check_sequence(struct ctx *ctx, struct pos pos, const struct sequence *q);
void my_render_sequence_comment(struct rendering *r, const struct qname *name, const char *comment);

/* ---- operations -------------------------------------------------------------------------------------- */

typedef bool my_renderer(struct rendering *r, const struct op *op);
my_renderer my_render_create_table, my_render_drop_table, my_render_rename_table, my_render_alter_table,
    my_render_table_comment, my_render_set_comment, my_render_add_column, my_render_drop_column,
    my_render_alter_column, my_render_rename_column, my_render_alter_enum, my_render_create_index,
    my_render_drop_index, my_render_rename_index, my_render_create_constraint, my_render_drop_constraint,
    my_render_rename_constraint, my_render_create_view, my_render_drop_view, my_render_replace_view,
    my_render_rename_view, my_render_object, my_render_create_sequence, my_render_alter_sequence,
    my_render_drop_sequence, my_render_rename_sequence, my_render_bulk_insert, my_render_execute,
    my_render_backfill, my_render_run, my_render_assert, my_render_grant;
