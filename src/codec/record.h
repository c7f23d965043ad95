/* What the walkers over records share. */
#pragma once

#include "cmig/codec.h"

struct pointers VEC_OF(void *); /* as every VEC_OF(struct x *) lies in memory */

static inline void *field_of(const struct field *f, const void *object)
{
    return (char *)(uintptr_t)object + f->offset;
}

static inline bool field_end(const struct field *f)
{
    return !f->key;
}

/* Whether bit i of the object's mask of given fields is set; true without a mask. */
bool record_given(const struct record *r, const void *object, size_t i);
bool record_has_mask(const struct record *r);
/* Sets the defaults that are not zero. */
void record_defaults(const struct record *r, void *object);
/* The field that holds the record's name: its first one, of a record among ours too. The object becomes the one
 * that the field lies in. */
const struct field *record_name_field(const struct record *r, const void **object);
/* The name as text, or NULL. */
const char *record_name_text(struct arena *a, const struct record *r, const void *object);
