/*
 * Included first by every unit test. A test is registered with ctx_test(f) and gets a fresh context as its
 * state: struct ctx *ctx = *state
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
/* Our function has the name of cmocka's fail(), which its fail_msg() uses. */
#undef fail
#undef fail_msg
#define fail_msg(...) \
    (print_error("ERROR: "), print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

#include "cmig/base.h"

static inline int unit_setup(void **state)
{
    *state = calloc(1, sizeof(struct ctx));
    return *state ? 0 : -1;
}

static inline int unit_teardown(void **state)
{
    ctx_finish(*state);
    free(*state);
    return 0;
}

#define ctx_test(f) cmocka_unit_test_setup_teardown(f, unit_setup, unit_teardown)

/* The chain as a user would see it, and its status; then the error is forgotten. */
#define assert_error(ctx, status_, text) \
    do { \
        assert_string_equal(err_text(ctx), (text)); \
        assert_int_equal((ctx)->err.status, (status_)); \
        err_clear(ctx); \
    } while (0)

/* Expects a call to succeed, and otherwise shows its error chain. */
#define assert_ok(ctx, call) \
    do { \
        if (!(call)) \
            fail_msg("%s: %s", #call, err_text(ctx)); \
    } while (0)

/* An empty directory of the test's own, to be given to unit_rmdir(). */
static inline char *unit_tmpdir(struct ctx *ctx)
{
    const char *base = getenv("TMPDIR");
    char *path = ctx_printf(ctx, "%s/cmig-unit-XXXXXX", base ? base : "/tmp");

    assert_non_null(mkdtemp(path));
    return path;
}

static inline void unit_rmdir(struct ctx *ctx, const char *path)
{
    assert_int_equal(system(ctx_printf(ctx, "rm -rf '%s'", path)), 0);
}
