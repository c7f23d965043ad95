/*
 * Names of the indexes that partitions have because their parent has one.
 *
 * The server chooses such a name when it creates the index. Any other name is listed by the partition, under the name
 * of the index or key of the table above it that defines the index.
 */
#include "schema/records.h"

/* ---- in models ---------------------------------------------------------------------------------------- */

static bool index_names_decode(struct decoder *d, const struct node *n, void *value)
{
    struct index_names *list = value;

    if (n->kind != NODE_MAPPING)
        return decode_fail(d, n, "expected a mapping from indexes of the parent to names");
    for (size_t i = 0; i < n->n; i++) {
        struct index_name entry = {0};

        if (!decode_string(d, n->v[2 * i], &entry.of) || !decode_string(d, n->v[2 * i + 1], &entry.name))
            return false;
        vec_add(d->ctx, list, entry);
    }
    return true;
}

static struct node *index_names_encode(struct arena *a, const void *value)
{
    const struct index_names *list = value;
    struct node *n = node_mapping(a);

    vec_each(i, list)
        if (!list->v[i].is_usual)
            node_set(a, n, list->v[i].of, node_string(a, list->v[i].name));
    return n->n ? n : NULL;
}

static bool index_names_eq(const void *va, const void *vb)
{
    const struct index_names *a = va, *b = vb;

    if (a->n != b->n)
        return false;
    vec_each(i, a)
        if (!str_eq(a->v[i].of, b->v[i].of) || !str_eq(a->v[i].name, b->v[i].name))
            return false;
    return true;
}

const struct field_custom index_names_custom = {
    .decode = index_names_decode,
    .encode = index_names_encode,
    .equal = index_names_eq,
    .json_schema = "{\"type\": \"object\", \"additionalProperties\": {\"type\": \"string\"}}",
};

/* ---- looking them up ---------------------------------------------------------------------------------- */

struct index_name *table_index_name(const struct table *t, const char *of)
{
    vec_each(i, &t->index_names)
        if (str_eq(t->index_names.v[i].of, of))
            return &t->index_names.v[i];
    return NULL;
}

void table_set_index_name(struct ctx *ctx, struct table *t, const char *of, const char *name)
{
    struct index_name *there = table_index_name(t, of);

    if (there)
        *there = (struct index_name){.of = of, .name = name};
    else
        vec_add(ctx, &t->index_names, ((struct index_name){.of = of, .name = name}));
}

struct table *table_above_with(
    const struct schema *s, const struct table *t, const char *index, const struct index **ret_index)
{
    while (table_is_partition(t)) {
        struct table *parent = schema_table(s, &t->partition_of);

        if (!parent)
            return NULL;
        *ret_index = table_index(parent, index);
        if (*ret_index || table_constraint(parent, index))
            return parent;
        t = parent;
    }
    return NULL;
}
