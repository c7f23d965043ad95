/*
 * Compares two objects.
 */
#include "record.h"

static bool equal_objects(const struct record *r, const struct pointers *a, const struct pointers *b)
{
    if (a->n != b->n)
        return false;
    vec_each(i, a)
        if (!record_equal(r, a->v[i], b->v[i]))
            return false;
    return true;
}

static bool equal_records(const struct record *r, const void *a, const void *b)
{
    if (!a || !b)
        return a == b;
    return record_equal(r, a, b);
}

static bool equal_values(const struct field *f, const void *a, const void *b)
{
    switch (f->kind) {
    case FIELD_BOOL:
        return *(const bool *)a == *(const bool *)b;
    case FIELD_TRI:
        return *(const enum tri *)a == *(const enum tri *)b;
    case FIELD_INT:
        return *(const int64_t *)a == *(const int64_t *)b;
    case FIELD_STRING:
        return str_eq(*(const char *const *)a, *(const char *const *)b);
    case FIELD_STRINGS:
        return strings_eq(a, b);
    case FIELD_CHOICE:
        return *(const int *)a == *(const int *)b;
    case FIELD_DTEXT:
        return dtext_eq(a, b);
    case FIELD_QNAME:
        return qname_eq(a, b);
    case FIELD_RECORD:
        return equal_records(f->record, *(void *const *)a, *(void *const *)b);
    case FIELD_INLINE:
        return record_equal(f->record, a, b);
    case FIELD_LIST:
    case FIELD_MAP:
    case FIELD_NAMED:
        return equal_objects(f->record, a, b);
    case FIELD_CUSTOM:
        return f->custom->equal(a, b);
    }
    return false;
}

bool record_equal(const struct record *r, const void *a, const void *b)
{
    for (size_t i = 0; !field_end(&r->fields[i]); i++) {
        const struct field *f = &r->fields[i];

        if (f->flags & (FIELD_IDENTITY | FIELD_HIDDEN))
            continue;
        if (record_given(r, a, i) != record_given(r, b, i))
            return false;
        if (record_given(r, a, i) && !equal_values(f, field_of(f, a), field_of(f, b)))
            return false;
    }
    return true;
}
