/* Tests of reflecting an SQLite database, and that the judge agrees. */
#include "unit.h"

#include "dialect/sqlite/conn.h"
#include "dialect/sqlite/ddl.h"
#include "dialect/sqlite/sqlite.h"

static struct sqlite_conn *with(struct ctx *ctx, const char *sql)
{
    struct sqlite_conn *c = sqlite_open_memory(ctx);
    assert_non_null(c);
    assert_ok(ctx, sqlite_run(c, sql));
    return c;
}

static const char sample[] =
    "CREATE TABLE Parent (a INT, b INT, PRIMARY KEY (a, b));"
    "CREATE TABLE child (id INTEGER PRIMARY KEY, x INT, y INT, s TEXT CHECK (s <> ''), FOREIGN KEY (X, y) "
    "REFERENCES parent);"
    "CREATE INDEX ix ON CHILD (S COLLATE NOCASE, lower(s) DESC) WHERE x > 0;"
    "CREATE VIEW w AS SELECT * FROM v;"
    "CREATE VIEW v AS SELECT s FROM child WHERE s <> 'parent';"
    "CREATE TRIGGER tr AFTER DELETE ON child BEGIN SELECT 1; END;"
    "CREATE TABLE hidden (a); CREATE TABLE cmig_version (revision); CREATE TABLE cmig_history (id);"
    "CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT);";

static void test_everything(void **state)
{
    struct ctx *ctx = *state;
    struct sqlite_conn *c = with(ctx, sample);
    struct scope scope = {.version = {.name = {.name = "cmig_version"}, .history = {.name = "cmig_history"}}};
    struct schema s = {0};
    vec_add(ctx, &scope.exclude, "hidden");
    assert_ok(ctx, sqlite_dialect.reflect(&c->base, &scope, &s));
    assert_int_equal(s.tables.n, 3);
    assert_string_equal(s.tables.v[0]->name.name, "Parent");
    assert_string_equal(s.tables.v[2]->name.name, "counted");
    const struct table *child = s.tables.v[1];
    const struct constraint *key = child->foreign_keys.v[0];
    assert_string_equal(strings_join(&ctx->arena, &key->columns, ","), "x,y");
    assert_string_equal(strings_join(&ctx->arena, &key->referred_columns, ","), "a,b");
    assert_int_equal(child->indexes.n, 1);
    assert_string_equal(child->indexes.v[0]->parts.v[0]->column, "s");
    assert_string_equal(child->indexes.v[0]->where.native, "x > 0");
    assert_int_equal(s.views.n, 2);
    assert_string_equal(strings_join(&ctx->arena, &s.views.v[0]->depends_on, ","), "child");
    assert_string_equal(strings_join(&ctx->arena, &s.views.v[1]->depends_on, ","), "v");
    assert_int_equal(s.unmodelled.n, 0);
    assert_int_equal(s.objects[OBJECT_TRIGGER].n, 1);
    assert_string_equal(s.objects[OBJECT_TRIGGER].v[0]->of.name, "child");
    sqlite_close(&c->base);
}

/* The shadow tables of a virtual table are not reported. */
static void test_virtual_tables(void **state)
{
    struct ctx *ctx = *state;
    struct sqlite_conn *c = sqlite_open_memory(ctx);
    const struct scope scope = {0};
    struct schema s = {0};
    if (sqlite3_exec(
            c->db, "CREATE VIRTUAL TABLE f USING fts5(x); CREATE TABLE f_other (a)", NULL, NULL, NULL)) {
        sqlite_close(&c->base);
        skip();
    }
    assert_ok(ctx, sqlite_dialect.reflect(&c->base, &scope, &s));
    assert_int_equal(s.tables.n, 1);
    assert_string_equal(s.tables.v[0]->name.name, "f_other");
    assert_int_equal(s.unmodelled.n, 0);
    assert_string_equal(s.objects[OBJECT_VIRTUAL_TABLE].v[0]->native, "CREATE VIRTUAL TABLE f USING fts5(x)");
    sqlite_close(&c->base);
}

/* A definition that a later SQLite wrote: the table and its columns are reflected, and it is reported. */
static void test_not_understood(void **state)
{
    struct ctx *ctx = *state;
    struct sqlite_conn *c = with(ctx, "CREATE TABLE t (a TEXT NOT NULL, b INT DEFAULT 4)");
    const struct scope scope = {0};
    struct schema s = {0};
    assert_ok(
        ctx, sqlite_run(c,
                 "PRAGMA writable_schema = ON;"
                 "UPDATE sqlite_schema SET sql = 'CREATE TABLE t (a TEXT NOT NULL, b INT FUTURE) SOON'"));
    assert_ok(ctx, sqlite_dialect.reflect(&c->base, &scope, &s));
    assert_int_equal(s.tables.n, 1);
    assert_int_equal(s.tables.v[0]->columns.n, 2);
    assert_false(s.tables.v[0]->columns.v[0]->nullable);
    assert_string_equal(s.unmodelled.v[0]->kind, "table definition");
    assert_string_equal(s.unmodelled.v[0]->detail, "cannot parse it at 'SOON'");
    sqlite_close(&c->base);
}

/* A schema that is reflected, created again and reflected again is the same. */
static void test_normalise(void **state)
{
    struct ctx *ctx = *state;
    struct sqlite_conn *c = with(ctx, sample);
    const struct scope scope = {0};
    struct schema s = {0}, again = {0};
    bool asked = false;
    assert_ok(ctx, sqlite_dialect.reflect(&c->base, &scope, &s));
    assert_ok(ctx, sqlite_dialect.normalise(&c->base, &s, &again, &asked));
    assert_true(asked);
    assert_int_equal(again.tables.n, s.tables.n);
    vec_each(i, &s.tables)
        assert_string_equal(create_table_sql(ctx, again.tables.v[i], "t", false),
            create_table_sql(ctx, s.tables.v[i], "t", false));
    vec_each(i, &s.views)
        assert_string_equal(create_view_sql(ctx, again.views.v[i]), create_view_sql(ctx, s.views.v[i]));

    struct table wrong = {.name = {.name = "wrong"}, .pos = {"m.yaml", 3, 5}};
    struct column column = {
        .name = "a", .native = "TEXT", .generated = &(struct generated){.expr.native = "nope + 1"}};
    struct schema bad = {0};
    vec_add(ctx, &wrong.columns, &column);
    vec_add(ctx, &bad.tables, &wrong);
    assert_false(sqlite_dialect.normalise(&c->base, &bad, &again, &asked));
    assert_error(ctx, STATUS_CONFIG,
        "m.yaml:3:5: SQLite does not accept table 'wrong'\n  sqlite 1: must have at least one non-generated "
        "column");
    sqlite_close(&c->base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_everything),
        ctx_test(test_virtual_tables),
        ctx_test(test_not_understood),
        ctx_test(test_normalise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
