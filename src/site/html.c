/*
 * Writes HTML: escaped text, and the parts that all pages have.
 */
#include "site.h"

#include <stdlib.h>

/* ---- text ---- */

static void add_char(struct str *out, char c)
{
    switch (c) {
    case '&':
        str_add(out, "&amp;");
        return;
    case '<':
        str_add(out, "&lt;");
        return;
    case '>':
        str_add(out, "&gt;");
        return;
    case '"':
        str_add(out, "&quot;");
        return;
    case '\'':
        str_add(out, "&#39;");
        return;
    case '\r':
        str_add(out, "&#13;");
        return;
    }
    if (((unsigned char)c < ' ' && c != '\n' && c != '\t') || c == 0x7f)
        str_add(out, "\xef\xbf\xbd"); /* HTML has no such characters */
    else
        str_addc(out, c);
}

void html_text(struct str *out, const char *text)
{
    for (const char *c = text ? text : ""; *c;) {
        const size_t n = str_deceptive(c);

        if (n)
            str_add(out, "\xef\xbf\xbd");
        else
            add_char(out, *c);
        c += n ? n : 1;
    }
}

void html_addf(struct str *out, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    for (const char *next; *fmt; fmt = next) {
        next = fmt + strcspn(fmt, "%");
        str_addn(out, fmt, (size_t)(next - fmt));
        if (str_starts(next, "%s")) {
            html_text(out, va_arg(ap, const char *));
            next += 2;
        } else if (str_starts(next, "%zu")) {
            str_addf(out, "%zu", va_arg(ap, size_t));
            next += 3;
        } else {
            assert(!*next); /* only these two */
        }
    }
    va_end(ap);
}

/* ---- templates ---- */

struct token {
    const char *name, *value;
};

/* Replaces each {{name}} by its value, escaped. */
static void add_template(struct str *out, const char *text, const struct token *tokens)
{
    for (const char *next; *text; text = next) {
        next = strstr(text, "{{");
        if (!next) {
            str_add(out, text);
            return;
        }
        str_addn(out, text, (size_t)(next - text));
        for (const struct token *t = tokens; t->name; t++) {
            const size_t n = strlen(t->name);

            if (strncmp(next + 2, t->name, n) == 0 && str_starts(next + 2 + n, "}}"))
                html_text(out, t->value);
        }
        next = strstr(next, "}}") + 2;
    }
}

void page_begin(struct page *p, struct site *s, const char *path, const char *title, const char *kind)
{
    const bool is_below = strchr(path, '/') != NULL;
    const bool has_revisions = s->source->graph != NULL;

    *p = (struct page){.site = s, .out = STR(s->ctx), .path = path, .root = is_below ? "../" : ""};
    const struct token tokens[] = {
        {"title",
            str_eq(title, s->source->title) ? title : ctx_printf(s->ctx, "%s – %s", title, s->source->title)},
        {"site", s->source->title},
        {"root", p->root},
        {"revisions", has_revisions ? "revisions/index.html" : "index.html"},
        {"hidden", has_revisions ? "" : "hidden"},
        {0},
    };
    add_template(&p->out, site_head_html, tokens);
    if (kind)
        html_addf(&p->out, "<p class=\"kind\">%s</p>\n", kind);
    html_addf(&p->out, "<h1>%s</h1>\n", title);
}

void page_end(struct page *p)
{
    const struct token tokens[] = {{"root", p->root}, {0}};

    add_template(&p->out, site_foot_html, tokens);
    site_add(p->site, p->path, str_get(&p->out));
}

void site_add(struct site *s, const char *path, const char *text)
{
    const struct fs_file file = {.path = path, .text = text, .size = strlen(text)};

    vec_add(s->ctx, &s->files, file);
}

/* ---- parts ---- */

void page_section(struct page *p, const char *id, const char *title)
{
    html_addf(&p->out, "<h2 id=\"%s\">%s</h2>\n", id, title);
}

void page_link(struct page *p, const struct item *item, const char *name)
{
    if (item)
        html_addf(&p->out, "<a href=\"%s%s\">%s</a>", p->root, item->path, name ? name : item->name);
    else
        html_text(&p->out, name);
}

void page_revision_link(struct page *p, const struct revision *r, const char *text)
{
    const char *path = p->site->revision_paths ? p->site->revision_paths[r->order] : NULL;

    if (path)
        html_addf(&p->out, "<a href=\"%s%s\">%s</a>", p->root, path, text);
    else
        html_text(&p->out, text);
}

void page_names(struct page *p, const struct strings *names)
{
    vec_each(i, names)
        html_addf(&p->out, "%s<code>%s</code>", i ? ", " : "", names->v[i]);
}

void page_code(struct page *p, const char *language, const char *text)
{
    html_addf(&p->out, "<pre class=\"%s\"><code>%s</code></pre>\n", language, text);
}

static const char facts_begin[] = "<dl class=\"facts\">\n";

void page_facts(struct page *p)
{
    str_add(&p->out, facts_begin);
}

void page_facts_end(struct page *p)
{
    if (str_ends(p->out.s, facts_begin))
        p->out.s[p->out.n -= strlen(facts_begin)] = '\0';
    else
        str_add(&p->out, "</dl>\n");
}

void page_fact(struct page *p, const char *label, const char *value)
{
    if (value && *value)
        html_addf(&p->out, "<div><dt>%s</dt><dd>%s</dd></div>\n", label, value);
}

void page_table(struct page *p, const char *caption, const char *const *headings)
{
    html_addf(&p->out,
        "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"%s\"><table class=\"%s\">\n"
        "<thead><tr>",
        caption, str_lower(&p->site->ctx->arena, caption));
    for (; *headings; headings++)
        html_addf(&p->out, "<th scope=\"col\">%s</th>", *headings);
    str_add(&p->out, "</tr></thead>\n<tbody>\n");
}

void page_table_end(struct page *p)
{
    str_add(&p->out, "</tbody></table></div>\n");
}

void page_comment(struct page *p, const char *comment)
{
    if (!comment || !*comment)
        return;
    str_add(&p->out, "<div class=\"comment\">\n");
    html_markdown(&p->out, comment);
    str_add(&p->out, "</div>\n");
}

const char *expr_text(const struct site *s, const struct expr *e)
{
    return e->native ? e->native : dtext_for(&e->sql, s->source->dialect->name);
}
