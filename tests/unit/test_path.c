/* Tests of joining and splitting paths. */
#include "unit.h"

static const struct join_case {
    const char *base, *path, *expected;
} joins[] = {
    {"a", "b", "a/b"},
    {"a/", "b", "a/b"},
    {"/srv/app", "models", "/srv/app/models"},
    {"/srv", "/etc/x", "/etc/x"},
    {"/", "a", "/a"},
    {"/", "", "/"},
    {".", "a", "a"},
    {"", "a", "a"},
    {NULL, "a", "a"},
    {".", ".", "."},
    {"", "", "."},
    {"a", "", "a"},
    {"a//b/./c", "./d//e/", "a/b/c/d/e"},
    {"a", "../b", "a/../b"},
    {".", "../b", "../b"},
    {"a", ".hidden", "a/.hidden"},
    {"x", "//a", "/a"},
};

static void test_join(void **state)
{
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(joins); i++)
        assert_string_equal(fs_join(&ctx->arena, joins[i].base, joins[i].path), joins[i].expected);
}

static const struct part_case {
    const char *path, *folder, *name;
} parts[] = {
    {"a", ".", "a"},
    {"a/b", "a", "b"},
    {"a/b/c.yaml", "a/b", "c.yaml"},
    {"/a", "/", "a"},
    {"/", "/", "/"},
    {"//a", "/", "a"},
    {"a//b", "a", "b"},
    {"a/b/", "a", "b/"},
    {"", ".", ""},
};

static void test_parts(void **state)
{
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        assert_string_equal(fs_dirname(&ctx->arena, parts[i].path), parts[i].folder);
        assert_string_equal(fs_basename(parts[i].path), parts[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_join),
        ctx_test(test_parts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
