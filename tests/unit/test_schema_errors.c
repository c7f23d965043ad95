/* Tests of the error messages for wrong models, with their places. */

#include "schema_unit.h"

struct wrong {
    const char *yaml, *message;
};

#define T "tables:\n  t:\n    columns:\n"
#define HINT "\n  hint: "

static const struct wrong columns[] = {
    {T "      a:\n", "m.yaml:4:9: column 'a' needs a type"},
    {T "      a: [text]\n", "m.yaml:4:10: expected a type, or a mapping that describes the column"},
    {T "      a: ' '\n", "m.yaml:4:10: column 'a' has an empty type"},
    {T "      '': text\n", "m.yaml:4:11: a column needs a name"},
    {T "      a: {nullable: false}\n", "m.yaml:4:10: key 'type' is missing in column"},
    {T "      a: {type: text, nullabel: false}\n",
        "m.yaml:4:23: unknown key 'nullabel' in column" HINT "Did you mean 'nullable'?"},
    {T "      a: {type: text, nullable: perhaps}\n",
        "m.yaml:4:33: key 'nullable': expected true or false, found 'perhaps'"},
    {T "      a: {type: {default: text, oracle: clob}}\n",
        "m.yaml:4:33: unknown dialect 'oracle'" HINT
        "Expected one of 'default', 'sqlite', 'postgresql', 'mysql' or 'mariadb'."},
    {T "      a: {type: text, default: [1]}\n", "m.yaml:4:32: expected a literal, {sql: ...} or {func: ...}"},
    {T "      a: {type: text, default: {func: noww}}\n",
        "m.yaml:4:39: unknown function 'noww'" HINT "Did you mean 'now'?"},
    {T "      a: {type: text, default: {func: now, sql: x}}\n",
        "m.yaml:4:32: expected a literal, {sql: ...} or {func: ...}"},
    {T "      a: {type: text, default: {default: 1, postgres: 2}}\n",
        "m.yaml:4:45: unknown dialect 'postgres'" HINT "Did you mean 'postgresql'?"},
    {T "      a: {type: text, default: {default: 1, sqlite: {func: now}}}\n",
        "m.yaml:4:53: a function cannot be combined with another kind of default; write its SQL"},
    {T "      a: {type: text, identity: never}\n",
        "m.yaml:4:33: an identity is `always` or `by default`, not 'never'"},
    {T "      a: {type: text, identity: []}\n", "m.yaml:4:33: expected `always`, `by default` or a mapping"},
    {T "      a: {type: int, identity: always, generated: b}\n",
        "m.yaml:4:10: column 'a' is generated and has an identity"},
    {T "      a: {type: int, default: 1, generated: b}\n",
        "m.yaml:4:10: column 'a' is generated and has a default"},
    {T "      a: {type: int, default: 1, identity: always}\n",
        "m.yaml:4:10: column 'a' has an identity and a default"},
    {T "      a: {type: int, generated: {sql: null}}\n",
        "m.yaml:4:33: a generated column needs an expression"},
    {T "      a: {type: int, unique: [b]}\n", "m.yaml:4:30: expected true, a name or a mapping"},
    {T "      a: {type: int, index: [b]}\n", "m.yaml:4:29: expected true, a name or a mapping"},
    {T "      a: {type: int, references: 'a.b.c.d'}\n",
        "m.yaml:4:34: invalid reference 'a.b.c.d'" HINT
        "Write table.column, table(a, b) or {table: ..., columns: [...]}."},
    {T "      a: {type: int, references: 'a(b, c)'}\n", "m.yaml:4:34: one column cannot refer to 2"},
    {T "      a: {type: int, references: {on_delete: cascade}}\n",
        "m.yaml:4:34: key 'column' is missing in reference"},
    {T "      a: {type: int, references: {column: x.y, on_delete: drop}}\n",
        "m.yaml:4:59: key 'on_delete': unknown word 'drop'" HINT
        "Expected one of 'no action', 'restrict', 'cascade', 'set null' or 'set default'."},
    {T "      a: {type: int, sqlite: strict}\n", "m.yaml:4:30: expected a mapping of sqlite's options"},
    {T "      a: {type: int, sqlite: {x: [1]}}\n",
        "m.yaml:4:34: option 'x' must be a flag, a number or a string"},
    {"tables: {t: {columns: [{name: a, type: int}, {name: a, type: int}]}}\n",
        "m.yaml:1:46: duplicate column 'a'; the first is in line 1"},
    {"tables: {t: {columns: [{type: int}]}}\n", "m.yaml:1:24: a column needs a name"},
    {"tables: {t: {columns: {a: int, a: int}}}\n",
        "m.yaml:1:32: duplicate key 'a'; the first is in line 1, column 24"},
};

#define C "tables:\n  t:\n    columns: {title: text, body: text}\n"
static const struct wrong tables[] = {
    {C "    primary_key: [titel]\n",
        "m.yaml:4:18: table 't' has no column 'titel'" HINT "Did you mean 'title'?"},
    {C "    primary_key: []\n", "m.yaml:3:5: a primary key needs columns"},
    {C "    uniques: [[title, bodi]]\n",
        "m.yaml:4:15: table 't' has no column 'bodi'" HINT "Did you mean 'body'?"},
    {C "    uniques: [[]]\n", "m.yaml:4:15: a constraint needs columns"},
    {C "    uniques: {'': title}\n", "m.yaml:4:15: a constraint's name cannot be empty"},
    {C "    indexes: [lower(title)]\n", "m.yaml:4:15: table 't' has no column 'lower(title)'" HINT
                                        "Write an expression as {sql: lower(title)}."},
    {C "    indexes: [{columns: [zzz]}]\n", "m.yaml:4:15: table 't' has no column 'zzz'"},
    {C "    indexes: [{columns: []}]\n", "m.yaml:4:15: an index needs columns"},
    {C "    indexes: {'': title}\n", "m.yaml:4:15: an index's name cannot be empty"},
    {C "    indexes: [{columns: [{column: title, sql: x}]}]\n",
        "m.yaml:4:26: either `column` or `sql`, not both"},
    {C "    indexes: [{columns: [{order: asc}]}]\n", "m.yaml:4:26: expected `column` or `sql`"},
    {C "    indexes: [{columns: [[a]]}]\n",
        "m.yaml:4:26: expected a column, or a mapping with `column` or `sql`"},
    {C "    checks: [[a]]\n", "m.yaml:4:14: expected a condition, or a mapping with `sql`"},
    {C "    checks: {a: null}\n", "m.yaml:4:17: a check needs a condition"},
    {C "    checks: {a: {name: b, sql: x}}\n",
        "m.yaml:4:18: unknown key 'name' in check constraint" HINT
        "Expected one of 'sql', 'not_valid', 'no_inherit', 'comment', 'sqlite', 'postgresql' or 'mysql'."},
    {C "    foreign_keys: [{columns: [title, body], references: o.id}]\n",
        "m.yaml:4:20: a foreign key of 2 columns refers to 1"},
    {C "    foreign_keys: [{columns: [titl], references: o.id}]\n",
        "m.yaml:4:20: table 't' has no column 'titl'" HINT "Did you mean 'title'?"},
    {C "    foreign_keys: [{columns: [title], references: [o]}]\n",
        "m.yaml:4:51: expected a reference" HINT
        "Write table.column, table(a, b) or {table: ..., columns: [...]}."},
    {C "    foreign_keys: [{columns: [title], references: o.id, initially: later}]\n",
        "m.yaml:4:68: expected `deferred` or `immediate`"},
    {C "    excludes: [{columns: [title]}]\n",
        "m.yaml:4:16: each column of an exclusion constraint needs an `op`"},
    {"tables:\n  t:\n    columns: {a: {type: int, primary_key: true}, b: int}\n    primary_key: [b]\n",
        "m.yaml:3:15: column 'a' is a primary key, but the table's `primary_key` says otherwise"},
};

static const struct wrong others[] = {
    {"tabels: {}\n", "m.yaml:1:1: unknown key 'tabels' in model" HINT "Did you mean 'tables'?"},
    {"- a\n", "m.yaml:1:1: model: expected a mapping, found a list"},
    {"tables: {'': {}}\n",
        "m.yaml:1:10: '' is not a name" HINT
        "Write name or schema.name; put a part with a dot or a double quote in double quotes."},
    {"tables: {a.b.c: {}}\n",
        "m.yaml:1:10: 'a.b.c' is not a name" HINT
        "Write name or schema.name; put a part with a dot or a double quote in double quotes."},
    {"enums: {a: x}\n", "m.yaml:1:12: expected a list of values, or a mapping with `values`"},
    {"enums: {a: [x, y, x]}\n", "m.yaml:1:12: duplicate value 'x'"},
    {"schemas: {a: b}\n", "m.yaml:1:14: expected the name of a schema, or a mapping"},
    {"schemas: ['']\n", "m.yaml:1:11: a schema needs a name"},
    {"views: {a: [x]}\n", "m.yaml:1:12: expected a query, or a mapping with `sql`"},
    {"views: {a: }\n", "m.yaml:1:12: a view needs a query"},
    {"views: {a: 'SELECT 1; DROP TABLE t'}\n", "m.yaml:1:12: the query of a view is followed by more SQL"},
    {"views: {a: {sql: {default: SELECT 1, sqlite: 'SELECT 1; SELECT 2'}}}\n",
        "m.yaml:1:12: the query of a view is followed by more SQL"},
    {"sequences: {a: {owned_by: t}}\n",
        "m.yaml:1:27: expected the column that owns the sequence, as table.column"},
    {"tables: {a: }\nviews: {a: SELECT 1}\n",
        "m.yaml:2:9: view 'a' has the name of a table\n  m.yaml:1:10: the first definition"},
};

/* Shows every case that differs before it fails. */
static void check_all(struct ctx *ctx, const struct wrong *list, size_t n)
{
    size_t bad = 0;

    for (size_t i = 0; i < n; i++) {
        struct schema s = {0};
        bool taken = parse_model(ctx, list[i].yaml, &s);

        if (taken || strcmp(err_text(ctx), list[i].message) != 0) {
            print_error("%s--- is said to be\n%s\n", list[i].yaml, err_text(ctx));
            bad++;
        }
        err_clear(ctx);
    }
    assert_int_equal(bad, 0);
}

static void test_columns(void **state)
{
    check_all(*state, columns, COUNT_OF(columns));
}

static void test_tables(void **state)
{
    check_all(*state, tables, COUNT_OF(tables));
}

static void test_others(void **state)
{
    check_all(*state, others, COUNT_OF(others));
}

int main(void)
{
    const struct CMUnitTest tests[] = {ctx_test(test_columns), ctx_test(test_tables), ctx_test(test_others)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
