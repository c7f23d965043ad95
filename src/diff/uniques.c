/*
 * Pairs unique constraints with unique indexes, on databases that do not distinguish them.
 *
 * Reflection calls all of them constraints. If the models have one as an index, the database's constraint becomes an
 * index, too.
 */
#include "diff/differ.h"

static bool same_columns(const struct dialect *dialect, const struct index *i, const struct constraint *c)
{
    if (i->parts.n != c->columns.n)
        return false;
    vec_each(k, &c->columns) {
        const struct index_part *part = i->parts.v[k];

        if (!part->column || part->order != ORDER_ASC || part->length ||
            !same_name(dialect, part->column, c->columns.v[k]))
            return false;
    }
    return true;
}

/* The index of its name, or one of the same columns that has no counterpart in the models under another name. */
static size_t find_unique(
    const struct dialect *dialect, const struct table *before, const struct table *t, const struct index *i)
{
    const struct constraints *list = &before->uniques;

    vec_each(k, list)
        if (i->name && same_name(dialect, list->v[k]->name, i->name))
            return k;
    vec_each(k, list)
        if (same_columns(dialect, i, list->v[k]) && !table_index(t, list->v[k]->name) &&
            !table_constraint(t, list->v[k]->name))
            return k;
    return list->n;
}

static struct index *index_of(struct ctx *ctx, const struct constraint *c)
{
    struct index *i = ctx_new(ctx, struct index);

    i->name = c->name;
    i->unique = true;
    vec_each(k, &c->columns) {
        struct index_part *part = ctx_new(ctx, struct index_part);

        part->column = c->columns.v[k];
        vec_add(ctx, &i->parts, part);
    }
    return i;
}

static void pair_table(
    struct ctx *ctx, const struct dialect *dialect, struct table *before, const struct table *t)
{
    vec_each(k, &t->indexes) {
        const struct index *i = t->indexes.v[k];
        size_t at = i->unique ? find_unique(dialect, before, t, i) : before->uniques.n;

        if (at == before->uniques.n)
            continue;
        vec_add(ctx, &before->indexes, index_of(ctx, before->uniques.v[at]));
        vec_remove(&before->uniques, at);
    }
}

void pair_uniques(
    struct ctx *ctx, const struct dialect *dialect, struct schema *database, const struct schema *models)
{
    if (!dialect->has.unique_indexes)
        return;
    vec_each(i, &models->tables) {
        struct table *before = table_before(ctx, dialect, database, models->tables.v[i]);

        if (before)
            pair_table(ctx, dialect, before, models->tables.v[i]);
    }
}
