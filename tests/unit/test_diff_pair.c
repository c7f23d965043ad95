/* Tests of pairing: matches, questions about renames, and doubts for the judge. */
#include "diff_unit.h"

static const char before[] = "tables:\n  a: {columns: {x: text, n: bigint}}\n";

static void test_questions(void **state)
{
    struct ctx *ctx = *state;
    struct dialect dialect = strict_dialect();
    struct diff_options options = {0};
    struct schema database = reflected(ctx, &dialect, before);
    struct schema models = prepared(ctx, &dialect, "tables:\n  a: {columns: {y: text, n: bigint}}\n");
    struct diff diff = diff_of(ctx, &dialect, &options, &database, &models);

    assert_int_equal(diff.questions.n, 1);
    assert_string_equal(diff.questions.v[0]->kind, "column");
    assert_string_equal(diff.questions.v[0]->table.name, "a");
    assert_string_equal(diff.questions.v[0]->from, "x");
    assert_string_equal(diff.questions.v[0]->to, "y");
    models = prepared(ctx, &dialect, "tables:\n  b: {columns: {x: text, n: bigint}}\n");
    diff = diff_of(ctx, &dialect, &options, &database, &models);
    assert_int_equal(diff.questions.n, 1);
    assert_string_equal(diff.questions.v[0]->kind, "table");
    diff = diff_of(ctx, &dialect, NULL, &database, &models);
    assert_int_equal(diff.questions.n, 0);
    assert_string_equal(ops_text(ctx, &diff.up), "create_table b\ndrop_table a\n");
}

static void test_hints(void **state)
{
    struct ctx *ctx = *state;
    struct dialect dialect = strict_dialect();
    struct rename_hint hints[] = {{"table", "a", "b"}, {NULL, "a.x", "y"}, {0}};
    struct diff_options options = {.renames = hints};
    struct schema database = reflected(ctx, &dialect, before);
    struct schema models = prepared(ctx, &dialect, "tables:\n  b: {columns: {y: text, n: bigint}}\n");
    struct diff diff = diff_of(ctx, &dialect, &options, &database, &models);

    assert_int_equal(diff.questions.n, 0);
    assert_string_equal(ops_text(ctx, &diff.up), "rename_table a to b\nrename_column b.x to y\n");
    assert_string_equal(ops_text(ctx, &diff.down), "rename_table b to a\nrename_column a.y to x\n");
    hints[1].from = "a.z";
    assert_false(diff_pair(ctx, &dialect, &options, &database, &models));
    assert_error(ctx, STATUS_USAGE,
        "cannot rename 'a.z' to 'y': the database must have the old name and the models the new one\n"
        "  hint: Write tables and functions as old=new, columns and triggers as table.old=new.");
}

static void test_letters(void **state)
{
    struct ctx *ctx = *state;
    struct dialect dialect = plain_dialect();
    struct schema database = reflected(ctx, &dialect, before);
    struct schema models = prepared(ctx, &dialect, "tables:\n  a: {columns: {X: text, n: bigint}}\n");
    struct diff_options options = {0};
    struct diff diff = diff_of(ctx, &dialect, &options, &database, &models);

    assert_int_equal(diff.questions.n, 0);
    assert_int_equal(diff.up.v[diff.up.n - 1]->kind, OP_RENAME_COLUMN);
    assert_string_equal(diff.up.v[diff.up.n - 1]->u.rename_part.new_name, "X");
}

static void test_doubts(void **state)
{
    struct ctx *ctx = *state;
    struct dialect dialect = strict_dialect();
    struct diff_options options = {0};
    struct schema database = reflected(ctx, &dialect,
        "tables:\n  a: {columns: {x: text}, checks: {c: (x > 1)}}\n  b: {columns: {x: text}}\n");
    struct schema models = prepared(
        ctx, &dialect, "tables:\n  a: {columns: {x: text}, checks: [x > 1]}\n  b: {columns: {x: text}}\n");
    struct schema doubted, wanted;
    struct diff diff;

    assert_ok(ctx, diff_pair(ctx, &dialect, &options, &database, &models));
    assert_ok(ctx, diff_doubts(ctx, &dialect, &database, &models, &doubted, &wanted));
    assert_int_equal(wanted.tables.n, 1);
    assert_int_equal(doubted.tables.n, 1);
    assert_string_equal(wanted.tables.v[0]->name.name, "a");

    /* The judge prints the models' text as the database does. */
    struct schema said = {0};
    vec_add(ctx, &said.tables, table_copy(ctx, wanted.tables.v[0]));
    said.tables.v[0]->checks.v[0]->check.native = "(x > 1)";
    diff_settle(ctx, &dialect, &said, &models);
    assert_ok(ctx, diff_schemas(ctx, &dialect, &options, &database, &models, &diff));
    assert_string_equal(ops_text(ctx, &diff.up), "");
    assert_string_equal(models.tables.v[0]->checks.v[0]->name, "c");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_questions),
        ctx_test(test_hints),
        ctx_test(test_letters),
        ctx_test(test_doubts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
