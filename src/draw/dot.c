/*
 * Writes a picture as a graph of Graphviz, with tables as HTML-like labels.
 */
#include "picture.h"

static const char *const colours[SIGNS] = {"#627d98", "#1a7f37", "#9a6700", "#cf222e"};

static void add_cell(
    struct str *out, const char *port, size_t at, const char *align, const char *text, bool is_bold)
{
    str_add(out, "<td");
    if (port)
        str_addf(out, " port=\"%s%zu\"", port, at);
    str_addf(out, " align=\"%s\">%s", align, is_bold ? "<b>" : "");
    add_xml(out, *text ? text : " ");
    str_addf(out, "%s</td>", is_bold ? "</b>" : "");
}

static void add_line(const struct picture *p, struct str *out, const struct line *l, size_t at)
{
    const char *name = l->refers ? ctx_printf(p->ctx, "%s %s", l->name, l->refers) : l->name;

    str_add(out, "<tr>");
    if (p->source->before)
        add_cell(out, NULL, 0, "center", sign_texts[l->sign], true);
    add_cell(out, "l", at, "left", line_keys(l), false);
    add_cell(out, NULL, 0, "left", name, l->is_primary);
    add_cell(out, "r", at, "right", line_type(&p->ctx->arena, l), false);
    str_add(out, "</tr>");
}

static void add_box(const struct picture *p, struct str *out, const struct box *b)
{
    const int columns = p->source->before ? 4 : 3;

    str_addf(out,
        "    t%zu [color=\"%s\"%s, label=<<table border=\"0\" cellborder=\"0\" cellspacing=\"0\" "
        "cellpadding=\"3\">",
        b->at + 1, colours[b->sign], b->sign ? ", penwidth=2" : "");
    str_addf(out, "<tr><td port=\"t\" colspan=\"%d\" bgcolor=\"#e8eef5\"><b>%s%s", columns,
        sign_texts[b->sign], b->sign ? " " : "");
    add_xml(out, b->key);
    str_add(out, "</b>");
    if (b->word)
        str_addf(out, " &#160;%s", b->word);
    if (b->note) {
        str_add(out, " &#160;(");
        add_xml(out, b->note);
        str_add(out, ")");
    }
    str_add(out, "</td></tr>");
    vec_each(i, &b->lines)
        add_line(p, out, &b->lines.v[i], i);
    str_add(out, "</table>>];\n");
}

static void add_port(struct str *out, const struct box *b, size_t line, const char *side)
{
    if (line == (size_t)NO_LINE)
        str_addf(out, "t%zu:t", b->at + 1);
    else
        str_addf(out, "t%zu:%s%zu", b->at + 1, side, line);
}

static void add_edge(struct str *out, const struct edge *e)
{
    const char *head = e->is_unique ? "teeodot" : "crowodot", *tail = e->is_optional ? "teeodot" : "teetee";

    if (!e->to)
        return;
    if (e->kind != EDGE_KEY) {
        head = "none";
        tail = e->kind == EDGE_INHERITS ? "onormal" : "vee";
    }
    str_add(out, "    ");
    add_port(out, e->to, e->to_line, "r");
    str_add(out, " -> ");
    add_port(out, e->from, e->from_line, "l");
    str_addf(out, " [dir=both, arrowtail=%s, arrowhead=%s, color=\"%s\"", tail, head, colours[e->sign]);
    if (e->kind != EDGE_KEY)
        str_add(out, ", style=dashed");
    if (e->sign)
        str_addf(out, ", penwidth=2, label=\"%s\"", sign_texts[e->sign]);
    str_add(out, "];\n");
}

void picture_dot(const struct picture *p, struct str *out)
{
    str_add(out, "digraph schema {\n    rankdir=LR;\n    ranksep=1;\n    charset=\"UTF-8\";\n"
                 "    node [shape=box, style=rounded, margin=0, fontname=\"sans-serif\", fontsize=11];\n"
                 "    edge [fontname=\"sans-serif\", fontsize=11];\n");
    vec_each(i, &p->boxes)
        add_box(p, out, p->boxes.v[i]);
    vec_each(i, &p->edges)
        add_edge(out, p->edges.v[i]);
    str_add(out, "}\n");
}
