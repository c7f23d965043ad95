/*
 * Encodes an object as a tree that contains only what was given.
 */
#include "record.h"

static struct node *encode_object(
    struct arena *a, const struct record *r, const void *object, bool keyed, bool allow_short);

struct node *encode_dtext(struct arena *a, const struct dtext *t)
{
    struct node *n;

    if (!dtext_is_set(t))
        return NULL;
    if (!t->by || !t->by->dialect)
        return node_string(a, t->text);
    n = node_mapping(a);
    if (t->text)
        node_set(a, n, "default", node_string(a, t->text));
    for (const struct dtext_by *by = t->by; by->dialect; by++)
        node_set(a, n, by->dialect, node_string(a, by->text));
    return n;
}

struct node *encode_strings(struct arena *a, const struct strings *list)
{
    struct node *n = node_sequence(a);

    vec_each(i, list)
        node_append(a, n, node_string(a, list->v[i]));
    return n;
}

/* ---- one field; each gives NULL for what is not set, unless `all` ---- */

static struct node *encode_bool(struct arena *a, const struct field *f, const void *value, bool all)
{
    bool is = *(const bool *)value, plain = f->flags & FIELD_TRUE;

    return all || is != plain ? node_boolean(a, is) : NULL;
}

static struct node *encode_tri(struct arena *a, const struct field *f, const void *value, bool all)
{
    enum tri is = *(const enum tri *)value;

    (void)f;
    if (is == TRI_UNSET)
        return all ? node_null(a) : NULL;
    return node_boolean(a, is == TRI_TRUE);
}

static struct node *encode_int(struct arena *a, const struct field *f, const void *value, bool all)
{
    int64_t n = *(const int64_t *)value;

    (void)f;
    return all || n ? node_number(a, n) : NULL;
}

static struct node *encode_text(struct arena *a, const struct field *f, const void *value, bool all)
{
    const char *text = *(const char *const *)value;

    (void)f;
    return text || all ? node_string(a, text) : NULL;
}

static struct node *encode_texts(struct arena *a, const struct field *f, const void *value, bool all)
{
    const struct strings *list = value;

    (void)f;
    return all || list->n ? encode_strings(a, list) : NULL;
}

static struct node *encode_choice(struct arena *a, const struct field *f, const void *value, bool all)
{
    int i = *(const int *)value;

    return all || i ? node_scalar(a, f->names[i]) : NULL;
}

static struct node *encode_by_dialect(struct arena *a, const struct field *f, const void *value, bool all)
{
    struct node *n = encode_dtext(a, value);

    (void)f;
    return n || !all ? n : node_null(a);
}

static struct node *encode_name(struct arena *a, const struct field *f, const void *value, bool all)
{
    const char *text = qname_text(a, value);

    (void)f;
    return text || all ? node_string(a, text) : NULL;
}

static struct node *encode_record(struct arena *a, const struct field *f, const void *value, bool all)
{
    const void *object = *(void *const *)value;

    if (!object)
        return all ? node_null(a) : NULL;
    return encode_object(a, f->record, object, false, true);
}

static struct node *encode_list(struct arena *a, const struct field *f, const void *value, bool all)
{
    const struct pointers *list = value;
    struct node *n;

    if (!list->n && !all)
        return NULL;
    n = node_sequence(a);
    vec_each(i, list) {
        /* The short form has no room for a name. */
        bool named = f->kind == FIELD_NAMED && record_name_text(a, f->record, list->v[i]);

        node_append(a, n, encode_object(a, f->record, list->v[i], false, !named));
    }
    return n;
}

static struct node *encode_map(struct arena *a, const struct field *f, const void *value, bool all)
{
    const struct pointers *list = value;
    struct node *n;

    if (!list->n && !all)
        return NULL;
    n = node_mapping(a);
    vec_each(i, list)
        node_set(a, n, record_name_text(a, f->record, list->v[i]),
            encode_object(a, f->record, list->v[i], true, true));
    return n;
}

/* A mapping when each has a name of its own, else a list. */
static struct node *encode_named(struct arena *a, const struct field *f, const void *value, bool all)
{
    const struct pointers *list = value;
    struct map seen = {.arena = a};
    const char *name;

    vec_each(i, list) {
        name = record_name_text(a, f->record, list->v[i]);
        if (!name || map_get(&seen, name))
            return encode_list(a, f, value, all);
        map_set(&seen, name, list->v[i]);
    }
    return encode_map(a, f, value, all);
}

static struct node *encode_custom(struct arena *a, const struct field *f, const void *value, bool all)
{
    struct node *n = f->custom->encode ? f->custom->encode(a, value) : NULL;

    return n || !all ? n : node_null(a);
}

static struct node *(*const encoders[])(struct arena *, const struct field *, const void *, bool) = {
    [FIELD_BOOL] = encode_bool,
    [FIELD_TRI] = encode_tri,
    [FIELD_INT] = encode_int,
    [FIELD_STRING] = encode_text,
    [FIELD_STRINGS] = encode_texts,
    [FIELD_CHOICE] = encode_choice,
    [FIELD_DTEXT] = encode_by_dialect,
    [FIELD_QNAME] = encode_name,
    [FIELD_RECORD] = encode_record,
    [FIELD_INLINE] = NULL,
    [FIELD_LIST] = encode_list,
    [FIELD_MAP] = encode_map,
    [FIELD_NAMED] = encode_named,
    [FIELD_CUSTOM] = encode_custom,
};

/* ---- objects ---- */

/* Whether a field is written even when it holds nothing. Required ones without a text have none to write. */
static bool writes_all(const struct record *r, const struct field *f)
{
    bool counted = f->kind == FIELD_BOOL || f->kind == FIELD_INT || f->kind == FIELD_CHOICE ||
                   f->kind == FIELD_STRINGS || f->kind == FIELD_LIST || f->kind == FIELD_MAP ||
                   f->kind == FIELD_NAMED;

    return record_has_mask(r) || f->flags & FIELD_ALWAYS || (f->flags & FIELD_REQUIRED && counted);
}

static void encode_fields(
    struct arena *a, const struct record *r, const void *object, bool keyed, struct node *mapping)
{
    struct node *n;

    for (size_t i = 0; !field_end(&r->fields[i]); i++) {
        const struct field *f = &r->fields[i];
        bool name = keyed && i == 0;

        if (f->kind == FIELD_INLINE) {
            if (record_given(r, object, i))
                encode_fields(a, f->record, field_of(f, object), name, mapping);
            continue;
        }
        if (name || f->flags & FIELD_HIDDEN || !record_given(r, object, i))
            continue;
        n = encoders[f->kind](a, f, field_of(f, object), writes_all(r, f));
        if (!n)
            continue;
        n->block |= (f->flags & FIELD_BLOCK) != 0;
        node_set(a, mapping, f->key, n);
    }
}

static struct node *encode_object(
    struct arena *a, const struct record *r, const void *object, bool keyed, bool allow_short)
{
    struct node *n = allow_short && r->encode_short ? r->encode_short(a, object) : NULL;

    if (n)
        return n;
    n = node_mapping(a);
    encode_fields(a, r, object, keyed, n);
    return n;
}

struct node *record_encode(struct arena *a, const struct record *r, const void *object)
{
    return encode_object(a, r, object, false, true);
}
