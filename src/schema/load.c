/* How do model files become one schema? */

#include "cmig/schema.h"

#include "schema/files.h"

/* What is put together from all files. */
struct loading {
    struct decoder decoder;
    struct map texts;     /* of the command: types and names repeat a lot */
    struct arena scratch; /* what is only needed until all files are read */
    struct map relations, types, namespaces, objects[OBJECT_KINDS];
    struct schema *schema;
};

/* The first object of a name. */
struct first {
    const char *what;
    struct pos pos;
};

static void loading_begin(struct loading *l, struct ctx *ctx, struct schema *ret)
{
    *l = (struct loading){.schema = ret};
    l->texts = MAP(ctx);
    l->relations.arena = l->types.arena = l->namespaces.arena = &l->scratch;
    for (size_t kind = 0; kind < OBJECT_KINDS; kind++)
        l->objects[kind].arena = &l->scratch;
    l->decoder = (struct decoder){.ctx = ctx, .what = "model", .strings = &l->texts};
}

static void loading_finish(struct loading *l)
{
    arena_finish(&l->scratch);
}

/* ---- one name, one object ----------------------------------------------------------------------------- */

static bool fail_twice(
    struct ctx *ctx, const char *what, const char *name, struct pos pos, const struct first *first)
{
    if (str_eq(what, first->what))
        fail_at(ctx, STATUS_CONFIG, pos, "%s '%s' is defined twice", what, name);
    else
        fail_at(ctx, STATUS_CONFIG, pos, "%s '%s' has the name of a %s", what, name, first->what);
    return fail_detail(ctx, "%sthe first definition", pos_text(&ctx->arena, first->pos));
}

/* Tables, views and sequences share their names, as they do in databases. */
static bool claim(
    struct loading *l, struct map *names, const char *what, const struct qname *name, struct pos pos)
{
    char *text;
    struct first *first;

    if (!name->name || !name->name[0] || (name->schema && !name->schema[0]))
        return fail_at(l->decoder.ctx, STATUS_CONFIG, pos, "a %s needs a name", what);
    text = qname_text(&l->scratch, name);
    first = map_get(names, text);
    if (first)
        return fail_twice(l->decoder.ctx, what, text, pos, first);
    first = arena_new(&l->scratch, struct first);
    *first = (struct first){what, pos};
    map_set(names, text, first);
    return true;
}

/* Several files may name the same schema of the database. */
static bool namespaces_merge(struct loading *l, const struct schema *part)
{
    struct ctx *ctx = l->decoder.ctx;

    vec_each(i, &part->namespaces) {
        struct namespace *ns = part->namespaces.v[i], *first;

        if (!ns->name || !ns->name[0])
            return fail_at(ctx, STATUS_CONFIG, ns->pos, "a schema needs a name");
        first = map_get(&l->namespaces, ns->name);
        if (!first) {
            map_set(&l->namespaces, ns->name, ns);
            vec_add(ctx, &l->schema->namespaces, ns);
        } else if (!first->comment) {
            first->comment = ns->comment;
        }
    }
    return true;
}

#define MERGE(l, names, what, list) \
    vec_each(i, &part->list) { \
        if (!claim(l, &(l)->names, what, &part->list.v[i]->name, part->list.v[i]->pos)) \
            return false; \
        vec_add((l)->decoder.ctx, &(l)->schema->list, part->list.v[i]); \
    }

/* Several files may need the same object. */
static bool objects_merge(struct loading *l, const struct schema *part, enum object_kind kind)
{
    vec_each(i, &part->objects[kind]) {
        struct object *o = part->objects[kind].v[i], *first;

        if (!o->name.name || !o->name.name[0])
            return fail_at(
                l->decoder.ctx, STATUS_CONFIG, o->pos, "%s without a name", object_table[kind].name);
        first = map_get(&l->objects[kind], o->name.name);
        if (first && object_same(first, o))
            continue;
        if (first) {
            fail_at(l->decoder.ctx, STATUS_CONFIG, o->pos, "%s '%s' is defined twice, in two ways",
                object_table[kind].name, o->name.name);
            return fail_detail(
                l->decoder.ctx, "%sthe first definition", pos_text(&l->decoder.ctx->arena, first->pos));
        }
        o->rank = l->schema->objects[kind].n;
        map_set(&l->objects[kind], o->name.name, o);
        vec_add(l->decoder.ctx, &l->schema->objects[kind], o);
    }
    return true;
}

/* Partitions become tables of their own. */
static void add_partitions(struct loading *l, struct schema *part, struct table *t)
{
    vec_each(i, &t->partitions) {
        struct table *p = t->partitions.v[i];

        p->partition_of = t->name;
        vec_add(l->decoder.ctx, &part->tables, p);
        add_partitions(l, part, p);
    }
    t->partitions = (struct tables){0};
}

static bool merge(struct loading *l, struct schema *part)
{
    for (size_t i = 0, n = part->tables.n; i < n; i++)
        add_partitions(l, part, part->tables.v[i]);
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        if (!objects_merge(l, part, (enum object_kind)kind))
            return false;
    MERGE(l, types, "enum", enums)
    MERGE(l, relations, "table", tables)
    MERGE(l, relations, "sequence", sequences)
    MERGE(l, relations, "view", views)
    return namespaces_merge(l, part);
}

/* ---- files -------------------------------------------------------------------------------------------- */

/* An empty file is an empty model. */
static bool document_add(struct loading *l, const struct node *n)
{
    struct schema part = {0};

    if (node_is_null(n))
        return true;
    if (!record_decode(&l->decoder, &schema_record, n, &part) || !merge(l, &part))
        return false;
    if (node_get(n, "schemas"))
        l->schema->namespaces_given = true;
    for (size_t kind = 0; kind < OBJECT_KINDS; kind++)
        if (node_get(n, object_table[kind].plural))
            l->schema->manages[kind] = true;
    return true;
}

static bool file_add(struct loading *l, const char *path)
{
    struct arena tree = {0};
    struct node *n;
    bool ok = yaml_read(l->decoder.ctx, &tree, "model", path, &n) && document_add(l, n);

    arena_finish(&tree);
    return ok;
}

bool schema_load(struct ctx *ctx, const struct strings *paths, struct schema *ret)
{
    struct loading l;
    struct strings files = {0};
    struct schema s = {0};
    bool ok = model_files(ctx, paths, &files);

    loading_begin(&l, ctx, &s);
    for (size_t i = 0; ok && i < files.n; i++)
        ok = file_add(&l, files.v[i]);
    loading_finish(&l);
    if (!ok)
        return false;
    schema_sort(&s);
    *ret = s;
    return true;
}

bool schema_parse(struct ctx *ctx, const char *file, const char *text, size_t size, struct schema *ret)
{
    struct loading l;
    struct arena tree = {0};
    struct schema s = {0};
    struct node *n;
    bool ok;

    loading_begin(&l, ctx, &s);
    ok = yaml_parse(ctx, &tree, ctx_strdup(ctx, file), text, size, &n) && document_add(&l, n);
    arena_finish(&tree);
    loading_finish(&l);
    if (!ok)
        return false;
    schema_sort(&s);
    *ret = s;
    return true;
}
