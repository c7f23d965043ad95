/* Tests of reading and writing operations, and of their error messages. */
#include "diff_unit.h"

static void test_every_kind_is_complete(ATTR_UNUSED void **state)
{
    for (int i = 0; i < OP_KINDS; i++) {
        enum object_kind kind = op_object_kind((enum op_kind)i);
        bool is_rename = op_object_verb((enum op_kind)i) == OBJECT_RENAME;

        assert_int_equal(!op_table[i].name, is_rename && !object_kind_renames(kind));
        if (!op_table[i].name)
            continue;
        assert_non_null(op_table[i].doc);
        assert_non_null(op_table[i].record);
        assert_non_null(op_table[i].apply);
        assert_non_null(op_table[i].describe);
        for (int k = 0; k < i; k++)
            assert_false(str_eq(op_table[k].name, op_table[i].name));
    }
}

static const char *const written[] = {
    "- create_schema: audit\n",
    "- drop_schema: {name: audit, cascade: true}\n",
    "- create_enum: {name: status, values: [draft, published]}\n",
    "- drop_enum: status\n",
    "- alter_enum: {name: status, values: [a, b], existing_values: [a], columns: [posts.status], rename: {x: "
    "a}}\n",
    "- rename_enum: {name: a, new_name: audit.b}\n",
    "- create_sequence: {name: s, start: \"5\"}\n",
    "- drop_sequence: s\n",
    "- rename_sequence: {name: a, new_name: b}\n",
    "- drop_table: users\n",
    "- drop_table: {name: users, if_exists: true}\n",
    "- rename_table: {name: a, new_name: b}\n",
    "- alter_table: {table: a, sqlite: {strict: true}}\n",
    "- add_column: {table: a, name: b, type: text, nullable: false}\n",
    "- drop_column: {table: a, name: b}\n",
    "- alter_column: {table: a, name: b, type: text, default: null, comment: null}\n",
    "- alter_column: {table: a, name: b, new_name: c, nullable: true}\n",
    "- rename_column: {table: a, name: b, new_name: c}\n",
    "- create_index: {table: a, name: ix, columns: [b], unique: true}\n",
    "- drop_index: {table: a, name: ix}\n",
    "- rename_index: {table: a, name: ix, new_name: iy}\n",
    "- create_primary_key: {table: a, name: pk, columns: [id]}\n",
    "- create_unique_constraint: {table: a, columns: [b]}\n",
    "- create_check_constraint: {table: a, name: ck, sql: b > 0}\n",
    "- drop_constraint: {table: a, name: ck, type: check}\n",
    "- drop_constraint: {table: a, type: unique, columns: [b]}\n",
    "- rename_constraint: {table: a, name: b, new_name: c}\n",
    "- validate_constraint: {table: a, name: b}\n",
    "- create_table_comment: {table: a, comment: c}\n",
    "- drop_table_comment: a\n",
    "- set_comment: {on: index, table: a, name: ix, comment: null}\n",
    "- create_view: {name: v, sql: SELECT 1}\n",
    "- drop_view: v\n",
    "- replace_view: {name: v, sql: SELECT 1}\n",
    "- rename_view: {name: v, new_name: w}\n",
    "- execute: UPDATE a SET b = 1\n",
    "- execute: {postgresql: SELECT 1, sqlite: SELECT 2}\n",
    "- execute: {file: fill.sql}\n",
    "- bulk_insert: {table: a, file: rows.csv}\n",
    "- add_column: {table: a, name: b, type: integer, after: c}\n",
    "- backfill: {table: a, set: {b: c + 1}, where: b IS NULL, key: id, batch: 500}\n",
    "- backfill: {table: a, set: {b: {sql: {postgresql: x, sqlite: y}}}}\n",
    "- run: [./fill.sh, one]\n",
    "- assert: {sql: SELECT 1, message: m}\n",
    "- assert: {sql: {postgresql: SELECT 1}, message: m}\n",
    "- drop_table: {name: users, only: [sqlite]}\n",
};

static void test_round_trip(void **state)
{
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(written); i++) {
        struct ops ops = ops_of(ctx, written[i]);
        const char *again = ops_yaml(ctx, &ops);
        struct ops read = ops_of(ctx, again);

        assert_int_equal(ops.n, 1);
        assert_int_equal(read.n, 1);
        assert_int_equal(read.v[0]->kind, ops.v[0]->kind);
        assert_true(record_equal(op_table[ops.v[0]->kind].record, &ops.v[0]->u, &read.v[0]->u));
        assert_string_equal(ops_yaml(ctx, &read), again);
        assert_true(strings_eq(&read.v[0]->only, &ops.v[0]->only));
    }
}

static void test_only_beside(void **state)
{
    struct ctx *ctx = *state;
    struct ops ops = ops_of(ctx, "- only: [sqlite]\n  execute: SELECT 1\n");

    assert_true(only_fits(&ops.v[0]->only, &(struct audience){.dialect = "sqlite"}));
    assert_false(only_fits(&ops.v[0]->only, &(struct audience){.dialect = "postgresql"}));
    assert_string_equal(ops.v[0]->u.execute.sql.text, "SELECT 1");
    assert_string_equal(ops_yaml(ctx, &ops), "- execute: SELECT 1\n  only: [sqlite]\n");
}

/* A name that is a kind of database and an environment means the kind. */
static void test_only_environments(void **state)
{
    static const struct {
        const char *only, *dialect, *environment;
        bool fits;
    } cases[] = {
        {"users", "sqlite", "users", true},
        {"users", "sqlite", "billing", false},
        {"users", "sqlite", NULL, false},
        {"[users, billing]", "postgresql", "billing", true},
        {"[users, postgresql]", "postgresql", "billing", true},
        {"sqlite", "postgresql", "sqlite", false},
        {"sqlite", "sqlite", "users", true},
        {"[]", "sqlite", NULL, true},
    };
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ops ops = ops_of(ctx, ctx_printf(ctx, "- drop_table: {name: a, only: %s}\n", cases[i].only));
        struct audience to = {.dialect = cases[i].dialect, .environment = cases[i].environment};

        assert_int_equal(only_fits(&ops.v[0]->only, &to), cases[i].fits);
    }
}

static void test_bulk_insert(void **state)
{
    struct ctx *ctx = *state;
    struct ops ops = ops_of(ctx, "- bulk_insert:\n    table: a\n    rows:\n    - {x: 1, y: \"1\", z: null}\n"
                                 "    - {x: true, y: {sql: now()}}\n");
    const struct rows *rows = &ops.v[0]->u.bulk_insert.rows;

    assert_int_equal(rows->n, 2);
    assert_int_equal(rows->v[0]->v[0]->value.kind, VALUE_NUMBER);
    assert_int_equal(rows->v[0]->v[1]->value.kind, VALUE_STRING);
    assert_int_equal(rows->v[0]->v[2]->value.kind, VALUE_NONE);
    assert_int_equal(rows->v[1]->v[1]->value.kind, VALUE_SQL);
    struct ops again = ops_of(ctx, ops_yaml(ctx, &ops));
    assert_true(record_equal(op_table[OP_BULK_INSERT].record, &ops.v[0]->u, &again.v[0]->u));
}

static void test_shorthands(void **state)
{
    struct ctx *ctx = *state;
    struct ops ops = ops_of(ctx,
        "- create_table:\n    name: a\n    columns:\n      id: {type: bigint, primary_key: true}\n"
        "      b: {type: bigint, index: true, unique: true, references: c.id}\n"
        "- add_column: {table: a, name: d, type: bigint, index: true, references: c.id}\n");
    const struct table *t = &ops.v[0]->u.create_table.table;

    assert_int_equal(t->indexes.n, 1);
    assert_true(t->indexes.v[0]->unique);
    assert_int_equal(t->uniques.n, 0);
    assert_int_equal(t->foreign_keys.n, 1);
    assert_string_equal(
        ops_text(ctx, &ops), "create_table a\nadd_column a.d\ncreate_foreign_key a(d)\ncreate_index a(d)\n");
}

static const struct {
    const char *text, *message;
} wrong[] = {
    {"- drop_tabel: users\n",
        "r.yaml:1:3: unknown operation 'drop_tabel'\n  hint: Did you mean 'drop_table'?"},
    {"- drop_column: {table: a, nam: b}\n", "operation 'drop_column'\n  r.yaml:1:27: unknown key 'nam' in "
                                            "drop_column\n  hint: Did you mean 'name'?"},
    {"drop_table: users\n", "r.yaml:1:1: expected a list of operations, not a mapping"},
    {"- create_enum: {values: [a]}\n", "operation 'create_enum'\n  r.yaml:1:16: create_enum needs a 'name'"},
    {"- drop_constraint: {table: a}\n", "operation 'drop_constraint'\n  r.yaml:1:20: drop_constraint needs a "
                                        "'name', or a 'type' and its 'columns'"},
    {"- drop_table: {name: a, only: [oracle]}\n",
        "r.yaml:1:32: 'only' names neither a database nor an environment: 'oracle'\n  hint: "
        "Expected one of 'sqlite', 'postgresql', 'mysql', 'mariadb', 'users', 'billing' or 'sqlite'."},
    {"- drop_table: {name: a, only: [sqlite, bilings]}\n",
        "r.yaml:1:40: 'only' names neither a database nor an environment: 'bilings'\n  hint: "
        "Did you mean 'billing'?"},
};

static void test_wrong(void **state)
{
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct ops ops;

        assert_false(read_ops(ctx, wrong[i].text, &ops));
        assert_error(ctx, STATUS_CONFIG, wrong[i].message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_every_kind_is_complete),
        ctx_test(test_round_trip),
        ctx_test(test_only_beside),
        ctx_test(test_only_environments),
        ctx_test(test_bulk_insert),
        ctx_test(test_shorthands),
        ctx_test(test_wrong),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
