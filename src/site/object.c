/*
 * The pages of all objects that are not tables, and the parts that pages of tables have, too.
 */
#include "site.h"

/* ---- what is on a table or view ---- */

static const char *object_sql(const struct site *s, const struct object *o)
{
    return o->native ? o->native : dtext_for(&o->sql, s->source->dialect->name);
}

static void add_on(struct page *p, int kind, const struct objects *list)
{
    struct arena *a = &p->site->ctx->arena;

    if (!list->n)
        return;
    page_section(p, item_folder(kind), item_heading(a, kind));
    vec_each(i, list) {
        const struct object *o = list->v[i];
        const char *sql = object_sql(p->site, o);

        html_addf(
            &p->out, "<h3 id=\"%s\">%s</h3>\n", site_id(a, item_noun(kind), o->name.name), o->name.name);
        page_comment(p, o->comment);
        if (sql)
            page_code(p, "sql", sql);
    }
}

void page_on(struct page *p, const struct item *item)
{
    for (int at = 0; at < OBJECT_KINDS_ON_TABLE; at++)
        add_on(p, ITEM_OBJECT + OBJECT_FIRST_ON_TABLE + at, &item->on[at]);
    if (!item->readers.n)
        return;
    page_section(p, "read-by", "Read by");
    str_add(&p->out, "<ul>\n");
    vec_each(i, &item->readers) {
        str_add(&p->out, "<li>");
        page_link(p, item->readers.v[i], NULL);
        str_add(&p->out, "</li>\n");
    }
    str_add(&p->out, "</ul>\n");
}

/* ---- owner and privileges ---- */

static void add_grant(struct page *p, const struct grant *g)
{
    html_addf(&p->out, "<tr><th scope=\"row\">%s</th><td>", g->role);
    vec_each(i, &g->privileges) {
        const struct privilege *held = &g->privileges.v[i];

        html_addf(&p->out, "%s%s", i ? ", " : "", held->name);
        if (held->column)
            html_addf(&p->out, " (<code>%s</code>)", held->column);
        if (held->grantable)
            str_add(&p->out, " with grant option");
    }
    if (!g->privileges.n)
        str_add(&p->out, "none");
    str_add(&p->out, "</td></tr>\n");
}

void page_access(struct page *p, const struct access *access)
{
    static const char *const headings[] = {"Role", "Privileges", NULL};

    if (!access || (!access->owner && !access->grants.n))
        return;
    page_section(p, "privileges", "Privileges");
    if (access->owner)
        html_addf(&p->out, "<p>Owner: %s</p>\n", access->owner);
    if (!access->grants.n)
        return;
    page_table(p, "Privileges", headings);
    vec_each(i, &access->grants)
        add_grant(p, access->grants.v[i]);
    page_table_end(p);
}

/* ---- revisions ---- */

static void add_touch(struct page *p, const struct touch *t)
{
    const struct revision *r = t->revision;
    const struct vcs_origin *origin = p->site->source->origins ? &p->site->source->origins[r->order] : NULL;

    str_add(&p->out, "<li>");
    page_revision_link(p, r, revision_title(&p->site->ctx->arena, r));
    str_add(&p->out, "<span class=\"note\">");
    if (r->author)
        html_addf(&p->out, " %s", r->author);
    if (r->created)
        html_addf(&p->out, " <time>%s</time>", r->created);
    if (origin && origin->commit)
        html_addf(
            &p->out, " commit <code>%s</code>", arena_strndup(&p->site->ctx->arena, origin->commit, 12));
    str_add(&p->out, "</span>\n<ul>\n");
    vec_each(i, &t->changes)
        html_addf(&p->out, "<li>%s</li>\n", t->changes.v[i]);
    str_add(&p->out, "</ul></li>\n");
}

void page_touches(struct page *p, const struct item *item)
{
    if (!item->touches.n)
        return;
    page_section(p, "revisions", "Revisions");
    str_add(&p->out, "<ol class=\"touches\">\n");
    vec_each(i, &item->touches)
        add_touch(p, item->touches.v[i]);
    str_add(&p->out, "</ol>\n");
}

/* ---- views ---- */

static void add_reads(struct page *p, const struct item *view)
{
    if (!view->reads.n)
        return;
    page_section(p, "reads", "Reads");
    str_add(&p->out, "<ul>\n");
    vec_each(i, &view->reads) {
        str_add(&p->out, "<li>");
        page_link(p, view->reads.v[i], NULL);
        str_add(&p->out, "</li>\n");
    }
    str_add(&p->out, "</ul>\n");
}

void view_page(struct site *s, const struct item *item)
{
    const struct view *v = item->u.view;
    const char *sql = expr_text(s, &v->body);
    struct page p;

    page_begin(&p, s, item->path, item->name, item_title(item));
    page_comment(&p, item->comment);
    page_facts(&p);
    page_fact(&p, "Schema", v->name.schema);
    page_fact(&p, "Columns", v->columns.n ? strings_join(&s->ctx->arena, &v->columns, ", ") : NULL);
    for (size_t i = 0; v->options && i < v->options->n; i++)
        page_fact(&p, v->options->v[i].key, v->options->v[i].value);
    page_facts_end(&p);
    if (sql) {
        page_section(&p, "query", "Query");
        page_code(&p, "sql", sql);
    }
    add_reads(&p, item);
    page_indexes(&p, &v->indexes);
    page_on(&p, item);
    page_access(&p, item->access);
    page_touches(&p, item);
    page_end(&p);
}

/* ---- other kinds ---- */

static void add_enum(struct page *p, const struct item *item)
{
    const struct enumeration *e = item->u.enumeration;

    page_section(p, "values", "Values");
    str_add(&p->out, "<ol>\n");
    vec_each(i, &e->values)
        html_addf(&p->out, "<li><code>%s</code></li>\n", e->values.v[i]);
    str_add(&p->out, "</ol>\n");
    if (!item->users.n)
        return;
    page_section(p, "used-by", "Used by");
    str_add(&p->out, "<ul>\n");
    for (size_t i = 0; i < item->users.n; i += 2) {
        const struct item *table = item_find(p->site, ITEM_TABLE, item->users.v[i]);
        const char *column = item->users.v[i + 1];

        html_addf(&p->out, "<li><a href=\"%s%s#%s\">%s.%s</a></li>\n", p->root, table->path,
            site_id(&p->site->ctx->arena, "column", column), table->name, column);
    }
    str_add(&p->out, "</ul>\n");
}

static void add_sequence(struct page *p, const struct item *item)
{
    const struct sequence *q = item->u.sequence;
    const struct item *owner = item_of(p->site, ITEM_TABLE, &q->owner);

    page_facts(p);
    page_fact(p, "Type", q->type);
    page_fact(p, "Start", q->options.start);
    page_fact(p, "Increment", q->options.increment);
    page_fact(p, "Minimum", q->options.min);
    page_fact(p, "Maximum", q->options.max);
    page_fact(p, "Cache", q->options.cache);
    page_fact(p, "Cycle", q->options.cycle == TRI_TRUE ? "yes" : NULL);
    if (owner) {
        str_add(&p->out, "<div><dt>Owned by</dt><dd>");
        page_link(p, owner, NULL);
        html_addf(
            &p->out, "%s%s</dd></div>\n", q->owner_column ? "." : "", q->owner_column ? q->owner_column : "");
    }
    page_facts_end(p);
}

static void add_object(struct page *p, const struct item *item)
{
    const struct object_row *row = &object_table[item->kind - ITEM_OBJECT];
    const struct object *o = item->u.object;
    const char *sql = object_sql(p->site, o);

    page_facts(p);
    page_fact(p, "Schema", o->name.schema);
    for (size_t i = 0; i < OBJECT_SETTINGS && row->settings[i].name; i++)
        page_fact(p, row->settings[i].name, o->settings[i]);
    page_facts_end(p);
    if (sql) {
        page_section(p, "definition", "Definition");
        page_code(p, "sql", sql);
    }
}

/* The relations of a schema. */
static void add_schema(struct page *p, const struct item *item)
{
    struct site *s = p->site;

    page_section(p, "contents", "Contents");
    str_add(&p->out, "<ul>\n");
    for (int kind = ITEM_TABLE; kind <= ITEM_VIEW; kind++)
        vec_each(i, &s->of[kind]) {
            const struct item *one = s->of[kind].v[i];
            const char *schema = kind == ITEM_TABLE ? one->u.table->name.schema : one->u.view->name.schema;

            if (!str_eq(schema, item->name))
                continue;
            str_add(&p->out, "<li>");
            page_link(p, one, NULL);
            str_add(&p->out, "</li>\n");
        }
    str_add(&p->out, "</ul>\n");
}

void object_page(struct site *s, const struct item *item)
{
    static void (*const parts[])(struct page *, const struct item *) = {[ITEM_ENUM] = add_enum,
        [ITEM_SEQUENCE] = add_sequence,
        [ITEM_SCHEMA] = add_schema,
        [ITEM_OBJECT] = add_object};
    struct page p;

    page_begin(&p, s, item->path, item->name, item_title(item));
    page_comment(&p, item->comment);
    parts[item->kind < ITEM_OBJECT ? item->kind : ITEM_OBJECT](&p, item);
    page_access(&p, item->access);
    page_touches(&p, item);
    page_end(&p);
}
