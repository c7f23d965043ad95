/* Tests of SQLite's spelling of types, defaults and expressions, in both directions. */
#include "unit.h"

#include "dialect/sqlite/sqlite.h"
#include "dialect/sqlite/types.h"

static const char *native(struct ctx *ctx, const char *type, const char *own, const struct table *t)
{
    const struct dtext_by by[] = {{"sqlite", own}, {NULL, NULL}};
    const struct column c = {.name = "c", .type = {.text = type, .by = own ? by : NULL}};
    const char *text = NULL;
    assert_ok(ctx, type_to_native(ctx, t, &c, &text));
    return text;
}

static void test_types(void **state)
{
    static const char *const cases[][2] = {{"smallint", "SMALLINT"}, {"integer", "INTEGER"},
        {"bigint", "BIGINT"}, {"boolean", "BOOLEAN"}, {"real", "REAL"}, {"double", "FLOAT"},
        {"numeric", "NUMERIC"}, {"numeric(10)", "NUMERIC(10)"}, {"numeric(10,2)", "NUMERIC(10, 2)"},
        {"string", "VARCHAR"}, {"string(80)", "VARCHAR(80)"}, {"char(3)", "CHAR(3)"}, {"text", "TEXT"},
        {"binary", "BLOB"}, {"binary(16)", "BLOB(16)"}, {"date", "DATE"}, {"time", "TIME"},
        {"timestamp", "DATETIME"}, {"interval", "INTERVAL"}, {"uuid", "UUID TEXT"}, {"json", "JSON"},
        {"jsonb", "JSONB"}};
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_string_equal(native(ctx, cases[i][0], NULL, NULL), cases[i][1]);
        assert_string_equal(type_to_model(ctx, cases[i][1]), cases[i][0]);
    }
    assert_string_equal(native(ctx, "float", NULL, NULL), "FLOAT");
    assert_string_equal(native(ctx, "timestamptz", NULL, NULL), "DATETIME");
    assert_string_equal(native(ctx, "bigserial", NULL, NULL), "INTEGER");
    assert_string_equal(native(ctx, "enum(mood)", NULL, NULL), "TEXT");
    assert_string_equal(native(ctx, "varchar( 80 )", NULL, NULL), "VARCHAR(80)");
    assert_string_equal(native(ctx, "tsvector", NULL, NULL), "TSVECTOR");
}

/* An enum is as long as its longest value, in characters. */
static void test_enums(void **state)
{
    struct ctx *ctx = *state;
    struct strings values = {0};
    const struct column c = {.name = "c", .type.text = "enum(mood)", .values = &values};
    const char *text;
    assert_ok(ctx, type_to_native(ctx, NULL, &c, &text));
    assert_string_equal(text, "TEXT");
    vec_add(ctx, &values, "sad");
    vec_add(ctx, &values, "fröhlich");
    assert_ok(ctx, type_to_native(ctx, NULL, &c, &text));
    assert_string_equal(text, "VARCHAR(8)");
}

/* The spellings of 0.1.0 are the same types as the present ones, and remain unchanged in models. */
static void test_former_types(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {{"TIMESTAMP", "DATETIME", true}, {"DOUBLE PRECISION", "FLOAT", true},
        {"TIMESTAMP", "FLOAT", false}, {"REAL", "FLOAT", false}, {"TEXT", "VARCHAR(8)", false},
        {"TEXT", "TEXT", true}};
    struct ctx *ctx = *state;
    struct strings values = {0};
    struct column a = {.native = "TEXT", .values = &values}, b = {.native = "VARCHAR(8)", .values = &values};
    assert_true(type_is_same(&a, &b));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        a = (struct column){.native = cases[i].a};
        b = (struct column){.native = cases[i].b};
        assert_int_equal(type_is_same(&a, &b), cases[i].same);
    }
    assert_null(type_to_model(ctx, "TIMESTAMP"));
    assert_string_equal(type_near("TIMESTAMP"), "timestamptz");
    assert_string_equal(type_near("DOUBLE PRECISION"), "double");
    assert_null(type_near("DATETIME"));
}

/* Under the key sqlite a type is SQLite's, so that every type that it accepts can be given. */
static void test_own_types(void **state)
{
    struct ctx *ctx = *state;
    static const char *const foreign[] = {
        "INT", "TINYINT", "VARCHAR (10)", "TIMESTAMP(3)", "ANY", "", "DEC(1, 2)"};
    assert_string_equal(native(ctx, "timestamp", "TIMESTAMP", NULL), "TIMESTAMP");
    assert_string_equal(native(ctx, "json", "timestamp", NULL), "DATETIME");
    assert_string_equal(native(ctx, "json", "string(9)", NULL), "VARCHAR(9)");
    assert_string_equal(native(ctx, "json", "int", NULL), "INT");
    for (size_t i = 0; i < COUNT_OF(foreign); i++)
        assert_null(type_to_model(ctx, foreign[i]));
}

static void test_refused_types(void **state)
{
    struct ctx *ctx = *state;
    const char *text;
    struct column c = {.name = "c", .type = {.text = "geometry(Point,4326)"}};
    assert_false(type_to_native(ctx, NULL, &c, &text));
    assert_error(ctx, STATUS_CONFIG,
        "invalid SQLite type 'geometry(Point,4326)'\n"
        "  hint: Write one or more words, perhaps with one or two numbers in parentheses.");
    c.type.text = "text[]";
    assert_false(type_to_native(ctx, NULL, &c, &text));
    assert_error(ctx, STATUS_CONFIG,
        "type 'text[]' is an array, which SQLite does not have\n"
        "  hint: Give a type for SQLite: {default: text[], sqlite: json}.");
}

static void test_keys_and_strict(void **state)
{
    struct ctx *ctx = *state;
    struct constraint key = {.kind = CONSTRAINT_PRIMARY_KEY};
    struct table t = {.primary_key = &key, .options = ctx_new(ctx, struct options)};
    struct column c = {.name = "id", .type = {.text = "bigint"}};
    const char *text;
    vec_add(ctx, &key.columns, "id");
    assert_ok(ctx, type_to_native(ctx, &t, &c, &text));
    assert_string_equal(text, "INTEGER");
    c.autoincrement = TRI_FALSE;
    assert_ok(ctx, type_to_native(ctx, &t, &c, &text));
    assert_string_equal(text, "BIGINT");
    c.type.text = "integer";
    assert_ok(ctx, type_to_native(ctx, &t, &c, &text));
    assert_string_equal(text, "INT");
    options_set(ctx, t.options, "sqlite", "strict", "true");
    assert_string_equal(native(ctx, "string(9)", NULL, &t), "TEXT");
    assert_string_equal(native(ctx, "boolean", NULL, &t), "INTEGER");
    assert_string_equal(native(ctx, "numeric(9,2)", NULL, &t), "REAL");
    assert_string_equal(native(ctx, "x", "ANY", &t), "ANY");
}

static void test_defaults(void **state)
{
    static const struct {
        enum value_kind kind;
        const char *text, *native, *sql;
    } cases[] = {
        {VALUE_STRING, "it's", "'it''s'", "'it''s'"},
        {VALUE_STRING, "0", "'0'", "'0'"},
        {VALUE_NUMBER, "0", "0", "0"},
        {VALUE_NUMBER, "-1.5", "-1.5", "-1.5"},
        {VALUE_BOOL, "true", "1", "1"},
        {VALUE_BOOL, "false", "0", "0"},
        {VALUE_FUNC, "now", "CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP"},
        {VALUE_FUNC, "today", "CURRENT_DATE", "CURRENT_DATE"},
        {VALUE_SQL, "1 + 2", "1 + 2", "(1 + 2)"},
        {VALUE_SQL, "CURRENT_TIME", "CURRENT_TIME", "CURRENT_TIME"},
        {VALUE_SQL, "x'00'", "x'00'", "x'00'"},
        {VALUE_SQL, "NULL", "NULL", "NULL"},
        {VALUE_SQL, "random()", "random()", "(random())"},
    };
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct column c = {.name = "c", .native = cases[i].kind == VALUE_BOOL ? "BOOLEAN" : "TEXT"};
        struct value v = {.kind = cases[i].kind, .expr.sql.text = cases[i].text}, back = {0};
        const char *text = NULL;
        assert_ok(ctx, value_to_native(ctx, &c, &v, &text));
        assert_string_equal(text, cases[i].native);
        assert_string_equal(default_sql(ctx, text), cases[i].sql);
        value_to_model(ctx, &c, text, &back);
        assert_int_equal(back.kind, cases[i].kind);
        assert_string_equal(back.expr.sql.text, cases[i].text);
    }
}

static void test_same_defaults(void **state)
{
    struct ctx *ctx = *state;
    const struct column c = {.name = "c"}, number = {.name = "n", .native = "INTEGER"};
    assert_true(expr_is_same(ctx, &c, "TRUE", "1"));
    assert_true(expr_is_same(ctx, &c, "current_timestamp", "CURRENT_TIMESTAMP"));
    assert_true(expr_is_same(ctx, &c, "(1)", "1"));
    assert_false(expr_is_same(ctx, &c, "'1'", "1"));
    assert_true(expr_is_same(ctx, &number, "'1'", "1"));
    assert_true(expr_is_same(ctx, &number, "'-12'", "-12"));
    assert_false(expr_is_same(ctx, &number, "'01'", "1"));
    assert_false(expr_is_same(ctx, NULL, "TRUE", "1"));
    assert_false(expr_is_same(ctx, &c, NULL, "1"));
}

static void test_affinities(ATTR_UNUSED void **state)
{
    assert_int_equal(type_affinity("POINT"), AFFINITY_INTEGER);
    assert_int_equal(type_affinity("VARCHAR(9)"), AFFINITY_TEXT);
    assert_int_equal(type_affinity("UUID TEXT"), AFFINITY_TEXT);
    assert_int_equal(type_affinity(""), AFFINITY_BLOB);
    assert_int_equal(type_affinity("DOUBLE PRECISION"), AFFINITY_REAL);
    assert_int_equal(type_affinity("DATETIME"), AFFINITY_NUMERIC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_types),
        ctx_test(test_enums),
        ctx_test(test_former_types),
        ctx_test(test_own_types),
        ctx_test(test_refused_types),
        ctx_test(test_keys_and_strict),
        ctx_test(test_defaults),
        ctx_test(test_same_defaults),
        ctx_test(test_affinities),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
