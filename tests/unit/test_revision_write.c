/* Tests of writing a new revision, and of invalid input that is rejected before. */
#include "unit.h"

#include "cmig/revision.h"

static struct op *drop(struct ctx *ctx, const char *table, const char *note)
{
    struct op *op = op_new(ctx, OP_DROP_TABLE);

    op->u.drop.name.name = table;
    op->note = note;
    return op;
}

static struct op *execute(struct ctx *ctx, const char *sql)
{
    struct op *op = op_new(ctx, OP_EXECUTE);

    op->u.execute.sql.text = sql;
    return op;
}

static void fix_time(void)
{
    assert_int_equal(setenv("CMIG_NOW", "2026-11-20T10:01:02Z", 1), 0);
}

static void test_yaml_text(void **state)
{
    struct ctx *ctx = *state;
    struct ops up = {0}, down = {0};
    struct revision_new n = {
        .id = "1f3a9c2b7d4e", .message = "add: users", .upgrade = &up, .downgrade = &down};

    fix_time();
    vec_add(ctx, &up, drop(ctx, "a", NULL));
    vec_add(ctx, &up, drop(ctx, "b", "all rows of b are lost\nfor good"));
    vec_add(ctx, &up, execute(ctx, "SELECT 1;\nSELECT 2;\n"));
    assert_string_equal(revision_text(ctx, &n), "revision: 1f3a9c2b7d4e\n"
                                                "down_revision: null\n"
                                                "message: \"add: users\"\n"
                                                "created: 2026-11-20T10:01:02Z\n"
                                                "branch_labels: []\n"
                                                "depends_on: []\n"
                                                "upgrade:\n"
                                                "  - drop_table: a\n"
                                                "  # all rows of b are lost\n"
                                                "  # for good\n"
                                                "  - drop_table: b\n"
                                                "  - execute: |\n"
                                                "      SELECT 1;\n"
                                                "      SELECT 2;\n"
                                                "downgrade: []\n");
}

static void test_names_in_yaml(void **state)
{
    struct ctx *ctx = *state;
    struct revision_new n = {.id = "123456789012", .author = "Ada <ada@example.org>"};
    struct revision r;
    const char *text;

    fix_time();
    vec_add(ctx, &n.down, "0001");
    vec_add(ctx, &n.down, "null");
    vec_add(ctx, &n.labels, "shop");
    vec_add(ctx, &n.depends_on, "1e5");
    text = revision_text(ctx, &n);
    assert_string_equal(text, "revision: \"123456789012\"\n"
                              "down_revision: [\"0001\", \"null\"]\n"
                              "message: \"\"\n"
                              "created: 2026-11-20T10:01:02Z\n"
                              "author: Ada <ada@example.org>\n"
                              "branch_labels: [shop]\n"
                              "depends_on: [\"1e5\"]\n"
                              "upgrade: []\n");
    assert_ok(ctx, revision_parse_head(ctx, "x.yaml", text, strlen(text), &r));
    assert_string_equal(r.id, n.id);
    assert_true(strings_eq(&r.down, &n.down));
    assert_true(strings_eq(&r.depends_on, &n.depends_on));
    assert_string_equal(r.author, n.author);
}

static void test_sql_text(void **state)
{
    struct ctx *ctx = *state;
    struct revision_new n = {.id = "ab12",
        .message = "two\nlines: of it",
        .sql = true,
        .sql_up = "SELECT 1;",
        .sql_down = "SELECT 2;\n"};
    struct revision r;
    const char *text;

    fix_time();
    vec_add(ctx, &n.down, "aa");
    text = revision_text(ctx, &n);
    assert_string_equal(text, "-- revision: ab12\n"
                              "-- down_revision: aa\n"
                              "-- message: \"two lines: of it\"\n"
                              "-- created: 2026-11-20T10:01:02Z\n"
                              "-- upgrade\n"
                              "SELECT 1;\n"
                              "-- downgrade\n"
                              "SELECT 2;\n");
    assert_ok(ctx, revision_parse_head(ctx, "x.sql", text, strlen(text), &r));
    assert_string_equal(r.message, "two lines: of it");
    n.sql_up = n.sql_down = NULL;
    vec_add(ctx, &n.labels, "shop");
    vec_add(ctx, &n.depends_on, "bb");
    assert_non_null(
        strstr(revision_text(ctx, &n), "-- branch_labels: [shop]\n-- depends_on: [bb]\n-- upgrade\n"));
}

static void test_slug(void **state)
{
    struct ctx *ctx = *state;
    static const struct {
        const char *message, *slug;
    } cases[] = {
        {"Add users", "add_users"},
        {"  it's -- a/b \n c ", "it_s_a_b_c"},
        {"", ""},
        {NULL, ""},
        {"größe", "größe"},
        {"one two three four five six seven eight nine ten", "one_two_three_four_five_six_seven_eight"},
        {"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyzabcdefghijklmn"},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaö", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(revision_slug(&ctx->arena, cases[i].message, 0), cases[i].slug);
    assert_string_equal(revision_slug(&ctx->arena, "add a table of users", 11), "add_a_table");
    assert_string_equal(revision_slug(&ctx->arena, "Internationalisation", 5), "inter");
}

/* ---- writing */

struct folder {
    struct graph g;
    const char *path;
};

/* A graph of one revision, aa11 with the label shop. */
static struct folder folder_new(struct ctx *ctx)
{
    struct folder f = {.path = unit_tmpdir(ctx)};
    struct revision *r = ctx_new(ctx, struct revision);
    struct revisions list = {0};

    r->id = "aa11";
    r->path = "m/aa11.yaml";
    r->message = "";
    vec_add(ctx, &r->labels, "shop");
    vec_add(ctx, &list, r);
    assert_ok(ctx, graph_build(ctx, &list, &f.g));
    fix_time();
    return f;
}

static void assert_written(struct ctx *ctx, struct folder *f, const struct revision_new *n, const char *name)
{
    const char *path, *id;
    char *text;
    size_t size;

    assert_ok(ctx, revision_write(ctx, &f->g, n, &path, &id));
    assert_string_equal(path, fs_join(&ctx->arena, f->path, name));
    assert_string_equal(id, n->id);
    assert_ok(ctx, fs_read(ctx, &ctx->arena, NULL, path, FS_TEXT_LIMIT, &text, &size));
    assert_string_equal(text, revision_text(ctx, n));
}

static void test_write(void **state)
{
    struct ctx *ctx = *state;
    struct folder f = folder_new(ctx);
    struct revision_new n = {
        .id = "b", .message = "Add users", .folder = f.path, .file_template = "{rev}_{slug}"};

    vec_add(ctx, &n.down, "aa11");
    assert_written(ctx, &f, &n, "b_add_users.yaml");
    n.sql = true;
    n.message = NULL;
    assert_written(ctx, &f, &n, "b.sql");
    n.message = "a/b";
    n.file_template = "{year}/{date}T{hour}{minute}{second}-{epoch} {month}.{day} {message}";
    assert_written(ctx, &f, &n, "2026/2026-11-20T100102-1795168862 11.20 a_b.sql");
    unit_rmdir(ctx, f.path);
}

static void test_random_ids(void **state)
{
    struct ctx *ctx = *state;
    struct folder f = folder_new(ctx);
    struct revision_new n = {.message = "", .folder = f.path, .file_template = "{rev}_{slug}"};
    const char *path, *first, *second;

    assert_ok(ctx, revision_write(ctx, &f.g, &n, &path, &first));
    assert_int_equal(strlen(first), 12);
    assert_int_equal(strspn(first, "0123456789abcdef"), 12);
    assert_ok(ctx, revision_write(ctx, &f.g, &n, &path, &second));
    assert_string_not_equal(first, second);
    unit_rmdir(ctx, f.path);
}

struct refusal {
    const char *id, *label, *label2, *down, *down2, *depends, *file_template;
    enum status status;
    const char *error;
};

static const struct refusal refusals[] = {
    {.id = "aa11", .status = STATUS_USAGE, .error = "revision id 'aa11' is taken by m/aa11.yaml"},
    {.id = "shop", .status = STATUS_USAGE, .error = "revision id 'shop' is taken by m/aa11.yaml"},
    {.id = "a+b",
        .status = STATUS_USAGE,
        .error = "'a+b' cannot be a revision's id: it contains one of @ - + : / \\"},
    {.id = "b",
        .label = "shop",
        .status = STATUS_USAGE,
        .error = "branch label 'shop' is taken by m/aa11.yaml"},
    {.id = "b", .label = "b", .status = STATUS_USAGE, .error = "branch label 'b' is the new revision's id"},
    {.id = "b",
        .label = "x",
        .label2 = "x",
        .status = STATUS_USAGE,
        .error = "branch label 'x' was given twice"},
    {.id = "b",
        .label = "x y",
        .status = STATUS_USAGE,
        .error = "'x y' cannot be a branch label: it contains a blank or a control character"},
    {.id = "b", .down = "b", .status = STATUS_FAILED, .error = "unknown parent 'b'"},
    {.id = "b", .down = "shop", .status = STATUS_FAILED, .error = "unknown parent 'shop'"},
    {.id = "b",
        .down = "aa11",
        .down2 = "aa11",
        .status = STATUS_USAGE,
        .error = "parent 'aa11' was given twice"},
    {.id = "b", .depends = "z", .status = STATUS_FAILED, .error = "unknown revision 'z' in the dependencies"},
    {.id = "b",
        .file_template = "{rev}_{slig}",
        .status = STATUS_CONFIG,
        .error = "file_template '{rev}_{slig}': unknown token '{slig}'\n"
                 "  hint: Use {rev}, {slug}, {message}, {date}, {year}, {month}, {day}, {hour}, {minute}, "
                 "{second} and {epoch}."},
    {.id = "b",
        .file_template = "{rev",
        .status = STATUS_CONFIG,
        .error = "file_template '{rev': no '}' for a '{'"},
    {.id = "b",
        .file_template = "../{rev}",
        .status = STATUS_CONFIG,
        .error = "file_template '../{rev}' gives '../b', in which a part is empty or hidden"},
    {.id = "b",
        .file_template = "{slug}",
        .status = STATUS_CONFIG,
        .error = "file_template '{slug}' gives '', in which a part is empty or hidden"},
};

static void add_word(struct ctx *ctx, struct strings *list, const char *word)
{
    if (word)
        vec_add(ctx, list, word);
}

static void test_refused(void **state)
{
    struct ctx *ctx = *state;
    struct folder f = folder_new(ctx);
    struct strings names;

    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        const struct refusal *c = &refusals[i];
        struct revision_new n = {.id = c->id, .folder = f.path, .file_template = c->file_template};
        const char *path, *id;

        if (!n.file_template)
            n.file_template = "{rev}_{slug}";
        add_word(ctx, &n.labels, c->label);
        add_word(ctx, &n.labels, c->label2);
        add_word(ctx, &n.down, c->down);
        add_word(ctx, &n.down, c->down2);
        add_word(ctx, &n.depends_on, c->depends);
        assert_false(revision_write(ctx, &f.g, &n, &path, &id));
        assert_error(ctx, c->status, c->error);
    }
    assert_ok(ctx, fs_list(ctx, f.path, &names));
    assert_int_equal(names.n, 0);
    unit_rmdir(ctx, f.path);
}

static void test_existing_file(void **state)
{
    struct ctx *ctx = *state;
    struct folder f = folder_new(ctx);
    struct revision_new n = {.id = "b", .folder = f.path, .file_template = "same"};
    const char *path, *id;

    assert_ok(ctx, revision_write(ctx, &f.g, &n, &path, &id));
    n.id = "c";
    assert_false(revision_write(ctx, &f.g, &n, &path, &id));
    assert_error(
        ctx, STATUS_FAILED, ctx_printf(ctx, "cannot write '%s/same.yaml': it already exists", f.path));
    n.file_template = ctx_printf(ctx, "%0251d", 1);
    assert_false(revision_write(ctx, &f.g, &n, &path, &id));
    assert_error(
        ctx, STATUS_CONFIG, ctx_printf(ctx, "file name '%s' is longer than 250 bytes", n.file_template));
    unit_rmdir(ctx, f.path);
}

static void test_json_schema(void **state)
{
    struct ctx *ctx = *state;
    struct str out = STR(ctx);

    node_json(&out, revision_json_schema(&ctx->arena), true);
    for (size_t i = 0; i < OP_KINDS; i++)
        assert_true(!op_table[i].name || strstr(str_get(&out), ctx_printf(ctx, "\"%s\"", op_table[i].name)));
    assert_non_null(strstr(str_get(&out), "\"down_revision\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_yaml_text),
        ctx_test(test_names_in_yaml),
        ctx_test(test_sql_text),
        ctx_test(test_slug),
        ctx_test(test_write),
        ctx_test(test_random_ids),
        ctx_test(test_refused),
        ctx_test(test_existing_file),
        ctx_test(test_json_schema),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
