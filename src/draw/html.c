/*
 * Writes a picture as a page with a search box, in which it can be moved and magnified.
 *
 * The page needs neither a network nor another file. Its style sheet and its script are page.css and page.js.
 */
#include "page.h"
#include "svg.h"

static void add_reference(const struct picture *p, struct str *out, const struct edge *e)
{
    if (!e->to)
        return;
    str_addf(out, "<li data-from=\"%s\" data-to=\"%s\">", box_id(p, e->from), box_id(p, e->to));
    add_xml(out, e->columns);
    str_add(out, "</li>\n");
}

void picture_html(const struct picture *p, struct str *out)
{
    str_add(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                 "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    add_xml(out, picture_title(p));
    str_addf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<header>\n<h1>", page_css);
    add_xml(out, picture_title(p));
    str_add(out,
        "</h1>\n"
        "<input id=\"search\" type=\"search\" placeholder=\"Search tables and columns (/)\" "
        "aria-label=\"Search tables and columns\" autocomplete=\"off\">\n"
        "<output id=\"found\" for=\"search\" aria-live=\"polite\"></output>\n"
        "<span class=\"buttons\">"
        "<button type=\"button\" data-zoom=\"1.25\" aria-label=\"Zoom in\">+</button>"
        "<button type=\"button\" data-zoom=\"0.8\" aria-label=\"Zoom out\">−</button>"
        "<button type=\"button\" data-zoom=\"0\">Fit</button></span>\n</header>\n"
        "<main id=\"view\" tabindex=\"0\" aria-label=\"Diagram. Arrow keys move it, plus and minus zoom, "
        "zero shows all of it.\">\n");
    svg_element(p, out, true);
    str_add(out, "</main>\n<aside id=\"details\" aria-live=\"polite\" hidden></aside>\n"
                 "<ul id=\"references\" hidden>\n");
    vec_each(i, &p->edges)
        add_reference(p, out, p->edges.v[i]);
    str_addf(out, "</ul>\n<script>\n%s</script>\n</body>\n</html>\n", page_js);
}
