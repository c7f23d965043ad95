/*
 * Diagrams on pages, and the page that has the diagram of everything.
 *
 * The neighbours of a table are a schema of their own, so that a diagram takes time in proportion to them.
 */
#include "site.h"

#include "cmig/draw.h"

enum {
    NEIGHBOURS = 24,    /* of a table, in its diagram */
    TABLES_IN_FULL = 30 /* of which the first page shows all columns */
};

static const char *link_of(void *user, struct arena *a, enum draw_kind kind, const struct qname *name)
{
    static const int kinds[] = {[DRAW_TABLE] = ITEM_TABLE, [DRAW_VIEW] = ITEM_VIEW, [DRAW_ENUM] = ITEM_ENUM};
    const struct page *p = user;
    const struct item *item = item_of(p->site, kinds[kind], name);

    return item ? arena_printf(a, "%s%s", p->root, item->path) : NULL;
}

static bool draw(struct page *p, const struct schema *schema, const struct draw_options *how,
    enum draw_format format, struct str *out)
{
    const struct draw_source source = {.schema = schema, .dialect = p->site->source->dialect->name};
    struct draw_options options = *how;

    options.link = link_of;
    options.user = p;
    return draw_schema(p->site->ctx, &source, &options, format, out);
}

static bool add_figure(
    struct page *p, const char *label, const struct schema *schema, enum draw_columns columns)
{
    const struct draw_options how = {.columns = columns, .inside_page = true, .title = label};

    html_addf(&p->out, "<div class=\"diagram\" tabindex=\"0\" role=\"group\" aria-label=\"%s\">\n", label);
    if (!draw(p, schema, &how, DRAW_SVG, &p->out))
        return false;
    str_add(&p->out, "</div>\n");
    return true;
}

/* ---- around a table ---- */

struct neighbours {
    struct site *site;
    struct schema schema;
    size_t left_out;
};

static void add_table(struct neighbours *n, const struct table *t)
{
    vec_each(i, &n->schema.tables)
        if (n->schema.tables.v[i] == t)
            return;
    if (n->schema.tables.n > NEIGHBOURS)
        n->left_out++;
    else
        vec_add(n->site->ctx, &n->schema.tables, (struct table *)(uintptr_t)t);
}

static void find_neighbours(struct neighbours *n, const struct item *item)
{
    const struct constraints *keys = &item->u.table->foreign_keys;

    add_table(n, item->u.table);
    vec_each(i, keys) {
        const struct item *to = item_of(n->site, ITEM_TABLE, &keys->v[i]->references);

        if (to)
            add_table(n, to->u.table);
    }
    vec_each(i, &item->incoming)
        add_table(n, item->incoming.v[i].table);
    schema_sort(&n->schema);
}

bool page_diagram(struct page *p, const struct item *around)
{
    struct neighbours n = {.site = p->site, .schema.default_schema = p->site->source->schema->default_schema};

    if (table_is_partition(around->u.table))
        return true;
    find_neighbours(&n, around);
    if (n.schema.tables.n < 2)
        return true;
    page_section(p, "diagram", "Diagram");
    if (!add_figure(p, ctx_printf(p->site->ctx, "Diagram of %s and its neighbours", around->name), &n.schema,
            DRAW_KEY_COLUMNS))
        return false;
    if (n.left_out)
        html_addf(&p->out, "<p class=\"note\">%zu more references are not drawn.</p>\n", n.left_out);
    return true;
}

/* ---- all of it ---- */

bool page_diagram_of_all(struct page *p)
{
    const struct schema *schema = p->site->source->schema;

    page_section(p, "diagram", "Diagram");
    html_addf(
        &p->out, "<p><a href=\"diagram.html\">Open the diagram with all columns, zoom and search</a></p>\n");
    return add_figure(p, "Diagram of all tables", schema,
        schema->tables.n > TABLES_IN_FULL ? DRAW_KEY_COLUMNS : DRAW_ALL_COLUMNS);
}

bool diagram_page(struct site *s)
{
    struct page p = {.site = s, .out = STR(s->ctx), .path = "diagram.html", .root = ""};
    const struct draw_options how = {.title = ctx_printf(s->ctx, "Diagram – %s", s->source->title)};

    if (!draw(&p, s->source->schema, &how, DRAW_HTML, &p.out))
        return false;
    site_add(s, p.path, str_get(&p.out));
    return true;
}
