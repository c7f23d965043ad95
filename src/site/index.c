/*
 * The first page: a summary, the diagram, and the objects by kind.
 */
#include "site.h"

static void add_counts(struct page *p)
{
    struct site *s = p->site;

    str_add(&p->out, "<ul class=\"counts\">\n");
    for (int kind = 0; kind < ITEM_KINDS; kind++)
        if (s->of[kind].n)
            html_addf(&p->out, "<li><a href=\"#%s\"><strong>%zu</strong> %s</a></li>\n", item_folder(kind),
                (size_t)s->of[kind].n,
                s->of[kind].n == 1 ? item_noun(kind)
                                   : str_lower(&s->ctx->arena, item_heading(&s->ctx->arena, kind)));
    if (s->source->graph)
        html_addf(&p->out, "<li><a href=\"revisions/index.html\"><strong>%zu</strong> %s</a></li>\n",
            (size_t)s->source->revisions.n, s->source->revisions.n == 1 ? "revision" : "revisions");
    str_add(&p->out, "</ul>\n");
}

static void add_item(struct page *p, const struct item *item)
{
    str_add(&p->out, "<tr><th scope=\"row\">");
    page_link(p, item, NULL);
    html_addf(&p->out, "</th><td>%s</td>", markdown_summary(&p->site->ctx->arena, item->comment));
    if (item->kind == ITEM_TABLE)
        html_addf(&p->out,
            "<td class=\"number\">%zu</td><td class=\"number\">%zu</td><td class=\"number\">%zu</td>",
            (size_t)item->u.table->columns.n, (size_t)item->u.table->foreign_keys.n,
            (size_t)item->incoming.n);
    str_add(&p->out, "</tr>\n");
}

static void add_kind(struct page *p, int kind)
{
    static const char *const table_headings[] = {
        "Table", "Comment", "Columns", "References", "Referenced by", NULL};
    static const char *const headings[] = {"Name", "Comment", NULL};
    const struct items *list = &p->site->of[kind];
    const char *title = item_heading(&p->site->ctx->arena, kind);

    if (!list->n)
        return;
    page_section(p, item_folder(kind), title);
    page_table(p, title, kind == ITEM_TABLE ? table_headings : headings);
    vec_each(i, list)
        add_item(p, list->v[i]);
    page_table_end(p);
}

/* What the schema has and cmig does not model. */
static void add_unmodelled(struct page *p)
{
    const struct unmodelleds *list = &p->site->source->schema->unmodelled;

    if (!list->n)
        return;
    page_section(p, "unmodelled", "Not modelled");
    str_add(&p->out, "<ul>\n");
    vec_each(i, list)
        html_addf(&p->out, "<li>%s <code>%s</code></li>\n", list->v[i]->kind,
            qname_text(&p->site->ctx->arena, &list->v[i]->name));
    str_add(&p->out, "</ul>\n");
}

bool index_page(struct site *s)
{
    struct page p;

    page_begin(&p, s, "index.html", s->source->title, NULL);
    html_addf(&p.out, "<p>%s</p>\n", s->source->dialect->title);
    add_counts(&p);
    if ((s->of[ITEM_TABLE].n || s->of[ITEM_VIEW].n) && !page_diagram_of_all(&p))
        return false;
    for (int kind = 0; kind < ITEM_KINDS; kind++)
        add_kind(&p, kind);
    add_unmodelled(&p);
    page_end(&p);
    return true;
}
