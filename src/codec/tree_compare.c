/*
 * Lists how one tree differs from another, by the paths of the values.
 *
 * The items of a list whose mappings all have a `name` are paired by it; other lists are compared as a whole.
 */
#include "cmig/codec.h"

struct comparing {
    struct ctx *ctx;
    struct strings *found;
    const char *ordered; /* the key of mappings whose order counts */
    unsigned depth;      /* mappings above it are never missing, but empty */
};

/* ---- children, by key or by name ---------------------------------------------------------------------- */

static const char *item_name(const struct node *item)
{
    const struct node *name = item->kind == NODE_MAPPING ? node_get(item, "name") : NULL;

    return name && name->kind == NODE_SCALAR ? name->scalar : NULL;
}

static bool has_children(const struct node *n)
{
    for (uint32_t i = 0; n->kind == NODE_SEQUENCE && i < n->n; i++)
        if (!item_name(n->v[i]))
            return false;
    return n->kind != NODE_SCALAR;
}

static const char *child_key(const struct node *n, uint32_t i)
{
    return n->kind == NODE_MAPPING ? n->v[2 * i]->scalar : item_name(n->v[i]);
}

static const struct node *child(const struct node *n, uint32_t i)
{
    return n->v[n->kind == NODE_MAPPING ? 2 * i + 1 : i];
}

static const struct node *child_get(const struct node *n, const char *key)
{
    for (uint32_t i = 0; i < n->n; i++)
        if (str_eq(child_key(n, i), key))
            return child(n, i);
    return NULL;
}

/* ---- comparing ---------------------------------------------------------------------------------------- */

static const char *value_text(struct ctx *ctx, const struct node *n)
{
    struct str out = STR(ctx);

    if (n->kind == NODE_SCALAR)
        return n->scalar;
    node_json(&out, n, false);
    return str_get(&out);
}

static const char *path_of(struct comparing *c, const char *path, const char *key)
{
    return *path ? ctx_printf(c->ctx, "%s.%s", path, key) : key;
}

static void add(struct comparing *c, const char *path, const char *what)
{
    vec_add(c->ctx, c->found, ctx_printf(c->ctx, "%s %s", path, what));
}

static void compare(
    struct comparing *c, unsigned level, const char *path, const struct node *was, const struct node *is);

static bool same_order(const struct node *was, const struct node *is)
{
    for (uint32_t i = 0; i < was->n; i++)
        if (!str_eq(child_key(was, i), child_key(is, i)))
            return false;
    return true;
}

/* A value that only one of the trees has. */
static void add_single(
    struct comparing *c, unsigned level, const char *path, const struct node *n, bool is_new)
{
    static const struct node none = {.kind = NODE_MAPPING};

    if (level < c->depth && n->kind == NODE_MAPPING)
        compare(c, level, path, is_new ? &none : n, is_new ? n : &none);
    else
        add(c, path, is_new ? "is new" : "is missing");
}

static void compare_children(
    struct comparing *c, unsigned level, const char *path, const struct node *was, const struct node *is)
{
    const size_t before = c->found->n;
    const char *last = strrchr(path, '.');

    for (uint32_t i = 0; i < was->n; i++) {
        const char *key = child_key(was, i), *below = path_of(c, path, key);
        const struct node *other = child_get(is, key);

        if (other)
            compare(c, level + 1, below, child(was, i), other);
        else
            add_single(c, level + 1, below, child(was, i), false);
    }
    for (uint32_t i = 0; i < is->n; i++)
        if (!child_get(was, child_key(is, i)))
            add_single(c, level + 1, path_of(c, path, child_key(is, i)), child(is, i), true);
    if (c->found->n == before && last && str_eq(last + 1, c->ordered) && !same_order(was, is))
        add(c, path, "are in another order");
}

static void compare(
    struct comparing *c, unsigned level, const char *path, const struct node *was, const struct node *is)
{
    if (has_children(was) && has_children(is)) {
        compare_children(c, level, path, was, is);
        return;
    }
    const char *before = value_text(c->ctx, was), *after = value_text(c->ctx, is);
    if (!str_eq(before, after))
        add(c, path, ctx_printf(c->ctx, "is %s, and was %s", after, before));
}

void node_compare(struct ctx *ctx, const struct node *was, const struct node *is, unsigned depth,
    const char *ordered, struct strings *ret)
{
    struct comparing c = {.ctx = ctx, .found = ret, .ordered = ordered, .depth = depth};

    compare(&c, 0, "", was, is);
}
