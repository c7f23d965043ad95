/* Tests of giving a revision file other parents. */
#include "unit.h"

#include "cmig/revision.h"

static const char *reparented(struct ctx *ctx, const char *path, const char *text, const char *parents)
{
    struct strings list = {0};
    const char *ret = NULL;

    for (const char *s = parents; *s; s += strcspn(s, " "), s += *s == ' ')
        vec_add(ctx, &list, arena_strndup(&ctx->arena, s, strcspn(s, " ")));
    if (revision_reparent(ctx, path, text, &list, &ret))
        return ret;
    return NULL;
}

static void test_forms(void **state)
{
    static const struct {
        const char *path, *before, *parents, *after;
    } forms[] = {
        {"a.yaml", "revision: a\ndown_revision: b\nupgrade: []\n", "c",
            "revision: a\ndown_revision: c\nupgrade: []\n"},
        {"a.yaml", "revision: a\ndown_revision: b  # why\nupgrade: []\n", "",
            "revision: a\ndown_revision: null  # why\nupgrade: []\n"},
        {"a.yaml", "revision: a\ndown_revision: \"b # c\" # why\nupgrade: []\n", "c d",
            "revision: a\ndown_revision: [c, d] # why\nupgrade: []\n"},
        {"a.yaml", "revision: a\r\ndown_revision: b\r\nupgrade: []\r\n", "c",
            "revision: a\r\ndown_revision: c\r\nupgrade: []\r\n"},
        {"a.yaml", "revision: a\ndown_revision: [b, # one\n  ']']\nupgrade: []\n", "c",
            "revision: a\ndown_revision: c\nupgrade: []\n"},
        {"a.yaml", "revision: a\ndown_revision:\n- b\n# two\n- c\n# end\nupgrade: []\n", "d",
            "revision: a\ndown_revision: d\n# end\nupgrade: []\n"},
        {"a.yaml", "revision: a\ndown_revision:\nupgrade: []\n", "b",
            "revision: a\ndown_revision: b\nupgrade: []\n"},
        {"a.yaml", "# x\nrevision: a\nupgrade: []\n", "b",
            "# x\nrevision: a\ndown_revision: b\nupgrade: []\n"},
        {"a.yaml", "revision: a\ndown_revision: b\nupgrade: [execute: 'down_revision: b']\n", "123456789012",
            "revision: a\ndown_revision: \"123456789012\"\nupgrade: [execute: 'down_revision: b']\n"},
        {"a.sql", "-- revision: a\n--  down_revision:  b -- no comment\n-- upgrade\nSELECT 1\n", "c",
            "-- revision: a\n--  down_revision:  c\n-- upgrade\nSELECT 1\n"},
    };
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(forms); i++)
        assert_string_equal(
            reparented(ctx, forms[i].path, forms[i].before, forms[i].parents), forms[i].after);
}

static void test_refused(void **state)
{
    struct ctx *ctx = *state;

    assert_null(reparented(ctx, "a.yaml", "{revision: a, down_revision: b}\n", "c"));
    assert_error(ctx, STATUS_CONFIG,
        "a.yaml: cannot edit the key 'down_revision'\n  hint: Write 'down_revision: c' into "
        "the "
        "file.");
    /* The key is read only above the statements. */
    assert_null(reparented(ctx, "a.sql", "-- revision: a\n-- upgrade\n-- down_revision: b\n", "c"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_forms),
        ctx_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
