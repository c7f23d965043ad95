/*
 * Merges the settings of an environment over the configuration.
 */
#include "config.h"

/* A copy of a mapping's pairs, so that it can be changed: aliases may share the mapping. */
static struct node *copy_mapping(struct arena *a, const struct node *n)
{
    struct node *copy = arena_new(a, struct node);

    *copy = *n;
    copy->grows = false;
    copy->v = arena_alloc(a, 2 * (size_t)n->n * sizeof(*copy->v));
    if (n->n)
        memcpy(copy->v, n->v, 2 * (size_t)n->n * sizeof(*copy->v));
    return copy;
}

static size_t find_key(const struct node *mapping, const char *key)
{
    size_t i = 0;

    while (i < mapping->n && !str_eq(mapping->v[2 * i]->scalar, key))
        i++;
    return i;
}

/* Mappings are merged key by key, anything else replaces. */
static struct node *merge(struct arena *a, const struct node *under, const struct node *over)
{
    struct node *merged = copy_mapping(a, under);

    for (size_t i = 0; i < over->n; i++) {
        struct node *value = over->v[2 * i + 1], *old;
        size_t at = find_key(merged, over->v[2 * i]->scalar);

        if (at == merged->n) {
            node_set(a, merged, over->v[2 * i]->scalar, value);
            merged->v[2 * at] = over->v[2 * i]; /* with its place */
            continue;
        }
        old = merged->v[2 * at + 1];
        if (old->kind == NODE_MAPPING && value->kind == NODE_MAPPING)
            value = merge(a, old, value);
        merged->v[2 * at] = over->v[2 * i];
        merged->v[2 * at + 1] = value;
    }
    return merged;
}

static void remove_key(struct node *mapping, size_t at)
{
    memmove(&mapping->v[2 * at], &mapping->v[2 * at + 2], 2 * (mapping->n - at - 1) * sizeof(*mapping->v));
    mapping->n--;
}

static bool fail_environment(
    struct decoder *d, struct pos pos, const struct node *environments, const char *environment)
{
    const char **names = arena_alloc(&d->ctx->arena, (environments ? environments->n : 0) * sizeof(*names));
    size_t n = 0;

    fail_at(d->ctx, STATUS_CONFIG, pos, "unknown environment '%s'", environment);
    if (!environments || !environments->n)
        return fail_hint(d->ctx, "Define it under 'environments' in the configuration, which has none yet.");
    for (; environments && n < environments->n; n++)
        names[n] = environments->v[2 * n]->scalar;
    decode_suggest(d, environment, names, n);
    return false;
}

/* Also for environments that are not used now: a misspelt key should not go unnoticed until production. */
static bool check_environments(struct decoder *d, const struct node *environments)
{
    for (size_t i = 0; i < environments->n; i++) {
        const struct node *n = environments->v[2 * i + 1], *inner = node_get(n, "environments");

        if (!node_is_null(n) && n->kind != NODE_MAPPING)
            return decode_fail(d, n, "environment '%s': expected a mapping, found %s",
                environments->v[2 * i]->scalar, node_describe(&d->ctx->arena, n));
        if (inner)
            return decode_fail(d, inner, "environments are allowed only at the top level");
        if (n->kind == NODE_MAPPING && !record_check_keys(d, &config_record, n))
            return false;
    }
    return true;
}

bool config_merge(
    struct decoder *d, const char *path, const char *environment, struct node *top, struct node **ret_node)
{
    struct arena *a = &d->ctx->arena;
    const struct node *environments = NULL, *chosen;
    struct node *merged = copy_mapping(a, top);
    size_t at = find_key(merged, "environments");

    if (at < merged->n) {
        environments = merged->v[2 * at + 1];
        remove_key(merged, at);
        if (node_is_null(environments))
            environments = NULL;
    }
    if (environments && environments->kind != NODE_MAPPING)
        return decode_fail(d, environments, "key 'environments': expected a mapping by name, found %s",
            node_describe(a, environments));
    if (environments && !check_environments(d, environments))
        return false;
    if (environment) {
        chosen = node_get(environments, environment);
        if (!chosen)
            return fail_environment(d, environments ? node_pos(environments) : (struct pos){.file = path},
                environments, environment);
        if (chosen->kind == NODE_MAPPING)
            merged = merge(a, merged, chosen);
    }
    *ret_node = merged;
    return true;
}
