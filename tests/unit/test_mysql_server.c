/*
 * What differs on MySQL, of which the tests have version 5.7 only: which versions are accepted, how statements are written for it,
 * and what its information_schema answers. A double of the client library gives the answers.
 */
#include "unit.h"

#include "cmig/dialect.h"
#include "dialect/mysql/reflect/reflect.h"
#include "dialect/mysql/spell/partitions.h"
#include "dialect/mysql/wire/translate.h"

/* ---- the double -------------------------------------------------------------------------------------- */

enum { FIELDS = 10, ROWS = 8 };

/* The first whose words are in the query answers it; others answer with no row. */
struct recorded {
    const char *words;
    unsigned fields;
    const char *rows[ROWS][FIELDS];
};

static const struct recorded *script;
static const struct recorded *current;
static size_t row_at;
static struct str asked;

static int query_start(int *ret, ATTR_UNUSED MYSQL *conn, const char *sql, unsigned long n)
{
    current = NULL;
    for (const struct recorded *r = script; r->words && !current; r++)
        current = strstr(sql, r->words) ? r : NULL;
    row_at = 0;
    str_addf(&asked, "%.*s;", (int)n, sql);
    *ret = 0;
    return 0;
}

static int store_start(MYSQL_RES **ret, ATTR_UNUSED MYSQL *conn)
{
    *ret = (MYSQL_RES *)(uintptr_t)current;
    return 0;
}

static MYSQL_ROW fetch_row(MYSQL_RES *rows)
{
    const struct recorded *r = (const struct recorded *)(const void *)rows;
    static size_t at;
    at = row_at++;
    return at < ROWS && r->rows[at][0] ? (MYSQL_ROW)(uintptr_t)r->rows[at] : NULL;
}

static unsigned num_fields(MYSQL_RES *rows)
{
    return ((const struct recorded *)(const void *)rows)->fields;
}

static void free_result(ATTR_UNUSED MYSQL_RES *rows)
{
}

static my_bool more_results(ATTR_UNUSED MYSQL *conn)
{
    return 0;
}

static unsigned no_error(ATTR_UNUSED MYSQL *conn)
{
    return 0;
}

static struct my *connect_double(struct ctx *ctx, const struct recorded *answers)
{
    struct my *my = ctx_new(ctx, struct my);
    my->base = (struct conn){.dialect = &mysql_dialect, .ctx = ctx};
    my->lib.mysql_real_query_start = query_start;
    my->lib.mysql_store_result_start = store_start;
    my->lib.mysql_fetch_row = fetch_row;
    my->lib.mysql_num_fields = num_fields;
    my->lib.mysql_free_result = free_result;
    my->lib.mysql_more_results = more_results;
    my->lib.mysql_errno = no_error;
    my->conn = (MYSQL *)my; /* only ever passed on */
    my->database = "shop";
    my->server = my_server_find("8.0.36", "MySQL Community Server - GPL", &my->version);
    script = answers;
    asked = STR(ctx);
    return my;
}

/* ---- versions ---------------------------------------------------------------------------------------- */

static void test_versions(void **state)
{
    static const struct {
        const char *version, *comment, *server;
        int number;
    } rows[] = {
        {"10.11.14-MariaDB-0+deb12u2", "Debian 12", "MariaDB", 101114},
        {"10.6.0-MariaDB", "", "MariaDB", 100600},
        {"10.5.29-MariaDB", "", NULL, 100529},
        {"11.4.2", "MariaDB Server", "MariaDB", 110402},
        {"8.0.36", "MySQL Community Server - GPL", "MySQL", 80036},
        {"8.4.0-log", "Source distribution", "MySQL", 80400},
        {"8.0.16", "", "MySQL", 80016},
        {"8.0.15", "", NULL, 80015},
        {"5.7.44", "MySQL Community Server", "MySQL", 50744},
        {"8.0.4-rc-log", "MySQL Community Server", NULL, 80004},
        {"5.6.51", "MySQL Community Server", NULL, 50651},
    };
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int number;
        const struct my_server *s = my_server_find(rows[i].version, rows[i].comment, &number);
        assert_int_equal(number, rows[i].number);
        assert_true(str_eq(s ? s->name : NULL, rows[i].server));
    }
    assert_string_equal(my_server_list(ctx), "MariaDB 10.6, MySQL 5.7 or MySQL 8.0.16");
}

/* ---- statements -------------------------------------------------------------------------------------- */

static const char *translated(struct ctx *ctx, const char *sql, const struct map *answers)
{
    struct my_translation t;
    my_translate(ctx, sql, answers, &t);
    const char *sent = strings_join(&ctx->arena, &t.sent, "; ");
    return t.after.n ? ctx_printf(ctx, "%s | %s", sent, strings_join(&ctx->arena, &t.after, "; ")) : sent;
}

static void test_statements(void **state)
{
    static const char *const rows[][2] = {
        {"CREATE TABLE t (id int)", "CREATE TABLE t (id int)"},
        {"DROP TABLE IF EXISTS t", "DROP TABLE IF EXISTS t"},
        {"CREATE OR REPLACE VIEW v AS SELECT 1", "CREATE OR REPLACE VIEW v AS SELECT 1"},
        {"CREATE OR REPLACE TRIGGER `a b` BEFORE INSERT ON t FOR EACH ROW SET @a = 1",
            "DROP trigger IF EXISTS `a b`; CREATE TRIGGER `a b` BEFORE INSERT ON t FOR EACH ROW SET @a = 1"},
        {"CREATE OR REPLACE DEFINER = `a`@`b` FUNCTION f() RETURNS int RETURN 1",
            "DROP function IF EXISTS f; CREATE DEFINER = `a`@`b` FUNCTION f() RETURNS int RETURN 1"},
        {"EXECUTE IMMEDIATE 'CREATE EVENT e DO SELECT ''x'''", "CREATE EVENT e DO SELECT 'x'"},
        {"EXECUTE IMMEDIATE replace('a', 'b', 'c')",
            "SET @cmig_statement = replace('a', 'b', 'c'); PREPARE cmig_statement FROM @cmig_statement; "
            "EXECUTE cmig_statement | DEALLOCATE PREPARE cmig_statement"},
        {"SET STATEMENT sql_mode = 'ANSI' FOR EXECUTE IMMEDIATE 'CREATE OR REPLACE PROCEDURE p() SELECT 1'",
            "SET @cmig_sql_mode = @@SESSION.sql_mode; SET @cmig_time_zone = @@SESSION.time_zone; "
            "SET SESSION sql_mode = 'ANSI'; DROP procedure IF EXISTS p; CREATE PROCEDURE p() SELECT 1 | "
            "SET SESSION sql_mode = @cmig_sql_mode; SET SESSION time_zone = @cmig_time_zone"},
        {"ALTER TABLE t ADD INDEX i (a DESC, b(3)) COMMENT 'x, y' IGNORED, DROP COLUMN c",
            "ALTER TABLE t ADD INDEX i (a DESC, b(3)) COMMENT 'x, y' INVISIBLE, DROP COLUMN c"},
        {"ALTER TABLE t ALTER INDEX i IGNORED", "ALTER TABLE t ALTER INDEX i INVISIBLE"},
        {"ALTER TABLE t ALTER INDEX i NOT IGNORED", "ALTER TABLE t ALTER INDEX i VISIBLE"},
    };
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_string_equal(translated(ctx, rows[i][0], NULL), rows[i][1]);
}

static void test_parts_that_may_be_there(void **state)
{
    struct ctx *ctx = *state;
    static const char sql[] =
        "ALTER TABLE `t t` ADD CONSTRAINT fk FOREIGN KEY (a, b) REFERENCES u (a, b), ADD INDEX IF NOT EXISTS "
        "`i` (a), DROP INDEX IF EXISTS `k`, ADD COLUMN IF NOT EXISTS c enum('a,b') NULL";
    static bool yes = true, no = false;
    struct map answers = MAP(ctx);
    struct my_translation t;
    my_translate(ctx, sql, NULL, &t);
    assert_string_equal(t.table, "t t");
    assert_string_equal(strings_join(&ctx->arena, &t.parts, ", "), "index i, index k, column c");
    map_set(&answers, "index i", &no);
    map_set(&answers, "index k", &no);
    map_set(&answers, "column c", &no);
    assert_string_equal(translated(ctx, sql, &answers),
        "ALTER TABLE `t t` ADD CONSTRAINT fk FOREIGN KEY (a, b) REFERENCES u (a, b), add index `i` (a), "
        "add column c enum('a,b') NULL");
    map_set(&answers, "index i", &yes);
    map_set(&answers, "index k", &yes);
    map_set(&answers, "column c", &yes);
    assert_string_equal(translated(ctx, sql, &answers),
        "ALTER TABLE `t t` ADD CONSTRAINT fk FOREIGN KEY (a, b) REFERENCES u (a, b), drop index `k`");
    assert_string_equal(translated(ctx, "ALTER TABLE t ADD INDEX IF NOT EXISTS i (a)", &answers), "");
    static const struct recorded has_index[] = {{"information_schema.statistics", 1, {{"1"}}}, {0}};
    struct my *my = connect_double(ctx, has_index);
    assert_ok(ctx, my_run(my, "ALTER TABLE t DROP INDEX IF EXISTS i, DROP COLUMN IF EXISTS a", NULL));
    assert_string_equal(strstr(str_get(&asked), "ALTER"), "ALTER TABLE t drop index i;");
}

/* ---- renames ----------------------------------------------------------------------------------------- */

static void test_renames(void **state)
{
    static const struct {
        const char *sql, *sent;
    } rows[] = {
        {"ALTER TABLE `t` RENAME COLUMN `a` TO `b`, ALGORITHM=INPLACE",
            "ALTER TABLE `t` CHANGE COLUMN `a` `b` int(11) NOT NULL DEFAULT '1', ALGORITHM=INPLACE"},
        {"ALTER TABLE t RENAME INDEX i TO k, RENAME COLUMN `c, d` TO e, ADD INDEX (e)",
            "ALTER TABLE t RENAME INDEX i TO k, CHANGE COLUMN `c, d` `e` enum('x,','y') DEFAULT NULL COMMENT "
            "'a, b', ADD INDEX (e)"},
        {"ALTER TABLE t RENAME COLUMN gone TO e", "ALTER TABLE t RENAME COLUMN gone TO e"},
    };
    static const char printed[] = "CREATE TABLE `t` (\n  `a` int(11) NOT NULL DEFAULT '1',\n"
                                  "  `c, d` enum('x,','y') DEFAULT NULL COMMENT 'a, b'\n) ENGINE=InnoDB";
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_string_equal(my_rename_table(ctx, rows[i].sql), "t");
        assert_string_equal(my_change_for_rename(ctx, rows[i].sql, printed), rows[i].sent);
    }
    assert_null(my_rename_table(ctx, "ALTER TABLE t RENAME INDEX i TO k"));
    assert_null(my_rename_table(ctx, "UPDATE t SET rename = 1"));
}

static void test_partitions_in_a_comment(void **state)
{
    struct ctx *ctx = *state;
    const struct my_partitioning p = my_partitioning_printed(ctx,
        "CREATE TABLE `t` (\n  `id` int(11) NOT NULL\n) ENGINE=InnoDB\n/*!50100 PARTITION BY RANGE (id)\n"
        "(PARTITION p0 VALUES LESS THAN (10) COMMENT = '*/' ENGINE = InnoDB,\n"
        " PARTITION p1 VALUES LESS THAN MAXVALUE ENGINE = InnoDB) */");
    assert_string_equal(p.by, "range (id)");
    assert_string_equal(p.list, "p0 values less than (10) comment '*/',\np1 values less than (maxvalue)");
}

/* ---- reading ----------------------------------------------------------------------------------------- */

static const struct recorded recorded_answers[] = {
    {"SHOW GRANTS", 1,
        {{"GRANT ALL PRIVILEGES ON `shop`.* TO `app`@`%`"}, {"GRANT `reader`@`%` TO `app`@`%`"}}},
    {"@@collation_database", 2, {{"utf8mb4_0900_ai_ci", "app@%"}}},
    {"FROM information_schema.tables", 6,
        {{"t", "BASE TABLE", "InnoDB", "utf8mb4_0900_ai_ci", "", ""},
            {"v", "VIEW", NULL, NULL, NULL, "VIEW"}}},
    {"FROM information_schema.columns", 9,
        {{"t", "id", NULL, "NO", "int unsigned", NULL, "auto_increment", "", ""},
            {"t", "n", "it's", "YES", "varchar(20)", "utf8mb4_0900_ai_ci", "", "", ""},
            {"t", "k", "3", "NO", "int", NULL, "", "", ""},
            {"t", "u", "uuid()", "YES", "char(36)", "utf8mb4_0900_ai_ci", "DEFAULT_GENERATED", "", ""},
            {"t", "c", "CURRENT_TIMESTAMP(3)", "NO", "datetime(3)", NULL,
                "DEFAULT_GENERATED on update CURRENT_TIMESTAMP(3)", "", ""},
            {"t", "g", NULL, "YES", "varchar(9)", "utf8mb4_0900_ai_ci", "VIRTUAL GENERATED", "",
                "concat(`n`,_utf8mb4\\'x\\\\\\'y\\')"},
            {"t", "j", NULL, "YES", "json", NULL, "INVISIBLE", "", ""},
            {"t", "s", "NULL", "YES", "varchar(9)", "utf8mb4_bin", "", "", ""}}},
    {"FROM information_schema.statistics", 10,
        {{"t", "PRIMARY", "0", "id", "A", NULL, "BTREE", "", "0", NULL},
            {"t", "by_low", "1", NULL, "A", NULL, "BTREE", "", "0", "lower(`n`)"},
            {"t", "hidden", "1", "k", "D", NULL, "BTREE", "", "1", NULL}}},
    {"FROM information_schema.check_constraints", 5,
        {{"t", "positive", "(`k` > 0)", "Table", "YES"},
            {"t", "words", "(`n` in (_utf8mb4\\'a\\',_latin1\\'b\\'))", "Table", "NO"}}},
    {"FROM information_schema.views", 5, {{"v", "select 1 AS `1`", "NONE", "DEFINER", NULL}}},
    {"SHOW CREATE VIEW", 4,
        {{"v", "CREATE ALGORITHM=MERGE DEFINER=`app`@`%` SQL SECURITY DEFINER VIEW `v` AS select 1 AS `1`",
            "utf8mb4", "utf8mb4_0900_ai_ci"}}},
    {0},
};

static const char *default_of(const struct table *t, const char *column)
{
    const struct column *c = table_column(t, column);
    return c->dflt.kind == VALUE_NONE ? NULL : c->dflt.expr.native;
}

static void test_reflection_of_mysql(void **state)
{
    struct ctx *ctx = *state;
    struct my *my = connect_double(ctx, recorded_answers);
    const struct scope scope = {0};
    struct schema s = {0};
    assert_ok(ctx, my_reflect(&my->base, &scope, &s));
    const struct table *t = schema_table(&s, &(struct qname){NULL, "t"});
    assert_null(t->options);
    assert_string_equal(default_of(t, "n"), "'it''s'");
    assert_string_equal(default_of(t, "k"), "3");
    assert_string_equal(default_of(t, "u"), "uuid()");
    assert_string_equal(default_of(t, "c"), "current_timestamp(3)");
    assert_string_equal(default_of(t, "s"), "'NULL'");
    assert_null(default_of(t, "j"));
    assert_string_equal(table_column(t, "j")->native, "json");
    assert_int_equal(table_column(t, "c")->on_update.kind, VALUE_SQL);
    assert_string_equal(table_column(t, "g")->generated->expr.native, "concat(`n`,'x\\'y')");
    assert_null(table_column(t, "n")->collation);
    assert_string_equal(table_column(t, "s")->collation, "utf8mb4_bin");
    assert_int_equal(t->indexes.n, 1);
    assert_string_equal(options_get(t->indexes.v[0]->options, "mysql", "ignored"), "true");
    assert_string_equal(t->checks.v[0]->check.native, "(`k` > 0)");
    assert_string_equal(t->checks.v[1]->check.native, "(`n` in ('a','b'))");
    assert_string_equal(options_get(s.views.v[0]->options, "mysql", "algorithm"), "merge");
    assert_int_equal(s.unmodelled.n, 2);
    assert_string_equal(s.unmodelled.v[1]->detail, "by_low, on an expression");
    assert_string_equal(s.unmodelled.v[0]->detail, "words, which is not enforced");
}

/* ---- rights ------------------------------------------------------------------------------------------ */

static void test_rights(void **state)
{
    static const struct recorded rows[][3] = {
        {{"SHOW GRANTS", 1,
             {{"GRANT USAGE ON *.* TO `a`@`%`"}, {"GRANT SELECT, SHOW VIEW ON `sh%`.* TO `a`@`%`"}}},
            {"LIKE lower('sh%')", 1, {{"1"}}}},
        {{"SHOW GRANTS", 1,
             {{"GRANT TRIGGER, EVENT ON `other`.* TO `a`@`%`"},
                 {"GRANT INSERT (`on`) ON `shop`.`t` TO `a`@`%`"}}},
            {"LIKE lower('other')", 1, {{"0"}}}},
        {{"SHOW GRANTS", 1, {{"GRANT SELECT, CREATE ROUTINE, TRIGGER ON *.* TO `a`@`%` WITH GRANT OPTION"}}}},
        {{"SHOW GRANTS", 1, {{"GRANT `role`@`%` TO `a`@`%`"}}}},
    };
    struct ctx *ctx = *state;
    struct my_rights r;
    assert_ok(ctx, my_read_rights(connect_double(ctx, rows[0]), &r));
    assert_true(r.sees_tables && r.sees_views && !r.sees_keys && !r.sees_triggers && !r.sees_events);
    assert_ok(ctx, my_read_rights(connect_double(ctx, rows[1]), &r));
    assert_true(!r.sees_tables && !r.sees_triggers && !r.sees_events);
    assert_ok(ctx, my_read_rights(connect_double(ctx, rows[2]), &r));
    assert_true(r.sees_tables && r.sees_keys && r.sees_triggers && r.sees_routines && !r.sees_views);
    assert_ok(ctx, my_read_rights(connect_double(ctx, rows[3]), &r)); /* a role of MySQL may have any */
    assert_true(r.sees_tables && r.sees_triggers && r.sees_views);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_versions),
        ctx_test(test_statements),
        ctx_test(test_parts_that_may_be_there),
        ctx_test(test_renames),
        ctx_test(test_partitions_in_a_comment),
        ctx_test(test_reflection_of_mysql),
        ctx_test(test_rights),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
