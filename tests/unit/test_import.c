/* The pieces of importing: versions, lines of tools, checksums. */
#include "unit.h"

#include "command/import.h"

static const struct tool *tool_of(struct ctx *ctx, const char *name)
{
    const struct tool *tool = NULL;

    assert_true(import_find_tool(ctx, name, &tool));
    return tool;
}

static void compares_numbers(ATTR_UNUSED void **state)
{
    assert_int_equal(import_compare("2", "10"), -1);
    assert_int_equal(import_compare("002", "2"), 0);
    assert_int_equal(import_compare("1.10", "1.9"), 1);
    assert_int_equal(import_compare("1.2", "1.2.1"), -1);
    assert_int_equal(import_compare("20240101000000000000000000", "20240101000000000000000001"), -1);
    assert_int_equal(import_compare("2-b", "2-a"), 1);
}

static void spells_versions(ATTR_UNUSED void **state)
{
    struct ctx ctx = {0};
    const struct tool *flyway = tool_of(&ctx, "flyway"), *goose = tool_of(&ctx, "goose"),
                      *knex = tool_of(&ctx, "knex"), *diesel = tool_of(&ctx, "diesel");

    assert_string_equal(import_key(&ctx.arena, flyway, "V1_02"), "1.2");
    assert_string_equal(import_key(&ctx.arena, flyway, "1.0"), "1");
    assert_string_equal(import_key(&ctx.arena, flyway, "10"), "10");
    assert_string_equal(import_key(&ctx.arena, flyway, "R_views"), "R_views");
    assert_string_equal(import_key(&ctx.arena, goose, "00007"), "7");
    assert_string_equal(import_key(&ctx.arena, goose, "0"), "0");
    assert_string_equal(import_key(&ctx.arena, diesel, "2024-01-02-000000"), "20240102000000");
    assert_string_equal(import_key(&ctx.arena, knex, "2024_a-b.js"), "2024_a_b");
    assert_string_equal(import_id(&ctx.arena, ".a b:c/d"), "_.a_b_c_d");
    ctx_finish(&ctx);
}

static void rejects_unknown_tools(ATTR_UNUSED void **state)
{
    struct ctx ctx = {0};
    const struct tool *tool;

    assert_false(import_find_tool(&ctx, "flywai", &tool));
    assert_string_equal(err_text(&ctx), "unknown tool 'flywai'\n  hint: Did you mean 'flyway'?");
    ctx_finish(&ctx);
}

static void checks_sums(ATTR_UNUSED void **state)
{
    static const char long_text[] =
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqr"
        "lmnopqrsmnopqrstnopqrstu";
    struct ctx ctx = {0};

    assert_string_equal(
        import_sha256(&ctx.arena, ""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_string_equal(
        import_sha256(&ctx.arena, "abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_string_equal(import_sha256(&ctx.arena, long_text),
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
    assert_string_equal(import_sha384(&ctx.arena, "abc"),
        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
    assert_string_equal(import_sha384(&ctx.arena, long_text),
        "09330c33f71147e83d192fc782cd1b4753111b173b3b05d22fa08086e3b0f712fcc7c71a557e2db966c3e9fa91746039");
    ctx_finish(&ctx);
}

static void divides_files(ATTR_UNUSED void **state)
{
    struct ctx ctx = {0};
    struct import m = {.ctx = &ctx, .tool = tool_of(&ctx, "dbmate")};
    struct migration g = {0};

    assert_true(import_split(&m, &g, "a.sql",
        "\xef\xbb\xbf--  migrate:UP transaction:false\r\n\r\n  SELECT '${x:a}'; -- migrate:down\n\n"
        "-- migrate:down\nSELECT 2;\n",
        false));
    assert_string_equal(g.up.text, "SELECT '$${x:a}'; -- migrate:down");
    assert_string_equal(g.down.text, "SELECT 2;");
    assert_int_equal(g.up.pos.line, 3);
    assert_int_equal(g.up.pos.column, 3);
    assert_int_equal(g.down.pos.line, 6);
    assert_true(g.outside);
    ctx_finish(&ctx);
}

static void keeps_lines(ATTR_UNUSED void **state)
{
    struct ctx ctx = {0};
    struct import m = {.ctx = &ctx, .tool = tool_of(&ctx, "goose")};
    struct migration g = {0};

    assert_true(import_split(&m, &g, "a.sql",
        "-- +goose Up\nSELECT 1;\n-- +goose StatementBegin\nSELECT 2;\n-- +goose StatementEnd\n", false));
    assert_string_equal(g.up.text, "SELECT 1;\n\nSELECT 2;");
    assert_null(g.down.text);
    ctx_finish(&ctx);
}

static void turns_placeholders_into_variables(ATTR_UNUSED void **state)
{
    struct ctx ctx = {0};
    struct import m = {.ctx = &ctx, .tool = tool_of(&ctx, "flyway")};
    struct migration g = {0};

    assert_true(import_split(&m, &g, "V1__a.sql", "SELECT '${ a }', '$', ${b.c};", false));
    assert_string_equal(g.up.text, "SELECT '${x:a}', '$', ${x:b.c};");
    assert_int_equal(m.placeholders.n, 2);
    struct migration own = {0}, literal = {.is_literal = true};
    assert_true(import_split(&m, &own, "V1__a.sql", "SELECT '${flyway:user}';", false));
    assert_string_equal(own.up.text, "SELECT '${x:flyway.user}';");
    assert_true(import_split(&m, &literal, "V1__a.sql", "SELECT '${a} ${x:b}';", false));
    assert_string_equal(literal.up.text, "SELECT '${a} $${x:b}';");
    assert_false(import_split(&m, &g, "V2__b.sql", "SELECT 1;\nSELECT '${a user}';", true));
    assert_non_null(strstr(err_text(&ctx), "V2__b.sql:2:9: cannot import the placeholder '${a user}'"));
    ctx_finish(&ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_numbers),
        cmocka_unit_test(spells_versions),
        cmocka_unit_test(rejects_unknown_tools),
        cmocka_unit_test(checks_sums),
        cmocka_unit_test(divides_files),
        cmocka_unit_test(keeps_lines),
        cmocka_unit_test(turns_placeholders_into_variables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
