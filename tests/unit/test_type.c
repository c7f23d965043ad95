/* Tests of parsing and writing types. */

#include "schema_unit.h"

struct type_case {
    const char *text, *canonical;
    enum type_kind kind;
};
static const struct type_case known[] = {
    {"varchar(80)", "string(80)", TYPE_STRING},
    {"VARCHAR ( 80 ) [] []", "string(80)[][]", TYPE_STRING},
    {"character varying(80)", "string(80)", TYPE_STRING},
    {"Character  Varying", "string", TYPE_STRING},
    {"numeric(10, 2)", "numeric(10,2)", TYPE_NUMERIC},
    {"decimal(10)", "numeric(10)", TYPE_NUMERIC},
    {"int", "integer", TYPE_INTEGER},
    {"BigInteger", "bigint", TYPE_BIGINT},
    {"big_integer", "bigint", TYPE_BIGINT},
    {"small_integer", "smallint", TYPE_SMALLINT},
    {"float", "double", TYPE_DOUBLE},
    {"float(24)", "real", TYPE_REAL},
    {"float(53)", "double", TYPE_DOUBLE},
    {"double precision", "double", TYPE_DOUBLE},
    {"datetime", "timestamp", TYPE_TIMESTAMP},
    {"timestamp with time zone", "timestamptz", TYPE_TIMESTAMPTZ},
    {"bytes", "binary", TYPE_BINARY},
    {"LargeBinary", "binary", TYPE_BINARY},
    {"binary(16)", "binary(16)", TYPE_BINARY},
    {"uuid[]", "uuid[]", TYPE_UUID},
    {"enum(mood)", "enum(mood)", TYPE_ENUM},
    {"Enum( app.Mood )[]", "enum(app.Mood)[]", TYPE_ENUM},
    {"geometry(Point,4326)", "geometry(Point,4326)", TYPE_OTHER},
    {" tsvector ", "tsvector", TYPE_OTHER},
    {"citext[]", "citext[]", TYPE_OTHER},
    {"timestamp(3)", "timestamp(3)", TYPE_OTHER},
    {"timestamp(3) with time zone", "timestamp(3) with time zone", TYPE_OTHER},
    {"bit varying(3)", "bit varying(3)", TYPE_OTHER},
    {"", "", TYPE_OTHER},
};

static void test_known(void **state)
{
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(known); i++) {
        const char *problem = NULL;
        struct type t;

        if (!type_parse(&ctx->arena, known[i].text, &t, &problem))
            fail_msg("%s: %s", known[i].text, problem);
        assert_string_equal(type_text(&ctx->arena, &t), known[i].canonical);
        assert_int_equal(t.kind, known[i].kind);
    }
}

/* Each portable type is parsed from its own spelling. */
static void test_canonical(void **state)
{
    struct ctx *ctx = *state;
    const char *problem;

    for (int kind = TYPE_SMALLINT; kind < TYPE_ENUM; kind++) {
        struct type t = {.kind = (enum type_kind)kind}, back;

        assert_true(type_parse(&ctx->arena, type_text(&ctx->arena, &t), &back, &problem));
        assert_int_equal(back.kind, kind);
    }
}

static const struct {
    const char *text, *problem;
} wrong[] = {
    {"string(x)", "type 'string' takes a length, not 'x'"},
    {"string(1,2)", "type 'string' takes a length, not '1,2'"},
    {"string()", "type 'string' takes a length, not ''"},
    {"string(99999999999999999999)", "type 'string' takes a length, not '99999999999999999999'"},
    {"numeric(1,2,3)", "type 'numeric' takes a precision and a scale, not '1,2,3'"},
    {"numeric(1,)", "type 'numeric' takes a precision and a scale, not '1,'"},
    {"boolean(1)", "type 'boolean' takes no arguments"},
    {"enum", "write an enum type as enum(name), with its values under `enums`"},
    {"enum(a.b.c)", "write an enum type as enum(name), with its values under `enums`"},
};

static void test_wrong(void **state)
{
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        const char *problem = NULL;
        struct type t;

        assert_false(type_parse(&ctx->arena, wrong[i].text, &t, &problem));
        assert_string_equal(problem, wrong[i].problem);
    }
}

static void test_integers(void **state)
{
    (void)state;
    assert_true(type_is_integer(&(struct type){.kind = TYPE_BIGINT}));
    assert_false(type_is_integer(&(struct type){.kind = TYPE_BIGINT, .dimensions = 1}));
    assert_false(type_is_integer(&(struct type){.kind = TYPE_NUMERIC}));
}

/* A type under a dialect's key is the dialect's own, unless it is the exact name of a portable type. */
static void test_of_a_column(void **state)
{
    struct ctx *ctx = *state;
    const struct dtext_by by[] = {{"sqlite", "INT"}, {"postgresql", "bigint"}, {NULL, NULL}};
    struct column c = {.name = "c", .type = {.text = "int", .by = by}};
    struct type t;

    assert_ok(ctx, column_type(ctx, "sqlite", &c, &t));
    assert_int_equal(t.kind, TYPE_OTHER);
    assert_string_equal(t.text, "INT");
    assert_ok(ctx, column_type(ctx, "postgresql", &c, &t));
    assert_int_equal(t.kind, TYPE_BIGINT);
    assert_ok(ctx, column_type(ctx, "mysql", &c, &t));
    assert_int_equal(t.kind, TYPE_INTEGER);
    c.type.text = NULL;
    assert_false(column_type(ctx, "mysql", &c, &t));
    assert_error(ctx, STATUS_CONFIG, "column 'c' has no type for mysql");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_known),
        ctx_test(test_canonical),
        ctx_test(test_wrong),
        ctx_test(test_integers),
        ctx_test(test_of_a_column),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
