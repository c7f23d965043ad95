/*
 * Draws a schema in each of the formats.
 */
#include "picture.h"

const char *const draw_format_names[] = {"mermaid", "dot", "svg", "html", NULL};
const char *const draw_columns_names[] = {"all", "keys", "none", NULL};

static const struct {
    void (*write)(const struct picture *p, struct str *out);
    bool is_laid_out;
} formats[] = {
    [DRAW_MERMAID] = {picture_mermaid, false},
    [DRAW_DOT] = {picture_dot, false},
    [DRAW_SVG] = {picture_svg, true},
    [DRAW_HTML] = {picture_html, true},
};

bool draw_schema(struct ctx *ctx, const struct draw_source *source, const struct draw_options *options,
    enum draw_format format, struct str *out)
{
    struct picture p = {.ctx = ctx, .source = source, .options = options};

    picture_build(&p);
    if (!picture_select(&p))
        return false;
    picture_group(&p, formats[format].is_laid_out);
    if (formats[format].is_laid_out)
        picture_lay_out(&p);
    formats[format].write(&p, out);
    return true;
}
