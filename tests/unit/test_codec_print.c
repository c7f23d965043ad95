/* Tests of printing YAML: the layout, and that every text is read back unchanged. */
#include "unit.h"

#include "cmig/codec.h"

static struct node *parse(struct ctx *ctx, const char *text)
{
    struct node *n;

    assert_ok(ctx, yaml_parse(ctx, &ctx->arena, "printed", text, strlen(text), &n));
    return n;
}

static const char *print(struct ctx *ctx, const struct node *n, unsigned indent)
{
    struct str out = STR(ctx);

    node_yaml(&out, n, indent);
    return str_get(&out);
}

static void test_layout(void **state)
{
    static const char *const texts[] = {
        "a: 1\n",
        "upgrade:\n"
        "  - create_table:\n"
        "      name: users\n"
        "      columns: {id: bigint, title: {type: string(200), nullable: false}, status: "
        "enum(post_status)}\n"
        "      comment: a comment that is so long that the operation as a whole cannot stand in a line\n"
        "  - drop_table: users\n"
        "downgrade: []\n",
        "a: {b: {}, c: []}\n",
        "columns: {price: {type: \"numeric(10,2)\"}}\n",
        "- - a\n  - |\n    b\n    c\n- d\n",
        "sql: |-\n  SELECT 1\n\n    FROM x\nnext: 1\n",
        "sql: |\n  x: y # no comment\n",
        "sql: |+\n  x\n\nnext: 1\n",
        "sql: |2-\n   SELECT id,\n      title\n",
        "a: {b: null, c: ~, d: \"null\", e: \"1\", f: 1, g: -1, h: \"true\", i: true}\n",
        "[a, b]\n",
        "{}\n",
        "text\n",
    };
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        const char *expected = texts[i];

        if (*expected == '[')
            expected = "- a\n- b\n"; /* block style at the top */
        assert_string_equal(print(ctx, parse(ctx, texts[i]), 0), expected);
    }
}

static void test_width(void **state)
{
    struct ctx *ctx = *state;
    struct node *n = node_mapping(&ctx->arena), *list = node_sequence(&ctx->arena);

    /* "key: [" and "]" take seven of a hundred columns, each of the words four, the first two less. */
    for (int i = 0; i < 23; i++)
        node_append(&ctx->arena, list, node_string(&ctx->arena, "ab"));
    list->v[22] = node_string(&ctx->arena, "abc");
    node_set(&ctx->arena, n, "key", list);
    assert_int_equal(strlen(print(ctx, n, 0)), 98 + 1);
    list->v[22] = node_string(&ctx->arena, "abcde");
    assert_int_equal(strlen(print(ctx, n, 0)), 100 + 1);
    list->v[22] = node_string(&ctx->arena, "abcdef");
    assert_true(str_starts(print(ctx, n, 0), "key:\n  - ab\n"));
}

static void test_made_by_hand(void **state)
{
    struct ctx *ctx = *state;
    struct arena *a = &ctx->arena;
    struct node *n = node_mapping(a), *columns = node_mapping(a), *list = node_sequence(a);

    node_set(a, n, "created", node_scalar(a, "2026-11-20"));
    node_set(a, n, "id", node_string(a, "123e4567"));
    node_set(a, n, "empty", node_scalar(a, ""));
    node_set(a, n, "none", node_string(a, NULL));
    node_set(a, n, "least", node_number(a, INT64_MIN));
    node_set(a, n, "no", node_boolean(a, false));
    node_set(a, columns, "id", node_scalar(a, "bigint"));
    columns->block = true;
    node_set(a, n, "columns", columns);
    for (int i = 0; i < 9; i++)
        node_append(a, list, node_number(a, i));
    node_set(a, n, "list", list);
    assert_string_equal(print(ctx, n, 2), "  created: 2026-11-20\n"
                                          "  id: \"123e4567\"\n"
                                          "  empty: \"\"\n"
                                          "  none: null\n"
                                          "  least: -9223372036854775808\n"
                                          "  \"no\": false\n"
                                          "  columns:\n"
                                          "    id: bigint\n"
                                          "  list: [0, 1, 2, 3, 4, 5, 6, 7, 8]\n");
}

/* A parsed collection may be added to. */
static void test_growing_a_parsed_one(void **state)
{
    struct ctx *ctx = *state;
    struct node *n = parse(ctx, "{a: 1, b: 2, c: [1, 2, 3]}");

    node_append(&ctx->arena, n->v[5], node_number(&ctx->arena, 4));
    for (int i = 0; i < 5; i++)
        node_set(&ctx->arena, n, ctx_printf(ctx, "k%d", i), node_null(&ctx->arena));
    assert_string_equal(
        print(ctx, n, 0), "a: 1\nb: 2\nc: [1, 2, 3, 4]\nk0: null\nk1: null\nk2: null\nk3: null\nk4: null\n");
}

static void test_quotes(void **state)
{
    static const char *const quoted[] = {"", "~", "null", "Null", "yes", "No", "ON", "off", "y", "N", "true",
        "False", "1", "-1", "+1", "1_000", "007", "0x1F", "0o17", "0b1", "1.5", ".5", "5.", "1e3", "1E-3",
        "12:30", "1:2:3.5", ".inf", "-.INF", ".NaN", "2026-11-20", "2026-11-20T10:00:00Z",
        "2026-11-20 10:00:00 +1", "<<", "=", "-", "--- a", "- a", "-a", "? a", ":", ": a", "a:", "a: b",
        "a #b", "#a", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a", "\"a", "'a", "[a", "]", "{a", "}", ",a",
        " a", "a ", "\ta", "a\tb", "a\rb", "\x7f", "\xc2\x85", "\xe2\x80\xa8",
        ("\xef\xbb\xbf"
         "a"),
        "...", "a\\\x01"};
    static const char *const plain[] = {"a", "a b", "string(80)", "it's", "a\"b", "a\\b", "a#b", "a:b",
        "a::text", "1f3a9c2b7d4e", "1e", "0x", "0xg", "v1.2.3", "1.2.3.4a", "12-30", "a, b", "a]", "\xc3\xa9",
        "\xf0\x9f\x8e\x89", "nulls", "(now())", "$1", "/path", "a.b", "2026-11-20x", "<a", "==", "x=y", ";",
        "^", "_", "~a", "now()"};
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(quoted); i++) {
        const char *text = print(ctx, node_string(&ctx->arena, quoted[i]), 0);

        if (*text != '"' && *text != '\'')
            fail_msg("'%s' is not quoted: %s", quoted[i], text);
        assert_string_equal(parse(ctx, text)->scalar, quoted[i]);
    }
    for (size_t i = 0; i < COUNT_OF(plain); i++)
        assert_string_equal(
            print(ctx, node_string(&ctx->arena, plain[i]), 0), ctx_printf(ctx, "%s\n", plain[i]));
}

/* ---- every text comes back ---- */

static uint32_t random_next(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

/* Random texts of pieces that are hard to quote. */
static char *random_text(struct ctx *ctx, uint64_t *seed)
{
    static const char *const pieces[] = {" ", "  ", "\n", "\n\n", "\t", "\r", "\r\n", ":", ": ", " #", "#",
        "-", "- ", "?", "? ", "'", "\"", "\\", ",", "[", "]", "{", "}", "&a", "*a", "!", "|", ">", "%", "@",
        "`", "~", "null", "true", "no", "on", "y", "=", "<<", "0", "1", "12:30", "1e3", "0x1f", ".", ".inf",
        "...", "---", "\n---\n", "2026-11-20", "a", "bc", "select 1", "\xc3\xa9", "\xe4\xb8\xad",
        "\xf0\x9f\x8e\x89", "\x01", "\x1b", "\x7f", "\xc2\x80", "\xc2\x85", "\xc2\xa0", "\xe2\x80\xa8",
        "\xe2\x80\xa9", "\xef\xbb\xbf", "\xef\xbf\xbe", "\xef\xbf\xbf", "\xef\xbf\xbd", "\xed\x9f\xbf",
        "\xf4\x8f\xbf\xbf", "$", "(", ")", ";", "_", "/"};
    struct str text = STR(ctx);

    for (uint32_t n = random_next(seed) % 7; n; n--) {
        uint32_t kind = random_next(seed);
        const char *piece = pieces[kind % COUNT_OF(pieces)];

        if (kind % 31 == 0) /* longer than a line */
            for (int i = 0; i < 30; i++)
                str_add(&text, piece);
        str_add(&text, piece);
    }
    return ctx_strdup(ctx, str_get(&text));
}

static struct node *random_tree(struct ctx *ctx, uint64_t *seed, unsigned depth)
{
    uint32_t kind = random_next(seed) % (depth < 4 ? 4 : 2);
    struct node *n;

    if (kind < 2)
        return node_string(&ctx->arena, random_text(ctx, seed));
    n = kind == 2 ? node_sequence(&ctx->arena) : node_mapping(&ctx->arena);
    n->block = random_next(seed) % 4 == 0;
    for (uint32_t i = random_next(seed) % 4; i; i--) {
        struct node *child = random_tree(ctx, seed, depth + 1);
        char *key = random_text(ctx, seed);

        if (kind == 2)
            node_append(&ctx->arena, n, child);
        else if (!node_get(n, key))
            node_set(&ctx->arena, n, key, child);
    }
    return n;
}

static bool same(const struct node *a, const struct node *b)
{
    if (a->kind != b->kind || a->n != b->n)
        return false;
    if (a->kind == NODE_SCALAR)
        return strcmp(a->scalar, b->scalar) == 0 && !node_is_null(b) && !node_is_number(b);
    for (size_t i = 0; i < (a->kind == NODE_MAPPING ? 2 * a->n : a->n); i++)
        if (!same(a->v[i], b->v[i]))
            return false;
    return true;
}

static void test_every_text_comes_back(void **state)
{
    struct ctx *ctx = *state;
    uint64_t seed = 20261120;

    for (int i = 0; i < 20000; i++) {
        struct ctx round = {0};
        struct node *n = random_tree(&round, &seed, 0), *again = NULL;
        const char *text = print(&round, n, 0);

        if (!yaml_parse(&round, &round.arena, "printed", text, strlen(text), &again))
            fail_msg("round %d: %s\n%s", i, err_text(&round), text);
        if (!again ? n->n : !same(n, again))
            fail_msg("round %d: changed\n%s", i, text);
        ctx_finish(&round);
    }
    (void)ctx;
}

static void test_every_code_point_comes_back(void **state)
{
    struct ctx *ctx = *state;

    for (uint32_t code = 1; code < 0x11000; code += code >= 0x3000 && code < 0xd000 ? 97 : 1) {
        char text[8] = {'a'};
        struct ctx round = {0};

        if (code >= 0xd800 && code < 0xe000)
            continue;
        if (code < 0x80) {
            text[1] = (char)code;
        } else if (code < 0x800) {
            text[1] = (char)(0xc0 | code >> 6);
            text[2] = (char)(0x80 | (code & 0x3f));
        } else if (code < 0x10000) {
            text[1] = (char)(0xe0 | code >> 12);
            text[2] = (char)(0x80 | (code >> 6 & 0x3f));
            text[3] = (char)(0x80 | (code & 0x3f));
        } else {
            text[1] = (char)(0xf0 | code >> 18);
            text[2] = (char)(0x80 | (code >> 12 & 0x3f));
            text[3] = (char)(0x80 | (code >> 6 & 0x3f));
            text[4] = (char)(0x80 | (code & 0x3f));
        }
        strcat(text, "b");
        assert_string_equal(parse(&round, print(&round, node_string(&round.arena, text), 0))->scalar, text);
        ctx_finish(&round);
    }
    (void)ctx;
}

static void test_long_keys(void **state)
{
    struct ctx *ctx = *state;
    struct node *n = node_mapping(&ctx->arena);
    char *key = arena_alloc(&ctx->arena, 3001);

    memset(key, 'k', 3000);
    node_set(&ctx->arena, n, key, node_string(&ctx->arena, "x\ny"));
    node_set(&ctx->arena, n, "b", node_string(&ctx->arena, "z"));
    assert_string_equal(node_get(parse(ctx, print(ctx, n, 0)), key)->scalar, "x\ny");
}

static void test_deep(void **state)
{
    struct ctx *ctx = *state;
    struct node *n = node_string(&ctx->arena, "x\ny"), *again;

    for (int i = 0; i < 40; i++) {
        struct node *outer = node_mapping(&ctx->arena);

        node_set(&ctx->arena, outer, "k", n);
        n = outer;
    }
    again = parse(ctx, print(ctx, n, 0));
    for (int i = 0; i < 40; i++)
        again = node_get(again, "k");
    assert_string_equal(again->scalar, "x\ny");
}

/* ---- JSON ---- */

static void test_json(void **state)
{
    struct ctx *ctx = *state;
    struct node *n =
        parse(ctx, "{a: [1, -2.5, 1e5, x, null, true], b: {}, c: [], d: {e: \"\\b\\f\\x7f\\u2028\"}}");
    struct str line = STR(ctx), pretty = STR(ctx), bad = STR(ctx);

    node_json(&line, n, false);
    assert_string_equal(line.s,
        "{\"a\": [1, -2.5, 1e5, \"x\", null, true], \"b\": {}, \"c\": [], \"d\": {\"e\": "
        "\"\\b\\f\x7f\xe2\x80\xa8\"}}");
    node_json(&pretty, n, true);
    assert_string_equal(pretty.s,
        "{\n  \"a\": [\n    1,\n    -2.5,\n    1e5,\n    \"x\",\n    null,\n    true\n  ],\n"
        "  \"b\": {},\n  \"c\": [],\n  \"d\": {\n    \"e\": \"\\b\\f\x7f\xe2\x80\xa8\"\n  }\n}");
    node_json(&bad,
        node_string(&ctx->arena, "a\xff"
                                 "b\xc3(\xe4\xb8\"\xc3\xa9\xff"),
        false);
    assert_string_equal(bad.s, "\"a\xef\xbf\xbd"
                               "b\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\\\"\xc3\xa9\xef\xbf\xbd\"");
}

static void test_describe(void **state)
{
    static const struct {
        const char *yaml, *text;
    } cases[] = {
        {"[]", "a list"},
        {"{}", "a mapping"},
        {"~", "null"},
        {"abc", "'abc'"},
        {"1", "'1'"},
        {"\"a\\nb\"", "'a...'"},
        {"0123456789012345678901234567890123456789", "'0123456789012345678901234567890123456789'"},
        {"01234567890123456789012345678901234567\xe4\xb8\xad", "'01234567890123456789012345678901234567...'"},
    };
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(node_describe(&ctx->arena, parse(ctx, cases[i].yaml)), cases[i].text);
    assert_string_equal(node_describe(&ctx->arena, NULL), "nothing");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_layout),
        ctx_test(test_width),
        ctx_test(test_made_by_hand),
        ctx_test(test_growing_a_parsed_one),
        ctx_test(test_quotes),
        ctx_test(test_every_text_comes_back),
        ctx_test(test_every_code_point_comes_back),
        ctx_test(test_long_keys),
        ctx_test(test_deep),
        ctx_test(test_json),
        ctx_test(test_describe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
