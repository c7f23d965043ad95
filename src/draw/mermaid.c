/*
 * Writes a picture as an erDiagram of Mermaid.
 *
 * Names are in quotes. A name that Mermaid does not read even so gets an id, and is written with entities as its label. Types
 * and columns are words of few characters there; what does not fit is in the comment.
 */
#include "picture.h"

#include <ctype.h>

/* Characters in quotes, as entities that begin with #. */
static void add_label(struct str *out, const char *text)
{
    static const char special[] = "\"<>#&;`\\%";

    for (; *text; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            str_addc(out, ' ');
        else if (strchr(special, *text))
            str_addf(out, "#%d;", *text);
        else
            str_addc(out, *text);
    }
}

static bool is_plain_name(const char *text)
{
    for (const char *s = text; *s; s++)
        if ((unsigned char)*s < ' ' || *s == 0x7f || strchr("\"<>#&;`\\%", *s))
            return false;
    return *text;
}

static void add_id(struct str *out, const struct box *b)
{
    if (is_plain_name(b->key))
        str_addf(out, "\"%s\"", b->key);
    else
        str_addf(out, "t%zu", b->at + 1);
}

static bool is_word_character(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-';
}

/* A word of letters, digits, _, - and, within, parentheses and brackets; true if it is the text itself. */
static bool add_word(struct str *out, const char *text)
{
    bool is_same = *text;

    if (!*text || !(isalpha((unsigned char)*text) || *text == '_')) {
        str_addc(out, '_');
        is_same = false;
    }
    for (const char *s = text; *s; s++) {
        const bool fits = is_word_character(*s) || strchr("()[]", *s);

        if (fits || s == text || is_word_character(s[-1]))
            str_addc(out, fits ? *s : '_');
        is_same &= fits;
    }
    return is_same;
}

static void add_remark(struct str *out, bool *is_first, const char *text)
{
    str_add(out, *is_first ? " \"" : ", ");
    add_label(out, text);
    *is_first = false;
}

static void add_comment(
    const struct picture *p, struct str *out, const struct line *l, bool has_type, bool has_name)
{
    bool is_first = true;

    if (l->sign)
        add_remark(out, &is_first, ctx_printf(p->ctx, "%s %s", sign_texts[l->sign], sign_words[l->sign]));
    if (!has_name)
        add_remark(out, &is_first, l->name);
    if (!has_type && *l->type)
        add_remark(out, &is_first, l->type);
    if (l->old_type)
        add_remark(out, &is_first, ctx_printf(p->ctx, "was %s", l->old_type));
    if (l->is_nullable)
        add_remark(out, &is_first, "nullable");
    if (l->refers)
        add_remark(out, &is_first, l->refers);
    str_add(out, is_first ? "" : "\"");
}

static void add_column(const struct picture *p, struct str *out, const struct line *l)
{
    bool has_type, has_name;

    if (l->is_note)
        return;
    str_add(out, "        ");
    has_type = add_word(out, l->type);
    str_addc(out, ' ');
    has_name = add_word(out, l->name);
    if (l->is_primary || l->is_foreign || l->is_unique)
        str_addf(out, " %s%s%s%s%s", l->is_primary ? "PK" : "", l->is_primary && l->is_foreign ? ", " : "",
            l->is_foreign ? "FK" : "", l->is_unique && (l->is_primary || l->is_foreign) ? ", " : "",
            l->is_unique ? "UK" : "");
    add_comment(p, out, l, has_type, has_name);
    str_addc(out, '\n');
}

static void add_box(const struct picture *p, struct str *out, const struct box *b)
{
    const bool is_marked = b->sign || b->word || b->note;

    str_add(out, "    ");
    add_id(out, b);
    if (is_marked || !is_plain_name(b->key)) {
        str_addf(out, "[\"%s%s", sign_texts[b->sign], b->sign ? " " : "");
        add_label(out, b->key);
        if (b->word)
            str_addf(out, " (%s)", b->word);
        if (b->note) {
            str_add(out, " (");
            add_label(out, b->note);
            str_add(out, ")");
        }
        str_add(out, "\"]");
    }
    str_add(out, b->lines.n ? " {\n" : "\n");
    vec_each(i, &b->lines)
        add_column(p, out, &b->lines.v[i]);
    str_add(out, b->lines.n ? "    }\n" : "");
}

static const char *arrow_of(const struct edge *e)
{
    static const char *const keys[2][2] = {{"}o--||", "}o--o|"}, {"|o--||", "|o--o|"}};

    switch (e->kind) {
    case EDGE_KEY:
        return keys[e->is_unique][e->is_optional];
    case EDGE_INHERITS:
    case EDGE_READS:
        return "}o..||";
    }
    return "";
}

static void add_edge(struct str *out, const struct edge *e)
{
    static const char *const words[] = {"", "inherits", "reads"};

    if (!e->to)
        return;
    str_add(out, "    ");
    add_id(out, e->from);
    str_addf(out, " %s ", arrow_of(e));
    add_id(out, e->to);
    str_addf(out, " : \"%s%s%s", sign_texts[e->sign], e->sign ? " " : "", words[e->kind]);
    add_label(out, e->columns);
    str_add(out, "\"\n");
}

void picture_mermaid(const struct picture *p, struct str *out)
{
    str_add(out, "erDiagram\n");
    vec_each(i, &p->boxes)
        add_box(p, out, p->boxes.v[i]);
    vec_each(i, &p->edges)
        add_edge(out, p->edges.v[i]);
}
