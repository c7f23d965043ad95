/* Tests that SQL text is split into tokens as databases split it. */
#include "unit.h"

/* The pieces of a text, each as the letter of its kind and what it is. */
static const char *pieces(struct ctx *ctx, const char *s, unsigned grammar)
{
    static const char kinds[] = ".- SQWO";
    struct str out = STR(ctx);
    for (struct sql_piece p; (p = sql_piece(s, grammar)).kind != SQL_END; s += p.n)
        str_addf(&out, "%c<%.*s>", kinds[p.kind], (int)p.n, p.s);
    return str_get(&out);
}

struct sql_case {
    const char *text;
    unsigned grammar;
    const char *pieces;
};

static const struct sql_case cases[] = {
    {"", 0, ""},
    {"a b1$\t_c", 0, "W<a>-< >W<b1$>-<\t>W<_c>"},
    {"\xC3\xA4.x", 0, "W<\xC3\xA4>O<.>W<x>"},
    {"1.5e3", 0, "W<1>O<.>W<5e3>"},
    {"'it''s' x", 0, "S<'it''s'>-< >W<x>"},
    {"'a\\' b'", 0, "S<'a\\'>-< >W<b>S<'>"},
    {"E'a\\' b' c", SQL_ESCAPES, "S<E'a\\' b'>-< >W<c>"},
    {"E'a\\'", 0, "W<E>S<'a\\'>"},
    {"e'\\\\'x", SQL_ESCAPES, "S<e'\\\\'>W<x>"},
    {"nameE'x'", SQL_ESCAPES, "W<nameE>S<'x'>"},
    {"\"a\"\"b\"", 0, "Q<\"a\"\"b\">"},
    {"`a``b`", SQL_BACKTICKS, "Q<`a``b`>"},
    {"`a`", 0, "O<`>W<a>O<`>"},
    {"[a b]", SQL_BRACKETS, "Q<[a b]>"},
    {"['a']", SQL_BRACKETS, "O<[>S<'a'>O<]>"},
    {"[a]", 0, "O<[>W<a>O<]>"},
    {"$$a'b$$c", SQL_DOLLARS, "S<$$a'b$$>W<c>"},
    {"$t$a$$b$t$;", SQL_DOLLARS, "S<$t$a$$b$t$>O<;>"},
    {"$1 $2", SQL_DOLLARS, "W<$1>-< >W<$2>"},
    {"$$a", 0, "W<$$a>"},
    {"a$$b$$", SQL_DOLLARS, "W<a$$b$$>"},
    {"-- a 'b\nc", 0, " <-- a 'b>-<\n>W<c>"},
    {"--a\rb", 0, " <--a\rb>"},
    {"--a\rb", SQL_RETURNS, " <--a>-<\r>W<b>"},
    {"/* /* */ */", 0, " </* /* */>-< >O<*>O</>"},
    {"/* /* */ */", SQL_NESTED, " </* /* */ */>"},
    {"/*/ */x", SQL_NESTED, " </*/ */>W<x>"},
    {"a-b/c", 0, "W<a>O<->W<b>O</>W<c>"},
    /* A piece without an end ends with the text. */
    {"'a", 0, "S<'a>"},
    {"'", 0, "S<'>"},
    {"\"", 0, "Q<\">"},
    {"/*", SQL_NESTED, " </*>"},
    {"$t$a", SQL_DOLLARS, "S<$t$a>"},
    {"E'\\", SQL_ESCAPES, "S<E'\\>"},
};

static void test_pieces(void **state)
{
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(pieces(ctx, cases[i].text, cases[i].grammar), cases[i].pieces);
}

static void test_words(void **state)
{
    (void)state;
    struct sql_piece word = sql_piece("Begin;", 0), name = sql_piece("\"begin\"", 0);
    assert_true(sql_piece_is(&word, "begin"));
    assert_true(sql_piece_is(&word, "BEGIN"));
    assert_false(sql_piece_is(&word, "begins"));
    assert_false(sql_piece_is(&name, "begin"));
}

static void test_space(void **state)
{
    (void)state;
    assert_string_equal(sql_skip_space(" -- x\n /* ; */ a b", 0), "a b");
    assert_string_equal(sql_skip_space("-- x", 0), "");
    assert_string_equal(sql_skip_space("a", 0), "a");
}

static void test_text_of_a_piece(ATTR_UNUSED void **state)
{
    static const char *const texts[][2] = {
        {"Word", "Word"}, {"\"a \"\"b\"\"\"", "a \"b\""}, {"'it''s'", "it's"}, {"\"\"", ""}, {"12", "12"}};

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct arena a = {0};
        struct sql_piece p = sql_piece(texts[i][0], SQL_ANY);

        assert_string_equal(sql_piece_text(&a, &p), texts[i][1]);
        arena_finish(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_pieces),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_space),
        cmocka_unit_test(test_text_of_a_piece),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
