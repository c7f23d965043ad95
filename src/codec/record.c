/*
 * Access to the fields of an object, and to its mask of given fields.
 */
#include "record.h"

bool record_has_mask(const struct record *r)
{
    return r->given_offset >= 0;
}

bool record_given(const struct record *r, const void *object, size_t i)
{
    if (!record_has_mask(r))
        return true;
    return *(const uint32_t *)(const void *)((const char *)object + r->given_offset) >> i & 1u;
}

void record_defaults(const struct record *r, void *object)
{
    for (const struct field *f = r->fields; !field_end(f); f++) {
        if (f->kind == FIELD_INLINE)
            record_defaults(f->record, field_of(f, object));
        else if (f->kind == FIELD_BOOL && f->flags & FIELD_TRUE)
            *(bool *)field_of(f, object) = true;
    }
}

const struct field *record_name_field(const struct record *r, const void **object)
{
    const struct field *f = r->fields;

    while (f->kind == FIELD_INLINE) {
        *object = field_of(f, *object);
        f = f->record->fields;
    }
    assert((f->kind == FIELD_STRING || f->kind == FIELD_QNAME) && "a named record begins with its name");
    return f;
}

const char *record_name_text(struct arena *a, const struct record *r, const void *object)
{
    const struct field *f = record_name_field(r, &object);

    if (f->kind == FIELD_QNAME)
        return qname_text(a, field_of(f, object));
    return *(const char **)field_of(f, object);
}
