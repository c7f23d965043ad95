/* Tests of reading YAML: trees and error messages. */
#include "unit.h"

#include "codec/yaml.h"

static struct node *parse(struct ctx *ctx, const char *text)
{
    struct node *n;

    assert_ok(ctx, yaml_parse(ctx, &ctx->arena, "f.yaml", text, strlen(text), &n));
    return n;
}

/* The tree in one line of JSON. */
static const char *json(struct ctx *ctx, const struct node *n)
{
    struct str out = STR(ctx);

    node_json(&out, n, false);
    return str_get(&out);
}

static void test_values(void **state)
{
    static const struct {
        const char *yaml, *json;
    } cases[] = {
        {"a: 1", "{\"a\": 1}"},
        {"a: '1'", "{\"a\": \"1\"}"},
        {"a: !!str 1", "{\"a\": \"1\"}"},
        {"a: ! 1", "{\"a\": \"1\"}"},
        {"a: !!int 1", "{\"a\": 1}"},
        {"a:", "{\"a\": null}"},
        {"a: ~", "{\"a\": null}"},
        {"a: NULL", "{\"a\": null}"},
        {"a: nULL", "{\"a\": \"nULL\"}"},
        {"a: \"\"", "{\"a\": \"\"}"},
        {"a: True", "{\"a\": true}"},
        {"a: no", "{\"a\": \"no\"}"},
        {"a: 01234", "{\"a\": \"01234\"}"},
        {"a: 0x1F", "{\"a\": \"0x1F\"}"},
        {"a: 12:30", "{\"a\": \"12:30\"}"},
        {"a: .5", "{\"a\": 0.5}"},
        {"a: +5.", "{\"a\": 5}"},
        {"a: -5.e3", "{\"a\": -5e3}"},
        {"a: 1e3", "{\"a\": 1e3}"},
        {"a: 1e", "{\"a\": \"1e\"}"},
        {"a: .", "{\"a\": \".\"}"},
        {"a:\n-", "{\"a\": [null]}"},
        {"a: .inf", "{\"a\": \".inf\"}"},
        {"a: 2026-11-20", "{\"a\": \"2026-11-20\"}"},
        {"a: |\n  x\n   y\n", "{\"a\": \"x\\n y\\n\"}"},
        {"a: >-\n  x\n  y\n", "{\"a\": \"x y\"}"},
        {"[a, {b: c}]", "[\"a\", {\"b\": \"c\"}]"},
        {"{\"a\":\"b\",\"c\":[]}", "{\"a\": \"b\", \"c\": []}"},
        {"a: \"\\x01\\t\\u00e9\\\"\\\\\"", "{\"a\": \"\\u0001\\t\xc3\xa9\\\"\\\\\"}"},
        {"just text", "\"just text\""},
        {"\xef\xbb\xbf"
         "a: 1\r\nb: 2\r\n",
            "{\"a\": 1, \"b\": 2}"},
        {"%YAML 1.2\n---\na: 1\n...\n", "{\"a\": 1}"},
    };
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(json(ctx, parse(ctx, cases[i].yaml)), cases[i].json);
}

static void test_empty_document(void **state)
{
    static const char *const texts[] = {"", "\n\n", "# nothing\n", "---\n", "---\n...\n", "\xef\xbb\xbf"};
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_null(parse(ctx, texts[i]));
}

static void test_positions(void **state)
{
    struct ctx *ctx = *state;
    struct node *n = parse(ctx, "a: 1\n\xc3\xa4: {b: [x, 'y']}\n"), *list;

    assert_int_equal(node_pos(n->v[0]).line, 1);
    assert_int_equal(node_pos(n->v[1]).column, 4);
    assert_int_equal(node_pos(n->v[2]).line, 2);
    list = node_get(n->v[3], "b");
    assert_int_equal(list->v[1]->line, 2);
    assert_int_equal(list->v[1]->column, 12); /* in characters */
    assert_string_equal(list->file, "f.yaml");
}

/* The place of a word in the value of "a". */
static void check_place(struct ctx *ctx, const char *yaml, const char *word, const char *expected)
{
    const struct node *n = node_get(parse(ctx, yaml), "a");
    const struct text_place place = node_text_place(n);
    struct pos pos = {0};

    if (place.pos.line)
        pos = text_place_at(&place, n->scalar, strstr(n->scalar, word));
    assert_string_equal(ctx_printf(ctx, "%u:%u", pos.line, pos.column), expected);
}

static void test_text_places(void **state)
{
    struct ctx *ctx = *state;

    check_place(ctx, "b: 1\na: one two", "two", "2:8");
    check_place(ctx, "a: \"one two\"", "two", "1:9");
    check_place(ctx, "a: 'one two'", "two", "1:9");
    check_place(ctx, "\xc3\xa9: 1\nb: {\xc3\xa9: 1}\na: \xc3\xa9 two", "two", "3:6");
    check_place(ctx, "a: |\n  one\n   two\n", "one", "2:3");
    check_place(ctx, "a: |\n  one\n   two\n", "two", "3:4");
    check_place(ctx, "a: |-\n\n\n    one\n    \xc3\xa9 two", "two", "5:7");
    check_place(ctx, "a: |2\n    one\n  two\n", "one", "2:5");
    check_place(ctx, "a: | # why\r\n  one\r\n  two\r\n", "two", "3:3");
    /* not as they are in the file */
    check_place(ctx, "a: \"one\\ttwo x\"", "two", "0:0");
    check_place(ctx, "a: 'it''s two'", "two", "0:0");
    check_place(ctx, "a: >\n  one\n  two\n", "two", "0:0");
    check_place(ctx, "a: one\n  two", "two", "0:0");
}

static void test_aliases_and_merges(void **state)
{
    static const struct {
        const char *yaml, *json;
    } cases[] = {
        {"a: &x {k: 1}\nb: *x", "{\"a\": {\"k\": 1}, \"b\": {\"k\": 1}}"},
        {"&k a: 1\nb: *k", "{\"a\": 1, \"b\": \"a\"}"},
        {"a: &x 1\nb: &x 2\nc: *x", "{\"a\": 1, \"b\": 2, \"c\": 2}"},
        /* merged keys take the place of `<<` */
        {"- &x {k: 1, l: 2}\n- {a: 0, <<: *x, b: 3}",
            "[{\"k\": 1, \"l\": 2}, {\"a\": 0, \"k\": 1, \"l\": 2, \"b\": 3}]"},
        /* given keys override merged ones, before and after */
        {"- &x {k: 1, l: 2}\n- {k: 5, <<: *x, l: 6}", "[{\"k\": 1, \"l\": 2}, {\"k\": 5, \"l\": 6}]"},
        /* of several the first */
        {"- &x {k: 1}\n- &y {k: 2, l: 2}\n- {<<: [*x, *y], m: 3}",
            "[{\"k\": 1}, {\"k\": 2, \"l\": 2}, {\"k\": 1, \"l\": 2, \"m\": 3}]"},
        /* a merge of a merge */
        {"- &x {k: 1}\n- &y {<<: *x, l: 2}\n- {<<: *y}",
            "[{\"k\": 1}, {\"k\": 1, \"l\": 2}, {\"k\": 1, \"l\": 2}]"},
        {"{<<: {a: 1}}", "{\"a\": 1}"},
        {"{<<: []}", "{}"},
        {"{'<<': 1}", "{\"<<\": 1}"},
    };
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(json(ctx, parse(ctx, cases[i].yaml)), cases[i].json);
}

static void test_refused(void **state)
{
    static const struct {
        const char *yaml, *message;
    } cases[] = {
        {"a: 1\nb: 2\na: 3", "f.yaml:3:1: duplicate key 'a'; the first is in line 1, column 1"},
        {"{a: 1, a: 2}", "f.yaml:1:8: duplicate key 'a'; the first is in line 1, column 2"},
        {"{a: 1, 'a': 2}", "f.yaml:1:8: duplicate key 'a'; the first is in line 1, column 2"},
        {"a: &a {}\nb: &b {}\nc:\n  <<: *a\n  <<: *b",
            "f.yaml:5:3: duplicate key '<<'; the first is in line 4, column 3\n"
            "  hint: Merge several mappings as a list: \"<<: [*first, *second]\"."},
        {"{type: numeric(10, 2), default: 0}", "f.yaml:1:8: within braces a ',' ends the value 'numeric(10'\n"
                                               "  hint: Put it in quotes: \"numeric(10,2)\"."},
        {"a: b: c",
            "f.yaml:1:5: ':' is not allowed here; check the indentation, or put the string in quotes"},
        {"a:\n\tb: 1", "f.yaml:2:1: a tab is used for indentation; YAML allows only spaces"},
        {"a:\n  b: 1\n\tc: 1", "f.yaml:3:1: a tab is used for indentation; YAML allows only spaces"},
        {"\ta: 1", "f.yaml:1:1: a tab is used for indentation; YAML allows only spaces"},
        {"a: |\n\tx", "f.yaml:2:1: a tab is used for indentation; YAML allows only spaces"},
        {"- a\n-\tb: 1\n\tc: 2", "f.yaml:2:2: a tab is used for indentation; YAML allows only spaces"},
        {"a: \"x\nb: 1", "f.yaml:1:4: the quote is never closed"},
        {"a: 'x\n---\n", "f.yaml:1:4: the quote is never closed"},
        {"a: \"\\q\"", "f.yaml:1:5: unknown escape in a double-quoted string; write a backslash as \\\\"},
        {"a: [1, 2", "f.yaml:1:4: the '[' is never closed"},
        {"a: [1\nb: 2\n", "f.yaml:2:2: a ',' or ']' is expected here"},
        {"a: [1 }", "f.yaml:1:7: a ',' or ']' is expected here"},
        {"a: [", "f.yaml:2:1: a value is expected here"},
        {"a: {b: 1", "f.yaml:1:4: the '{' is never closed"},
        {"a: {b: 1]", "f.yaml:1:9: a ',' or '}' is expected here"},
        {"a: @x", "f.yaml:1:4: a string that begins with '@' must be in quotes"},
        {"a: `x`", "f.yaml:1:4: a string that begins with '`' must be in quotes"},
        {"a: %x", "f.yaml:1:4: a string that begins with '%' must be in quotes"},
        {"a: *\nb: 1", "f.yaml:1:4: a string that begins with '*' must be in quotes"},
        {"a: & x", "f.yaml:1:4: a string that begins with '&' must be in quotes"},
        {"a: 'b' c", "f.yaml:1:8: a key is expected here; check the indentation and the quotes"},
        {"a: 1\n b: 2",
            "f.yaml:2:3: ':' is not allowed here; check the indentation, or put the string in quotes"},
        {"a:\n    b: 1\n  c: 2", "f.yaml:3:3: a key is expected here; check the indentation and the quotes"},
        {"a: - b", "f.yaml:1:4: a list item is not allowed here; start it on a line of its own"},
        {"- a\nb: 1", "f.yaml:2:1: a list item, '- ', is expected here; check the indentation"},
        {"? [a]\n: b", "f.yaml:1:3: a key must be a name, not a list"},
        {"{{a: 1}: b}", "f.yaml:1:2: a key must be a name, not a mapping"},
        {"? \n: b", "f.yaml:1:2: missing key before ':'"},
        {"a: 1\n---\nb: 1", "f.yaml:2:1: a second document begins; a file can contain only one"},
        {"a: 1\n...\nb: 1", "f.yaml:3:1: the document should end here; check the indentation"},
        {"a: *x", "f.yaml:1:4: alias '*x' has no anchor '&x' before it"},
        {"a: &x [*x]", "f.yaml:1:8: alias '*x' is part of its own anchor"},
        {"<<: 1", "f.yaml:1:5: '<<' merges a mapping or a list of mappings, not '1'"},
        {"<<: [{}, [a]]", "f.yaml:1:10: '<<' merges a mapping or a list of mappings, not a list"},
        {"<<:", "f.yaml:1:4: '<<' merges a mapping or a list of mappings, not nothing"},
        {"a: !ref b", "f.yaml:1:4: unknown tag '!ref'"},
        {"a: !!binary b", "f.yaml:1:4: unknown tag '!!binary'"},
        {"a: !!set {b}", "f.yaml:1:4: unknown tag '!!set'"},
        {"a: \"\\0\"", "f.yaml:1:4: a string cannot contain a NUL character"},
        {"a: b\nc: \x01", "f.yaml:2:4: a control character is not allowed here"},
        {"a: b\nc: \xff", "f.yaml:2:4: invalid leading UTF-8 octet"},
    };
    struct ctx *ctx = *state;
    struct node *n;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_false(yaml_parse(ctx, &ctx->arena, "f.yaml", cases[i].yaml, strlen(cases[i].yaml), &n));
        assert_error(ctx, STATUS_CONFIG, cases[i].message);
    }
}

static void test_depth(void **state)
{
    struct ctx *ctx = *state;
    char text[2 * 65 + 1] = "";
    struct node *n;

    memset(text, '[', 64);
    memset(text + 64, ']', 64);
    assert_ok(ctx, yaml_parse(ctx, &ctx->arena, "f.yaml", text, 128, &n));
    memset(text, '[', 65);
    memset(text + 65, ']', 65);
    assert_false(yaml_parse(ctx, &ctx->arena, "f.yaml", text, 130, &n));
    assert_error(ctx, STATUS_CONFIG, "f.yaml:1:65: nested deeper than 64 levels");
}

/* Each line repeats the one before ten times. */
static void test_bombs(void **state)
{
    struct ctx *ctx = *state;
    struct str list = STR(ctx), merge = STR(ctx);
    struct node *n;

    str_add(&list, "- &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 10; i++) {
        str_addf(&list, "- &a%d [", i);
        for (int j = 0; j < 10; j++)
            str_addf(&list, "%s*a%d", j ? ", " : "", i - 1);
        str_add(&list, "]\n");
    }
    assert_false(yaml_parse(ctx, &ctx->arena, "f.yaml", list.s, list.n, &n));
    assert_error(ctx, STATUS_CONFIG, "f.yaml:6:43: aliases expand this file beyond 1000000 values");
    assert_true(ctx->arena.used < 1 << 20);

    str_add(&merge, "- &a {");
    for (int i = 0; i < 2000; i++)
        str_addf(&merge, "k%d: 1, ", i);
    str_add(&merge, "}\n");
    for (int i = 0; i < 2000; i++)
        str_add(&merge, "- {<<: *a}\n");
    assert_false(yaml_parse(ctx, &ctx->arena, "f.yaml", merge.s, merge.n, &n));
    assert_error(ctx, STATUS_CONFIG, "f.yaml:251:8: aliases expand this file beyond 1000000 values");
}

/* Many values without aliases are fine, and so are many keys. */
static void test_large(void **state)
{
    struct ctx *ctx = *state;
    struct str text = STR(ctx);
    struct node *n;

    for (int i = 0; i < 600000; i++)
        str_addf(&text, "k%d: x\n", i);
    assert_ok(ctx, yaml_parse(ctx, &ctx->arena, "f.yaml", text.s, text.n, &n));
    assert_int_equal(n->n, 600000);
    assert_string_equal(n->v[2 * 599999]->scalar, "k599999");
}

static void test_read(void **state)
{
    struct ctx *ctx = *state;
    char *folder = unit_tmpdir(ctx), *path = ctx_printf(ctx, "%s/a.yaml", folder);
    struct node *n;

    assert_ok(ctx, fs_write(ctx, path, "a: [b", 5));
    assert_false(yaml_read(ctx, &ctx->arena, "model", path, &n));
    assert_error(ctx, STATUS_CONFIG, ctx_printf(ctx, "%s:1:4: the '[' is never closed", path));
    assert_false(yaml_read(ctx, &ctx->arena, "model", "/nowhere/a.yaml", &n));
    assert_error(ctx, STATUS_CONFIG, "cannot read model '/nowhere/a.yaml': no such file");
    unit_rmdir(ctx, folder);
}

/* ---- heads ---- */

static void check_head(struct ctx *ctx, const char *text, bool stopped, const char *expected)
{
    struct node *n;
    bool met;

    assert_ok(ctx, yaml_parse_head(ctx, &ctx->arena, "f.yaml", text, strlen(text), "upgrade", &n, &met));
    assert_int_equal(met, stopped);
    if (expected)
        assert_string_equal(json(ctx, n), expected);
    else
        assert_null(n);
}

/* Whether the lines are read without libyaml. */
static bool by_lines(struct ctx *ctx, const char *text)
{
    struct node *n;
    const char *from;
    bool met;

    return yaml_head_lines(&ctx->arena, "f.yaml", text, strlen(text), "upgrade", &n, &met, &from);
}

static void test_heads(void **state)
{
    static const struct {
        const char *yaml, *json;
        bool stopped, lines;
    } cases[] = {
        {"revision: 1f3a\ndown_revision: null\nmessage: add users\nbranch_labels: []\nupgrade:\n  - [",
            "{\"revision\": \"1f3a\", \"down_revision\": null, \"message\": \"add users\", "
            "\"branch_labels\": []}",
            true, true},
        {"# c\n\nrevision: 'a'   # c\ndown_revision: [a, b ,c] # d\r\n   \nupgrade: []\n",
            "{\"revision\": \"a\", \"down_revision\": [\"a\", \"b\", \"c\"]}", true, true},
        {"revision: \"a b\"\ncreated: 2026-11-20T10:00:00Z",
            "{\"revision\": \"a b\", \"created\": "
            "\"2026-11-20T10:00:00Z\"}",
            false, true},
        {"revision: a\ndepends_on:\n  - b\nupgrade:", "{\"revision\": \"a\", \"depends_on\": [\"b\"]}", true,
            false},
        {"revision: a\nmessage: add\n  more\nupgrade:", "{\"revision\": \"a\", \"message\": \"add more\"}",
            true, false},
        {"---\nrevision: a\nupgrade: [", "{\"revision\": \"a\"}", true, false},
        {"{revision: a, upgrade: [", "{\"revision\": \"a\"}", true, false},
        {"message: \xc3\xa9\nupgrade:", "{\"message\": \"\xc3\xa9\"}", true, false},
        {"message: \"a\\tb\"\nupgrade:", "{\"message\": \"a\\tb\"}", true, false},
        {"message: 'it''s'\nupgrade:", "{\"message\": \"it's\"}", true, false},
        {"message: |\n  upgrade:\nupgrade:", "{\"message\": \"upgrade:\\n\"}", true, false},
        {"message: a b  # c\ndown_revision: ~ # d\nupgrade:",
            "{\"message\": \"a b\", \"down_revision\": null}", true, true},
        {"upgrade: x", "{}", true, true},
        {"{}", "{}", false, false},
        {"[a]", "[\"a\"]", false, false},
        {"", NULL, false, true},
        {"# c\n", NULL, false, true},
        {"--- \n...\n", "null", false, false},
    };
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        check_head(ctx, cases[i].yaml, cases[i].stopped, cases[i].json);
        assert_int_equal(by_lines(ctx, cases[i].yaml), cases[i].lines);
    }
}

static void test_heads_refused(void **state)
{
    static const char hint[] = "\n  hint: Put the keys that describe the graph first: cmig reads the graph "
                               "without the rest of the file.";
    static const struct {
        const char *yaml, *message;
        bool hint;
    } cases[] = {
        {"revision: a\nupgrade: []\ndown_revision: b\n",
            "f.yaml:3:1: key 'down_revision' must come before 'upgrade'", true},
        {"message: \xc3\xa9\nupgrade: []\ndepends_on: b\n",
            "f.yaml:3:1: key 'depends_on' must come before 'upgrade'", true},
        {"revision: a\nrevision: b\nupgrade:",
            "f.yaml:2:1: duplicate key 'revision'; the first is in line 1, column 1", false},
        {"revision: a\n\tb: 1\nupgrade:",
            "f.yaml:2:1: a tab is used for indentation; YAML allows only spaces", false},
        {"@", "f.yaml:1:1: a string that begins with '@' must be in quotes", false},
        {"message: &a [*a]\nupgrade:", "f.yaml:1:14: alias '*a' is part of its own anchor", false},
        {"revision: a: b\nupgrade:",
            "f.yaml:1:12: ':' is not allowed here; check the indentation, or put the string in quotes",
            false},
    };
    struct ctx *ctx = *state;
    struct node *n;
    bool met;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_false(yaml_parse_head(
            ctx, &ctx->arena, "f.yaml", cases[i].yaml, strlen(cases[i].yaml), "upgrade", &n, &met));
        assert_error(
            ctx, STATUS_CONFIG, ctx_printf(ctx, "%s%s", cases[i].message, cases[i].hint ? hint : ""));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_values),
        ctx_test(test_empty_document),
        ctx_test(test_positions),
        ctx_test(test_text_places),
        ctx_test(test_aliases_and_merges),
        ctx_test(test_refused),
        ctx_test(test_depth),
        ctx_test(test_bombs),
        ctx_test(test_large),
        ctx_test(test_read),
        ctx_test(test_heads),
        ctx_test(test_heads_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
