/*
 * Operations in the form that other sessions hardly notice: recipes of segments.
 *
 * Locks, scans and rewrites were measured on PostgreSQL 12 to 18. For the files of this directory, and for dialect.c.
 */
#pragma once

#include "dialect/postgresql/wire/conn.h"

bool pg_online(struct ctx *ctx, struct state *state, const struct op *op, struct segments *ret);
bool pg_keep_in_step(struct ctx *ctx, const struct twins *twins, struct in_step *ret);

/* ---- for the files of this directory -------------------------------------------------------------------- */

#define LOCK_ACCESS_EXCLUSIVE "ACCESS EXCLUSIVE"
#define LOCK_SHARE_ROW_EXCLUSIVE "SHARE ROW EXCLUSIVE"
#define LOCK_SHARE "SHARE"
#define LOCK_SHARE_UPDATE_EXCLUSIVE "SHARE UPDATE EXCLUSIVE"
#define LOCK_ROW_EXCLUSIVE "ROW EXCLUSIVE"

/* A table below a partitioned one. */
struct online_child {
    struct qname name, parent;
    bool is_leaf;
};

/* What is known of the table of an operation. */
struct online_table {
    struct qname name;
    char kind; /* as in pg_class.relkind; 0: not known, or there is no such table yet */
    bool has_key;
    struct online_children VEC_OF(struct online_child) children; /* of a partitioned one, parents first */
};

/* A name that a recipe gives to an object of its own. */
enum claim_kind {
    CLAIM_COLUMN,
    CLAIM_CONSTRAINT,
    CLAIM_TRIGGER,
    CLAIM_RELATION, /* an index or a sequence, in the schema of the table */
    CLAIM_FUNCTION, /* without parameters, in the schema of the table */
};
struct claim {
    enum claim_kind kind;
    struct qname table;
    const char *name;
};
struct claims VEC_OF(struct claim);

struct recipe_call {
    struct ctx *ctx;
    struct state *state;
    struct pg *pg; /* NULL: offline */
    int version;   /* of the server: 150020; the oldest supported one if it is not known */
    const struct op *op;
    struct online_table table;
    struct segments *ret;
    struct claims *claims;
};

bool online_table_read(
    struct recipe_call *k, const struct qname *name, struct online_table *ret) ATTR_CHECKED;

/* A new segment with one operation. Valid until the next one is added. */
struct segment *recipe_add(struct recipe_call *k, struct op *op, const char *lock, const char *work);
/* "scans posts" */
const char *recipe_work(struct recipe_call *k, const char *what);
/* The operation without `online`, to be changed. */
struct op *recipe_plain(struct recipe_call *k);
struct op *recipe_sql(struct recipe_call *k, const char *sql);
/* To drop a constraint or index of the table if it exists. */
struct op *recipe_drop_constraint(struct recipe_call *k, const char *name);
struct op *recipe_drop_index(struct recipe_call *k, const char *name);
/* Adds the segments that prove a condition for all rows of a table, by a check that the recipe drops later. */
void recipe_prove(struct recipe_call *k, const struct qname *table, const char *name, const char *condition,
    const char *work);
/* The recipe needs this name: an operation that has not begun is refused if another object has it. */
void recipe_claim(struct recipe_call *k, enum claim_kind kind, const struct qname *table, const char *name);
/* Refuses names that are taken. */
bool recipe_check_claims(struct recipe_call *k) ATTR_CHECKED;
/* An error at the operation: it would block other sessions, for this reason. Always false. */
bool recipe_refuse(struct recipe_call *k, const char *why);
#define recipe_refuse(...) fail_false(recipe_refuse(__VA_ARGS__))

/* One segment: the operation as it is. */
bool recipe_as_it_is(struct recipe_call *k);
bool recipe_create_index(struct recipe_call *k);
bool recipe_drop_concurrently(struct recipe_call *k);
bool recipe_key(struct recipe_call *k);
bool recipe_not_valid_first(struct recipe_call *k);
bool recipe_key_on_partitions(struct recipe_call *k);
bool recipe_attach(struct recipe_call *k);
bool recipe_detach(struct recipe_call *k);
bool recipe_alter_column(struct recipe_call *k);
bool recipe_add_column(struct recipe_call *k);
bool recipe_add_numbered(struct recipe_call *k);
bool recipe_drop(struct recipe_call *k);
bool recipe_change_type(struct recipe_call *k);
bool recipe_change_generated(struct recipe_call *k);

/* The constraint's, or the one that the server would choose. */
const char *recipe_constraint_name(struct recipe_call *k, const struct constraint *c);
/* Adds the segments that create the index, of the operation or of its key, on a partitioned table. */
bool recipe_index_on_partitions(struct recipe_call *k, const struct index *index) ATTR_CHECKED;
/* Adds the segments that make a column NOT NULL; `last` also changes the rest of it, and cannot be
 * taken back; or NULL. */
bool recipe_set_not_null(struct recipe_call *k, const char *column, struct op *last) ATTR_CHECKED;
/* The name of a column's NOT NULL; NULL: it has none, or the server does not name them. */
bool recipe_read_not_null(struct recipe_call *k, const char *column, const char **ret) ATTR_CHECKED;
/* Adds those that fill a column with the value of an expression, where it is NULL and a condition holds, which may be
 * NULL. */
bool recipe_fill(
    struct recipe_call *k, const char *column, const char *value, const char *condition) ATTR_CHECKED;
/* Adds the one that builds an index. */
bool recipe_build_index(struct recipe_call *k, const struct index *index, bool if_not_exists) ATTR_CHECKED;
/* The index of a primary key or unique constraint. */
struct index recipe_key_index(struct recipe_call *k, const struct constraint *c);
/* Whether a type is a domain with constraints; false offline. */
bool recipe_is_checked_domain(struct recipe_call *k, const char *type, bool *ret) ATTR_CHECKED;
/* Adds those of the foreign key of an add_column, if it has one. */
bool recipe_add_references(struct recipe_call *k) ATTR_CHECKED;
/* The column of an add_column alone: nullable, without a default. */
struct op *recipe_bare_column(struct recipe_call *k);
struct op *recipe_drop_column(struct recipe_call *k, const char *column);
