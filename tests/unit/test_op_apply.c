/* Tests of applying operations to schemas, and of operations that cannot be applied. */
#include "diff_unit.h"

static const char model[] = "tables:\n"
                            "  a:\n"
                            "    columns: {id: {type: bigint, primary_key: true}, x: text, y: text, g: "
                            "{type: text, generated: x || y}}\n"
                            "    uniques: {u: [x, y]}\n"
                            "    checks: {c: \"length(x) > 0\", d: \"y <> 'x'\"}\n"
                            "    indexes: {i: [x], j: {columns: [y], where: x IS NOT NULL}, k: [y]}\n"
                            "  b:\n"
                            "    columns: {a_id: {type: bigint, references: a.id}}\n"
                            "views:\n"
                            "  v: {sql: SELECT x FROM a}\n";

static void test_rename_follows(void **state)
{
    struct ctx *ctx = *state;
    struct dialect dialect = strict_dialect();
    struct schema s = prepared(ctx, &dialect, model);
    struct ops ops = ops_of(ctx, "- rename_column: {table: a, name: x, new_name: z}\n"
                                 "- rename_column: {table: a, name: id, new_name: key}\n"
                                 "- rename_table: {name: a, new_name: c}\n");
    const struct table *t;

    assert_ok(ctx, ops_apply(ctx, &dialect, &s, &ops));
    t = table_named(&s, "c");
    assert_string_equal(t->uniques.v[0]->columns.v[0], "z");
    assert_string_equal(table_constraint(t, "c")->check.native, "length(z) > 0");
    assert_string_equal(table_constraint(t, "d")->check.native, "y <> 'x'");
    assert_string_equal(table_index(t, "i")->parts.v[0]->column, "z");
    assert_string_equal(table_index(t, "j")->where.native, "z IS NOT NULL");
    assert_string_equal(table_column(t, "g")->generated->expr.native, "z || y");
    assert_string_equal(table_named(&s, "b")->foreign_keys.v[0]->references.name, "c");
    assert_string_equal(table_named(&s, "b")->foreign_keys.v[0]->referred_columns.v[0], "key");
}

static void test_drop_column_takes_along(void **state)
{
    struct ctx *ctx = *state;
    struct dialect dialect = strict_dialect();
    struct schema s = prepared(ctx, &dialect, model);
    struct ops ops = ops_of(ctx, "- drop_column: {table: a, name: x}\n"
                                 "- drop_column: {table: a, name: id, cascade: true}\n");
    const struct table *t = table_named(&s, "a");

    assert_ok(ctx, ops_apply(ctx, &dialect, &s, &ops));
    assert_int_equal(t->uniques.n, 0);
    assert_null(t->primary_key);
    assert_int_equal(t->checks.n, 1);
    assert_string_equal(t->checks.v[0]->name, "d");
    assert_int_equal(t->indexes.n, 1);
    assert_string_equal(t->indexes.v[0]->name, "k");
    assert_int_equal(table_named(&s, "b")->foreign_keys.n, 0);
}

static void test_indexes_of_a_view(void **state)
{
    struct ctx *ctx = *state;
    struct dialect dialect = strict_dialect();
    struct schema s = prepared(ctx, &dialect, model);
    struct ops ops = ops_of(ctx, "- create_view: {name: m, sql: SELECT y FROM a, materialized: true, "
                                 "indexes: {p: [y]}}\n"
                                 "- create_index: {table: m, name: q, columns: [z, {sql: y || 'x'}]}\n"
                                 "- rename_index: {table: m, name: p, new_name: r}\n"
                                 "- rename_view: {name: m, new_name: n}\n"
                                 "- set_comment: {on: index, name: r, comment: mine}\n"
                                 "- drop_index: {table: n, name: q}\n");
    const struct qname name = {.name = "n"};
    const struct view *v;

    assert_ok(ctx, ops_apply(ctx, &dialect, &s, &ops));
    v = schema_view(&s, &name);
    assert_true(v->materialized);
    assert_int_equal(v->indexes.n, 1);
    assert_string_equal(v->indexes.v[0]->name, "r");
    assert_string_equal(v->indexes.v[0]->comment, "mine");
    /* The operation's own view stays as it was written. */
    assert_string_equal(ops.v[0]->u.view.view.indexes.v[0]->name, "p");
}

static const struct {
    const char *ops, *message;
} wrong[] = {
    {"- drop_table: z\n", "r.yaml:1:3: operation 1 of 1, drop_table z\n  table 'z' does not exist"},
    {"- create_table: {name: a, columns: {x: text}}\n",
        "r.yaml:1:3: operation 1 of 1, create_table a\n  table 'a' already exists"},
    {"- execute: SELECT 1\n- add_column: {table: a, name: x, type: text}\n",
        "r.yaml:2:3: operation 2 of 2, add_column a.x\n  column 'a.x' already exists"},
    {"- drop_index: {table: a, name: z}\n",
        "r.yaml:1:3: operation 1 of 1, drop_index a.z\n  index 'z' does not exist"},
    {"- drop_index: {table: v, name: i}\n",
        "r.yaml:1:3: operation 1 of 1, drop_index v.i\n  index 'i' does not exist"},
    {"- create_index: {table: v, name: i, columns: [x]}\n",
        "r.yaml:1:3: operation 1 of 1, create_index v.i\n  index 'i' already exists"},
    {"- create_index: {table: b, name: i, columns: [a_id]}\n",
        "r.yaml:1:3: operation 1 of 1, create_index b.i\n  index 'i' already exists"},
    {"- drop_constraint: {table: a, type: check, sql: x = 1}\n",
        "r.yaml:1:3: operation 1 of 1, drop_constraint a\n  table 'a' has no such constraint"},
    {"- create_primary_key: {table: a, columns: [x]}\n",
        "r.yaml:1:3: operation 1 of 1, create_primary_key a(x)\n  table 'a' already has a primary key"},
    {"- rename_table: {name: a, new_name: v}\n",
        "r.yaml:1:3: operation 1 of 1, rename_table a to v\n  table 'v' already exists"},
};

static void test_wrong(void **state)
{
    struct ctx *ctx = *state;
    struct dialect dialect = strict_dialect();

    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct schema s = prepared(ctx, &dialect, model);
        struct ops ops = ops_of(ctx, wrong[i].ops);

        assert_false(ops_apply(ctx, &dialect, &s, &ops));
        assert_error(ctx, STATUS_CONFIG, wrong[i].message);
    }
}

/* Tables t10 to t59 with an index each, i10 to i59, besides those of the model: so many that names are not searched. */
static struct schema many(struct ctx *ctx, const struct dialect *dialect)
{
    struct schema s = prepared(ctx, dialect, model);

    for (int i = 10; i < 60; i++) {
        const struct ops ops = ops_of(ctx, ctx_printf(ctx,
                                               "- create_table: {name: t%d, columns: {x: text}}\n"
                                               "- create_index: {table: t%d, name: i%d, columns: [x]}\n",
                                               i, i, i));

        assert_ok(ctx, ops_apply(ctx, dialect, &s, &ops));
    }
    return s;
}

static const struct {
    const char *ops, *message; /* NULL: they can be applied */
} in_many[] = {
    {"- create_index: {table: b, name: i59, columns: [a_id]}\n", "index 'i59' already exists"},
    {"- create_index: {table: t10, name: j, columns: [x]}\n", "index 'j' already exists"},
    {"- drop_index: {name: i59}\n- create_index: {table: b, name: i59, columns: [a_id]}\n", NULL},
    {"- drop_index: {name: i60}\n", "index 'i60' does not exist"},
    {"- rename_index: {name: i59, new_name: n}\n- create_index: {table: b, name: n, columns: [a_id]}\n",
        "index 'n' already exists"},
    {"- rename_index: {name: i59, new_name: n}\n- create_index: {table: b, name: i59, columns: [a_id]}\n"
     "- drop_index: {name: n}\n- drop_index: {name: i59}\n",
        NULL},
    {"- rename_table: {name: t20, new_name: n}\n- drop_index: {name: i20}\n"
     "- create_index: {table: t21, name: i20, columns: [x]}\n- drop_index: {table: t21, name: i20}\n",
        NULL},
    {"- drop_table: t20\n- drop_index: {name: i20}\n", "index 'i20' does not exist"},
    {"- drop_table: t20\n- create_index: {table: t21, name: i20, columns: [x]}\n- drop_index: {name: i20}\n",
        NULL},
    {"- create_table: {name: t59, columns: {x: text}}\n", "table 't59' already exists"},
    {"- create_table: {name: t20, columns: {x: text}}\n", "table 't20' already exists"},
    {"- rename_table: {name: t20, new_name: n}\n- create_table: {name: t20, columns: {x: text}}\n", NULL},
    {"- create_view: {name: m, sql: SELECT y FROM a, materialized: true, indexes: {p: [y]}}\n"
     "- create_index: {table: b, name: p, columns: [a_id]}\n",
        "index 'p' already exists"},
    {"- create_view: {name: m, sql: SELECT y FROM a, materialized: true}\n"
     "- create_index: {table: m, name: q, columns: [y]}\n- drop_index: {name: q}\n- drop_index: {name: q}\n",
        "index 'q' does not exist"},
    {"- add_parent: {table: t20, parent: t21}\n- add_column: {table: t21, name: z, type: text}\n"
     "- drop_column: {table: t20, name: z}\n",
        NULL}, /* the child has it */
};

static void test_among_many_tables(void **state)
{
    struct ctx *ctx = *state;
    struct dialect dialect = strict_dialect();

    dialect.has.global_indexes = true;
    dialect.has.children = true;
    for (size_t i = 0; i < COUNT_OF(in_many); i++) {
        struct schema s = many(ctx, &dialect);
        struct ops ops = ops_of(ctx, in_many[i].ops);

        if (!in_many[i].message) {
            assert_ok(ctx, ops_apply(ctx, &dialect, &s, &ops));
            continue;
        }
        assert_false(ops_apply(ctx, &dialect, &s, &ops));
        assert_non_null(strstr(err_text(ctx), in_many[i].message));
        err_clear(ctx);
    }
}

/* Where names that differ only in case are one. */
static void test_case_among_many_tables(void **state)
{
    struct ctx *ctx = *state;
    struct dialect dialect = strict_dialect();
    struct schema s = many(ctx, &dialect);
    struct ops twice = ops_of(ctx, "- create_table: {name: T59, columns: {x: text}}\n");

    dialect.has.folded_names = true;
    assert_false(ops_apply(ctx, &dialect, &s, &twice));
    assert_error(
        ctx, STATUS_CONFIG, "r.yaml:1:3: operation 1 of 1, create_table T59\n  table 'T59' already exists");
    dialect.has.folded_names = false;
    assert_ok(ctx, ops_apply(ctx, &dialect, &s, &twice));
}

static void test_names_in_sql(void **state)
{
    struct ctx *ctx = *state;

    assert_true(sql_mentions("length(x) > 0", "x"));
    assert_false(sql_mentions("length(x) > 0", "length"));
    assert_false(sql_mentions("y = 'x' -- x\n and z = $$x$$ /* x */", "x"));
    assert_true(sql_mentions("\"A b\" = 1", "A b"));
    assert_false(sql_mentions("xx + x1", "x"));
    assert_string_equal(sql_rename(ctx, NULL, "x = 'x' OR t.x > \"x\"", "x", "y"), "y = 'x' OR t.y > \"y\"");
    assert_string_equal(sql_rename(ctx, NULL, "x", "x", "a b"), "\"a b\"");
    const struct qname st = {.name = "st"}, st2 = {.name = "st2"}, there = {"app", "Odd"};
    assert_string_equal(
        sql_rename_type(ctx, NULL, "public", "st = 'st'::st OR CAST (st AS st) = st::public.st[]", &st, &st2),
        "st = 'st'::st2 OR CAST (st AS st2) = st::st2[]");
    assert_string_equal(sql_rename_type(ctx, NULL, "public", "a::app.st <> b :: ST AND c AS st", &st, &there),
        "a::app.st <> b :: app.\"Odd\" AND c AS st");
    assert_string_equal(sql_rename_type(ctx, NULL, "public", "a::app.\"Odd\" = b::\"Odd\"", &there, &st),
        "a::st = b::\"Odd\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_rename_follows),
        ctx_test(test_drop_column_takes_along),
        ctx_test(test_indexes_of_a_view),
        ctx_test(test_wrong),
        ctx_test(test_among_many_tables),
        ctx_test(test_case_among_many_tables),
        ctx_test(test_names_in_sql),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
