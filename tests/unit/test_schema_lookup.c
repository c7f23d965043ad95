/* Tests of finding, sorting and copying parts of a schema. */

#include "schema_unit.h"

static void test_many_tables(void **state)
{
    struct ctx *ctx = *state;
    struct schema s = {0};

    for (unsigned i = 0; i < 1000; i++) {
        struct table *t = ctx_new(ctx, struct table);

        t->name = (struct qname){i % 3 ? NULL : "app", ctx_printf(ctx, "t%u", i * 7 % 1000)};
        schema_insert_table(ctx, &s, t);
    }
    for (unsigned i = 0; i < 1000; i++) {
        struct qname name = {i % 3 ? NULL : "app", ctx_printf(ctx, "t%u", i * 7 % 1000)};
        struct table *t = schema_table(&s, &name);

        assert_non_null(t);
        assert_true(qname_eq(&t->name, &name));
    }
    for (size_t i = 1; i < s.tables.n; i++)
        assert_true(qname_cmp(&s.tables.v[i - 1]->name, &s.tables.v[i]->name) < 0);
    assert_null(schema_table(&s, &(struct qname){"app", "t1000"}));
}

static void test_insert_and_remove(void **state)
{
    struct ctx *ctx = *state;
    struct schema s = {0};
    struct enumeration e = {.name = {NULL, "e"}};
    struct view v = {.name = {NULL, "v"}};
    struct sequence q = {.name = {NULL, "q"}};
    struct table t = {.name = {NULL, "t"}};

    schema_insert_table(ctx, &s, &t);
    schema_insert_enum(ctx, &s, &e);
    schema_insert_view(ctx, &s, &v);
    schema_insert_sequence(ctx, &s, &q);
    assert_ptr_equal(schema_enum(&s, &e.name), &e);
    assert_ptr_equal(schema_view(&s, &v.name), &v);
    assert_ptr_equal(schema_sequence(&s, &q.name), &q);
    for (int i = 0; i < 2; i++) {
        schema_remove_table(&s, &t);
        schema_remove_enum(&s, &e);
        schema_remove_view(&s, &v);
        schema_remove_sequence(&s, &q);
        assert_int_equal(s.tables.n + s.enums.n + s.views.n + s.sequences.n, 0);
    }
}

#define MODEL \
    "tables:\n" \
    "  t:\n" \
    "    columns: {a: {type: int, identity: {start: 1}, sqlite: {x: 1}}, b: {type: int, generated: a, " \
    "values: [x]}}\n" \
    "    primary_key: a\n" \
    "    uniques: {u: [a, b]}\n" \
    "    checks: {c: a > 0}\n" \
    "    foreign_keys: {f: {columns: a, references: t.a}}\n" \
    "    excludes: {x: {columns: [{column: a, op: '='}]}}\n" \
    "    indexes: {i: [a, b]}\n"

static void test_constraints(void **state)
{
    struct ctx *ctx = *state;
    struct schema s = model_of(ctx, MODEL);
    struct table *t = table_named(&s, "t");
    static const enum constraint_kind order[] = {CONSTRAINT_PRIMARY_KEY, CONSTRAINT_UNIQUE, CONSTRAINT_CHECK,
        CONSTRAINT_FOREIGN_KEY, CONSTRAINT_EXCLUDE};
    size_t at = 0;

    for (size_t i = 0; i < COUNT_OF(order); i++)
        assert_int_equal(table_next_constraint(t, &at)->kind, order[i]);
    assert_null(table_next_constraint(t, &at));
    assert_null(table_next_constraint(t, &at));
    assert_int_equal(table_constraint(t, "f")->kind, CONSTRAINT_FOREIGN_KEY);
    assert_null(table_constraint(t, "g"));
    assert_null(table_constraint(t, NULL));
    assert_null(table_index(t, NULL));
    assert_non_null(table_index(t, "i"));
    assert_ptr_equal(table_constraints(t, CONSTRAINT_EXCLUDE), &t->excludes);
    assert_null(table_constraints(t, CONSTRAINT_PRIMARY_KEY));
    for (size_t i = 0; i < COUNT_OF(order); i++)
        assert_non_null(constraint_record(order[i]));
    t->primary_key = NULL;
    at = 0;
    assert_int_equal(table_next_constraint(t, &at)->kind, CONSTRAINT_UNIQUE);
    assert_int_equal(table_next_constraint(t, &at)->kind, CONSTRAINT_CHECK);
    assert_false(column_in_key(t, "a"));
}

/* A change of a copy does not change the original. */
static void test_copy(void **state)
{
    struct ctx *ctx = *state;
    struct schema s = model_of(ctx, MODEL), fresh = model_of(ctx, MODEL);
    struct table *t = table_named(&s, "t"), *copy = table_copy(ctx, t);

    assert_true(record_equal(&table_record, t, copy));
    copy->columns.v[0]->identity->options.start = "2";
    options_set(ctx, copy->columns.v[0]->options, "sqlite", "x", "2");
    options_set(ctx, copy->columns.v[0]->options, "postgresql", "y", "2");
    copy->columns.v[1]->generated->stored = false;
    vec_add(ctx, copy->columns.v[1]->values, "y");
    vec_add(ctx, &copy->primary_key->columns, "b");
    copy->uniques.v[0]->columns.v[0] = "z";
    copy->foreign_keys.v[0]->referred_columns.v[0] = "z";
    copy->excludes.v[0]->parts.v[0]->op = "&&";
    copy->indexes.v[0]->parts.v[0]->column = "z";
    vec_remove(&copy->checks, 0);
    assert_true(record_equal(&table_record, t, table_named(&fresh, "t")));
    assert_false(record_equal(&table_record, t, copy));
}

static void test_options(void **state)
{
    struct ctx *ctx = *state;
    struct options o = {0};

    options_set(ctx, &o, "sqlite", "b", "1");
    options_set(ctx, &o, "postgresql", "z", "2");
    options_set(ctx, &o, "sqlite", "a", "3");
    options_set(ctx, &o, "sqlite", "b", "4");
    assert_int_equal(o.n, 3);
    assert_string_equal(o.v[0].dialect, "postgresql");
    assert_string_equal(o.v[1].key, "a");
    assert_string_equal(options_get(&o, "sqlite", "b"), "4");
    assert_null(options_get(&o, "mysql", "b"));
}

/* The JSON Schema of a model can be made, and knows each key. */
static void test_json_schema(void **state)
{
    struct ctx *ctx = *state;
    const char *text = yaml_of(ctx, record_json_schema(&ctx->arena, &schema_record, "models"));
    static const char *const keys[] = {"tables:", "columns:", "renamed_from:", "foreign_keys:", "on_delete:",
        "nulls_not_distinct:", "owned_by:", "definitions:", "postgresql:"};

    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (!strstr(text, keys[i]))
            fail_msg("no %s", keys[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_many_tables),
        ctx_test(test_insert_and_remove),
        ctx_test(test_constraints),
        ctx_test(test_copy),
        ctx_test(test_options),
        ctx_test(test_json_schema),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
