/*
 * The file of rows and sizes per table that `inspect --stats` writes and `lint --stats` reads.
 */
#include "cmig/codec.h"

#include "lint.h"

static bool read_number(struct ctx *ctx, const struct node *n, const char *key, int64_t *ret)
{
    const struct node *value = node_get(n, key);

    if (value && node_int(value, ret) && *ret >= 0)
        return true;
    return fail_at(ctx, STATUS_CONFIG, node_pos(value ? value : n), "key '%s': expected a number", key);
}

static bool read_size(struct ctx *ctx, const struct node *key, const struct node *n, struct table_sizes *ret)
{
    struct table_size *one = ctx_new(ctx, struct table_size);

    if (n->kind != NODE_MAPPING)
        return fail_at(ctx, STATUS_CONFIG, node_pos(n), "table '%s': expected rows and bytes", key->scalar);
    if (!qname_parse(&ctx->arena, ctx_strdup(ctx, key->scalar), &one->name))
        return fail_at(ctx, STATUS_CONFIG, node_pos(key), "invalid name of a table '%s'", key->scalar);
    if (!read_number(ctx, n, "rows", &one->rows))
        return false;
    one->pos = node_pos(key);
    vec_add(ctx, ret, one);
    return true;
}

bool lint_sizes_read(struct ctx *ctx, const char *path, struct table_sizes *ret)
{
    struct node *document;
    const struct node *tables;

    *ret = (struct table_sizes){0};
    if (!yaml_read(ctx, &ctx->arena, "table statistics", path, &document))
        return false;
    tables = document && document->kind == NODE_MAPPING ? node_get(document, "tables") : NULL;
    if (!tables || tables->kind != NODE_MAPPING) {
        fail_at(ctx, STATUS_CONFIG, (struct pos){.file = path}, "the file has no tables");
        return fail_hint(ctx, "Write it with 'cmig inspect --stats'.");
    }
    for (size_t i = 0; i < tables->n; i++)
        if (!read_size(ctx, tables->v[2 * i], tables->v[2 * i + 1], ret))
            return false;
    return true;
}

struct node *lint_sizes_encode(struct ctx *ctx, const struct table_sizes *sizes)
{
    struct arena *a = &ctx->arena;
    struct node *document = node_mapping(a), *tables = node_mapping(a);

    vec_each(i, sizes) {
        const struct table_size *t = sizes->v[i];
        struct node *one = node_mapping(a);

        node_set(a, one, "rows", node_number(a, t->rows));
        node_set(a, one, "bytes", t->bytes ? node_scalar(a, t->bytes) : node_null(a));
        node_set(a, tables, qname_text(a, &t->name), one);
    }
    tables->block = true;
    node_set(a, document, "tables", tables);
    return document;
}
