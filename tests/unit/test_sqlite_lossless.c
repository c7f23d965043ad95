/* Tests that operations keep everything that sqlite_schema lists, or are rejected. */
#include "unit.h"

#include "dialect/sqlite/conn.h"
#include "dialect/sqlite/sqlite.h"

#include <stdlib.h>
#include <unistd.h>

/* ---- a database of an application that has functions, collations and modules of its own ------------------ */

static void fold(sqlite3_context *call, ATTR_UNUSED int n, sqlite3_value **v)
{
    sqlite3_result_value(call, v[0]);
}

static void matches(sqlite3_context *call, ATTR_UNUSED int n, ATTR_UNUSED sqlite3_value **v)
{
    sqlite3_result_int(call, 1);
}

static int order(ATTR_UNUSED void *user, int n, const void *a, int m, const void *b)
{
    int by = memcmp(a, b, (size_t)(n < m ? n : m));
    return by ? by : n - m;
}

static void run(sqlite3 *db, const char *sql)
{
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
}

/* The file is written by a connection with these functions, and read by one without them. */
static struct conn *open_with(struct ctx *ctx, const char *sql)
{
    const char *path =
        ctx_printf(ctx, "%s/lossless-%ld.db", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", (long)getpid());
    const struct url url = {.text = "sqlite:", .scheme = "sqlite", .rest = path, .dialect = &sqlite_dialect};
    const struct open_options options = {.missing = MISSING_IS_MADE};
    struct conn *conn = NULL;
    sqlite3 *db = NULL;
    unlink(path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_create_function(db, "fold", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, fold, NULL, NULL);
    sqlite3_create_function(db, "REGEXP", 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, matches, NULL, NULL);
    sqlite3_create_collation(db, "de", SQLITE_UTF8, NULL, order);
    run(db, sql);
    sqlite3_close(db);
    assert_ok(ctx, sqlite_dialect.open(ctx, &url, &options, &conn));
    return conn;
}

static void close_file(struct conn *conn)
{
    const char *path = sqlite_conn(conn)->path;
    sqlite_dialect.close(conn);
    unlink(path);
}

static bool apply(struct ctx *ctx, struct conn *conn, const char *yaml)
{
    struct node *n;
    struct decoder d = {.ctx = ctx, .what = "revision"};
    struct ops ops = {0};
    struct statements list = {0};
    struct state state = {.dialect = &sqlite_dialect, .conn = conn};
    assert_ok(ctx, yaml_parse(ctx, &ctx->arena, "r.yaml", yaml, strlen(yaml), &n));
    assert_ok(ctx, ops_decode(&d, n, &(struct strings){0}, &ops));
    assert_ok(ctx, sqlite_dialect.begin(conn));
    if (sqlite_dialect.render(ctx, &state, &ops, &list) && sqlite_dialect.exec(conn, &list, true))
        return true;
    sqlite_dialect.rollback(conn);
    return false;
}

/* Rows as a|b, a line each. */
static const char *query(struct ctx *ctx, struct conn *conn, const char *sql)
{
    struct str out = STR(ctx);
    STMT stmt = NULL;
    bool row;
    assert_ok(ctx, sqlite_prepare(sqlite_conn(conn), sql, &stmt));
    for (;;) {
        assert_ok(ctx, sqlite_step(sqlite_conn(conn), stmt, &row));
        if (!row)
            return ctx_strdup(ctx, str_get(&out));
        if (out.n)
            str_addc(&out, '\n');
        for (int i = 0; i < sqlite3_column_count(stmt); i++) {
            const char *text = sqlite_text(sqlite_conn(conn), stmt, i);
            str_addf(&out, "%s%s", i ? "|" : "", text ? text : "NULL");
        }
    }
}

/* ---- what is refused, and why --------------------------------------------------------------------------- */

#define TABLE \
    "CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT, z TEXT); INSERT INTO t VALUES (1, 'a', '1'), (2, 'b', " \
    "'2');"
#define PAIR "CREATE TABLE t (a INT, b INT); INSERT INTO t VALUES (1, 2)"
#define INDEXED TABLE "CREATE UNIQUE INDEX ux ON t (fold(n));"
#define PARTIAL TABLE "CREATE INDEX px ON t (z) WHERE fold(n) = 'a';"
#define CHECKED \
    "CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT CHECK (n REGEXP '^a'), z TEXT); INSERT INTO t VALUES " \
    "(1, 'a', '1');"
#define GENERATED \
    "CREATE TABLE t (n TEXT, g TEXT AS (fold(n)) STORED, z TEXT); INSERT INTO t (n, z) VALUES ('a', '1');"
#define SORTED \
    "CREATE TABLE t (n TEXT COLLATE de, z TEXT); CREATE INDEX i ON t (n); INSERT INTO t VALUES ('a', '1'), " \
    "('b', '2');"
#define FULL_TEXT(module, options) \
    "CREATE TABLE doc (id INTEGER PRIMARY KEY, title TEXT, old TEXT); INSERT INTO doc VALUES (1, 'hi', " \
    "'x');" \
    "CREATE VIRTUAL TABLE f USING " module "(" options "); INSERT INTO f (f) VALUES ('rebuild');"
#define FTS5 FULL_TEXT("fts5", "title, content='doc', content_rowid='id'")
#define FTS4 FULL_TEXT("fts4", "title, content=\"doc\"")
#define NO_MODULE \
    TABLE "CREATE VIRTUAL TABLE f USING fts5(n); CREATE TRIGGER tr AFTER INSERT ON t BEGIN INSERT INTO f " \
          "(n) VALUES " \
          "(new.n); END; PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = 'CREATE VIRTUAL TABLE " \
          "f USING " \
          "other(n)' WHERE name = 'f';"

static void test_refusals(void **state)
{
    static const struct {
        const char *sql, *yaml, *error;
    } cases[] = {
        {INDEXED, "[alter_column: {table: t, name: z, type: integer}]",
            "its index 'ux' calls function 'fold'"},
        {INDEXED, "[drop_column: {table: t, name: z}, create_unique_constraint: {table: t, columns: [n]}]",
            "its index 'ux' calls function 'fold'"},
        {PARTIAL, "[alter_column: {table: t, name: z, type: integer}]",
            "its index 'px' calls function 'fold'"},
        {CHECKED, "[alter_column: {table: t, name: z, type: integer}]",
            "its definition calls function 'REGEXP'"},
        {CHECKED, "[create_check_constraint: {table: t, name: k, sql: z REGEXP '1'}]",
            "the new check z REGEXP '1' calls function 'REGEXP'"},
        {GENERATED, "[alter_column: {table: t, name: z, type: integer}]",
            "its definition calls function 'fold'"},
        {SORTED, "[alter_column: {table: t, name: z, type: integer}]",
            "its index 'i' is ordered by collation 'de'"},
        {FTS5, "[rename_column: {table: doc, name: title, new_name: heading}]",
            "virtual table 'f' would no longer work: no such column: T.title"},
        {FTS5, "[drop_column: {table: doc, name: title}]",
            "virtual table 'f' would no longer work: no such column: T.title"},
        {FTS5, "[alter_column: {table: doc, name: title, type: integer, new_name: heading}]",
            "virtual table 'f' would no longer work: no such column: T.title"},
        {FTS5, "[rename_table: {name: doc, new_name: document}]",
            "virtual table 'f' would no longer work: no such table: main.doc"},
        {FTS5, "[drop_table: doc]", "virtual table 'f' would no longer work: no such table: main.doc"},
        {FTS4, "[rename_column: {table: doc, name: title, new_name: heading}]",
            "virtual table 'f' would no longer work: "},
        {FTS4, "[rename_table: {name: doc, new_name: document}]", "virtual table 'f' would no longer work: "},
        {NO_MODULE, "[rename_table: {name: t, new_name: u}]",
            "virtual table 'f' needs module 'other', which SQLite"},
        {NO_MODULE, "[rename_column: {table: t, name: z, new_name: y}]",
            "virtual table 'f' needs module 'other', which SQLite"},
        {PAIR,
            "[drop_column: {table: t, name: b}, alter_column: {table: t, name: a, type: text, using: b + 1}]",
            "'using' cannot be evaluated: no such column: b"},
        {INDEXED, "[alter_column: {table: t, name: z, type: text, using: fold(z)}]",
            "'using' cannot be evaluated: no such function: fold"},
    };
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct conn *conn = open_with(ctx, cases[i].sql);
        const char *before = query(ctx, conn, "SELECT * FROM sqlite_schema");
        if (apply(ctx, conn, cases[i].yaml))
            fail_msg("not refused: %s", cases[i].yaml);
        if (!strstr(err_text(ctx), cases[i].error))
            fail_msg("%s: %s", cases[i].yaml, err_text(ctx));
        err_clear(ctx);
        assert_string_equal(query(ctx, conn, "SELECT * FROM sqlite_schema"), before);
        close_file(conn);
    }
}

/* ---- what stays ---------------------------------------------------------------------------------------- */

#define STATISTICS "SELECT * FROM sqlite_stat1 ORDER BY 1, 2"

static void test_what_stays(void **state)
{
    static const struct {
        const char *sql, *yaml, *query, *result;
    } cases[] = {
        /* functions: what copies no row needs none */
        {INDEXED, "[alter_column: {table: t, name: z, nullable: false}]",
            "SELECT sql FROM sqlite_schema WHERE name IN ('ux', 't')",
            "CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT, z TEXT NOT NULL)\nCREATE UNIQUE INDEX ux ON t "
            "(fold(n))"},
        {CHECKED, "[alter_column: {table: t, name: z, default: x}]",
            "SELECT sql FROM sqlite_schema WHERE name = 't'",
            "CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT CHECK (n REGEXP '^a'), z TEXT DEFAULT 'x')"},
        {INDEXED, "[rename_index: {table: t, name: ux, new_name: uy}]",
            "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'index'",
            "uy|t|CREATE UNIQUE INDEX uy ON t (fold(n))"},
        {INDEXED, "[rename_column: {table: t, name: n, new_name: m}, rename_table: {name: t, new_name: u}]",
            "SELECT sql FROM sqlite_schema WHERE type = 'index'",
            "CREATE UNIQUE INDEX ux ON \"u\" (fold(m))"},
        {INDEXED, "[drop_index: {table: t, name: ux}, alter_column: {table: t, name: z, type: integer}]",
            "SELECT count(*) FROM sqlite_schema", "1"},
        {SORTED, "[alter_column: {table: t, name: z, nullable: false}]", "SELECT count(*) FROM sqlite_schema",
            "2"},
        {NO_MODULE, "[alter_column: {table: t, name: z, type: integer}]",
            "SELECT count(*) FROM sqlite_schema WHERE name IN ('t', 'f', 'tr')", "3"},
        /* full text */
        {FTS5, "[alter_column: {table: doc, name: old, type: integer}]",
            "SELECT title FROM f WHERE f MATCH 'hi'", "hi"},
        {FTS5, "[rename_column: {table: doc, name: old, new_name: new}]",
            "SELECT title FROM f WHERE f MATCH 'hi'", "hi"},
        {FTS5,
            "[execute: DROP TABLE f, rename_column: {table: doc, name: title, new_name: heading}, execute: "
            "\"CREATE "
            "VIRTUAL TABLE f USING fts5(heading, content='doc', content_rowid='id'); INSERT INTO f (f) "
            "VALUES "
            "('rebuild')\"]",
            "SELECT heading FROM f WHERE f MATCH 'hi'", "hi"},
        /* collations of keys */
        {"CREATE TABLE t (a TEXT COLLATE NOCASE, b TEXT, UNIQUE (a COLLATE BINARY)); INSERT INTO t VALUES "
         "('A', '1'), "
         "('a', '2')",
            "[alter_column: {table: t, name: b, type: integer}]",
            "SELECT sql FROM sqlite_schema WHERE name = 't'",
            "CREATE TABLE t (a TEXT COLLATE NOCASE, b INTEGER, UNIQUE (a COLLATE BINARY))"},
        {"CREATE TABLE t (a TEXT COLLATE RTRIM, b TEXT, PRIMARY KEY (b COLLATE nocase, a COLLATE BINARY "
         "DESC)) WITHOUT "
         "ROWID",
            "[drop_constraint: {table: t, type: primary_key}, create_primary_key: {table: t, columns: [a, "
            "b], sqlite: "
            "{collate: \"binary, nocase\"}}]",
            "SELECT sql FROM sqlite_schema WHERE name = 't'",
            "CREATE TABLE t (a TEXT COLLATE RTRIM, b TEXT, PRIMARY KEY (a COLLATE binary, b COLLATE nocase)) "
            "WITHOUT "
            "ROWID"},
        /* statistics */
        {TABLE "CREATE INDEX i ON t (n); CREATE INDEX k ON t (z); ANALYZE",
            "[alter_column: {table: t, name: z, type: integer}]", STATISTICS, "t|i|2 1\nt|k|2 1"},
        {TABLE "CREATE INDEX i ON t (n); CREATE INDEX k ON t (z); ANALYZE",
            "[drop_column: {table: t, name: z}, "
            "create_unique_constraint: {table: t, columns: [n]}]",
            STATISTICS, "t|i|2 1"},
        {TABLE "CREATE INDEX i ON t (n); ANALYZE",
            "[rename_index: {table: t, name: i, new_name: j}, rename_table: {name: t, new_name: u}]",
            STATISTICS, "u|j|2 1"},
        {"CREATE TABLE t (a TEXT UNIQUE, b TEXT); INSERT INTO t VALUES (1, 2), (2, 3); ANALYZE",
            "[rename_table: {name: t, new_name: u}, alter_column: {table: u, name: b, type: integer}]",
            STATISTICS, "u|sqlite_autoindex_u_1|2 1"},
        {"CREATE TABLE t (a TEXT PRIMARY KEY, b TEXT) WITHOUT ROWID; INSERT INTO t VALUES (1, 2), (2, 3); "
         "ANALYZE",
            "[alter_column: {table: t, name: b, type: integer}, rename_table: {name: t, new_name: u}]",
            STATISTICS, "u|u|2 1"},
        {TABLE "CREATE INDEX i ON t (n)",
            "[execute: ANALYZE, alter_column: {table: t, name: z, type: integer}]", STATISTICS, "t|i|2 1"},
        /* several operations on one table: each reads the rows that those before it left */
        {PAIR,
            "[add_column: {table: t, name: c, type: integer, default: 3}, alter_column: {table: t, name: c, "
            "type: "
            "bigint, using: c * 2}]",
            "SELECT * FROM t", "1|2|6"},
        {PAIR,
            "[add_column: {table: t, name: c, type: integer, default: 7}, alter_column: {table: t, name: c, "
            "default: null}]",
            "SELECT * FROM t", "1|2|7"},
        {PAIR,
            "[alter_column: {table: t, name: a, type: bigint, using: a * 2}, alter_column: {table: t, name: "
            "b, "
            "type: text, using: a || b}, drop_column: {table: t, name: a}]",
            "SELECT * FROM t", "22"},
        {PAIR,
            "[alter_column: {table: t, name: a, type: bigint, using: a * 2}, alter_column: {table: t, name: "
            "a, "
            "type: text, using: a + 1}]",
            "SELECT * FROM t", "3|2"},
        {PAIR,
            "[rename_column: {table: t, name: a, new_name: z}, alter_column: {table: t, name: z, type: text, "
            "using: z || b}]",
            "SELECT * FROM t", "12|2"},
        {PAIR,
            "[add_column: {table: t, name: g, type: integer, generated: {sql: a + 1, stored: true}}, "
            "execute: "
            "UPDATE t SET a = 5, alter_column: {table: t, name: b, type: integer, using: g * 10}]",
            "SELECT * FROM t", "5|60|6"},
        {"CREATE TABLE t (m TEXT); INSERT INTO t VALUES ('X')",
            "[alter_column: {table: t, name: m, type: text, using: lower(m)}, alter_enum: {name: e, values: "
            "[y], "
            "columns: [t.m], rename: {x: y}}]",
            "SELECT * FROM t", "y"},
        /* comments outside of tables */
        {TABLE "CREATE INDEX i ON t (n /* name */) -- why\n WHERE z > 1",
            "[alter_column: {table: t, name: z, type: integer}, rename_index: {table: t, name: i, new_name: "
            "j}]",
            "SELECT sql FROM sqlite_schema WHERE type = 'index'",
            "CREATE INDEX j ON t (n /* name */) -- why\n WHERE z > 1"},
        {TABLE "CREATE VIEW v AS SELECT n /* the name */ FROM t -- all",
            "[rename_view: {name: v, new_name: w}]", "SELECT sql FROM sqlite_schema WHERE type = 'view'",
            "CREATE VIEW w AS SELECT n /* the name */ FROM t -- all"},
    };
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct conn *conn = open_with(ctx, cases[i].sql);
        if (!apply(ctx, conn, cases[i].yaml))
            fail_msg("%s: %s", cases[i].yaml, err_text(ctx));
        if (!str_eq(query(ctx, conn, cases[i].query), cases[i].result))
            fail_msg(
                "%s:\n%s\ninstead of\n%s", cases[i].yaml, query(ctx, conn, cases[i].query), cases[i].result);
        close_file(conn);
    }
}

/* ---- everything at once --------------------------------------------------------------------------------- */

static const char torture[] =
    "CREATE TABLE \"odd table\" ( -- of everything, really\n"
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, -- it's the key\n"
    "  [a b] VarChar( 20 ) /* (DC2Type:json) */ CONSTRAINT nn NOT NULL ON CONFLICT FAIL DEFAULT 'x, y',\n"
    "  amount NUMERIC(10,2) DEFAULT (1 + 2) CHECK (amount > 0), -- \"money\"\n"
    "  état TEXT DEFAULT 'abc' COLLATE NOCASE,\n"
    "  p \"my type\" REFERENCES parent ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,\n"
    "  g INTEGER GENERATED ALWAYS AS (id + 1) VIRTUAL,\n"
    "  gs TEXT AS (upper([a b])) STORED\n"
    "  -- to go\n"
    "  , old TEXT,\n"
    "  CONSTRAINT u UNIQUE (p, état COLLATE BINARY DESC) ON CONFLICT IGNORE /* key */\n"
    ");"
    "CREATE TABLE parent (id INTEGER PRIMARY KEY, b TEXT) STRICT;"
    "CREATE TABLE child (id INTEGER PRIMARY KEY, o INTEGER REFERENCES \"odd table\" ON DELETE CASCADE);"
    "CREATE TABLE log (id INTEGER PRIMARY KEY, msg TEXT);"
    "CREATE INDEX ix ON \"odd table\" (lower([a b]) /* folded */ DESC, p) WHERE état IS NOT NULL;"
    "CREATE UNIQUE INDEX \"i x\" ON \"odd table\" (\"a b\" COLLATE NOCASE);"
    "CREATE VIRTUAL TABLE f USING fts5([a b], content='odd table', content_rowid='id');"
    "CREATE TRIGGER tr AFTER INSERT ON \"odd table\" -- keeps f\n"
    " BEGIN INSERT INTO f (rowid, \"a b\") VALUES (new.id, new.[a b]); END;"
    "CREATE VIEW v AS SELECT id, \"a b\" /* both */ FROM \"odd table\";"
    "CREATE TRIGGER vt INSTEAD OF INSERT ON v BEGIN INSERT INTO log (msg) VALUES (new.id); END;"
    "INSERT INTO parent VALUES (1, 'one');"
    "INSERT INTO \"odd table\" (\"a b\", p) VALUES ('r1', 1), ('r2', NULL), ('r3', NULL);"
    "INSERT INTO child VALUES (1, 1), (2, 2); DELETE FROM child WHERE o = 3; DELETE FROM \"odd table\" WHERE "
    "id = 3;"
    "ANALYZE;";

/* The database afterwards, but for the table's own text. */
#define OTHERS \
    "SELECT type, name, tbl_name, CASE name WHEN 'odd table' THEN '' ELSE sql END FROM sqlite_schema WHERE " \
    "name NOT IN " \
    "('sqlite_autoindex_odd table_2', 'new') ORDER BY 1, 2"
#define ROWS \
    "SELECT id, [a b], amount, état, p, g, gs FROM \"odd table\" UNION ALL SELECT name, seq, '', '', '', " \
    "'', '' FROM " \
    "sqlite_sequence UNION ALL SELECT count(*), '', '', '', '', '', '' FROM child UNION ALL SELECT tbl, " \
    "idx, stat, '', " \
    "'', '', '' FROM sqlite_stat1 WHERE tbl = 'odd table'"

static void test_torture(void **state)
{
    static const struct {
        const char *yaml;
        const char *gone, *come; /* what the table's text says before and afterwards; NULL: it stays */
    } cases[] = {
        {"alter_column: {table: odd table, name: old, type: integer}", ", old TEXT,", ", old INTEGER,"},
        {"alter_column: {table: odd table, name: old, nullable: true, default: n}", ", old TEXT,",
            ", old TEXT DEFAULT 'n',"},
        {"alter_column: {table: odd table, name: old, collation: RTRIM}", ", old TEXT,",
            ", old TEXT COLLATE RTRIM,"},
        {"drop_column: {table: odd table, name: old}", "\n  -- to go\n  , old TEXT,", "\n  -- to go\n  ,"},
        {"add_column: {table: odd table, name: n, type: timestamptz, default: {func: now}}", ", old TEXT,\n",
            ", old TEXT,\n  n DATETIME DEFAULT CURRENT_TIMESTAMP,\n"},
        {"create_unique_constraint: {table: odd table, name: u2, columns: [old]}", " /* key */\n",
            ", /* key */\n  CONSTRAINT u2 UNIQUE (old)\n"},
        {"create_check_constraint: {table: odd table, name: c2, sql: id > 0}", " /* key */\n",
            ", /* key */\n  CONSTRAINT c2 CHECK (id > 0)\n"},
        {"create_foreign_key: {table: odd table, name: fk, columns: [old], references: parent.id}",
            " /* key */\n", ", /* key */\n  CONSTRAINT fk FOREIGN KEY (old) REFERENCES parent (id)\n"},
        {"drop_constraint: {table: odd table, type: check, sql: amount > 0}", " CHECK (amount > 0),", ","},
        {"drop_constraint: {table: odd table, type: foreign_key, columns: [p]}",
            " REFERENCES parent ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED", ""},
        {"rename_constraint: {table: odd table, name: u, new_name: w}",
            "CONSTRAINT u UNIQUE (p, état COLLATE", "CONSTRAINT w UNIQUE (p, \"état\" COLLATE"},
        {"create_index: {table: odd table, name: new, columns: [old]}", NULL, NULL},
    };
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct conn *conn = open_with(ctx, torture);
        const char *others = query(ctx, conn, OTHERS), *rows = query(ctx, conn, ROWS);
        const char *text = query(ctx, conn, "SELECT sql FROM sqlite_schema WHERE name = 'odd table'");
        const char *at = cases[i].gone ? strstr(text, cases[i].gone) : NULL;
        const char *wanted = !cases[i].gone ? text
                                            : ctx_printf(ctx, "%.*s%s%s", (int)(at - text), text,
                                                  cases[i].come, at + strlen(cases[i].gone));
        if (!apply(ctx, conn, ctx_printf(ctx, "- %s\n", cases[i].yaml)))
            fail_msg("%s: %s", cases[i].yaml, err_text(ctx));
        assert_string_equal(
            query(ctx, conn, "SELECT sql FROM sqlite_schema WHERE name = 'odd table'"), wanted);
        assert_string_equal(query(ctx, conn, OTHERS), others);
        assert_string_equal(query(ctx, conn, ROWS), rows);
        assert_string_equal(query(ctx, conn, "PRAGMA integrity_check"), "ok");
        close_file(conn);
    }
}

/* ---- the file of another SQLite -------------------------------------------------------------------------- */

static void test_definition_of_a_newer_version(void **state)
{
    struct ctx *ctx = *state;
    struct conn *conn =
        open_with(ctx, "CREATE TABLE t (a); PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql "
                       "= 'CREATE TABLE t (a, CHECK (json_valid(a, 8, 9)))'");
    const struct scope everything = {0};
    struct schema schema;
    assert_false(sqlite_reflect(conn, &everything, &schema));
    assert_non_null(
        strstr(err_text(ctx), ctx_printf(ctx, "SQLite %s cannot read this database; version %s wrote it last",
                                  sqlite3_libversion(), sqlite3_libversion())));
    assert_null(strstr(err_text(ctx), "damaged"));
    err_clear(ctx);
    close_file(conn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_refusals),
        ctx_test(test_what_stays),
        ctx_test(test_torture),
        ctx_test(test_definition_of_a_newer_version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
