/*
 * Lists how one tree differs from another, by the paths of the values.
 *
 * The items of a list whose mappings all have a `name` are paired by it; other lists are compared as a whole.
 */
#include "cmig/codec.h"

struct comparing {
    struct ctx *ctx;
    struct tree_changes *found;
    struct strings at;   /* the keys above the values that are compared */
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

/* The keys `steps` levels below. */
static void add_keys(struct ctx *ctx, const struct node *n, unsigned steps, struct strings *ret)
{
    if (!has_children(n))
        return;
    for (uint32_t i = 0; i < n->n; i++)
        if (steps > 1)
            add_keys(ctx, child(n, i), steps - 1, ret);
        else
            vec_add(ctx, ret, ctx_printf(ctx, "%s", child_key(n, i)));
}

static struct tree_change *add(struct comparing *c, const char *what)
{
    struct tree_change *change = ctx_new(c->ctx, struct tree_change);

    vec_each(i, &c->at)
        vec_add(c->ctx, &change->path, ctx_printf(c->ctx, "%s", c->at.v[i]));
    change->text = ctx_printf(c->ctx, "%s %s", strings_join(&c->ctx->arena, &c->at, "."), what);
    vec_add(c->ctx, c->found, change);
    return change;
}

static void compare(struct comparing *c, const struct node *was, const struct node *is);

static bool same_order(const struct node *was, const struct node *is)
{
    for (uint32_t i = 0; i < was->n; i++)
        if (!str_eq(child_key(was, i), child_key(is, i)))
            return false;
    return true;
}

/* A value that only one of the trees has. */
static void add_single(struct comparing *c, const struct node *n, bool is_new)
{
    static const struct node none = {.kind = NODE_MAPPING};
    struct tree_change *change;

    if (c->at.n < c->depth && n->kind == NODE_MAPPING) {
        compare(c, is_new ? &none : n, is_new ? n : &none);
        return;
    }
    change = add(c, is_new ? "is new" : "is missing");
    change->is_new = is_new;
    if (c->at.n < c->depth + 2)
        add_keys(c->ctx, n, c->depth + 2 - c->at.n, &change->parts);
}

/* A child that is NULL is in the other tree only. */
static void compare_child(struct comparing *c, const char *key, const struct node *was, const struct node *is)
{
    vec_add(c->ctx, &c->at, key);
    if (was && is)
        compare(c, was, is);
    else
        add_single(c, was ? was : is, !was);
    c->at.n--;
}

static void compare_children(struct comparing *c, const struct node *was, const struct node *is)
{
    const size_t before = c->found->n;

    for (uint32_t i = 0; i < was->n; i++)
        compare_child(c, child_key(was, i), child(was, i), child_get(is, child_key(was, i)));
    for (uint32_t i = 0; i < is->n; i++)
        if (!child_get(was, child_key(is, i)))
            compare_child(c, child_key(is, i), NULL, child(is, i));
    if (c->found->n == before && c->at.n && str_eq(c->at.v[c->at.n - 1], c->ordered) && !same_order(was, is))
        add(c, "are in another order");
}

static void compare(struct comparing *c, const struct node *was, const struct node *is)
{
    if (has_children(was) && has_children(is)) {
        compare_children(c, was, is);
        return;
    }
    const char *before = value_text(c->ctx, was), *after = value_text(c->ctx, is);
    if (!str_eq(before, after))
        add(c, ctx_printf(c->ctx, "is %s, and was %s", after, before));
}

void node_compare(struct ctx *ctx, const struct node *was, const struct node *is, unsigned depth,
    const char *ordered, struct tree_changes *ret)
{
    struct comparing c = {.ctx = ctx, .found = ret, .ordered = ordered, .depth = depth};

    compare(&c, was, is);
}
