/*
 * A connection to MySQL or MariaDB, and queries.
 *
 * The client library is used without blocking, so that every wait notices an interruption: the running statement is
 * then killed on the server, by a second connection. Rows come as text and are copied where they are taken.
 */
#pragma once

#include "dialect/mysql/mysql.h"
#include "dialect/mysql/wire/libmariadb.h"
#include "dialect/mysql/wire/server.h"
#include "dialect/waiting.h"

/* See reflect/rights.h. */
struct my_rights {
    bool sees_tables; /* all of the database */
    bool sees_keys;   /* what foreign keys do */
    bool sees_views;  /* their queries */
    bool sees_triggers, sees_routines, sees_events;
    bool has_roles;
    unsigned granted; /* bits: which privileges of my_may() are granted on the database or something in it */
};

struct my {
    struct conn base;
    struct libmariadb lib;
    MYSQL *conn;
    const struct url *url; /* secret; for masking */
    const char *database;  /* the database that the URL names */
    const char *collation; /* of the database; NULL before it is read */
    bool folds_names;      /* names of tables that differ only in the case of letters are one name */
    const struct my_server *server;
    int version;             /* the server's version: 101114 */
    bool of_server;          /* connected to no database */
    bool is_secondary;       /* of a run that has another connection to this server */
    uint64_t deadline_us;    /* while connecting: the server must have answered by then; 0: no limit */
    bool is_killed;          /* the running statement was killed for an interruption */
    bool is_abandoned;       /* the server stayed silent after a deadline or an interruption */
    bool begin_pending;      /* START TRANSACTION must precede the next statement */
    bool in_transaction;     /* it went, and COMMIT did not yet */
    uint64_t step_us;        /* when the first statement after the last history row began; 0: none did */
    const char *lock_name;   /* the name of the lock that is held; NULL: none */
    struct qname lock_table; /* of a node of a cluster: the table of cluster.c; else without a name */
    struct conn *cluster;    /* the connection whose transaction is the lock there; or NULL */
    bool has_cluster_lock;
    uint64_t lock_timeout_ms, table_timeout_ms;
    struct waiting waiting;   /* of the running statement */
    const struct op *running; /* its operation; NULL: it is cmig's own */
    bool shows_progress;      /* how far it is was shown */
    /* Of a scratch database: what is sent instead of a statement, so that no event runs in it, and the events as their
     * statements had them, struct my_event by name. NULL elsewhere. */
    const char *(*rewrite)(struct my *my, const char *sql);
    struct map *events;
    struct my_rights rights; /* what the user may read, once that is known */
    bool knows_rights;
    bool is_judge;      /* it holds the lock of leftovers.c */
    bool has_leftovers; /* reflection met objects of a judge, of this moment or a killed one */
};

static inline struct my *my_of(struct conn *conn)
{
    return (struct my *)conn;
}

/* Rows of a query, freed when they go out of scope: CLEANUP(my_answer_free). */
struct my_answer {
    struct my *my;
    MYSQL_RES *rows; /* NULL: the statement returns no rows */
    char **row;      /* the current row */
};
void my_answer_free(struct my_answer *a);
/* Moves to the next row, at first to the first one; false at the end. */
bool my_next(struct my_answer *a);
/* A value of the current row: NULL for SQL's null; freed with the answer. */
const char *my_text(const struct my_answer *a, unsigned column);
/* Its columns, and the name of one. */
unsigned my_columns(const struct my_answer *a);
const char *my_column(const struct my_answer *a, unsigned column);
/* The value of the current row, copied to the command's arena. */
char *my_copy(const struct my_answer *a, unsigned column);
int64_t my_int(const struct my_answer *a, unsigned column);
bool my_flag(const struct my_answer *a, unsigned column); /* Whether the value is 1 or YES. */

/* Begins the transaction, which was postponed to the first statement. */
bool my_begin_now(struct my *my) ATTR_CHECKED;
/* One statement; `ret` may be NULL: its rows are discarded. */
bool my_query(struct my *my, const char *sql, struct my_answer *ret) ATTR_CHECKED;
/* The same for a statement that a renderer wrote, in the words of this server. */
bool my_run(struct my *my, const char *sql, struct my_answer *ret) ATTR_CHECKED;
/* Whether the last failed statement failed with this error code of the server. */
bool my_failed_with(struct my *my, unsigned code);
/* The error of the client library: "mysql 1050: Table 'x' already exists". Returns false. */
bool my_fail(struct my *my);
bool my_query_row(struct conn *conn, const char *sql, struct strings *ret);
bool my_query_rows(struct conn *conn, const char *sql, struct result *ret);
const char *my_statistics_query(struct ctx *ctx, const struct qname *table);
const char *my_key_query(struct ctx *ctx, const struct qname *table, int64_t number);
const char *my_fingerprint(struct ctx *ctx, const char *table);
const char *my_triggers_query(struct ctx *ctx, const struct qname *table);

/* Waits for the events that the library needs, MYSQL_WAIT_… bits, and returns those that occurred. */
int my_await(struct my *my, int wanted);
/* While a statement runs: names the sessions for which it waits, at intervals. */
void my_watch(struct my *my);
/* Kills the running statement on the server. */
void my_kill(struct my *my);

bool my_url_in_schema(struct ctx *ctx, const struct url *url, const char *schema,
    const struct strings *others, const char **ret);
bool my_open(struct ctx *ctx, const struct url *url, const struct open_options *options, struct conn **ret);
void my_close(struct conn *conn);
/* Connects within `limit_ms` (0: the library's own limit). *ret_final: the server refused, so that another attempt
 * would have the same result. */
bool my_connect(struct my *my, uint64_t limit_ms, bool *ret_final) ATTR_CHECKED;
void my_disconnect(struct my *my);
#define MY_SQL_MODE "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
#define MY_TIME_ZONE "+00:00"
/* At the end of an ALTER TABLE: only if others can write to the table in the meantime. */
#define MY_IN_PLACE ", ALGORITHM=INPLACE, LOCK=NONE"
/* Sets the session's settings to those of cmig; also after user SQL. */
bool my_set_session(struct my *my) ATTR_CHECKED;
/* The statement that sets them. table_timeout_ms 0: waits for locks as long as the server has it. */
const char *my_session_sql(struct ctx *ctx, uint64_t table_timeout_ms);
/* Whether a failure means that the connection is gone. */
bool my_is_lost(struct my *my);
bool my_create_database(struct ctx *ctx, const struct url *url, const struct open_options *options,
    const struct database_settings *settings, bool *ret_created);
bool my_drop_database(struct ctx *ctx, const struct url *url, const struct open_options *options, bool force,
    bool *ret_dropped);
/* A connection to the server of a URL, without its database. */
bool my_open_server(
    struct ctx *ctx, const struct url *url, const struct open_options *options, struct conn **ret);
