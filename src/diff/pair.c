/*
 * Which things of the models are which of the database?
 *
 * An unnamed constraint or index of the models takes the name of the one in the database that has its shape, and
 * only what is left is named by the patterns. What is named so may still turn out to be one of the database's,
 * once the judge has said how its text is spelled: the name is marked, and diff_schemas looks again.
 */
#include "diff/differ.h"

static bool pair_constraints(struct ctx *ctx, const struct dialect *dialect,
    const struct diff_options *options, const struct constraints *before, const struct table *t,
    struct constraints *list)
{
    struct match m = match_constraints(ctx, dialect, before, list);

    vec_each(i, list) {
        struct constraint *c = list->v[i];
        const struct constraint *same = m.of[i];

        if (c->name || c->implied)
            continue;
        if (same) {
            c->name = same->name;
            continue;
        }
        if (!schema_name_constraint(ctx, options->naming, dialect, t, c))
            return false;
        c->name_made = c->name != NULL;
    }
    return true;
}

static bool pair_indexes(struct ctx *ctx, const struct dialect *dialect, const struct diff_options *options,
    const struct indexes *before, struct table *t)
{
    struct match m = match_indexes(ctx, dialect, before, &t->indexes);

    vec_each(i, &t->indexes) {
        struct index *index = t->indexes.v[i];
        const struct index *same = m.of[i];

        if (index->name)
            continue;
        if (same) {
            index->name = same->name;
            continue;
        }
        if (!schema_name_index(ctx, options->naming, dialect, t, index))
            return false;
        index->name_made = true;
    }
    return true;
}

static bool pair_key(struct ctx *ctx, const struct dialect *dialect, const struct diff_options *options,
    const struct constraint *before, struct table *t)
{
    struct constraint *key = t->primary_key;

    if (!key || key->name)
        return true;
    if (before && same_constraint(ctx, dialect, before, key)) {
        key->name = before->name;
        return true;
    }
    if (!schema_name_constraint(ctx, options->naming, dialect, t, key))
        return false;
    key->name_made = key->name != NULL;
    return true;
}

static bool pair_table(struct ctx *ctx, const struct dialect *dialect, const struct diff_options *options,
    const struct table *before, struct table *t)
{
    return pair_key(ctx, dialect, options, before->primary_key, t) &&
           pair_constraints(ctx, dialect, options, &before->uniques, t, &t->uniques) &&
           pair_constraints(ctx, dialect, options, &before->checks, t, &t->checks) &&
           pair_constraints(ctx, dialect, options, &before->foreign_keys, t, &t->foreign_keys) &&
           pair_constraints(ctx, dialect, options, &before->excludes, t, &t->excludes) &&
           pair_indexes(ctx, dialect, options, &before->indexes, t);
}

bool diff_pair(struct ctx *ctx, const struct dialect *dialect, const struct diff_options *options,
    struct schema *database, struct schema *models)
{
    static const struct table nothing;
    struct renames renames = {0};
    struct ops ops = {0};
    struct schema *base;

    if (!renames_resolve(ctx, dialect, options, database, models))
        return false;
    pair_enums(ctx, dialect, database, models);
    renames_collect(ctx, dialect, database, models, options, &renames);
    renames_order(ctx, dialect, database, &renames, &ops);
    if (!renames_apply(ctx, dialect, database, &ops, &base))
        return false;
    vec_each(i, &models->tables) {
        struct table *t = models->tables.v[i];
        const struct table *before = schema_table(base, &t->name);

        if (!pair_table(ctx, dialect, options, before ? before : &nothing, t))
            return false;
    }
    return true;
}
