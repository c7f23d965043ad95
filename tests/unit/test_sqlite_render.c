/* Tests of operations on an SQLite database, with its rows. */
#include "diff_unit.h"

#include "dialect/sqlite/conn.h"
#include "dialect/sqlite/sqlite.h"

static struct conn *open_memory(struct ctx *ctx)
{
    const struct url url = {.text = "sqlite://", .scheme = "sqlite", .rest = "", .dialect = &sqlite_dialect};
    const struct open_options options = {.missing = MISSING_IS_MADE};
    struct conn *conn = NULL;
    assert_ok(ctx, sqlite_dialect.open(ctx, &url, &options, &conn));
    return conn;
}

static void decode(struct ctx *ctx, const char *yaml, struct ops *ret)
{
    struct node *n;
    struct decoder d = {.ctx = ctx, .what = "revision"};
    assert_ok(ctx, yaml_parse(ctx, &ctx->arena, "r.yaml", yaml, strlen(yaml), &n));
    assert_ok(ctx, ops_decode(&d, n, &(struct strings){0}, ret));
}

/* Renders and runs; statements are counted by how they begin. */
static bool apply(struct ctx *ctx, struct conn *conn, const char *yaml, struct statements *ret)
{
    struct ops ops = {0};
    struct state state = {.dialect = &sqlite_dialect, .conn = conn};
    decode(ctx, yaml, &ops);
    assert_ok(ctx, sqlite_dialect.begin(conn));
    *ret = (struct statements){0};
    if (sqlite_dialect.render(ctx, &state, &ops, ret) && sqlite_dialect.exec(conn, ret, true))
        return true;
    sqlite_dialect.rollback(conn);
    return false;
}

static size_t count(const struct statements *list, const char *prefix)
{
    size_t n = 0;
    vec_each(i, list)
        n += str_starts(list->v[i]->text, prefix);
    return n;
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
            return str_get(&out);
        if (out.n)
            str_addc(&out, '\n');
        for (int i = 0; i < sqlite3_column_count(stmt); i++) {
            const char *text = sqlite_text(sqlite_conn(conn), stmt, i);
            str_addf(&out, "%s%s", i ? "|" : "", text ? text : "NULL");
        }
    }
}

static struct conn *with(struct ctx *ctx, const char *sql)
{
    struct conn *conn = open_memory(ctx);
    assert_ok(ctx, sqlite_run(sqlite_conn(conn), sql));
    return conn;
}

static void done(struct ctx *ctx, struct conn *conn)
{
    assert_string_equal(query(ctx, conn, "PRAGMA integrity_check"), "ok");
    sqlite_dialect.close(conn);
}

/* ---- a table of everything --------------------------------------------------------------------------- */

static const char everything[] =
    "CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
    "CREATE TABLE \"odd table\" ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  [a b] VARCHAR(20) CONSTRAINT nn NOT NULL ON CONFLICT FAIL DEFAULT 'x',"
    "  amount NUMERIC(10,2) DEFAULT (1 + 2) CHECK (amount > 0),"
    "  état TEXT DEFAULT 'abc' COLLATE NOCASE,"
    "  p INTEGER REFERENCES parent ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,"
    "  g INTEGER GENERATED ALWAYS AS (id + 1) VIRTUAL,"
    "  gs TEXT AS (upper([a b])) STORED,"
    "  old TEXT,"
    "  UNIQUE (p, état COLLATE RTRIM DESC) ON CONFLICT IGNORE"
    ");"
    "CREATE TABLE only (a);"
    "CREATE TABLE child (id INTEGER PRIMARY KEY, o INTEGER REFERENCES \"odd table\" ON DELETE CASCADE);"
    "CREATE TABLE log (id INTEGER PRIMARY KEY, msg TEXT);"
    "CREATE INDEX ix ON \"odd table\" (lower([a b]) DESC, p) WHERE état IS NOT NULL;"
    "CREATE TRIGGER tr AFTER INSERT ON \"odd table\" BEGIN INSERT INTO log (msg) VALUES ('new ' || new.id); "
    "END;"
    "CREATE VIEW v AS SELECT id, \"a b\" FROM \"odd table\";"
    "INSERT INTO parent VALUES (1, 'one');"
    "INSERT INTO \"odd table\" (\"a b\", p) VALUES ('r1', 1), ('r2', NULL), ('r3', NULL);"
    "DELETE FROM \"odd table\" WHERE id = 3;"
    "INSERT INTO child VALUES (1, 1), (2, 2);"
    "DELETE FROM log;";

static void test_rebuild_loses_nothing(void **state)
{
    struct ctx *ctx = *state;
    struct conn *conn = with(ctx, everything);
    struct statements list;
    assert_ok(ctx, apply(ctx, conn,
                       "- alter_column: {table: odd table, name: amount, type: text}\n"
                       "- add_column: {table: odd table, name: made, type: timestamptz, nullable: false, "
                       "default: {func: now}}\n"
                       "- drop_column: {table: odd table, name: old}\n",
                       &list));
    assert_int_equal(count(&list, "CREATE TABLE"), 1);
    assert_string_equal(query(ctx, conn, "SELECT sql FROM sqlite_schema WHERE name = 'odd table'"),
        "CREATE TABLE \"odd table\" ("
        "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
        "  [a b] VARCHAR(20) CONSTRAINT nn NOT NULL ON CONFLICT FAIL DEFAULT 'x',"
        "  amount TEXT DEFAULT (1 + 2) CHECK (amount > 0),"
        "  état TEXT DEFAULT 'abc' COLLATE NOCASE,"
        "  p INTEGER REFERENCES parent ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,"
        "  g INTEGER GENERATED ALWAYS AS (id + 1) VIRTUAL,"
        "  gs TEXT AS (upper([a b])) STORED, made DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,"
        "  UNIQUE (p, état COLLATE RTRIM DESC) ON CONFLICT IGNORE)");
    assert_string_equal(query(ctx, conn, "SELECT id, \"a b\", amount, p, g, gs FROM \"odd table\""),
        "1|r1|3|1|2|R1\n2|r2|3|NULL|3|R2");
    assert_string_equal(query(ctx, conn, "SELECT * FROM child"), "1|1\n2|2");
    assert_string_equal(query(ctx, conn, "SELECT * FROM sqlite_sequence"), "odd table|3");
    assert_string_equal(query(ctx, conn, "SELECT * FROM log"), "");
    assert_string_equal(
        query(ctx, conn, "SELECT name FROM sqlite_schema WHERE type <> 'table' AND sql NOT NULL"),
        "v\nix\ntr");
    assert_string_equal(query(ctx, conn, "SELECT sql FROM sqlite_schema WHERE name = 'child'"),
        "CREATE TABLE child (id INTEGER PRIMARY KEY, o INTEGER REFERENCES \"odd table\" ON DELETE CASCADE)");
    done(ctx, conn);
}

static void test_hidden_rowids_stay(void **state)
{
    struct ctx *ctx = *state;
    struct conn *conn = with(ctx, "CREATE TABLE t (a INT, b TEXT); INSERT INTO t VALUES (1, 'x'), (2, 'y'), "
                                  "(3, 'z'); DELETE FROM t WHERE a = 2");
    struct statements list;
    assert_ok(ctx, apply(ctx, conn, "- create_unique_constraint: {table: t, columns: [b]}\n", &list));
    assert_string_equal(query(ctx, conn, "SELECT rowid, a, b FROM t"), "1|1|x\n3|3|z");
    done(ctx, conn);
}

/* A unique constraint needs an index and so a rebuild, but the rows are the same: they are copied whole. */
static void test_whole_rows(void **state)
{
    struct ctx *ctx = *state;
    struct conn *conn =
        with(ctx, "CREATE TABLE t (id INTEGER PRIMARY KEY, b TEXT); INSERT INTO t VALUES (5, 'x')");
    struct statements list;
    assert_ok(ctx, apply(ctx, conn, "- create_unique_constraint: {table: t, columns: [b]}\n", &list));
    assert_int_equal(count(&list, "INSERT INTO _cmig_new_t SELECT * FROM t"), 1);
    assert_string_equal(query(ctx, conn, "SELECT * FROM t"), "5|x");
    done(ctx, conn);
}

/* ---- without touching rows --------------------------------------------------------------------------- */

static void test_edit_in_place(void **state)
{
    struct ctx *ctx = *state;
    struct conn *conn = with(ctx,
        "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);"
        "CREATE TABLE t (id INTEGER PRIMARY KEY, b VARCHAR(10) NOT NULL, c INT UNIQUE, CHECK (c > 0));"
        "INSERT INTO t VALUES (1, 'x', 1)");
    struct statements list;
    assert_ok(ctx, apply(ctx, conn,
                       "- alter_column: {table: t, name: b, type: text, nullable: true, default: new}\n"
                       "- drop_constraint: {table: t, type: check, sql: c > 0}\n"
                       "- create_check_constraint: {table: t, name: small, sql: c < 10}\n"
                       "- alter_column: {table: t, name: c, nullable: false}\n"
                       "- create_foreign_key: {table: t, name: fk, columns: [c], references: p.id}\n",
                       &list));
    assert_int_equal(count(&list, "CREATE"), 0);
    assert_int_equal(count(&list, "UPDATE sqlite_schema"), 1);
    assert_string_equal(query(ctx, conn, "SELECT sql FROM sqlite_schema WHERE name = 't'"),
        "CREATE TABLE t (id INTEGER PRIMARY KEY, b TEXT DEFAULT 'new', c INT UNIQUE NOT NULL, CONSTRAINT "
        "small "
        "CHECK (c < 10), CONSTRAINT fk FOREIGN KEY (c) REFERENCES p (id))");
    assert_ok(ctx, sqlite_run(sqlite_conn(conn), "INSERT INTO t (c) VALUES (2)"));
    assert_string_equal(query(ctx, conn, "SELECT * FROM t"), "1|x|1\n2|new|2");
    done(ctx, conn);
}

/* Rows stored before ADD COLUMN have no value of their own: another default must not become theirs. */
static void test_short_rows_keep_their_default(void **state)
{
    struct ctx *ctx = *state;
    struct conn *conn = with(ctx, "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1);"
                                  "ALTER TABLE t ADD COLUMN s TEXT DEFAULT 'old'");
    struct statements list;
    assert_ok(ctx, apply(ctx, conn, "- alter_column: {table: t, name: s, default: new}\n", &list));
    assert_ok(ctx, sqlite_run(sqlite_conn(conn), "INSERT INTO t (id) VALUES (2)"));
    assert_string_equal(query(ctx, conn, "SELECT * FROM t"), "1|old\n2|new");
    /* now all rows have it */
    assert_ok(ctx, apply(ctx, conn, "- alter_column: {table: t, name: s, default: null}\n", &list));
    assert_int_equal(count(&list, "CREATE"), 0);
    assert_string_equal(query(ctx, conn, "SELECT * FROM t"), "1|old\n2|new");
    done(ctx, conn);
}

/* ---- by SQLite itself -------------------------------------------------------------------------------- */

static void test_native(void **state)
{
    struct ctx *ctx = *state;
    struct conn *conn = with(ctx, everything);
    struct statements list;
    assert_ok(
        ctx, apply(ctx, conn,
                 "- add_column: {table: parent, name: kind, type: enum(kind), values: [a, b], default: a}\n"
                 "- drop_column: {table: odd table, name: old}\n"
                 "- rename_column: {table: odd table, name: a b, new_name: ab}\n"
                 "- rename_table: {name: odd table, new_name: ODD TABLE}\n"
                 "- rename_index: {table: ODD TABLE, name: ix, new_name: ix2}\n",
                 &list));
    assert_int_equal(count(&list, "CREATE TABLE"), 0);
    assert_string_equal(query(ctx, conn, "SELECT kind FROM parent"), "a");
    assert_string_equal(query(ctx, conn, "SELECT sql FROM sqlite_schema WHERE name = 'ix2'"),
        "CREATE INDEX ix2 ON \"ODD TABLE\" (lower(\"ab\") DESC, p) WHERE état IS NOT NULL");
    assert_string_equal(query(ctx, conn, "SELECT * FROM v"), "1|r1\n2|r2");
    assert_string_equal(query(ctx, conn, "SELECT sql FROM sqlite_schema WHERE name = 'child'"),
        "CREATE TABLE child (id INTEGER PRIMARY KEY, o INTEGER REFERENCES \"ODD TABLE\" ON DELETE CASCADE)");
    done(ctx, conn);
}

static void test_scripts_come_after_what_waits(void **state)
{
    struct ctx *ctx = *state;
    struct conn *conn = with(ctx, "CREATE TABLE t (id INTEGER PRIMARY KEY, b INT NOT NULL)");
    struct statements list;
    assert_ok(ctx, apply(ctx, conn,
                       "- alter_column: {table: t, name: b, nullable: true}\n"
                       "- bulk_insert: {table: t, rows: [{id: 1, b: null}, {id: 2, b: 5}, {b: 7}]}\n"
                       "- execute: 'UPDATE t SET b = 9 WHERE b IS NULL; -- done'\n"
                       "- alter_column: {table: t, name: b, nullable: false}\n",
                       &list));
    assert_string_equal(query(ctx, conn, "SELECT * FROM t"), "1|9\n2|5\n3|7");
    done(ctx, conn);
}

static void test_enums(void **state)
{
    struct ctx *ctx = *state;
    struct conn *conn = open_memory(ctx);
    struct statements list;
    assert_ok(ctx, apply(ctx, conn,
                       "- create_enum: {name: mood, values: [sad, ok]}\n"
                       "- create_table: {name: t, columns: {id: {type: bigint, primary_key: true}, m: {type: "
                       "enum(mood), values: "
                       "[sad, ok], default: sad}}}\n"
                       "- bulk_insert: {table: t, rows: [{m: sad}, {m: ok}]}\n",
                       &list));
    assert_ok(ctx,
        apply(ctx, conn, "- alter_enum: {name: mood, values: [sad, ok, glad], columns: [t.m]}\n", &list));
    assert_int_equal(count(&list, "UPDATE sqlite_schema"), 1);
    assert_ok(ctx, apply(ctx, conn,
                       "- alter_enum: {name: mood, values: [blue, glad], columns: [t.m], rename: {sad: "
                       "blue}, replace: {ok: "
                       "glad}}\n",
                       &list));
    assert_string_equal(query(ctx, conn, "SELECT sql FROM sqlite_schema WHERE name = 't'"),
        "CREATE TABLE t (\n  id INTEGER NOT NULL PRIMARY KEY,\n  m VARCHAR(4) DEFAULT 'blue',\n"
        "  CHECK (m IN ('blue', 'glad'))\n)");
    assert_string_equal(query(ctx, conn, "SELECT m FROM t"), "blue\nglad");
    done(ctx, conn);
}

/* ---- refusals ---------------------------------------------------------------------------------------- */

static void test_errors(void **state)
{
    static const struct {
        const char *yaml, *error;
        enum status status;
    } cases[] = {
        {"- drop_column: {table: log, name: msg}\n",
            "r.yaml:1:3: drop_column log.msg\n"
            "  trigger on insert into 'odd table' would no longer work: table log has no column named msg\n"
            "  hint: Drop the trigger in the same revision, and create it again in its new form.",
            STATUS_FAILED},
        {"- drop_column: {table: odd table, name: gs}\n- drop_column: {table: odd table, name: a b}\n",
            "r.yaml:2:3: drop_column odd table.a b\n"
            "  view 'v' would no longer work: no such column: a b\n"
            "  hint: Drop the view or replace it in the same revision.",
            STATUS_FAILED},
        {"- drop_column: {table: odd table, name: a b}\n",
            "r.yaml:1:3: drop_column odd table.a b\n"
            "  table 'odd table' would become invalid: no such column: a b",
            STATUS_FAILED},
        {"- add_column: {table: parent, name: x, type: text, nullable: false}\n",
            "r.yaml:1:3: add_column parent.x\n"
            "  table 'parent' has rows, and its new column 'x' is NOT NULL without a default\n"
            "  hint: Add the column as nullable, give the rows a value with 'backfill' and set 'nullable: "
            "false' afterwards, as 'cmig revision --autogenerate --fill TABLE.COLUMN=SQL' writes it; or "
            "give it a default.",
            STATUS_FAILED},
        {"- alter_column: {table: odd table, name: p, nullable: false}\n",
            "r.yaml:1:3: alter_column odd table.p\n"
            "  column 'odd table.p' cannot become NOT NULL: rows without a value: 1\n"
            "  hint: Find the rows with: SELECT * FROM \"odd table\" WHERE p IS NULL;\n"
            "  hint: Give them a value with 'backfill' before this operation.",
            STATUS_FAILED},
        {"- create_check_constraint: {table: parent, name: c, sql: id > 5}\n",
            "r.yaml:1:3: create_check_constraint parent.c\n"
            "  rows of table 'parent' that violate the check id > 5: 1\n"
            "  hint: Find the rows with: SELECT * FROM parent WHERE NOT (id > 5);",
            STATUS_FAILED},
        {"- create_foreign_key: {table: child, columns: [o], references: parent.id}\n",
            "r.yaml:1:3: create_foreign_key child(o)\n"
            "  foreign key of 'child' violated: row 2 refers to a row of parent that is not there\n"
            "  hint: Find the rows with: SELECT * FROM child AS child WHERE child.o IS NOT NULL AND NOT "
            "EXISTS "
            "(SELECT 1 FROM parent AS parent WHERE parent.id = child.o);",
            STATUS_FAILED},
        {"- add_column: {table: nowhere, name: x, type: text}\n",
            "r.yaml:1:3: add_column nowhere.x\n  table 'nowhere' does not exist", STATUS_FAILED},
        {"- drop_column: {table: only, name: a}\n",
            "r.yaml:1:3: drop_column only.a\n  table 'only' would have no columns left\n  hint: Drop the "
            "table "
            "instead.",
            STATUS_FAILED},
        {"- create_schema: {name: s}\n",
            "r.yaml:1:3: create_schema s\n  SQLite has no schemas\n"
            "  hint: Restrict the operation to other databases: `only: [postgresql]`.",
            STATUS_CONFIG},
        {"- add_column: {table: log, name: x, type: \"integer[]\"}\n",
            "r.yaml:1:3: add_column log.x\n  r.yaml:1:15: column 'x'\n  type 'integer[]' is an array, which "
            "SQLite does "
            "not have\n"
            "  hint: Give a type for SQLite: {default: integer[], sqlite: json}.",
            STATUS_CONFIG},
        {"- execute: |\n    INSERT INTO log (msg) VALUES (1);\n\n    -- here\n    SPAM;\n",
            "r.yaml:1:3: execute INSERT INTO log (msg) VALUES (1);…\n  sqlite 1: near \"SPAM\": syntax "
            "error\n"
            "  in line 4 of the script: SPAM;",
            STATUS_FAILED},
        {"- execute: COMMIT\n",
            "r.yaml:1:3: execute COMMIT\n  a script cannot begin or end a transaction: each revision runs in "
            "one\n"
            "  in line 1 of the script: COMMIT\n"
            "  hint: Remove the statement, or set `transaction: false` in the revision.",
            STATUS_CONFIG},
        {"- create_index: {table: log, name: i, columns: [nope]}\n",
            "r.yaml:1:3: create_index log.i\n  sqlite 1: no such column: nope\n"
            "  in: CREATE INDEX i ON log (nope)",
            STATUS_FAILED},
    };
    struct ctx *ctx = *state;
    struct conn *conn = with(ctx, everything);
    const char *before = query(ctx, conn, "SELECT * FROM sqlite_schema");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct statements list;
        assert_false(apply(ctx, conn, cases[i].yaml, &list));
        assert_error(ctx, cases[i].status, cases[i].error);
        assert_string_equal(query(ctx, conn, "SELECT * FROM sqlite_schema"), before);
    }
    assert_string_equal(query(ctx, conn, "SELECT count(*) FROM child"), "2");
    done(ctx, conn);
}

/* ---- references to objects that do not exist --------------------------------------------------------- */

/* A downgrade to a state with such references is marked; it is refused without the mark. */
static void test_dangling(void **state)
{
    static const struct {
        const char *before, *up, *down, *marked;
    } cases[] = {
        {"CREATE TABLE c (a REFERENCES \"Odd p\" (id)); INSERT INTO c VALUES (5);",
            "- create_table: {name: odd p, columns: {id: {type: integer, primary_key: true}}}\n",
            "- drop_table: odd p\n", "- drop_table: {name: odd p, dangling: true}\n"},
        {"CREATE TABLE c (a REFERENCES p (id)); INSERT INTO c VALUES (5);",
            "- create_table: {name: p, columns: {id: {type: integer, primary_key: true}}}\n"
            "- bulk_insert: {table: p, rows: [{id: 5}]}\n"
            "- add_column: {table: c, name: b, type: integer, references: p.id}\n",
            "- drop_column: {table: c, name: b}\n- drop_table: p\n",
            "- drop_column: {table: c, name: b}\n- drop_table: {name: p, dangling: true}\n"},
        {"CREATE VIEW v AS SELECT * FROM q, p; CREATE VIEW w AS SELECT * FROM v; CREATE TABLE q (a);",
            "- create_table: {name: p, columns: {id: {type: integer, primary_key: true}}}\n",
            "- drop_view: w\n- drop_view: v\n- drop_table: p\n"
            "- create_view: {name: v, sql: \"SELECT * FROM q, p\"}\n- create_view: {name: w, sql: SELECT * "
            "FROM v}\n",
            "- drop_view: w\n- drop_view: v\n- drop_table: {name: p, dangling: true}\n"
            "- create_view: {name: v, sql: \"SELECT * FROM q, p\"}\n- create_view: {name: w, sql: SELECT * "
            "FROM v}\n"},
        {"CREATE TABLE c (a); CREATE VIEW w AS SELECT * FROM v;",
            "- create_view: {name: v, sql: SELECT a FROM c}\n", "- drop_view: v\n",
            "- drop_view: {name: v, dangling: true}\n"},
        {"CREATE TABLE c (a); CREATE VIEW v AS SELECT \"x y\" + 1 FROM c;",
            "- add_column: {table: c, name: x y, type: integer}\n", "- drop_column: {table: c, name: x y}\n",
            "- drop_column: {table: c, name: x y, dangling: true}\n"},
        {"CREATE TABLE c (a); CREATE TRIGGER g AFTER DELETE ON c BEGIN INSERT INTO p VALUES (old.a); END;",
            "- create_table: {name: p, columns: {id: {type: integer, primary_key: true}}}\n",
            "- drop_table: p\n", "- drop_table: {name: p, dangling: true}\n"},
        {"CREATE TABLE c (a); CREATE TRIGGER g AFTER DELETE ON c BEGIN INSERT INTO C VALUES (1, 2); END;",
            "- add_column: {table: c, name: x, type: integer}\n", "- drop_column: {table: c, name: x}\n",
            "- drop_column: {table: c, name: x, dangling: true}\n"},
    };
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        static const char schema[] =
            "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' ORDER BY name";
        struct conn *conn = with(ctx, cases[i].before);
        const char *before = query(ctx, conn, schema);
        struct statements list;
        struct ops up, down;
        decode(ctx, cases[i].up, &up);
        decode(ctx, cases[i].down, &down);
        assert_ok(ctx, sqlite_dialect.complete(conn, &up, &down));
        assert_string_equal(ops_yaml(ctx, &down), cases[i].marked);
        assert_ok(ctx, apply(ctx, conn, cases[i].up, &list));
        assert_false(apply(ctx, conn, cases[i].down, &list));
        err_clear(ctx);
        assert_ok(ctx, apply(ctx, conn, cases[i].marked, &list));
        assert_string_equal(query(ctx, conn, schema), before);
        done(ctx, conn);
    }
}

/* References that worked before are still refused: the object that an unrelated one refers to is not marked. */
static void test_not_dangling(void **state)
{
    static const char down[] = "- drop_table: p\n- drop_column: {table: c, name: x}\n- drop_view: u\n";
    struct ctx *ctx = *state;
    struct conn *conn =
        with(ctx, "CREATE TABLE c (a REFERENCES gone); CREATE VIEW v AS SELECT * FROM nowhere;"
                  "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE d (a REFERENCES p); CREATE VIEW u "
                  "AS SELECT * FROM v;");
    struct ops up = {0}, ops;
    struct statements list;
    decode(ctx, down, &ops);
    assert_ok(ctx, sqlite_dialect.complete(conn, &up, &ops));
    assert_string_equal(ops_yaml(ctx, &ops), down);
    assert_false(apply(ctx, conn, "- drop_table: p\n- drop_view: {name: v, dangling: true}\n", &list));
    assert_error(ctx, STATUS_FAILED, "r.yaml:1:3: drop_table p\n  table 'd' still refers to table 'p'");
    done(ctx, conn);
}

/* The view that an operation breaks is found though only outermost views are compiled, and though another view's WITH
 * has its name; so is a foreign key to a table whose name is written with quotes. */
static void test_still_found(void **state)
{
    static const struct {
        const char *before, *ops, *error;
    } cases[] = {
        {"CREATE TABLE t (a, b); CREATE VIEW v AS SELECT a, b FROM t; CREATE VIEW w AS SELECT a FROM v;"
         "CREATE VIEW x AS SELECT a FROM t;",
            "- drop_column: {table: t, name: b}\n", "view 'v' would no longer work: no such column: b"},
        {"CREATE TABLE t (a, b); CREATE VIEW v AS SELECT b FROM t;"
         "CREATE VIEW x AS WITH v AS (SELECT a FROM t) SELECT a FROM v;",
            "- drop_column: {table: t, name: b}\n", "view 'v' would no longer work: no such column: b"},
        {"CREATE TABLE \"p'q\" (id INTEGER PRIMARY KEY); CREATE TABLE d (a REFERENCES 'p''q');",
            "- drop_table: p'q\n", "table 'd' still refers to table 'p'q'"},
        {"CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE d (a REFERENCES P);", "- drop_table: p\n",
            "table 'd' still refers to table 'P'"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ctx *ctx = *state;
        struct conn *conn = with(ctx, cases[i].before);
        struct statements list;
        assert_false(apply(ctx, conn, cases[i].ops, &list));
        assert_non_null(strstr(err_text(ctx), cases[i].error));
        err_clear(ctx);
        done(ctx, conn);
    }
}

/* A column that is added and altered is added as it becomes, unless rows would get another value. */
static void test_added_and_altered(void **state)
{
    static const struct {
        const char *add, *alter;
        const char *is, *row; /* the column's type, and its value */
        bool is_one;          /* change, besides that of the other column */
    } cases[] = {
        {"type: string(20)", "type: string(30), nullable: true, comment: c", "VARCHAR(30)", NULL, true},
        {"type: string(20)", "type: integer", "INTEGER", NULL, true},
        {"type: string(20)", "type: integer, using: a + 1", "INTEGER", "2", false},
        {"type: string(20)", "default: x", "VARCHAR(20)", NULL, false},
        {"type: string(20), default: x", "type: string(30)", "VARCHAR(30)", "x", false},
        {"type: integer, generated: a + 5", "type: bigint", "BIGINT", "6", false},
        {"type: string(20)", "type: string(30), new_name: c", NULL, NULL, false},
    };
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct conn *conn = with(ctx, "CREATE TABLE t (a INTEGER PRIMARY KEY); INSERT INTO t VALUES (1);");
        struct statements list;
        const char *const ops = ctx_printf(ctx,
            "- add_column: {table: t, name: b, %s}\n- add_column: {table: t, name: z, type: text}\n"
            "- alter_column: {table: t, name: b, %s}\n",
            cases[i].add, cases[i].alter);

        assert_true(apply(ctx, conn, ops, &list));
        assert_int_equal(list.n == 2, cases[i].is_one);
        if (cases[i].is) {
            assert_string_equal(
                query(ctx, conn, "SELECT type FROM pragma_table_xinfo('t') WHERE name = 'b'"), cases[i].is);
            assert_string_equal(
                query(ctx, conn, "SELECT ifnull(b, 'null') FROM t"), cases[i].row ? cases[i].row : "null");
        }
        done(ctx, conn);
    }
}

static void forget_shadow(struct conn *conn)
{
    struct sqlite_conn *c = sqlite_conn(conn);

    if (c->shadow)
        sqlite_close(&c->shadow->base);
    c->shadow = NULL;
}

/* A rendering that begins with the copy of the schema that an earlier one left says and does the same as with a new
 * copy, whatever was done without one in between. */
static void test_shadow_is_kept(void **state)
{
    static const struct {
        const char *sql; /* or NULL */
        const char *ops;
        bool is_kept;
    } steps[] = {
        {"CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, c); CREATE TABLE u (x, y CHECK (y > 0));",
            "- alter_column: {table: t, name: b, type: integer}\n", true},
        {NULL, "- create_table: {name: n, columns: {a: integer, b: text}}\n", true},
        {NULL, "- alter_column: {table: n, name: b, type: integer}\n", true},
        {"ALTER TABLE n ADD COLUMN d; CREATE INDEX n_d ON n (d); DROP TABLE u;",
            "- alter_column: {table: n, name: d, type: integer}\n", true},
        {"DROP INDEX n_d; CREATE UNIQUE INDEX n_d ON n (a); CREATE TABLE u (z);",
            "- drop_column: {table: n, name: a}\n", true}, /* fails: the index */
        {NULL, "- alter_column: {table: n, name: a, nullable: false}\n", true},
        {NULL, "- bulk_insert: {table: n, rows: [{a: 1, b: 2}]}\n- drop_column: {table: n, name: d}\n",
            false},
        {NULL, "- alter_column: {table: u, name: z, type: text}\n", true},
        {"CREATE VIEW v AS SELECT a FROM n;", "- alter_column: {table: n, name: b, type: text}\n", true},
        {NULL, "- drop_column: {table: n, name: a}\n", true}, /* fails: the view */
        {"CREATE TRIGGER r AFTER INSERT ON u BEGIN DELETE FROM n; END;",
            "- rename_column: {table: n, name: a, new_name: e}\n- alter_column: {table: n, name: e, type: "
            "text}\n",
            true},
        {"DROP VIEW v; DROP TRIGGER r;", "- alter_column: {table: n, name: e, type: integer}\n", true},
    };
    struct ctx *ctx = *state;
    struct conn *keeps = open_memory(ctx), *forgets = open_memory(ctx);
    static const char schema[] = "SELECT type, name, sql FROM sqlite_schema ORDER BY rowid";

    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        struct statements a = {0}, b = {0};
        const char *said = NULL;

        if (steps[i].sql) {
            sqlite3_exec(sqlite_conn(keeps)->db, steps[i].sql, NULL, NULL, NULL);
            sqlite3_exec(sqlite_conn(forgets)->db, steps[i].sql, NULL, NULL, NULL);
        }
        bool ok = apply(ctx, keeps, steps[i].ops, &a);
        if (!ok)
            said = err_text(ctx);
        err_clear(ctx);
        assert_int_equal(ok && !sqlite_conn(keeps)->shadow, ok && !steps[i].is_kept);
        forget_shadow(forgets);
        assert_int_equal(apply(ctx, forgets, steps[i].ops, &b), ok);
        if (!ok)
            assert_string_equal(err_text(ctx), said);
        err_clear(ctx);
        assert_int_equal(a.n, b.n);
        for (size_t k = 0; k < a.n; k++)
            assert_string_equal(a.v[k]->text, b.v[k]->text);
        assert_string_equal(query(ctx, keeps, schema), query(ctx, forgets, schema));
    }
    sqlite_dialect.close(keeps);
    sqlite_dialect.close(forgets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_rebuild_loses_nothing),
        ctx_test(test_hidden_rowids_stay),
        ctx_test(test_whole_rows),
        ctx_test(test_edit_in_place),
        ctx_test(test_short_rows_keep_their_default),
        ctx_test(test_native),
        ctx_test(test_scripts_come_after_what_waits),
        ctx_test(test_enums),
        ctx_test(test_errors),
        ctx_test(test_dangling),
        ctx_test(test_not_dangling),
        ctx_test(test_still_found),
        ctx_test(test_added_and_altered),
        ctx_test(test_shadow_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
