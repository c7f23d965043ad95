/* Tests of opening and locking SQLite files, and of errors. */
#include "unit.h"

#include "dialect/sqlite/conn.h"
#include "dialect/sqlite/sqlite.h"

#include <sys/stat.h>
#include <unistd.h>

static const struct version_table versions = {
    .name = {.name = "cmig_version"}, .history = {.name = "cmig_history"}, .column = "revision"};

static bool open_with(struct ctx *ctx, const char *path, struct open_options options, struct conn **ret)
{
    const struct url url = {.scheme = "sqlite", .rest = path, .dialect = &sqlite_dialect};
    return sqlite_dialect.open(ctx, &url, &options, ret);
}

static struct conn *open_file(struct ctx *ctx, const char *path)
{
    struct conn *conn = NULL;
    const struct open_options options = {.missing = MISSING_IS_MADE, .lock_timeout_ms = 50};
    assert_ok(ctx, open_with(ctx, path, options, &conn));
    return conn;
}

static void write_text(struct ctx *ctx, const char *path, const char *text)
{
    assert_ok(ctx, fs_write(ctx, path, text, strlen(text)));
}

static void add(struct ctx *ctx, struct statements *list, const char *sql)
{
    statement_add(ctx, list, sql, NULL);
}

static bool run(struct ctx *ctx, struct conn *conn, const char *sql)
{
    struct statements list = {0};
    add(ctx, &list, sql);
    if (sqlite_dialect.begin(conn) && sqlite_dialect.exec(conn, &list, true))
        return true;
    sqlite_dialect.rollback(conn);
    return false;
}

static void test_what_cannot_be_opened(void **state)
{
    struct ctx *ctx = *state;
    struct conn *conn = NULL;
    const char *dir = unit_tmpdir(ctx), *file = ctx_printf(ctx, "%s/x.db", dir);
    const struct open_options create = {.missing = MISSING_IS_MADE}, look = {0};

    assert_false(open_with(ctx, file, look, &conn));
    assert_error(ctx, STATUS_UNREACHABLE,
        ctx_printf(
            ctx, "cannot open database '%s': no such file\n  hint: Run 'cmig upgrade' to create it.", file));
    assert_false(open_with(ctx, dir, create, &conn));
    assert_error(
        ctx, STATUS_UNREACHABLE, ctx_printf(ctx, "cannot open database '%s': it is a directory", dir));
    assert_false(open_with(ctx, ctx_printf(ctx, "%s/no/x.db", dir), create, &conn));
    assert_error(ctx, STATUS_UNREACHABLE,
        ctx_printf(ctx, "cannot open database '%s/no/x.db': directory '%s/no' does not exist", dir, dir));
    write_text(ctx, file,
        "This is a letter, and by no means a database, though it is long enough to look like one.");
    assert_false(open_with(ctx, file, create, &conn));
    assert_error(ctx, STATUS_UNREACHABLE,
        ctx_printf(ctx,
            "cannot open database '%s'\n  sqlite 26: file is not a database\n"
            "  hint: The file is encrypted or belongs to another program.",
            file));
    assert_false(open_with(ctx, ctx_printf(ctx, "%s/y.db", file), create, &conn));
    assert_error(
        ctx, STATUS_UNREACHABLE, ctx_printf(ctx, "cannot open database '%s/y.db': not a directory", file));
    unit_rmdir(ctx, dir);
}

static void test_versions(void **state)
{
    struct ctx *ctx = *state;
    const char *dir = unit_tmpdir(ctx), *file = ctx_printf(ctx, "%s/x.db", dir);
    struct conn *conn = open_file(ctx, file);
    struct strings rows = {0};
    struct statements list = {0};
    struct history_rows history = {0};
    const struct version_move in = {.to = "b"}, move = {.from = "b", .to = "a"}, wrong = {.from = "zz"};
    const struct history_entry entry = {.revision = "a",
        .started = "2026-11-20T10:00:00Z",
        .parents = "",
        .direction = "upgrade",
        .user = "me",
        .version = "1",
        .text = "it's"};
    bool exists = true;

    assert_ok(ctx, sqlite_dialect.versions(conn, &versions, &rows, &exists));
    assert_false(exists);
    exists = true;
    assert_ok(ctx, sqlite_dialect.versions(conn, &versions, NULL, &exists));
    assert_false(exists);
    assert_ok(ctx, sqlite_dialect.history(conn, &versions, &(struct history_query){0}, &history));
    assert_int_equal(history.n, 0);
    assert_ok(ctx, sqlite_dialect.begin(conn));
    sqlite_dialect.version_create(ctx, &versions, &list);
    sqlite_dialect.version_move(ctx, &versions, &in, &list);
    sqlite_dialect.version_move(ctx, &versions, &move, &list);
    sqlite_dialect.history_add(ctx, &versions, &entry, &list);
    assert_ok(ctx, sqlite_dialect.exec(conn, &list, true));
    assert_ok(ctx, sqlite_dialect.versions(conn, &versions, &rows, &exists));
    assert_true(exists);
    assert_int_equal(rows.n, 1);
    assert_string_equal(rows.v[0], "a");
    exists = false;
    assert_ok(ctx, sqlite_dialect.versions(conn, &versions, NULL, &exists));
    assert_true(exists);
    assert_ok(
        ctx, sqlite_dialect.history(conn, &versions, &(struct history_query){.revision = "a"}, &history));
    assert_int_equal(history.n, 1);
    assert_string_equal(history.v[0]->text, "it's");
    assert_string_equal(history.v[0]->started, "2026-11-20T10:00:00Z");
    assert_non_null(history.v[0]->duration_ms);
    assert_false(history.v[0]->modified);
    assert_ok(ctx, sqlite_dialect.history(conn, &versions,
                       &(struct history_query){.id = 1, .limit = 1, .without_text = true}, &history));
    assert_int_equal(history.n, 1);
    assert_null(history.v[0]->text);
    assert_ok(ctx, sqlite_dialect.history(conn, &versions, &(struct history_query){.id = 2}, &history));
    assert_int_equal(history.n, 0);

    list = (struct statements){0};
    sqlite_dialect.version_move(ctx, &versions, &wrong, &list);
    assert_ok(ctx, sqlite_dialect.begin(conn));
    assert_false(sqlite_dialect.exec(conn, &list, true));
    sqlite_dialect.rollback(conn);
    assert_error(ctx, STATUS_FAILED,
        "the statement changed 0 rows, not 1\n  in: DELETE FROM cmig_version WHERE revision = 'zz'");
    sqlite_dialect.close(conn);
    unit_rmdir(ctx, dir);
}

static void test_lock(void **state)
{
    struct ctx *ctx = *state;
    const char *dir = unit_tmpdir(ctx), *file = ctx_printf(ctx, "%s/x.db", dir);
    struct conn *one = open_file(ctx, file), *two = open_file(ctx, file);

    assert_ok(ctx, sqlite_dialect.lock(one, &versions, 50));
    assert_ok(ctx, sqlite_dialect.begin(one));
    assert_false(sqlite_dialect.begin(two));
    assert_error(ctx, STATUS_TRY_AGAIN,
        ctx_printf(ctx,
            "cannot lock database '%s'\n  sqlite 5: database is locked\n"
            "  hint: Another program is writing to the database; try again when it is done.",
            file));
    sqlite_dialect.rollback(one);
    sqlite_dialect.unlock(one);
    assert_ok(ctx, sqlite_dialect.begin(two));
    sqlite_dialect.rollback(two);
    sqlite_dialect.close(one);
    sqlite_dialect.close(two);
    unit_rmdir(ctx, dir);
}

/* Another connection may have made the table since this one read the schema. */
static void test_versions_of_another(void **state)
{
    struct ctx *ctx = *state;
    const char *dir = unit_tmpdir(ctx), *file = ctx_printf(ctx, "%s/x.db", dir);
    struct conn *one = open_file(ctx, file), *two = open_file(ctx, file);
    const struct version_move in = {.to = "a"};
    struct statements list = {0};
    struct strings rows = {0};
    bool exists = true;

    assert_ok(ctx, sqlite_dialect.versions(two, &versions, &rows, &exists));
    assert_false(exists);
    sqlite_dialect.version_create(ctx, &versions, &list);
    sqlite_dialect.version_move(ctx, &versions, &in, &list);
    assert_ok(ctx, sqlite_dialect.begin(one));
    assert_ok(ctx, sqlite_dialect.exec(one, &list, true));
    assert_ok(ctx, sqlite_dialect.begin(two));
    assert_ok(ctx, sqlite_dialect.versions(two, &versions, &rows, &exists));
    assert_true(exists);
    assert_string_equal(rows.v[0], "a");
    sqlite_dialect.rollback(two);
    sqlite_dialect.close(one);
    sqlite_dialect.close(two);
    unit_rmdir(ctx, dir);
}

static void test_foreign_keys_are_off(void **state)
{
    struct ctx *ctx = *state;
    const char *dir = unit_tmpdir(ctx), *file = ctx_printf(ctx, "%s/x.db", dir), *on;
    struct conn *conn = open_file(ctx, file);

    assert_ok(ctx, sqlite_run(sqlite_conn(conn), "PRAGMA foreign_keys = ON"));
    assert_ok(ctx, sqlite_dialect.begin(conn));
    assert_ok(ctx, sqlite_query(sqlite_conn(conn), "PRAGMA foreign_keys", &on));
    assert_string_equal(on, "0");
    sqlite_dialect.rollback(conn);
    sqlite_dialect.close(conn);
    unit_rmdir(ctx, dir);
}

static void test_trouble_on_the_way(void **state)
{
    struct ctx *ctx = *state;
    const char *dir = unit_tmpdir(ctx), *file = ctx_printf(ctx, "%s/x.db", dir), *rows;
    struct conn *conn = open_file(ctx, file), *reader = NULL;
    const struct open_options options = {.read_only = true};

    assert_ok(ctx, run(ctx, conn, "CREATE TABLE t (a)"));
    assert_ok(ctx, open_with(ctx, file, options, &reader));
    assert_false(sqlite_dialect.lock(reader, &versions, 50));
    assert_error(ctx, STATUS_FAILED,
        ctx_printf(ctx,
            "cannot change database '%s': it is read-only\n"
            "  hint: Make the file and its directory writable.",
            file));
    sqlite_dialect.close(reader);

    assert_ok(ctx, sqlite_run(sqlite_conn(conn), "PRAGMA max_page_count = 3"));
    assert_false(run(ctx, conn, "INSERT INTO t VALUES (zeroblob(100000))"));
    assert_error(ctx, STATUS_FAILED,
        "sqlite 13: database or disk is full\n  in: INSERT INTO t VALUES (zeroblob(100000))\n"
        "  hint: The disk is full. Make room and run the command again.");
    assert_ok(ctx, sqlite_query(sqlite_conn(conn), "SELECT count(*) FROM t", &rows));
    assert_string_equal(rows, "0");

    assert_int_equal(unlink(file), 0);
    assert_false(run(ctx, conn, "CREATE TABLE u (a)"));
    assert_error(
        ctx, STATUS_FAILED, ctx_printf(ctx, "database file '%s' was deleted or moved in the meantime", file));
    sqlite_dialect.close(conn);
    unit_rmdir(ctx, dir);
}

static void test_interruption(void **state)
{
    struct ctx *ctx = *state;
    const char *dir = unit_tmpdir(ctx);
    struct conn *conn = open_file(ctx, ctx_printf(ctx, "%s/x.db", dir));
    struct statements list = {0};
    volatile sig_atomic_t signal = 0;

    ctx->interrupt = &signal;
    add(ctx, &list, "CREATE TABLE t (a)");
    assert_ok(ctx, sqlite_dialect.begin(conn));
    assert_ok(ctx, sqlite_dialect.exec(conn, &list, false));
    signal = SIGINT;
    assert_false(sqlite_run(sqlite_conn(conn),
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"));
    assert_int_equal(ctx->err.status, STATUS_INTERRUPTED);
    err_clear(ctx);
    sqlite_dialect.rollback(conn);
    signal = 0;
    assert_true(sqlite3_get_autocommit(sqlite_conn(conn)->db));
    assert_ok(ctx, run(ctx, conn, "CREATE TABLE t (a)"));
    sqlite_dialect.close(conn);
    unit_rmdir(ctx, dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_what_cannot_be_opened),
        ctx_test(test_versions),
        ctx_test(test_versions_of_another),
        ctx_test(test_lock),
        ctx_test(test_foreign_keys_are_off),
        ctx_test(test_trouble_on_the_way),
        ctx_test(test_interruption),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
