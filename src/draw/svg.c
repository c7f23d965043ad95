/*
 * Writes a picture as SVG.
 */
#include "svg.h"

enum {
    MARGIN = 16,
    LEGEND_LINE = 24,
    LEGEND_GAP = 22,
    BASELINE = 14, /* of a text in a line */
    SIGN_WIDTH = 14,
};

/* ---- boxes ---- */

static void add_text(struct str *out, const char *class, int x, int y, const char *text)
{
    str_addf(out, "<text class=\"%s\" x=\"%d\" y=\"%d\">", class, x, y);
    add_xml(out, text);
    str_add(out, "</text>");
}

static const char *signed_class(const struct picture *p, const char *class, enum sign sign)
{
    return sign ? ctx_printf(p->ctx, "%s %s", class, sign_words[sign]) : class;
}

static void add_sign(const struct picture *p, struct str *out, int x, int y, enum sign sign)
{
    if (sign)
        add_text(out, signed_class(p, "sign", sign), x, y, sign_texts[sign]);
}

/* The name, and after it the target of a reference that is not drawn. */
static void add_name(const struct picture *p, struct str *out, const struct line *l, int x, int y)
{
    const char *class = l->is_note ? "muted note" : l->is_primary ? "primary" : "column";
    const char *text = line_name(&p->ctx->arena, l);
    const size_t n = strlen(l->name);

    if (!l->refers || strncmp(text, l->name, n) != 0 || text[n] != ' ') {
        add_text(out, signed_class(p, class, l->sign), x, y, text);
        return;
    }
    str_addf(out, "<text class=\"%s\" x=\"%d\" y=\"%d\">", signed_class(p, class, l->sign), x, y);
    add_xml(out, l->name);
    str_add(out, "<tspan class=\"refers\" dx=\"4\">");
    add_xml(out, text + n + 1);
    str_add(out, "</tspan></text>");
}

static void add_line_title(struct str *out, const struct line *l)
{
    str_add(out, "<title>");
    add_xml(out, l->name);
    if (*l->type) {
        str_add(out, " ");
        add_xml(out, l->type);
    }
    str_add(out, l->is_note ? "" : l->is_nullable ? ", nullable" : "");
    if (l->comment) {
        str_add(out, ": ");
        add_xml(out, l->comment);
    }
    str_add(out, "</title>");
}

static void add_box_line(
    const struct picture *p, struct str *out, const struct box *b, const struct columns_of_box *c, size_t at)
{
    const struct line *l = &b->lines.v[at];
    const int y = b->place.y + TITLE_HEIGHT + (int)at * LINE_HEIGHT + BASELINE;
    int x = b->place.x + BOX_MARGIN;

    str_add(out, "<g>");
    add_line_title(out, l);
    add_sign(p, out, x, y, l->sign);
    x += c->sign;
    if (*line_keys(l))
        add_text(out, "keys", x, y, line_keys(l));
    add_name(p, out, l, l->is_note ? x : x + c->keys, y);
    if (*l->type)
        add_text(out, signed_class(p, "end muted", l->sign), b->place.x + b->width - BOX_MARGIN, y,
            line_type(&p->ctx->arena, l));
    str_add(out, "</g>\n");
}

static void add_head(struct str *out, const struct box *b)
{
    const int x = b->place.x, y = b->place.y, right = x + b->width, bottom = y + TITLE_HEIGHT;

    if (b->lines.n)
        str_addf(out, "<path class=\"head\" d=\"M%d %dV%da5 5 0 0 1 5 -5H%da5 5 0 0 1 5 5V%dZ\"/>", x, bottom,
            y + 5, right - 5, bottom);
    else
        str_addf(out, "<rect class=\"head\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"5\"/>", x, y,
            b->width, b->height);
}

static const char *link_of(const struct picture *p, const struct box *b)
{
    const struct draw_options *o = p->options;

    return o->link ? o->link(o->user, &p->ctx->arena, b->kind, &b->name) : NULL;
}

static void add_box_title(const struct picture *p, struct str *out, const struct box *b)
{
    const int y = b->place.y + 18;
    int x = b->place.x + BOX_MARGIN, right = b->place.x + b->width - BOX_MARGIN;

    add_sign(p, out, x, y, b->sign);
    x += b->sign ? SIGN_WIDTH + 2 : 0;
    add_text(out, signed_class(p, "name", b->sign), x, y,
        text_fit(&p->ctx->arena, b->key, TITLE_SIZE, true, TEXT_LIMIT));
    if (b->word) {
        add_text(out, "end muted small", right, y, b->word);
        right -= text_width(b->word, FONT_SIZE - 1, false) + 14;
    }
    if (b->note)
        add_text(out, "end muted small", right, y, b->note);
}

static void add_box(const struct picture *p, struct str *out, const struct box *b)
{
    static const char *const classes[] = {[DRAW_TABLE] = "table", [DRAW_VIEW] = "view", [DRAW_ENUM] = "enum"};
    const struct columns_of_box c = box_columns(p, b);
    const char *link = link_of(p, b);

    str_addf(out, "<g class=\"%s\" id=\"%s\" data-name=\"",
        signed_class(p, ctx_printf(p->ctx, "box %s", classes[b->kind]), b->sign), box_id(p, b));
    add_xml(out, b->key);
    str_add(out, "\">");
    if (link) {
        str_add(out, "<a href=\"");
        add_xml(out, link);
        str_add(out, "\">");
    }
    str_add(out, "<title>");
    add_xml(out, b->key);
    if (b->comment) {
        str_add(out, ": ");
        add_xml(out, b->comment);
    }
    str_add(out, "</title>\n");
    str_addf(out, "<rect class=\"body\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"5\"/>", b->place.x,
        b->place.y, b->width, b->height);
    add_head(out, b);
    str_addf(out,
        "<rect class=\"body\" style=\"fill:none\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"5\"/>\n",
        b->place.x, b->place.y, b->width, b->height);
    add_box_title(p, out, b);
    str_add(out, link ? "</a>\n" : "\n");
    vec_each(i, &b->lines)
        add_box_line(p, out, b, &c, i);
    str_add(out, "</g>\n");
}

/* ---- groups ---- */

static void add_frame(struct str *out, const struct group *g)
{
    if (!g->title)
        return;
    str_addf(out, "<rect class=\"frame\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"8\"/>", g->place.x,
        g->place.y, g->width, g->height);
    add_text(out, "title", g->place.x + 20, g->place.y + 32, g->title);
    str_add(out, "\n");
}

/* ---- legend ---- */

/* What an entry shows: a word in the style of the picture, or the mark at the end of a line. */
struct legend_entry {
    const char *class, *symbol; /* or NULL: */
    int (*mark)(struct str *out, struct place at, int d);
    const char *text;
    bool is_of_changes;
};
static const struct legend_entry legend[] = {
    {"keys", "PK", NULL, "primary key", false},
    {"keys", "FK", NULL, "foreign key", false},
    {"keys", "U", NULL, "unique", false},
    {"muted", "?", NULL, "nullable", false},
    {NULL, NULL, svg_many, "any number of rows", false},
    {NULL, NULL, svg_none_or_one, "at most one row", false},
    {NULL, NULL, svg_one, "exactly one row", false},
    {"sign added", "+", NULL, "added", true},
    {"sign changed", "~", NULL, "changed", true},
    {"sign dropped", "−", NULL, "dropped", true},
};
enum { MARK_WIDTH = 30 };

static int symbol_width(const struct legend_entry *e)
{
    return e->mark ? MARK_WIDTH : text_width(e->symbol, FONT_SIZE, true);
}

static int entry_width(const struct legend_entry *e)
{
    return symbol_width(e) + 6 + text_width(e->text, FONT_SIZE - 1, false);
}

static void add_entry(struct str *out, const struct legend_entry *e, int x, int y)
{
    if (e->mark) {
        const struct place at = {x, y - 4};

        str_add(out, "<path class=\"edge\" d=\"");
        e->mark(out, at, 1);
        str_addf(out, "M%d %dH%d\"/>", x + (e->mark == svg_one ? 0 : 20), at.y, x + MARK_WIDTH);
    } else {
        add_text(out, e->class, x, y, e->symbol);
    }
    add_text(out, "muted small", x + symbol_width(e) + 6, y, e->text);
    str_add(out, "\n");
}

/* Returns the height of the legend; `out` NULL: nothing is written. */
static int add_legend(const struct picture *p, struct str *out, int width, int top)
{
    int x = MARGIN, y = top + LEGEND_LINE;

    for (size_t i = 0; i < COUNT_OF(legend); i++) {
        const struct legend_entry *e = &legend[i];

        if (e->is_of_changes && !p->source->before)
            continue;
        if (x > MARGIN && x + entry_width(e) > width - MARGIN) {
            x = MARGIN;
            y += LEGEND_LINE;
        }
        if (out)
            add_entry(out, e, x, y);
        x += entry_width(e) + LEGEND_GAP;
    }
    return y + LEGEND_LINE / 2 - top;
}

/* ---- together ---- */

enum { LEAST_WIDTH = 460 }; /* with a legend */

static void add_contents(const struct picture *p, struct str *out)
{
    if (!p->boxes.n)
        add_text(out, "muted", MARGIN, 2 * MARGIN, "The schema has no tables.");
    str_addf(out, "<g transform=\"translate(%d %d)\">\n", MARGIN, MARGIN);
    vec_each(i, &p->groups)
        add_frame(out, p->groups.v[i]);
    vec_each(i, &p->edges)
        svg_edge(p, out, p->edges.v[i]);
    vec_each(i, &p->boxes)
        add_box(p, out, p->boxes.v[i]);
    str_add(out, "</g>\n");
}

void svg_element(const struct picture *p, struct str *out, bool with_legend)
{
    const bool has_legend = with_legend && p->boxes.n;
    const int own_width = p->width + 2 * MARGIN, bottom = p->height + (p->boxes.n ? 2 : 4) * MARGIN;
    const int width = (has_legend || !p->boxes.n) && own_width < LEAST_WIDTH ? LEAST_WIDTH : own_width;
    const int height = bottom + (has_legend ? add_legend(p, NULL, width, bottom) : 0);

    str_addf(out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"%s\" class=\"cmig-diagram\" width=\"%d\" "
        "height=\"%d\" "
        "viewBox=\"0 0 %d %d\">\n<title>",
        picture_id(p), width, height, width, height);
    add_xml(out, picture_title(p));
    str_add(out, "</title>\n");
    svg_style(p, out);
    str_addf(out, "<rect class=\"ground\" width=\"%d\" height=\"%d\"/>\n", width, height);
    add_contents(p, out);
    if (has_legend)
        add_legend(p, out, width, bottom - MARGIN);
    str_add(out, "</svg>\n");
}

void picture_svg(const struct picture *p, struct str *out)
{
    if (!p->options->inside_page)
        str_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    svg_element(p, out, !p->options->inside_page);
}
