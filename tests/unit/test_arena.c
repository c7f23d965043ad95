/* Tests of arenas: memory keeps its contents and is freed. */
#include "unit.h"

#include "base/arena.h"

static void test_zeroed_and_aligned(void **state)
{
    struct ctx *ctx = *state;

    for (size_t size = 0; size < 3000; size += 7) {
        unsigned char *p = arena_alloc(&ctx->arena, size);

        assert_int_equal((uintptr_t)p % _Alignof(int64_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xff, size);
    }
}

static void test_pieces_do_not_overlap(void **state)
{
    struct ctx *ctx = *state;
    unsigned char *pieces[2000];

    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        size_t size = i % 100 == 99 ? 100000 + i : i % 300;

        pieces[i] = arena_alloc(&ctx->arena, size + 1);
        memset(pieces[i], (int)(i % 251), size + 1);
    }
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        size_t size = i % 100 == 99 ? 100000 + i : i % 300;

        assert_int_equal(pieces[i][0], i % 251);
        assert_int_equal(pieces[i][size], i % 251);
    }
}

static void test_large_first(void **state)
{
    struct ctx *ctx = *state;
    char *large = arena_alloc(&ctx->arena, 5 << 20), *small;

    large[(5 << 20) - 1] = 1;
    small = arena_alloc(&ctx->arena, 10);
    small[9] = 2;
    assert_int_equal(large[(5 << 20) - 1], 1);
    assert_true(ctx->arena.used >= (5 << 20) + 10);
}

static void test_extend(void **state)
{
    struct ctx *ctx = *state;
    char *p = arena_alloc(&ctx->arena, 10), *q;

    memset(p, 1, 10);
    assert_true(arena_extend(&ctx->arena, p, 10, 100));
    for (int i = 0; i < 100; i++)
        assert_int_equal(p[i], i < 10);
    assert_false(arena_extend(&ctx->arena, p, 100, 1 << 20)); /* more than the block has */
    q = arena_alloc(&ctx->arena, 1);
    assert_false(arena_extend(&ctx->arena, p, 100, 200)); /* no longer the last */
    assert_true(arena_extend(&ctx->arena, q, 1, 2));
    assert_false(arena_extend(&(struct arena){0}, p, 1, 2));
}

/* A text that becomes large moves, and leaves nothing behind. */
static void test_regrow(void **state)
{
    struct ctx *ctx = *state;
    char *other = arena_strdup(&ctx->arena, "other"), *p = arena_alloc(&ctx->arena, 10);
    size_t size = 10;

    memset(p, 1, size);
    for (; size < 32 << 20; size *= 2) {
        p = arena_regrow(&ctx->arena, p, size, size * 2);
        memset(p + size, 1, size);
    }
    for (size_t i = 0; i < size; i += 997)
        assert_int_equal(p[i], 1);
    assert_int_equal(p[size - 1], 1);
    assert_string_equal(other, "other");
    assert_true(ctx->arena.used < size + size / 4);
    arena_regrow(&ctx->arena, other, 6, 300000);
    assert_string_equal(arena_strdup(&ctx->arena, "after"), "after");
}

static void test_copies(void **state)
{
    struct ctx *ctx = *state;
    char *text = arena_printf(&ctx->arena, "%0300d", 7);

    assert_null(arena_strdup(&ctx->arena, NULL));
    assert_string_equal(arena_strdup(&ctx->arena, "abc"), "abc");
    assert_string_equal(arena_strndup(&ctx->arena, "abc", 2), "ab");
    assert_string_equal(arena_strndup(&ctx->arena, NULL, 0), "");
    assert_string_equal(arena_printf(&ctx->arena, "%s-%d", "a", 5), "a-5");
    assert_int_equal(strlen(text), 300);
    assert_int_equal(text[299], '7');
    assert_string_equal(ctx_printf(ctx, "%c", 'x'), "x");
    assert_null(ctx_strdup(ctx, NULL));
}

static void test_finish(ATTR_UNUSED void **state)
{
    struct arena a = {0};

    arena_finish(&a);
    arena_alloc(&a, 1 << 21);
    arena_alloc(&a, 1);
    arena_finish(&a);
    assert_null(a.block);
    assert_int_equal(a.used, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_zeroed_and_aligned),
        ctx_test(test_pieces_do_not_overlap),
        ctx_test(test_large_first),
        ctx_test(test_extend),
        ctx_test(test_regrow),
        ctx_test(test_copies),
        ctx_test(test_finish),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
