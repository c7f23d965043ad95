/* Tests of the order of operations, in cases where it is not obvious. */
#include "diff_unit.h"

#define T(name, more) name ": {columns: {id: {type: bigint, primary_key: true}" more "}}\n"

/* Two models, and the operations that lead from the one to the other. */
static const struct {
    const char *what, *from, *to, *ops;
} cases[] = {
    {"nothing", "tables:\n  " T("a", ""), "tables:\n  " T("a", ""), ""},
    {"a new table with an index and a foreign key to one that is there", "tables:\n  " T("a", ""),
        "tables:\n  " T("a", "") "  " T("b", ", a_id: {type: bigint, index: true, references: a.id}"),
        "create_table b\ncreate_index b.ix_b_a_id\n"},
    {"tables that refer to each other come and go", "",
        "tables:\n  " T("a", ", b_id: {type: bigint, references: b.id}") "  " T(
            "b", ", a_id: {type: bigint, references: a.id}"),
        "create_table b\ncreate_table a\ncreate_foreign_key b.fk_b_a_id_a\n"},
    {"tables that refer to each other go",
        "tables:\n  " T("a", ", b_id: {type: bigint, references: b.id}") "  " T(
            "b", ", a_id: {type: bigint, references: a.id}"),
        "", "drop_constraint b.fk_b_a_id_a\ndrop_table a\ndrop_table b\n"},
    {"a table that others refer to goes",
        "tables:\n  " T("a", "") "  " T("b", ", a_id: {type: bigint, references: a.id}"),
        "tables:\n  " T("b", ", a_id: bigint"), "drop_constraint b.fk_b_a_id_a\ndrop_table a\n"},
    {"a new enum and its column", "tables:\n  " T("a", ""),
        "enums:\n  e: [x, y]\ntables:\n  " T("a", ", s: enum(e)"), "create_enum e\nadd_column a.s\n"},
    {"an enum goes with its column", "enums:\n  e: [x, y]\ntables:\n  " T("a", ", s: enum(e)"),
        "tables:\n  " T("a", ""), "drop_column a.s\ndrop_enum e\n"},
    {"an index and its column go", "tables:\n  " T("a", ", b: {type: text, index: true}"),
        "tables:\n  " T("a", ""), "drop_index a.ix_a_b\ndrop_column a.b\n"},
    {"a column moves to another table", "tables:\n  " T("a", ", x: text") "  " T("b", ""),
        "tables:\n  " T("a", "") "  " T("b", ", x: text"), "add_column b.x\ndrop_column a.x\n"},
    {"an index name moves",
        "tables:\n  a: {columns: {x: text}, indexes: {i: [x]}}\n  b: {columns: {x: text}}\n",
        "tables:\n  a: {columns: {x: text}}\n  b: {columns: {x: text}, indexes: {i: [x]}}\n",
        "drop_index a.i\ncreate_index b.i\n"},
    {"a new table takes an index name of one that goes",
        "tables:\n  a: {columns: {x: text}, indexes: {i: [x]}}\n",
        "tables:\n  b: {columns: {y: text}, indexes: {i: [y]}}\n",
        "drop_table a\ncreate_table b\ncreate_index b.i\n"},
    {"a type changes under a view", "tables:\n  " T("a", ", x: text") "views:\n  v: {sql: SELECT x FROM a}\n",
        "tables:\n  " T("a", ", x: string(9)") "views:\n  v: {sql: SELECT x FROM a}\n",
        "drop_view v\nalter_column a.x\ncreate_view v\n"},
    {"a column that a view does not read goes",
        "tables:\n  " T("a", ", x: text, y: text") "views:\n  v: {sql: SELECT x FROM a}\n",
        "tables:\n  " T("a", ", x: text") "views:\n  v: {sql: SELECT x FROM a}\n", "drop_column a.y\n"},
    {"a view on a view",
        "tables:\n  " T(
            "a", ", x: text") "views:\n  v: {sql: SELECT x FROM a}\n  u: {sql: SELECT x FROM v}\n",
        "tables:\n  " T(
            "a", ", x: string(9)") "views:\n  v: {sql: SELECT x FROM a}\n  u: {sql: SELECT x FROM v}\n",
        "drop_view u\ndrop_view v\nalter_column a.x\ncreate_view v\ncreate_view u\n"},
    {"a condition of a view", "tables:\n  " T("a", ", x: text") "views:\n  v: {sql: SELECT x FROM a}\n",
        "tables:\n  " T("a", ", x: text") "views:\n  v: {sql: SELECT x FROM a WHERE id > 1}\n",
        "replace_view v\n"},
    {"columns of a view", "tables:\n  " T("a", ", x: text") "views:\n  v: {sql: SELECT x FROM a}\n",
        "tables:\n  " T("a", ", x: text") "views:\n  v: {sql: SELECT id FROM a}\n",
        "drop_view v\ncreate_view v\n"},
    {"a key that a foreign key refers to is recreated",
        "tables:\n  a: {columns: {x: {type: bigint}, y: {type: bigint}}, uniques: {u: {columns: [x]}}}\n"
        "  b: {columns: {x: {type: bigint, references: a.x}}}\n",
        "tables:\n  a: {columns: {x: {type: bigint}, y: {type: bigint}}, uniques: {u: {columns: [x], "
        "include: [y]}}}\n"
        "  b: {columns: {x: {type: bigint, references: a.x}}}\n",
        "drop_constraint b.fk_b_x_a\ndrop_constraint a.u\ncreate_unique_constraint a.u\n"
        "create_foreign_key b.fk_b_x_a\n"},
    {"both sides of a foreign key change their type",
        "tables:\n  " T("a", "") "  " T("b", ", a_id: {type: bigint, references: a.id}"),
        "tables:\n  a: {columns: {id: {type: uuid, primary_key: true}}}\n  " T(
            "b", ", a_id: {type: uuid, references: a.id}"),
        "drop_constraint b.fk_b_a_id_a\nalter_column a.id\nalter_column b.a_id\ncreate_foreign_key "
        "b.fk_b_a_id_a\n"},
    {"an index is renamed", "tables:\n  a: {columns: {x: text}, indexes: {i: [x]}}\n",
        "tables:\n  a: {columns: {x: text}, indexes: {j: [x]}}\n", "rename_index a.i to j\n"},
    {"a check is renamed", "tables:\n  a: {columns: {x: text}, checks: {c: x > 'a'}}\n",
        "tables:\n  a: {columns: {x: text}, checks: {d: x > 'a'}}\n", "rename_constraint a.c to d\n"},
    {"an unnamed one is the named one", "tables:\n  a: {columns: {x: text}, uniques: {u: [x]}}\n",
        "tables:\n  a: {columns: {x: {type: text, unique: true}}}\n", ""},
    {"values are put between", "enums:\n  e: [x, z]\ntables:\n  " T("a", ", s: enum(e)"),
        "enums:\n  e: [x, y, z]\ntables:\n  " T("a", ", s: enum(e)"), "alter_enum e\n"},
    {"a value vanishes under a check",
        "enums:\n  e: [x, z]\ntables:\n  a: {columns: {s: enum(e)}, checks: {c: s <> 'x'}}\n",
        "enums:\n  e: [x]\ntables:\n  a: {columns: {s: enum(e)}, checks: {c: s <> 'x'}}\n",
        "drop_constraint a.c\nalter_enum e\ncreate_check_constraint a.c\n"},
    {"a renamed table and column", "tables:\n  " T("a", ", x: text") "views:\n  v: {sql: SELECT x FROM a}\n",
        "tables:\n  b: {renamed_from: a, columns: {id: {type: bigint, primary_key: true}, y: {type: text, "
        "renamed_from: x}}}\n"
        "views:\n  v: {sql: SELECT y FROM b}\n",
        "drop_view v\nrename_table a to b\nrename_column b.x to y\ncreate_view v\n"},
    {"a generated column over one that changes its type",
        "tables:\n  a: {columns: {x: integer, g: {type: integer, generated: x + 1}}, indexes: {i: [g]}}\n",
        "tables:\n  a: {columns: {x: bigint, g: {type: integer, generated: x + 1}}, indexes: {i: [g]}}\n",
        "drop_index a.i\ndrop_column a.g\nalter_column a.x\nadd_column a.g\ncreate_index a.i\n"},
    {"a table in a new schema", "", "schemas: [s]\ntables:\n  s.a: {columns: {x: text}}\n",
        "create_schema s\ncreate_table s.a\n"},
    {"a schema goes", "schemas: [s]\ntables:\n  s.a: {columns: {x: text}}\n", "",
        "drop_table s.a\ndrop_schema s\n"},
    {"comments", "tables:\n  a: {columns: {x: text}, comment: c}\n",
        "tables:\n  a: {columns: {x: {type: text, comment: d}}}\n",
        "alter_column a.x\ndrop_table_comment a\n"},
    {"the primary key changes",
        "tables:\n  a: {columns: {x: {type: text, primary_key: true}, y: {type: text, nullable: false}}}\n",
        "tables:\n  a: {columns: {x: {type: text, nullable: false}, y: {type: text, primary_key: true}}}\n",
        "drop_constraint a.pk_a\ncreate_primary_key a.pk_a\n"},
    {"a sequence of a new table", "",
        "sequences:\n  s: {owned_by: a.x}\ntables:\n  a: {columns: {x: bigint}}\n",
        "create_sequence s\ncreate_table a\nalter_sequence s\n"},
    {"columns are renamed in a chain", "tables:\n  " T("t", ", a: text, b: text, x: text"),
        "tables:\n  " T("t", ", b: {type: text, renamed_from: a}, c: {type: text, renamed_from: b}"),
        "rename_column t.b to c\nrename_column t.a to b\ndrop_column t.x\n"},
    {"a chain that was followed says nothing", "tables:\n  " T("t", ", b: text, c: text"),
        "tables:\n  " T("t", ", b: {type: text, renamed_from: a}, c: {type: text, renamed_from: b}"), ""},
    {"a chain begins with a new column", "tables:\n  " T("t", ", a: text"),
        "tables:\n  " T("t", ", b: {type: text, renamed_from: a}, c: {type: text, renamed_from: b}"),
        "rename_column t.a to b\nadd_column t.c\n"},
    {"tables are renamed in a chain, with their columns",
        "tables:\n  " T("a", ", x: text, y: text") "  " T("b", ", z: text"),
        "tables:\n  " T("a", ", n: text") "  b: {renamed_from: a, columns: {id: {type: bigint, primary_key: "
                                          "true}, y: {type: text, "
                                          "renamed_from: x}, w: {type: text, renamed_from: y}}}\n"
                                          "  c: {renamed_from: b, columns: {id: {type: bigint, primary_key: "
                                          "true}, z: text}}\n",
        "rename_table b to c\nrename_table a to b\nrename_column b.y to w\nrename_column b.x to y\n"
        "create_table a\n"},
    {"enums are renamed in a chain", "enums:\n  a: [x]\n  b: [y]\n",
        "enums:\n  b: {values: [x], renamed_from: a}\n  c: {values: [y], renamed_from: b}\n",
        "rename_enum b to c\nrename_enum a to b\n"},
    {"indexes are renamed in a chain, across tables",
        "tables:\n  a: {columns: {x: text}, indexes: {i: [x]}}\n  b: {columns: {x: text}, indexes: {j: "
        "[x]}}\n",
        "tables:\n  a: {columns: {x: text}, indexes: {j: [x]}}\n  b: {columns: {x: text}, indexes: {k: "
        "[x]}}\n",
        "rename_index b.j to k\nrename_index a.i to j\n"},
    {"keys and indexes are renamed in a circle, across tables",
        "tables:\n  a: {columns: {x: text}, indexes: {i: [x]}}\n  b: {columns: {x: text}, uniques: {j: "
        "[x]}}\n",
        "tables:\n  a: {columns: {x: text}, indexes: {j: [x]}}\n  b: {columns: {x: text}, uniques: {i: "
        "[x]}}\n",
        "rename_index a.i to i__old\nrename_constraint b.j to i\nrename_index a.i__old to j\n"},
    {"checks of several tables may have one name",
        "tables:\n  a: {columns: {x: text}, checks: {c: x > 'a'}}\n  b: {columns: {x: text}, checks: {d: x "
        "> 'b'}}\n",
        "tables:\n  a: {columns: {x: text}, checks: {d: x > 'a'}}\n  b: {columns: {x: text}, checks: {c: x "
        "> 'b'}}\n",
        "rename_constraint a.c to d\nrename_constraint b.d to c\n"},
    {"a sequence goes with its table",
        "sequences:\n  s: {owned_by: a.x}\ntables:\n  a: {columns: {x: bigint}}\n", "", "drop_table a\n"},
};

static void test_cases(void **state)
{
    struct ctx *ctx = *state;
    struct dialect dialect = strict_dialect();

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *ops = diff_text(ctx, &dialect, cases[i].from, cases[i].to);

        if (!str_eq(ops, cases[i].ops))
            fail_msg("%s:\n%s--- instead of\n%s", cases[i].what, ops, cases[i].ops);
    }
}

/* `renamed_from` that cannot be followed. */
static const struct {
    const char *from, *to;
    enum status status;
    const char *error, *hint;
} refused[] = {
    {"tables:\n  " T("t", ", a: text, b: text"),
        "tables:\n  " T("t", ", a: {type: text, renamed_from: b}, b: {type: text, renamed_from: a}"),
        STATUS_CONFIG, "m.yaml:2:56: the 'renamed_from' keys of the columns 'a', 'b' form a cycle",
        "Remove them, and write the revision with --rename t.b=a --rename t.a=b."},
    {"tables:\n  " T("a", "") "  " T("b", ""),
        "tables:\n  a: {renamed_from: b, columns: {id: {type: bigint, primary_key: true}}}\n"
        "  b: {renamed_from: a, columns: {id: {type: bigint, primary_key: true}}}\n",
        STATUS_CONFIG, "m.yaml:2:3: the 'renamed_from' keys of the tables 'a', 'b' form a cycle",
        "Remove them, and write the revision with --rename b=a --rename a=b."},
    {"enums:\n  a: [x]\n",
        "enums:\n  a: {values: [x], renamed_from: c}\n  b: {values: [x], renamed_from: a}\n"
        "  c: {values: [x], renamed_from: b}\n",
        STATUS_CONFIG, "m.yaml:2:3: the 'renamed_from' keys of the enums 'a', 'c', 'b' form a cycle",
        "Remove them, and write the revision with --rename c=a --rename b=c --rename a=b."},
    {"tables:\n  " T("t", ", a: text"),
        "tables:\n  " T("t", ", b: {type: text, renamed_from: a}, c: {type: text, renamed_from: a}"),
        STATUS_CONFIG, "m.yaml:2:90: column 'b' and column 'c' are both renamed from 'a'", NULL},
};

static void expect_refusal(struct ctx *ctx, size_t at, bool no_rename, enum status status, const char *error,
    const char *hint, const char *from, const char *to)
{
    struct dialect dialect = strict_dialect();
    struct diff_options options = {.no_rename = no_rename};
    struct schema database = reflected(ctx, &dialect, from), models = prepared(ctx, &dialect, to);

    if (diff_pair(ctx, &dialect, &options, &database, &models))
        fail_msg("%zu: no error", at);
    assert_error(ctx, status, hint ? ctx_printf(ctx, "%s\n  hint: %s", error, hint) : error);
}

static void test_refused(void **state)
{
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(refused); i++)
        expect_refusal(ctx, i, true, refused[i].status, refused[i].error, refused[i].hint, refused[i].from,
            refused[i].to);
}

/* Both names exist, and one of the two objects must be dropped: only a person can tell which. */
static void test_doubtful(void **state)
{
    struct ctx *ctx = *state;
    struct dialect dialect = strict_dialect();
    const char *from = "tables:\n  " T("t", ", a: text, b: text"),
               *to = "tables:\n  " T("t", ", b: {type: text, renamed_from: a}");
    static const struct rename_hint hints[] = {{NULL, "t.a", "b"}, {0}};
    const struct diff_options hinted = {.renames = hints};
    struct schema database = reflected(ctx, &dialect, from), models = prepared(ctx, &dialect, to);

    expect_refusal(ctx, 0, false, STATUS_FOUND,
        "m.yaml:2:56: column 'b' is renamed from 'a', and the database has both",
        "Add '--rename t.a=b' to replace 'b', or remove 'renamed_from' to drop 'a'.", from, to);
    assert_string_equal(diff_text(ctx, &dialect, from, to), "drop_column t.a\n");
    struct diff diff = diff_of(ctx, &dialect, &hinted, &database, &models);
    assert_string_equal(ops_text(ctx, &diff.up),
        "rename_column t.b to b__old\nrename_column t.a to b\ndrop_column t.b__old\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_cases),
        ctx_test(test_refused),
        ctx_test(test_doubtful),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
