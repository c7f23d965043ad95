/* Types, values and scripts of MySQL and MariaDB. No server is needed. */
#include "unit.h"

#include "cmig/dialect.h"
#include "dialect/mysql/judge/printed.h"
#include "dialect/mysql/objects/objects.h"
#include "dialect/mysql/spell/accounts.h"
#include "dialect/mysql/spell/text.h"
#include "dialect/mysql/spell/types.h"
#include "dialect/mysql/wire/script.h"

static const struct dialect *my(void)
{
    return dialect_by_name("mysql");
}

static void assert_error_has(struct ctx *ctx, const char *words)
{
    assert_non_null(strstr(err_text(ctx), words));
    assert_int_equal(ctx->err.status, STATUS_CONFIG);
    err_clear(ctx);
}

/* ---- types ------------------------------------------------------------------------------------------- */

static void test_types_have_one_spelling(void **state)
{
    static const char *const rows[][2] = {
        {"INT(11)", "int"},
        {"Integer (10) UNSIGNED", "int unsigned"},
        {"int(5) unsigned zerofill", "int(5) unsigned zerofill"},
        {"int(11) unsigned", "int(11) unsigned"},
        {"tinyint(1) unsigned", "tinyint(1) unsigned"},
        {"bigint signed", "bigint"},
        {"middleint(4) zerofill", "mediumint(4) unsigned zerofill"},
        {"int zerofill", "int(10) unsigned zerofill"},
        {"float(7,3) zerofill", "float(7,3) unsigned zerofill"},
        {"enum('a signed',' zerofill')", "enum('a signed',' zerofill')"},
        {"datetime(0)", "datetime"},
        {"char byte", "binary(1)"},
        {"tinyint(4)", "tinyint"},
        {"TINYINT(1)", "tinyint(1)"},
        {"bool", "tinyint(1)"},
        {"dec( 10 )", "decimal(10,0)"},
        {"numeric(10, 2)", "decimal(10,2)"},
        {"double  precision", "double"},
        {"character varying (20)", "varchar(20)"},
        {"enum( 'A', 'it''s' )", "enum('A','it''s')"},
        {"set('x','y')", "set('x','y')"},
        {"char", "char(1)"},
        {"bit", "bit(1)"},
        {"POINT", "point"},
    };
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_string_equal(my_type_canonical(ctx, rows[i][0]), rows[i][1]);
}

static void test_display_widths_are_no_difference(void **state)
{
    static const struct {
        const char *a, *b;
        bool is_same;
    } rows[] = {
        {"int(5)", "int", true},
        {"tinyint(1) unsigned", "tinyint unsigned", true},
        {"tinyint(1)", "tinyint", false},
        {"int(5) unsigned", "int(5)", false},
        {"int(5) unsigned zerofill", "int(6) unsigned zerofill", false},
        {"varchar(5)", "varchar(6)", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct column a = {.native = rows[i].a}, b = {.native = rows[i].b};
        assert_int_equal(my()->type_same(&a, &b), rows[i].is_same);
    }
    (void)state;
}

static void test_types_there_and_back(void **state)
{
    static const char *const rows[][2] = {
        {"string(80)", "varchar(80)"},
        {"numeric(10,2)", "decimal(10,2)"},
        {"numeric", "decimal(65,30)"},
        {"double", "double"},
        {"timestamp", "datetime"},
        {"binary", "blob"},
        {"binary(16)", "varbinary(16)"},
        {"boolean", "tinyint(1)"},
        {"uuid", "uuid"},
        {"json", "json"},
        {"text", "text"},
    };
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct column c = {.name = "c", .type = {.text = rows[i][0]}};
        const char *native;
        assert_ok(ctx, my()->type_native(ctx, NULL, &c, &native));
        assert_string_equal(native, rows[i][1]);
        assert_string_equal(my()->type_model(ctx, native), rows[i][0]);
    }
}

/* `timestamp` is DATETIME; under the key mysql it is the server's own type. */
static void test_own_types_are_the_servers(void **state)
{
    static const struct dtext_by by[] = {{"mysql", "timestamp"}, {NULL, NULL}};
    struct ctx *ctx = *state;
    struct column c = {.name = "c", .type = {.text = "text", .by = by}},
                  d = {.name = "d", .type.text = "timestamptz(3)"};
    const char *native;
    assert_ok(ctx, my()->type_native(ctx, NULL, &c, &native));
    assert_string_equal(native, "timestamp");
    assert_ok(ctx, my()->type_native(ctx, NULL, &d, &native));
    assert_string_equal(native, "datetime(3)");
}

static void test_types_that_are_refused(void **state)
{
    static const char *const rows[][2] = {{"string", "needs a length"},
        {"interval", "has no type for 'interval'"}, {"integer[]", "is an array"}};
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct column c = {.name = "c", .type = {.text = rows[i][0]}};
        const char *native;
        assert_false(my()->type_native(ctx, NULL, &c, &native));
        assert_error_has(ctx, rows[i][1]);
    }
}

static void test_values_of_enums(void **state)
{
    struct ctx *ctx = *state;
    struct strings values = {0};
    assert_true(my()->type_values(ctx, "enum('a','b''c')", &values));
    assert_int_equal(values.n, 2);
    assert_string_equal(values.v[1], "b'c");
    assert_false(my()->type_values(ctx, "set('a')", &values));
}

/* ---- texts ------------------------------------------------------------------------------------------- */

static void test_texts_that_are_the_same(void **state)
{
    static const char *const rows[][2] = {
        {"`a` > 0", "a>0"},
        {"'it''s'", "'it\\'s'"},
        {"UPPER( `name` )", "upper(name)"},
        {"a /* why */ = \"x\"", "a = 'x'"},
    };
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_true(my()->expr_same(ctx, NULL, rows[i][0], rows[i][1]));
    assert_false(my()->expr_same(ctx, NULL, "'A'", "'a'"));
    assert_false(my()->expr_same(ctx, NULL, "a > 0", "a > 1"));
}

static void test_defaults_become_values(void **state)
{
    static const struct {
        const char *type, *native;
        enum value_kind kind;
        const char *text;
    } rows[] = {
        {"varchar(9)", "'it\\'s'", VALUE_STRING, "it's"},
        {"int", "-5", VALUE_NUMBER, "-5"},
        {"tinyint(1)", "1", VALUE_BOOL, "true"},
        {"datetime", "current_timestamp()", VALUE_FUNC, "now"},
        {"datetime(6)", "current_timestamp(6)", VALUE_FUNC, "now"},
        {"datetime(6)", "current_timestamp()", VALUE_SQL, "current_timestamp()"},
        {"uuid", "uuid()", VALUE_FUNC, "uuid"},
        {"int", "(1 + 2)", VALUE_SQL, "(1 + 2)"},
    };
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct column c = {.name = "c", .native = rows[i].type};
        struct value v;
        my()->value_model(ctx, &c, rows[i].native, &v);
        assert_int_equal(v.kind, rows[i].kind);
        assert_string_equal(v.expr.sql.text, rows[i].text);
    }
}

static void test_strings_are_escaped(void **state)
{
    struct ctx *ctx = *state;
    assert_string_equal(my_literal(ctx, "it's a \\"), "'it''s a \\\\'");
}

static void test_what_show_create_table_prints(void **state)
{
    static const char printed[] =
        "CREATE TEMPORARY TABLE `t` (\n"
        "  `a` varchar(9) DEFAULT 'x, (y)' COMMENT 'DEFAULT 1',\n"
        "  `b` int(11) GENERATED ALWAYS AS (octet_length(`a`) + 1) STORED,\n"
        "  `c` datetime(6) DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6),\n"
        "  `d` int(11) DEFAULT NULL CHECK (`d` > 0),\n"
        "  CONSTRAINT `k` CHECK (`a` in ('x',')'))\n"
        ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4";
    struct ctx *ctx = *state;
    struct generated g = {.expr.native = "length(a)+1"};
    struct column columns[] = {
        {.name = "a", .dflt = {.kind = VALUE_STRING}},
        {.name = "b", .generated = &g},
        {.name = "c", .dflt = {.kind = VALUE_FUNC}},
        {.name = "d", .dflt = {.kind = VALUE_SQL}},
    };
    struct constraint check = {.kind = CONSTRAINT_CHECK, .name = "k"};
    struct table t = {.name.name = "t"};
    for (size_t i = 0; i < COUNT_OF(columns); i++)
        vec_add(ctx, &t.columns, &columns[i]);
    vec_add(ctx, &t.checks, &check);
    my_take_printed(ctx, printed, &t);
    assert_string_equal(columns[0].dflt.expr.native, "'x, (y)'");
    assert_string_equal(g.expr.native, "octet_length(`a`) + 1");
    assert_string_equal(columns[2].dflt.expr.native, "current_timestamp(6)");
    assert_int_equal(columns[3].dflt.kind, VALUE_NONE);
    assert_string_equal(check.check.native, "`a` in ('x',')')");
}

/* ---- scripts ----------------------------------------------------------------------------------------- */

static const char *part(struct ctx *ctx, const struct statement *s)
{
    return arena_strndup(&ctx->arena, s->text + s->from, s->to - s->from);
}

static void split(struct ctx *ctx, const char *text, struct statements *ret)
{
    struct statement *s = ctx_new(ctx, struct statement);
    *s = (struct statement){
        .text = text, .op = op_new(ctx, OP_EXECUTE), .flags = STATEMENT_SCRIPT, .expect = -1};
    *ret = (struct statements){0};
    assert_ok(ctx, my()->split(ctx, s, false, ret));
}

static void test_scripts_are_cut(void **state)
{
    struct ctx *ctx = *state;
    struct statements parts;
    split(ctx, "SELECT ';'; # a; b\nINSERT INTO t VALUES ('it\\'s;'); -- x;\n/*!40101 SET @a = 1 */;\n",
        &parts);
    assert_int_equal(parts.n, 3);
    assert_string_equal(part(ctx, parts.v[1]), "INSERT INTO t VALUES ('it\\'s;')");
    split(ctx,
        "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN IF NEW.x THEN SET NEW.y = CASE WHEN 1 THEN 2 "
        "END; END IF; "
        "END; SELECT 1",
        &parts);
    assert_int_equal(parts.n, 2);
    assert_string_equal(part(ctx, parts.v[1]), "SELECT 1");
    split(ctx, "DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; END//\nDELIMITER ;\nSELECT 2;", &parts);
    assert_int_equal(parts.n, 2);
    assert_string_equal(part(ctx, parts.v[0]), "CREATE PROCEDURE p() BEGIN SELECT 1; END");
    split(ctx, "DELIMITER $$\nCREATE PROCEDURE p() BEGIN SELECT a$b; END$$\nDELIMITER ;\nSELECT 2;", &parts);
    assert_int_equal(parts.n, 2);
    assert_string_equal(part(ctx, parts.v[0]), "CREATE PROCEDURE p() BEGIN SELECT a$b; END");
}

static void test_scripts_that_are_refused(void **state)
{
    static const char *const texts[] = {"SELECT 1; COMMIT", "START TRANSACTION", "USE other"};
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const struct statement s = {
            .text = texts[i], .op = op_new(ctx, OP_EXECUTE), .flags = STATEMENT_SCRIPT};
        struct statements parts = {0};
        assert_false(my()->split(ctx, &s, false, &parts));
        assert_error_has(ctx, "the SQL of a revision cannot");
    }
}

/* ---- objects ----------------------------------------------------------------------------------------- */

static void test_statements_are_taken_apart(void **state)
{
    static const char sql[] =
        "set statement sql_mode = 'ANSI_QUOTES' for create or replace definer = `a`@'%' "
        "aggregate function app.f(a INT(11), `b,c` enum('x', ')'), c decimal(5,2) unsigned) "
        "returns int return 1";
    struct ctx *ctx = *state;
    struct my_create c;
    assert_true(my_create_parse(ctx, OBJECT_FUNCTION, sql, &c));
    assert_string_equal(c.settings, "sql_mode = 'ANSI_QUOTES'");
    assert_string_equal(c.definer, "`a`@'%'");
    assert_true(c.aggregate);
    assert_string_equal(my_create_signature(ctx, c.rest), "int, enum, decimal unsigned");
    c.rest = "() returns int return 'x'";
    assert_string_equal(my_create_signature(ctx, c.rest), "");
    assert_string_equal(my_create_sent(ctx, OBJECT_FUNCTION, &c, "g`", true),
        "SET STATEMENT sql_mode = 'ANSI_QUOTES' FOR EXECUTE IMMEDIATE 'CREATE OR REPLACE DEFINER = `a`@''%'' "
        "AGGREGATE FUNCTION `g```() returns int return ''x'''");
    assert_string_equal(
        my_create_signature(ctx, "(OUT a varchar(20) character set latin1, INOUT b int)"), "varchar, int");
    assert_false(my_create_parse(ctx, OBJECT_FUNCTION, "CREATE PROCEDURE f() SELECT 1", &c));
}

static void test_triggers_are_taken_apart(void **state)
{
    struct ctx *ctx = *state;
    struct my_trigger t;
    assert_true(my_trigger_parse(
        ctx, "before insert on `app`.`a b` for /* x */ each row follows `other` begin end", &t));
    assert_string_equal(
        my_trigger_rest(ctx, &t), "before insert ON `a b` FOR EACH ROW FOLLOWS `other` begin end");
    assert_false(my_trigger_parse(ctx, "BEFORE INSERT SET @x = 1", &t));
}

static void test_events_are_taken_apart(void **state)
{
    struct ctx *ctx = *state;
    struct my_event e;
    assert_true(my_event_parse(ctx,
        "on schedule every 1 day starts '2026-01-01' on completion preserve disable on slave comment 'do' do "
        "set @x = 1",
        &e));
    assert_string_equal(e.schedule, "every 1 day starts '2026-01-01'");
    assert_string_equal(my_event_rest(ctx, &e), "ON SCHEDULE every 1 day starts '2026-01-01' ON COMPLETION "
                                                "PRESERVE DISABLE ON SLAVE COMMENT 'do' DO set @x = 1");
    assert_true(my_event_parse(ctx, "ON SCHEDULE AT now() DO SELECT 1", &e));
    assert_string_equal(
        my_event_rest(ctx, &e), "ON SCHEDULE AT now() ON COMPLETION NOT PRESERVE ENABLE DO SELECT 1");
    assert_false(my_event_parse(ctx, "ON SCHEDULE EVERY 1 DAY", &e));
    assert_false(my_event_parse(ctx, "DO SELECT 1", &e));
}

static void test_settings_of_bodies(void **state)
{
    struct ctx *ctx = *state;
    assert_null(my_settings_of(ctx,
        "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION",
        "+00:00"));
    assert_string_equal(my_settings_of(ctx, "", "SYSTEM"), "sql_mode = '', time_zone = 'SYSTEM'");
}

/* ---- accounts ---------------------------------------------------------------------------------------- */

static void test_accounts(void **state)
{
    static const struct {
        const char *user, *host, *name, *sql;
    } rows[] = {
        {"app", "%", "app", "`app`"},
        {"app", "localhost", "app@localhost", "`app`@`localhost`"},
        {"reader", "", "reader", "`reader`"},
        {"a@b", "%", "a@b@%", "`a@b`@`%`"},
        {"a`b", "10.0.%", "a`b@10.0.%", "`a``b`@`10.0.%`"},
    };
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct sql q = sql_begin(ctx, my());
        const char *name = my_account_name(&ctx->arena, rows[i].user, rows[i].host);
        assert_string_equal(name, rows[i].name);
        assert_string_equal(my_access_rules.role(&ctx->arena, name), name);
        my_account_add(ctx, &q, name);
        assert_string_equal(sql_end(&q), rows[i].sql);
    }
    assert_string_equal(my_access_rules.role(&ctx->arena, "app@%"), "app");
}

static void test_privileges(void **state)
{
    (void)state;
    assert_true(my_access_rules.has(access_kind("table"), "show view"));
    assert_true(my_access_rules.has(access_kind("procedure"), "alter routine"));
    assert_false(my_access_rules.has(access_kind("table"), "truncate"));
    assert_false(my_access_rules.has(access_kind("function"), "select"));
    assert_true(my_access_rules.has(access_kind("view"), NULL));
    assert_false(my_access_rules.has(access_kind("enum"), NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_types_have_one_spelling),
        ctx_test(test_display_widths_are_no_difference),
        ctx_test(test_types_there_and_back),
        ctx_test(test_own_types_are_the_servers),
        ctx_test(test_types_that_are_refused),
        ctx_test(test_values_of_enums),
        ctx_test(test_texts_that_are_the_same),
        ctx_test(test_defaults_become_values),
        ctx_test(test_strings_are_escaped),
        ctx_test(test_what_show_create_table_prints),
        ctx_test(test_scripts_are_cut),
        ctx_test(test_scripts_that_are_refused),
        ctx_test(test_statements_are_taken_apart),
        ctx_test(test_triggers_are_taken_apart),
        ctx_test(test_events_are_taken_apart),
        ctx_test(test_settings_of_bodies),
        ctx_test(test_accounts),
        ctx_test(test_privileges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
