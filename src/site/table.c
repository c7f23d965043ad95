/*
 * The page of a table.
 */
#include "site.h"

struct table_view {
    struct page page;
    const struct item *item;
    const struct table *table;
};

/* ---- values ---- */

static const char *value_text(const struct site *s, const struct value *v)
{
    const char *text = expr_text(s, &v->expr);

    if (v->kind == VALUE_NONE || !text)
        return NULL;
    if (v->expr.native) /* in the words of the database */
        return text;
    if (v->kind == VALUE_STRING)
        return ctx_printf(s->ctx, "'%s'", text);
    return v->kind == VALUE_FUNC ? ctx_printf(s->ctx, "%s()", text) : text;
}

static const char *type_of(const struct site *s, const struct column *c)
{
    const char *text = dtext_for(&c->type, s->source->dialect->name);

    return text ? text : c->native ? c->native : "";
}

static void add_type(struct page *p, const struct column *c)
{
    struct site *s = p->site;
    struct type type;
    const struct item *used = NULL;

    if (column_type(s->ctx, s->source->dialect->name, c, &type))
        used = type.kind == TYPE_ENUM ? item_of(s, ITEM_ENUM, &type.enumeration) : NULL;
    else
        err_clear(s->ctx);
    str_add(&p->out, "<code>");
    page_link(p, used, type_of(s, c));
    str_add(&p->out, "</code>");
}

/* ---- columns ---- */

static bool is_in(const struct constraints *list, const char *column)
{
    vec_each(i, list)
        if (strings_have(&list->v[i]->columns, column))
            return true;
    return false;
}

static void add_badge(struct str *out, bool is_there, const char *text, const char *meaning)
{
    if (is_there)
        html_addf(out, "<abbr class=\"badge\" title=\"%s\">%s</abbr> ", meaning, text);
}

static const char *auto_text(const struct column *c)
{
    if (c->identity)
        return c->identity->kind == IDENTITY_ALWAYS ? "identity, always" : "identity";
    return c->autoincrement == TRI_TRUE ? "autoincrement" : NULL;
}

static void add_default(struct page *p, const struct column *c)
{
    const struct site *s = p->site;
    const char *dflt = value_text(s, &c->dflt), *update = value_text(s, &c->on_update),
               *is_auto = auto_text(c);

    if (dflt)
        html_addf(&p->out, "<code>%s</code>", dflt);
    if (is_auto)
        html_addf(&p->out, "%s", is_auto);
    if (c->generated)
        html_addf(&p->out, "%s as <code>%s</code>", c->generated->stored ? "stored" : "generated",
            expr_text(s, &c->generated->expr));
    if (update)
        html_addf(&p->out, "<br>on update <code>%s</code>", update);
}

static void add_column(struct table_view *v, const struct column *c)
{
    struct page *p = &v->page;
    struct str *out = &p->out;
    const struct table *t = v->table;
    const bool is_key = column_in_key(t, c->name);

    html_addf(out, "<tr id=\"%s\"><th scope=\"row\"><code>%s</code> ",
        site_id(&p->site->ctx->arena, "column", c->name), c->name);
    add_badge(out, is_key, "PK", "primary key");
    add_badge(out, is_in(&t->foreign_keys, c->name), "FK", "foreign key");
    add_badge(out, is_in(&t->uniques, c->name), "UQ", "unique");
    str_add(out, "</th><td>");
    add_type(p, c);
    if (c->collation)
        html_addf(out, "<br>collation %s", c->collation);
    html_addf(out, "</td><td>%s</td><td>", c->nullable && !is_key ? "null" : "not null");
    add_default(p, c);
    str_add(out, "</td><td>");
    if (c->is_inherited)
        str_add(out, "<span class=\"note\">inherited</span> ");
    if (c->comment)
        html_markdown(out, c->comment);
    str_add(out, "</td></tr>\n");
}

static void add_columns(struct table_view *v)
{
    static const char *const headings[] = {"Column", "Type", "Null", "Default", "Comment", NULL};

    page_section(&v->page, "columns", "Columns");
    page_table(&v->page, "Columns", headings);
    vec_each(i, &v->table->columns)
        add_column(v, v->table->columns.v[i]);
    page_table_end(&v->page);
}

/* ---- keys and constraints ---- */

static void add_timing(struct str *out, const struct constraint *c)
{
    if (c->deferrable)
        str_add(out, c->initially_deferred ? ", initially deferred" : ", deferrable");
    if (c->not_valid)
        str_add(out, ", not valid");
}

static void add_action(struct str *out, const char *when, int action)
{
    if (action != FK_NO_ACTION)
        html_addf(out, ", %s %s", when, fk_action_names[action]);
}

/* "(user_id) to users (id), on delete cascade", seen from either side; `from` NULL: from the table itself */
static void add_key(struct page *p, const struct constraint *key, const struct item *from)
{
    struct str *out = &p->out;

    str_add(out, "<li>");
    if (from) {
        page_link(p, from, NULL);
        str_add(out, " ");
    }
    str_add(out, "(");
    page_names(p, &key->columns);
    str_add(out, ") → ");
    if (!from) {
        page_link(p, item_of(p->site, ITEM_TABLE, &key->references),
            qname_text(&p->site->ctx->arena, &key->references));
        str_add(out, " ");
    }
    str_add(out, "(");
    page_names(p, &key->referred_columns);
    str_add(out, ")");
    add_action(out, "on delete", key->on_delete);
    add_action(out, "on update", key->on_update);
    add_timing(out, key);
    if (key->name)
        html_addf(out, " <span class=\"note\">%s</span>", key->name);
    page_comment(p, key->comment);
    str_add(out, "</li>\n");
}

static void add_keys(struct table_view *v)
{
    struct page *p = &v->page;

    if (v->table->foreign_keys.n) {
        page_section(p, "references", "References");
        str_add(&p->out, "<ul>\n");
        vec_each(i, &v->table->foreign_keys)
            add_key(p, v->table->foreign_keys.v[i], NULL);
        str_add(&p->out, "</ul>\n");
    }
    if (v->item->incoming.n) {
        page_section(p, "referenced-by", "Referenced by");
        str_add(&p->out, "<ul>\n");
        vec_each(i, &v->item->incoming) {
            const struct incoming *in = &v->item->incoming.v[i];

            add_key(p, in->key, item_of(p->site, ITEM_TABLE, &in->table->name));
        }
        str_add(&p->out, "</ul>\n");
    }
}

static void add_parts(struct page *p, const struct index_parts *parts)
{
    vec_each(i, parts) {
        const struct index_part *part = parts->v[i];

        html_addf(&p->out, "%s<code>%s</code>", i ? ", " : "",
            part->column ? part->column : expr_text(p->site, &part->expr));
        if (part->length)
            html_addf(&p->out, " (%s)", part->length);
        if (part->order == ORDER_DESC)
            str_add(&p->out, " descending");
        if (part->opclass)
            html_addf(&p->out, " %s", part->opclass);
        if (part->op)
            html_addf(&p->out, " with <code>%s</code>", part->op);
    }
}

static void add_definition(struct page *p, const struct constraint *c)
{
    const char *where = expr_text(p->site, &c->where);

    switch (c->kind) {
    case CONSTRAINT_CHECK:
        html_addf(&p->out, "<code>%s</code>", expr_text(p->site, &c->check));
        break;
    case CONSTRAINT_EXCLUDE:
        add_parts(p, &c->parts);
        break;
    case CONSTRAINT_PRIMARY_KEY:
    case CONSTRAINT_UNIQUE:
    case CONSTRAINT_FOREIGN_KEY:
        page_names(p, &c->columns);
        break;
    }
    if (c->include.n) {
        str_add(&p->out, ", including ");
        page_names(p, &c->include);
    }
    if (where)
        html_addf(&p->out, " where <code>%s</code>", where);
    if (c->nulls_not_distinct)
        str_add(&p->out, ", nulls not distinct");
    add_timing(&p->out, c);
}

static void add_constraints(struct table_view *v)
{
    static const char *const headings[] = {"Kind", "Definition", "Name", NULL};
    static const char *const kinds[] = {
        [CONSTRAINT_PRIMARY_KEY] = "primary key",
        [CONSTRAINT_UNIQUE] = "unique",
        [CONSTRAINT_CHECK] = "check",
        [CONSTRAINT_EXCLUDE] = "exclude",
    };
    struct page *p = &v->page;
    const struct constraint *c;
    size_t state = 0;

    if (!v->table->primary_key && !v->table->uniques.n && !v->table->checks.n && !v->table->excludes.n)
        return;
    page_section(p, "constraints", "Constraints");
    page_table(p, "Constraints", headings);
    while ((c = table_next_constraint(v->table, &state))) {
        if (c->kind == CONSTRAINT_FOREIGN_KEY)
            continue;
        html_addf(&p->out, "<tr><td>%s</td><td>", kinds[c->kind]);
        add_definition(p, c);
        page_comment(p, c->comment);
        html_addf(&p->out, "</td><td>%s</td></tr>\n", c->name ? c->name : "");
    }
    page_table_end(p);
}

/* ---- indexes ---- */

static void add_index(struct page *p, const struct index *index)
{
    const char *where = expr_text(p->site, &index->where);

    html_addf(&p->out, "<tr id=\"%s\"><th scope=\"row\">%s</th><td>",
        site_id(&p->site->ctx->arena, "index", index->name ? index->name : ""),
        index->name ? index->name : "");
    add_parts(p, &index->parts);
    if (index->include.n) {
        str_add(&p->out, ", including ");
        page_names(p, &index->include);
    }
    if (where)
        html_addf(&p->out, " where <code>%s</code>", where);
    page_comment(p, index->comment);
    html_addf(&p->out, "</td><td>%s%s%s%s</td></tr>\n", index->unique ? "unique" : "",
        index->unique && index->using ? ", " : "", index->using ? index->using : "",
        index->invalid ? " (invalid)" : "");
}

void page_indexes(struct page *p, const struct indexes *list)
{
    static const char *const headings[] = {"Index", "Columns", "Kind", NULL};

    if (!list->n)
        return;
    page_section(p, "indexes", "Indexes");
    page_table(p, "Indexes", headings);
    vec_each(i, list)
        add_index(p, list->v[i]);
    page_table_end(p);
}

/* ---- relations ---- */

static void add_children(struct table_view *v)
{
    struct page *p = &v->page;

    if (!v->item->children.n)
        return;
    page_section(p, "children", table_is_partitioned(v->table) ? "Partitions" : "Inherited by");
    str_add(&p->out, "<ul>\n");
    vec_each(i, &v->item->children) {
        const struct item *child = v->item->children.v[i];
        const char *bound = expr_text(p->site, &child->u.table->bound);

        str_add(&p->out, "<li>");
        page_link(p, child, NULL);
        if (bound)
            html_addf(&p->out, " <code>%s</code>", bound);
        str_add(&p->out, "</li>\n");
    }
    str_add(&p->out, "</ul>\n");
}

static void add_parent(struct page *p, const char *label, const char *name)
{
    html_addf(&p->out, "<div><dt>%s</dt><dd>", label);
    page_link(p, item_find(p->site, ITEM_TABLE, name), name);
    str_add(&p->out, "</dd></div>\n");
}

static void add_options(struct page *p, const struct options *list)
{
    if (list)
        vec_each(i, list)
            page_fact(p, list->v[i].key, list->v[i].value);
}

static void add_facts(struct table_view *v)
{
    struct page *p = &v->page;
    const struct table *t = v->table;

    page_facts(p);
    page_fact(p, "Schema", t->name.schema);
    if (t->partition_of.name)
        add_parent(p, "Partition of", qname_text(&p->site->ctx->arena, &t->partition_of));
    page_fact(p, "Rows", expr_text(p->site, &t->bound));
    vec_each(i, &t->inherits)
        add_parent(p, "Inherits from", t->inherits.v[i]);
    page_fact(p, "Partitioned by", expr_text(p->site, &t->partition_by));
    add_options(p, t->options);
    page_facts_end(p);
}

bool table_page(struct site *s, const struct item *item)
{
    struct table_view v = {.item = item, .table = item->u.table};
    struct page *p = &v.page;

    page_begin(p, s, item->path, item->name, item_title(item));
    page_comment(p, item->comment);
    add_facts(&v);
    add_columns(&v);
    add_keys(&v);
    add_constraints(&v);
    page_indexes(p, &v.table->indexes);
    add_children(&v);
    page_on(p, item);
    page_access(p, item->access);
    if (!page_diagram(p, item))
        return false;
    page_touches(p, item);
    page_end(p);
    return true;
}
