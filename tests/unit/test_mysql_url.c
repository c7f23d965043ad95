/* URLs of MariaDB and MySQL, with the parameters of many drivers. No server is needed. */
#include "unit.h"

#include "dialect/mysql/wire/url.h"

static void assert_error_has(struct ctx *ctx, const char *words)
{
    assert_non_null(strstr(err_text(ctx), words));
    assert_int_equal(ctx->err.status, STATUS_CONFIG);
    err_clear(ctx);
}

static bool parse(struct ctx *ctx, const char *text, struct my_url *ret)
{
    struct url url;
    return url_parse(ctx, text, NULL, &url) && my_url_parse(ctx, &url, ret);
}

static void test_urls(void **state)
{
    struct ctx *ctx = *state;
    struct my_url u;
    assert_ok(ctx,
        parse(ctx, "mysql+pymysql://me:p%40ss@db.example:3307/app?charset=utf8mb4&ssl_ca=/ca.pem&ssl=1", &u));
    assert_string_equal(u.user, "me");
    assert_string_equal(u.password, "p@ss");
    assert_string_equal(u.host, "db.example");
    assert_int_equal(u.port, 3307);
    assert_string_equal(u.database, "app");
    assert_int_equal(u.options.n, 1);
    assert_int_equal(u.tls, MY_TLS_VERIFY);
    assert_string_equal(u.options.v[0].value, "/ca.pem");
    assert_ok(ctx, parse(ctx, "mariadb://[::1]/app?unix_socket=/run/my%20sock&connect_timeout=2.5", &u));
    assert_string_equal(u.host, "::1");
    assert_null(u.user);
    assert_false(u.has_port);
    assert_string_equal(u.socket, "/run/my sock");
    assert_int_equal(u.connect_timeout_ms, 2500);
}

/* Drivers have different words for it; a connection is never protected less than a word says. */
static void test_urls_that_protect(void **state)
{
    static const struct {
        const char *parameters;
        enum my_tls tls;
    } rows[] = {
        {"charset=utf8mb4", MY_TLS_DEFAULT},
        {"ssl_mode=DISABLED", MY_TLS_OFF},
        {"ssl-mode=PREFERRED", MY_TLS_TRY},
        {"sslMode=required", MY_TLS_ENCRYPT},
        {"ssl_mode=:required", MY_TLS_ENCRYPT},
        {"ssl_mode=REQUIRED&ssl_ca=/ca.pem", MY_TLS_ENCRYPT},
        {"ssl_mode=VERIFY_CA", MY_TLS_VERIFY},
        {"sslMode=verify-full&serverSslCert=/ca.pem", MY_TLS_VERIFY},
        {"ssl_ca=/ca.pem", MY_TLS_VERIFY},
        {"ssl_ca=/ca.pem&ssl_check_hostname=false", MY_TLS_VERIFY},
        {"ssl_ca=/ca.pem&ssl_verify_cert=false", MY_TLS_ENCRYPT},
        {"ssl_cert=/c.pem&ssl_key=/k.pem", MY_TLS_ENCRYPT},
        {"ssl_disabled=true", MY_TLS_OFF},
        {"ssl_disabled=false", MY_TLS_DEFAULT},
        {"tls=true", MY_TLS_VERIFY},
        {"tls=skip-verify", MY_TLS_ENCRYPT},
        {"tls=preferred&parseTime=true&loc=Local", MY_TLS_TRY},
        {"useSSL=false&allowPublicKeyRetrieval=true", MY_TLS_OFF},
        {"useSSL=true&requireSSL=false", MY_TLS_ENCRYPT},
        {"useSSL=true&verifyServerCertificate=true", MY_TLS_VERIFY},
        {"sslMode=verify-ca&trustServerCertificate=true", MY_TLS_VERIFY},
        {"sslaccept=strict", MY_TLS_VERIFY},
        {"sslaccept=accept_invalid_certs", MY_TLS_ENCRYPT},
        {"ssl=false&sslMode=VERIFY_IDENTITY", MY_TLS_VERIFY},
    };
    struct ctx *ctx = *state;
    struct my_url u;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_ok(ctx, parse(ctx, ctx_printf(ctx, "mysql://h/app?%s", rows[i].parameters), &u));
        if (u.tls != rows[i].tls)
            fail_msg("%s: %d, not %d", rows[i].parameters, (int)u.tls, (int)rows[i].tls);
    }
}

/* Limits have units, and those of JDBC are milliseconds. */
static void test_urls_with_limits(void **state)
{
    static const struct {
        const char *parameter;
        uint64_t ms;
    } rows[] = {{"connect_timeout=3", 3000}, {"timeout=10s", 10000}, {"timeout=500ms", 500},
        {"timeout=1m", 60000}, {"connectTimeout=2500", 2500}, {"connection_timeout=1.5", 1500}};
    struct ctx *ctx = *state;
    struct my_url u;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_ok(ctx, parse(ctx, ctx_printf(ctx, "mysql://h/app?%s", rows[i].parameter), &u));
        assert_int_equal(u.connect_timeout_ms, rows[i].ms);
    }
    assert_ok(ctx, parse(ctx, "mysql://h/app?user=me&password=p%40ss&socket=/s&init_command=SET%20@a=1", &u));
    assert_string_equal(u.user, "me");
    assert_string_equal(u.password, "p@ss");
    assert_string_equal(u.socket, "/s");
    assert_string_equal(u.options.v[0].value, "SET @a=1");
}

static void test_urls_that_are_refused(void **state)
{
    static const char *const rows[][2] = {
        {"mysql://me@host", "names no database"},
        {"mysql://me@host/app?ssl_caa=x", "unknown parameter 'ssl_caa'"},
        {"mysql://me@host/app?fancyTlsThing=x", "unknown parameter 'fancyTlsThing'"},
        {"mysql://me@host/app?conect_timeout=1", "Did you mean 'connect_timeout'?"},
        {"mysql://me@host/app?tls=mine", "invalid value 'mine' of parameter 'tls'"},
        {"mysql://me@host/app?ssl=mine", "invalid value 'mine' of parameter 'ssl'"},
        {"mysql://me@host/app?sslidentity=/x.p12", "cannot use parameter 'sslidentity'"},
        {"mysql://me@host/app?serverPubKey=x", "server_public_key=PATH"},
        {"mysql://me@host/app?connect_timeout=soon", "invalid connect_timeout 'soon'"},
        {"mysql://me@host:0/app", "the port of the database URL"},
        {"mysql://a,b/app", "the host of the database URL"},
    };
    struct ctx *ctx = *state;
    struct my_url u;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_false(parse(ctx, rows[i][0], &u));
        assert_error_has(ctx, rows[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_urls),
        ctx_test(test_urls_that_protect),
        ctx_test(test_urls_with_limits),
        ctx_test(test_urls_that_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
