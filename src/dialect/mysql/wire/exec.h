/* Running statements, and what belongs to it: transactions, the lock, the version and history tables. */
#pragma once

#include "dialect/mysql/wire/conn.h"

/* See the contract in cmig/dialect.h. */
bool my_begin(struct conn *conn);
bool my_exec(struct conn *conn, const struct statements *list, bool commit);
bool my_settle(struct conn *conn, size_t most);
bool my_commit(struct conn *conn);
bool my_exec_alone(struct conn *conn, const struct statement *s, struct alone *with);
void my_rollback(struct conn *conn);
/* Notes what a statement of cmig itself, which the server refused, found changed. */
void my_note_own_failure(struct my *my, const struct statement *s);
/* Runs a STATEMENT_ALTER. */
bool my_run_alter(struct my *my, const struct statement *s, const char *sql) ATTR_CHECKED;
/* Whether the server failed because it cannot change a table with the requested algorithm and lock. */
bool my_is_refusal(struct my *my);
#define MY_ONLINE_HINT \
    "The change would block writes to the table. Remove 'online' from the operation to accept that."
/* Of a statement that failed: the operation that the server's message is about; NULL: one of several. */
const struct op *my_blamed_operation(const struct statement *s, const char *message);
/* Adds to the error of an operation that waited in vain who may hold the lock. */
void my_name_blockers(struct my *my, const struct op *op);
/* The rows of a bulk_insert. */
bool my_insert_rows(struct my *my, const struct statement *s) ATTR_CHECKED;

bool my_lock(struct conn *conn, const struct version_table *v, uint64_t timeout_ms);
void my_unlock(struct conn *conn);
/* Takes the lock if it is free; also true if this session already has it. */
bool my_lock_try(struct my *my, bool *ret_taken) ATTR_CHECKED;
/* The name of the lock, as SQL. */
const char *my_lock_sql(struct ctx *ctx, const struct version_table *v);

bool my_versions(struct conn *conn, const struct version_table *v, struct strings *ret, bool *ret_exists);
void my_version_create(struct ctx *ctx, const struct version_table *v, struct statements *ret);
void my_version_move(
    struct ctx *ctx, const struct version_table *v, const struct version_move *m, struct statements *ret);
void my_history_add(
    struct ctx *ctx, const struct version_table *v, const struct history_entry *e, struct statements *ret);
bool my_history(struct conn *conn, const struct version_table *v, const struct history_query *which,
    struct history_rows *ret);
void my_restore(
    struct ctx *ctx, const struct version_table *v, const struct strings *rows, struct statements *ret);
/* Runs a STATEMENT_SESSION. */
bool my_restore_session(struct my *my, const struct statement *s) ATTR_CHECKED;

/* The variable that has a step's duration, in milliseconds, and the kind of the statement that records it. */
#define MY_DURATION "@cmig_duration"

/* Codes that say that the statement's change is there already; ended by 0. */
extern const unsigned my_done_codes[];

extern const struct shell my_shell;
