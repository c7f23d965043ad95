/* Opens a connection: waits for a server that is starting, and sets up the session. */
#include "dialect/engine.h"
#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/wire/exec.h"

#include <poll.h>

enum { RETRY_MS = 250, LEAST_MS = 1000, OLDEST = 12 };

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

enum {
    SETUP_SCHEMA,
    SETUP_IS_STANDBY,
    SETUP_IS_READ_ONLY,
    SETUP_HAS_TEMP,
    SETUP_SESSION,
    SETUP_FOUND = 6,
    SETUP_ROLE = 9,
    SETUP_HAZARD,
    SETUP_HIDES,
    SETUP_RULE,
    SETUP_INSTANCE,
    SETUP_VERSION,
    SETUP_PUBLISHES,
};

/* "CockroachDB CCL v23.1.11", or nothing of a server that is PostgreSQL itself. */
static const struct engine *engine_of(struct pg *pg)
{
    const char *cockroach = pg->pq.PQparameterStatus(pg->conn, "crdb_version");
    return engine_find("postgresql", cockroach, pg->pq.PQparameterStatus(pg->conn, "server_version"));
}

static void take_engine(struct pg *pg, const struct engine *e)
{
    struct ctx *ctx = pg->base.ctx;
    const char *refusal = e ? engine_refusal(ctx, e) : NULL;
    if (!e)
        return;
    pg->base.server = ctx_printf(ctx, "%s (%s)", e->name, pg->base.server);
    if (refusal)
        pg->base.read_only = refusal;
    else
        log_warn(
            ctx, "cmig has not been tested with %s: check the output of 'upgrade --dry-run' first", e->name);
}

/* Row security hides rows silently: no rows would mean "no revision is applied". */
static bool take_hazards(struct pg *pg, const struct answer *a)
{
    struct ctx *ctx = pg->base.ctx;
    for (int i = 0; i < answer_rows(a); i++) {
        const char *table = answer_text(a, i, SETUP_HAZARD), *rule = answer_text(a, i, SETUP_RULE);
        if (answer_bool(a, i, SETUP_HIDES)) {
            fail(ctx, STATUS_FAILED, "row security hides rows of table '%s' from role '%s'", table,
                answer_text(a, i, SETUP_ROLE));
            return fail_hint(ctx,
                "Connect as the owner of the table, as a role with BYPASSRLS, or run: ALTER TABLE %s DISABLE "
                "ROW LEVEL SECURITY.",
                table);
        }
        if (rule)
            pg->rule = ctx_printf(ctx, "rule '%s' of table '%s'", rule, table);
    }
    return true;
}

static bool take_setup(struct pg *pg, ATTR_UNUSED void *user, const struct answer *a)
{
    pg->current_schema = answer_copy(a, 0, SETUP_SCHEMA);
    pg->base.default_schema = pg->current_schema ? pg->current_schema : "public";
    bool is_standby = answer_bool(a, 0, SETUP_IS_STANDBY);
    if (is_standby)
        pg->base.read_only = "Use the URL of the primary: this server is a standby.";
    else if (answer_bool(a, 0, SETUP_IS_READ_ONLY))
        pg->base.read_only =
            "'default_transaction_read_only' is on, for the role, the database or the server.";
    if (is_standby)
        pg->base.unjudged = "the database is read-only";
    else if (!answer_bool(a, 0, SETUP_HAS_TEMP))
        pg->base.unjudged = "the role cannot create temporary tables (TEMP on the database)";
    take_engine(pg, engine_find("postgresql", answer_text(a, 0, SETUP_VERSION), NULL));
    pg->base.publishes = answer_bool(a, 0, SETUP_PUBLISHES);
    pg->session = answer_int(a, 0, SETUP_SESSION);
    pg->base.instance = answer_copy(a, 0, SETUP_INSTANCE);
    pg->deadline_us = 0; /* it answers */
    struct qname *names[] = {&pg->located.name, &pg->located.history, &pg->located.progress};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        names[i]->schema = answer_copy(a, 0, SETUP_FOUND + (int)i);
    return take_hazards(pg, a);
}

static bool take_versions(struct pg *pg, ATTR_UNUSED void *user, const struct answer *a)
{
    pg->read_exists = true;
    for (int i = 0; i < answer_rows(a); i++)
        vec_add(pg->base.ctx, &pg->read_rows, answer_copy(a, i, 0));
    strings_sort(&pg->read_rows);
    return true;
}

#define FOUND_SCHEMAS PG_FOUND_SCHEMA("$1") ", " PG_FOUND_SCHEMA("$2") ", " PG_FOUND_SCHEMA("$3")
#define RULE \
    "(SELECT pg_catalog.min(r.rulename) FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid AND " \
    "r.ev_type <> '1' AND r.ev_enabled <> 'D')"
/* With a row for each of cmig's tables that has row security or rules: $4, $5 and $6. */
static const char setup_sql[] =
    "SELECT pg_catalog.current_schema(), pg_catalog.pg_is_in_recovery(), "
    "pg_catalog.current_setting('default_transaction_read_only')::pg_catalog.bool, "
    "pg_catalog.has_database_privilege(pg_catalog.current_database(), 'TEMP'), pg_catalog.pg_backend_pid(), "
    "pg_catalog.set_config('standard_conforming_strings', 'on', false), " FOUND_SCHEMAS ", current_user, "
    "h.name, h.hides, h.rule, pg_catalog.date_part('epoch', pg_catalog.pg_postmaster_start_time()), "
    "pg_catalog.version(), EXISTS (SELECT FROM pg_catalog.pg_publication) "
    "FROM (VALUES (1)) AS one LEFT JOIN (SELECT c.oid::pg_catalog.regclass AS name, "
    "pg_catalog.row_security_active(c.oid) AS hides, " RULE
    " AS rule FROM pg_catalog.pg_class c WHERE c.oid IN "
    "(pg_catalog.to_regclass($4), pg_catalog.to_regclass($5), pg_catalog.to_regclass($6)) "
    "AND (c.relrowsecurity OR c.relhasrules)) AS h ON true";

/*
 * Set only if the session is known to be ours, $1: a pooler may give it to another client next, with all
 * settings. What the user set, by the URL, PGOPTIONS, ALTER ROLE or ALTER DATABASE, stays. Keepalives let the
 * server notice a client that is gone, and release its lock. A session that waits for a program is not idle.
 */
#define IF_OURS " pg_catalog.pg_backend_pid() = $1::pg_catalog.int4"
#define CHECK_INTERVAL "('client_connection_check_interval', '2s'), "
#define SETTINGS_SQL(more) \
    "SELECT pg_catalog.set_config(s.name, o.value, false), s.name = 'lock_timeout' " \
    "FROM pg_catalog.pg_settings s JOIN (VALUES " more \
    "('tcp_keepalives_idle', '10'), ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3'), " \
    "('tcp_user_timeout', '30000'), ('lock_timeout', $2), " \
    "('idle_session_timeout', '0'), ('idle_in_transaction_session_timeout', '0')) AS o (name, value) " \
    "ON s.name = o.name WHERE CASE WHEN s.name LIKE 'idle%' THEN s.setting <> '0' " \
    "WHEN s.name = 'lock_timeout' AND (s.setting <> '0' OR $2 = '0') THEN false " \
    "ELSE s.source NOT IN (" USER_SOURCES ") END AND" IF_OURS
static const char settings_sql[] = SETTINGS_SQL("('client_connection_check_interval', '2s'), ");
/* For a server on a platform that cannot check the connection. */
static const char plain_settings_sql[] = SETTINGS_SQL("");

struct setting_up {
    const struct open_options *options;
    bool are_set; /* the settings */
};

static bool take_settings(struct pg *pg, void *user, const struct answer *a)
{
    struct setting_up *u = user;
    for (int i = 0; i < answer_rows(a); i++)
        if (answer_bool(a, i, 1))
            pg->lock_timeout_ms = u->options->table_timeout_ms;
    u->are_set = true;
    return true;
}

/* The bare names of cmig's tables, and how they are found; null without them. */
static void add_names(struct ctx *ctx, const struct version_table *v, const char **params)
{
    const struct qname *const tables[] = {&v->name, &v->history, &v->progress};
    for (size_t i = 0; i < COUNT_OF(tables); i++) {
        params[i] = tables[i]->name;
        params[COUNT_OF(tables) + i] = tables[i]->name ? pg_qname(&ctx->arena, tables[i]) : NULL;
    }
}

/* One round trip: the settings of session `ours`, and the version rows along with them. */
static bool set_up(struct pg *pg, const struct open_options *options, int64_t ours)
{
    struct ctx *ctx = pg->base.ctx;
    struct setting_up u = {.options = options};
    const char *params[] = {ctx_printf(ctx, "%lld", (long long)ours),
        ctx_printf(ctx, "%llu", (unsigned long long)options->table_timeout_ms)};
    const struct version_table none = {0};
    const char *names[6];
    add_names(ctx, options->version ? options->version : &none, names);
    struct question list[3] = {
        {.sql = setup_sql, .params = names, .nparams = COUNT_OF(names), .take = take_setup, .apart = true},
        {.sql = settings_sql,
            .params = params,
            .nparams = 2,
            .take = take_settings,
            .apart = true,
            .tolerate = "22023"}}; /* invalid_parameter_value */
    struct question plain = list[1];
    plain.sql = plain_settings_sql;
    size_t n = 2;
    if (options->version) {
        struct sql q = sql_begin(ctx, &postgresql_dialect);
        sql_addf(&q, "SELECT %I FROM %Q", options->version->column, &options->version->name);
        list[n++] = (struct question){.sql = sql_end(&q), .take = take_versions, .tolerate = "*"};
    }
    if (!pg_ask(pg, list, n, &u) || (!u.are_set && !pg_ask(pg, &plain, 1, &u)))
        return false;
    /* If it failed, because a table or a privilege is missing, the caller that needs the rows reports it. */
    if (options->version && pg->read_exists) {
        struct version_table found = *options->version;
        pg_locate(ctx, &pg->base, &found);
        pg->read_name = qname_text(&ctx->arena, &found.name);
    }
    return true;
}

/* A proxy in between first answers with a number of its own. */
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

/* Older servers lack parts of the catalogue that cmig queries, and new enum values inside of a transaction. */
static bool check_age(struct pg *pg)
{
    if (pg->version >= OLDEST * 10000)
        return true;
    return fail(pg->base.ctx, STATUS_FAILED, "the server is %s, but cmig needs PostgreSQL %d or later",
        pg->base.server, OLDEST);
}

/* A server whose catalogue is another one cannot answer what follows. */
static bool check_engine(struct pg *pg)
{
    const struct engine *e = engine_of(pg);
    if (!e || !(e->lacks & LACKS_CATALOGUE))
        return true;
    fail(pg->base.ctx, STATUS_FAILED, "the server is %s, which cmig does not support", e->name);
    return fail_hint(pg->base.ctx, "%s", engine_refusal(pg->base.ctx, e));
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
    fail(ctx, STATUS_CONFIG, "cannot use the database URL: %s",
        why ? url_hide_quoted(&ctx->arena, why) : "invalid syntax");
    return fail_hint(ctx, "Percent-encode special characters in the password: %%40 for @, %%2F for /.");
}

/* ---- opening ----------------------------------------------------------------------------------------- */

bool pg_set_up(struct pg *pg, const struct url *url, const struct open_options *options)
{
    pg->version = pg->pq.PQserverVersion(pg->conn);
    pg->base.server = server_title(pg);
    pg->base.char_width = char_width(pg);
    return check_engine(pg) && check_age(pg) && set_up_session(pg, url, options);
}

/* One attempt, up to the first answers. *ret_final: another attempt would have the same result. */
static bool open_once(
    struct pg *pg, const struct url *url, const struct open_options *options, uint64_t end, bool *ret_final)
{
    if (!pg_connect(pg, url, end, ret_final))
        return false;
    pg->pq.PQsetNoticeReceiver(pg->conn, take_notice, pg);
    *ret_final = true;
    if (pg_set_up(pg, url, options))
        return true;
    *ret_final = !pg->is_abandoned;
    return false;
}

static bool sleep_ms(struct ctx *ctx, int ms)
{
    poll(NULL, 0, ms);
    return !ctx_interrupted(ctx) || fail_interrupted(ctx);
}

/* An attempt that starts in time gets a minimum even if the time is nearly over. */
static uint64_t end_of_attempt(uint64_t deadline)
{
    uint64_t least = time_monotonic_us() + LEAST_MS * 1000;
    return deadline > least ? deadline : least;
}

/*
 * Tries until it works or the time is over. If a server answers, but rejects the password or does not have the
 * database, that will not change; one more attempt is made, since it may have become ready between the attempt and
 * the ping.
 */
static bool open_waiting(struct pg *pg, const struct url *url, const struct open_options *options)
{
    struct ctx *ctx = pg->base.ctx;
    uint64_t deadline = time_monotonic_us() + options->wait_ms * 1000;
    bool has_refused = false, has_told = false, is_final;
    while (!open_once(pg, url, options, options->wait_ms ? end_of_attempt(deadline) : 0, &is_final)) {
        pg_disconnect(pg);
        if (ctx_interrupted(ctx) || !options->wait_ms || time_monotonic_us() >= deadline ||
            (is_final && has_refused))
            return false;
        if (!is_final && !has_told)
            log_info(ctx, "waiting for the database to start");
        has_refused = is_final;
        has_told = has_told || !is_final;
        pg->is_abandoned = false;
        err_clear(ctx);
        if (!sleep_ms(ctx, RETRY_MS))
            return false;
    }
    return true;
}

bool pg_open(struct ctx *ctx, const struct url *url, const struct open_options *options, struct conn **ret)
{
    static const struct open_options none = {0};
    struct pg *pg = ctx_new(ctx, struct pg);
    options = options ? options : &none;
    pg->base = (struct conn){.dialect = &postgresql_dialect, .ctx = ctx};
    pg->url = url->text;
    pg->parsed_url = url;
    if (!libpq_open(ctx, &pg->pq))
        return false;
    if (!check_url(pg, url) || !open_waiting(pg, url, options)) {
        pg_close(&pg->base);
        return false;
    }
    pg->deadline_us = 0;
    *ret = &pg->base;
    return true;
}

void pg_close(struct conn *conn)
{
    if (!conn)
        return;
    struct pg *pg = pg_of(conn);
    if (pg->borrowed)
        pg_give_back(pg);
    pg_disconnect(pg);
    libpq_close(&pg->pq);
}

bool pg_has_open_transaction(struct pg *pg)
{
    PGTransactionStatusType s = pg->pq.PQtransactionStatus(pg->conn);
    return s == PQTRANS_INTRANS || s == PQTRANS_INERROR;
}
