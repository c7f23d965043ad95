/* Tests of PRAGMAs that change nothing, and of statements that cannot run in a transaction. */
#include "unit.h"

#include "dialect/sqlite/conn.h"
#include "dialect/sqlite/sqlite.h"

#define OUTSIDE "`transaction: false`"

static const struct {
    const char *script;
    bool in_transaction;
    const char *error, *hint; /* NULL: it runs */
} cases[] = {
    {"PRAGMA journal_mode = WAL; CREATE TABLE t (a)", true,
        "PRAGMA journal_mode did nothing: it is 'memory', not 'WAL'", OUTSIDE},
    {"PRAGMA journal_mode = WAL", false, "PRAGMA journal_mode did nothing: it is 'memory', not 'WAL'", ""},
    {"PRAGMA main.journal_mode('memory')", true, NULL, NULL},
    {"PRAGMA journal_mode", true, NULL, NULL},
    {"PRAGMA page_size = 8192", true, "PRAGMA page_size did nothing: it is '4096', not '8192'", OUTSIDE},
    {"PRAGMA page_size = 4096; PRAGMA auto_vacuum = 0; PRAGMA auto_vacuum = None", true, NULL, NULL},
    {"PRAGMA page_size = 8192; VACUUM", false, NULL, NULL},
    {"PRAGMA auto_vacuum = FULL", true, "PRAGMA auto_vacuum did nothing: it is '0', not 'FULL'", OUTSIDE},
    {"PRAGMA encoding = 'UTF-16'", true, "PRAGMA encoding did nothing: it is 'UTF-8', not 'UTF-16'",
        "first content"},
    {"PRAGMA encoding = UTF8", true, NULL, NULL},
    {"/* on */ PRAGMA foreign_keys = yes; DELETE FROM t", true,
        "PRAGMA foreign_keys did nothing: it is '0', not 'yes'", OUTSIDE},
    {"PRAGMA foreign_keys = OFF; DROP TABLE t; PRAGMA foreign_keys = ON; PRAGMA user_version = 3 -- done",
        true, NULL, NULL},
    {"PRAGMA foreign_keys = ON; DELETE FROM t", false, NULL, NULL},
    {"PRAGMA synchronous = OFF", true, "sqlite 1: Safety level may not be changed inside a transaction",
        OUTSIDE},
    {"VACUUM", true, "sqlite 1: cannot VACUUM from within a transaction", OUTSIDE},
    {"SELECT absent", true, "sqlite 1: no such column: absent", ""},
};

static struct conn *open_memory(struct ctx *ctx)
{
    const struct url url = {.text = "sqlite://", .scheme = "sqlite", .rest = "", .dialect = &sqlite_dialect};
    const struct open_options options = {.missing = MISSING_IS_MADE};
    struct conn *conn = NULL;
    assert_ok(ctx, sqlite_dialect.open(ctx, &url, &options, &conn));
    assert_ok(ctx, sqlite_run(sqlite_conn(conn), "CREATE TABLE t (a)"));
    return conn;
}

static void test_settings(void **state)
{
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct conn *conn = open_memory(ctx);
        struct statements list = {0};
        statement_add(ctx, &list, cases[i].script, NULL)->flags |= STATEMENT_SCRIPT;
        if (cases[i].in_transaction)
            assert_ok(ctx, sqlite_dialect.begin(conn));
        bool ok = sqlite_dialect.exec(conn, &list, cases[i].in_transaction);
        const char *text = err_text(ctx);
        if (ok != !cases[i].error)
            fail_msg("%s: %s", cases[i].script, ok ? "no error" : text);
        if (!ok && (!str_starts(text, cases[i].error) || !strstr(text, cases[i].hint)))
            fail_msg("%s: %s", cases[i].script, text);
        if (!ok && !*cases[i].hint && strstr(text, "hint"))
            fail_msg("%s: a hint: %s", cases[i].script, text);
        err_clear(ctx);
        sqlite_dialect.rollback(conn);
        sqlite_dialect.close(conn);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_settings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
