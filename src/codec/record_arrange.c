/*
 * Puts the keys of a tree into the order in which its record is written.
 */
#include "record.h"

/* ---- quotes -------------------------------------------------------------------------------------------- */

static void keep_quotes(struct node *n)
{
    const size_t step = n->kind == NODE_MAPPING ? 2 : 1, all = n->kind == NODE_SCALAR ? 0 : n->n * step;

    if (n->kind == NODE_SCALAR)
        n->keeps_quotes = n->quoted;
    for (size_t i = step - 1; i < all; i += step)
        keep_quotes(n->v[i]);
}

/* A text, or a collection of texts. */
static void release_quotes(struct node *n)
{
    const size_t step = n->kind == NODE_MAPPING ? 2 : 1, all = n->kind == NODE_SCALAR ? 0 : n->n * step;

    n->keeps_quotes = false;
    for (size_t i = step - 1; i < all; i += step)
        n->v[i]->keeps_quotes = false;
}

/* ---- order --------------------------------------------------------------------------------------------- */

/* The field of a key, and its place among all that the record has; NULL: unknown. */
static const struct field *find_field(const struct record *r, const char *key, size_t *place)
{
    const struct field *found = NULL;

    for (const struct field *f = r->fields; !field_end(f) && !found; f++)
        if (f->kind == FIELD_INLINE)
            found = find_field(f->record, key, place);
        else if (str_eq(f->key, key))
            found = f;
        else
            ++*place;
    return found;
}

static size_t place_of(const struct record *r, const struct node *key)
{
    size_t place = 0;

    return find_field(r, key->scalar, &place) ? place : SIZE_MAX;
}

/* By insertion: a record has few keys, which mostly are in order. */
static void sort_keys(const struct record *r, struct node *n)
{
    for (uint32_t i = 1; i < n->n; i++) {
        struct node *key = n->v[2 * i], *value = n->v[2 * i + 1];
        const size_t place = place_of(r, key);
        uint32_t at = i;

        for (; at && place_of(r, n->v[2 * (at - 1)]) > place; at--)
            memcpy(&n->v[2 * at], &n->v[2 * (at - 1)], 2 * sizeof(*n->v));
        n->v[2 * at] = key;
        n->v[2 * at + 1] = value;
    }
}

/* ---- fields -------------------------------------------------------------------------------------------- */

static void arrange(const struct record *r, struct node *n);

static void arrange_children(const struct record *r, struct node *n)
{
    const size_t step = n->kind == NODE_MAPPING ? 2 : 1, all = n->kind == NODE_SCALAR ? 0 : n->n * step;

    for (size_t i = step - 1; i < all; i += step)
        arrange(r, n->v[i]);
}

static void arrange_field(const struct field *f, struct node *n)
{
    switch (f->kind) {
    case FIELD_STRING:
    case FIELD_STRINGS:
    case FIELD_CHOICE:
    case FIELD_DTEXT:
    case FIELD_QNAME:
        release_quotes(n);
        break;
    case FIELD_RECORD:
        arrange(f->record, n);
        break;
    case FIELD_LIST:
    case FIELD_MAP:
    case FIELD_NAMED:
        arrange_children(f->record, n);
        break;
    case FIELD_CUSTOM:
        if (f->custom->arrange)
            f->custom->arrange(n);
        break;
    case FIELD_BOOL:
    case FIELD_TRI:
    case FIELD_INT:
    case FIELD_INLINE:
        break;
    }
}

static void arrange(const struct record *r, struct node *n)
{
    if (n->kind != NODE_MAPPING)
        return;
    sort_keys(r, n);
    for (uint32_t i = 0; i < n->n; i++) {
        size_t place = 0;
        const struct field *f = find_field(r, n->v[2 * i]->scalar, &place);

        if (f)
            arrange_field(f, n->v[2 * i + 1]);
    }
}

void record_arrange(const struct record *r, struct node *n)
{
    keep_quotes(n);
    if (r)
        arrange(r, n);
}
