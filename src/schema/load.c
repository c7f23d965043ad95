/* Loads model files into one schema. */

#include "cmig/schema.h"

#include "schema/files.h"
#include "schema/sql_file.h"

/* The schema that is collected from all files. */
struct loading {
    struct decoder decoder;
    struct map texts;     /* of the command: types and names repeat a lot */
    struct arena scratch; /* what is only needed until all files are read */
    struct map relations, types, namespaces, objects[OBJECT_KINDS];
    struct map parts; /* files of SQL that objects of a model name: they are no models of their own */
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
    l->relations.arena = l->types.arena = l->namespaces.arena = l->parts.arena = &l->scratch;
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
        } else {
            first->comment = first->comment ? first->comment : ns->comment;
            first->access = first->access ? first->access : ns->access;
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

/* SQL files that are not themselves models. */
static void add_parts(struct loading *l, const struct dtext *paths)
{
    if (paths->text)
        map_set(&l->parts, model_file_key(&l->scratch, paths->text), l);
    for (const struct dtext_by *by = paths->by; by && by->dialect; by++)
        if (by->text)
            map_set(&l->parts, model_file_key(&l->scratch, by->text), l);
}

/* Takes the SQL of a file, which is beside the model's. */
static bool object_read(struct loading *l, enum object_kind kind, struct object *o)
{
    struct ctx *ctx = l->decoder.ctx;
    const struct sql_file f = {
        o->pos, ctx_printf(ctx, "%s '%s'", object_table[kind].name, object_text(&ctx->arena, o)), o->file};

    if (!dtext_is_set(&o->file) || dtext_is_set(&o->sql))
        return true;
    if (!sql_file_read(ctx, &f, &o->sql, &o->file))
        return false;
    add_parts(l, &o->file);
    return true;
}

static bool view_read(struct loading *l, struct view *v)
{
    struct ctx *ctx = l->decoder.ctx;
    const struct sql_file f = {
        v->pos, ctx_printf(ctx, "view '%s'", qname_text(&ctx->arena, &v->name)), v->file};

    if (!dtext_is_set(&v->file) || dtext_is_set(&v->body.sql))
        return true;
    if (!sql_file_read_query(ctx, &f, &v->body.sql, &v->file))
        return false;
    add_parts(l, &v->file);
    return true;
}

static bool fail_two_ways(
    struct loading *l, enum object_kind kind, const struct object *o, const struct object *first)
{
    struct ctx *ctx = l->decoder.ctx;

    fail_at(ctx, STATUS_CONFIG, o->pos, "%s '%s' is defined twice, in two ways", object_table[kind].name,
        object_text(&ctx->arena, o));
    return fail_detail(ctx, "%sthe first definition", pos_text(&ctx->arena, first->pos));
}

/* Several files may need the same object. */
static bool object_merge(struct loading *l, enum object_kind kind, struct object *o)
{
    struct ctx *ctx = l->decoder.ctx;
    const char *name;
    struct object *first;

    if (!o->key || !*o->key)
        return fail_at(ctx, STATUS_CONFIG, o->pos, "%s without a name", object_table[kind].name);
    if (!object_read(l, kind, o))
        return false;
    name = object_text(&l->scratch, o);
    first = map_get(&l->objects[kind], name);
    if (first && !first->access)
        first->access = o->access;
    if (first)
        return (object_same(first, o) && dtext_eq(&first->sql, &o->sql)) || fail_two_ways(l, kind, o, first);
    o->rank = l->schema->objects[kind].n;
    map_set(&l->objects[kind], name, o);
    vec_add(ctx, &l->schema->objects[kind], o);
    return true;
}

static bool check_placed(struct loading *l, const struct schema *part)
{
    for (int kind = 0; kind < OBJECT_KINDS; kind++) {
        const struct objects *list = &part->objects[kind];

        if (list->n && object_table[kind].naming == NAMED_ON_TABLE)
            return fail_at(l->decoder.ctx, STATUS_CONFIG, list->v[0]->pos,
                "%s '%s' must be listed under its table", object_table[kind].name, list->v[0]->key);
    }
    return true;
}

/* Objects under a table or view move to a list of the schema. */
static void take_kind(struct loading *l, struct schema *part, enum object_kind kind, struct objects *on,
    const struct qname *table)
{
    vec_each(i, on) {
        on->v[i]->of = *table;
        on->v[i]->rank = part->objects[kind].n;
        vec_add(l->decoder.ctx, &part->objects[kind], on->v[i]);
        l->schema->manages[kind] = true;
    }
    *on = (struct objects){0};
}

static void take_on(struct loading *l, struct schema *part, struct objects *on, const struct qname *table)
{
    for (int at = 0; at < OBJECT_KINDS_ON_TABLE; at++)
        take_kind(l, part, (enum object_kind)(OBJECT_FIRST_ON_TABLE + at), &on[at], table);
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

/* Several files may give the same value. */
static bool options_merge(struct loading *l, const struct options *given)
{
    struct ctx *ctx = l->decoder.ctx;

    for (size_t i = 0; given && i < given->n; i++) {
        const struct option *o = &given->v[i];
        const char *first = options_get(l->schema->options, o->dialect, o->key);

        if (first && !option_values_same(first, o->value))
            return fail_at(ctx, STATUS_CONFIG, o->pos,
                "option '%s' of the database is given twice: %s and %s", o->key, first, o->value);
    }
    if (given)
        options_alter(ctx, &l->schema->options, given);
    return true;
}

/* Lists all that a document nests. */
static bool flatten(struct loading *l, struct schema *part)
{
    if (!check_placed(l, part))
        return false;
    for (size_t i = 0, n = part->tables.n; i < n; i++)
        add_partitions(l, part, part->tables.v[i]);
    vec_each(i, &part->tables)
        take_on(l, part, part->tables.v[i]->on, &part->tables.v[i]->name);
    vec_each(i, &part->views)
        take_on(l, part, part->views.v[i]->on, &part->views.v[i]->name);
    vec_each(i, &part->objects[OBJECT_FOREIGN_TABLE]) {
        struct object *o = part->objects[OBJECT_FOREIGN_TABLE].v[i];

        take_kind(l, part, OBJECT_TRIGGER, &o->triggers, &o->name);
    }
    return true;
}

static bool merge(struct loading *l, const struct schema *part)
{
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        vec_each(i, &part->objects[kind])
            if (!object_merge(l, (enum object_kind)kind, part->objects[kind].v[i]))
                return false;
    if (!options_merge(l, part->options))
        return false;
    vec_each(i, &part->default_accesses)
        vec_add(l->decoder.ctx, &l->schema->default_accesses, part->default_accesses.v[i]);
    vec_each(i, &part->views)
        if (!view_read(l, part->views.v[i]))
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
    if (!record_decode(&l->decoder, &schema_record, n, &part) || !flatten(l, &part) || !merge(l, &part))
        return false;
    if (part.complete || node_get(n, "schemas"))
        l->schema->namespaces_given = true;
    l->schema->manages_defaults |= part.complete || node_get(n, "default_privileges");
    for (size_t kind = 0; kind < OBJECT_KINDS; kind++)
        if (part.complete || node_get(n, object_table[kind].plural))
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

/* Files of SQL are models unless a model takes the SQL of an object from them. */
static void sql_file_add(struct loading *l, const char *path)
{
    if (!map_get(&l->parts, model_file_key(&l->scratch, path)))
        vec_add(l->decoder.ctx, &l->schema->sql_files, path);
}

bool schema_load(struct ctx *ctx, const struct strings *paths, struct schema *ret)
{
    struct loading l;
    struct strings files = {0}, sql_files = {0};
    struct schema s = {0};
    bool ok = model_files(ctx, paths, &files, &sql_files);

    loading_begin(&l, ctx, &s);
    for (size_t i = 0; ok && i < files.n; i++)
        ok = file_add(&l, files.v[i]);
    for (size_t i = 0; ok && i < sql_files.n; i++)
        sql_file_add(&l, sql_files.v[i]);
    s.has_documents = files.n > 0;
    loading_finish(&l);
    if (!ok)
        return false;
    schema_sort(&s);
    *ret = s;
    return true;
}

bool schema_of_document(struct ctx *ctx, const struct node *document, struct schema *ret)
{
    struct loading l;
    struct schema s = {0};
    bool ok;

    loading_begin(&l, ctx, &s);
    ok = document_add(&l, document);
    loading_finish(&l);
    if (!ok)
        return false;
    schema_sort(&s);
    *ret = s;
    return true;
}

bool schema_parse(struct ctx *ctx, const char *file, const char *text, size_t size, struct schema *ret)
{
    struct arena tree = {0};
    struct node *n;
    bool ok =
        yaml_parse(ctx, &tree, ctx_strdup(ctx, file), text, size, &n) && schema_of_document(ctx, n, ret);

    arena_finish(&tree);
    return ok;
}

/* ---- two schemas ------------------------------------------------------------------------------------- */

static bool join(struct loading *l, const struct schema *s)
{
    struct schema part = *s;

    for (int kind = 0; kind < OBJECT_KINDS; kind++) {
        part.objects[kind] = objects_ranked(l->decoder.ctx, &s->objects[kind]);
        l->schema->manages[kind] |= s->manages[kind];
    }
    l->schema->namespaces_given |= s->namespaces_given;
    l->schema->manages_defaults |= s->manages_defaults;
    return merge(l, &part);
}

bool schema_join(struct ctx *ctx, const struct schema *a, const struct schema *b, struct schema *ret)
{
    struct loading l;
    struct schema s = {0};
    bool ok;

    loading_begin(&l, ctx, &s);
    ok = join(&l, a) && join(&l, b);
    loading_finish(&l);
    if (!ok)
        return false;
    schema_sort(&s);
    *ret = s;
    return true;
}
