/* How is a connection made, and for how long is a starting server waited for? */
#include "dialect/postgresql/conn.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

enum { PARAMS = 12, RETRY_MS = 250, POLL_MS = 250, OLDEST = 12 };

/* What libpq is told. What stands before the URL may be overruled by it. */
struct params {
    const char *keys[PARAMS], *values[PARAMS];
    size_t n;
};

static void param_add(struct params *p, const char *key, const char *value)
{
    assert(p->n + 1 < PARAMS && "the list is ended by NULL");
    p->keys[p->n] = key;
    p->values[p->n++] = value;
}

static struct params params_of(const struct url *url, const char *connect_timeout)
{
    struct params p = {0};
    param_add(&p, "fallback_application_name", "cmig");
    param_add(&p, "keepalives_idle", "30");
    param_add(&p, "keepalives_interval", "10");
    param_add(&p, "keepalives_count", "6");
    if (connect_timeout)
        param_add(&p, "connect_timeout", connect_timeout);
    param_add(&p, "dbname", url->rest);
    param_add(&p, "client_encoding", "UTF8");
    return p;
}

/* ---- connecting -------------------------------------------------------------------------------------- */

/* A parameter as libpq understood it, from the URL, the environment or a service file; NULL: none. */
static const char *param_used(struct pg *pg, const char *key)
{
    const char *found = NULL;
    PQconninfoOption *all = pg->pq.PQconninfo(pg->conn);
    for (PQconninfoOption *o = all; o && o->keyword; o++)
        if (str_eq(o->keyword, key) && o->val && *o->val)
            found = ctx_strdup(pg->base.ctx, o->val);
    pg->pq.PQconninfoFree(all);
    return found;
}

/* Waits for what libpq's state wants; false when interrupted or too late. */
static bool poll_socket(struct pg *pg, PostgresPollingStatusType want, uint64_t deadline)
{
    struct ctx *ctx = pg->base.ctx;
    struct pollfd fd = {.fd = pg->pq.PQsocket(pg->conn)};
    fd.events = want == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    for (;;) {
        if (ctx_interrupted(ctx))
            return fail_interrupted(ctx);
        if (deadline && time_monotonic_us() >= deadline)
            return fail(ctx, STATUS_UNREACHABLE, "postgresql: timeout expired while connecting");
        int n = poll(&fd, 1, POLL_MS);
        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            return fail(ctx, STATUS_UNREACHABLE, "postgresql: cannot wait: %s", strerror(errno));
    }
}

/* Connects without blocking, so that it can be interrupted. libpq leaves connect_timeout to us then. */
static bool connect_polling(struct pg *pg)
{
    const char *timeout = param_used(pg, "connect_timeout");
    long seconds = timeout ? strtol(timeout, NULL, 10) : 0;
    uint64_t deadline = seconds > 0 ? time_monotonic_us() + (uint64_t)seconds * 1000000 : 0;
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    while (state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING) {
        if (!poll_socket(pg, state, deadline))
            return false;
        state = pg->pq.PQconnectPoll(pg->conn);
    }
    return state == PGRES_POLLING_OK;
}

static bool fail_connect(struct pg *pg)
{
    struct ctx *ctx = pg->base.ctx;
    if (ctx->err.status != STATUS_OK)
        return false;
    char *said = str_trim(&ctx->arena, pg->pq.PQerrorMessage(pg->conn));
    return fail(ctx, STATUS_UNREACHABLE, "postgresql: %s", url_mask(&ctx->arena, said, pg->url));
}

static void disconnect(struct pg *pg)
{
    if (pg->conn)
        pg->pq.PQfinish(pg->conn);
    pg->conn = NULL;
}

/* One attempt. Trying several hosts in turn, each with its timeout, is only in libpq's blocking call. */
static bool connect_once(struct pg *pg, const struct params *p)
{
    pg->conn = pg->pq.PQconnectStartParams(p->keys, p->values, 1);
    if (!pg->conn)
        return fail(pg->base.ctx, STATUS_UNREACHABLE, "postgresql: out of memory");
    if (pg->pq.PQstatus(pg->conn) == CONNECTION_BAD)
        return fail_connect(pg);
    const char *host = param_used(pg, "host");
    if (host && strchr(host, ',')) {
        disconnect(pg);
        pg->conn = pg->pq.PQconnectdbParams(p->keys, p->values, 1);
        return pg->pq.PQstatus(pg->conn) == CONNECTION_OK || fail_connect(pg);
    }
    return connect_polling(pg) || fail_connect(pg);
}

bool pg_connect_another(struct pg *pg, const struct url *url, struct pg *ret)
{
    struct params p = params_of(url, "5");
    struct pg other = {.base = pg->base, .pq = pg->pq, .url = pg->url};
    if (!connect_once(&other, &p)) {
        disconnect(&other);
        return false;
    }
    *ret = other;
    return true;
}

/* ---- waiting for a server ---------------------------------------------------------------------------- */

static bool sleep_ms(struct ctx *ctx, int ms)
{
    poll(NULL, 0, ms);
    return !ctx_interrupted(ctx) || fail_interrupted(ctx);
}

/* Whether the server is one that is still starting, or not there yet. */
static bool is_starting(struct pg *pg, const struct url *url)
{
    struct params p = params_of(url, "5");
    PGPing ping = pg->pq.PQpingParams(p.keys, p.values, 1);
    return ping == PQPING_REJECT || ping == PQPING_NO_RESPONSE;
}

/*
 * Tries until it works or the time is over. A server that answers, and refuses the password or knows no such
 * database, will go on refusing; it is asked once more, since it may have become ready between the attempt and
 * the ping.
 */
static bool connect_waiting(struct pg *pg, const struct url *url, uint64_t wait_ms)
{
    struct ctx *ctx = pg->base.ctx;
    struct params p = params_of(url, NULL);
    uint64_t deadline = time_monotonic_us() + wait_ms * 1000;
    for (bool has_answered = false, has_told = false; !connect_once(pg, &p);) {
        disconnect(pg);
        if (ctx_interrupted(ctx) || !wait_ms || time_monotonic_us() >= deadline)
            return false;
        if (!is_starting(pg, url)) {
            if (has_answered)
                return false;
            has_answered = true;
        } else if (!has_told) {
            log_info(ctx, "waiting for the database to start");
            has_told = true;
        }
        err_clear(ctx);
        if (!sleep_ms(ctx, RETRY_MS))
            return false;
    }
    return true;
}

/* ---- setting up -------------------------------------------------------------------------------------- */

static void take_notice(void *user, const PGresult *r)
{
    struct pg *pg = user;
    const char *severity = pg->pq.PQresultErrorField(r, PG_DIAG_SEVERITY_NONLOCALIZED);
    const char *text = pg->pq.PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY);
    if (!text)
        return;
    log_message(pg->base.ctx, str_eq(severity, "WARNING") ? LOG_WARN : LOG_DEBUG, "postgresql: %s", text);
}

static bool take_setup(struct pg *pg, ATTR_UNUSED void *user, const struct answer *a)
{
    const char *schema = answer_text(a, 0, 0);
    pg->base.default_schema = schema ? answer_copy(a, 0, 0) : "public";
    bool is_standby = answer_bool(a, 0, 1);
    if (is_standby)
        pg->base.read_only = "It is a standby server: give the URL of its primary.";
    else if (answer_bool(a, 0, 2))
        pg->base.read_only =
            "'default_transaction_read_only' is on, for the role, the database or the server.";
    if (is_standby)
        pg->base.unjudged = "the database is read-only";
    else if (!answer_bool(a, 0, 3))
        pg->base.unjudged = "the role may not make temporary tables (TEMP on the database)";
    pg->session = answer_int(a, 0, 4);
    return true;
}

static bool take_versions(struct pg *pg, ATTR_UNUSED void *user, const struct answer *a)
{
    pg->read_exists = true;
    for (int i = 0; i < answer_rows(a); i++)
        vec_add(pg->base.ctx, &pg->read_rows, answer_copy(a, i, 0));
    strings_sort(&pg->read_rows);
    return true;
}

static const char setup_sql[] =
    "SELECT pg_catalog.current_schema(), pg_catalog.pg_is_in_recovery(), "
    "pg_catalog.current_setting('default_transaction_read_only')::pg_catalog.bool, "
    "pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMP'), pg_catalog.pg_backend_pid(), "
    "pg_catalog.set_config('standard_conforming_strings', 'on', false)";

/* Made only where the session is known to be ours, $1: behind a pooler somebody else may get it next, with all of them.
 * Keepalives let the server notice a client that was killed, and release its lock. */
#define IF_OURS " WHERE pg_catalog.pg_backend_pid() = $1::pg_catalog.int4"
static const char settings_sql[] =
    "SELECT pg_catalog.set_config('tcp_keepalives_idle', '60', false), "
    "pg_catalog.set_config('tcp_keepalives_interval', '10', false), "
    "pg_catalog.set_config('tcp_keepalives_count', '6', false), "
    "CASE WHEN $2 <> '0' THEN pg_catalog.set_config('lock_timeout', $2, false) END" IF_OURS;
static const char check_interval_sql[] =
    "SELECT pg_catalog.set_config('client_connection_check_interval', '10s', false)" IF_OURS;

/* One round trip: the settings of session `ours`, and the version rows along with them. */
static bool set_up(struct pg *pg, const struct open_options *options, int64_t ours)
{
    struct ctx *ctx = pg->base.ctx;
    const char *params[] = {ctx_printf(ctx, "%lld", (long long)ours),
        ctx_printf(ctx, "%llu", (unsigned long long)options->lock_timeout_ms)};
    struct question list[4] = {{.sql = setup_sql, .take = take_setup, .apart = true},
        {.sql = settings_sql, .params = params, .nparams = 2, .apart = true}};
    size_t n = 2;
    if (pg->version >= 140000) /* not on every platform */
        list[n++] = (struct question){
            .sql = check_interval_sql, .params = params, .nparams = 1, .apart = true, .tolerate = "*"};
    if (options->version) {
        struct sql q = sql_begin(ctx, &postgresql_dialect);
        sql_addf(&q, "SELECT %I FROM %Q", options->version->column, &options->version->name);
        list[n++] = (struct question){.sql = sql_end(&q), .take = take_versions, .tolerate = "*"};
    }
    if (!pg_ask(pg, list, n, NULL))
        return false;
    /* When it failed, for lack of a table or of a right, it is for who needs the rows to find out. */
    if (options->version && pg->read_exists)
        pg->read_name = qname_text(&ctx->arena, &options->version->name);
    return true;
}

/* What stands in between answers with a number of its own at first. */
static bool set_up_session(struct pg *pg, const struct url *url, const struct open_options *options)
{
    int64_t expected = pg->pq.PQbackendPID(pg->conn);
    struct open_options settings = *options;
    if (!set_up(pg, options, expected))
        return false;
    if (pg->session == expected)
        return true;
    settings.version = NULL;
    pg->is_shared = pg_is_shared(pg, url, pg->session);
    return pg->is_shared || set_up(pg, &settings, pg->session);
}

static const char *server_title(struct pg *pg)
{
    const char *full = pg->pq.PQparameterStatus(pg->conn, "server_version");
    if (!full)
        return "PostgreSQL";
    return ctx_printf(pg->base.ctx, "PostgreSQL %.*s", (int)strcspn(full, " "), full);
}

/* Bytes of a character beyond ASCII, as far as the encoding tells; 0: as in UTF-8, or not known. */
static size_t char_width(struct pg *pg)
{
    static const struct {
        const char *prefix;
        size_t width;
    } rows[] = {{"LATIN", 1}, {"ISO", 1}, {"WIN", 1}, {"KOI8", 1}, {"EUC", 2}};
    const char *encoding = pg->pq.PQparameterStatus(pg->conn, "server_encoding");
    for (size_t i = 0; encoding && i < COUNT_OF(rows); i++)
        if (str_starts(encoding, rows[i].prefix))
            return rows[i].width;
    return 0;
}

/* Older ones lack what is asked of the catalogue, and new enum values inside of a transaction. */
static bool check_age(struct pg *pg)
{
    if (pg->version >= OLDEST * 10000)
        return true;
    return fail(pg->base.ctx, STATUS_FAILED, "the server is %s, and cmig works with PostgreSQL %d and later",
        pg->base.server, OLDEST);
}

/* A URL that libpq cannot read is the configuration's mistake, not an unreachable server. */
static bool check_url(struct pg *pg, const struct url *url)
{
    struct ctx *ctx = pg->base.ctx;
    char *said = NULL;
    PQconninfoOption *options = pg->pq.PQconninfoParse(url->rest, &said);
    if (options) {
        pg->pq.PQconninfoFree(options);
        return true;
    }
    char *why = said ? str_trim(&ctx->arena, said) : NULL;
    pg->pq.PQfreemem(said);
    fail(ctx, STATUS_CONFIG, "cannot use database URL '%s': %s", url_text(&ctx->arena, url->text),
        why ? url_mask(&ctx->arena, why, url->text) : "it cannot be read");
    return fail_hint(ctx, "Write special characters of a password percent-encoded: %%40 for @, %%2F for /.");
}

bool pg_open(struct ctx *ctx, const struct url *url, const struct open_options *options, struct conn **ret)
{
    static const struct open_options none = {0};
    struct pg *pg = ctx_new(ctx, struct pg);
    options = options ? options : &none;
    pg->base = (struct conn){.dialect = &postgresql_dialect, .ctx = ctx};
    pg->url = url->text;
    pg->lock_timeout_ms = options->lock_timeout_ms;
    if (!libpq_open(ctx, &pg->pq))
        return false;
    if (!check_url(pg, url) || !connect_waiting(pg, url, options->wait_ms)) {
        pg_close(&pg->base);
        return false;
    }
    pg->pq.PQsetNoticeReceiver(pg->conn, take_notice, pg);
    pg->version = pg->pq.PQserverVersion(pg->conn);
    pg->base.server = server_title(pg);
    pg->base.char_width = char_width(pg);
    if (!check_age(pg) || !set_up_session(pg, url, options)) {
        pg_close(&pg->base);
        return false;
    }
    *ret = &pg->base;
    return true;
}

void pg_close(struct conn *conn)
{
    if (!conn)
        return;
    struct pg *pg = pg_of(conn);
    disconnect(pg);
    libpq_close(&pg->pq);
}

bool pg_has_open_transaction(struct pg *pg)
{
    PGTransactionStatusType s = pg->pq.PQtransactionStatus(pg->conn);
    return s == PQTRANS_INTRANS || s == PQTRANS_INERROR;
}
