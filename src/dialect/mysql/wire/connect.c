/*
 * Makes a connection, and kills statements that run on one.
 *
 * A server, or a proxy before it, may accept a connection and stay silent at any point; so connecting has a limit,
 * and interruptions are noticed.
 */
#include "dialect/mysql/wire/conn.h"
#include "dialect/mysql/wire/url.h"

#include <errmsg.h>
#include <mysqld_error.h>

enum { DEFAULT_LIMIT_MS = 10000, KILL_LIMIT_MS = 1500 };

/* For localhost the library uses the Unix socket; PyMySQL does not, and a port in the URL means TCP. */
static bool wants_tcp(const struct my_url *u)
{
    return u->has_port && !u->socket && str_eq(u->host, "localhost");
}

static void set_tls(struct my *my, enum my_tls tls)
{
    const my_bool is_encrypted = tls >= MY_TLS_TRY, is_verified = tls == MY_TLS_VERIFY;
    my->lib.mysql_optionsv(my->conn, MYSQL_OPT_SSL_ENFORCE, &is_encrypted);
    my->lib.mysql_optionsv(my->conn, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &is_verified);
}

static void set_options(struct my *my, const struct my_url *u)
{
    static const unsigned tcp = MYSQL_PROTOCOL_TCP;
    static const my_bool yes = 1;
    const struct libmariadb *lib = &my->lib;
    lib->mysql_optionsv(my->conn, MYSQL_OPT_NONBLOCK, 0);
    lib->mysql_optionsv(my->conn, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    /* [client] and the like, as the server's own programs read them, and [cmig] */
    lib->mysql_optionsv(my->conn, MYSQL_READ_DEFAULT_GROUP, "cmig");
    lib->mysql_optionsv(my->conn, MARIADB_OPT_FOUND_ROWS, &yes);
    lib->mysql_optionsv(my->conn, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "cmig");
    if (wants_tcp(u))
        lib->mysql_optionsv(my->conn, MYSQL_OPT_PROTOCOL, &tcp);
    vec_each(i, &u->options) {
        const struct my_url_option *o = &u->options.v[i];
        lib->mysql_optionsv(my->conn, o->option, o->value);
    }
    if (u->tls != MY_TLS_DEFAULT)
        set_tls(my, u->tls);
}

/* Error codes of a server that is running but refuses; another attempt would not help. */
static bool is_refusal(struct my *my)
{
    static const unsigned codes[] = {ER_ACCESS_DENIED_ERROR, ER_DBACCESS_DENIED_ERROR, ER_BAD_DB_ERROR,
        ER_HOST_NOT_PRIVILEGED, ER_HOST_IS_BLOCKED, CR_SSL_CONNECTION_ERROR, CR_AUTH_PLUGIN_CANNOT_LOAD,
        CR_VERSION_ERROR};
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        if (my_failed_with(my, codes[i]))
            return true;
    return false;
}

void my_disconnect(struct my *my)
{
    if (my->conn)
        my->lib.mysql_close(my->conn);
    my->conn = NULL;
}

static bool connect_once(struct my *my, const struct my_url *u)
{
    MYSQL *connected = NULL;
    int wanted = my->lib.mysql_real_connect_start(&connected, my->conn, u->host, u->user, u->password,
        my->of_server ? NULL : u->database, u->port, u->socket, 0);
    while (wanted)
        wanted = my->lib.mysql_real_connect_cont(&connected, my->conn, my_await(my, wanted));
    return connected;
}

/* The library continues without TLS if the server does not offer it. A Unix socket needs none. */
static bool check_tls(struct my *my, const struct my_url *u)
{
    struct ctx *ctx = my->base.ctx;
    if (u->tls < MY_TLS_ENCRYPT || my->conn->unix_socket || my->lib.mysql_get_ssl_cipher(my->conn))
        return true;
    fail(ctx, STATUS_UNREACHABLE, "the server does not offer TLS, which the database URL requires");
    return fail_hint(ctx, "Set up TLS on the server, or write ssl_mode=disabled if the network is secure.");
}

bool my_connect(struct my *my, uint64_t limit_ms, bool *ret_final)
{
    struct my_url u;
    *ret_final = true;
    if (!my_url_parse(my->base.ctx, my->url, &u))
        return false;
    my->database = u.database;
    my->conn = my->lib.mysql_init(NULL);
    if (!my->conn)
        return fail(my->base.ctx, STATUS_UNREACHABLE, "mysql: out of memory");
    set_options(my, &u);
    limit_ms = limit_ms ? limit_ms : u.connect_timeout_ms ? u.connect_timeout_ms : DEFAULT_LIMIT_MS;
    my->deadline_us = time_monotonic_us() + limit_ms * 1000;
    my->is_abandoned = false;
    bool ok = connect_once(my, &u);
    my->deadline_us = 0;
    if (ok)
        return check_tls(my, &u);
    *ret_final = is_refusal(my);
    my_fail(my);
    if (my_failed_with(my, ER_BAD_DB_ERROR))
        fail_hint(my->base.ctx, "Run 'cmig create-database' first.");
    if (my_failed_with(my, ER_CON_COUNT_ERROR))
        fail_hint(my->base.ctx, "Try again later. For many targets, use fewer connections with --per-server.");
    return false;
}

/* The connection that kills is not interrupted itself: it has its own limit. */
void my_kill(struct my *my)
{
    struct ctx *ctx = my->base.ctx;
    const volatile sig_atomic_t *interrupt = ctx->interrupt;
    struct my other = {.base = my->base, .lib = my->lib, .url = my->url};
    struct err err = ctx->err;
    bool is_final;
    ctx->interrupt = NULL;
    ctx->err = (struct err){0};
    unsigned long id = my->lib.mysql_thread_id(my->conn);
    if (id && my_connect(&other, KILL_LIMIT_MS, &is_final)) {
        other.deadline_us = time_monotonic_us() + KILL_LIMIT_MS * 1000;
        if (!my_query(&other, ctx_printf(ctx, "KILL QUERY %lu", id), NULL))
            log_debug(ctx, "cannot kill the statement of connection %lu", id);
    }
    my_disconnect(&other);
    ctx->err = err;
    ctx->interrupt = interrupt;
}
