/*
 * Divides a document of models into files.
 *
 * Each object is in one file, whose name follows from its own alone, so that a change of one object changes one file. A
 * name that is no plain one in lower case gets a hash, since a file system may not tell "Users" from "users".
 */
#include "split.h"

#include <stdlib.h>

const char *const split_names[] = {"none", "schema", "table", NULL};

/* ---- names of files ------------------------------------------------------------------------------ */

/* Names of the files of whole documents, and names that some system does not allow. */
static bool is_reserved(const char *name)
{
    static const char *const names[] = {"con", "prn", "aux", "nul", NULL};
    static const char *const devices[] = {"com", "lpt", NULL};
    if (str_eq(name, "models"))
        return true;
    for (size_t i = 0; names[i]; i++)
        if (strncmp(name, names[i], strlen(names[i])) == 0 &&
            (!name[strlen(names[i])] || name[strlen(names[i])] == '.'))
            return true;
    for (size_t i = 0; devices[i]; i++)
        if (str_starts(name, devices[i]) && name[3] >= '0' && name[3] <= '9' && (!name[4] || name[4] == '.'))
            return true;
    return false;
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* "users" stays; "Users" becomes "users-" and a hash, which no plain name contains. */
static const char *file_name(struct ctx *ctx, const char *name)
{
    enum { LONGEST = 120 };
    struct str out = STR(ctx);
    const char *lower = str_lower(&ctx->arena, name);
    bool plain = *name && *name != '.' && strlen(name) <= LONGEST && !is_reserved(name);
    for (size_t i = 0; lower[i] && out.n < LONGEST; i++) {
        bool fits = is_plain(lower[i]) && (lower[i] != '.' || i);
        plain = plain && is_plain(name[i]);
        if (fits)
            str_addc(&out, lower[i]);
        else if (!out.n || out.s[out.n - 1] != '_')
            str_addc(&out, '_');
    }
    if (!plain)
        str_addf(&out, "-%08x", (unsigned)hash_bytes(name, strlen(name)));
    return str_get(&out);
}

/* The types of a function's arguments are parts of its file's name: f(integer, text) is f.integer.text. */
static const char *object_name(struct ctx *ctx, const char *key)
{
    struct str out = STR(ctx);
    for (const char *s = key; *s; s++) {
        if (*s == '(' ? s[1] != ')' : str_starts(s, ", "))
            str_addc(&out, '.');
        else if (!strchr("()", *s))
            str_addc(&out, *s);
        s += str_starts(s, ", ");
    }
    return str_get(&out);
}

/* ---- documents ----------------------------------------------------------------------------------- */

struct document {
    const char *path;
    struct node *root;
};

struct splitting {
    struct ctx *ctx;
    const char *default_schema;
    struct map by_path; /* struct document */
    struct VEC_OF(struct document *) documents;
    struct split_files files;
};

/* Two names that have one hash are told apart by numbers, in the order of the document. */
static const char *free_path(struct splitting *s, const char *folder, const char *name, const char *suffix)
{
    const char *path = ctx_printf(s->ctx, "%s%s%s", folder, name, suffix);
    for (int n = 2; map_get(&s->by_path, path); n++)
        path = ctx_printf(s->ctx, "%s%s-%d%s", folder, name, n, suffix);
    return path;
}

static struct document *document_at(struct splitting *s, const char *path)
{
    struct document *d = map_get(&s->by_path, path);
    if (d)
        return d;
    d = ctx_new(s->ctx, struct document);
    *d = (struct document){path, node_mapping(&s->ctx->arena)};
    d->root->block = true;
    map_set(&s->by_path, path, d);
    vec_add(s->ctx, &s->documents, d);
    return d;
}

/* Adds an item to a list of a document. */
static void document_add(
    struct splitting *s, struct document *d, const char *key, const char *name, struct node *value)
{
    struct node *list = node_get(d->root, key);
    if (!list) {
        list = node_mapping(&s->ctx->arena);
        list->block = true;
        node_set(&s->ctx->arena, d->root, key, list);
    }
    node_set(&s->ctx->arena, list, name, value);
}

/* ---- SQL of several lines ------------------------------------------------------------------------ */

static bool is_long(const struct node *n)
{
    return n && n->kind == NODE_SCALAR && strchr(n->scalar, '\n');
}

/* Moves the SQL of an object to a file, as `file`. `folder` is relative to the model's directory `base`. */
static struct node *move_sql(
    struct splitting *s, const char *base, const char *folder, const char *name, struct node *value)
{
    struct node *sql = value->kind == NODE_MAPPING ? node_get(value, "sql") : value, *moved;
    if (!is_long(sql))
        return value;
    const char *path = free_path(s, ctx_printf(s->ctx, "%s%s", base, folder), name, ".sql");
    const char *text = sql->scalar;
    map_set(&s->by_path, path, s);
    vec_add(s->ctx, &s->files,
        ((struct split_file){path, str_ends(text, "\n") ? text : ctx_printf(s->ctx, "%s\n", text)}));
    moved = node_mapping(&s->ctx->arena);
    for (size_t i = 0; value->kind == NODE_MAPPING && i < value->n; i++)
        if (value->v[2 * i + 1] != sql)
            node_set(&s->ctx->arena, moved, value->v[2 * i]->scalar, value->v[2 * i + 1]);
    node_set(&s->ctx->arena, moved, "file", node_string(&s->ctx->arena, path + strlen(base)));
    return moved;
}

/* ---- ways of dividing ---------------------------------------------------------------------------- */

static enum object_kind kind_of(const char *key)
{
    int kind = 0;
    while (kind < OBJECT_KINDS && !str_eq(object_table[kind].plural, key))
        kind++;
    return (enum object_kind)kind;
}

/* The same for the query of a view, and for what is on a table or view: their files are beside its own, as
 * few.sql and few.touch.sql are beside few.yaml. */
static struct node *move_parts(
    struct splitting *s, const char *base, const char *file, bool is_view, struct node *value)
{
    if (is_view)
        value = move_sql(s, base, "", file, value);
    for (size_t i = 0; value->kind == NODE_MAPPING && i < value->n; i++) {
        enum object_kind kind = kind_of(value->v[2 * i]->scalar);
        struct node *list = value->v[2 * i + 1];
        if (kind == OBJECT_KINDS || list->kind != NODE_MAPPING)
            continue;
        for (size_t k = 0; k < list->n; k++) {
            const char *name = file_name(s->ctx, list->v[2 * k]->scalar);
            list->v[2 * k + 1] =
                move_sql(s, base, "", ctx_printf(s->ctx, "%s.%s", file, name), list->v[2 * k + 1]);
        }
    }
    return value;
}

/* What belongs to no schema, and what applies to the models as a whole. */
static bool is_general(const char *key)
{
    enum object_kind kind = kind_of(key);
    if (kind < OBJECT_KINDS)
        return object_table[kind].naming == NAMED_IN_DATABASE;
    return !str_eq(key, "tables") && !str_eq(key, "views") && !str_eq(key, "enums") &&
           !str_eq(key, "sequences");
}

static const char *schema_of(struct splitting *s, const char *name)
{
    struct qname q;
    const char *paren = *name == '"' ? NULL : strchr(name, '(');
    const char *text = paren ? arena_strndup(&s->ctx->arena, name, (size_t)(paren - name)) : name;
    if (qname_parse(&s->ctx->arena, text, &q) && q.schema)
        return q.schema;
    return s->default_schema ? s->default_schema : "main";
}

static void split_list(struct splitting *s, enum split split, const char *key, const struct node *list)
{
    bool has_own = str_eq(key, "tables") || str_eq(key, "views");
    for (size_t i = 0; i < list->n; i++) {
        const char *name = list->v[2 * i]->scalar, *path;
        struct node *value = list->v[2 * i + 1];
        if (split == SPLIT_TABLE && has_own) {
            const char *base = ctx_printf(s->ctx, "%s/", key), *file = file_name(s->ctx, name);
            path = free_path(s, base, file, ".yaml");
            value = move_parts(s, base, file, str_eq(key, "views"), value);
        } else if (split == SPLIT_TABLE) {
            path = ctx_printf(s->ctx, "%s.yaml", key);
            if (kind_of(key) < OBJECT_KINDS)
                value = move_sql(s, "", ctx_printf(s->ctx, "%s/", key),
                    file_name(s->ctx, object_name(s->ctx, name)), value);
        } else {
            path = ctx_printf(s->ctx, "%s.yaml", file_name(s->ctx, schema_of(s, name)));
        }
        document_add(s, document_at(s, path), key, name, value);
    }
}

static void split_document(struct splitting *s, enum split split, const struct node *models)
{
    for (size_t i = 0; i < models->n; i++) {
        const char *key = models->v[2 * i]->scalar;
        struct node *value = models->v[2 * i + 1];
        if (is_general(key) || value->kind != NODE_MAPPING)
            node_set(&s->ctx->arena, document_at(s, "models.yaml")->root, key, value);
        else
            split_list(s, split, key, value);
    }
}

static int by_path(const void *a, const void *b)
{
    const struct split_file *one = a, *other = b;
    return strcmp(one->path, other->path);
}

static const char *text_of(struct ctx *ctx, const struct node *root)
{
    struct str out = STR(ctx);
    node_yaml(&out, root, 0);
    return str_get(&out);
}

void split_models(struct ctx *ctx, const struct node *models, const char *default_schema, enum split split,
    const char *only, struct split_files *ret)
{
    struct splitting s = {.ctx = ctx, .default_schema = default_schema, .by_path = MAP(ctx)};
    if (split == SPLIT_NONE) {
        vec_add(ctx, ret, ((struct split_file){only, text_of(ctx, models)}));
        return;
    }
    split_document(&s, split, models);
    vec_each(i, &s.documents)
        vec_add(ctx, &s.files,
            ((struct split_file){s.documents.v[i]->path, text_of(ctx, s.documents.v[i]->root)}));
    qsort(s.files.v, s.files.n, sizeof(*s.files.v), by_path);
    *ret = s.files;
}
