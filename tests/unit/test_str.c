/* Tests of strings. */
#include "unit.h"

static void test_percent(void **state)
{
    struct ctx *ctx = *state;
    struct str out = STR(ctx);

    str_add_percent(&out, "aZ09 /%\xc3\xbc[`{@", "/");
    assert_string_equal(str_get(&out), "aZ09%20/%25%C3%BC%5B%60%7B%40");
}

static void test_deceptive(ATTR_UNUSED void **state)
{
    assert_int_equal(str_deceptive("\xe2\x80\xae"
                                   "evil"),
        3); /* right-to-left override */
    assert_int_equal(str_deceptive("\xe2\x81\xa6"), 3);
    assert_int_equal(str_deceptive("\xe2\x80\x8b"), 3);
    assert_int_equal(str_deceptive("\xe2\x80\x8d"), 0); /* joins the parts of an emoji */
    assert_int_equal(str_deceptive("\xe2\x80\x93"), 0);
    assert_int_equal(str_deceptive("\xe2"), 0);
    assert_int_equal(str_deceptive(""), 0);
}

static void test_growing(void **state)
{
    struct ctx *ctx = *state;
    struct str b = STR(ctx), other = STR(ctx);

    assert_string_equal(str_get(&b), "");
    str_add(&b, "");
    assert_string_equal(b.s, "");
    str_addn(&b, "abcdef", 3);
    str_addc(&b, '-');
    str_addf(&b, "%s:%d", "x", 7);
    str_addn(&b, NULL, 0);
    assert_string_equal(str_get(&b), "abc-x:7");
    assert_int_equal(b.n, 7);
    for (int i = 0; i < 10000; i++) { /* alternating, so that neither remains the last block of the arena */
        str_addf(&b, "%05d", i);
        str_addc(&other, (char)('a' + i % 26));
    }
    assert_int_equal(b.n, 7 + 50000);
    assert_string_equal(b.s + b.n - 10, "0999809999");
    assert_int_equal(other.n, 10000);
    assert_int_equal(other.s[9999], 'a' + 9999 % 26);
}

static void test_format_that_does_not_fit(void **state)
{
    struct ctx *ctx = *state;

    for (int width = 1; width < 300; width++) {
        struct str b = STR(ctx);

        str_addf(&b, "%*d", width, 1);
        assert_int_equal(b.n, width);
        assert_int_equal(strlen(b.s), width);
    }
}

static void test_comparing(ATTR_UNUSED void **state)
{
    assert_true(str_eq("a", "a") && str_eq(NULL, NULL));
    assert_false(str_eq("a", "b") || str_eq("a", NULL) || str_eq(NULL, "a") || str_eq(NULL, ""));
    assert_true(str_eq_ci("Users", "uSERS") && str_eq_ci(NULL, NULL) && str_eq_ci("", ""));
    assert_false(
        str_eq_ci("user", "users") || str_eq_ci("[", "{") || str_eq_ci(NULL, "a") || str_eq_ci("a", NULL));
    assert_false(str_eq_ci("\xc3\x84", "\xc3\xa4")); /* only ASCII has case here */
    assert_true(str_cmp("a", "b") < 0 && str_cmp("b", "a") > 0 && str_cmp("a", "a") == 0);
    assert_true(str_cmp(NULL, "") < 0 && str_cmp("", NULL) > 0 && str_cmp(NULL, NULL) == 0);
    assert_true(str_starts("abc", "ab") && str_starts("abc", "") && !str_starts("ab", "abc"));
    assert_true(
        str_ends("abc", "bc") && str_ends("abc", "") && !str_ends("bc", "abc") && !str_ends("abc", "ab"));
}

static void test_changing(void **state)
{
    struct ctx *ctx = *state;
    struct arena *a = &ctx->arena;

    assert_string_equal(str_lower(a, "Ab\xc3\x84Z[1"), "ab\xc3\x84z[1");
    assert_string_equal(str_trim(a, " \t\r\na b\v\f "), "a b");
    assert_string_equal(str_trim(a, " \n"), "");
    assert_string_equal(str_trim(a, ""), "");
}

static const struct utf8_case {
    const char *text;
    int bad; /* -1: none */
} utf8_cases[] = {
    {"", -1},
    {"plain text that is longer than a word", -1},
    {"h\xc3\xa9llo", -1},
    {"\xe2\x82\xac", -1},
    {"\xf0\x9f\x98\x80", -1},
    {"\xf4\x8f\xbf\xbf", -1},
    {"\xed\x9f\xbf", -1},
    {"\xef\xbf\xbf", -1},
    {"\xe0\xa0\x80", -1},
    {"\xff", 0},
    {"\x80", 0},
    {"caf\xe9", 3}, /* Latin-1 */
    {"caf\xe9 au lait", 3},
    {"12345678\xc3", 8}, /* cut off */
    {"a\xe2\x82", 1},
    {"a\xe2\x82 ", 1},
    {"\xf0\x9f\x98", 0},
    {"\xc0\x80", 0}, /* overlong */
    {"\xc1\xbf", 0},
    {"\xe0\x9f\xbf", 0},
    {"\xf0\x8f\xbf\xbf", 0},
    {"\xed\xa0\x80", 0},     /* a surrogate */
    {"\xf4\x90\x80\x80", 0}, /* past the last */
    {"\xf5\x80\x80\x80", 0},
};

static void test_utf8(ATTR_UNUSED void **state)
{
    for (size_t i = 0; i < COUNT_OF(utf8_cases); i++) {
        const struct utf8_case *c = &utf8_cases[i];
        size_t n = strlen(c->text), bad = 999;
        char *copy = malloc(n + 1); /* of the exact size, so that a read past its end is noticed */

        memcpy(copy, c->text, n + 1);
        if (str_utf8(copy, n, &bad) != (c->bad < 0))
            fail_msg("case %zu", i);
        if (c->bad >= 0)
            assert_int_equal(bad, c->bad);
        assert_int_equal(str_utf8(copy, n, NULL), c->bad < 0);
        free(copy);
    }
    assert_int_equal(str_width(""), 0);
    assert_int_equal(str_width("h\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), 4);
}

static void test_plain(ATTR_UNUSED void **state)
{
    struct arena a = {0};

    assert_string_equal(str_plain(&a, ""), "");
    assert_string_equal(str_plain(&a, "a b\"\xc3\xa9"), "a b\"\xc3\xa9");
    assert_string_equal(str_plain(&a, "a\nb\x1b[31m\x7f\xc2\x9b"), "a?b?[31m???");
    assert_string_equal(str_plain(&a, "\xff|\xc3|\xe2\x82"), "?|?|??");
    arena_finish(&a);
}

static const struct glob_case {
    const char *pattern, *s;
    bool matches;
} glob_cases[] = {
    {"", "", true},
    {"", "a", false},
    {"a", "", false},
    {"abc", "abc", true},
    {"abc", "abcd", false},
    {"ABC", "abc", false},
    {"*", "", true},
    {"*", "anything", true},
    {"audit.*", "audit.log", true},
    {"audit.*", "auditlog", false},
    {"tmp_*", "tmp_", true},
    {"*_old", "users_old", true},
    {"*_old", "users_older", false},
    {"a*b*c", "a-b-b-c", true},
    {"a*b*c", "a-c-b", false},
    {"*ab", "aab", true},
    {"**a**", "xax", true},
    {"?", "a", true},
    {"?", "", false},
    {"?", "\xc3\xa9", true},
    {"??", "\xc3\xa9", false},
    {"*\xc3\xa9", "caf\xc3\xa9", true},
    {"[abc]x", "bx", true},
    {"[abc]x", "dx", false},
    {"[a-c]", "b", true},
    {"[a-c]", "-", false},
    {"[a-]", "-", true},
    {"[!a-c]", "d", true},
    {"[^a-c]", "b", false},
    {"[]a]", "]", true},
    {"[!]a]", "]", false},
    {"[\xc3\xa0-\xc3\xaf]", "\xc3\xa9", true},
    {"[abc", "[abc", true},
    {"[abc", "a", false},
    {"[", "[", true},
    {"*[0-9]", "part_12", true},
    {"*[0-9]", "part_1x", false},
    {"a*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
    {"\xe9*", "\xe9t\xe9", true}, /* no UTF-8: bytes */
    {"?", "\xe9", true},
};

static void test_glob(ATTR_UNUSED void **state)
{
    for (size_t i = 0; i < COUNT_OF(glob_cases); i++)
        if (str_glob(glob_cases[i].pattern, glob_cases[i].s) != glob_cases[i].matches)
            fail_msg("'%s' and '%s'", glob_cases[i].pattern, glob_cases[i].s);
}

static const struct nearest_case {
    const char *word, *expected;
} nearest_cases[] = {
    {"nulable", "nullable"},
    {"nullabel", "nullable"},
    {"Nullable", "nullable"},
    {"primarykey", "primary_key"},
    {"tpye", "type"},
    {"typ", "type"},
    {"types", "type"},
    {"primary_kye", "primary_key"},
    {"colour", NULL},
    {"x", NULL},
    {"", NULL},
    {"0123456789012345678901234567890123456789012345678901234567890123456789", NULL},
};

static void test_nearest(ATTR_UNUSED void **state)
{
    static const char *const known[] = {"type", "nullable", "primary_key", "id",
        "a_very_long_candidate_that_is_longer_than_anything_a_person_would_ever_write_down"};

    for (size_t i = 0; i < COUNT_OF(nearest_cases); i++) {
        const char *found = str_nearest(nearest_cases[i].word, known, COUNT_OF(known));

        if (!str_eq(found, nearest_cases[i].expected))
            fail_msg("'%s' gives '%s'", nearest_cases[i].word, found ? found : "nothing");
    }
    assert_null(str_nearest("a", NULL, 0));
}

static void test_shell(void **state)
{
    struct ctx *ctx = *state;

    assert_string_equal(str_shell(&ctx->arena, "users.name=users.gr\xc3\xb6\xc3\x9f"
                                               "e"),
        "users.name=users.gr\xc3\xb6\xc3\x9f"
        "e");
    assert_string_equal(str_shell(&ctx->arena, "Order Lines.a"), "'Order Lines.a'");
    assert_string_equal(str_shell(&ctx->arena, "o'clock"), "'o'\\''clock'");
    assert_string_equal(str_shell(&ctx->arena, "$(x)"), "'$(x)'");
    assert_string_equal(str_shell(&ctx->arena, ""), "''");
    assert_string_equal(str_hex(&ctx->arena, "\0\xff", 2), "\\x00ff");
    assert_string_equal(str_hex(&ctx->arena, NULL, 0), "\\x");
}

static void test_columns(void **state)
{
    static const struct {
        const char *text;
        size_t columns;
    } cases[] = {
        {"", 0},
        {"abc", 3},
        {"Größe", 5},
        {"名前", 4},
        {"e\xcc\x81", 1}, /* with a combining accent */
        {"한글", 4},
        {"🚀", 2},
        {"─●○", 3},
        {"\033[1;31mred\033[0m", 3},
        {"\xff", 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(str_columns(cases[i].text), cases[i].columns);
    assert_int_equal(str_fit("abc", 2), 2);
    assert_int_equal(str_fit("abc", 3), 3);
    assert_int_equal(str_fit("名前", 3), 3);
    assert_int_equal(str_fit("名前", 1), 0);
    assert_int_equal(str_fit("e\xcc\x81x", 1), 3);
    assert_int_equal(str_fit("\033[31mab\033[0m", 1), 6);
}

static const char *diff(struct ctx *ctx, const char *a, const char *b)
{
    struct str out = STR(ctx);

    str_diff(&out, a, b);
    return str_get(&out);
}

/* What a patch makes of the first text. */
static const char *apply(struct ctx *ctx, const char *a, const char *patch)
{
    struct str out = STR(ctx);
    size_t line = 1;

    while (*patch) {
        const size_t n = strcspn(patch, "\n") + 1;

        if (*patch == '@') {
            size_t first = strtoul(patch + 4, NULL, 10), size = strtoul(strchr(patch, ',') + 1, NULL, 10);

            for (first += size == 0; line < first; line++, a += strcspn(a, "\n") + 1)
                str_addn(&out, a, strcspn(a, "\n") + 1);
        } else {
            if (*patch != '+') {
                assert_memory_equal(a, patch + 1, n - 1);
                a += n - 1;
                line++;
            }
            if (*patch != '-')
                str_addn(&out, patch + 1, n - 1);
        }
        patch += n;
    }
    str_add(&out, a);
    return str_get(&out);
}

static void test_diff(void **state)
{
    struct ctx *ctx = *state;
    uint32_t seed = 7;

    assert_string_equal(diff(ctx, "a\n", "a\n"), "");
    assert_string_equal(diff(ctx, "", "a\n"), "@@ -0,0 +1,1 @@\n+a\n");
    assert_string_equal(diff(ctx, "a\n", ""), "@@ -1,1 +0,0 @@\n-a\n");
    assert_string_equal(diff(ctx, "a\nb\nc\n", "a\nx\nc\n"), "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n");
    assert_string_equal(diff(ctx, "a", "a\n"), "@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n");
    for (int round = 0; round < 3000; round++) {
        struct str texts[2] = {STR(ctx), STR(ctx)};

        for (int t = 0; t < 2; t++) {
            seed = seed * 1664525 + 1013904223;
            for (unsigned i = (seed >> 16) % 40; i; i--) {
                seed = seed * 1664525 + 1013904223;
                str_addf(&texts[t], "%c\n", 'a' + (int)(seed >> 20) % (round % 7 + 1));
            }
        }
        assert_string_equal(apply(ctx, str_get(&texts[0]), diff(ctx, str_get(&texts[0]), str_get(&texts[1]))),
            str_get(&texts[1]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_deceptive),
        ctx_test(test_percent),
        ctx_test(test_growing),
        ctx_test(test_format_that_does_not_fit),
        ctx_test(test_comparing),
        ctx_test(test_changing),
        ctx_test(test_utf8),
        ctx_test(test_plain),
        ctx_test(test_glob),
        ctx_test(test_nearest),
        ctx_test(test_shell),
        ctx_test(test_columns),
        ctx_test(test_diff),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
