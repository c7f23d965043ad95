/* Tests of what the query of an assertion may be. */
#include "cmig/dialect.h"
#include "diff_unit.h"

static void test_condition(ATTR_UNUSED void **state)
{
    static const struct {
        const char *sql;
        bool is_condition;
    } cases[] = {
        {"SELECT count(*) = 0 FROM a", true},
        {"select not exists (select b, c from a)", true},
        {"SELECT true", true},
        {"SELECT (a > 1)", true},
        {"SELECT bool_and(ok) AS fine FROM a", true},
        {"WITH x AS (SELECT a, b FROM c) SELECT max(b) < 3 FROM x", true},
        {"SELECT -- a, b\n count(*) > 1, 'x'", false},
        {"SELECT a FROM b", false},
        {"SELECT b.a FROM b", false},
        {"SELECT a.\"b c\" AS d FROM a", false},
        {"SELECT b a FROM b", false},
        {"SELECT * FROM b", false},
        {"SELECT b.* FROM b", false},
        {"SELECT a, (SELECT 1, 2) FROM b", false},
        {"WITH x AS (SELECT true) SELECT * FROM x", false},
        {"TABLE a", false},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(assertion_is_condition(cases[i].sql, SQL_ANY), cases[i].is_condition);
}

static void test_check(void **state)
{
    static const struct {
        const char *sql, *error; /* NULL: none */
    } cases[] = {
        {"SELECT a FROM b", NULL},
        {"-- c\nWITH x AS (SELECT 1) SELECT ';' FROM x", NULL},
        {"SELECT count(*) = 0 FROM b", NULL},
        {"SELECT count(*), a FROM b GROUP BY a", NULL},
        {"SELECT count(a) FROM b", "the assertion selects a number of rows"},
        {"SELECT count(*) AS n FROM b", "the assertion selects a number of rows"},
        {"SELECT 1; SELECT 2", "is not one query"},
        {"SELECT 1;", "is not one query"},
        {"SELECT 1) OR (true", "is not one query"},
        {"SELECT (1", "is not one query"},
        {"SELECT 1 INTO OUTFILE 'x'", "is not one query"},
        {"DELETE FROM b", "is not one query"},
        {"", "is not one query"},
    };
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct pos pos = {"f.yaml", 3, 5};

        assert_int_equal(assertion_check(ctx, pos, cases[i].sql, SQL_ANY), !cases[i].error);
        if (cases[i].error)
            assert_non_null(strstr(err_text(ctx), cases[i].error));
        err_clear(ctx);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_condition),
        ctx_test(test_check),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
