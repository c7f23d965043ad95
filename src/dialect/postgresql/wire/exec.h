/* Running statements: transactions, the lock, the version and history tables. */
#pragma once

#include "dialect/postgresql/wire/conn.h"

bool pg_begin(struct conn *conn);
/* See the contract in cmig/dialect.h. */
bool pg_split(struct ctx *ctx, const struct statement *s, bool in_transaction, struct statements *ret);
bool pg_exec(struct conn *conn, const struct statements *list, bool commit);
bool pg_send(struct conn *conn, const struct statements *list, bool commit);
bool pg_exec_alone(struct conn *conn, const struct statement *s, struct alone *with);
bool pg_settle(struct conn *conn, size_t most);
bool pg_commit(struct conn *conn);
void pg_rollback(struct conn *conn);
/* Names the operation that a failed statement came from; returns false. */
bool exec_fail_at(struct ctx *ctx, const struct statement *s);
/* The same, with the place of a byte in its text. */
bool exec_fail_at_byte(struct ctx *ctx, const struct statement *s, size_t at);

/* Splits user SQL into statements, and rejects those that cannot run as a part of a revision. */
struct script_parts;
bool exec_split(
    struct ctx *ctx, const struct statement *s, bool in_transaction, struct script_parts *ret) ATTR_CHECKED;

/* Sends a statement after those that are not answered yet. */
bool pipeline_add(struct pg *pg, const struct sent *s) ATTR_CHECKED;
/* A statement of which there are many alike: it is prepared once, then only bound and run. */
bool pipeline_add_kind(struct pg *pg, const struct sent *s, const struct strings *values) ATTR_CHECKED;
/* The list ends here: the server must answer it as soon as it has run it. */
bool pipeline_end_list(struct pg *pg) ATTR_CHECKED;
/* Reports the server's error, and the place of the statement. */
bool pipeline_fail(struct pg *pg, const struct sent *s, const PGresult *r);

/* Whether the server finished the statement that an earlier run had started: it continues when its client is
 * killed. */
/* Whether nothing but what an earlier build left has the name of an index. */
bool concurrent_index_is_free(struct pg *pg, const struct qname *table, const char *name) ATTR_CHECKED;
bool concurrent_is_done(struct pg *pg, const struct op *op, bool *ret) ATTR_CHECKED;
/* Drops the index that an earlier, failed build of it left behind. */
bool concurrent_index_before(struct pg *pg, const struct op *op) ATTR_CHECKED;
/* Whether it is done, given whether the statement succeeded; the error names an index that it left invalid. */
bool concurrent_index_after(struct pg *pg, const struct op *op, bool ok) ATTR_CHECKED;
/* Adds to the error of a user's statement the indexes that are not valid. */
void concurrent_script_failed(struct pg *pg);

/* The rows of a file, or many of an operation. */
/* The rows after a COPY FROM STDIN of a user's text, as they are. */
bool pg_copy_text(struct pg *pg, const struct sent *s, const char *rows, size_t size) ATTR_CHECKED;
bool pg_copy_rows(struct pg *pg, const struct statement *s) ATTR_CHECKED;

/* Adds to the error who holds the lock that a statement did not get, as far as that can be found. */
void lock_name_blockers(struct pg *pg);
bool pg_lock(struct conn *conn, const struct version_table *v, uint64_t timeout_ms);
void pg_unlock(struct conn *conn);
/* The number of the lock, as SQL; the other one is LOCK_CLASS. */
const char *pg_lock_key(struct ctx *ctx, const struct version_table *v);
enum { LOCK_CLASS = 0x636d6967 }; /* "cmig" */

bool pg_versions(struct conn *conn, const struct version_table *v, struct strings *ret, bool *ret_exists);
const char *pg_hidden_query(struct ctx *ctx, const struct version_table *v);
const char *pg_published_query(struct ctx *ctx, const struct strings *tables);
const char *pg_triggers_query(struct ctx *ctx, const struct qname *table);
void pg_version_create(struct ctx *ctx, const struct version_table *v, struct statements *ret);
void pg_version_move(
    struct ctx *ctx, const struct version_table *v, const struct version_move *m, struct statements *ret);
void pg_history_add(
    struct ctx *ctx, const struct version_table *v, const struct history_entry *e, struct statements *ret);
void pg_restore(
    struct ctx *ctx, const struct version_table *v, const struct strings *rows, struct statements *ret);
/* A subquery: what is set in the session, as JSON. The role comes first, since other settings may need its rights. */
#define PG_SETTINGS \
    "(SELECT pg_catalog.json_object_agg(s.name, s.value ORDER BY s.rank, s.name)::pg_catalog.text FROM " \
    "(SELECT 1 AS rank, 'session_authorization' AS name, session_user::pg_catalog.text AS value " \
    "UNION ALL SELECT 2, 'role', pg_catalog.current_setting('role') " \
    "UNION ALL SELECT 3, name, setting FROM pg_catalog.pg_settings WHERE source = 'session' " \
    "AND context IN ('user', 'superuser') AND name <> 'cmig.session') AS s)"
extern const char pg_lock_is_lost[]; /* the message of a sent statement if another cmig has the lock */
/* Sends the statements of a STATEMENT_SESSION. */
bool pg_restore_session(struct pg *pg, const struct statement *s) ATTR_CHECKED;
/* The same for a script: the settings saved at its head, and the statements that restore them. */
const char *pg_script_session(struct ctx *ctx, const struct version_table *v);
bool pg_script_restore(struct ctx *ctx, struct conn *conn, const struct statement *s, const char **ret);
bool pg_history(struct conn *conn, const struct version_table *v, const struct history_query *which,
    struct history_rows *ret);

extern const struct shell pg_shell;
