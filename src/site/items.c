/*
 * The objects that have pages, and how they refer to each other.
 *
 * Everything is found once, by maps, so that a site takes time in proportion to its schema.
 */
#include "site.h"

/* ---- kinds ---- */

static const struct {
    const char *folder, *noun;
} kinds[ITEM_KINDS] = {
    [ITEM_TABLE] = {"tables", "table"},
    [ITEM_VIEW] = {"views", "view"},
    [ITEM_ENUM] = {"enums", "enum"},
    [ITEM_SEQUENCE] = {"sequences", "sequence"},
    [ITEM_SCHEMA] = {"schemas", "schema"},
};

const char *item_folder(int kind)
{
    return kind < ITEM_OBJECT ? kinds[kind].folder : object_table[kind - ITEM_OBJECT].plural;
}

const char *item_noun(int kind)
{
    return kind < ITEM_OBJECT ? kinds[kind].noun : object_table[kind - ITEM_OBJECT].name;
}

const char *item_heading(struct arena *a, int kind)
{
    char *text = arena_strdup(a, item_folder(kind));

    *text = (char)(*text - 'a' + 'A');
    for (char *c = text; *c; c++)
        if (*c == '_')
            *c = ' ';
    return text;
}

const char *item_title(const struct item *item)
{
    if (item->kind == ITEM_VIEW && item->u.view->materialized)
        return "materialized view";
    if (item->kind == ITEM_TABLE && table_is_partition(item->u.table))
        return "partition";
    return item_noun(item->kind);
}

/* ---- finding ---- */

static const char *key_of(struct arena *a, int kind, const char *name)
{
    return arena_printf(a, "%d %s", kind, name);
}

struct item *item_find(const struct site *s, int kind, const char *name)
{
    return map_get(&s->by_name, key_of(&s->ctx->arena, kind, name));
}

struct item *item_of(const struct site *s, int kind, const struct qname *name)
{
    return name->name ? item_find(s, kind, qname_text(&s->ctx->arena, name)) : NULL;
}

struct item *item_relation(const struct site *s, const struct qname *name)
{
    struct item *item = item_of(s, ITEM_TABLE, name);

    return item ? item : item_of(s, ITEM_VIEW, name);
}

/* ---- collecting ---- */

static struct item *add_item(struct site *s, int kind, const char *name, const char *comment)
{
    struct item *item = ctx_new(s->ctx, struct item);

    *item = (struct item){.kind = kind, .name = name, .comment = comment};
    item->path = site_path(s, item_folder(kind), name);
    vec_add(s->ctx, &s->of[kind], item);
    map_set(&s->by_name, key_of(&s->ctx->arena, kind, name), item);
    return item;
}

static const char *text_of(struct site *s, const struct qname *name)
{
    return qname_text(&s->ctx->arena, name);
}

static void add_relations(struct site *s, const struct schema *schema)
{
    vec_each(i, &schema->tables) {
        const struct table *t = schema->tables.v[i];
        struct item *item = add_item(s, ITEM_TABLE, text_of(s, &t->name), t->comment);

        item->u.table = t;
        item->access = t->access;
    }
    vec_each(i, &schema->views) {
        const struct view *v = schema->views.v[i];
        struct item *item = add_item(s, ITEM_VIEW, text_of(s, &v->name), v->comment);

        item->u.view = v;
        item->access = v->access;
    }
}

static void add_others(struct site *s, const struct schema *schema)
{
    vec_each(i, &schema->enums) {
        const struct enumeration *e = schema->enums.v[i];
        struct item *item = add_item(s, ITEM_ENUM, text_of(s, &e->name), e->comment);

        item->u.enumeration = e;
        item->access = e->access;
    }
    vec_each(i, &schema->sequences) {
        const struct sequence *q = schema->sequences.v[i];
        struct item *item = add_item(s, ITEM_SEQUENCE, text_of(s, &q->name), q->comment);

        item->u.sequence = q;
        item->access = q->access;
    }
    vec_each(i, &schema->namespaces) {
        const struct namespace *n = schema->namespaces.v[i];
        struct item *item = add_item(s, ITEM_SCHEMA, n->name, n->comment);

        item->u.schema = n;
        item->access = n->access;
    }
}

static bool is_on_table(int kind)
{
    return kind >= OBJECT_FIRST_ON_TABLE && kind < OBJECT_FIRST_ON_TABLE + OBJECT_KINDS_ON_TABLE;
}

/* What is on a table or a view is on its page. */
static void add_objects(struct site *s, const struct schema *schema, int kind)
{
    const struct objects *list = &schema->objects[kind];

    vec_each(i, list) {
        struct object *o = list->v[i];
        struct item *on = is_on_table(kind) ? item_relation(s, &o->of) : NULL, *item;

        if (o->built_in)
            continue;
        if (is_on_table(kind)) {
            if (on)
                vec_add(s->ctx, &on->on[kind - OBJECT_FIRST_ON_TABLE], o);
            continue;
        }
        item = add_item(s, ITEM_OBJECT + kind, object_text(&s->ctx->arena, o), o->comment);
        item->u.object = o;
        item->access = o->access;
    }
}

/* ---- references ---- */

static void link_columns(struct site *s, const struct item *item)
{
    const struct columns *columns = &item->u.table->columns;

    vec_each(i, columns) {
        struct type type;
        struct item *used;

        if (!column_type(s->ctx, s->source->dialect->name, columns->v[i], &type)) {
            err_clear(s->ctx);
            continue;
        }
        used = type.kind == TYPE_ENUM ? item_of(s, ITEM_ENUM, &type.enumeration) : NULL;
        if (!used)
            continue;
        vec_add(s->ctx, &used->users, item->name);
        vec_add(s->ctx, &used->users, columns->v[i]->name);
    }
}

static void link_table(struct site *s, const struct item *item)
{
    const struct table *t = item->u.table;
    struct item *parent = item_of(s, ITEM_TABLE, &t->partition_of);

    vec_each(i, &t->foreign_keys) {
        const struct constraint *key = t->foreign_keys.v[i];
        struct item *to = item_of(s, ITEM_TABLE, &key->references);
        const struct incoming one = {t, key};

        if (to && !key->is_inherited)
            vec_add(s->ctx, &to->incoming, one);
    }
    if (parent)
        vec_add(s->ctx, &parent->children, item);
    vec_each(i, &t->inherits) {
        parent = item_find(s, ITEM_TABLE, t->inherits.v[i]);
        if (parent)
            vec_add(s->ctx, &parent->children, item);
    }
    link_columns(s, item);
}

static void add_reader(struct site *s, struct item *view, struct item *of)
{
    if (!of || of == view || (of->readers.n && of->readers.v[of->readers.n - 1] == view))
        return;
    vec_add(s->ctx, &of->readers, view);
    vec_add(s->ctx, &view->reads, of);
}

/* A table or view that is named in SQL, perhaps in other letters, and perhaps after its schema. */
static struct item *named_item(struct site *s, const char *schema, const struct sql_piece *piece)
{
    struct arena *a = &s->ctx->arena;
    const struct qname name = {schema, sql_piece_text(a, piece)}, lower = {schema, str_lower(a, name.name)};
    struct item *item = item_relation(s, &name);

    return item || piece->kind == SQL_QUOTED ? item : item_relation(s, &lower);
}

/* Models do not tell what a view reads: its query does, well enough for links. */
static void link_query(struct site *s, struct item *view, const char *sql)
{
    const char *schema = NULL;
    struct sql_piece p;
    bool after_dot = false;

    for (; (p = sql_piece(sql, SQL_ANY)).kind != SQL_END; sql = p.s + p.n) {
        if (p.kind == SQL_WORD || p.kind == SQL_QUOTED) {
            add_reader(s, view, named_item(s, after_dot ? schema : NULL, &p));
            schema = sql_piece_text(&s->ctx->arena, &p);
        }
        if (p.kind != SQL_SPACE && p.kind != SQL_COMMENT)
            after_dot = sql_piece_is_char(&p, '.');
    }
}

static void link_view(struct site *s, struct item *item)
{
    const struct strings *read = &item->u.view->depends_on;
    const char *sql = expr_text(s, &item->u.view->body);

    vec_each(i, read) {
        struct qname name;

        if (qname_parse(&s->ctx->arena, read->v[i], &name))
            add_reader(s, item, item_relation(s, &name));
    }
    if (!read->n && sql)
        link_query(s, item, sql);
}

void items_collect(struct site *s)
{
    const struct schema *schema = s->source->schema;

    add_relations(s, schema);
    add_others(s, schema);
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        add_objects(s, schema, kind);
    vec_each(i, &s->of[ITEM_TABLE])
        link_table(s, s->of[ITEM_TABLE].v[i]);
    vec_each(i, &s->of[ITEM_VIEW])
        link_view(s, s->of[ITEM_VIEW].v[i]);
}
