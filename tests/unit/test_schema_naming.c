/* Tests of names for objects without a name. */

#include "schema_unit.h"

#define MODEL \
    "tables:\n" \
    "  app.orders:\n" \
    "    columns: {user_id: bigint, state: text, größe: text, total: int}\n" \
    "    primary_key: [user_id]\n" \
    "    uniques: [[user_id, state], [state]]\n" \
    "    checks: [\"total > 0\", \"total > user_id\", \"total < 9\"]\n" \
    "    foreign_keys: [{columns: [user_id], references: app.users.id}]\n" \
    "    excludes: [{columns: [{column: state, op: '='}, {sql: lower(state), op: '='}]}]\n" \
    "    indexes: [[state], [{sql: \"lower( state )\"}], {columns: [state], where: total > 0}]\n"

static struct table *orders(struct ctx *ctx)
{
    struct schema s = model_of(ctx, MODEL);

    return s.tables.v[0];
}

static const char *constraint_name(
    struct ctx *ctx, const struct naming *n, const struct dialect *d, struct table *t, struct constraint *c)
{
    c->name = NULL;
    assert_ok(ctx, schema_name_constraint(ctx, n, d, t, c));
    return c->name;
}

static const char *index_name(
    struct ctx *ctx, const struct naming *n, const struct dialect *d, struct table *t, struct index *i)
{
    i->name = NULL;
    assert_ok(ctx, schema_name_index(ctx, n, d, t, i));
    return i->name;
}

static void test_builtin(void **state)
{
    struct ctx *ctx = *state;
    struct dialect full = fake_full();
    struct table *t = orders(ctx);

    assert_string_equal(constraint_name(ctx, NULL, &full, t, t->primary_key), "pk_orders");
    assert_string_equal(constraint_name(ctx, NULL, &full, t, t->uniques.v[1]), "uq_orders_user_id_state");
    assert_string_equal(
        constraint_name(ctx, NULL, &full, t, t->foreign_keys.v[0]), "fk_orders_user_id_users");
    assert_string_equal(
        constraint_name(ctx, NULL, &full, t, t->excludes.v[0]), "ex_orders_state_lower_state");
    assert_string_equal(index_name(ctx, NULL, &full, t, t->indexes.v[0]), "ix_orders_lower_state");
}

/* A check is named after its only column, else by its number, and no name is used twice. */
static void test_checks(void **state)
{
    struct ctx *ctx = *state;
    struct dialect full = fake_full();
    struct table *t = orders(ctx);

    assert_string_equal(t->checks.v[0]->check.sql.text, "total < 9");
    assert_string_equal(constraint_name(ctx, NULL, &full, t, t->checks.v[0]), "ck_orders_total");
    assert_string_equal(constraint_name(ctx, NULL, &full, t, t->checks.v[1]), "ck_orders_total_1");
    assert_string_equal(constraint_name(ctx, NULL, &full, t, t->checks.v[2]), "ck_orders_3");
}

static void test_numbered_indexes(void **state)
{
    struct ctx *ctx = *state;
    struct dialect full = fake_full();
    struct table *t = orders(ctx);

    assert_string_equal(index_name(ctx, NULL, &full, t, t->indexes.v[1]), "ix_orders_state");
    assert_string_equal(index_name(ctx, NULL, &full, t, t->indexes.v[2]), "ix_orders_state_1");
}

static void test_patterns(void **state)
{
    struct ctx *ctx = *state;
    struct dialect full = fake_full();
    struct table *t = orders(ctx);
    struct naming n = {
        .index = "{columns}_idx",
        .unique = "{schema}_{table}_{column}_key",
        .foreign_key = "{referred_schema}.{referred_table}.{referred_columns}.{referred_column}.{column_0}",
        .check = "{name}-x}",
        .primary_key = "p_{hash}",
    };

    assert_string_equal(index_name(ctx, &n, &full, t, t->indexes.v[1]), "state_idx");
    assert_string_equal(constraint_name(ctx, &n, &full, t, t->uniques.v[0]), "app_orders_state_key");
    assert_string_equal(constraint_name(ctx, &n, &full, t, t->foreign_keys.v[0]), "app.users.id.id.user_id");
    assert_string_equal(constraint_name(ctx, &n, &full, t, t->checks.v[0]), "total-x}");
    assert_int_equal(strlen(constraint_name(ctx, &n, &full, t, t->primary_key)), 10);
}

static void test_wrong_patterns(void **state)
{
    struct ctx *ctx = *state;
    struct table *t = orders(ctx);
    struct naming n = {.index = "ix_{tabel}", .unique = "{zzzzzzzzz}"};

    assert_false(schema_name_index(ctx, &n, &fake, t, t->indexes.v[0]));
    assert_error(ctx, STATUS_CONFIG,
        "naming pattern 'ix_{tabel}': unknown token '{tabel}'\n  hint: Did you mean '{table}'?");
    assert_false(naming_check(ctx, "{table"));
    assert_error(ctx, STATUS_CONFIG, "naming pattern '{table': no '}' for a '{'");
    assert_false(naming_check(ctx, ""));
    assert_error(ctx, STATUS_CONFIG, "a naming pattern cannot be empty");
    assert_false(naming_check(ctx, "ix_%(column_0_label)s"));
    assert_error(ctx, STATUS_CONFIG,
        "naming pattern 'ix_%(column_0_label)s': '%(column_0_label)s' is not one of cmig's tokens\n"
        "  hint: Write {table}_{column_0}.");
    assert_false(naming_check(ctx, "%(mine)s"));
    assert_error(ctx, STATUS_CONFIG,
        "naming pattern '%(mine)s': '%(mine)s' is not one of cmig's tokens\n"
        "  hint: cmig.yaml(5) compares the tokens with Alembic's.");
    assert_true(naming_check(ctx, "50%_{table}"));
    assert_false(schema_name_constraint(ctx, &n, &fake, t, t->uniques.v[0]));
    assert_error(ctx, STATUS_CONFIG,
        "naming pattern '{zzzzzzzzz}': unknown token '{zzzzzzzzz}'\n"
        "  hint: Expected one of {table}, {schema}, {columns}, {column}, {column_0}, {name}, "
        "{referred_table}, "
        "{referred_schema}, {referred_columns}, {referred_column}, {referred_column_0}, {hash}.");
}

/* A name that is too long is cut between characters, and ends with a hash of the whole. */
static void test_long_names(void **state)
{
    struct ctx *ctx = *state;
    struct table *t = orders(ctx);
    struct naming n = {
        .unique = "{table}_ööööööööööööööööööööööö", .index = "ix_{table}_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"};
    const char *a = constraint_name(ctx, &n, &fake, t, t->uniques.v[0]), *b, *c;
    size_t bad;

    assert_true(strlen(a) <= 30 && strlen(a) >= 29);
    assert_true(str_utf8(a, strlen(a), &bad));
    assert_true(str_starts(a, "orders_ööö"));
    b = constraint_name(ctx, &n, &fake, t, t->uniques.v[1]);
    assert_string_not_equal(a, b);
    assert_true(strlen(b) <= 30 && str_ends(b, "_1"));
    c = index_name(ctx, &n, &fake, t, t->indexes.v[0]);
    assert_int_equal(strlen(c), 30);
    assert_string_equal(c, index_name(ctx, &n, &fake, t, t->indexes.v[0]));
}

static void test_named_stay(void **state)
{
    struct ctx *ctx = *state;
    struct table *t = orders(ctx);

    t->uniques.v[0]->name = "mine";
    t->indexes.v[0]->name = "mine too";
    assert_ok(ctx, schema_name_constraint(ctx, NULL, &fake, t, t->uniques.v[0]));
    assert_ok(ctx, schema_name_index(ctx, NULL, &fake, t, t->indexes.v[0]));
    assert_string_equal(t->uniques.v[0]->name, "mine");
    assert_string_equal(t->indexes.v[0]->name, "mine too");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_builtin),
        ctx_test(test_checks),
        ctx_test(test_numbered_indexes),
        ctx_test(test_patterns),
        ctx_test(test_wrong_patterns),
        ctx_test(test_long_names),
        ctx_test(test_named_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
