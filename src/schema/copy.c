/* Copies parts of a schema so that the copy can be changed. */

#include "cmig/schema.h"

/* A list of its own with the same elements. */
#define LIST_COPY(ctx, list) \
    ((list)->v = list_copy(ctx, (list)->v, &(list)->cap, (list)->n, sizeof(*(list)->v)))

#define COPY_OF(ctx, type, object) ((type *)memcpy(ctx_new(ctx, type), object, sizeof(type)))

static void *list_copy(struct ctx *ctx, const void *v, uint32_t *cap, uint32_t n, size_t size)
{
    *cap = n;
    return n ? memcpy(arena_alloc(&ctx->arena, n * size), v, n * size) : NULL;
}

static struct options *options_copy(struct ctx *ctx, const struct options *o)
{
    struct options *copy;

    if (!o)
        return NULL;
    copy = COPY_OF(ctx, struct options, o);
    LIST_COPY(ctx, copy);
    return copy;
}

static void parts_copy(struct ctx *ctx, struct index_parts *parts)
{
    LIST_COPY(ctx, parts);
    vec_each(i, parts)
        parts->v[i] = COPY_OF(ctx, struct index_part, parts->v[i]);
}

struct column *column_copy(struct ctx *ctx, const struct column *c)
{
    struct column *copy = COPY_OF(ctx, struct column, c);

    if (c->identity)
        copy->identity = COPY_OF(ctx, struct identity, c->identity);
    if (c->generated)
        copy->generated = COPY_OF(ctx, struct generated, c->generated);
    if (c->values) {
        copy->values = COPY_OF(ctx, struct strings, c->values);
        LIST_COPY(ctx, copy->values);
    }
    copy->options = options_copy(ctx, c->options);
    return copy;
}

struct constraint *constraint_copy(struct ctx *ctx, const struct constraint *c)
{
    struct constraint *copy = COPY_OF(ctx, struct constraint, c);

    LIST_COPY(ctx, &copy->columns);
    LIST_COPY(ctx, &copy->include);
    LIST_COPY(ctx, &copy->referred_columns);
    LIST_COPY(ctx, &copy->set_columns);
    parts_copy(ctx, &copy->parts);
    copy->options = options_copy(ctx, c->options);
    return copy;
}

struct index *index_copy(struct ctx *ctx, const struct index *i)
{
    struct index *copy = COPY_OF(ctx, struct index, i);

    LIST_COPY(ctx, &copy->include);
    parts_copy(ctx, &copy->parts);
    copy->options = options_copy(ctx, i->options);
    return copy;
}

static void constraints_copy(struct ctx *ctx, struct constraints *list)
{
    LIST_COPY(ctx, list);
    vec_each(i, list)
        list->v[i] = constraint_copy(ctx, list->v[i]);
}

static void indexes_copy(struct ctx *ctx, struct indexes *list)
{
    LIST_COPY(ctx, list);
    vec_each(i, list)
        list->v[i] = index_copy(ctx, list->v[i]);
}

struct table *table_copy(struct ctx *ctx, const struct table *t)
{
    struct table *copy = COPY_OF(ctx, struct table, t);

    LIST_COPY(ctx, &copy->inherits);
    LIST_COPY(ctx, &copy->not_null);
    LIST_COPY(ctx, &copy->defaults);
    LIST_COPY(ctx, &copy->index_names);
    LIST_COPY(ctx, &copy->columns);
    vec_each(i, &copy->columns)
        copy->columns.v[i] = column_copy(ctx, copy->columns.v[i]);
    if (t->primary_key)
        copy->primary_key = constraint_copy(ctx, t->primary_key);
    constraints_copy(ctx, &copy->uniques);
    constraints_copy(ctx, &copy->checks);
    constraints_copy(ctx, &copy->foreign_keys);
    constraints_copy(ctx, &copy->excludes);
    indexes_copy(ctx, &copy->indexes);
    copy->options = options_copy(ctx, t->options);
    return copy;
}

struct view *view_copy(struct ctx *ctx, const struct view *v)
{
    struct view *copy = COPY_OF(ctx, struct view, v);

    LIST_COPY(ctx, &copy->columns);
    indexes_copy(ctx, &copy->indexes);
    LIST_COPY(ctx, &copy->depends_on);
    copy->options = options_copy(ctx, v->options);
    return copy;
}
