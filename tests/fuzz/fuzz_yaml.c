/*
 * Fuzzes the reader of YAML, and the round trip through the printer.
 */
#include <stdio.h>
#include <stdlib.h>

#include "codec/yaml.h"
#include "fuzz.h"

/* Trees of aliases print as what they stand for, which may be much. */
static size_t written_size(const struct node *n, size_t most)
{
    size_t total = 1, children = n->kind == NODE_SCALAR ? 0 : n->kind == NODE_MAPPING ? 2 * n->n : n->n;

    for (size_t i = 0; i < children && total < most; i++)
        total += written_size(n->v[i], most - total);
    return total;
}

static bool same_scalar(const struct node *a, const struct node *b)
{
    bool x = false, y = false;

    return a->n == b->n && memcmp(a->scalar, b->scalar, a->n) == 0 && node_is_null(a) == node_is_null(b) &&
           node_is_number(a) == node_is_number(b) && node_bool(a, &x) == node_bool(b, &y) && x == y;
}

static bool same(const struct node *a, const struct node *b)
{
    size_t children;

    if (!a || !b)
        return node_is_null(a) && node_is_null(b);
    if (a->kind == NODE_SCALAR && b->kind == NODE_SCALAR && node_is_null(a) && node_is_null(b))
        return true; /* an empty one is written out */
    if (a->kind != b->kind || a->n != b->n)
        return false;
    if (a->kind == NODE_SCALAR)
        return same_scalar(a, b);
    children = a->kind == NODE_MAPPING ? 2 * a->n : a->n;
    for (size_t i = 0; i < children; i++)
        if (!same(a->v[i], b->v[i]))
            return false;
    return true;
}

static void die(struct ctx *ctx, const char *what, const char *text)
{
    fprintf(stderr, "%s: %s\n%s\n", what, err_text(ctx), text);
    abort();
}

static void check_print(struct ctx *ctx, const struct node *n)
{
    struct str yaml = STR(ctx), json = STR(ctx);
    struct node *again, *from_json;

    node_yaml(&yaml, n, 0);
    if (!yaml_parse(ctx, &ctx->arena, "printed", yaml.s, yaml.n, &again))
        die(ctx, "printed YAML is refused", yaml.s);
    if (!same(n, again))
        die(ctx, "printed YAML says something else", yaml.s);
    node_json(&json, n, false);
    if (!str_utf8(json.s, json.n, NULL))
        die(ctx, "printed JSON is no UTF-8", json.s);
    if (n->kind != NODE_SCALAR && yaml_parse(ctx, &ctx->arena, "json", json.s, json.n, &from_json) &&
        from_json->kind != n->kind)
        die(ctx, "printed JSON says something else", json.s);
    err_clear(ctx);
}

/* What is read by lines must be what libyaml reads there, positions included. */
static void check_head(struct ctx *ctx, const char *text, size_t size)
{
    struct node *head, *whole;
    const char *from;
    bool stopped;

    if (!yaml_head_lines(&ctx->arena, "head", text, size, "upgrade", &head, &stopped, &from))
        return;
    if (!yaml_parse(ctx, &ctx->arena, "head", text, stopped ? (size_t)(from - text) : size, &whole))
        die(ctx, "a head is read that libyaml refuses", text);
    if (head && whole && !(same(head, whole) && head->line == whole->line && head->column == whole->column))
        die(ctx, "a head is read in another way", text);
    if (!head && whole)
        die(ctx, "a head is not read", text);
    for (size_t i = 0; head && whole && i < 2 * head->n; i++)
        if (head->v[i]->line != whole->v[i]->line || head->v[i]->column != whole->v[i]->column ||
            head->v[i]->quoted != whole->v[i]->quoted)
            die(ctx, "a head has other places", text);
}

/* A line, and perhaps a hint. */
static void check_error(struct ctx *ctx, const char *text)
{
    const char *message = err_text(ctx), *newline = strchr(message, '\n');

    if (ctx->err.status != STATUS_CONFIG || (newline && !str_starts(newline, "\n  hint: ")))
        die(ctx, "an error that is no line", text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ctx ctx = {0};
    char *text = arena_strndup(&ctx.arena, (const char *)data, size);
    struct node *n;
    bool stopped;

    if (!yaml_parse(&ctx, &ctx.arena, "input", text, size, &n))
        check_error(&ctx, text);
    else if (n && written_size(n, 20000) < 20000)
        check_print(&ctx, n);
    err_clear(&ctx);
    if (!yaml_parse_head(&ctx, &ctx.arena, "input", text, size, "upgrade", &n, &stopped))
        err_clear(&ctx);
    check_head(&ctx, text, size);
    ctx_finish(&ctx);
    return 0;
}
