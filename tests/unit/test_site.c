/* The site of a schema: names of files, and comments as HTML. */
#include "unit.h"

#include "site/site.h"

/* ---- names ---- */

static void test_paths(void **state)
{
    static const struct {
        const char *name, *path;
    } cases[] = {
        {"users", "tables/users.html"},
        {"app.users_2", "tables/app.users_2.html"},
        {"Users", "tables/users-06b432b3.html"},
        {"index", "tables/index-090aa9ab.html"},
        {"con", "tables/con-f08dd14b.html"},
        {"con.x", "tables/con.x-68be4785.html"},
        {"com1", "tables/com1-31430e3d.html"},
        {"command", "tables/command.html"},
        {"..", "tables/__-a3d4a70d.html"},
        {"a/b", "tables/a_b-3a8e75c1.html"},
    };
    struct ctx *ctx = *state;
    struct site s = {.ctx = ctx, .taken = MAP(ctx)};

    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(site_path(&s, "tables", cases[i].name), cases[i].path);
    assert_string_equal(site_path(&s, "tables", "users"), "tables/users-2-5e7cc513.html");
}

static void test_long_names(void **state)
{
    struct ctx *ctx = *state;
    struct site s = {.ctx = ctx, .taken = MAP(ctx)};
    char name[201];

    memset(name, 'n', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    assert_true(strlen(site_path(&s, "t", name)) < 110);
}

static void test_ids(void **state)
{
    struct ctx *ctx = *state;

    assert_string_equal(site_id(&ctx->arena, "column", "e mail~x_y"), "column-e~20mail~7ex_y");
    assert_string_equal(site_id(&ctx->arena, "column", "\xc3\x9f\"<"), "column-~c3~9f~22~3c");
}

/* ---- comments ---- */

static void test_markdown(void **state)
{
    static const struct {
        const char *text, *html;
    } cases[] = {
        {"one\ntwo\r\n\nthree", "<p>one\ntwo</p>\n<p>three</p>\n"},
        {"- a\n- b\n  more\n\n2. c", "<ul>\n<li>a</li>\n<li>b\nmore</li>\n</ul>\n<ol>\n<li>c</li>\n</ol>\n"},
        {"`a*b*` and ``x`y``", "<p><code>a*b*</code> and <code>x`y</code></p>\n"},
        {"*a* **b** _c_ snake_case_name 2 * 3 * 4",
            "<p><em>a</em> <strong>b</strong> <em>c</em> snake_case_name 2 * 3 * 4</p>\n"},
        {"**a *b* c**", "<p><strong>a <em>b</em> c</strong></p>\n"},
        {"```\n<b> *x*\n```\ny", "<pre><code>&lt;b&gt; *x*\n</code></pre>\n<p>y</p>\n"},
        {"```\nopen", "<pre><code>open\n</code></pre>\n"},
        {"[a](https://x.example/?a=1&b)",
            "<p><a rel=\"noopener\" href=\"https://x.example/?a=1&amp;b\">a</a></p>\n"},
        {"[a](../x.html)", "<p><a rel=\"noopener\" href=\"../x.html\">a</a></p>\n"},
        {"[a](javascript:x)", "<p>[a](javascript:x)</p>\n"},
        {"[a](JaVaScRiPt:x)", "<p>[a](JaVaScRiPt:x)</p>\n"},
        {"[a](\tjavascript:x)", "<p>[a](\tjavascript:x)</p>\n"},
        {"[a](//x.example)", "<p>[a](//x.example)</p>\n"},
        {"[a](/\\x.example)", "<p>[a](/\\x.example)</p>\n"},
        {"[a](x\" onclick=\"y)", "<p>[a](x&quot; onclick=&quot;y)</p>\n"},
        {"see https://x.example/y_z.",
            "<p>see <a rel=\"noopener\" href=\"https://x.example/y_z\">https://x.example/y_z</a>.</p>\n"},
        {"<script>x</script>", "<p>&lt;script&gt;x&lt;/script&gt;</p>\n"},
        {"a\x01"
         "b\x7f",
            "<p>a\xef\xbf\xbd"
            "b\xef\xbf\xbd</p>\n"},
        {"\\*a\\* `open *open [open", "<p>*a* `open *open [open</p>\n"},
        {"", ""},
        {"*", "<p>*</p>\n"},
        {"**", "<p>**</p>\n"},
        {"[](x)", "<p><a rel=\"noopener\" href=\"x\"></a></p>\n"},
        {"[a]()", "<p>[a]()</p>\n"},
        {"[a [b](c)", "<p>[a <a rel=\"noopener\" href=\"c\">b</a></p>\n"},
        {"x ``` a `b`` c", "<p>x ``` a `b`` c</p>\n"},
        {"x ``` a `b` c", "<p>x ``` a <code>b</code> c</p>\n"},
        {"*a _b *c_ d", "<p>*a <em>b *c</em> d</p>\n"},
        {"é \\* \xe2\x80\xae *\xe2\x80\xae* `\xe2\x80\xae`",
            "<p>é * \xef\xbf\xbd <em>\xef\xbf\xbd</em> <code>\xef\xbf\xbd</code></p>\n"},
    };
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct str out = STR(ctx);

        html_markdown(&out, cases[i].text);
        assert_string_equal(str_get(&out), cases[i].html);
    }
}

/* Marks that nothing closes: in quadratic time this would take minutes. */
static void test_long_markdown(void **state)
{
    static const char *const parts[] = {
        "[", "[x](", "[x](javascript:", "*a ", "**a ", "_a ", "_a_b", "`", "`a``", "*", "https://", "\\"};
    struct ctx *ctx = *state;

    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        struct str text = STR(ctx), out = STR(ctx);

        str_addc(&text, 'x');
        while (text.n < 1000000)
            str_add(&text, parts[i]);
        str_add(&text, " ])");
        html_markdown(&out, str_get(&text));
        assert_true(out.n > 500000);
        assert_non_null(markdown_summary(&ctx->arena, str_get(&text)));
    }
}

static void test_summary(void **state)
{
    struct ctx *ctx = *state;

    assert_string_equal(
        markdown_summary(&ctx->arena, "\n All **users**, in `x`.\nMore."), "All users, in x.");
    assert_string_equal(
        markdown_summary(&ctx->arena, "See [the policy](https://x.example/), a[1] or [open](x"),
        "See the policy, a[1] or [open](x");
    assert_string_equal(markdown_summary(&ctx->arena, NULL), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ctx_test(test_paths),
        ctx_test(test_long_names),
        ctx_test(test_ids),
        ctx_test(test_markdown),
        ctx_test(test_long_markdown),
        ctx_test(test_summary),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
