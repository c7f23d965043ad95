/*
 * Decodes a tree into an object, and rejects what the record does not allow.
 *
 * Nothing in a file is ignored: an unknown key, or a value of another kind, is an error with its place.
 */
#include "record.h"

#include "foreign.h"

enum { KEYS_LIMIT = 64 }; /* of one record, for suggestions */

struct names {
    const char *v[KEYS_LIMIT];
    size_t n;
};

static bool decode_object(
    struct decoder *d, const struct record *r, const struct node *key, const struct node *n, void *object);

/* ---- errors ---- */

bool(decode_fail)(struct decoder *d, const struct node *n, const char *fmt, ...)
{
    va_list ap;
    char *text;

    va_start(ap, fmt);
    text = arena_vprintf(&d->ctx->arena, fmt, ap);
    va_end(ap);
    return fail_at(d->ctx, STATUS_CONFIG, node_pos(n), "%s", text);
}

void decode_suggest(struct decoder *d, const char *word, const char *const *known, size_t n)
{
    const struct foreign_word *foreign = foreign_find(foreign_keys, word, known, n);
    const char *near = foreign ? foreign->ours : str_nearest(word, known, n);
    struct str list = STR(d->ctx);

    if (foreign && foreign->hint) {
        fail_hint(d->ctx, "%s", foreign->hint);
        return;
    }
    if (near) {
        fail_hint(d->ctx, "Did you mean '%s'?", near);
        return;
    }
    for (size_t i = 0; i < n; i++)
        str_addf(&list, "%s'%s'", i == 0 ? "" : i + 1 == n ? " or " : ", ", known[i]);
    if (n)
        fail_hint(d->ctx, n == 1 ? "Expected %s." : "Expected one of %s.", str_get(&list));
}

static const char *describe(struct decoder *d, const struct node *n)
{
    return node_describe(&d->ctx->arena, n);
}

static bool fail_kind(struct decoder *d, const struct field *f, const struct node *n, const char *expected)
{
    return decode_fail(d, n, "key '%s': expected %s, found %s", f->key, expected, describe(d, n));
}

static void collect_keys(const struct record *r, bool keyed, struct names *keys)
{
    for (const struct field *f = r->fields; !field_end(f); f++) {
        if (f->kind == FIELD_INLINE)
            collect_keys(f->record, keyed && f == r->fields, keys);
        else if (keys->n < KEYS_LIMIT && !(keyed && f == r->fields))
            keys->v[keys->n++] = f->key;
    }
}

/* Names that are written one level too high, and the key under which they belong. */
static const struct misplaced {
    const char *part; /* a key of the mapping that the name has */
    const char *what, *under;
} misplaced[] = {
    {"columns", "table", "tables"},
    {"type", "column", "columns"},
};

static const struct misplaced *find_misplaced(const struct names *keys, const struct node *value)
{
    for (size_t i = 0; value->kind == NODE_MAPPING && i < COUNT_OF(misplaced); i++)
        for (size_t k = 0; node_get(value, misplaced[i].part) && k < keys->n; k++)
            if (str_eq(keys->v[k], misplaced[i].under))
                return &misplaced[i];
    return NULL;
}

static bool fail_unknown_key(
    struct decoder *d, const struct record *r, bool keyed, const struct node *key, const struct node *value)
{
    struct names keys = {.n = 0};
    const struct misplaced *m;

    collect_keys(r, keyed, &keys);
    m = find_misplaced(&keys, value);
    decode_fail(d, key, "unknown key '%s' in %s", key->scalar, r->name);
    if (m)
        return fail_hint(d->ctx, "Put %s '%s' under the key '%s'.", m->what, key->scalar, m->under);
    decode_suggest(d, key->scalar, keys.v, keys.n);
    return false;
}

/* ---- texts ---- */

static const char *keep(struct decoder *d, const char *s, size_t n)
{
    return d->strings ? map_intern(d->strings, s, n) : arena_strndup(&d->ctx->arena, s, n);
}

bool decode_string(struct decoder *d, const struct node *n, const char **ret)
{
    if (!n || n->kind != NODE_SCALAR || node_is_null(n))
        return decode_fail(d, n, "expected a string, found %s", describe(d, n));
    *ret = keep(d, n->scalar, n->n);
    return true;
}

bool decode_strings(struct decoder *d, const struct node *n, struct strings *ret)
{
    struct strings list = {0};
    const char *text;

    if (node_is_null(n)) {
        *ret = list;
        return true;
    }
    if (n->kind == NODE_MAPPING)
        return decode_fail(d, n, "expected a list of names, found a mapping");
    if (n->kind == NODE_SCALAR) {
        vec_add(d->ctx, &list, keep(d, n->scalar, n->n));
        *ret = list;
        return true;
    }
    list.v = arena_alloc(&d->ctx->arena, n->n * sizeof(*list.v));
    list.cap = n->n;
    for (size_t i = 0; i < n->n; i++) {
        if (!decode_string(d, n->v[i], &text))
            return false;
        list.v[list.n++] = text;
    }
    *ret = list;
    return true;
}

/* The place of a key among `default` and the dialects. */
static bool find_variant(struct decoder *d, const struct node *key, size_t *ret_i)
{
    static const char *const known[] = {"default", "sqlite", "postgresql", "mysql", "mariadb"};

    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (str_eq(known[i], key->scalar)) {
            *ret_i = i;
            return true;
        }
    decode_fail(d, key, "unknown dialect '%s'", key->scalar);
    decode_suggest(d, key->scalar, known, COUNT_OF(known));
    return false;
}

static bool decode_variants(struct decoder *d, const struct node *n, struct dtext *ret)
{
    struct dtext_by *by = arena_alloc(&d->ctx->arena, (n->n + 1) * sizeof(*by));
    struct dtext t = {0};
    size_t count = 0, at = 0;

    for (size_t i = 0; i < n->n; i++) {
        const struct node *value = n->v[2 * i + 1];
        const char *text = NULL;

        if (!find_variant(d, n->v[2 * i], &at) || (!node_is_null(value) && !decode_string(d, value, &text)))
            return false;
        if (at == 0)
            t.text = text;
        else
            by[count++] = (struct dtext_by){dialect_names[at - 1], text};
    }
    if (count)
        t.by = by;
    *ret = t;
    return true;
}

bool decode_dtext(struct decoder *d, const struct node *n, struct dtext *ret)
{
    struct dtext t = {0};

    if (node_is_null(n)) {
        *ret = t;
        return true;
    }
    if (n->kind == NODE_SEQUENCE)
        return decode_fail(d, n, "expected a string or a mapping by dialect, found a list");
    if (n->kind == NODE_MAPPING)
        return decode_variants(d, n, ret);
    if (!decode_string(d, n, &t.text))
        return false;
    *ret = t;
    return true;
}

bool decode_qname(struct decoder *d, const struct node *n, struct qname *ret)
{
    struct qname name;

    if (n->kind != NODE_SCALAR)
        return decode_fail(d, n, "expected a name, found %s", describe(d, n));
    if (!qname_parse(&d->ctx->arena, n->scalar, &name)) {
        decode_fail(d, n, "'%s' is not a name", n->scalar);
        return fail_hint(
            d->ctx, "Write name or schema.name; put a part with a dot or a double quote in double quotes.");
    }
    if (d->strings) {
        name.name = map_intern(d->strings, name.name, strlen(name.name));
        if (name.schema)
            name.schema = map_intern(d->strings, name.schema, strlen(name.schema));
    }
    *ret = name;
    return true;
}

/* ---- one field ---- */

static bool decode_bool(struct decoder *d, const struct field *f, const struct node *n, void *value)
{
    return node_bool(n, value) || fail_kind(d, f, n, "true or false");
}

static bool decode_tri(struct decoder *d, const struct field *f, const struct node *n, void *value)
{
    bool is;

    if (node_is_null(n)) {
        *(enum tri *)value = TRI_UNSET;
        return true;
    }
    if (!node_bool(n, &is))
        return fail_kind(d, f, n, "true or false");
    *(enum tri *)value = is ? TRI_TRUE : TRI_FALSE;
    return true;
}

static bool decode_int(struct decoder *d, const struct field *f, const struct node *n, void *value)
{
    return node_int(n, value) || fail_kind(d, f, n, "a whole number");
}

static bool decode_text(struct decoder *d, const struct field *f, const struct node *n, void *value)
{
    if (node_is_null(n)) {
        *(const char **)value = NULL;
        return true;
    }
    if (n->kind != NODE_SCALAR)
        return fail_kind(d, f, n, "a string");
    return decode_string(d, n, value);
}

static bool decode_list_of_texts(struct decoder *d, const struct field *f, const struct node *n, void *value)
{
    if (n->kind == NODE_MAPPING)
        return fail_kind(d, f, n, "a list of names");
    return decode_strings(d, n, value);
}

/* "SET NULL", "set-null" and "set_null" are one word. */
static bool same_choice(const char *name, const char *text)
{
    for (; *name && *text; name++, text++) {
        bool blank = *name == ' ' || *name == '_' || *name == '-';
        bool other = *text == ' ' || *text == '_' || *text == '-';

        if (blank != other || (!blank && !str_eq_ci((char[]){*name, 0}, (char[]){*text, 0})))
            return false;
    }
    return !*name && !*text;
}

static bool decode_choice(struct decoder *d, const struct field *f, const struct node *n, void *value)
{
    struct names names = {.n = 0};

    for (int i = 0; f->names[i]; i++) {
        if (*f->names[i] && names.n < KEYS_LIMIT)
            names.v[names.n++] = f->names[i];
        if (n->kind == NODE_SCALAR && *f->names[i] && same_choice(f->names[i], n->scalar)) {
            *(int *)value = i;
            return true;
        }
    }
    if (n->kind != NODE_SCALAR || node_is_null(n))
        fail_kind(d, f, n, "a word");
    else
        decode_fail(d, n, "key '%s': unknown word '%s'", f->key, n->scalar);
    decode_suggest(d, n->kind == NODE_SCALAR ? n->scalar : "", names.v, names.n);
    return false;
}

static bool decode_by_dialect(struct decoder *d, const struct field *f, const struct node *n, void *value)
{
    if (n->kind == NODE_SEQUENCE)
        return fail_kind(d, f, n, "a string or a mapping by dialect");
    return decode_dtext(d, n, value);
}

static bool decode_name(struct decoder *d, const struct field *f, const struct node *n, void *value)
{
    if (node_is_null(n)) {
        *(struct qname *)value = (struct qname){0};
        return true;
    }
    if (n->kind != NODE_SCALAR)
        return fail_kind(d, f, n, "a name");
    return decode_qname(d, n, value);
}

static bool decode_record(struct decoder *d, const struct field *f, const struct node *n, void *value)
{
    void *object;

    if (node_is_null(n)) {
        *(void **)value = NULL;
        return true;
    }
    object = arena_alloc(&d->ctx->arena, f->record->size);
    if (!decode_object(d, f->record, NULL, n, object))
        return false;
    *(void **)value = object;
    return true;
}

/* The objects of a list or a mapping; the keys of a mapping are their names. */
static bool decode_objects(struct decoder *d, const struct field *f, const struct node *n, void *value)
{
    bool mapping = n->kind == NODE_MAPPING;
    struct pointers list = {.cap = n->n};

    list.v = arena_alloc(&d->ctx->arena, n->n * sizeof(*list.v));
    for (size_t i = 0; i < n->n; i++) {
        const struct node *key = mapping ? n->v[2 * i] : NULL;
        void *object = arena_alloc(&d->ctx->arena, f->record->size);

        if (!decode_object(d, f->record, key, n->v[mapping ? 2 * i + 1 : i], object))
            return false;
        list.v[list.n++] = object;
    }
    memcpy(value, &list, sizeof(list));
    return true;
}

static bool decode_collection(struct decoder *d, const struct field *f, const struct node *n, void *value)
{
    static const char *const expected[] = {
        [FIELD_LIST] = "a list",
        [FIELD_MAP] = "a mapping by name",
        [FIELD_NAMED] = "a mapping by name, or a list",
    };
    bool fits = f->kind == FIELD_LIST  ? n->kind == NODE_SEQUENCE
                : f->kind == FIELD_MAP ? n->kind == NODE_MAPPING
                                       : n->kind != NODE_SCALAR;

    if (node_is_null(n)) {
        memset(value, 0, sizeof(struct pointers));
        return true;
    }
    return fits ? decode_objects(d, f, n, value) : fail_kind(d, f, n, expected[f->kind]);
}

static bool decode_custom(struct decoder *d, const struct field *f, const struct node *n, void *value)
{
    return f->custom->decode(d, n, value);
}

/* FIELD_INLINE has no value of its own. */
static bool (*const decoders[])(struct decoder *, const struct field *, const struct node *, void *) = {
    [FIELD_BOOL] = decode_bool,
    [FIELD_TRI] = decode_tri,
    [FIELD_INT] = decode_int,
    [FIELD_STRING] = decode_text,
    [FIELD_STRINGS] = decode_list_of_texts,
    [FIELD_CHOICE] = decode_choice,
    [FIELD_DTEXT] = decode_by_dialect,
    [FIELD_QNAME] = decode_name,
    [FIELD_RECORD] = decode_record,
    [FIELD_INLINE] = NULL,
    [FIELD_LIST] = decode_collection,
    [FIELD_MAP] = decode_collection,
    [FIELD_NAMED] = decode_collection,
    [FIELD_CUSTOM] = decode_custom,
};

/* ---- objects ---- */

static void set_given(const struct record *r, void *object, size_t i)
{
    uint32_t *mask;

    if (!record_has_mask(r))
        return;
    assert(i < 32 && "a mask has 32 bits");
    mask = (uint32_t *)(void *)((char *)object + r->given_offset);
    *mask |= UINT32_C(1) << i;
}

static void set_pos(const struct record *r, const struct node *n, void *object)
{
    if (r->pos_offset < 0)
        return;
    *(struct pos *)(void *)((char *)object + r->pos_offset) = node_pos(n);
}

enum found { FOUND_NOT, FOUND_DONE, FOUND_FAILED };

/* Looks for the key among the record's fields and decodes the value when it is one of them. */
static enum found decode_pair(struct decoder *d, const struct record *r, bool keyed, const struct node *key,
    const struct node *n, void *object)
{
    enum found found;

    for (size_t i = 0; !field_end(&r->fields[i]); i++) {
        const struct field *f = &r->fields[i];

        if (f->kind == FIELD_INLINE) {
            found = decode_pair(d, f->record, keyed && i == 0, key, n, field_of(f, object));
            if (found == FOUND_DONE)
                set_given(r, object, i);
            if (found != FOUND_NOT)
                return found;
            continue;
        }
        if (strcmp(f->key, key->scalar) != 0 || (keyed && i == 0))
            continue;
        set_given(r, object, i);
        return decoders[f->kind](d, f, n, field_of(f, object)) ? FOUND_DONE : FOUND_FAILED;
    }
    return FOUND_NOT;
}

/* A required key that is there holds something: null would be as good as nothing. */
static bool check_required(
    struct decoder *d, const struct record *r, const char *what, bool keyed, const struct node *n)
{
    struct node *value;

    for (size_t i = 0; !field_end(&r->fields[i]); i++) {
        const struct field *f = &r->fields[i];

        if (f->kind == FIELD_INLINE) {
            if (!check_required(d, f->record, what, keyed && i == 0, n))
                return false;
            continue;
        }
        if (!(f->flags & FIELD_REQUIRED) || (keyed && i == 0))
            continue;
        value = node_get(n, f->key);
        if (!value)
            return decode_fail(d, n, "key '%s' is missing in %s", f->key, what);
        if (node_is_null(value) && f->kind != FIELD_CUSTOM)
            return decode_fail(d, value, "key '%s' of %s must not be null", f->key, what);
    }
    return true;
}

static bool decode_mapping(
    struct decoder *d, const struct record *r, bool keyed, const struct node *n, void *object)
{
    enum found found;

    for (size_t i = 0; n->kind == NODE_MAPPING && i < n->n; i++) {
        found = decode_pair(d, r, keyed, n->v[2 * i], n->v[2 * i + 1], object);
        if (found == FOUND_NOT)
            return fail_unknown_key(d, r, keyed, n->v[2 * i], n->v[2 * i + 1]);
        if (found == FOUND_FAILED)
            return false;
    }
    return check_required(d, r, r->name, keyed, n);
}

/* The key of a mapping as the name of its object. */
static bool decode_key(struct decoder *d, const struct record *r, const struct node *key, void *object)
{
    const void *holder = object;
    const struct field *f = record_name_field(r, &holder);
    void *value = field_of(f, holder);

    set_given(r, object, 0);
    if (f->kind == FIELD_QNAME)
        return decode_qname(d, key, value);
    *(const char **)value = keep(d, key->scalar, key->n);
    return true;
}

static bool finish_objects(struct decoder *d, const struct record *r, const struct node *n, void *object)
{
    for (const struct field *f = r->fields; !field_end(f); f++)
        if (f->kind == FIELD_INLINE && !finish_objects(d, f->record, n, field_of(f, object)))
            return false;
    return !r->finish || r->finish(d, n, object);
}

static void set_places(const struct record *r, const struct node *n, void *object)
{
    set_pos(r, n, object);
    for (const struct field *f = r->fields; !field_end(f); f++)
        if (f->kind == FIELD_INLINE)
            set_places(f->record, n, field_of(f, object));
}

static bool decode_object(
    struct decoder *d, const struct record *r, const struct node *key, const struct node *n, void *object)
{
    bool ok;

    record_defaults(r, object);
    set_places(r, key ? key : n, object);
    if (key && !decode_key(d, r, key, object))
        return false;
    if (n && n->kind != NODE_MAPPING && r->decode_short)
        ok = r->decode_short(d, n, object);
    else if (!node_is_null(n) && n->kind != NODE_MAPPING)
        ok = decode_fail(d, n, "%s: expected a mapping, found %s", r->name, describe(d, n));
    else if (!n)
        ok = fail(d->ctx, STATUS_CONFIG, "the %s is empty", d->what);
    else
        ok = decode_mapping(d, r, key != NULL, n, object);
    return ok && finish_objects(d, r, n, object);
}

bool record_decode(struct decoder *d, const struct record *r, const struct node *n, void *ret_object)
{
    return decode_object(d, r, NULL, n, ret_object);
}

static bool has_key(const struct record *r, const char *key)
{
    for (const struct field *f = r->fields; !field_end(f); f++)
        if (f->kind == FIELD_INLINE ? has_key(f->record, key) : str_eq(f->key, key))
            return true;
    return false;
}

bool record_check_keys(struct decoder *d, const struct record *r, const struct node *n)
{
    for (size_t i = 0; n->kind == NODE_MAPPING && i < n->n; i++)
        if (!has_key(r, n->v[2 * i]->scalar))
            return fail_unknown_key(d, r, false, n->v[2 * i], n->v[2 * i + 1]);
    return true;
}
