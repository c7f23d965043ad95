/* How are texts read and written that may differ by dialect: expressions, and lists of values? */

#include "schema/records.h"

#include <stdlib.h>

/* ---- texts by dialect --------------------------------------------------------------------------------- */

/* The constant of the table, so that it needs no copy; NULL when no dialect has this name. */
static const char *dialect_name(const char *text)
{
    for (const char *const *name = dialect_names; *name; name++)
        if (str_eq(*name, text))
            return *name;
    return NULL;
}

bool dialect_key(struct decoder *d, const struct node *key, const char **ret)
{
    const char *name = dialect_name(key->scalar), *near;

    if (!name) {
        decode_fail(d, key, "unknown dialect '%s'", key->scalar);
        near = str_nearest(key->scalar, dialect_names, 3);
        if (near)
            return fail_hint(d->ctx, "Did you mean '%s'?", near);
        return fail_hint(
            d->ctx, "What differs by dialect has the keys default, sqlite, postgresql or mysql.");
    }
    *ret = name;
    return true;
}

static bool text_decode(struct decoder *d, const struct node *n, const char **ret)
{
    if (n->kind != NODE_SCALAR || node_is_null(n))
        return decode_fail(d, n, "expected a text");
    return decode_string(d, n, ret);
}

bool dtext_decode(struct decoder *d, const struct node *n, struct dtext *ret)
{
    struct dtext_by *by;
    size_t count = 0;

    if (n->kind != NODE_MAPPING || n->n == 0)
        return text_decode(d, n, &ret->text);
    by = arena_alloc(&d->ctx->arena, (n->n + 1) * sizeof(*by));
    for (size_t i = 0; i < n->n; i++) {
        const struct node *key = n->v[2 * i], *value = n->v[2 * i + 1];

        if (str_eq(key->scalar, "default")) {
            if (!text_decode(d, value, &ret->text))
                return false;
        } else {
            if (!dialect_key(d, key, &by[count].dialect) || !text_decode(d, value, &by[count].text))
                return false;
            count++;
        }
    }
    if (count)
        ret->by = by;
    return true;
}

static struct node *text_node(struct arena *a, const char *text)
{
    struct node *n = node_string(a, text);

    n->block = strchr(text, '\n') != NULL;
    return n;
}

struct node *dtext_encode(struct arena *a, const struct dtext *t)
{
    struct node *n;

    if (!dtext_is_set(t))
        return NULL;
    if (!t->by)
        return text_node(a, t->text);
    n = node_mapping(a);
    if (t->text)
        node_set(a, n, "default", text_node(a, t->text));
    for (const struct dtext_by *by = t->by; by->dialect; by++)
        node_set(a, n, by->dialect, text_node(a, by->text));
    return n;
}

bool dtext_eq(const struct dtext *a, const struct dtext *b)
{
    if (!str_eq(a->text, b->text))
        return false;
    for (const char *const *name = dialect_names; *name; name++)
        if (!str_eq(dtext_for(a, *name), dtext_for(b, *name)))
            return false;
    return true;
}

/* ---- expressions -------------------------------------------------------------------------------------- */

static bool expr_decode(struct decoder *d, const struct node *n, void *value)
{
    struct expr *e = value;

    return dtext_decode(d, n, &e->sql);
}

/* What was reflected has only the database's own spelling. */
static struct node *expr_encode(struct arena *a, const void *value)
{
    const struct expr *e = value;

    if (dtext_is_set(&e->sql))
        return dtext_encode(a, &e->sql);
    return e->native ? text_node(a, e->native) : NULL;
}

static bool expr_eq(const void *va, const void *vb)
{
    const struct expr *a = va, *b = vb;

    if (dtext_is_set(&a->sql) && dtext_is_set(&b->sql))
        return dtext_eq(&a->sql, &b->sql);
    return dtext_is_set(&a->sql) == dtext_is_set(&b->sql) && str_eq(a->native, b->native);
}

const struct field_custom expr_custom = {
    .decode = expr_decode,
    .encode = expr_encode,
    .equal = expr_eq,
    .json_schema = "{\"oneOf\": [{\"type\": [\"string\", \"number\", \"boolean\"]}, {\"type\": \"object\", "
                   "\"minProperties\": 1, \"properties\": {\"default\": {\"type\": \"string\"}, \"sqlite\": "
                   "{\"type\": \"string\"}, \"postgresql\": {\"type\": \"string\"}, \"mysql\": {\"type\": "
                   "\"string\"}}, \"additionalProperties\": false}]}",
};

/* ---- values of an enum -------------------------------------------------------------------------------- */

static bool values_decode(struct decoder *d, const struct node *n, void *value)
{
    struct strings *list = ctx_new(d->ctx, struct strings), **ret = value;

    if (n->kind != NODE_SEQUENCE)
        return decode_fail(d, n, "expected a list of values");
    for (size_t i = 0; i < n->n; i++) {
        const char *text;

        if (!decode_string(d, n->v[i], &text))
            return false;
        vec_add(d->ctx, list, text);
    }
    *ret = list;
    return true;
}

static struct node *values_encode(struct arena *a, const void *value)
{
    struct strings *const *list = value;
    struct node *n;

    if (!*list)
        return NULL;
    n = node_sequence(a);
    vec_each(i, *list)
        node_append(a, n, node_string(a, (*list)->v[i]));
    return n;
}

static bool values_eq(const void *va, const void *vb)
{
    struct strings *const *a = va, *const *b = vb;

    return *a && *b ? strings_eq(*a, *b) : *a == *b;
}

const struct field_custom values_custom = {
    .decode = values_decode,
    .encode = values_encode,
    .equal = values_eq,
    .json_schema = "{\"type\": \"array\", \"items\": {\"type\": [\"string\", \"number\", \"boolean\"]}}",
};

/* ---- a place for anchors ------------------------------------------------------------------------------ */

/* What is used of it has been resolved when the tree was read. */
static bool definitions_decode(
    ATTR_UNUSED struct decoder *d, ATTR_UNUSED const struct node *n, ATTR_UNUSED void *value)
{
    return true;
}

static struct node *definitions_encode(ATTR_UNUSED struct arena *a, ATTR_UNUSED const void *value)
{
    return NULL;
}

static bool definitions_eq(ATTR_UNUSED const void *a, ATTR_UNUSED const void *b)
{
    return true;
}

const struct field_custom definitions_custom = {
    .decode = definitions_decode,
    .encode = definitions_encode,
    .equal = definitions_eq,
    .json_schema = "true",
};
