/* Tests of parsing SQLite's definitions, and of the round trip of tables. */
#include "unit.h"

#include "dialect/sqlite/ddl.h"
#include "dialect/sqlite/parse.h"
#include "dialect/sqlite/token.h"

static struct table *parse(struct ctx *ctx, const char *sql)
{
    struct parsed_table parsed = {0};
    const char *problem = NULL;
    if (!parse_table(ctx, sql, NULL, &parsed, &problem))
        fail_msg("cannot parse it at %s: %s", problem, sql);
    return parsed.table;
}

/* The text that cmig would write for the parsed table. */
static const char *written(struct ctx *ctx, const char *sql)
{
    const struct table *t = parse(ctx, sql);
    return create_table_sql(ctx, t, t->name.name, false);
}

static void test_tables(void **state)
{
    static const char *const cases[][2] = {
        {"CREATE TABLE t(a)", "CREATE TABLE t (\n  a\n)"},
        {"create table if not exists main.\"T\" (a int, [b c] text)",
            "CREATE TABLE T (\n  a INT,\n  \"b c\" TEXT\n)"},
        {"CREATE TABLE t (id integer primary key)", "CREATE TABLE t (\n  id INTEGER NOT NULL PRIMARY KEY\n)"},
        {"CREATE TABLE t (id integer not null primary key autoincrement)",
            "CREATE TABLE t (\n  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT\n)"},
        {"CREATE TABLE t (id INTEGER, PRIMARY KEY (id AUTOINCREMENT))",
            "CREATE TABLE t (\n  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT\n)"},
        /* a word that is not a column is a string */
        {"CREATE TABLE t (a text check (\"a\" in (\"x\", \"it's\") and \"lower\"(a) <> a collate "
         "\"nocase\"), b as "
         "(a || \"y\"))",
            "CREATE TABLE t (\n  a TEXT,\n  b GENERATED ALWAYS AS (a || 'y') VIRTUAL,\n  CHECK (\"a\" IN "
            "('x', "
            "'it''s') AND \"lower\"(a) <> a COLLATE \"nocase\")\n)"},
        /* next to the column DESC keeps it from being the rowid, after the columns it does not */
        {"CREATE TABLE t (id integer primary key desc)",
            "CREATE TABLE t (\n  id INTEGER PRIMARY KEY DESC\n)"},
        {"CREATE TABLE t (id integer, primary key (id desc))",
            "CREATE TABLE t (\n  id INTEGER NOT NULL PRIMARY KEY\n)"},
        {"CREATE TABLE t (a text, b text, primary key (a collate nocase, b desc) on conflict replace)",
            "CREATE TABLE t (\n  a TEXT,\n  b TEXT,\n  PRIMARY KEY (a COLLATE NOCASE, b DESC) ON CONFLICT "
            "REPLACE\n)"},
        {"CREATE TABLE t (a text constraint nn not null on conflict fail constraint df default (1) "
         "constraint u unique)",
            "CREATE TABLE t (\n  a TEXT NOT NULL ON CONFLICT FAIL DEFAULT 1,\n"
            "  CONSTRAINT u UNIQUE (a)\n)"},
        {"CREATE TABLE t (a double  precision default -1.5, b numeric( 10 ,2 ) default +3, c default foo, d "
         "default "
         "\"x\", e default current_timestamp, f default (a||'b'), g default x'00', h default null, i default "
         "true)",
            "CREATE TABLE t (\n  a DOUBLE PRECISION DEFAULT -1.5,\n  b NUMERIC(10, 2) DEFAULT +3,\n  c "
            "DEFAULT foo,\n"
            "  d DEFAULT 'x',\n  e DEFAULT CURRENT_TIMESTAMP,\n  f DEFAULT (a || 'b'),\n  g DEFAULT x'00',\n"
            "  h DEFAULT NULL,\n  i DEFAULT true\n)"},
        {"CREATE TABLE t (a int, b int generated always as (a*2) stored, c int as ((a + 1)))",
            "CREATE TABLE t (\n  a INT,\n  b INT GENERATED ALWAYS AS (a * 2) STORED,\n"
            "  c INT GENERATED ALWAYS AS (a + 1) VIRTUAL\n)"},
        {"CREATE TABLE t (a int check(a>0) collate rtrim, constraint c check((a<9)) unique(a) check(a<>5))",
            "CREATE TABLE t (\n  a INT COLLATE RTRIM,\n  UNIQUE (a),\n  CHECK (a > 0),\n  CONSTRAINT c CHECK "
            "(a < 9),\n"
            "  CHECK (a <> 5)\n)"},
        {"CREATE TABLE t (a references p on delete set null on update cascade not deferrable initially "
         "immediate, b "
         "references p (x) match full deferrable initially deferred, foreign key (a, b) references q)",
            "CREATE TABLE t (\n  a,\n  b,\n  FOREIGN KEY (a) REFERENCES p ON UPDATE CASCADE ON DELETE SET "
            "NULL,\n"
            "  FOREIGN KEY (b) REFERENCES p (x) MATCH FULL DEFERRABLE INITIALLY DEFERRED,\n"
            "  FOREIGN KEY (a, b) REFERENCES q\n)"},
        {"CREATE TABLE t (a text primary key, b any) strict, without rowid",
            "CREATE TABLE t (\n  a TEXT NOT NULL PRIMARY KEY,\n  b ANY\n) STRICT, WITHOUT ROWID"},
        {"CREATE TABLE t (a -- a comment, with a comma\n int, /* b int, */ c int /* ) */)",
            "CREATE TABLE t (\n  a INT,\n  c INT\n)"},
        {"CREATE TABLE t ('a' \"my type\", \"b\"\"c\" text, `d``e` text, état text)",
            "CREATE TABLE t (\n  a MY TYPE,\n  \"b\"\"c\" TEXT,\n  \"d`e\" TEXT,\n  \"état\" TEXT\n)"},
        {"CREATE TABLE t (generated int, always text, \"order\" int, key int, \"select\" int)",
            "CREATE TABLE t (\n  \"generated\" INT,\n  \"always\" TEXT,\n  \"order\" INT,\n  \"key\" INT,\n  "
            "\"select\" INT\n)"},
    };
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_string_equal(written(ctx, cases[i][0]), cases[i][1]);
        assert_string_equal(written(ctx, cases[i][1]), cases[i][1]);
    }
}

static void test_not_understood(void **state)
{
    static const char *const cases[][2] = {
        {"CREATE TABLE t (a int NOT", "its end"},
        {"CREATE TABLE t (a int PRIMARY KEY SPAM)", "'SPAM'"},
        {"CREATE TABLE t (a int default)", "')'"},
        {"CREATE TABLE t (a int) WITHOUT OIDS", "'OIDS'"},
        {"CREATE TABLE t (a int, EXCLUDE (a))", "'('"},
        {"CREATE TABLE t (a int NOT SPAM)", "'SPAM'"},
        {"CREATE TABLE t (a 'x", "''x'"},
        {"CREATE TABLE t (a geometry(point, 4326))", "')'"},
    };
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct parsed_table parsed;
        const char *problem = NULL;
        assert_false(parse_table(ctx, cases[i][0], NULL, &parsed, &problem));
        assert_string_equal(problem, cases[i][1]);
    }
}

static void test_indexes(void **state)
{
    static const char *const cases[][2] = {
        {"CREATE INDEX i ON t(a)", "CREATE INDEX i ON t (a)"},
        {"create unique index if not exists main.i on t(a desc, \"b\" collate nocase asc)",
            "CREATE UNIQUE INDEX i ON t (a DESC, b COLLATE NOCASE)"},
        {"CREATE INDEX i ON t(lower(a) collate rtrim desc,(a+b)) where a in('x','y') and b is not null",
            "CREATE INDEX i ON t (lower(a) COLLATE RTRIM DESC, (a + b)) WHERE a IN ('x', 'y') AND b IS NOT "
            "NULL"},
        {"CREATE INDEX i ON t(a || \"x\") where \"rowid\" > 1 and a <> \"b c\"",
            "CREATE INDEX i ON t (a || 'x') WHERE \"rowid\" > 1 AND a <> 'b c'"},
    };
    struct ctx *ctx = *state;
    const struct table *t = parse(ctx, "CREATE TABLE t (a, b)");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct index *index = NULL;
        const char *problem;
        assert_true(parse_index(ctx, cases[i][0], t, &index, &problem));
        assert_string_equal(create_index_sql(ctx, "t", index, false), cases[i][1]);
    }
}

static void test_views(void **state)
{
    struct ctx *ctx = *state;
    struct view *view;
    const char *problem;
    assert_true(parse_view(ctx, "create view v(x) as select -- hm\n 1", &view, &problem));
    assert_string_equal(create_view_sql(ctx, view), "CREATE VIEW v (x) AS SELECT 1");
    assert_false(parse_view(ctx, "create view v(x", &view, &problem));
    assert_string_equal(problem, "its end");
}

static const char *canonical(struct ctx *ctx, const char *text)
{
    return text_canonical(ctx, text, strlen(text), true);
}

static void test_canonical(void **state)
{
    static const char *const cases[][2] = {
        {"(a>0)and(b<- 1)", "(a > 0) AND (b < -1)"},
        {"((a > 0))", "a > 0"},
        {"a- -1", "a - -1"},
        {"a not in(1,2)", "a NOT IN (1, 2)"},
        {"count( * )", "count(*)"},
        {"[a].`b c`", "\"a\".\"b c\""},
        {"case when a then -b else +c end", "CASE WHEN a THEN -b ELSE +c end"},
        {"x'0F'||'it''s'", "x'0F' || 'it''s'"},
        {"a->>'$.x'", "a ->> '$.x'"},
        {"like(a,b) or a like(b)", "like(a, b) OR a like (b)"},
        {"cast(a as text)", "cast(a AS text)"},
    };
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_string_equal(canonical(ctx, cases[i][0]), cases[i][1]);
        assert_string_equal(canonical(ctx, canonical(ctx, cases[i][0])), canonical(ctx, cases[i][0]));
        assert_true(text_same(ctx, canonical(ctx, cases[i][0]), cases[i][0]));
    }
}

static void test_same(void **state)
{
    static const char *const same[][2] = {
        {"a=1", "A == 1"}, {"(a<>1)", "[a] != 1"}, {"\"a\" IS NULL", "a is null"}, {"x'0f'", "X'0F'"}};
    static const char *const different[][2] = {{"a = 'x'", "a = 'X'"}, {"\"null\"", "NULL"}, {"a", "b"},
        {"'a'", "a"}, {"a + b", "a"}, {"(a) + (b)", "a) + (b"}};
    struct ctx *ctx = *state;
    for (size_t i = 0; i < COUNT_OF(same); i++)
        assert_true(text_same(ctx, same[i][0], same[i][1]));
    for (size_t i = 0; i < COUNT_OF(different); i++)
        assert_false(text_same(ctx, different[i][0], different[i][1]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_tables),
        ctx_test(test_not_understood),
        ctx_test(test_indexes),
        ctx_test(test_views),
        ctx_test(test_canonical),
        ctx_test(test_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
