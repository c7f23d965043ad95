/*
 * diff --markdown: a comparison as a comment on a pull request.
 */
#include "markdown.h"

#include "lint_files.h"

/* The findings by what a reviewer must decide. */
static const struct {
    enum rule first, last;
    const char *title;
} groups[] = {
    {RULE_DROP_COLUMN, RULE_CASCADE, "What it destroys"},
    {RULE_ADD_COLUMN_REWRITE, RULE_UNBATCHED_UPDATE, "What it locks, scans and copies"},
    {RULE_RENAME_COLUMN, RULE_DROP_NOT_NULL, "What breaks running programs"},
    {RULE_MISSING_DOWNGRADE, RULES, "What else to check"},
};

/* ---- text in Markdown ---- */

/* A name may contain anything: in code, and with a fence that is longer than any run of backquotes in it. */
static void add_code(struct str *out, const char *text)
{
    size_t longest = 0, run = 0;

    for (const char *s = text; *s; s++) {
        run = *s == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    for (size_t i = 0; i <= longest; i++)
        str_addc(out, '`');
    str_addf(out, "%s", longest ? " " : "");
    for (const char *s = text; *s; s++)
        str_addc(out, *s == '\n' || *s == '\r' ? ' ' : *s);
    str_addf(out, "%s", longest ? " " : "");
    for (size_t i = 0; i <= longest; i++)
        str_addc(out, '`');
}

/* Without effect on the markup: no line ends, tags, emphasis, links or mentions. */
static void add_plain(struct str *out, const char *text)
{
    for (const char *s = text; *s; s++) {
        if (strchr("\\`*_[]<>|#@", *s))
            str_addc(out, '\\');
        str_addc(out, *s == '\n' || *s == '\r' ? ' ' : *s);
    }
}

static void add_block(struct str *out, const char *language, const char *text)
{
    size_t fence = 3, run = 0;

    for (const char *s = text; *s; s++) {
        run = *s == '`' ? run + 1 : 0;
        fence = run >= fence ? run + 1 : fence;
    }
    for (size_t i = 0; i < fence; i++)
        str_addc(out, '`');
    str_addf(out, "%s\n%s%s", language, text, str_ends(text, "\n") ? "" : "\n");
    for (size_t i = 0; i < fence; i++)
        str_addc(out, '`');
    str_addc(out, '\n');
}

/* ---- the parts ---- */

/* As in a revision file, if that is short. */
static const char *operation_text(struct call *c, const struct op *op)
{
    enum { LONGEST = 120 };
    struct str out = STR(c->ctx);
    const struct node *n = op_encode(&c->ctx->arena, op);

    str_addf(&out, "%s: ", n->v[0]->scalar);
    node_flow(&out, n->v[1]);
    return out.n <= LONGEST ? str_get(&out) : op_describe(&c->ctx->arena, op);
}

static void add_operations(struct call *c, struct str *out, const struct ops *ops)
{
    vec_each(i, ops) {
        str_add(out, "- ");
        add_code(out, operation_text(c, ops->v[i]));
        str_addc(out, '\n');
    }
}

static void add_finding(struct str *out, const struct finding *f)
{
    str_addf(out, "- **%s** ", lint_level_names[f->level]);
    add_plain(out, f->text);
    str_addf(out, " (`%s`)", f->code);
    if (f->hint) {
        str_add(out, "  \n  ");
        add_plain(out, f->hint);
    }
    str_addc(out, '\n');
}

static void add_findings(struct str *out, const struct findings *found)
{
    for (size_t g = 0; g < COUNT_OF(groups); g++) {
        bool has_title = false;

        vec_each(i, found) {
            const struct finding *f = found->v[i];

            if (f->rule < groups[g].first || f->rule > groups[g].last)
                continue;
            if (!has_title)
                str_addf(out, "\n### %s\n\n", groups[g].title);
            has_title = true;
            add_finding(out, f);
        }
    }
}

static bool add_sql(struct call *c, struct str *out, const struct ops *ops)
{
    const char *script;

    if (!ops_script(c, ops, &script))
        return false;
    str_add(out, "\n<details><summary>SQL</summary>\n\n");
    add_block(out, "sql", script);
    str_add(out, "\n</details>\n");
    return true;
}

static void add_options(struct call *c, struct str *out, const struct strings *options)
{
    struct strings shell = {0};

    vec_each(i, options)
        vec_add(c->ctx, &shell, str_shell(&c->ctx->arena, options->v[i]));
    str_add(out, "\nWith ");
    add_code(out, strings_join(&c->ctx->arena, &shell, " "));
    str_add(out, ":\n\n");
}

static bool add_reading(struct call *c, struct str *out, struct diff_reading *r)
{
    struct ops *ops = &r->found.diff.up;
    struct findings found = {0};

    if (r->options.n)
        add_options(c, out, &r->options);
    add_operations(c, out, ops);
    if (!add_sql(c, out, ops) || !lint_comparison(c, &r->found, &found))
        return false;
    add_findings(out, &found);
    return true;
}

static void add_summary(struct call *c, struct str *out, const struct markdown *m)
{
    const struct diff_readings *readings = m->readings;
    const struct comparison *first = &readings->v[0]->found;

    str_add(out, "## Schema changes\n\nFrom ");
    add_code(out, m->from);
    str_add(out, " to ");
    add_code(out, m->to);
    str_addf(out, ", on %s: ", dialect_title(c->ctx, c->project.url.dialect));
    if (readings->n > 1)
        str_add(out, "something may have been renamed.\n");
    else if (first->diff.up.n)
        str_addf(out, "%s.\n", count_text(c->ctx, first->diff.up.n, "operation"));
    else
        str_add(out, "no change.\n");
    if (first->text_only)
        str_add(out, "Expressions were compared as text.\n");
    str_add(out, readings->n == 1 && first->diff.up.n ? "\n" : "");
}

bool print_markdown(struct call *c, const struct markdown *m)
{
    struct str out = STR(c->ctx);

    add_summary(c, &out, m);
    vec_each(i, m->readings)
        if (m->readings->v[i]->found.diff.up.n && !add_reading(c, &out, m->readings->v[i]))
            return false;
    print_text(c, str_get(&out));
    return true;
}
