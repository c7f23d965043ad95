/* Tests of error chains and messages. */
#include "unit.h"

static void test_no_error(void **state)
{
    struct ctx *ctx = *state;

    assert_error(ctx, STATUS_OK, "");
}

static void test_chain(void **state)
{
    struct ctx *ctx = *state;

    assert_false(fail(ctx, STATUS_FAILED, "postgresql %s: column exists", "42701"));
    assert_false(fail_hint(ctx, "Drop it."));
    assert_false(fail_in(ctx, "operation %d of 3", 2));
    assert_false(fail_detail(ctx, "said the server"));
    assert_false(fail_hint(ctx, "Or rename %s.", "it"));
    assert_false(fail_in(ctx, "cannot apply revision 3f2a9c"));
    assert_error(ctx, STATUS_FAILED,
        "cannot apply revision 3f2a9c\n"
        "  operation 2 of 3\n"
        "  postgresql 42701: column exists\n"
        "  said the server\n"
        "  hint: Drop it.\n"
        "  hint: Or rename it.");
    assert_error(ctx, STATUS_OK, "");
}

static void test_several_lines_in_one(void **state)
{
    struct ctx *ctx = *state;

    assert_false(fail(ctx, STATUS_FAILED, "syntax error\nLINE 1: SELEC\n        ^\n"));
    assert_error(ctx, STATUS_FAILED, "syntax error\n  LINE 1: SELEC\n          ^");
    assert_false(fail(ctx, STATUS_FAILED, "a\nb"));
    assert_false(fail_in(ctx, "outer"));
    assert_error(ctx, STATUS_FAILED, "outer\n  a\n    b");
}

static void test_second_failure_hides_nothing(void **state)
{
    struct ctx *ctx = *state;

    assert_false(fail(ctx, STATUS_CONFIG, "the cause"));
    assert_false(fail(ctx, STATUS_UNREACHABLE, "cannot roll back"));
    assert_error(ctx, STATUS_CONFIG, "the cause\n  cannot roll back");
}

static void test_positions(void **state)
{
    struct ctx *ctx = *state;
    struct arena *a = &ctx->arena;

    assert_string_equal(pos_text(a, (struct pos){0}), "");
    assert_string_equal(pos_text(a, (struct pos){.file = "a.yaml"}), "a.yaml: ");
    assert_string_equal(pos_text(a, (struct pos){.file = "a.yaml", .line = 3}), "a.yaml:3: ");
    assert_string_equal(pos_text(a, (struct pos){.file = "a.yaml", .line = 3, .column = 5}), "a.yaml:3:5: ");
    assert_false(fail_at(ctx, STATUS_CONFIG, (struct pos){"a%s.yaml", 3, 5}, "unknown key '%s'", "nam"));
    assert_error(ctx, STATUS_CONFIG, "a%s.yaml:3:5: unknown key 'nam'");
}

static void test_interruption(void **state)
{
    struct ctx *ctx = *state;
    volatile sig_atomic_t number = 0;

    assert_int_equal(ctx_interrupted(ctx), 0);
    ctx->interrupt = &number;
    assert_int_equal(ctx_interrupted(ctx), 0);
    number = SIGINT;
    assert_int_equal(ctx_interrupted(ctx), SIGINT);
    assert_false(fail_interrupted(ctx));
    assert_error(ctx, STATUS_INTERRUPTED, "interrupted");
    number = SIGTERM;
    assert_false(fail_interrupted(ctx));
    assert_error(ctx, STATUS_TERMINATED, "terminated");
}

static void take_message(void *user, enum log_level level, const char *text)
{
    str_addf(user, "%d %s;", (int)level, text);
}

static void take_progress(void *user, const char *label, uint64_t done, uint64_t total)
{
    str_addf(user, "%s %d/%d;", label ? label : "end", (int)done, (int)total);
}

static void test_log(void **state)
{
    struct ctx *ctx = *state;
    struct str heard = STR(ctx);
    size_t used = ctx->arena.used;

    log_warn(ctx, "nobody listens");
    log_progress(ctx, "nobody", 1, 2);
    ctx->log = (struct log){.message = take_message, .user = &heard, .level = LOG_INFO};
    log_debug(ctx, "not wanted %d", 1);
    log_progress(ctx, "nobody", 1, 2);
    assert_int_equal(ctx->arena.used, used);
    ctx->log.progress = take_progress;
    log_warn(ctx, "w");
    log_info(ctx, "i %d", 2);
    log_progress(ctx, "rows", 1, 2);
    log_progress(ctx, NULL, 0, 0);
    assert_string_equal(str_get(&heard), "1 w;2 i 2;rows 1/2;end 0/0;");
}

static void test_quick_exit(ATTR_UNUSED void **state)
{
    struct ctx ctx = {.quick_exit = true};
    struct arena kept;

    ctx_strdup(&ctx, "left to the end of the process");
    kept = ctx.arena;
    ctx_finish(&ctx);
    assert_null(ctx.arena.block);
    arena_finish(&kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_no_error),
        ctx_test(test_chain),
        ctx_test(test_several_lines_in_one),
        ctx_test(test_second_failure_hides_nothing),
        ctx_test(test_positions),
        ctx_test(test_interruption),
        ctx_test(test_log),
        ctx_test(test_quick_exit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
