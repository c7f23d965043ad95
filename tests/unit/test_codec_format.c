/* Tests of formatting YAML: the layout, and that nothing is lost. */
#define _XOPEN_SOURCE 700
#include "unit.h"

#include "cmig/config.h"
#include "cmig/revision.h"
#include "cmig/schema.h"

#include <ftw.h>

static const struct record *no_record(const struct node *root)
{
    (void)root;
    return NULL;
}

static const struct record *find_record(const struct node *root)
{
    return node_get(root, "revision") ? &revision_record
           : node_get(root, "url")    ? &config_record
                                      : &schema_record;
}

static const char *format(struct ctx *ctx, const char *text)
{
    const char *result;

    if (!yaml_format(ctx, "f.yaml", text, strlen(text), find_record, &result))
        fail_msg("%s\n%s", err_text(ctx), text);
    return result;
}

static const struct {
    const char *was, *is;
} cases[] = {
    /* layout */
    {"", ""},
    {"\n\n# alone\n\n\n", "# alone\n"},
    {"a:   1\n\n\n\nb:    2", "a: 1\n\nb: 2\n"},
    {"a:\r\n    b:   1\r\n", "a:\n  b: 1\n"},
    {"\xef\xbb\xbf"
     "a: 1\n",
        "a: 1\n"},
    {"a:\n- 1\n-   2\n", "a:\n  - 1\n  - 2\n"},
    {"a: {b:   1,c: 2}\n", "a: {b: 1, c: 2}\n"},
    {"a: {b: 1,\n  c: 2}\n", "a: {b: 1, c: 2}\n"},
    {"a:\n  b: 1\n", "a:\n  b: 1\n"},
    {"- {a: 1}\n- {a: 1, b: 2}\n", "- a: 1\n- {a: 1, b: 2}\n"},
    {"a: { }\nb: [ ]\n", "a: {}\nb: []\n"},
    {"a:\nb: ~\nc: {d: , e}\n", "a:\nb: ~\nc: {d: null, e: null}\n"},
    {"- - 1\n  - 2\n-   - 3\n", "- - 1\n  - 2\n- - 3\n"},
    {"---\na: 1\n...\n", "---\na: 1\n"},
    {"? a\n: 1\n", "a: 1\n"},
    {"a:    1\nbcd:  {e: 1}\nfg:\n  - 1\n", "a:   1\nbcd: {e: 1}\nfg:\n  - 1\n"}, /* aligned by hand */
    {"a:    1\nbcd: 2\n", "a: 1\nbcd: 2\n"},
    /* quotes */
    {"'a': 'b'\n", "a: \"b\"\n"}, /* an unknown key: the quotes may count */
    {"tables: {'t': {comment: 'x y', columns: {id: 'integer'}}}\n",
        "tables: {t: {comment: x y, columns: {id: \"integer\"}}}\n"},
    {"tables: {t: {comment: 'no', columns: {'1': integer}}}\n",
        "tables: {t: {comment: \"no\", columns: {\"1\": integer}}}\n"},
    {"a: \"x\\ty\"\n", "a: \"x\\ty\"\n"},
    /* texts of several lines */
    {"a: \"x\\ny\\n\"\n", "a: |\n  x\n  y\n"},
    {"a: |\n      x\n        y\n\n\n\nb: 1\n", "a: |\n  x\n    y\n\nb: 1\n"},
    {"a: |+\n    x\n\n\nb: 1\n", "a: |+\n  x\n\n\nb: 1\n"},
    {"a: |-  # why\n    x\n", "a: |-  # why\n  x\n"},
    {"a: |2\n    x\n   y\n", "a: |2\n    x\n   y\n"},
    {"a: >-\n     x\n     y\n\n       z\n", "a: >-\n  x\n  y\n\n    z\n"},
    {"a: x\n     y\n", "a: x y\n"},
    {"- |\n   x\n- |\n   y\n", "- |\n  x\n- |\n  y\n"},
    /* comments */
    {"# head\n\n# of a\na: 1   # end\n#  last\n", "# head\n\n# of a\na: 1   # end\n#  last\n"},
    {"a:\n      # first\n      b: 1\n      # last\n\n      # of c\nc: 2\n",
        "a:\n  # first\n  b: 1\n  # last\n\n  # of c\nc: 2\n"},
    {"a:\n    b: 1\n# of c\nc: 2\n", "a:\n  b: 1\n# of c\nc: 2\n"},
    {"a:   # end\n    b: 1\n", "a:   # end\n  b: 1\n"},
    {"a: [1, # one\n  2]\n", "a:\n  - 1 # one\n  - 2\n"},
    {"a: [ # all\n  1 ]\n", "a: [1] # all\n"},
    {"a:\n# x\n- 1\n# y\n- 2\n# of b\nb: 1\n", "a:\n  # x\n  - 1\n  # y\n  - 2\n# of b\nb: 1\n"},
    {"- # x\n  a: 1\n- b: 1 # y\n  # z\n", "# x\n- a: 1\n- b: 1 # y\n  # z\n"},
    {"a: # x\n  1\nb:\n  # y\n  2\n", "a: 1 # x\n# y\nb: 2\n"},
    {"a: [] # none\nb: {} # none\n", "a: [] # none\nb: {} # none\n"},
    {"a: \"x # y\"\nb: x#y\n", "a: \"x # y\"\nb: x#y\n"},
    {"a: {b: 1} # x\n", "a: {b: 1} # x\n"},
    /* anchors */
    {"a:   &x\n    b: 1\nc: *x\nd: {<<: *x,   e: 2}\n", "a: &x\n  b: 1\nc: *x\nd: {<<: *x, e: 2}\n"},
    {"a: &x 1\nb: [ *x, *x ]\nc: !!str 2\n", "a: &x 1\nb: [*x, *x]\nc: !!str 2\n"},
    {"tables:\n  t: {comment: x, columns: &c {id: integer}}\n",
        "tables:\n  t: {comment: x, columns: &c {id: integer}}\n"},
    /* the order of keys */
    {"# about the file\n\n# of the message\nmessage: m\nupgrade:\n  - add_column: {type: text, name: b, "
     "table: t}\n"
     "revision: x # id\n",
        "# about the file\n\nrevision: x # id\n# of the message\nmessage: m\nupgrade:\n"
        "  - add_column: {table: t, name: b, type: text}\n"},
    {"tables:\n  t:\n    columns:\n      b: {nullable: false, type: text}\n      a: integer\n\n    # why\n   "
     " comment: c\n",
        "tables:\n  t:\n    # why\n    comment: c\n\n    columns:\n      b: {type: text, nullable: false}\n  "
        "    a: integer\n"},
};

static void test_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ctx ctx = {0};

        assert_string_equal(format(&ctx, cases[i].was), cases[i].is);
        assert_string_equal(format(&ctx, cases[i].is), cases[i].is);
        ctx_finish(&ctx);
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *text, *error;
    } refused[] = {
        {"a: [1\n", "f.yaml:1:4: the '[' is never closed"},
        {"a: 1\na: 2\n", "f.yaml:2:1: duplicate key 'a'"},
        {"a: 1\n---\nb: 1\n", "a second document begins"},
        {"%YAML 1.1\n---\na: 1\n", "'%' directive"},
        {"a: *x\n", "has no anchor"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct ctx ctx = {0};
        const char *result;

        assert_false(
            yaml_format(&ctx, "f.yaml", refused[i].text, strlen(refused[i].text), no_record, &result));
        if (!strstr(err_text(&ctx), refused[i].error))
            fail_msg("%s", err_text(&ctx));
        ctx_finish(&ctx);
    }
}

/* ---- any text ------------------------------------------------------------------------------------------ */

/* What is read can be formatted, and then has that form. Of random texts some are refused, plainly. */
static void check_text(const char *name, const char *text, size_t size, unsigned *refused)
{
    struct ctx ctx = {0};
    const char *first, *second;
    struct node *n;

    if (yaml_parse(&ctx, &ctx.arena, name, text, size, &n)) {
        if (!yaml_format(&ctx, name, text, size, n ? find_record : no_record, &first)) {
            if (!refused || !strstr(err_text(&ctx), "cannot be formatted"))
                fail_msg("%s\n%.*s", err_text(&ctx), (int)size, text);
            ++*refused;
            ctx_finish(&ctx);
            return;
        }
        if (!yaml_format(&ctx, name, first, strlen(first), n ? find_record : no_record, &second))
            fail_msg("%s\n%s", err_text(&ctx), first);
        if (!str_eq(first, second))
            fail_msg("%s\n%s----\n%s", name, first, second);
    }
    ctx_finish(&ctx);
}

static int check_file(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    struct ctx ctx = {0};
    char *text;
    size_t size;

    (void)st, (void)at;
    if (kind == FTW_F && (str_ends(path, ".yaml") || str_ends(path, ".yml")) &&
        fs_read(&ctx, &ctx.arena, "file", path, FS_TEXT_LIMIT, &text, &size))
        check_text(path, text, size, NULL);
    ctx_finish(&ctx);
    return 0;
}

static void test_files(void **state)
{
    static const char *const folders[] = {"tests", "templates", "docs"};
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(folders); i++)
        nftw(ctx_printf(ctx, "%s/%s", getenv("CMIG_SOURCE_ROOT"), folders[i]), check_file, 16, FTW_PHYS);
}

static const char *const pieces[] = {"a", "b: ", "1", ": ", "- ", "\n", "\n  ", "\n    ", "# c", " # d", "{",
    "}", "[", "]", ", ", "&x ", "*x", "|\n", ">\n", "\"s t\"", "'q'", "\n\n", "key:", "~", "<<: "};

static void test_random(void **state)
{
    const unsigned rounds = 40000;
    uint32_t seed = 12345;
    unsigned refused = 0;

    (void)state;
    for (unsigned round = 0; round < rounds; round++) {
        struct ctx ctx = {0};
        struct str text = STR(&ctx);
        unsigned n;

        seed = seed * 1664525 + 1013904223;
        n = 2 + (seed >> 16) % 14;
        for (unsigned i = 0; i < n; i++) {
            seed = seed * 1664525 + 1013904223;
            str_add(&text, pieces[(seed >> 12) % COUNT_OF(pieces)]);
        }
        check_text("random", str_get(&text), text.n, &refused);
        ctx_finish(&ctx);
    }
    if (refused > rounds / 1000)
        fail_msg("%u of %u texts were refused", refused, rounds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_refused),
        ctx_test(test_files),
        cmocka_unit_test(test_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
