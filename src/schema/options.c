/* Options of a single dialect: reads, writes, finds and sets them. */

#include "schema/records.h"

#include <stdlib.h>
#include <strings.h>

static int option_cmp(const struct option *o, const char *dialect, const char *key)
{
    int c = strcmp(o->dialect, dialect);

    return c ? c : strcmp(o->key, key);
}

const char *options_get(const struct options *o, const char *dialect, const char *key)
{
    for (size_t i = 0; o && i < o->n; i++)
        if (option_cmp(&o->v[i], dialect, key) == 0)
            return o->v[i].value;
    return NULL;
}

static struct option *option_put(struct ctx *ctx, struct options *o, const char *dialect, const char *key)
{
    size_t at = 0;

    while (at < o->n && option_cmp(&o->v[at], dialect, key) < 0)
        at++;
    if (at == o->n || option_cmp(&o->v[at], dialect, key) != 0)
        vec_insert(ctx, o, at, ((struct option){.dialect = dialect, .key = key}));
    return &o->v[at];
}

void options_set(struct ctx *ctx, struct options *o, const char *dialect, const char *key, const char *value)
{
    option_put(ctx, o, dialect, key)->value = value;
}

void options_remove(struct options *list, const char *dialect, const char *key)
{
    vec_each(i, list) {
        if (option_cmp(&list->v[i], dialect, key) != 0)
            continue;
        vec_remove(list, i);
        return;
    }
}

void options_alter(struct ctx *ctx, struct options **list, const struct options *given)
{
    if (!*list)
        *list = ctx_new(ctx, struct options);
    vec_each(i, given) {
        const struct option *o = &given->v[i];

        if (o->value && *o->value)
            *option_put(ctx, *list, o->dialect, o->key) = *o;
        else
            options_remove(*list, o->dialect, o->key);
    }
    if (!(*list)->n)
        *list = NULL;
}

/* ---- values ------------------------------------------------------------------------------------------- */

bool option_flag(const char *text, bool *ret)
{
    static const struct {
        const char *word;
        size_t least; /* bytes that tell it from the others */
        bool value;
    } words[] = {{"true", 1, true}, {"false", 1, false}, {"yes", 1, true}, {"no", 1, false}, {"on", 2, true},
        {"off", 2, false}, {"1", 1, true}, {"0", 1, false}};
    size_t n = text ? strlen(text) : 0;

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (n < words[i].least || n > strlen(words[i].word) || strncasecmp(text, words[i].word, n) != 0)
            continue;
        *ret = words[i].value;
        return true;
    }
    return false;
}

static bool option_number(const char *text, double *ret)
{
    char *end;

    if (!text || !text[0] || text[strspn(text, "+-.0123456789eE")])
        return false;
    *ret = strtod(text, &end);
    return !*end;
}

bool option_values_same(const char *a, const char *b)
{
    bool x, y;
    double p, q;

    if (str_eq_ci(a, b))
        return true;
    if (option_flag(a, &x) && option_flag(b, &y) && x == y)
        return true;
    return option_number(a, &p) && option_number(b, &q) && !(p < q) && !(p > q);
}

/* ---- records ------------------------------------------------------------------------------------------ */

static bool options_decode(struct decoder *d, const struct node *n, struct options *o, const char *dialect)
{
    if (n->kind != NODE_MAPPING)
        return decode_fail(d, n, "expected a mapping of %s's options", dialect);
    for (size_t i = 0; i < n->n; i++) {
        const struct node *key = n->v[2 * i], *value = n->v[2 * i + 1];
        const char *name, *text = "";
        struct option *option;

        if (value->kind != NODE_SCALAR)
            return decode_fail(d, value, "option '%s' must be a flag, a number or a string", key->scalar);
        if (!decode_string(d, key, &name) || (!node_is_null(value) && !decode_string(d, value, &text)))
            return false;
        option = option_put(d->ctx, o, dialect, name);
        option->value = text;
        option->pos = node_pos(key);
    }
    return true;
}

/* Flags and numbers are plain; what would be read as null is quoted. */
static struct node *option_encode(struct arena *a, const char *value)
{
    struct node *plain = node_scalar(a, value);

    return node_is_null(plain) ? node_string(a, value) : plain;
}

static struct node *options_encode(struct arena *a, const struct options *o, const char *dialect)
{
    struct node *n = NULL;

    for (size_t i = 0; o && i < o->n; i++) {
        if (!str_eq(o->v[i].dialect, dialect))
            continue;
        if (!n)
            n = node_mapping(a);
        node_set(a, n, o->v[i].key, option_encode(a, o->v[i].value));
    }
    return n;
}

static bool options_have(const struct options *a, const struct options *b, const char *dialect)
{
    for (size_t i = 0; a && i < a->n; i++)
        if (str_eq(a->v[i].dialect, dialect) && !str_eq(a->v[i].value, options_get(b, dialect, a->v[i].key)))
            return false;
    return true;
}

bool options_eq(const struct options *a, const struct options *b, const char *dialect)
{
    return options_have(a, b, dialect) && options_have(b, a, dialect);
}

/* A record's custom field does not know its key; so each dialect has functions of its own, for options that
 * are a member and for those that are pointed to. */
#define DIALECT_OPTIONS(name) \
    static bool name##_decode(struct decoder *d, const struct node *n, void *value) \
    { \
        return options_decode(d, n, value, #name); \
    } \
    static bool name##_decode_pointer(struct decoder *d, const struct node *n, void *value) \
    { \
        struct options **o = value; \
        if (!*o) \
            *o = ctx_new(d->ctx, struct options); \
        return options_decode(d, n, *o, #name); \
    } \
    static struct node *name##_encode(struct arena *a, const void *value) \
    { \
        return options_encode(a, value, #name); \
    } \
    static struct node *name##_encode_pointer(struct arena *a, const void *value) \
    { \
        return options_encode(a, *(struct options *const *)value, #name); \
    } \
    static bool name##_eq(const void *a, const void *b) \
    { \
        return options_eq(a, b, #name); \
    } \
    static bool name##_eq_pointer(const void *a, const void *b) \
    { \
        return options_eq(*(struct options *const *)a, *(struct options *const *)b, #name); \
    }
DIALECT_OPTIONS(sqlite)
DIALECT_OPTIONS(postgresql)
DIALECT_OPTIONS(mysql)

#define SCHEMA \
    "{\"type\": \"object\", \"additionalProperties\": {\"type\": [\"string\", \"number\", \"boolean\", " \
    "\"null\"]}}"

const struct field_custom dialect_options[] = {
    {sqlite_decode, sqlite_encode, sqlite_eq, SCHEMA, NULL},
    {postgresql_decode, postgresql_encode, postgresql_eq, SCHEMA, NULL},
    {mysql_decode, mysql_encode, mysql_eq, SCHEMA, NULL},
};
const struct field_custom dialect_option_pointers[] = {
    {sqlite_decode_pointer, sqlite_encode_pointer, sqlite_eq_pointer, SCHEMA, NULL},
    {postgresql_decode_pointer, postgresql_encode_pointer, postgresql_eq_pointer, SCHEMA, NULL},
    {mysql_decode_pointer, mysql_encode_pointer, mysql_eq_pointer, SCHEMA, NULL},
};
