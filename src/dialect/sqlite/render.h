/* Operations on their way to statements: what the files of the renderer share. */
#pragma once

#include "dialect/sqlite/conn.h"
#include "dialect/sqlite/layout.h"

/* Pending operations on one table, so that several of them need one rebuild. */
struct pending {
    const char *table;
    struct ops ops;
};
struct pendings VEC_OF(struct pending *);

/* A table whose foreign keys are checked at the end. */
struct concern {
    const char *table;
    const struct op *op;
};
struct concerns VEC_OF(struct concern *);

/* Rows of one or two texts. */
struct shadow_row {
    const char *name, *sql;
};
struct shadow_rows VEC_OF(struct shadow_row *);

struct rendering {
    struct ctx *ctx;
    struct state *state;
    struct statements *out;
    struct pendings pending;
    struct sqlite_conn *shadow; /* NULL: not needed yet */
    size_t replayed;            /* statements that the shadow has seen */
    struct exchanges exchanges;
    bool is_spoiled;            /* the shadow may contain more than a schema */
    struct strings compiled;    /* views that SQLite compiled with the last statement of the shadow */
    struct strings broken;      /* views, triggers and virtual tables that did not work before */
    struct strings missing;     /* functions that the schema calls and this SQLite does not have */
    struct shadow_rows modules; /* virtual tables and the modules that it does not have for them */
    struct concerns concerns;
    struct concerns gone;     /* tables that were dropped */
    struct concerns dangling; /* tables that were dropped, and to which foreign keys may still refer */
    enum tri on_update;       /* whether tables may have triggers for `on_update`; UNSET: not asked yet */
    unsigned edits;           /* schemas edited in place */
    const struct op *last;    /* the operation whose statements are being written */
};

/* Writes a statement down. */
struct statement *rendering_add(struct rendering *r, const char *text, const struct op *op);
void concern_add(struct rendering *r, struct concerns *list, const char *table, const struct op *op);
bool rendering_fail(struct rendering *r, const struct op *op); /* adds the operation to the error */
#define rendering_fail(...) fail_false(rendering_fail(__VA_ARGS__))

/* The database whose rows will change, to check them; NULL: it is not available. */
static inline struct sqlite_conn *rendering_rows(const struct rendering *r)
{
    const struct state *s = r->state;
    return s->conn && !s->conn->stand_in && !s->elsewhere ? sqlite_conn(s->conn) : NULL;
}

/* ---- the shadow: the database's schema in memory, in which the statements so far have been run ---------- */

/* Brings it up to date, creating it first. Statements that fail there will also fail in the database, and are
 * skipped. */
bool shadow_sync(struct rendering *r) ATTR_CHECKED;
void shadow_close(struct rendering *r);
/* The text of a table, NULL if there is none. Reads the database itself as long as no statement has been
 * rendered. */
bool shadow_table_text(struct rendering *r, const char *table, const char **ret) ATTR_CHECKED;
/* Records the views, triggers and virtual tables that do not work. */
bool shadow_remember_faults(struct rendering *r) ATTR_CHECKED;
/* The views, virtual tables and tables with triggers that do not work, each with SQLite's message as `sql`. */
bool shadow_faults(struct rendering *r, struct shadow_rows *ret) ATTR_CHECKED;
/* Fails if one worked before and would not work afterwards. */
bool shadow_check_dependents(struct rendering *r, const struct ops *ops) ATTR_CHECKED;
/* The views that worked before and do not now. */
bool shadow_broken_views(struct rendering *r, struct shadow_rows *ret) ATTR_CHECKED;
/* Rows of "SELECT name, sql … WHERE … ?1 …" */
bool shadow_rows(
    struct rendering *r, const char *query, const char *parameter, struct shadow_rows *ret) ATTR_CHECKED;

/* ---- references to what does not exist ------------------------------------------------------------------- */

/* Whether an object that one of the operations drops as `dangling` is the one that SQLite's message misses. */
bool dangling_allows(struct ctx *ctx, const struct ops *ops, const char *message);

/* ---- changing tables --------------------------------------------------------------------------------- */

/* A table before and after its pending operations. */
struct change {
    struct rendering *r;
    const struct pending *pending;
    const struct op *op; /* the first that matters, for messages */
    struct parsed_table before;
    struct layout layout; /* of its text */
    struct table *after;
    const char *text;     /* the new CREATE TABLE, under its own name */
    bool is_spliced;      /* it is the old one with changed parts */
    struct strings fresh; /* columns that get no value from the old table */
    struct map sources; /* column in lower case → expression that gives its value, when it is not itself */
    struct shadow_rows indexes, triggers;
};

/* Parses the table and applies the operations to it; what SQLite would reject is an error. */
bool change_begin(struct rendering *r, const struct pending *p, struct change *ret) ATTR_CHECKED;
/* The new CREATE TABLE under another name. */
const char *change_text(const struct change *ch, const char *name);
/* A name for the new table that nothing has. */
bool change_free_name(struct change *ch, const char **ret) ATTR_CHECKED;
bool change_is_fresh(const struct change *ch, const char *column);
const struct column *change_before(
    const struct change *ch, const char *column); /* the same column before; or NULL */

/* The first of its operations of a kind; or NULL. */
const struct op *change_op_of(const struct change *ch, enum op_kind kind);

/* Edits the stored text, if nothing else is needed. */
bool edit_in_place(struct change *ch, bool *ret_done) ATTR_CHECKED;
/* Statements that replace the stored text of a table, in the database that is connected. */
bool edit_text(struct rendering *r, const struct op *op, const char *table, const char *text) ATTR_CHECKED;
/* Statements that give an index another name, with the text in which it is. */
bool edit_index(struct rendering *r, const struct op *op, const char *name, const char *new_name,
    const char *text) ATTR_CHECKED;
/* Rebuilds the table. */
bool rebuild_table(struct change *ch) ATTR_CHECKED;
/* Checks of the rows, so that a violation is reported with the row. */
void change_check_rows(struct change *ch);
void change_check_new_checks(struct change *ch);
bool change_had_check(const struct change *ch, const char *text);
/* Offline: checks that the table has no parts that are unknown to the script, which would drop them. */
void change_check_known(struct change *ch);
/* Whether its primary key and UNIQUE constraints are the same, in the same order. */
bool change_keeps_keys(const struct change *ch);
/* How many of the first ones are the same; *ret_all: no others were there or are. */
size_t change_same_keys(const struct change *ch, bool *ret_all);
/* Whether the table's foreign keys have changed. */
bool change_has_new_keys(const struct change *ch);
void change_concern(struct change *ch, const char *table);
/* ---- statistics -------------------------------------------------------------------------------------- */

/* Puts the rows of a table that is going to be dropped under another name, without those of indexes that do not come
 * back. */
bool statistics_save(struct change *ch, const struct shadow_rows *kept, const char *name) ATTR_CHECKED;
/* Puts the rows of a table, those of its keys, or of an index under a new name. */
bool statistics_rename_table(
    struct rendering *r, const struct op *op, const char *from, const char *to) ATTR_CHECKED;
bool statistics_rename_keys(
    struct rendering *r, const struct op *op, const char *from, const char *to) ATTR_CHECKED;
bool statistics_rename_index(
    struct rendering *r, const struct op *op, const char *from, const char *to) ATTR_CHECKED;

/* ---- what the linked SQLite does not have --------------------------------------------------------------- */

/* After an error in the shadow: adds the function that is missing there. False if the error was about something
 * else. */
bool missing_add(struct rendering *r, const char *message);
void missing_add_module(struct rendering *r, const char *table, const char *message);
/* A missing function that a text calls; NULL: none. */
const char *missing_call(const struct rendering *r, const char *sql);
/* Fails: `what`, such as "its index 'i'", calls the function. */
bool missing_refuse(const struct change *ch, const char *what, const char *function);
#define missing_refuse(...) fail_false(missing_refuse(__VA_ARGS__))
/* Fails when a new check calls a missing function: the rows have to pass it. */
bool missing_check_edit(struct change *ch) ATTR_CHECKED;
/* Fails when a rebuild of the table, with these of its indexes, would call a missing function or compare by a missing
 * collation. */
bool missing_check_rebuild(struct change *ch, const struct shadow_rows *indexes) ATTR_CHECKED;
bool missing_check_collations(struct change *ch, const struct shadow_rows *indexes) ATTR_CHECKED;
/* Fails when a statement gave that message in the shadow since a module is missing. */
bool missing_check_rename(struct rendering *r, const struct statement *s, const char *message) ATTR_CHECKED;

/* The indexes that the operations make. */
bool change_create_indexes(struct change *ch) ATTR_CHECKED;

/* Adds an operation to the pending ones of its table. */
bool pending_add(struct rendering *r, const struct op *op, const char *table) ATTR_CHECKED;
struct pending *pending_find(struct rendering *r, const char *table);
void pending_forget(struct rendering *r, const char *table);
bool pending_flush(struct rendering *r) ATTR_CHECKED;

/* Drops what refers to a table, or one of its columns: foreign keys of other tables at once; views that no
 * longer work when it is dropped. */
bool cascade_keys(
    struct rendering *r, const struct op *op, const char *table, const char *column) ATTR_CHECKED;
bool cascade_views(struct rendering *r, const struct op *op) ATTR_CHECKED;

/* CREATE INDEX for an operation; ADD COLUMN for one on a table that is `t`. */
bool rendering_index(struct rendering *r, const struct op *op) ATTR_CHECKED;
