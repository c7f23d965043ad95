/* Opens a connection: waits for a server that is starting, and sets up the session. */
#include "dialect/engine.h"
#include "dialect/mysql/wire/cluster.h"

#include <poll.h>
#include <stdlib.h>

enum { RETRY_MS = 250, LEAST_MS = 1000 };

/* Once in a run, which opens several connections. */
static void warn_documented(struct my *my)
{
    if (my->server->is_documented_only && !my->is_secondary)
        log_warn(my->base.ctx,
            "support for %s was written from its documentation, and is tested on MariaDB only: read SQL "
            "before "
            "you run it",
            my->server->name);
}

/* Each of them lacks parts of what MySQL has, and none could be tried. */
static bool fail_engine(struct my *my, const struct engine *e, const char *version)
{
    struct ctx *ctx = my->base.ctx;
    const char *refusal = engine_refusal(ctx, e);
    fail(ctx, STATUS_FAILED, "the server is %s (%s), which cmig does not support", e->name, version);
    return refusal ? fail_hint(ctx, "%s", refusal) : false;
}

/* A MariaDB server may call itself 5.5.5-10.11.14-MariaDB in the handshake, so the version is queried. */
static bool read_server(struct my *my)
{
    struct ctx *ctx = my->base.ctx;
    struct my_answer a CLEANUP(my_answer_free) = {0};
    if (!my_query(my, "SELECT version(), @@version_comment, @@innodb_read_only", &a) || !my_next(&a))
        return false;
    const char *version = my_copy(&a, 0), *comment = my_copy(&a, 1);
    size_t n = strspn(version, "0123456789.");
    my->server = my_server_find(version, comment, &my->version);
    if (my_flag(&a, 2))
        my->base.read_only = "'innodb_read_only' is on.";
    const struct engine *engine = engine_find("mysql", version, comment);
    if (engine)
        return fail_engine(my, engine, version);
    if (!my->server)
        return fail(ctx, STATUS_FAILED, "the server is %s (%s), and cmig needs %s, or later", version,
            comment, my_server_list(ctx));
    my->base.server = ctx_printf(ctx, "%s %.*s", my->server->name, (int)n, version);
    ctx->product = my->server->name;
    warn_documented(my);
    return true;
}

/* One attempt. *ret_final: another attempt would have the same result. */
static bool open_once(struct my *my, uint64_t limit_ms, bool *ret_final)
{
    if (!my_connect(my, limit_ms, ret_final))
        return false;
    *ret_final = true;
    if (my_set_session(my) && read_server(my))
        return true;
    *ret_final = !my_is_lost(my);
    return false;
}

static bool sleep_ms(struct ctx *ctx, int ms)
{
    poll(NULL, 0, ms);
    return !ctx_interrupted(ctx) || fail_interrupted(ctx);
}

/* An attempt that starts in time gets a minimum even if the time is nearly over; without --wait there is one
 * attempt, with the library's limit. */
static uint64_t limit_of_attempt(uint64_t deadline_us, uint64_t wait_ms)
{
    uint64_t now = time_monotonic_us();
    uint64_t left = deadline_us > now ? (deadline_us - now) / 1000 : 0;
    return !wait_ms ? 0 : left > LEAST_MS ? left : LEAST_MS;
}

static bool open_waiting(struct my *my, uint64_t wait_ms)
{
    struct ctx *ctx = my->base.ctx;
    uint64_t deadline_us = time_monotonic_us() + wait_ms * 1000;
    bool has_told = false, is_final;
    while (!open_once(my, limit_of_attempt(deadline_us, wait_ms), &is_final)) {
        my_disconnect(my);
        if (ctx_interrupted(ctx) || is_final || !wait_ms || time_monotonic_us() >= deadline_us)
            return false;
        if (!has_told)
            log_info(ctx, "waiting for the database to start");
        has_told = true;
        err_clear(ctx);
        if (!sleep_ms(ctx, RETRY_MS))
            return false;
    }
    return true;
}

static bool open_conn(struct ctx *ctx, const struct url *url, const struct open_options *given,
    bool of_server, struct conn **ret)
{
    static const struct open_options none = {0};
    struct my *my = ctx_new(ctx, struct my);
    const struct open_options *options = given ? given : &none;
    my->base = (struct conn){.dialect = &mysql_dialect, .ctx = ctx};
    my->url = url;
    my->is_secondary = !given;
    my->of_server = of_server;
    my->table_timeout_ms = options->table_timeout_ms;
    if (!libmariadb_open(ctx, &my->lib))
        return false;
    if (!open_waiting(my, options->wait_ms)) {
        my_close(&my->base);
        return false;
    }
    *ret = &my->base;
    return true;
}

bool my_open(struct ctx *ctx, const struct url *url, const struct open_options *given, struct conn **ret)
{
    return open_conn(ctx, url, given, false, ret);
}

bool my_open_server(
    struct ctx *ctx, const struct url *url, const struct open_options *options, struct conn **ret)
{
    return open_conn(ctx, url, options, true, ret);
}

void my_close(struct conn *conn)
{
    if (!conn)
        return;
    struct my *my = my_of(conn);
    if (!my->is_secondary)
        conn->ctx->product = NULL;
    my_cluster_release(my);
    my_disconnect(my);
    libmariadb_close(&my->lib);
}
