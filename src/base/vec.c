/*
 * Growing lists, and lists of strings.
 */
#include "arena.h"

#include <stdlib.h>

enum { VEC_FIRST = 2 }; /* most lists of a schema hold one or two things */

void *vec_grow(struct arena *a, void *v, uint32_t *cap, size_t need, size_t size)
{
    size_t wanted = *cap ? (size_t)*cap * 2 : VEC_FIRST;
    void *grown;

    if (wanted < need)
        wanted = need;
    if (wanted > UINT32_MAX || wanted > SIZE_MAX / 2 / size)
        abort();
    if (v && arena_extend(a, v, *cap * size, wanted * size)) {
        *cap = (uint32_t)wanted;
        return v;
    }
    grown = arena_alloc(a, wanted * size);
    if (v && *cap)
        memcpy(grown, v, *cap * size);
    *cap = (uint32_t)wanted;
    return grown;
}

bool strings_have(const struct strings *list, const char *s)
{
    vec_each(i, list)
        if (str_eq(list->v[i], s))
            return true;
    return false;
}

void strings_forget(struct strings *list, const char *s)
{
    size_t kept = 0;

    vec_each(i, list)
        if (!str_eq(list->v[i], s))
            list->v[kept++] = list->v[i];
    list->n = kept;
}

bool strings_eq(const struct strings *a, const struct strings *b)
{
    if (a->n != b->n)
        return false;
    vec_each(i, a)
        if (!str_eq(a->v[i], b->v[i]))
            return false;
    return true;
}

static int compare_strings(const void *a, const void *b)
{
    return str_cmp(*(const char *const *)a, *(const char *const *)b);
}

void strings_sort(struct strings *list)
{
    if (list->n > 1)
        qsort(list->v, list->n, sizeof(*list->v), compare_strings);
}

char *strings_join(struct arena *a, const struct strings *list, const char *separator)
{
    struct str out = {.arena = a};

    vec_each(i, list) {
        if (i)
            str_add(&out, separator);
        str_add(&out, list->v[i]);
    }
    return arena_strdup(a, str_get(&out));
}
