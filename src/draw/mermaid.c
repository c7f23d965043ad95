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
        else if (str_deceptive(text))
            str_add(out, "�"), text += str_deceptive(text) - 1;
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

/* The ids of boxes, by their places. */
struct ids {
    const char **v;
};

/* A word that is no name. */
static const char *new_id(const struct picture *p, const struct map *names, size_t number)
{
    const char *id = ctx_printf(p->ctx, "t%zu", number);

    while (map_get(names, id))
        id = ctx_printf(p->ctx, "%s_", id);
    return id;
}

/* A name is its own id, unless an object of another kind has it. */
static struct ids ids_of(const struct picture *p)
{
    struct ids ids = {arena_alloc(&p->ctx->arena, (p->boxes.n + 1) * sizeof(*ids.v))};
    struct map names = MAP(p->ctx);

    vec_each(i, &p->boxes) {
        const char *key = p->boxes.v[i]->key;

        if (is_plain_name(key) && !map_get(&names, key))
            ids.v[i] = ctx_printf(p->ctx, "\"%s\"", key);
        map_set(&names, key, p->boxes.v[i]);
    }
    vec_each(i, &p->boxes)
        if (!ids.v[i])
            ids.v[i] = new_id(p, &names, i + 1);
    return ids;
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

static void add_box(const struct picture *p, struct str *out, const struct ids *ids, const struct box *b)
{
    const char *id = ids->v[b->at];

    str_addf(out, "    %s", id);
    if (b->sign || b->word || b->note || *id != '"') {
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

static void add_edge(struct str *out, const struct ids *ids, const struct edge *e)
{
    static const char *const words[] = {"", "inherits", "reads"};

    if (!e->to)
        return;
    str_addf(out, "    %s %s %s : \"%s%s%s", ids->v[e->from->at], arrow_of(e), ids->v[e->to->at],
        sign_texts[e->sign], e->sign ? " " : "", words[e->kind]);
    add_label(out, e->columns);
    str_add(out, "\"\n");
}

void picture_mermaid(const struct picture *p, struct str *out)
{
    const struct ids ids = ids_of(p);

    str_add(out, "erDiagram\n");
    vec_each(i, &p->boxes)
        add_box(p, out, &ids, p->boxes.v[i]);
    vec_each(i, &p->edges)
        add_edge(out, &ids, p->edges.v[i]);
}
