/*
 * Reads a database as a text: the models that `inspect` prints, and the SQL of what cmig does not model.
 */
#include "migrate/snapshot.h"

static struct node *unmodelled_document(struct project *p, const struct schema *s)
{
    struct arena *a = &p->ctx->arena;
    struct node *list = node_mapping(a);

    vec_each(i, &s->unmodelled) {
        const struct unmodelled *u = s->unmodelled.v[i];
        const char *name = qname_text(a, &u->name);

        node_set(a, list,
            arena_printf(a, "%s %s%s%s", u->kind, name, u->detail ? " " : "", u->detail ? u->detail : ""),
            node_boolean(a, true));
    }
    return list;
}

static struct node *definitions_document(struct project *p, const struct definitions *definitions)
{
    struct arena *a = &p->ctx->arena;
    struct node *list = node_sequence(a);

    vec_each(i, definitions)
        node_append(a, list, node_string(a, definitions->v[i]->sql));
    return list;
}

static bool print_schema(struct project *p, const char **ret)
{
    struct arena *a = &p->ctx->arena;
    struct schema schema = {0};
    struct definitions definitions = {0};
    struct str out = STR(p->ctx);
    struct node *document = node_mapping(a);

    if (!migrate_inspect(p, &schema) ||
        !p->conn->dialect->definitions(p->conn, &p->scope, &schema, &definitions))
        return false;
    node_set(a, document, "models", schema_encode(p->ctx, p->conn->dialect, &schema));
    node_set(a, document, "not modelled", unmodelled_document(p, &schema));
    node_set(a, document, "SQL", definitions_document(p, &definitions));
    node_json(&out, document, false);
    *ret = str_get(&out);
    return true;
}

/* Hundreds of revisions leave hundreds of schemas: the memory that reading one takes is freed at once. */
bool snapshot_take(struct project *p, struct snapshot *ret)
{
    struct arena own = p->ctx->arena;
    const char *text;

    p->ctx->arena = (struct arena){0};
    bool ok = print_schema(p, &text);
    if (ok) {
        arena_finish(&ret->arena);
        ret->arena = (struct arena){0};
        ret->text = arena_strdup(&ret->arena, text);
        arena_finish(&p->ctx->arena);
    } else { /* the error is there */
        arena_take(&own, &p->ctx->arena);
    }
    p->ctx->arena = own;
    return ok;
}

enum { DEPTH = 3 }; /* of "models.tables.users": a table is listed as a whole, all tables are not */

void snapshot_finish(struct snapshot *s)
{
    arena_finish(&s->arena);
    *s = (struct snapshot){0};
}

static bool parse(struct ctx *ctx, struct arena *a, const struct snapshot *s, struct node **ret)
{
    return yaml_parse(ctx, a, "schema", s->text, strlen(s->text), ret);
}

bool snapshot_compare(
    struct ctx *ctx, const struct snapshot *was, const struct snapshot *is, struct tree_changes *ret)
{
    static const char models[] = "models";
    struct arena nodes CLEANUP(arena_finish) = {0};
    struct tree_changes found = {0};
    struct node *before, *after;

    if (str_eq(was->text, is->text))
        return true;
    if (!parse(ctx, &nodes, was, &before) || !parse(ctx, &nodes, is, &after))
        return false;
    node_compare(ctx, before, after, DEPTH, "columns", &found);
    vec_each(i, &found) {
        struct tree_change *change = found.v[i];

        if (change->path.n > 1 && str_eq(change->path.v[0], models)) {
            change->path = (struct strings){.v = change->path.v + 1, .n = change->path.n - 1};
            change->text += sizeof(models); /* the dot, too */
        }
        vec_add(ctx, ret, change);
    }
    return true;
}
