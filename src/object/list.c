/* Lists of objects of one kind, by name, and what makes two objects the same. */
#include "cmig/object.h"

#include <stdlib.h>

static int by_name(const void *a, const void *b)
{
    return qname_cmp(&(*(struct object *const *)a)->name, &(*(struct object *const *)b)->name);
}

static size_t place(const struct objects *list, const struct qname *name)
{
    size_t low = 0, high = list->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (qname_cmp(&list->v[middle]->name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct object *objects_find(const struct objects *list, const struct qname *name)
{
    size_t at = place(list, name);
    return at < list->n && qname_eq(&list->v[at]->name, name) ? list->v[at] : NULL;
}

void objects_insert(struct ctx *ctx, struct objects *list, struct object *o)
{
    vec_insert(ctx, list, place(list, &o->name), o);
}

void objects_remove(struct objects *list, const struct object *o)
{
    for (size_t i = list->n; i-- > 0;)
        if (list->v[i] == o)
            vec_remove(list, i);
}

void objects_sort(struct objects *list)
{
    if (list->n)
        qsort(list->v, list->n, sizeof(*list->v), by_name);
}

static int by_rank(const void *a, const void *b)
{
    const struct object *x = *(struct object *const *)a, *y = *(struct object *const *)b;
    return (x->rank > y->rank) - (x->rank < y->rank);
}

struct objects objects_ranked(struct ctx *ctx, const struct objects *list)
{
    struct objects copy = {0};
    vec_each(i, list)
        vec_add(ctx, &copy, list->v[i]);
    if (copy.n)
        qsort(copy.v, copy.n, sizeof(*copy.v), by_rank);
    return copy;
}

void object_pair(enum object_kind kind, struct object *there, const struct object *wanted)
{
    const struct object_setting *settings = object_table[kind].settings;
    for (size_t i = 0; i < OBJECT_SETTINGS; i++)
        if (wanted ? !wanted->settings[i] : settings[i].meaning == SETTING_VERSION)
            there->settings[i] = NULL;
}

const char *object_schema(enum object_kind kind, const struct object *o)
{
    for (size_t i = 0; i < OBJECT_SETTINGS; i++)
        if (object_table[kind].settings[i].meaning == SETTING_SCHEMA && o->settings[i] &&
            !str_starts(o->settings[i], "pg_"))
            return o->settings[i];
    return NULL;
}

bool object_same(const struct object *a, const struct object *b)
{
    for (size_t i = 0; i < OBJECT_SETTINGS; i++)
        if (!str_eq(a->settings[i], b->settings[i]))
            return false;
    return true;
}
