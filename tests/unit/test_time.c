/* Tests of the time, fixed times and durations. */
#include "unit.h"

static const struct duration_case {
    const char *text;
    int64_t ms; /* -1: refused */
} durations[] = {
    {"60", 60000},
    {"60s", 60000},
    {"2m", 120000},
    {"500ms", 500},
    {"1h", 3600000},
    {"0", 0},
    {"999999999h", 999999999LL * 3600000},
    {"", -1},
    {"s", -1},
    {"-1s", -1},
    {"+1", -1},
    {"1 s", -1},
    {"1.5s", -1},
    {"1d", -1},
    {"1sx", -1},
    {" 1", -1},
    {"10000000000", -1},
};

static void test_durations(ATTR_UNUSED void **state)
{
    for (size_t i = 0; i < COUNT_OF(durations); i++) {
        uint64_t ms = 7;
        bool ok = time_parse_duration(durations[i].text, &ms);

        if (ok != (durations[i].ms >= 0))
            fail_msg("'%s'", durations[i].text);
        assert_int_equal(ms, ok ? (uint64_t)durations[i].ms : 7);
    }
}

static const struct now_case {
    const char *cmig, *source, *expected; /* expected NULL: the present */
} nows[] = {
    {"2026-11-20T10:00:00Z", "1", "2026-11-20T10:00:00Z"},
    {"0", NULL, "1970-01-01T00:00:00Z"},
    {"1000000000", "1", "2001-09-09T01:46:40Z"},
    {NULL, "951782400", "2000-02-29T00:00:00Z"},
    {"tomorrow", "86400", "1970-01-02T00:00:00Z"},
    {"2026-11-20", NULL, NULL},
    {"2026-11-20T10:00:00Zx", NULL, NULL},
    {"", "", NULL},
    {NULL, "99999999999999", NULL},
    {NULL, NULL, NULL},
};

static void set_variable(const char *name, const char *value)
{
    if (value)
        setenv(name, value, 1);
    else
        unsetenv(name);
}

static void test_now(void **state)
{
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(nows); i++) {
        char *text;

        set_variable("CMIG_NOW", nows[i].cmig);
        set_variable("SOURCE_DATE_EPOCH", nows[i].source);
        text = time_now_text(&ctx->arena);
        assert_int_equal(strlen(text), 20);
        if (nows[i].expected)
            assert_string_equal(text, nows[i].expected);
        else
            assert_true(strcmp(text, "2020") > 0 && str_ends(text, "Z"));
    }
    unsetenv("CMIG_NOW");
    unsetenv("SOURCE_DATE_EPOCH");
}

static void test_monotonic(ATTR_UNUSED void **state)
{
    uint64_t before = time_monotonic_us();

    while (time_monotonic_us() == before)
        continue;
    assert_true(time_monotonic_us() > before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_durations),
        ctx_test(test_now),
        ctx_test(test_monotonic),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
