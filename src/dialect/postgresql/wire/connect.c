/*
 * Makes a connection.
 *
 * Never by libpq's blocking calls: a server, or a proxy before it, may accept a connection and stay silent at
 * any point, and an interruption must be noticed. So hosts of a list are tried here one by one, each within the
 * limit that libpq's blocking call would give it.
 */
#include "dialect/postgresql/wire/conn.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

enum { PARAMS = 20, POLL_MS = 250, DEFAULT_LIMIT_S = 10 };

/* The parameters for libpq. The URL overrides parameters before it; parameters after it override the URL. */
struct params {
    const char *keys[PARAMS], *values[PARAMS];
    size_t n;
};

/* A host of the URL's list, and which kind of server is wanted there. NULL: as the URL says. */
struct host {
    const char *name, *address, *port, *attributes;
};
struct hosts VEC_OF(struct host);

static void param_add(struct params *p, const char *key, const char *value)
{
    assert(p->n + 1 < PARAMS && "the list is ended by NULL");
    if (!value)
        return;
    p->keys[p->n] = key;
    p->values[p->n++] = value;
}

static struct params params_of(const struct url *url, const struct host *host, const char *connect_timeout)
{
    struct params p = {0};
    param_add(&p, "fallback_application_name", "cmig");
    param_add(&p, "keepalives_idle", "10");
    param_add(&p, "keepalives_interval", "5");
    param_add(&p, "keepalives_count", "3");
    param_add(&p, "tcp_user_timeout", "30000");
    param_add(&p, "dbname", url->rest);
    param_add(&p, "client_encoding", "UTF8");
    param_add(&p, "host", host->name);
    param_add(&p, "hostaddr", host->address);
    param_add(&p, "port", host->port);
    param_add(&p, "target_session_attrs", host->attributes);
    param_add(&p, "connect_timeout", connect_timeout);
    return p;
}

/* A parameter as libpq understands it, from the URL, the environment or a service file; NULL: none. */
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

void pg_disconnect(struct pg *pg)
{
    if (pg->watch)
        pg_disconnect(pg->watch);
    pg->watch = NULL;
    if (pg->conn)
        pg->pq.PQfinish(pg->conn);
    pg->conn = NULL;
}

/* ---- lists of hosts -------------------------------------------------------------------------------------- */

/* The i-th of a list with commas; of a list with one, that one. NULL: there is no list. */
static const char *list_item(struct ctx *ctx, const char *list, size_t i)
{
    if (!list || !strchr(list, ','))
        return list;
    while (i-- > 0) {
        list += strcspn(list, ",");
        list += *list == ',';
    }
    return arena_strndup(&ctx->arena, list, strcspn(list, ","));
}

static size_t list_size(const char *list)
{
    size_t n = 1;
    for (; list && (list = strchr(list, ',')); list++)
        n++;
    return n;
}

/* "prefer-standby" is tried on all hosts before any server is accepted. */
static void hosts_of(struct pg *pg, struct hosts *ret)
{
    struct ctx *ctx = pg->base.ctx;
    const char *names = param_used(pg, "host"), *addresses = param_used(pg, "hostaddr");
    const char *ports = param_used(pg, "port"), *attributes = param_used(pg, "target_session_attrs");
    size_t n = list_size(names), m = list_size(addresses);
    bool twice = str_eq(attributes, "prefer-standby");
    n = n > m ? n : m;
    for (size_t i = 0; (n > 1 || twice) && i < n * (twice ? 2 : 1); i++) {
        const struct host host = {
            .name = list_item(ctx, names, i % n),
            .address = list_item(ctx, addresses, i % n),
            .port = list_item(ctx, ports, i % n),
            .attributes = !twice  ? NULL
                          : i < n ? "standby"
                                  : "any",
        };
        vec_add(ctx, ret, host);
    }
}

/* ---- one host -------------------------------------------------------------------------------------------- */

/* libpq indents further lines by a tab; the error chain has an indentation of its own. */
static void drop_tabs(char *text)
{
    char *to = text;
    for (const char *s = text; *s; s++)
        if (*s != '\t')
            *to++ = *s;
    *to = '\0';
}

/* libpq gives no SQLSTATE of a connection that failed. A server with other messages gets no hint. */
static bool lacks_database(struct pg *pg, const char *message)
{
    const char *name = param_used(pg, "dbname");
    return name && strstr(message, ctx_printf(pg->base.ctx, "database \"%s\" does not exist", name));
}

static bool fail_connect(struct pg *pg)
{
    struct ctx *ctx = pg->base.ctx;
    if (ctx_interrupted(ctx))
        return false;
    char *message = str_trim(&ctx->arena, pg->pq.PQerrorMessage(pg->conn));
    drop_tabs(message);
    fail(ctx, STATUS_UNREACHABLE, "postgresql: %s", url_mask(&ctx->arena, message, pg->url));
    if (lacks_database(pg, message))
        fail_hint(ctx, "Run 'cmig create-database' first.");
    if (strstr(message, "too many clients") || strstr(message, "remaining connection slots") ||
        strstr(message, "too many connections"))
        fail_hint(ctx, "Try again later. For many targets, use fewer connections with --per-server.");
    return false;
}

static bool fail_silent(struct pg *pg, const struct host *host)
{
    struct ctx *ctx = pg->base.ctx;
    const char *name = host->name ? host->name : param_used(pg, "host");
    const char *port = host->port ? host->port : param_used(pg, "port");
    fail(ctx, STATUS_UNREACHABLE, "postgresql: server '%s', port %s, did not answer in time",
        name ? name : "localhost", port ? port : "5432");
    if (!ctx->err.hints)
        fail_hint(ctx, "Wait longer with 'connect_timeout' in the URL, or with --wait.");
    return false;
}

/* Waits for what libpq's state wants; false when interrupted or too late. */
static bool poll_socket(struct pg *pg, PostgresPollingStatusType want, uint64_t deadline, bool *ret_late)
{
    struct ctx *ctx = pg->base.ctx;
    struct pollfd fd = {.fd = pg->pq.PQsocket(pg->conn)};
    fd.events = want == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    for (;;) {
        if (ctx_interrupted(ctx))
            return fail_interrupted(ctx);
        *ret_late = deadline && time_monotonic_us() >= deadline;
        if (*ret_late)
            return false;
        int n = poll(&fd, 1, POLL_MS);
        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            return fail(ctx, STATUS_UNREACHABLE, "postgresql: cannot wait: %s", strerror(errno));
    }
}

/* As libpq has it: at least two seconds; 0 is no limit. */
static uint64_t deadline_of(struct pg *pg, uint64_t end)
{
    const char *text = param_used(pg, "connect_timeout");
    long seconds = text ? strtol(text, NULL, 10) : DEFAULT_LIMIT_S;
    uint64_t limit = time_monotonic_us() + (uint64_t)(seconds < 2 ? 2 : seconds) * 1000000;
    if (seconds <= 0)
        return end;
    return end && end < limit ? end : limit;
}

/* One attempt. *ret_answered: the server, or a proxy, took the connection and answered. */
static bool connect_host(
    struct pg *pg, const struct url *url, const struct host *host, uint64_t end, bool *ret_answered)
{
    const struct params p = params_of(url, host, NULL);
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    bool late = false;
    if (!pg->conn)
        pg->conn = pg->pq.PQconnectStartParams(p.keys, p.values, 1);
    if (!pg->conn)
        return fail(pg->base.ctx, STATUS_UNREACHABLE, "postgresql: out of memory");
    *ret_answered = false;
    if (pg->pq.PQstatus(pg->conn) == CONNECTION_BAD)
        return fail_connect(pg);
    pg->deadline_us = deadline_of(pg, end);
    while (state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING) {
        if (!poll_socket(pg, state, pg->deadline_us, &late)) {
            *ret_answered = false;
            return late ? fail_silent(pg, host) : false;
        }
        *ret_answered = pg->pq.PQstatus(pg->conn) != CONNECTION_STARTED;
        state = pg->pq.PQconnectPoll(pg->conn);
    }
    return state == PGRES_POLLING_OK || fail_connect(pg);
}

/* Whether a server that answered does so only to say that it is starting or stopping. It answers at once. */
static bool is_starting(struct pg *pg, const struct url *url, const struct host *host)
{
    const struct params p = params_of(url, host, "2");
    PGPing ping = pg->pq.PQpingParams(p.keys, p.values, 1);
    return ping == PQPING_REJECT || ping == PQPING_NO_RESPONSE;
}

/* Whether a server works, but is not of the kind that target_session_attrs wants: a standby is one until it is promoted. */
static bool is_of_another_kind(
    struct pg *pg, const struct url *url, const struct host *host, const char *wanted, uint64_t end)
{
    struct pg other = {.base = pg->base, .pq = pg->pq, .url = pg->url};
    struct host any = *host;
    struct err err = pg->base.ctx->err;
    bool answered;
    any.attributes = "any";
    bool is_fine = wanted && !str_eq(wanted, "any") && connect_host(&other, url, &any, end, &answered);
    pg_disconnect(&other);
    pg->base.ctx->err = err;
    return is_fine;
}

/* If all hosts must be tried by `end`, each gets its share of the remaining time. */
static uint64_t end_of_share(uint64_t end, size_t hosts)
{
    uint64_t now = time_monotonic_us();
    return !end ? 0 : now + (end > now ? (end - now) / hosts : 0);
}

/* The errors of all hosts are kept until one answers. */
bool pg_connect(struct pg *pg, const struct url *url, uint64_t end, bool *ret_final)
{
    struct ctx *ctx = pg->base.ctx;
    struct hosts hosts = {0};
    struct host any = {0};
    const struct params p = params_of(url, &any, NULL);
    *ret_final = false;
    pg->conn = pg->pq.PQconnectStartParams(p.keys, p.values, 1);
    if (pg->conn)
        hosts_of(pg, &hosts);
    if (hosts.n)
        pg_disconnect(pg);
    else
        vec_add(ctx, &hosts, any);
    vec_each(i, &hosts) {
        bool answered = false;
        if (connect_host(pg, url, &hosts.v[i], end_of_share(end, hosts.n - i), &answered)) {
            err_clear(ctx);
            return true;
        }
        const char *wanted = param_used(pg, "target_session_attrs");
        pg_disconnect(pg);
        if (ctx_interrupted(ctx))
            return false;
        *ret_final = *ret_final || (answered && !is_starting(pg, url, &hosts.v[i]) &&
                                       !is_of_another_kind(pg, url, &hosts.v[i], wanted, end));
    }
    return false;
}

bool pg_connect_another(struct pg *pg, const struct url *url, uint64_t limit_ms, struct pg *ret)
{
    const char *name = pg->pq.PQhost(pg->conn), *address = pg->pq.PQhostaddr(pg->conn);
    const struct host host = {
        .name = name && *name ? name : NULL,
        .address = address && *address && *name != '/' ? address : NULL,
        .port = pg->pq.PQport(pg->conn),
        .attributes = "any",
    };
    struct pg other = {.base = pg->base, .pq = pg->pq, .url = pg->url, .waiting.is_off = true};
    bool answered;
    if (!connect_host(&other, url, &host, time_monotonic_us() + limit_ms * 1000, &answered)) {
        pg_disconnect(&other);
        return false;
    }
    *ret = other;
    return true;
}
