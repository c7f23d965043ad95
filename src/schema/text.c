/* Reads and writes texts that may differ by dialect: expressions, lists of values. */

#include "schema/records.h"

/* ---- expressions -------------------------------------------------------------------------------------- */

static bool expr_decode(struct decoder *d, const struct node *n, void *value)
{
    struct expr *e = value;

    return decode_dtext(d, n, &e->sql);
}

/* What was reflected has only the database's own spelling. */
static struct node *expr_encode(struct arena *a, const void *value)
{
    const struct expr *e = value;

    if (dtext_is_set(&e->sql))
        return encode_dtext(a, &e->sql);
    return e->native ? node_string(a, e->native) : NULL;
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
    .json_schema = json_schema_dtext,
};

/* ---- values of an enum -------------------------------------------------------------------------------- */

static bool values_decode(struct decoder *d, const struct node *n, void *value)
{
    struct strings *list = ctx_new(d->ctx, struct strings), **ret = value;

    if (!decode_strings(d, n, list))
        return false;
    *ret = list->n ? list : NULL;
    return true;
}

static struct node *values_encode(struct arena *a, const void *value)
{
    struct strings *const *list = value;

    return *list ? encode_strings(a, *list) : NULL;
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

/* ---- whole numbers of any size ------------------------------------------------------------------------ */

static bool number_decode(struct decoder *d, const struct node *n, void *value)
{
    const char **ret = value, *digits;

    if (node_is_null(n)) {
        *ret = NULL;
        return true;
    }
    digits = n->kind == NODE_SCALAR ? n->scalar + (n->scalar[0] == '-') : "";
    if (!digits[0] || digits[strspn(digits, "0123456789")])
        return decode_fail(d, n, "expected a whole number");
    return decode_string(d, n, ret);
}

static struct node *number_encode(struct arena *a, const void *value)
{
    const char *const *number = value;

    return *number ? node_scalar(a, *number) : NULL;
}

static bool number_eq(const void *a, const void *b)
{
    return str_eq(*(const char *const *)a, *(const char *const *)b);
}

const struct field_custom number_custom = {
    .decode = number_decode,
    .encode = number_encode,
    .equal = number_eq,
    .json_schema = "{\"type\": [\"integer\", \"string\"], \"pattern\": \"^-?[0-9]+$\"}",
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
    .json_schema = "{}",
};
