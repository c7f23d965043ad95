/* Tests that the text of a table keeps comments, spaces, quotes and the spelling of types. */
#include "unit.h"

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

static void apply(struct ctx *ctx, struct conn *conn, const char *yaml)
{
    struct node *n;
    struct decoder d = {.ctx = ctx, .what = "revision"};
    struct ops ops = {0};
    struct statements list = {0};
    struct state state = {.dialect = &sqlite_dialect, .conn = conn};
    assert_ok(ctx, yaml_parse(ctx, &ctx->arena, "r.yaml", yaml, strlen(yaml), &n));
    assert_ok(ctx, ops_decode(&d, n, &(struct strings){0}, &ops));
    assert_ok(ctx, sqlite_dialect.begin(conn));
    assert_ok(ctx, sqlite_dialect.render(ctx, &state, &ops, &list));
    assert_ok(ctx, sqlite_dialect.exec(conn, &list, true));
}

struct text_case {
    const char *before, *operations, *after;
};

#define COMMENTED \
    "CREATE TABLE t ( -- of everything\n" \
    "  id INTEGER PRIMARY KEY, -- key, 'it''s'\n" \
    "  a \"my type\" DEFAULT  'x' -- about a, b\n" \
    "  , /* about b */ b Boolean NOT NULL UNIQUE,\n" \
    "  -- about c\n" \
    "  c TEXT /* c1 */ NOT NULL /* c2 */ CHECK (length( c ) > 0), d INT REFERENCES t -- d\n" \
    ")"

static const struct text_case cases[] = {
    /* what is edited in place */
    {"CREATE TABLE t (a TEXT, -- (DC2Type:json)\n b TEXT)",
        "[alter_column: {table: t, name: b, nullable: false}]",
        "CREATE TABLE t (a TEXT, -- (DC2Type:json)\n b TEXT NOT NULL)"},
    {"CREATE TABLE t (a \"my type\", b Boolean, c TEXT)",
        "[alter_column: {table: t, name: c, nullable: false}]",
        "CREATE TABLE t (a \"my type\", b Boolean, c TEXT NOT NULL)"},
    {"CREATE TABLE t(a INT\n  -- lonely\n  NOT NULL\n)",
        "[alter_column: {table: t, name: a, nullable: true}]", "CREATE TABLE t(a INT\n  -- lonely\n\n)"},
    {"CREATE TABLE t(a INT NOT NULL DEFAULT 1, [b c] VARCHAR( 10 ))",
        "[alter_column: {table: t, name: a, nullable: true, default: 2}]",
        "CREATE TABLE t(a INT DEFAULT 2, [b c] VARCHAR( 10 ))"},
    {"CREATE TABLE t(a INT CONSTRAINT n CHECK (a>0) /* positive */, b INT)",
        "[rename_constraint: {table: t, name: n, new_name: m}]",
        "CREATE TABLE t(a INT CONSTRAINT m CHECK (a > 0) /* positive */, b INT)"},
    {"CREATE TABLE t(a INT, b INT CHECK(b>1), CHECK (a>0) CHECK (a<9))",
        "[drop_constraint: {table: t, type: check, sql: a > 0}]",
        "CREATE TABLE t(a INT, b INT CHECK(b>1), CHECK (a<9))"},
    {COMMENTED, "[alter_column: {table: t, name: a, nullable: false}]",
        "CREATE TABLE t ( -- of everything\n"
        "  id INTEGER PRIMARY KEY, -- key, 'it''s'\n"
        "  a \"my type\" DEFAULT  'x' NOT NULL -- about a, b\n"
        "  , /* about b */ b Boolean NOT NULL UNIQUE,\n"
        "  -- about c\n"
        "  c TEXT /* c1 */ NOT NULL /* c2 */ CHECK (length( c ) > 0), d INT REFERENCES t -- d\n"
        ")"},
    /* what is rebuilt */
    {COMMENTED,
        "[drop_column: {table: t, name: a}, alter_column: {table: t, name: id, sqlite: {autoincrement: "
        "true}}, "
        "create_unique_constraint: {table: t, name: u, columns: [c]}, "
        "create_check_constraint: {table: t, name: k, sql: d < 7}]",
        "CREATE TABLE t ( -- of everything\n"
        "  id INTEGER PRIMARY KEY AUTOINCREMENT, -- key, 'it''s'\n"
        " /* about b */ b Boolean NOT NULL UNIQUE,\n"
        "  -- about c\n"
        "  c TEXT /* c1 */ NOT NULL /* c2 */ CHECK (length( c ) > 0), d INT REFERENCES t, -- d\n"
        "  CONSTRAINT u UNIQUE (c),\n"
        "  CONSTRAINT k CHECK (d < 7)\n"
        ")"},
    {COMMENTED, "[drop_column: {table: t, name: d}]",
        "CREATE TABLE t ( -- of everything\n"
        "  id INTEGER PRIMARY KEY, -- key, 'it''s'\n"
        "  a \"my type\" DEFAULT  'x' -- about a, b\n"
        "  , /* about b */ b Boolean NOT NULL UNIQUE,\n"
        "  -- about c\n"
        "  c TEXT /* c1 */ NOT NULL /* c2 */ CHECK (length( c ) > 0)\n"
        ")"},
    {"CREATE TABLE t (a TEXT, -- the name, really\n  b TEXT -- gone\n)", "[drop_column: {table: t, name: b}]",
        "CREATE TABLE t (a TEXT -- the name, really\n)"},
    {"CREATE TABLE t (a TEXT, -- about a\n  b TEXT)",
        "[add_column: {table: t, name: c, type: integer, first: true}]",
        "CREATE TABLE t ( c INTEGER,a TEXT, -- about a\n  b TEXT)"},
    {"CREATE TABLE t (\n  a TEXT, -- about a\n  b TEXT -- about b\n)",
        "[add_column: {table: t, name: c, type: integer, after: b}]",
        "CREATE TABLE t (\n  a TEXT, -- about a\n  b TEXT, -- about b\n  c INTEGER\n)"},
    {"CREATE TABLE t (id INTEGER PRIMARY KEY, -- number\n a TEXT)",
        "[drop_constraint: {table: t, type: primary_key}]",
        "CREATE TABLE t (id INTEGER NOT NULL, -- number\n a TEXT)"},
    {"CREATE TABLE t(a TEXT PRIMARY KEY,b TEXT /*x*/)",
        "[drop_constraint: {table: t, type: primary_key}, create_primary_key: {table: t, columns: [a, b]}]",
        "CREATE TABLE t(a TEXT,b TEXT, /*x*/ PRIMARY KEY (a, b))"},
    {"CREATE TABLE t(a TEXT,b TEXT,c TEXT, PRIMARY KEY(a,b))",
        "[drop_constraint: {table: t, type: primary_key}, create_primary_key: {table: t, columns: [c]}]",
        "CREATE TABLE t(a TEXT,b TEXT,c TEXT PRIMARY KEY)"},
    {"CREATE TABLE t(a TEXT primary key,b Text) WITHOUT /* why */ ROWID",
        "[alter_table: {table: t, sqlite: {strict: true}}]",
        "CREATE TABLE t(a TEXT primary key,b Text) STRICT, WITHOUT ROWID /* why */"},
    {"CREATE TABLE t (a INT REFERENCES p NOT NULL DEFERRABLE INITIALLY DEFERRED, b TEXT)",
        "[drop_constraint: {table: t, type: foreign_key, columns: [a]}, alter_column: {table: t, name: b, "
        "type: "
        "integer}]",
        "CREATE TABLE t (a INT NOT NULL, b INTEGER)"},
};

static const char *text_of(struct ctx *ctx, struct conn *conn)
{
    const char *text = NULL;
    assert_ok(ctx, sqlite_query(sqlite_conn(conn), "SELECT sql FROM sqlite_schema WHERE name = 't'", &text));
    return text;
}

static void test_texts(void **state)
{
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct conn *conn = open_memory(ctx);
        assert_ok(ctx, sqlite_run(sqlite_conn(conn), "CREATE TABLE p (id INTEGER PRIMARY KEY)"));
        assert_ok(ctx, sqlite_run(sqlite_conn(conn), cases[i].before));
        apply(ctx, conn, cases[i].operations);
        assert_string_equal(text_of(ctx, conn), cases[i].after);
        sqlite_dialect.close(conn);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
