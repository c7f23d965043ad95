/* A connection to SQLite, for the files of this directory. */
#pragma once

#include "cmig/dialect.h"

#include <sqlite3.h>

/* The statements of a rebuild. In a database without rows, dropping the table and creating it in its new form has the
 * same result. Renaming makes SQLite read the text of every object several times. */
struct exchange {
    const struct statement *first, *last; /* last: NULL while they are written */
    const char *table, *text;
};
struct exchanges {
    struct exchange **v;
    uint32_t n, cap;
    size_t at;   /* the first that has not run to its end */
    bool inside; /* it has begun */
};

struct sqlite_conn {
    struct conn base;
    sqlite3 *db;
    const char *path;       /* "" for a memory database */
    uint64_t busy_ms;       /* how long another's lock is waited for */
    uint64_t busy_since_us; /* when the present wait began */
    uint64_t began_us;      /* when the transaction began */
    bool in_transaction;    /* ours, not a script's */
    bool denied;            /* a script wanted to end it */
    bool confined;          /* the running script must not reach another file */
    bool preparing;         /* a statement of a script; what that does itself comes later */
    const char *guessed;    /* a collation that only the application has, once something was ordered by it */
    struct strings guesses; /* collations that only the application has */
    struct strings pragmas; /* as they were before user SQL that may change them; see session.c */
    const char *journal_mode, *like_is_exact;
    bool may_have_legacy_alter, may_have_pragmas, may_have_temporary, may_have_attached,
        may_have_schema_rows; /* by user SQL */
    bool is_restored_late;    /* a setting must be restored once no transaction is open */
    int lock_fd;              /* of the file that keeps other cmigs out; -1: not held */
    const char *lock_path;
    struct copy_progress {
        sqlite3_stmt *stmt; /* NULL: nothing is being copied */
        const char *label;
        uint64_t total; /* 0: not known */
        uint64_t shown_us;
    } copy;
    struct borrowed *borrowed;  /* the handle belongs to a program; NULL: it is cmig's own */
    struct sqlite_conn *shadow; /* that a rendering has left, for the next one; NULL: none */
    struct exchanges exchanges; /* of the last rendering; used in a stand-in */
};
static inline struct sqlite_conn *sqlite_conn(struct conn *conn)
{
    return (struct sqlite_conn *)conn;
}

static inline void stmt_close(sqlite3_stmt **stmt)
{
    sqlite3_finalize(*stmt);
}
#define STMT CLEANUP(stmt_close) sqlite3_stmt *

/* The exchange that a statement, one after the other, is part of; NULL: none. */
const struct exchange *exchange_at(struct exchanges *list, const struct statement *s);
void exchange_run(struct ctx *ctx, const struct sqlite_conn *c, const struct exchange *e);

/* What the parameters of a URL ask for. */
struct sqlite_url {
    const char *uri; /* the name to open, as SQLite's URI; NULL: the path alone */
    bool read_only;
    bool must_exist;  /* a missing file is not created */
    uint64_t busy_ms; /* 0: not given */
};
/* Refuses unknown parameters and values. */
bool sqlite_url_read(struct ctx *ctx, const struct url *url, struct sqlite_url *ret) ATTR_CHECKED;

/* A memory database to try statements in; closed with sqlite_close. */
struct sqlite_conn *sqlite_open_memory(struct ctx *ctx);
bool sqlite_open(
    struct ctx *ctx, const struct url *url, const struct open_options *options, struct conn **ret);
void sqlite_close(struct conn *conn);
/* See borrow.c. */
bool sqlite_borrow(struct ctx *ctx, void *handle, const struct open_options *options, struct url *ret_url,
    struct conn **ret);
/* Gives the handle back as it was. */
void sqlite_give_back(struct sqlite_conn *c);
/* The error for SQL from the history table: the handle has no way to keep it from other files. */
bool sqlite_refuse_confined(struct sqlite_conn *c, const struct statement *s);
/* Before user SQL that may set it on a borrowed handle: refuses what could not be restored. */
bool sqlite_note_busy_timeout(struct sqlite_conn *c) ATTR_CHECKED;
/* The temporary objects and the attached databases that the program had: what else there is, user SQL created. */
const struct strings *sqlite_kept_objects(const struct sqlite_conn *c);
const struct strings *sqlite_kept_databases(const struct sqlite_conn *c);
bool sqlite_create_database(struct ctx *ctx, const struct url *url, const struct open_options *given,
    const struct database_settings *s, bool *ret_created);
bool sqlite_drop_database(
    struct ctx *ctx, const struct url *url, const struct open_options *given, bool force, bool *ret_dropped);
/* Whether the database can be changed at all, and still is where it was. */
bool sqlite_check_writable(struct sqlite_conn *c) ATTR_CHECKED;
bool sqlite_lock(struct conn *conn, const struct version_table *v, uint64_t timeout_ms);
void sqlite_unlock(struct conn *conn);
/* A connection without a database, and its first reading. */
struct sqlite_conn *sqlite_conn_new(struct ctx *ctx, const char *path);
bool sqlite_check_content(struct sqlite_conn *c) ATTR_CHECKED;
/* Sets the functions that SQLite calls while it waits and works, unless they are a program's. */
void sqlite_watch(struct sqlite_conn *c);
bool sqlite_begin(struct conn *conn);
bool sqlite_commit(struct conn *conn);
void sqlite_rollback(struct conn *conn);

/* The name of a rebuilt table until it replaces the old one. */
#define NEW_TABLE "_cmig_new_"
/* SQLite's last message, about such a table as if it had its final name. */
const char *sqlite_message(struct ctx *ctx, sqlite3 *db);
/* Sets the error from SQLite's last message, with the matching status. */
bool sqlite_fail(struct sqlite_conn *c);
#define sqlite_fail(c) fail_false(sqlite_fail(c))
/* Prepares one statement of our own. */
bool sqlite_prepare(struct sqlite_conn *c, const char *sql, sqlite3_stmt **ret) ATTR_CHECKED;
/* The next row; *ret_row false at the end. */
bool sqlite_step(struct sqlite_conn *c, sqlite3_stmt *stmt, bool *ret_row) ATTR_CHECKED;
/* A column's text in the command's arena; NULL stays NULL. */
const char *sqlite_text(struct sqlite_conn *c, sqlite3_stmt *stmt, int i);
/* The first column of the first row, or *ret NULL without one. */
bool sqlite_query(struct sqlite_conn *c, const char *sql, const char **ret) ATTR_CHECKED;
bool sqlite_query_row(struct conn *conn, const char *sql, struct strings *ret);
bool sqlite_query_rows(struct conn *conn, const char *sql, struct result *ret);
const char *sqlite_statistics_query(struct ctx *ctx, const struct qname *table);
const char *sqlite_key_query(struct ctx *ctx, const struct qname *table, int64_t number);
/* Runs one or several statements of our own that give no rows. */
bool sqlite_run(struct sqlite_conn *c, const char *sql) ATTR_CHECKED;

/* After a statement of a script: fails when it set a PRAGMA that has another value all the same. `rest` is the script after
 * it, `answer` the first value that it gave, or NULL. */
bool sqlite_check_pragma(
    struct sqlite_conn *c, const char *sql, const char *rest, const char *answer) ATTR_CHECKED;

/* The rows of a file. */
bool sqlite_insert_rows(struct sqlite_conn *c, const struct statement *s) ATTR_CHECKED;
const char *sqlite_clean(struct ctx *ctx, const char *text, bool in_transaction);
bool sqlite_split(struct ctx *ctx, const struct statement *s, bool in_transaction, struct statements *ret);
bool sqlite_exec(struct conn *conn, const struct statements *list, bool commit);
bool sqlite_exec_alone(struct conn *conn, const struct statement *s, struct alone *with);
bool sqlite_settle(struct conn *conn, size_t most);

void sqlite_locate(struct ctx *ctx, const struct conn *conn, struct version_table *v);
bool sqlite_versions(struct conn *conn, const struct version_table *v, struct strings *ret, bool *ret_exists);
void sqlite_version_create(struct ctx *ctx, const struct version_table *v, struct statements *ret);
void sqlite_version_move(
    struct ctx *ctx, const struct version_table *v, const struct version_move *m, struct statements *ret);
const char *sqlite_triggers_query(struct ctx *ctx, const struct qname *table);
void sqlite_history_add(
    struct ctx *ctx, const struct version_table *v, const struct history_entry *e, struct statements *ret);
bool sqlite_history(struct conn *conn, const struct version_table *v, const struct history_query *which,
    struct history_rows *ret);

/* Before a user's text runs: saves the settings that it may change. */
bool sqlite_note_session(struct sqlite_conn *c, const char *text) ATTR_CHECKED;
/* Runs a STATEMENT_SESSION; the rest of it runs after the transaction. */
bool sqlite_restore_session(struct sqlite_conn *c, const struct statement *s) ATTR_CHECKED;
bool sqlite_restore_late(struct sqlite_conn *c) ATTR_CHECKED;
/* Both outside of a transaction, after a failure. */
bool sqlite_restore_all(struct sqlite_conn *c) ATTR_CHECKED;
void sqlite_restore(
    struct ctx *ctx, const struct version_table *v, const struct strings *rows, struct statements *ret);
bool sqlite_script_restore(struct ctx *ctx, struct conn *conn, const struct statement *s, const char **ret);

extern const struct shell sqlite_shell;

bool sqlite_reflect(struct conn *conn, const struct scope *scope, struct schema *ret);
bool sqlite_definitions(
    struct conn *conn, const struct scope *scope, const struct schema *schema, struct definitions *ret);
bool sqlite_scratch_open(
    struct conn *conn, const struct url *url, const struct url *given, struct scratch *ret);
void sqlite_scratch_close(struct conn *conn, struct scratch *s);
bool sqlite_scratch_copy(struct conn *conn, struct scratch *from, struct scratch *ret);
/* Marks the operations of a downgrade that lead back to references to what does not exist. */
bool sqlite_complete(struct conn *conn, struct ops *up, struct ops *down);
bool sqlite_normalise(struct conn *conn, const struct schema *wanted, struct schema *ret, bool *ret_asked);
bool sqlite_render(struct ctx *ctx, struct state *state, const struct ops *ops, struct statements *ret);
bool sqlite_keep_in_step(struct ctx *ctx, const struct twins *twins, struct in_step *ret);
