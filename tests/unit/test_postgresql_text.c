/* Tests of PostgreSQL's texts: types, values, names, a user's script. No server is needed. */
#include "unit.h"

#include "cmig/dialect.h"
#include "dialect/postgresql/objects/objects.h"
#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/spell/types.h"
#include "dialect/postgresql/wire/script.h"

static const struct dialect *pg(void)
{
    return dialect_by_name("postgresql");
}

static void test_types_as_the_server_prints_them(void **state)
{
    static const char *const rows[][2] = {
        {"int4", "integer"},
        {"VARCHAR( 20 )", "character varying(20)"},
        {"decimal(10)", "numeric(10,0)"},
        {"timestamptz(3)", "timestamp(3) with time zone"},
        {"timestamp (3) without time zone", "timestamp(3) without time zone"},
        {"float(24)", "real"},
        {"float", "double precision"},
        {"char", "character(1)"},
        {"int8[][]", "bigint[]"},
        {"geometry(Point, 4326)", "geometry(Point,4326)"},
        {"\"My Type\"", "\"My Type\""},
        {"pg_catalog.bool", "boolean"},
    };
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_string_equal(pg_type_spelling(&ctx->arena, rows[i][0]), rows[i][1]);
}

/* A type converted to its native form and back is unchanged; so is a native one. */
static void test_types_there_and_back(void **state)
{
    static const char *const rows[][2] = {
        {"string(80)", "character varying(80)"},
        {"numeric(10,2)", "numeric(10,2)"},
        {"double", "double precision"},
        {"timestamptz", "timestamp with time zone"},
        {"binary", "bytea"},
        {"char(3)", "character(3)"},
        {"integer[]", "integer[]"},
        {"tsvector", "tsvector"},
        {"bit(3)", "bit(3)"},
    };
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct column c = {.name = "c", .type = {.text = rows[i][0]}};
        const char *native;
        assert_ok(ctx, pg()->type_native(ctx, NULL, &c, &native));
        assert_string_equal(native, rows[i][1]);
        assert_string_equal(pg()->type_model(ctx, native), rows[i][0]);
    }
}

static void test_defaults_become_values(void **state)
{
    static const struct {
        const char *type, *native;
        enum value_kind kind;
        const char *text;
    } rows[] = {
        {"character varying(9)", "'a''b'::character varying", VALUE_STRING, "a'b"},
        {"integer", "'-1'::integer", VALUE_NUMBER, "-1"},
        {"numeric(5,2)", "1.50", VALUE_NUMBER, "1.50"},
        {"boolean", "true", VALUE_BOOL, "true"},
        {"timestamp with time zone", "CURRENT_TIMESTAMP", VALUE_FUNC, "now"},
        {"jsonb", "'{}'::jsonb", VALUE_STRING, "{}"},
        {"text", "upper('x'::text)", VALUE_SQL, "upper('x'::text)"},
        {"date", "('now'::text)::date", VALUE_SQL, "('now'::text)::date"},
    };
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct column c = {.name = "c", .native = rows[i].type};
        struct value v = {0};
        pg()->value_model(ctx, &c, rows[i].native, &v);
        assert_int_equal(v.kind, rows[i].kind);
        assert_string_equal(v.expr.sql.text, rows[i].text);
    }
}

static void test_same_and_doubtful_texts(void **state)
{
    struct ctx *ctx = *state;
    struct column text = {.name = "c", .native = "character varying(9)"},
                  number = {.name = "n", .native = "bigint"};
    assert_true(pg()->expr_same(ctx, &text, "'x'", "'x'::character varying"));
    assert_true(pg()->expr_same(ctx, &number, "-1", "'-1'::integer"));
    assert_true(pg()->expr_same(ctx, NULL, "((a > 1))", "a > 1"));
    assert_false(pg()->expr_same(ctx, NULL, "(a) > (1)", "a > 1"));
    assert_false(pg()->expr_same(ctx, &text, "'x'", "'y'::character varying"));
    assert_false(pg()->expr_same(ctx, NULL, "a IN (1)", "a = 1"));
}

/* The written text, and the form in which PostgreSQL 15 prints it. */
static void test_texts_that_are_alike(void **state)
{
    static const char *const rows[][2] = {
        {"s in ('a', 'it''s')",
            "(s)::text = ANY ((ARRAY['a'::character varying, 'it''s'::character varying])::text[])"},
        {"s NOT IN ('a')", "(s)::text <> ALL (ARRAY['a'::text])"},
        {"s != 'A' and S like 'a%'", "(((s)::text <> 'A'::text) AND ((s)::text ~~ 'a%'::text))"},
        {"now() - interval '1 day'", "now() - '1 day'::interval"},
        {"\"Name\" is not null", "(\"Name\" IS NOT NULL)"},
        {"SELECT id, s FROM t WHERE n < 1.5", "SELECT t.id,\n    t.s\n   FROM t\n  WHERE (t.n < 1.5);"},
        {"a::timestamptz < b", "(a)::timestamp(3) with time zone < b"},
    };
    static const char *const others[][2] = {
        {"s in ('a', 'b')", "(s)::text = ANY ((ARRAY['a'::text, 'c'::text]))"},
        {"a > 1", "a >= 1"},
        {"'A'", "'a'"},
        {"\"Name\"", "name"},
        {"'open", "'open'"},
        {"a::", "b"},
        {"a::numeric(1", "b"},
        {"\"", "a"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_true(pg()->expr_alike(*state, NULL, rows[i][0], rows[i][1]));
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_false(pg()->expr_alike(*state, NULL, others[i][0], others[i][1]));
}

static void test_brackets(void **state)
{
    struct ctx *ctx = *state;
    assert_string_equal(pg_unbracket(&ctx->arena, " ((a) OR (b)) "), "(a) OR (b)");
    assert_string_equal(pg_unbracket(&ctx->arena, "(a) OR (b)"), "(a) OR (b)");
    assert_string_equal(pg_unbracket(&ctx->arena, "(a = ')')"), "a = ')'");
    assert_true(pg_is_simple("nextval('a b'::regclass)"));
    assert_false(pg_is_simple("now() AT TIME ZONE 'utc'"));
}

static void test_names(void **state)
{
    struct ctx *ctx = *state;
    assert_string_equal(pg_ident(&ctx->arena, "users"), "users");
    assert_string_equal(pg_ident(&ctx->arena, "order"), "\"order\"");
    assert_string_equal(pg_ident(&ctx->arena, "Odd \"one\""), "\"Odd \"\"one\"\"\"");
    assert_string_equal(pg_serial_sequence(&ctx->arena, "users", "id"), "users_id_seq");
    assert_int_equal(strlen(pg_serial_sequence(&ctx->arena,
                         "a_table_with_a_name_that_is_as_long_as_names_may_be_in_postgresql",
                         "a_column_with_a_long_name")),
        63);
}

/* The stand-in of an operator has no links to others; its printed text gets those of the model. */
static void test_links_of_operators(void **state)
{
    static const struct {
        const char *sql, *alone, *links;
    } rows[] = {
        {"create operator === (leftarg = p, commutator = ===, procedure = public.eq, Negator = "
         "OPERATOR(public.!==), "
         "hashes)",
            "create operator === (leftarg = p, procedure = public.eq, hashes)",
            ", COMMUTATOR = ===, NEGATOR = !=="},
        {"CREATE OPERATOR \"a b\".< (NEGATOR=operator ( \"A b\" . >= ) , FUNCTION = f(int), LEFTARG = "
         "numeric(3, 1))",
            "CREATE OPERATOR \"a b\".< (FUNCTION = f(int), LEFTARG = numeric(3, 1))",
            ", NEGATOR = OPERATOR(\"A b\".>=)"},
        {"CREATE OPERATOR ! (COMMUTATOR = !); COMMENT ON OPERATOR ! (p, p) IS 'x'",
            "CREATE OPERATOR ! (); COMMENT ON OPERATOR ! (p, p) IS 'x'", ", COMMUTATOR = !"},
        {"CREATE OPERATOR ! (FUNCTION = f, RIGHTARG = p)", "CREATE OPERATOR ! (FUNCTION = f, RIGHTARG = p)",
            ""},
        {"CREATE OPERATOR ! (COMMUTATOR = operator)", "CREATE OPERATOR ! ()", ""},
        {"CREATE OPERATOR ! (COMMUTATOR", "CREATE OPERATOR ! (", ""},
        {"CREATE TABLE t (a int)", "CREATE TABLE t (a int)", ""},
    };
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct object o = {.native = rows[i].sql};
        assert_string_equal(pg_operator_alone(ctx, rows[i].sql), rows[i].alone);
        assert_string_equal(pg_operator_complete(ctx, "public", &o,
                                "CREATE OPERATOR # (FUNCTION = f, LEFTARG = p, RESTRICT = eqsel)"),
            ctx_printf(
                ctx, "CREATE OPERATOR # (FUNCTION = f, LEFTARG = p%s, RESTRICT = eqsel)", rows[i].links));
    }
}

static void test_script_is_cut_as_the_server_does(void **state)
{
    static const char text[] =
        "-- first; no\nSELECT ';', \";\", $x$ ; $x$, E'\\';' /* ; /* ; */ */;\n"
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;\n"
        ";; UPDATE t SET a = 1 -- the end";
    struct ctx *ctx = *state;
    struct script_parts parts;
    script_split(&ctx->arena, text, &parts);
    assert_int_equal(parts.n, 3);
    assert_true(str_starts(text + parts.v[0].from, "SELECT ';'"));
    assert_true(str_starts(parts.v[1].words, "CREATE FUNCTION F"));
    assert_memory_equal(text + parts.v[2].from, "UPDATE t SET a = 1", parts.v[2].to - parts.v[2].from);
}

static void test_script_that_may_not_run(void **state)
{
    static const struct {
        const char *text;
        bool inside, outside;
    } rows[] = {
        {"SELECT 1; COMMIT", false, false},
        {"SAVEPOINT a; ROLLBACK TO a", true, false},
        {"ROLLBACK", false, false},
        {"\\dt", false, false},
        {"SELECT '\\', 1 \\gexec", false, false},
        {"COPY t FROM stdin;", false, false},
        {"COPY (SELECT 1) TO STDOUT", false, false},
        {"SELECT a FROM stdin", true, true},
        {"COPY t TO '/tmp/stdin_copy'", true, true},
        {"DO $$ BEGIN COMMIT; END $$", true, true},
        {"end_of_day()", true, true},
    };
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct script_parts parts;
        struct script_problem problem;
        script_split(&ctx->arena, rows[i].text, &parts);
        assert_int_equal(script_may_run(rows[i].text, &parts, true, &problem), rows[i].inside);
        assert_int_equal(script_may_run(rows[i].text, &parts, false, &problem), rows[i].outside);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_types_as_the_server_prints_them),
        ctx_test(test_types_there_and_back),
        ctx_test(test_defaults_become_values),
        ctx_test(test_same_and_doubtful_texts),
        ctx_test(test_texts_that_are_alike),
        ctx_test(test_brackets),
        ctx_test(test_names),
        ctx_test(test_links_of_operators),
        ctx_test(test_script_is_cut_as_the_server_does),
        ctx_test(test_script_that_may_not_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
