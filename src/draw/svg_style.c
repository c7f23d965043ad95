/*
 * The style sheet of a diagram in SVG, for light and dark ground.
 *
 * Each rule begins with the id of the picture, so that a page can contain several.
 */
#include "svg.h"

/* Rules with their colours: on light and on dark ground. */
static const struct {
    const char *selector, *light, *dark;
} colours[] = {
    {"", "background:#fff", "background:#0d1117"},
    {".ground", "fill:#fff", "fill:#0d1117"},
    {"text", "fill:#1f2933", "fill:#e6edf3"},
    {".muted", "fill:#52606d", "fill:#9aa7b4"},
    {".keys", "fill:#486581", "fill:#93b4d6"},
    {".refers", "fill:#1a5fb4", "fill:#79b8ff"},
    {".frame", "fill:#f3f6f9;stroke:#c3cdd8", "fill:#12181f;stroke:#2d3744"},
    {".body", "fill:#fff;stroke:#9aa5b1", "fill:#161b22;stroke:#57606a"},
    {".head", "fill:#e8eef5", "fill:#243040"},
    {".view .head", "fill:#eaf3ea", "fill:#1f3529"},
    {".enum .head", "fill:#f5eee2", "fill:#3a3020"},
    {".edge", "stroke:#627d98", "stroke:#8b9bb0"},
    {"text.added", "fill:#116329", "fill:#56d364"},
    {"text.changed", "fill:#7d4e00", "fill:#e3b341"},
    {"text.dropped", "fill:#b3141f", "fill:#ff7b72"},
    {".edge.added,.added .body", "stroke:#1a7f37", "stroke:#3fb950"},
    {".edge.changed,.changed .body", "stroke:#9a6700", "stroke:#d29922"},
    {".edge.dropped,.dropped .body", "stroke:#cf222e", "stroke:#f85149"},
};

static const struct {
    const char *selectors, *rule;
} shapes[] = {
    {"text", "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Liberation Sans','DejaVu "
             "Sans',Arial,sans-serif;"
             "font-size:12px"},
    {".name", "font-size:13px;font-weight:600"},
    {".title", "font-size:22px;font-weight:600"},
    {".small", "font-size:11px"},
    {".keys", "font-size:10px;font-weight:600"},
    {".primary", "font-weight:600"},
    {".end", "text-anchor:end"},
    {".note", "font-style:italic"},
    {".edge", "fill:none;stroke-width:1.3"},
    {".reads", "stroke-dasharray:5 4"},
    {".inherits", "stroke-dasharray:5 4"},
    {".edge.dropped", "stroke-dasharray:8 4"},
    {".edge .mark", "stroke-dasharray:none"},
    {".view .body", "stroke-dasharray:6 3"},
    {".added .body,.changed .body,.dropped .body,.edge.added,.edge.changed,.edge.dropped",
        "stroke-width:2.2"},
    {"text.dropped", "text-decoration:line-through"},
    {"text.sign", "font-weight:700;text-decoration:none"},
    {"a:hover text,a:focus text", "text-decoration:underline"},
};

/* Adds a rule, each of whose selectors is below the picture's id. */
static void add_rule(struct str *out, const char *id, const char *selectors, const char *rule)
{
    for (size_t n; *selectors; selectors += n + (selectors[n] == ',')) {
        n = strcspn(selectors, ",");
        str_addf(out, "#%s %.*s%s", id, (int)n, selectors, selectors[n] ? "," : "");
    }
    str_addf(out, "{%s}\n", rule);
}

static void add_colours(struct str *out, const char *id, bool is_dark)
{
    for (size_t i = 0; i < COUNT_OF(colours); i++) {
        const char *rule = is_dark ? colours[i].dark : colours[i].light;

        if (*colours[i].selector)
            add_rule(out, id, colours[i].selector, rule);
        else
            str_addf(out, "#%s{%s}\n", id, rule);
    }
}

void svg_style(const struct picture *p, struct str *out)
{
    const char *id = picture_id(p);

    str_add(out, "<style>\n");
    for (size_t i = 0; i < COUNT_OF(shapes); i++)
        add_rule(out, id, shapes[i].selectors, shapes[i].rule);
    add_colours(out, id, false);
    str_add(out, "@media (prefers-color-scheme: dark) {\n");
    add_colours(out, id, true);
    str_add(out, "}\n</style>\n");
}
