/* Tests of the messages about sessions that keep a statement waiting. */
#include "unit.h"

#include "dialect/waiting.h"

static void test_excerpt(void **state)
{
    struct ctx *ctx = *state;
    static const struct {
        const char *sql, *quotes, *excerpt;
    } cases[] = {
        {"SELECT 1", "'", "SELECT 1"},
        {"  SELECT\n\t a\r\n FROM t ", "'", "SELECT a FROM t"},
        {"", "'", ""},
        {"UPDATE u SET p = 'secret' WHERE id = 7", "'", "UPDATE u SET p = ? WHERE id = 7"},
        {"SELECT 'it''s', \"Odd\"", "'", "SELECT ??, \"Odd\""},
        {"SELECT \"secret\", 'x'", "'\"", "SELECT ?, ?"},
        /* Where the literal ends depends on settings of the other session. */
        {"SELECT E'it\\'s a secret', 1", "'", "SELECT E? …"},
        {"SELECT 'cut in the mid", "'", "SELECT ? …"},
        {"SELECT $1, $2", "'", "SELECT $1, $2"},
        {"DO $$SELECT secret$$", "'", "DO ? …"},
        {"DO $a$SELECT secret$a$", "'", "DO ? …"},
        {"SELECT aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "'", "SELECT aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa …"},
        {"SELECT aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaéé", "'",
            "SELECT aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaé …"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(waiting_excerpt(ctx, cases[i].sql, cases[i].quotes), cases[i].excerpt);
    assert_null(waiting_excerpt(ctx, NULL, "'"));
}

static void count(void *user, enum log_level level, const char *text)
{
    assert_int_equal(level, LOG_INFO);
    assert_non_null(strstr(text, "waiting for a lock: session "));
    ++*(int *)user;
}

static int told(struct ctx *ctx, struct waiting *w, const char *names)
{
    struct strings lines = {0}, list = {0};
    int n = 0;
    for (; *names; names++) {
        vec_add(ctx, &lines, ctx_printf(ctx, "session %c", *names));
        vec_add(ctx, &list, ctx_printf(ctx, "%c", *names));
    }
    ctx->log = (struct log){.message = count, .user = &n, .level = LOG_DEBUG};
    waiting_tell(ctx, w, &lines, &list);
    assert_int_equal(w->sessions.n, lines.n);
    return n;
}

/* Only sessions that were not named are news; one that comes back is. */
static void test_tell(void **state)
{
    struct ctx *ctx = *state;
    struct waiting w = {.told_us = time_monotonic_us()};
    assert_int_equal(told(ctx, &w, ""), 0);
    assert_int_equal(told(ctx, &w, "ab"), 2);
    assert_int_equal(told(ctx, &w, "ab"), 0);
    assert_int_equal(told(ctx, &w, ""), 0);
    assert_int_equal(told(ctx, &w, "b"), 0);
    assert_int_equal(told(ctx, &w, "bc"), 1);
    assert_int_equal(told(ctx, &w, "a"), 1);
    w.told_us -= 61 * 1000000ULL;
    assert_int_equal(told(ctx, &w, "a"), 1);
}

static void test_due(ATTR_UNUSED void **state)
{
    struct waiting w = {0};
    waiting_begin(&w, 0);
    assert_false(waiting_is_due(&w));
    assert_int_equal(waiting_left_ms(&w, 10), 10);
    w.next_us = 1;
    assert_int_equal(waiting_left_ms(&w, 10), 0);
    assert_true(waiting_is_due(&w));
    assert_false(waiting_is_due(&w));
    w.next_us = 1;
    w.is_off = true;
    assert_false(waiting_is_due(&w));
    assert_int_equal(waiting_left_ms(&w, 10), 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_excerpt),
        ctx_test(test_tell),
        ctx_test(test_due),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
