/*
 * A connection to PostgreSQL, and queries.
 *
 * Rows come as text and are copied where they are taken. Every wait looks at the context's interruption: the
 * running statement is then cancelled on the server.
 */
#pragma once

#include "dialect/postgresql/postgresql.h"
#include "dialect/postgresql/wire/libpq.h"
#include "dialect/waiting.h"

/* A statement that was sent, the context of its error, and the receiver of its rows. */
struct answer;
struct sent {
    const struct statement *statement; /* where it comes from; NULL: BEGIN, COMMIT and the like */
    const char *sql;                   /* as it was sent */
    size_t at;                         /* where that begins in the statement's text */
    const char *guarded;               /* the message if it divides by zero; NULL: it does not divide */
    bool last;                         /* of its list */
    struct answer *ret;                /* receives its rows; NULL: they are ignored */
};
struct pipeline {
    bool open;      /* libpq is in its pipeline mode */
    bool synced;    /* libpq was told to leave it after the statements sent so far */
    bool failed;    /* what was sent after the failure is not run */
    struct err err; /* of the failure */
    struct VEC_OF(struct sent) sent;
    size_t answered; /* of `sent` */
};

struct pg {
    struct conn base;
    struct libpq pq;
    PGconn *conn;
    const char *url; /* secret; for masking */
    const struct url *parsed_url;
    uint64_t deadline_us;  /* while connecting: the first answer must have come by then; 0: no limit */
    uint64_t cancelled_us; /* when the server was asked to cancel; 0: it was not */
    bool is_abandoned;     /* the server stayed silent after a deadline or an interruption */
    const char *rule;      /* why rows of cmig's tables would not be written unchanged; NULL: they would be */
    const char *waited_for;         /* the statement that did not get a lock in time */
    struct strings waited_sessions; /* those that kept it waiting; empty: not known */
    struct waiting waiting;         /* of the running statement */
    struct pg *watch;               /* the second connection, which looks them up; NULL: there is none yet */
    struct index_progress {
        uint64_t next_us; /* when the watch is asked next; 0: a second after the statement began */
        bool is_shown, is_off;
    } index_progress;
    uint64_t answered_us; /* how long the last answers were waited for */
    int version;          /* of the server: 150020 */
    bool begin_pending;   /* BEGIN goes with the next statement */
    bool in_transaction;  /* it went, and COMMIT did not yet */
    bool is_shared;       /* a pooler switches sessions between transactions: session state does not last */
    int64_t session;      /* the server's number of it */
    uint32_t lock_key;    /* of the lock that is held, when is_locked */
    bool is_locked;
    uint64_t lock_timeout_ms;  /* set by cmig; 0: it is the user's or the server's */
    const char *settings;      /* of the session when it took the lock, as JSON */
    struct borrowed *borrowed; /* the connection belongs to a program; NULL: it is cmig's own */
    struct pipeline pipeline;
    char failed_code[6];     /* SQLSTATE of the last statement that failed in the pipeline */
    struct strings prepared; /* kinds of statement that the server holds prepared */
    bool prepares_nothing;   /* it is unknown which statements the server has prepared */
    /* What opening has read along: version rows of `read_name`, until something else is asked. */
    const char *read_name;
    bool read_exists;
    struct strings read_rows;
    enum tri has_on_updates;      /* triggers of on_update; TRI_UNSET: to be read */
    const char *current_schema;   /* where tables without a schema are created; NULL: nowhere */
    struct version_table located; /* the schemas of cmig's own tables, as opening found them */
};

static inline struct pg *pg_of(struct conn *conn)
{
    return (struct pg *)conn;
}

/* A result that is freed when it goes out of scope: CLEANUP(answer_finish). */
struct answer {
    struct pg *pg;
    PGresult *r;
};
void answer_finish(struct answer *a);
int answer_rows(const struct answer *a);
int answer_columns(const struct answer *a);
const char *answer_text(
    const struct answer *a, int row, int column); /* NULL for SQL's null; valid as long as the result is */
char *answer_copy(const struct answer *a, int row, int column); /* in the command's arena */
bool answer_bool(const struct answer *a, int row, int column);
int64_t answer_int(const struct answer *a, int row, int column);

/* One of several queries that are sent together. */
struct question {
    const char *sql; /* one statement */
    const char *const *params;
    int nparams;
    /* Receives the rows, which are freed afterwards. NULL: they are ignored. */
    bool (*take)(struct pg *pg, void *user, const struct answer *rows);
    bool apart;           /* a transaction of its own, so that its failure leaves the others alone */
    const char *tolerate; /* a failure with one of these SQLSTATEs is not an error; "*": no failure is */
};
/* Sends all in one round trip. After a failure the remaining queries are not answered. */
bool pg_ask(struct pg *pg, const struct question *list, size_t n, void *user) ATTR_CHECKED;
/* A query that pgpool-II must not send to a standby, which may be behind. */
const char *pg_on_primary(struct ctx *ctx, const char *sql);
/* One statement with parameters as text. */
bool pg_query(
    struct pg *pg, const char *sql, const char *const *params, int nparams, struct answer *ret) ATTR_CHECKED;
bool pg_query_row(struct conn *conn, const char *sql, struct strings *ret);
bool pg_query_rows(struct conn *conn, const char *sql, struct result *ret);
const char *pg_statistics_query(struct ctx *ctx, const struct qname *table);
const char *pg_key_query(struct ctx *ctx, const struct qname *table, int64_t number);
const char *pg_unreached_query(struct ctx *ctx, const struct qname *table);
/* Text of one or several statements; the rows are ignored. */
bool pg_run(struct pg *pg, const char *sql) ATTR_CHECKED;
bool pg_scratch_open(struct conn *conn, const struct url *url, const struct url *given, struct scratch *ret);
bool pg_scratch_reset(struct conn *scratch);
void pg_scratch_close(struct conn *conn, struct scratch *s);
bool pg_scratch_copy(struct conn *conn, struct scratch *from, struct scratch *ret);

/* Waits for all answers that are outstanding, after which other queries can be sent. False if a statement
 * failed. */
bool pipeline_end(struct pg *pg) ATTR_CHECKED;
/* A query after the statements already sent, whose answers are awaited, too. For queries that are repeated: the
 * server plans them only once. */
bool pipeline_ask(
    struct pg *pg, const char *sql, const struct strings *values, struct answer *ret) ATTR_CHECKED;

/* Waits for the next result; NULL if there are no more. Cancels when interrupted; if the server does not react,
 * the connection is given up. */
PGresult *pg_result(struct pg *pg);
/* `postgresql 42701: column "email" …`, and the server's further details. */
bool pg_fail(struct pg *pg, const PGresult *r);
/* Whether a result is a failure. */
bool pg_failed(const struct pg *pg, const PGresult *r);
/* The SQLSTATE of a failure, "" when it has none. */
const char *pg_code(const struct pg *pg, const PGresult *r);

/* A subquery: the first schema of the search path that has a table or view of this name; null: none has. */
#define PG_FOUND_SCHEMA(name) \
    "(SELECT n.nspname FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) WITH ORDINALITY AS p " \
    "(name, i) " \
    "JOIN pg_catalog.pg_namespace n ON n.nspname = p.name " \
    "JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = " name \
    " AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY p.i LIMIT 1)"

/* The URL with another database. The name must need no encoding. */
struct url pg_url_of(struct ctx *ctx, const struct url *url, const char *database);
bool pg_create_database(struct ctx *ctx, const struct url *url, const struct open_options *options,
    const struct database_settings *settings, bool *ret_created);
bool pg_drop_database(struct ctx *ctx, const struct url *url, const struct open_options *options, bool force,
    bool *ret_dropped);
void pg_locate(struct ctx *ctx, const struct conn *conn, struct version_table *v);
bool pg_url_in_schema(struct ctx *ctx, const struct url *url, const char *schema,
    const struct strings *others, const char **ret);
bool pg_open(struct ctx *ctx, const struct url *url, const struct open_options *options, struct conn **ret);
void pg_close(struct conn *conn);
/* Sets up the session of an open connection. */
bool pg_set_up(struct pg *pg, const struct url *url, const struct open_options *options) ATTR_CHECKED;
/* See borrow.c. */
bool pg_borrow(struct ctx *ctx, void *handle, const struct open_options *options, struct url *ret_url,
    struct conn **ret);
/* Gives the connection back as it was. */
void pg_give_back(struct pg *pg);
/* Of a borrowed connection: the statement that puts all settings back. */
const char *pg_put_back_all(struct pg *pg);
/* Connects to the first host that answers, by `end` at the latest (0: each host has its own limit). *ret_final:
 * a server refused, so that another attempt would fail as well. */
bool pg_connect(struct pg *pg, const struct url *url, uint64_t end, bool *ret_final) ATTR_CHECKED;
void pg_disconnect(struct pg *pg);
/* A second connection to the same server, without the settings of this one; the caller finishes it. */
bool pg_connect_another(struct pg *pg, const struct url *url, uint64_t limit_ms, struct pg *ret) ATTR_CHECKED;
/* Where a setting comes from when the user made it; as SQL. */
#define USER_SOURCES "'client', 'user', 'database', 'database user', 'session'"
/* While a statement runs: names the sessions for which it waits, at intervals. */
void pg_watch(struct pg *pg);
/* The second connection, which is made when it is first needed; NULL: it cannot be made. */
struct pg *pg_watcher(struct pg *pg);
/* While a statement builds an index: shows how far it is. */
void pg_show_index(struct pg *pg);
void pg_hide_index(struct pg *pg);
/* Asks the server to cancel what is running, without waiting for it. */
void pg_cancel(struct pg *pg);
/* Whether the session that was just used is not kept for this client; `session`: its number. */
bool pg_is_shared(struct pg *pg, const struct url *url, int64_t session);
bool pg_has_open_transaction(struct pg *pg);
