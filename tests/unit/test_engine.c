/*
 * Servers that are nearly PostgreSQL or MySQL, by what their documentation shows of version() and similar texts.
 */
#include "unit.h"

#include "dialect/engine.h"

struct recorded {
    const char *protocol, *version, *comment, *name;
    bool is_refused;
};

static const struct recorded answers[] = {
    {"postgresql", "PostgreSQL 15.14 (Debian 15.14-0+deb12u1) on x86_64-pc-linux-gnu, compiled by gcc",
        "15.14", NULL, false},
    {"postgresql", "CockroachDB CCL v23.1.11 (x86_64-pc-linux-gnu, built 2023/09/27 01:53:43, go1.19.10)",
        "13.0.0", "CockroachDB", true},
    {"postgresql", "PostgreSQL 11.2-YB-2.20.1.0-b0 on x86_64-pc-linux-gnu, compiled by clang",
        "11.2-YB-2.20.1.0-b0", "YugabyteDB", true},
    {"postgresql",
        "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017, Redshift 1.0.54321",
        NULL, "Amazon Redshift", true},
    {"postgresql", "PostgreSQL 12.12 (Greenplum Database 7.1.0 build commit:abc) on x86_64-pc-linux-gnu",
        NULL, "Greenplum", false},
    {"mysql", "10.11.14-MariaDB-0+deb12u2", "Debian 12", NULL, false},
    {"mysql", "8.0.36", "MySQL Community Server - GPL", NULL, false},
    {"mysql", "8.0.11-TiDB-v7.5.1",
        "TiDB Server (Apache License 2.0) Community Edition, MySQL 8.0 compatible", "TiDB", false},
    {"mysql", "8.0.30-Vitess", "Version: 19.0.0", "Vitess", true},
    {"mysql", "5.7.32", "SingleStoreDB source distribution (compatible; MySQL Enterprise & MySQL Commercial)",
        "SingleStore", true},
    {"mysql", "5.7.25-OceanBase-v4.2.1.0", "OceanBase 4.2.1.0", "OceanBase", true},
};

static void test_recorded(void **state)
{
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        const struct recorded *r = &answers[i];
        const struct engine *e = engine_find(r->protocol, r->version, r->comment);

        assert_true(str_eq(e ? e->name : NULL, r->name));
        assert_int_equal(e && engine_refusal(ctx, e), r->is_refused);
    }
    assert_null(engine_find("postgresql", NULL, NULL));
    assert_null(engine_find("sqlite", "CockroachDB", NULL));
}

static void test_reasons(void **state)
{
    struct ctx *ctx = *state;

    assert_string_equal(engine_refusal(ctx, engine_find("postgresql", "11.2-YB-2.20", NULL)),
        "cmig does not change YugabyteDB, which lacks locks that prevent concurrent runs, DDL that a "
        "transaction "
        "can roll "
        "back.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {ctx_test(test_recorded), ctx_test(test_reasons)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
