/*
 * Writes a history for Graphviz and Mermaid.
 *
 * Arrows lead from the older to the newer revision, as `history` writes them; those of depends_on are dashed.
 * Revisions that are not listed have no node, so no arrow leads there.
 */
#include "command.h"

struct export
{
    struct call *c;
    const struct listing *listing;
    const bool *listed;
    size_t *number; /* by revision->order: its place in the list */
};

struct graph_format {
    const char *begin, *end;
    void (*node)(struct export *e, const struct revision *r);
    void (*edge)(struct export *e, const struct revision *from, const struct revision *to, bool dependency);
};

static char *first_line(struct export *e, const struct revision *r)
{
    const char *message = r->message ? r->message : "";

    return arena_strndup(&e->c->ctx->arena, message, strcspn(message, "\r\n"));
}

static char *marks_of(struct export *e, const struct revision *r)
{
    struct str out = STR(e->c->ctx);

    if (r->labels.n)
        str_addf(&out, " (%s)", strings_join(&e->c->ctx->arena, &r->labels, ", "));
    add_revision_marks(e->c, &out, e->listing, r);
    return ctx_strdup(e->c->ctx, str_get(&out));
}

/* ---- Graphviz ---- */

/* Labels may hold entities, as HTML has them. */
static char *dot_quoted(struct export *e, const char *text)
{
    struct str out = STR(e->c->ctx);

    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            str_addc(&out, '\\');
        str_addc(&out, *text);
        if (*text == '&')
            str_add(&out, "amp;");
    }
    return ctx_strdup(e->c->ctx, str_get(&out));
}

static void dot_node(struct export *e, const struct revision *r)
{
    const char *id = dot_quoted(e, r->id), *message = dot_quoted(e, first_line(e, r));

    print_line(e->c, "    \"%s\" [label=\"%s%s%s%s\"%s];", id, id, dot_quoted(e, marks_of(e, r)),
        *message ? "\\n" : "", message,
        e->listing->applied && !e->listing->applied[r->order] ? ", style=dashed" : "");
}

static void dot_edge(
    struct export *e, const struct revision *from, const struct revision *to, bool dependency)
{
    print_line(e->c, "    \"%s\" -> \"%s\"%s;", dot_quoted(e, from->id), dot_quoted(e, to->id),
        dependency ? " [style=dashed, constraint=false]" : "");
}

/* ---- Mermaid ---- */

/* Its labels are HTML, with entities that begin with #; a backslash and an n would end the line. */
static char *mermaid_quoted(struct export *e, const char *text)
{
    static const char special[] = "\"<>#&;`\\";
    struct str out = STR(e->c->ctx);

    for (; *text; text++) {
        if (strchr(special, *text))
            str_addf(&out, "#%d;", *text);
        else
            str_addc(&out, *text);
    }
    return ctx_strdup(e->c->ctx, str_get(&out));
}

static void mermaid_node(struct export *e, const struct revision *r)
{
    const char *message = mermaid_quoted(e, first_line(e, r));

    print_line(e->c, "    r%zu[\"%s%s%s%s\"]", e->number[r->order], mermaid_quoted(e, r->id),
        mermaid_quoted(e, marks_of(e, r)), *message ? "<br>" : "", message);
}

static void mermaid_edge(
    struct export *e, const struct revision *from, const struct revision *to, bool dependency)
{
    print_line(
        e->c, "    r%zu %s r%zu", e->number[from->order], dependency ? "-.->" : "-->", e->number[to->order]);
}

/* ---- both ---- */

static const struct graph_format formats[] = {
    [HISTORY_DOT] = {"digraph revisions {\n    rankdir=BT;\n    node [shape=box];\n", "}\n", dot_node,
        dot_edge},
    [HISTORY_MERMAID] = {"flowchart BT\n", "", mermaid_node, mermaid_edge},
};

static void export_edges(struct export *e, const struct graph_format *f, const struct revision *r)
{
    vec_each(i, &r->parents)
        if (e->listed[r->parents.v[i]->order])
            f->edge(e, r->parents.v[i], r, false);
    vec_each(i, &r->dependencies)
        if (e->listed[r->dependencies.v[i]->order])
            f->edge(e, r->dependencies.v[i], r, true);
}

void export_history(
    struct call *c, const struct listing *l, const struct revisions *list, enum history_format format)
{
    const struct graph_format *f = &formats[format];
    size_t n = l->graph->all.n + 1;
    bool *listed = arena_alloc(&c->ctx->arena, n * sizeof(*listed));
    struct export e = {.c = c, .listing = l, .listed = listed};

    e.number = arena_alloc(&c->ctx->arena, n * sizeof(*e.number));
    vec_each(i, list) {
        listed[list->v[i]->order] = true;
        e.number[list->v[i]->order] = i;
    }
    /* Colour belongs to terminals, not to labels. */
    c->color = false;
    print_text(c, f->begin);
    vec_each(i, list)
        f->node(&e, list->v[i]);
    vec_each(i, list)
        export_edges(&e, f, list->v[i]);
    print_text(c, f->end);
}
