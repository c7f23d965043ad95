/* Tests of revision files: which are read, their heads, and errors. */
#include "unit.h"

#include <unistd.h>

#include "cmig/revision.h"

static int setup(void **state)
{
    struct ctx *ctx;

    unit_setup(state);
    ctx = *state;
    return chdir(unit_tmpdir(ctx));
}

static int teardown(void **state)
{
    struct ctx *ctx = *state;
    char path[4096];

    assert_non_null(getcwd(path, sizeof(path)));
    assert_int_equal(chdir("/"), 0);
    unit_rmdir(ctx, path);
    return unit_teardown(state);
}

#define folder_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static void put(struct ctx *ctx, const char *path, const char *text)
{
    assert_ok(ctx, fs_mkdirs(ctx, fs_dirname(&ctx->arena, path)));
    assert_ok(ctx, fs_write(ctx, path, text, strlen(text)));
}

static bool load(struct ctx *ctx, bool recursive, struct revisions *ret)
{
    const char *names[] = {"m", "n"};
    struct strings folders = {.v = names, .n = fs_exists("n") ? 2 : 1};

    static const struct strings none = {0};

    return revisions_load(ctx, &folders, &none, recursive, ret);
}

static char *ids(struct ctx *ctx, const struct revisions *list)
{
    struct strings words = {0};

    vec_each(i, list)
        vec_add(ctx, &words, list->v[i]->id);
    return strings_join(&ctx->arena, &words, " ");
}

static void test_order(void **state)
{
    struct ctx *ctx = *state;
    struct revisions found;

    put(ctx, "n/0.yaml", "revision: later\n");
    put(ctx, "m/b.yml", "revision: b\n");
    put(ctx, "m/a.sql", "-- revision: a\n-- upgrade\n");
    put(ctx, "m/c.yaml", "revision: c\n");
    put(ctx, "m/.hidden.yaml", "no revision\n");
    put(ctx, "m/README", "no revision\n");
    put(ctx, "m/c.yaml.orig", "no revision\n");
    put(ctx, "m/b2/x.yaml", "revision: below\n");
    put(ctx, "m/b2/deep/y.yaml", "revision: deep\n");
    assert_ok(ctx, load(ctx, false, &found));
    assert_string_equal(ids(ctx, &found), "a b c later");
    assert_ok(ctx, load(ctx, true, &found));
    assert_string_equal(ids(ctx, &found), "a b c below deep later");
}

static void test_same_file(void **state)
{
    struct ctx *ctx = *state;
    struct revisions found;

    put(ctx, "m/a.yaml", "revision: a\n");
    assert_int_equal(symlink("m", "n"), 0);
    assert_ok(ctx, load(ctx, false, &found));
    assert_string_equal(ids(ctx, &found), "a");
    assert_int_equal(symlink("a.yaml", "m/b.yaml"), 0);
    assert_int_equal(symlink("../m", "m/again"), 0);
    assert_ok(ctx, load(ctx, true, &found));
    assert_string_equal(ids(ctx, &found), "a");
    put(ctx, "m/c.yaml", "revision: a\n");
    assert_ok(ctx, load(ctx, false, &found));
    assert_string_equal(ids(ctx, &found), "a a");
    assert_false(graph_build(ctx, &found, &(struct graph){0}));
    assert_error(ctx, STATUS_CONFIG,
        "m/c.yaml:1:11: revision 'a' is defined twice\n"
        "  the other one is in m/a.yaml:1:11\n"
        "  hint: Give one of the two a new id, in the file and in those that name it as parent.");
}

static const char whole[] = "revision: 1f3a9c2b7d4e\n"
                            "down_revision: [a1, 0123]\n"
                            "message: \"add users\"\n"
                            "created: 2026-11-20T10:00:00Z\n"
                            "author: Ada\n"
                            "branch_labels: shop\n"
                            "depends_on: [b1]\n"
                            "upgrade:\n"
                            "  - nonsense that nobody reads yet: [\n";

static void test_head(void **state)
{
    struct ctx *ctx = *state;
    struct revision r;

    assert_ok(ctx, revision_parse_head(ctx, "m/x.yaml", whole, strlen(whole), &r));
    assert_string_equal(r.id, "1f3a9c2b7d4e");
    assert_string_equal(strings_join(&ctx->arena, &r.down, " "), "a1 0123");
    assert_string_equal(r.message, "add users");
    assert_string_equal(r.created, "2026-11-20T10:00:00Z");
    assert_string_equal(r.author, "Ada");
    assert_string_equal(strings_join(&ctx->arena, &r.labels, " "), "shop");
    assert_string_equal(strings_join(&ctx->arena, &r.depends_on, " "), "b1");
    assert_string_equal(pos_text(&ctx->arena, r.pos), "m/x.yaml:1:11: ");
    assert_string_equal(pos_text(&ctx->arena, r.down_pos), "m/x.yaml:2:16: ");
    assert_string_equal(pos_text(&ctx->arena, r.depends_pos), "m/x.yaml:7:13: ");
    assert_false(r.sql);
}

static void test_sql_head(void **state)
{
    struct ctx *ctx = *state;
    static const char text[] = "-- Written by hand.\n"
                               "--\n"
                               "-- revision: ab12\n"
                               "--   down_revision: [x, y]\n"
                               "-- message: two words\n"
                               "-- transaction: false\n"
                               "\n"
                               "-- upgrade\n"
                               "-- revision: not this\n";
    struct revision r;

    assert_ok(ctx, revision_parse_head(ctx, "m/x.sql", text, strlen(text), &r));
    assert_string_equal(r.id, "ab12");
    assert_string_equal(strings_join(&ctx->arena, &r.down, " "), "x y");
    assert_string_equal(r.message, "two words");
    assert_string_equal(pos_text(&ctx->arena, r.pos), "m/x.sql:3:14: ");
    assert_string_equal(pos_text(&ctx->arena, r.down_pos), "m/x.sql:4:21: ");
    assert_true(r.sql);
}

#define SECTIONS_HINT \
    "\n  hint: Put the statements after a line '-- upgrade', and those that revert them after '-- " \
    "downgrade'."
#define FOLDER_HINT \
    "\n  hint: All .yaml, .yml and .sql files in the directories under 'migrations' are read as revisions."
#define CHARACTERS ": it contains one of @ - + : / \\"

static const struct refused {
    const char *path, *text, *error;
} refused[] = {
    {"m/x.yaml", "", "m/x.yaml: not a revision file: key 'revision' is missing" FOLDER_HINT},
    {"m/x.yaml", "tables:\n  a: 1\n", "m/x.yaml: not a revision file: key 'revision' is missing" FOLDER_HINT},
    {"m/x.yaml", "revision: a\ndown_revison: b\n",
        "m/x.yaml:2:1: unknown key 'down_revison' in revision\n  hint: Did you mean 'down_revision'?"},
    {"m/x.yaml", "revision: a\nupgrade: []\ndown_revision: b\n",
        "m/x.yaml:3:1: key 'down_revision' must come before 'upgrade'\n"
        "  hint: Put the keys that describe the graph first: cmig reads the graph without the rest of the "
        "file."},
    {"m/x.yaml", "revision: a-b\n", "m/x.yaml:1:11: 'a-b' cannot be a revision's id" CHARACTERS},
    {"m/x.yaml", "revision: a b\n",
        "m/x.yaml:1:11: 'a b' cannot be a revision's id: it contains a blank or a control character"},
    {"m/x.yaml", "revision: \"\"\n", "m/x.yaml:1:11: '' cannot be a revision's id: it is empty"},
    {"m/x.yaml", "revision: head\n", "m/x.yaml:1:11: 'head' cannot be a revision's id: the word is reserved"},
    {"m/x.yaml", "revision: .x\n", "m/x.yaml:1:11: '.x' cannot be a revision's id: it begins with a dot"},
    {"m/x.yaml", "revision: a\nbranch_labels: [ok, a@b]\n",
        "m/x.yaml:2:16: 'a@b' cannot be a branch label" CHARACTERS},
    {"m/x.sql", "SELECT 1;\n",
        "m/x.sql:1:1: statement before the line '-- upgrade'\n"
        "  hint: The file begins with '-- revision: ID' and its other keys; the statements of each direction "
        "follow below '-- upgrade' and '-- downgrade'."},
    {"m/x.sql", "-- revision: a\n", "m/x.sql: no line '-- upgrade'" SECTIONS_HINT},
    {"m/x.sql", "-- upgrade\n", "m/x.sql: not a revision file: key 'revision' is missing" FOLDER_HINT},
    {"m/x.sql", "-- revison: a\n-- upgrade\n",
        "m/x.sql: not a revision file: key 'revision' is missing" FOLDER_HINT},
    {"m/x.sql", "-- revision: a\n-- mesage: b\n-- upgrade\n",
        "m/x.sql:2:4: unknown key 'mesage' in revision\n  hint: Did you mean 'message'?"},
};

static void test_refused(void **state)
{
    struct ctx *ctx = *state;
    struct revision r;

    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        const struct refused *c = &refused[i];

        assert_false(revision_parse_head(ctx, c->path, c->text, strlen(c->text), &r));
        assert_error(ctx, STATUS_CONFIG, c->error);
    }
}

/* A carriage return within a line ends it for YAML only. */
static void test_stray_return(void **state)
{
    struct ctx *ctx = *state;
    static const char text[] = "-- revision: a\rdepends_on: [b]\rmessage: c\r\n-- upgrade\n";
    struct revision r;

    assert_ok(ctx, revision_parse_head(ctx, "x.sql", text, strlen(text), &r));
    assert_string_equal(r.id, "a");
}

static void test_long_id(void **state)
{
    struct ctx *ctx = *state;
    char *id = ctx_printf(ctx, "%0255d", 7), *text = ctx_printf(ctx, "revision: %s\n", id);
    struct revision r;

    assert_ok(ctx, revision_parse_head(ctx, "x.yaml", text, strlen(text), &r));
    assert_string_equal(r.id, id);
    text = ctx_printf(ctx, "revision: 0%s\n", id);
    assert_false(revision_parse_head(ctx, "x.yaml", text, strlen(text), &r));
    assert_error(ctx, STATUS_CONFIG,
        ctx_printf(ctx, "x.yaml:1:11: '0%s' cannot be a revision's id: it is longer than 255 bytes", id));
}

static void test_folders(void **state)
{
    struct ctx *ctx = *state;
    struct revisions found;

    assert_false(load(ctx, false, &found));
    assert_error(ctx, STATUS_CONFIG,
        "revision directory 'm' does not exist\n"
        "  hint: Create the directory, or correct 'migrations' in cmig.yaml.");
    assert_ok(ctx, fs_mkdirs(ctx, "m/odd.yaml"));
    assert_false(load(ctx, false, &found));
    assert_error(ctx, STATUS_CONFIG, "cannot read revision 'm/odd.yaml': is a directory");
}

/* ---- bodies */

static bool body(
    struct ctx *ctx, const char *path, const char *text, const char *dialect, struct revision_body *ret)
{
    struct revision *r = ctx_new(ctx, struct revision);

    put(ctx, path, text);
    return revision_parse_head(ctx, path, text, strlen(text), r) &&
           revision_body(ctx, r, &(struct audience){.dialect = dialect}, ret);
}

static void test_yaml_body(void **state)
{
    struct ctx *ctx = *state;
    static const char text[] = "revision: a\n"
                               "upgrade:\n"
                               "  - execute: SELECT 1\n"
                               "  - drop_table: {name: t, only: [sqlite]}\n"
                               "  - drop_table: u\n"
                               "downgrade: []\n";
    struct revision_body b;

    assert_ok(ctx, body(ctx, "m/a.yaml", text, NULL, &b));
    assert_int_equal(b.upgrade.n, 3);
    assert_int_equal(b.upgrade.v[0]->kind, OP_EXECUTE);
    assert_string_equal(pos_text(&ctx->arena, b.upgrade.v[2]->pos), "m/a.yaml:5:5: ");
    assert_true(b.has_downgrade);
    assert_int_equal(b.downgrade.n, 0);
    assert_false(b.outside);
    assert_string_equal(b.text, text);
    assert_int_equal(b.size, strlen(text));
    assert_ok(ctx, body(ctx, "m/a.yaml", text, "postgresql", &b));
    assert_int_equal(b.upgrade.n, 2);
}

static void test_yaml_ways_down(void **state)
{
    struct ctx *ctx = *state;
    struct revision_body b;

    assert_ok(ctx, body(ctx, "m/a.yaml", "revision: a\nupgrade: []\ntransaction: false\n", NULL, &b));
    assert_false(b.has_downgrade);
    assert_true(b.outside);
    assert_ok(ctx, body(ctx, "m/a.yaml", "revision: a\nupgrade:\ndowngrade:\n", NULL, &b));
    assert_false(b.has_downgrade);
    assert_ok(ctx, body(ctx, "m/a.yaml", "revision: a\ndown_revision:\n", NULL, &b));
    assert_int_equal(b.upgrade.n, 0);
}

static void test_sql_body(void **state)
{
    struct ctx *ctx = *state;
    static const char text[] = "-- revision: a\r\n"
                               "-- transaction: false\r\n"
                               "-- upgrade\r\n"
                               "\r\n"
                               "-- why\r\n"
                               "CREATE TABLE t (a int);\r\n"
                               "  -- downgrade\r\n"
                               "\r\n"
                               "--downgrade \r\n"
                               "DROP TABLE t;";
    struct revision_body b;

    assert_ok(ctx, body(ctx, "m/a.sql", text, "sqlite", &b));
    assert_int_equal(b.upgrade.n, 1);
    assert_int_equal(b.upgrade.v[0]->kind, OP_EXECUTE);
    assert_string_equal(dtext_for(&b.upgrade.v[0]->u.execute.sql, "sqlite"),
        "-- why\r\nCREATE TABLE t (a int);\r\n  -- downgrade");
    assert_string_equal(pos_text(&ctx->arena, b.upgrade.v[0]->pos), "m/a.sql:5:1: ");
    assert_int_equal(b.upgrade.v[0]->u.execute.text_pos.line, 5);
    assert_string_equal(b.downgrade.v[0]->u.execute.sql.text, "DROP TABLE t;");
    assert_string_equal(pos_text(&ctx->arena, b.downgrade.v[0]->pos), "m/a.sql:10:1: ");
    assert_true(b.has_downgrade);
    assert_true(b.outside);
    assert_ok(ctx, body(ctx, "m/a.sql", "-- revision: a\n-- upgrade\n", NULL, &b));
    assert_int_equal(b.upgrade.n, 0);
    assert_false(b.has_downgrade);
    assert_ok(ctx, body(ctx, "m/a.sql", "-- revision: a\n-- upgrade\n-- downgrade\n\n", NULL, &b));
    assert_true(b.has_downgrade);
    assert_int_equal(b.downgrade.n, 0);
    assert_false(b.outside);
}

static void test_body_refused(void **state)
{
    struct ctx *ctx = *state;
    struct revision_body b;
    struct revision r;

    assert_false(body(ctx, "m/a.sql", "-- revision: a\n-- upgrade\nX\n-- upgrade\n", NULL, &b));
    assert_error(ctx, STATUS_CONFIG, "m/a.sql:4:1: duplicate line '-- upgrade'");
    assert_false(body(ctx, "m/a.yaml", "revision: a\nupgrade:\n  - drop_tabel: x\n", NULL, &b));
    assert_error(ctx, STATUS_CONFIG,
        "m/a.yaml:3:5: unknown operation 'drop_tabel'\n  hint: Did you mean 'drop_table'?");
    put(ctx, "m/b.yaml", "revision: b\n");
    assert_ok(ctx, revision_parse_head(ctx, "m/b.yaml", "revision: old\n", 14, &r));
    assert_false(revision_body(ctx, &r, &(struct audience){0}, &b));
    assert_error(ctx, STATUS_CONFIG, "m/b.yaml: the file of revision 'old' now contains 'b'");
    put(ctx, "m/b.yaml", "");
    assert_false(revision_body(ctx, &r, &(struct audience){0}, &b));
    assert_error(ctx, STATUS_CONFIG, "m/b.yaml: the file is empty now");
    put(ctx, "m/c.sql", "-- upgrade\n");
    assert_ok(ctx, revision_parse_head(ctx, "m/c.sql", "-- revision: c\n-- upgrade\n", 26, &r));
    assert_false(revision_body(ctx, &r, &(struct audience){0}, &b));
    assert_error(ctx, STATUS_CONFIG, "m/c.sql: the file has no keys now");
}

/* A revision whose file is gone comes with its text. */
static void test_body_from_text(void **state)
{
    struct ctx *ctx = *state;
    static const char text[] = "revision: a\nupgrade:\n  - drop_table: t\n";
    struct revision_body b;
    struct revision r;

    assert_ok(ctx, revision_parse_head(ctx, "gone/a.yaml", text, strlen(text), &r));
    r.text = text;
    assert_ok(ctx, revision_body(ctx, &r, &(struct audience){0}, &b));
    assert_int_equal(b.upgrade.n, 1);
    assert_string_equal(b.text, text);
}

/* Ids, parents, messages and comments make no difference, but when and where a file runs does. */
static void test_same_operations(void **state)
{
    static const char yaml[] = "revision: a\ndown_revision: null\nupgrade:\n- drop_table: t\ndowngrade: []\n";
    static const char sql[] = "-- revision: a\n-- down_revision: null\n-- upgrade\nSELECT 1;\n-- downgrade\n";
    static const struct {
        const char *path, *text, *other;
        bool same;
    } cases[] = {
        {"a.yaml", yaml,
            "# x\nrevision: b\nmessage: m\ndown_revision: [c, d]\nupgrade: [drop_table: t]\ndowngrade: []",
            true},
        {"a.yaml", yaml, "revision: a\ndown_revision: null\nupgrade:\n- drop_table: u\ndowngrade: []\n",
            false},
        {"a.yaml", yaml, "revision: a\ndown_revision: null\nupgrade:\n- drop_table: t\n", false},
        {"a.yaml", yaml,
            "revision: a\ndown_revision: null\ntransaction: false\nupgrade: [drop_table: t]\ndowngrade: []\n",
            false},
        {"a.yaml", yaml, "revision: [", false},
        {"a.yaml", yaml, "- a", false},
        {"a.sql", sql,
            "-- revision: b\r\n-- down_revision: c\r\n-- message: m\r\n\r\n-- upgrade\r\n-- why\r\nSELECT "
            "1;\r\n\r\n-- "
            "downgrade\r\n",
            true},
        {"a.sql", sql, "-- revision: a\n-- down_revision: null\n-- upgrade\nSELECT 2;\n-- downgrade\n",
            false},
        {"a.sql", sql, "-- revision: a\n-- down_revision: null\n-- upgrade\nSELECT 1;\n", false},
        {"a.sql", sql,
            "-- revision: a\n-- down_revision: null\n-- only: [production]\n-- upgrade\nSELECT 1;\n-- "
            "downgrade\n",
            false},
    };
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (revision_operations_same(ctx, cases[i].path, cases[i].text, cases[i].path, cases[i].other) !=
            cases[i].same)
            fail_msg("case %zu", i);
        assert_int_equal(ctx->err.status, STATUS_OK);
    }
    assert_false(revision_operations_same(ctx, "a.yaml", yaml, "a.sql", sql));
}

static void test_same_upgrades(void **state)
{
    static const char yaml[] = "revision: a\ndown_revision: null\nupgrade:\n- drop_table: t\ndowngrade: []\n";
    static const char sql[] = "-- revision: a\n-- down_revision: null\n-- upgrade\nSELECT 1;\n-- downgrade\n";
    struct ctx *ctx = *state;

    assert_true(revision_upgrades_same(
        ctx, "a.yaml", yaml, "a.yaml", "revision: a\ndown_revision: b\nupgrade: [drop_table: t]\n"));
    assert_false(revision_upgrades_same(
        ctx, "a.yaml", yaml, "a.yaml", "revision: a\ndown_revision: b\nupgrade: [drop_table: u]\n"));
    assert_true(revision_upgrades_same(ctx, "a.sql", sql, "a.sql",
        "-- revision: a\n-- down_revision: null\n-- upgrade\nSELECT 1;\n-- downgrade\nSELECT 2;\n"));
    assert_false(revision_upgrades_same(
        ctx, "a.sql", sql, "a.sql", "-- revision: a\n-- down_revision: null\n-- upgrade\nSELECT 2;\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(test_same_operations),
        folder_test(test_same_upgrades),
        folder_test(test_order),
        folder_test(test_same_file),
        folder_test(test_head),
        folder_test(test_sql_head),
        folder_test(test_refused),
        folder_test(test_stray_return),
        folder_test(test_long_id),
        folder_test(test_folders),
        folder_test(test_yaml_body),
        folder_test(test_yaml_ways_down),
        folder_test(test_sql_body),
        folder_test(test_body_refused),
        folder_test(test_body_from_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
