/*
 * Formats YAML, and checks that nothing was lost.
 */
#include "yaml_notes.h"

/* ---- the same meaning ---------------------------------------------------------------------------------- */

static bool is_same_scalar(const struct node *a, const struct node *b)
{
    bool of_a = false, of_b = false;

    if (node_is_null(a) && node_is_null(b))
        return true;
    return a->n == b->n && memcmp(a->scalar, b->scalar, a->n) == 0 && a->keeps_quotes == b->keeps_quotes &&
           node_is_null(a) == node_is_null(b) && node_is_number(a) == node_is_number(b) &&
           node_bool(a, &of_a) == node_bool(b, &of_b);
}

static bool is_same(const struct node *a, const struct node *b)
{
    if (!a || !b)
        return a == b;
    if (a->kind != b->kind)
        return false;
    if (a->kind == NODE_SCALAR)
        return is_same_scalar(a, b);
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < (a->kind == NODE_MAPPING ? 2 : 1) * (size_t)a->n; i++)
        if (!is_same(a->v[i], b->v[i]))
            return false;
    return true;
}

/* ---- order of keys ------------------------------------------------------------------------------------- */

/* The empty line above a key that was not the first stays where it is. */
static void keep_empty_lines(struct arena *a, struct noted *n)
{
    const size_t all =
        n->node.kind == NODE_SCALAR ? 0 : (n->node.kind == NODE_MAPPING ? 2 : 1) * (size_t)n->node.n;

    for (size_t i = 0; i < all; i++)
        keep_empty_lines(a, noted_of(n->node.v[i]));
    if (n->node.kind != NODE_MAPPING || !n->node.n || n->node.v[0] == n->first)
        return;
    struct notes *now = &noted_of(n->node.v[0])->before, *was = &noted_of(n->first)->before, moved = {0};
    if (!now->n || now->v[0])
        return;
    vec_push(a, &moved, NULL);
    vec_each(i, was)
        vec_push(a, &moved, was->v[i]);
    *was = moved;
    memmove(now->v, now->v + 1, --now->n * sizeof(*now->v));
}

/* A key before the one with its anchor would be an error. */
static void arrange(struct arena *a, const struct record *r, const struct noted_document *d)
{
    record_arrange(d->has_anchors ? NULL : r, &d->root->node);
    keep_empty_lines(a, d->root);
}

/* ---- formatting ---------------------------------------------------------------------------------------- */

static bool refuse(struct ctx *ctx, const char *file)
{
    if (ctx->err.status)
        err_clear(ctx);
    fail_at(ctx, STATUS_CONFIG, (struct pos){.file = file},
        "cannot be formatted without changing its meaning or losing a comment");
    return fail_hint(ctx, "The file stays as it is.");
}

/* What was written is read again. */
static bool check(struct ctx *ctx, const struct noted_document *was, const struct node *meant,
    const char *file, const char *text, const struct record *r)
{
    struct noted_document is;
    struct node *n;

    if (!yaml_parse(ctx, &ctx->arena, file, text, strlen(text), &n) ||
        !yaml_noted(ctx, file, text, strlen(text), &is))
        return false;
    if (n)
        record_arrange(was->has_anchors ? NULL : r, n);
    return is_same(meant, n) && strings_eq(&was->comments, &is.comments) &&
           was->has_anchors == is.has_anchors;
}

/* Line ends of Windows are those of YAML, too. */
static const char *plain_lines(struct ctx *ctx, const char *text, size_t size)
{
    struct str out = STR(ctx);

    for (size_t i = 0; i < size; i++)
        if (text[i] != '\r' || i + 1 == size || text[i + 1] != '\n')
            str_addc(&out, text[i]);
    return str_get(&out);
}

bool yaml_format(struct ctx *ctx, const char *file, const char *text, size_t size,
    const struct record *(*find_record)(const struct node *root), const char **ret)
{
    struct noted_document d;
    struct str out = STR(ctx);
    struct node *n;

    /* A text with a NUL is refused here. */
    if (!yaml_parse(ctx, &ctx->arena, file, text, size, &n))
        return false;
    text = plain_lines(ctx, text, size);
    const struct record *r = n && find_record ? find_record(n) : NULL;
    if (!yaml_noted(ctx, file, text, strlen(text), &d))
        return false;
    if (d.root)
        arrange(&ctx->arena, r, &d);
    noted_print(&out, &d);
    if (n)
        record_arrange(d.has_anchors ? NULL : r, n);
    if (!check(ctx, &d, n, file, str_get(&out), r))
        return refuse(ctx, file);
    *ret = str_get(&out);
    return true;
}
