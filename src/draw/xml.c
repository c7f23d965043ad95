/*
 * Writes names as texts and ids of XML and HTML.
 */
#include "svg.h"

void add_xml(struct str *out, const char *text)
{
    static const struct {
        char c;
        const char *entity;
    } entities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};

    for (; *text; text++) {
        const char *entity = NULL;

        for (size_t i = 0; i < COUNT_OF(entities); i++)
            entity = *text == entities[i].c ? entities[i].entity : entity;
        if (entity)
            str_add(out, entity);
        else if ((unsigned char)*text < ' ' || *text == 0x7f)
            str_add(out, *text == '\n' || *text == '\t' ? " " : "�");
        else if (str_starts(text, "\xef\xbf\xbe") ||
                 str_starts(text, "\xef\xbf\xbf")) /* not allowed in XML */
            str_add(out, "�"), text += 2;
        else if (str_deceptive(text))
            str_add(out, "�"), text += str_deceptive(text) - 1;
        else
            str_addc(out, *text);
    }
}

const char *draw_id(struct arena *a, enum draw_kind kind, const struct qname *name)
{
    static const char letters[] = {[DRAW_TABLE] = 't', [DRAW_VIEW] = 'v', [DRAW_ENUM] = 'e'};
    const char *key = qname_text(a, name);
    struct str out = {.arena = a};

    str_addf(&out, "%c-", letters[kind]);
    for (; *key; key++) {
        const unsigned char c = (unsigned char)*key;

        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
            c == '.')
            str_addc(&out, (char)c);
        else
            str_addf(&out, "-%02x-", c);
    }
    return str_get(&out);
}

const char *picture_id(const struct picture *p)
{
    return p->options->id_prefix ? p->options->id_prefix : "cmig";
}

const char *picture_title(const struct picture *p)
{
    return p->options->title ? p->options->title : "Schema";
}

const char *box_id(const struct picture *p, const struct box *b)
{
    return ctx_printf(p->ctx, "%s-%s", picture_id(p), draw_id(&p->ctx->arena, b->kind, &b->name));
}
