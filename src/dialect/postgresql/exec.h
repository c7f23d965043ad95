/* Running statements, and what belongs to it: transactions, the lock, the version and history tables. */
#pragma once

#include "dialect/postgresql/conn.h"

bool pg_begin(struct conn *conn);
bool pg_exec(struct conn *conn, const struct statements *list, bool commit);
bool pg_commit(struct conn *conn);
void pg_rollback(struct conn *conn);
/* Names the operation that a failed statement came from; returns false. */
bool exec_fail_at(struct ctx *ctx, const struct statement *s);

/* Cuts people's SQL into statements, and refuses what cannot run as a part of a revision. */
struct script_parts;
bool exec_split(
    struct ctx *ctx, const struct statement *s, bool in_transaction, struct script_parts *ret) ATTR_CHECKED;

/* Drops the index that an earlier, failed build of it left behind. */
bool concurrent_index_before(struct pg *pg, const struct op *op) ATTR_CHECKED;
/* Whether it was built and holds; an error says what stands. */
bool concurrent_index_after(struct pg *pg, const struct op *op, bool built) ATTR_CHECKED;

/* The rows of a file, or many of an operation. */
bool pg_copy_rows(struct pg *pg, const struct statement *s) ATTR_CHECKED;

bool pg_lock(struct conn *conn, const struct version_table *v, uint64_t timeout_ms);
void pg_unlock(struct conn *conn);
/* The number of the lock, as SQL; the other one is LOCK_CLASS. */
const char *pg_lock_key(struct ctx *ctx, const struct version_table *v);
enum { LOCK_CLASS = 0x636d6967 }; /* "cmig" */

bool pg_versions(struct conn *conn, const struct version_table *v, struct strings *ret, bool *ret_exists);
const char *pg_hidden_query(struct ctx *ctx, const struct version_table *v);
void pg_version_create(struct ctx *ctx, const struct version_table *v, struct statements *ret);
void pg_version_move(
    struct ctx *ctx, const struct version_table *v, const struct version_move *m, struct statements *ret);
void pg_history_add(
    struct ctx *ctx, const struct version_table *v, const struct history_entry *e, struct statements *ret);
bool pg_history(
    struct conn *conn, const struct version_table *v, const char *revision, struct history_rows *ret);

extern const struct shell pg_shell;
