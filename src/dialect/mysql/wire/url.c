/*
 * Parses the URL of a server.
 *
 * The parameters are those of the drivers that SQLAlchemy knows (PyMySQL, mysqlclient, mysql-connector), so that a
 * URL works unchanged.
 */
#include "dialect/mysql/wire/url.h"

#include "dialect/url.h"

#include <stdlib.h>

enum parameter_kind {
    TEXT,       /* an option of the library */
    FLAG,       /* the same, a boolean */
    SOCKET,     /* the path of a Unix socket */
    TIMEOUT,    /* seconds */
    NO_TLS,     /* a flag that means the opposite of its option */
    IS_IGNORED, /* concerns programs that fetch rows */
};

static const struct {
    const char *key;
    enum parameter_kind kind;
    enum mysql_option option;
} parameters[] = {
    {"unix_socket", SOCKET, 0},
    {"connect_timeout", TIMEOUT, 0},
    {"read_default_file", TEXT, MYSQL_READ_DEFAULT_FILE},
    {"read_default_group", TEXT, MYSQL_READ_DEFAULT_GROUP},
    {"ssl", FLAG, MYSQL_OPT_SSL_ENFORCE},
    {"ssl_disabled", NO_TLS, MYSQL_OPT_SSL_ENFORCE},
    {"ssl_ca", TEXT, MYSQL_OPT_SSL_CA},
    {"ssl_capath", TEXT, MYSQL_OPT_SSL_CAPATH},
    {"ssl_cert", TEXT, MYSQL_OPT_SSL_CERT},
    {"ssl_key", TEXT, MYSQL_OPT_SSL_KEY},
    {"ssl_cipher", TEXT, MYSQL_OPT_SSL_CIPHER},
    {"tls_version", TEXT, MARIADB_OPT_TLS_VERSION},
    {"ssl_verify_cert", FLAG, MYSQL_OPT_SSL_VERIFY_SERVER_CERT},
    {"ssl_verify_identity", FLAG, MYSQL_OPT_SSL_VERIFY_SERVER_CERT},
    {"ssl_check_hostname", FLAG, MYSQL_OPT_SSL_VERIFY_SERVER_CERT},
    {"charset", IS_IGNORED, 0}, /* cmig uses utf8mb4 */
    {"use_unicode", IS_IGNORED, 0},
    {"autocommit", IS_IGNORED, 0},
    {"local_infile", IS_IGNORED, 0},
    {"sql_mode", IS_IGNORED, 0}, /* see session.c */
    {"read_timeout", IS_IGNORED, 0},
    {"write_timeout", IS_IGNORED, 0},
    {"binary_prefix", IS_IGNORED, 0},
};

static bool fail_parameter(struct ctx *ctx, const char *key)
{
    const char *known[COUNT_OF(parameters)];
    for (size_t i = 0; i < COUNT_OF(parameters); i++)
        known[i] = parameters[i].key;
    const char *near = str_nearest(key, known, COUNT_OF(known));
    fail(ctx, STATUS_CONFIG, "unknown parameter '%s' in the database URL", key);
    return !near || fail_hint(ctx, "Did you mean '%s'?", near);
}
#define fail_parameter(...) fail_false(fail_parameter(__VA_ARGS__))

static bool take_timeout(struct ctx *ctx, const char *value, struct my_url *ret)
{
    char *end;
    double seconds = strtod(value, &end);
    if (!*value || *end || seconds < 0 || seconds > 1e6)
        return fail(ctx, STATUS_CONFIG, "invalid connect_timeout '%s' in the database URL", value);
    ret->connect_timeout_ms = (uint64_t)(seconds * 1000);
    return true;
}

static bool take_parameter(struct ctx *ctx, const char *key, const char *value, struct my_url *ret)
{
    size_t i = 0;
    while (i < COUNT_OF(parameters) && !str_eq(parameters[i].key, key))
        i++;
    if (i == COUNT_OF(parameters))
        return fail_parameter(ctx, key);
    struct my_url_option option = {parameters[i].option, parameters[i].kind != TEXT, value};
    bool is_on = url_flag(value);
    switch (parameters[i].kind) {
    case SOCKET:
        ret->socket = value;
        return true;
    case TIMEOUT:
        return take_timeout(ctx, value, ret);
    case TEXT:
        break;
    case FLAG:
        option.value = is_on ? "1" : "0";
        break;
    case NO_TLS:
        if (is_on)
            option.value = "0";
        break;
    case IS_IGNORED:
        return true;
    }
    if (parameters[i].kind == NO_TLS && !is_on)
        return true;
    vec_add(ctx, &ret->options, option);
    return true;
}

static bool take_query(struct ctx *ctx, const char *query, struct my_url *ret)
{
    for (const char *s = query; *s; s += strspn(s, "&")) {
        size_t n = strcspn(s, "&"), k = strcspn(s, "&=");
        const char *value = s[k] == '=' ? url_decode(&ctx->arena, s + k + 1, n - k - 1) : "";
        if (!take_parameter(ctx, url_decode(&ctx->arena, s, k), value, ret))
            return false;
        s += n;
    }
    return true;
}

static const char *part(struct ctx *ctx, const char *s, size_t n)
{
    return n ? url_decode(&ctx->arena, s, n) : NULL;
}

/* user:password@, of which either may be missing. */
static const char *take_user(struct ctx *ctx, const char *s, size_t n, struct my_url *ret)
{
    const char *at = memchr(s, '@', n);
    if (!at)
        return s;
    const char *colon = memchr(s, ':', (size_t)(at - s));
    ret->user = part(ctx, s, (size_t)((colon ? colon : at) - s));
    if (colon)
        ret->password = url_decode(&ctx->arena, colon + 1, (size_t)(at - colon - 1));
    return at + 1;
}

/* host, host:port or [address]:port */
static bool take_host(struct ctx *ctx, const char *s, const char *end, struct my_url *ret)
{
    bool is_bracketed = *s == '[';
    const char *stop = is_bracketed ? memchr(s, ']', (size_t)(end - s)) : memchr(s, ':', (size_t)(end - s));
    const char *colon = stop && is_bracketed ? stop + 1 : stop;
    if (memchr(s, ',', (size_t)(end - s)) || (is_bracketed && !stop))
        return fail(ctx, STATUS_CONFIG, "the host of the database URL is malformed");
    ret->host = part(ctx, s + is_bracketed, (size_t)((stop ? stop : end) - s) - is_bracketed);
    if (!colon || colon >= end || colon + 1 == end)
        return true;
    long port = strtol(colon + 1, NULL, 10);
    if (*colon != ':' || port < 1 || port > 65535)
        return fail(ctx, STATUS_CONFIG, "the port of the database URL is malformed");
    ret->port = (unsigned)port;
    ret->has_port = true;
    return true;
}

bool my_url_parse(struct ctx *ctx, const struct url *url, struct my_url *ret)
{
    struct my_url parsed = {0};
    const char *s = strstr(url->rest, "://") + 3;
    const char *end = s + strcspn(s, "/?#");
    s = take_user(ctx, s, (size_t)(end - s), &parsed);
    if (!take_host(ctx, s, end, &parsed))
        return false;
    if (*end == '/') {
        const char *name = end + 1;
        end = name + strcspn(name, "?#");
        parsed.database = part(ctx, name, (size_t)(end - name));
    }
    if (*end == '?' && !take_query(ctx, end + 1, &parsed))
        return false;
    if (!parsed.database) {
        fail(ctx, STATUS_CONFIG, "the database URL names no database");
        return fail_hint(ctx, "Write %s://user@host/database.", url->scheme);
    }
    *ret = parsed;
    return true;
}
