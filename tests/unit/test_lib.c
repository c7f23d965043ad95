/* Tests of the public interface with connections of the program, and with revisions from memory. */
#include "unit.h"

#include "cmig.h"
#include "cmig/dialect.h"

#include <sqlite3.h>

static const char models[] =
    "tables: {notes: {columns: {id: {type: integer, primary_key: true}, text: text}}}\n";
static const char revision[] =
    "revision: 1f3a\n"
    "down_revision: null\n"
    "upgrade:\n"
    "- create_table: {name: notes, columns: {id: {type: integer, primary_key: true}, text: text}}\n"
    "- execute: |\n"
    "    PRAGMA recursive_triggers = ON;\n"
    "    CREATE TEMP TABLE scratch (a);\n"
    "    INSERT INTO notes (text) VALUES (shout('the first'));\n"
    "downgrade:\n"
    "- drop_table: notes\n";
static const char impatient[] = "revision: 2b4c\n"
                                "down_revision: 1f3a\n"
                                "upgrade: [{execute: PRAGMA busy_timeout = 7}]\n"
                                "downgrade: []\n";
static const struct cmig_file files[] = {
    {"cmig.yaml", "models: models.yaml\n", 20},
    {"models.yaml", models, sizeof models - 1},
    {"migrations/1f3a.yaml", revision, sizeof revision - 1},
    {"migrations/2b4c.yaml", impatient, sizeof impatient - 1},
};

static struct cmig *open_with(sqlite3 *db, size_t file_count)
{
    const struct cmig_options options = {
        .size = sizeof options, .files = files, .file_count = file_count, .sqlite = db};
    struct cmig *cmig;
    if (cmig_open(&cmig, &options) != CMIG_OK)
        fail_msg("%s", cmig_error(cmig));
    return cmig;
}

static void run(sqlite3 *db, const char *sql)
{
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
}

static int number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int n = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    return n;
}

static void shout(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    sqlite3_result_text(context, (const char *)sqlite3_value_text(values[0]), -1, SQLITE_TRANSIENT);
}

static int count_busy(void *user, int n)
{
    (void)n;
    return ++*(int *)user < 3;
}

static int count_work(void *user)
{
    ++*(int *)user;
    return 0;
}

static int deny_drops(void *user, int action, const char *a, const char *b, const char *c, const char *d)
{
    (void)user, (void)b, (void)c, (void)d;
    return action == SQLITE_DROP_TABLE && a && strcmp(a, "kept") == 0 ? SQLITE_DENY : SQLITE_OK;
}

/* A database that nothing but the handle reaches, with a function that only the program has. */
static sqlite3 *open_memory(void)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    sqlite3_create_function(db, "shout", 1, SQLITE_UTF8, NULL, shout, NULL, NULL);
    return db;
}

static void test_upgrade_in_memory(void **state)
{
    (void)state;
    sqlite3 *db = open_memory();
    struct cmig *cmig = open_with(db, 3);
    const char *const *revisions;
    size_t n;
    assert_int_equal(cmig_upgrade(cmig, "head"), CMIG_OK);
    assert_int_equal(number(db, "SELECT count(*) FROM notes WHERE text = 'the first'"), 1);
    assert_int_equal(cmig_current(cmig, &revisions, &n), CMIG_OK);
    assert_int_equal(n, 1);
    assert_string_equal(revisions[0], "1f3a");
    assert_int_equal(cmig_check(cmig, NULL, NULL), CMIG_OK);
    assert_int_equal(cmig_downgrade(cmig, "base"), CMIG_OK);
    assert_int_equal(number(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'notes'"), 0);
    cmig_close(cmig);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_everything_is_left_as_it_was(void **state)
{
    (void)state;
    static const char *const settings[] = {"PRAGMA foreign_keys", "PRAGMA recursive_triggers",
        "PRAGMA synchronous", "PRAGMA cache_size", "PRAGMA legacy_alter_table", "PRAGMA busy_timeout",
        "SELECT count(*) FROM sqlite_temp_schema", "SELECT count(*) FROM pragma_database_list",
        "SELECT 'a' LIKE 'A'"};
    int before[COUNT_OF(settings)], work = 0, defensive = -1;
    sqlite3 *db = open_memory();
    run(db, "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA cache_size = 77;"
            "PRAGMA case_sensitive_like = ON; CREATE TEMP TABLE mine (a); CREATE TEMP VIEW v AS SELECT a "
            "FROM mine;"
            "ATTACH ':memory:' AS other; CREATE TABLE kept (a)");
    sqlite3_busy_timeout(db, 1234);
    sqlite3_progress_handler(db, 1, count_work, &work);
    sqlite3_set_authorizer(db, deny_drops, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    for (size_t i = 0; i < COUNT_OF(settings); i++)
        before[i] = number(db, settings[i]);

    struct cmig *cmig = open_with(db, 4);
    if (cmig_upgrade(cmig, "head") != CMIG_OK)
        fail_msg("%s", cmig_error(cmig));
    cmig_close(cmig);

    for (size_t i = 0; i < COUNT_OF(settings); i++)
        if (number(db, settings[i]) != before[i])
            fail_msg("%s: %d, not %d", settings[i], number(db, settings[i]), before[i]);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, -1, &defensive);
    assert_int_equal(defensive, 1);
    work = 0;
    run(db, "SELECT count(*) FROM kept");
    assert_true(work > 0);
    assert_int_equal(sqlite3_exec(db, "DROP TABLE kept", NULL, NULL, NULL), SQLITE_AUTH);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* It is called while another program writes, and decides how long that is waited for. */
static void test_the_busy_handler_stays(void **state)
{
    struct ctx *ctx = *state;
    const char *dir = unit_tmpdir(ctx), *path = ctx_printf(ctx, "%s/busy handler.db", dir);
    sqlite3 *db = NULL, *other = NULL;
    int calls = 0;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    sqlite3_create_function(db, "shout", 1, SQLITE_UTF8, NULL, shout, NULL, NULL);
    sqlite3_busy_handler(db, count_busy, &calls);
    run(other, "BEGIN IMMEDIATE");
    struct cmig *cmig = open_with(db, 3);
    assert_int_equal(cmig_upgrade(cmig, "head"), CMIG_TRY_AGAIN);
    assert_int_equal(calls, 3);
    assert_non_null(strstr(cmig_error(cmig), "cannot lock database"));
    run(other, "COMMIT");
    assert_int_equal(cmig_upgrade(cmig, "head"), CMIG_OK);
    cmig_close(cmig);

    cmig = open_with(db, 4);
    assert_int_equal(cmig_upgrade(cmig, "head"), CMIG_CONFIG);
    assert_non_null(
        strstr(cmig_error(cmig), "PRAGMA busy_timeout would replace the busy handler of the program"));
    cmig_close(cmig);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
    unit_rmdir(ctx, dir);
}

static void test_a_handle_that_is_in_use(void **state)
{
    (void)state;
    sqlite3 *db = open_memory();
    sqlite3_stmt *stmt = NULL;
    struct cmig *cmig = open_with(db, 3);
    run(db, "CREATE TABLE t (a); BEGIN; INSERT INTO t VALUES (1)");
    assert_int_equal(cmig_upgrade(cmig, "head"), CMIG_USAGE);
    assert_string_equal(cmig_error(cmig),
        "cannot use the connection of the program\n  a transaction is open\n"
        "  hint: Commit or roll back the transaction first.");
    run(db, "COMMIT");
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT a FROM t", -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    assert_int_equal(cmig_current(cmig, NULL, NULL), CMIG_USAGE);
    assert_non_null(strstr(cmig_error(cmig), "a statement is running: SELECT a FROM t"));
    sqlite3_reset(stmt);
    assert_int_equal(cmig_upgrade(cmig, "head"), CMIG_OK);
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 1);
    sqlite3_finalize(stmt);
    cmig_close(cmig);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* After a failure nothing is left, neither of the revision nor in the session. */
static void test_a_failed_upgrade(void **state)
{
    (void)state;
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    run(db, "PRAGMA foreign_keys = ON");
    struct cmig *cmig = open_with(db, 3);
    assert_int_equal(cmig_upgrade(cmig, "head"), CMIG_FAILED);
    assert_non_null(strstr(cmig_error(cmig), "no such function: shout"));
    cmig_close(cmig);
    assert_int_equal(sqlite3_get_autocommit(db), 1);
    assert_int_equal(number(db, "PRAGMA foreign_keys"), 1);
    assert_int_equal(number(db, "PRAGMA recursive_triggers"), 0);
    assert_int_equal(number(db, "SELECT count(*) FROM sqlite_temp_schema"), 0);
    assert_int_equal(number(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'notes'"), 0);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_one_connection_only(void **state)
{
    (void)state;
    sqlite3 *db = open_memory();
    const struct cmig_options options = {.size = sizeof options, .url = "sqlite://", .sqlite = db};
    struct cmig *cmig;
    assert_int_equal(cmig_open(&cmig, &options), CMIG_USAGE);
    assert_string_equal(cmig_error(cmig), "only one of 'url', 'sqlite' and 'postgresql' can be set");
    cmig_close(cmig);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_upgrade_in_memory),
        ctx_test(test_everything_is_left_as_it_was),
        ctx_test(test_the_busy_handler_stays),
        ctx_test(test_a_handle_that_is_in_use),
        ctx_test(test_a_failed_upgrade),
        ctx_test(test_one_connection_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
