/*
 * The parameters of a server's URL.
 *
 * They are those of common drivers: PyMySQL, mysqlclient, the connectors for Python, Java and Ruby,
 * those of Go, Node and Prisma. Capital letters, "-" and "_" make no difference. A parameter that only concerns a
 * program which fetches rows is ignored; one that could protect the connection is never ignored.
 */
#include "dialect/mysql/wire/parameters.h"

#include <ctype.h>
#include <stdlib.h>

enum parameter_kind {
    TEXT,       /* an option of the library */
    CREDENTIAL, /* the same, of an encrypted connection */
    AUTHORITY,  /* the same, and the certificate is verified unless another parameter says otherwise */
    USER,       /* where the URL has none before the host */
    PASSWORD,   /* the same */
    SOCKET,     /* the path of a Unix socket */
    SECONDS,    /* a limit for connecting; Go writes 10s or 500ms */
    MODE,       /* a word for how the connection is protected */
    ENCRYPTS,   /* a flag: encrypt; off: do not */
    REQUIRES,   /* a flag: encrypt; off: nothing */
    VERIFIES,   /* a flag: encrypt and verify; off: do not verify */
    IDENTIFIES, /* a flag: the same; off: nothing, since the name is part of every verification */
    PLAIN,      /* a flag: do not encrypt */
    TRUSTS,     /* a flag: do not verify; off: verify */
    UNREADABLE, /* protects the connection by what the library cannot read */
    IS_IGNORED,
};

/* How a connection is protected, from the least to the most. */
static const struct {
    const char *word;
    enum my_tls tls;
} modes[] = {
    {"disabled", MY_TLS_OFF},
    {"disable", MY_TLS_OFF},
    {"false", MY_TLS_OFF},
    {"off", MY_TLS_OFF},
    {"no", MY_TLS_OFF},
    {"0", MY_TLS_OFF},
    {"preferred", MY_TLS_TRY},
    {"prefer", MY_TLS_TRY},
    {"allow", MY_TLS_TRY},
    {"required", MY_TLS_ENCRYPT},
    {"require", MY_TLS_ENCRYPT},
    {"trust", MY_TLS_ENCRYPT},
    {"skip-verify", MY_TLS_ENCRYPT},
    {"accept_invalid_certs", MY_TLS_ENCRYPT},
    {"verify_ca", MY_TLS_VERIFY},
    {"verify-ca", MY_TLS_VERIFY},
    {"verify_identity", MY_TLS_VERIFY},
    {"verify-identity", MY_TLS_VERIFY},
    {"verify-full", MY_TLS_VERIFY},
    {"verify_full", MY_TLS_VERIFY},
    {"strict", MY_TLS_VERIFY},
    {"true", MY_TLS_VERIFY},
    {"on", MY_TLS_VERIFY},
    {"yes", MY_TLS_VERIFY},
    {"1", MY_TLS_VERIFY},
};

static const struct {
    const char *key;
    enum parameter_kind kind;
    enum mysql_option option;
    const char *remedy; /* UNREADABLE */
} parameters[] = {
    {"unix_socket", SOCKET, 0, NULL},
    {"socket", SOCKET, 0, NULL},
    {"local_socket", SOCKET, 0, NULL},
    {"user", USER, 0, NULL},
    {"password", PASSWORD, 0, NULL},
    {"connect_timeout", SECONDS, 0, NULL}, /* JDBC's connectTimeout: see take_parameter() */
    {"connection_timeout", SECONDS, 0, NULL},
    {"timeout", SECONDS, 0, NULL},
    {"read_default_file", TEXT, MYSQL_READ_DEFAULT_FILE, NULL},
    {"default_file", TEXT, MYSQL_READ_DEFAULT_FILE, NULL},
    {"read_default_group", TEXT, MYSQL_READ_DEFAULT_GROUP, NULL},
    {"default_group", TEXT, MYSQL_READ_DEFAULT_GROUP, NULL},
    {"init_command", TEXT, MYSQL_INIT_COMMAND, NULL},
    {"bind_address", TEXT, MYSQL_OPT_BIND, NULL},
    {"plugin_dir", TEXT, MYSQL_PLUGIN_DIR, NULL},
    {"server_public_key", TEXT, MYSQL_SERVER_PUBLIC_KEY, NULL},
    {"serverRsaPublicKeyFile", TEXT, MYSQL_SERVER_PUBLIC_KEY, NULL},
    {"ssl", ENCRYPTS, 0, NULL},
    {"useSSL", ENCRYPTS, 0, NULL},
    {"requireSSL", REQUIRES, 0, NULL},
    {"ssl_mode", MODE, 0, NULL},
    {"tls", MODE, 0, NULL},
    {"sslaccept", MODE, 0, NULL},
    {"ssl_disabled", PLAIN, 0, NULL},
    {"ssl_ca", AUTHORITY, MYSQL_OPT_SSL_CA, NULL},
    {"ssl_capath", AUTHORITY, MYSQL_OPT_SSL_CAPATH, NULL},
    {"serverSslCert", AUTHORITY, MYSQL_OPT_SSL_CA, NULL},
    {"ssl_cert", CREDENTIAL, MYSQL_OPT_SSL_CERT, NULL},
    {"ssl_key", CREDENTIAL, MYSQL_OPT_SSL_KEY, NULL},
    {"ssl_key_password", CREDENTIAL, MARIADB_OPT_TLS_PASSPHRASE, NULL},
    {"ssl_cipher", TEXT, MYSQL_OPT_SSL_CIPHER, NULL},
    {"ssl_crl", CREDENTIAL, MYSQL_OPT_SSL_CRL, NULL},
    {"ssl_crlpath", CREDENTIAL, MYSQL_OPT_SSL_CRLPATH, NULL},
    {"ssl_fp", CREDENTIAL, MARIADB_OPT_TLS_PEER_FP, NULL},
    {"tls_fp", CREDENTIAL, MARIADB_OPT_TLS_PEER_FP, NULL},
    {"tls_version", TEXT, MARIADB_OPT_TLS_VERSION, NULL},
    {"tls_versions", TEXT, MARIADB_OPT_TLS_VERSION, NULL},
    {"enabledTLSProtocols", TEXT, MARIADB_OPT_TLS_VERSION, NULL},
    {"enabledSslProtocolSuites", TEXT, MARIADB_OPT_TLS_VERSION, NULL},
    {"ssl_verify", VERIFIES, 0, NULL},
    {"ssl_verify_cert", VERIFIES, 0, NULL},
    {"verifyServerCertificate", VERIFIES, 0, NULL},
    {"ssl_verify_server_cert", VERIFIES, 0, NULL},
    {"ssl_verify_identity", IDENTIFIES, 0, NULL},
    {"ssl_check_hostname", IDENTIFIES, 0, NULL},
    {"trustServerCertificate", TRUSTS, 0, NULL},
    {"disableSslHostnameVerification", IS_IGNORED, 0, NULL},
    {"serverPubKey", UNREADABLE, 0, "Write server_public_key=PATH, with the path of the key."},
    {"sslidentity", UNREADABLE, 0, "Write ssl_cert=PATH and ssl_key=PATH, with files in PEM format."},
    {"sslpassword", UNREADABLE, 0, "Write ssl_cert=PATH and ssl_key=PATH, with files in PEM format."},
    {"keyStore", UNREADABLE, 0, "Write ssl_cert=PATH and ssl_key=PATH, with files in PEM format."},
    {"trustStore", UNREADABLE, 0, "Write ssl_ca=PATH, with a file in PEM format."},
    {"clientCertificateKeyStoreUrl", UNREADABLE, 0,
        "Write ssl_cert=PATH and ssl_key=PATH, with files in PEM format."},
    {"trustCertificateKeyStoreUrl", UNREADABLE, 0, "Write ssl_ca=PATH, with a file in PEM format."},
    {"charset", IS_IGNORED, 0, NULL}, /* cmig uses utf8mb4, its own SQL mode and time zone: see session.c */
    {"use_unicode", IS_IGNORED, 0, NULL},
    {"sql_mode", IS_IGNORED, 0, NULL},
    {"time_zone", IS_IGNORED, 0, NULL},
    {"connectionTimeZone", IS_IGNORED, 0, NULL},
    {"autocommit", IS_IGNORED, 0, NULL},
    {"local_infile", IS_IGNORED, 0, NULL},
    {"allow_local_infile", IS_IGNORED, 0, NULL},
    {"parseTime", IS_IGNORED, 0, NULL},
    {"read_timeout", IS_IGNORED, 0, NULL},
    {"write_timeout", IS_IGNORED, 0, NULL},
    {"socket_timeout", IS_IGNORED, 0, NULL},
    {"connection_limit", IS_IGNORED, 0, NULL},
    {"auth_plugin", IS_IGNORED, 0, NULL}, /* the server names the plugin */
    {"authenticationPlugins", IS_IGNORED, 0, NULL},
    {"auth_plugin_map", IS_IGNORED, 0, NULL},
    {"default_auth", IS_IGNORED, 0, NULL},
    {"defaultAuthenticationPlugin", IS_IGNORED, 0, NULL},
    {"allowCleartextPasswords", IS_IGNORED, 0, NULL},
    {"allowNativePasswords", IS_IGNORED, 0, NULL},
    {"allowOldPasswords", IS_IGNORED, 0, NULL},
    {"allowPublicKeyRetrieval", IS_IGNORED, 0, NULL},
    {"get_server_public_key", IS_IGNORED, 0, NULL},
    {"passwordCharacterEncoding", IS_IGNORED, 0, NULL},
    {"disconnectOnExpiredPasswords", IS_IGNORED, 0, NULL},
};

/* "ssl-mode", "sslMode" and "ssl_mode" are one key. */
static bool is_key(const char *a, const char *b)
{
    for (;; a++, b++) {
        a += strspn(a, "-_");
        b += strspn(b, "-_");
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
        if (!*a)
            return true;
    }
}

static bool fail_value(struct ctx *ctx, const char *key, const char *value, const char *expected)
{
    fail(ctx, STATUS_CONFIG, "invalid value '%s' of parameter '%s' in the database URL", value, key);
    return fail_hint(ctx, "%s", expected);
}
#define fail_value(...) fail_false(fail_value(__VA_ARGS__))

/* ---- unknown parameters -------------------------------------------------------------------------------- */

static bool may_protect(const char *key)
{
    static const char *const words[] = {
        "ssl", "tls", "cert", "verify", "trust", "secur", "crypt", "key", "pass", "auth"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strstr(key, words[i]))
            return true;
    return false;
}

/* Drivers have hundreds of others, for the rows that they fetch. */
static bool take_unknown(struct ctx *ctx, const char *key)
{
    const char *known[COUNT_OF(parameters)];
    for (size_t i = 0; i < COUNT_OF(parameters); i++)
        known[i] = parameters[i].key;
    const char *near = str_nearest(key, known, COUNT_OF(known));
    if (!near && !may_protect(str_lower(&ctx->arena, key))) {
        log_debug(ctx, "parameter '%s' of the database URL is ignored", key);
        return true;
    }
    fail(ctx, STATUS_CONFIG, "unknown parameter '%s' in the database URL", key);
    if (near)
        return fail_hint(ctx, "Did you mean '%s'?", near);
    return fail_hint(ctx, "A parameter that may protect the connection is not ignored. The section URLS of "
                          "cmig.yaml(5) lists the known ones.");
}

/* ---- values -------------------------------------------------------------------------------------------- */

static bool take_timeout(
    struct ctx *ctx, const char *key, const char *value, double unit_ms, struct my_url *ret)
{
    static const struct {
        const char *suffix;
        double ms;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}};
    char *end;
    double number = strtod(value, &end);
    bool is_known = !*end;
    for (size_t i = 0; i < COUNT_OF(units); i++)
        if (str_eq(end, units[i].suffix)) {
            unit_ms = units[i].ms;
            is_known = true;
        }
    if (!*value || end == value || !is_known || number < 0 || number * unit_ms > 1e9)
        return fail(ctx, STATUS_CONFIG, "invalid %s '%s' in the database URL", key, value);
    ret->connect_timeout_ms = (uint64_t)(number * unit_ms);
    return true;
}

static bool read_flag(struct ctx *ctx, const char *key, const char *value, bool *ret)
{
    static const char *const off[] = {"0", "off", "false", "no"};
    *ret = url_flag(value);
    for (size_t i = 0; !*ret && i < COUNT_OF(off); i++)
        if (str_eq_ci(value, off[i]))
            return true;
    return *ret || fail_value(ctx, key, value,
                       "Expected true or false. For other settings of TLS use ssl_mode and ssl_ca.");
}

static bool read_mode(struct ctx *ctx, const char *key, const char *value, enum my_tls *ret)
{
    const char *word = *value == ':' ? value + 1 : value; /* Ruby's symbols */
    for (size_t i = 0; i < COUNT_OF(modes); i++)
        if (str_eq_ci(modes[i].word, word)) {
            *ret = modes[i].tls;
            return true;
        }
    return fail_value(ctx, key, value,
        "Expected disabled, preferred, required or verify_identity; ssl_ca=PATH names the certificate of "
        "your own certificate authority.");
}

/* Of several parameters the one that protects most counts. */
static bool protect(struct my_url *ret, enum my_tls tls)
{
    ret->tls = tls > ret->tls ? tls : ret->tls;
    return true;
}

static bool take_flag(
    struct ctx *ctx, enum parameter_kind kind, const char *key, const char *value, struct my_url *ret)
{
    bool is_on;
    if (!read_flag(ctx, key, value, &is_on))
        return false;
    if (kind == PLAIN)
        return !is_on || protect(ret, MY_TLS_OFF);
    if (kind == REQUIRES)
        return !is_on || protect(ret, MY_TLS_ENCRYPT);
    if (kind == ENCRYPTS)
        return protect(ret, is_on ? MY_TLS_ENCRYPT : MY_TLS_OFF);
    ret->is_trusting |= kind != IDENTIFIES && is_on == (kind == TRUSTS);
    return is_on == (kind == TRUSTS) || protect(ret, MY_TLS_VERIFY);
}

static bool take_mode(struct ctx *ctx, const char *key, const char *value, struct my_url *ret)
{
    enum my_tls tls = MY_TLS_DEFAULT;
    if (!read_mode(ctx, key, value, &tls))
        return false;
    ret->is_trusting |= tls == MY_TLS_TRY || tls == MY_TLS_ENCRYPT;
    return protect(ret, tls);
}

static bool take_option(struct ctx *ctx, enum mysql_option option, const char *value, struct my_url *ret)
{
    vec_add(ctx, &ret->options, ((struct my_url_option){option, value}));
    return true;
}

bool my_url_take(struct ctx *ctx, const char *key, const char *value, struct my_url *ret)
{
    size_t i = 0;
    while (i < COUNT_OF(parameters) && !is_key(parameters[i].key, key))
        i++;
    if (i == COUNT_OF(parameters))
        return take_unknown(ctx, key);
    switch (parameters[i].kind) {
    case USER:
        ret->user = ret->user ? ret->user : value;
        return true;
    case PASSWORD:
        ret->password = ret->password ? ret->password : value;
        return true;
    case SOCKET:
        ret->socket = value;
        return true;
    case SECONDS:
        return take_timeout(ctx, key, value, str_eq(key, "connectTimeout") ? 1 : 1000, ret);
    case CREDENTIAL:
        protect(ret, MY_TLS_ENCRYPT);
        return take_option(ctx, parameters[i].option, value, ret);
    case AUTHORITY:
        ret->has_authority = true;
        return take_option(ctx, parameters[i].option, value, ret);
    case TEXT:
        return take_option(ctx, parameters[i].option, value, ret);
    case MODE:
        return take_mode(ctx, key, value, ret);
    case ENCRYPTS:
    case REQUIRES:
    case VERIFIES:
    case IDENTIFIES:
    case PLAIN:
    case TRUSTS:
        return take_flag(ctx, parameters[i].kind, key, value, ret);
    case UNREADABLE:
        fail(ctx, STATUS_CONFIG, "cannot use parameter '%s' of the database URL", key);
        return fail_hint(ctx, "%s", parameters[i].remedy);
    case IS_IGNORED:
        log_debug(ctx, "parameter '%s' of the database URL is ignored", key);
        return true;
    }
    return true;
}

void my_url_settle_tls(struct my_url *ret)
{
    if (!ret->has_authority || ret->tls == MY_TLS_OFF)
        return;
    if (!ret->is_trusting)
        ret->tls = MY_TLS_VERIFY;
    else if (ret->tls == MY_TLS_DEFAULT)
        ret->tls = MY_TLS_ENCRYPT;
}
