/*
 * The index of the search, as a script: a browser does not read other files of a site that was opened from a disk.
 */
#include "site.h"

/* As JSON, in which no "<" could end a script, and no line separator a line of it. */
static void add_string(struct str *out, const char *text)
{
    str_addc(out, '"');
    for (const char *c = text; *c; c++)
        if (*c == '"' || *c == '\\')
            str_addf(out, "\\%c", *c);
        else if ((unsigned char)*c < ' ' || *c == '<' || *c == 0x7f)
            str_addf(out, "\\u%04x", (unsigned char)*c);
        else if (str_starts(c, "\xe2\x80\xa8") || str_starts(c, "\xe2\x80\xa9")) {
            str_addf(out, "\\u202%c", c[2] == '\xa8' ? '8' : '9');
            c += 2;
        } else
            str_addc(out, *c);
    str_addc(out, '"');
}

struct entry {
    const char *kind, *name, *url, *text;
};

static void add_entry(struct str *out, const struct entry *e)
{
    const char *const parts[] = {e->kind, e->name, e->url, e->text ? e->text : ""};

    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        str_addc(out, i ? ',' : '[');
        add_string(out, parts[i]);
    }
    str_add(out, "],\n");
}

/* A place on the page of an item. */
static void add_part(
    struct str *out, const struct item *item, const char *kind, const char *name, const char *text)
{
    struct arena *a = out->arena;
    const struct entry e = {.kind = kind,
        .name = arena_printf(a, "%s.%s", item->name, name),
        .url = arena_printf(a, "%s#%s", item->path, site_id(a, kind, name)),
        .text = text};

    add_entry(out, &e);
}

static void add_table_parts(struct str *out, const struct item *item)
{
    const struct table *t = item->u.table;

    vec_each(i, &t->columns)
        add_part(out, item, "column", t->columns.v[i]->name, t->columns.v[i]->comment);
    vec_each(i, &t->indexes)
        if (t->indexes.v[i]->name)
            add_part(out, item, "index", t->indexes.v[i]->name, t->indexes.v[i]->comment);
}

static void add_item(struct str *out, const struct item *item)
{
    const struct entry e = {item_title(item), item->name, item->path, item->comment};

    add_entry(out, &e);
    if (item->kind == ITEM_TABLE)
        add_table_parts(out, item);
    for (int at = 0; at < OBJECT_KINDS_ON_TABLE; at++)
        vec_each(i, &item->on[at])
            add_part(out, item, item_noun(ITEM_OBJECT + OBJECT_FIRST_ON_TABLE + at),
                item->on[at].v[i]->name.name, item->on[at].v[i]->comment);
}

void search_file(struct site *s)
{
    struct str out = STR(s->ctx);

    str_add(&out, "window.siteIndex = [\n");
    for (int kind = 0; kind < ITEM_KINDS; kind++)
        vec_each(i, &s->of[kind])
            add_item(&out, s->of[kind].v[i]);
    vec_each(i, &s->source->revisions) {
        const struct revision *r = s->source->revisions.v[i];
        const struct entry e = {
            "revision", revision_title(&s->ctx->arena, r), s->revision_paths[r->order], r->author};

        add_entry(&out, &e);
    }
    str_add(&out, "];\n");
    site_add(s, "search.js", str_get(&out));
}
