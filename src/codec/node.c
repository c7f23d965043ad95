/*
 * Reads values of a tree, and builds trees.
 */
#include "scalar.h"

#include <errno.h>
#include <stdlib.h>

struct pos node_pos(const struct node *n)
{
    return n ? (struct pos){n->file, n->line, n->column} : (struct pos){0};
}

struct text_place node_text_place(const struct node *n)
{
    struct text_place place = {.pos = node_pos(n)};

    if (n && n->indent)
        place = (struct text_place){{n->file, n->line + 1, n->indent + 1u}, n->indent};
    else if (n && n->shift)
        place.pos.column += n->shift - 1u;
    else
        place.pos.line = 0;
    return place;
}

struct pos text_place_at(const struct text_place *place, const char *text, const char *at)
{
    struct pos pos = place->pos;

    for (const char *c = text; c < at; c++) {
        pos.line += *c == '\n';
        if (*c == '\n')
            pos.column = place->indent + 1;
        else
            pos.column += (*c & 0xc0) != 0x80; /* a character may have several bytes */
    }
    return pos;
}

struct node *node_get(const struct node *mapping, const char *key)
{
    if (!mapping || mapping->kind != NODE_MAPPING)
        return NULL;
    for (size_t i = 0; i < mapping->n; i++)
        if (strcmp(mapping->v[2 * i]->scalar, key) == 0)
            return mapping->v[2 * i + 1];
    return NULL;
}

bool node_is_null(const struct node *n)
{
    if (!n)
        return true;
    return n->kind == NODE_SCALAR && !n->quoted && scalar_is_null(n->scalar);
}

bool node_bool(const struct node *n, bool *ret)
{
    return n && n->kind == NODE_SCALAR && !n->quoted && scalar_is_bool(n->scalar, ret);
}

bool node_int(const struct node *n, int64_t *ret)
{
    char *end;
    long long value;
    int before = errno;

    if (!n || n->kind != NODE_SCALAR || n->quoted || !scalar_is_integer(n->scalar))
        return false;
    errno = 0;
    value = strtoll(n->scalar, &end, 10);
    if (errno)
        return errno = before, false;
    errno = before;
    *ret = value;
    return true;
}

bool node_is_number(const struct node *n)
{
    return n && n->kind == NODE_SCALAR && !n->quoted && scalar_is_number(n->scalar);
}

const char *node_describe(struct arena *a, const struct node *n)
{
    enum { LONGEST = 40 };
    size_t size;

    if (!n || (n->kind == NODE_SCALAR && node_is_null(n)))
        return n && n->n ? "null" : "nothing";
    if (n->kind != NODE_SCALAR)
        return n->kind == NODE_MAPPING ? "a mapping" : "a list";
    if (strstr(n->scalar, "://")) /* it may hold a password */
        return "a URL";
    size = strcspn(n->scalar, "\r\n");
    if (size == n->n && size <= LONGEST)
        return arena_printf(a, "'%s'", n->scalar);
    if (size > LONGEST)
        size = LONGEST;
    while (size && ((unsigned char)n->scalar[size] & 0xc0) == 0x80) /* not inside a character */
        size--;
    return arena_printf(a, "'%.*s...'", (int)size, n->scalar);
}

/* ---- making one ---- */

static struct node *new_scalar(struct arena *a, const char *text, bool quoted)
{
    struct node *n = arena_new(a, struct node);

    n->kind = NODE_SCALAR;
    n->scalar = arena_strdup(a, text);
    n->n = (uint32_t)strlen(text);
    n->quoted = quoted;
    return n;
}

struct node *node_scalar(struct arena *a, const char *text)
{
    return new_scalar(a, text, !*text);
}

struct node *node_string(struct arena *a, const char *text)
{
    return text ? new_scalar(a, text, true) : node_null(a);
}

struct node *node_number(struct arena *a, int64_t n)
{
    char text[24];

    snprintf(text, sizeof(text), "%lld", (long long)n);
    return new_scalar(a, text, false);
}

struct node *node_boolean(struct arena *a, bool b)
{
    return new_scalar(a, b ? "true" : "false", false);
}

struct node *node_null(struct arena *a)
{
    return new_scalar(a, "null", false);
}

static struct node *new_collection(struct arena *a, enum node_kind kind)
{
    struct node *n = arena_new(a, struct node);

    n->kind = kind;
    return n;
}

struct node *node_sequence(struct arena *a)
{
    return new_collection(a, NODE_SEQUENCE);
}

struct node *node_mapping(struct arena *a)
{
    return new_collection(a, NODE_MAPPING);
}

/* Room for `more` pointers after the `used` ones. */
static void reserve(struct arena *a, struct node *n, size_t used, size_t more)
{
    size_t cap = 4;
    struct node **grown;

    while (cap < used)
        cap *= 2;
    if (n->grows && used + more <= cap)
        return;
    while (cap < used + more)
        cap *= 2;
    grown = arena_alloc(a, cap * sizeof(*grown));
    if (used)
        memcpy(grown, n->v, used * sizeof(*grown));
    n->v = grown;
    n->grows = true;
}

struct node *node_copy(struct arena *a, const struct node *n)
{
    const size_t values = n->kind == NODE_MAPPING ? 2 * (size_t)n->n : n->n;
    struct node *copy = arena_new(a, struct node);

    *copy = *n;
    if (n->kind == NODE_SCALAR) {
        copy->scalar = arena_strndup(a, n->scalar, n->n);
        return copy;
    }
    copy->grows = false;
    copy->v = arena_alloc(a, (values + 1) * sizeof(*copy->v));
    for (size_t i = 0; i < values; i++)
        copy->v[i] = node_copy(a, n->v[i]);
    return copy;
}

void node_append(struct arena *a, struct node *sequence, struct node *item)
{
    assert(sequence->kind == NODE_SEQUENCE && "only a list has items");
    reserve(a, sequence, sequence->n, 1);
    sequence->v[sequence->n++] = item;
}

void node_set(struct arena *a, struct node *mapping, const char *key, struct node *value)
{
    assert(mapping->kind == NODE_MAPPING && "only a mapping has keys");
    reserve(a, mapping, 2 * (size_t)mapping->n, 2);
    mapping->v[2 * mapping->n] = node_string(a, key);
    mapping->v[2 * mapping->n + 1] = value;
    mapping->n++;
}
