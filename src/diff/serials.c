/*
 * Takes serial columns apart where the other schema has their parts.
 *
 * A column, its default and the sequence of that default are three things. A serial column is all of them under one
 * name, which is enough as long as the other schema has a serial column there too, or nothing that takes numbers. Where
 * it lists the sequence, or has a default that takes from one, the parts are compared one by one; so a sequence is
 * altered or renamed instead of dropped and created, and keeps its counter.
 */
#include "diff/differ.h"

static const char *name_key(struct ctx *ctx, const struct schema *s, const struct qname *name)
{
    const char *schema = name->schema ? name->schema : s->default_schema;

    return ctx_printf(ctx, "%s\n%s", schema ? schema : "", name->name);
}

bool column_takes_from(struct ctx *ctx, const struct dialect *dialect, const struct schema *s,
    const struct table *t, const struct column *c, struct qname *ret)
{
    bool comes_with_it;

    if (!dialect->column_sequence || !dialect->column_sequence(ctx, t, c, ret, &comes_with_it) ||
        comes_with_it)
        return false;
    if (ret->schema && str_eq(ret->schema, s->default_schema))
        ret->schema = NULL;
    return true;
}

static void take_apart(
    struct ctx *ctx, const struct dialect *dialect, struct schema *s, const struct table *t, struct column *c)
{
    struct sequence *q = dialect->serial_apart(ctx, t, c);

    if (q && !schema_sequence(s, &q->name))
        schema_insert_sequence(ctx, s, q);
}

/* Serial columns whose sequence the other schema lists. Where their own schema lists one of that name, too, it is
 * another one, and the server gives the column's a number. */
static void take_listed(
    struct ctx *ctx, const struct dialect *dialect, struct schema *s, const struct schema *other)
{
    struct map listed = MAP(ctx);
    struct qname name;
    bool comes_with_it;

    vec_each(i, &other->sequences)
        map_set(&listed, name_key(ctx, other, &other->sequences.v[i]->name), s);
    for (size_t i = 0; listed.n && i < s->tables.n; i++) {
        const struct table *t = s->tables.v[i];

        vec_each(k, &t->columns)
            if (dialect->column_sequence(ctx, t, t->columns.v[k], &name, &comes_with_it) && comes_with_it &&
                map_get(&listed, name_key(ctx, s, &name)) && !schema_sequence(s, &name))
                take_apart(ctx, dialect, s, t, t->columns.v[k]);
    }
}

struct column *column_before(
    const struct dialect *dialect, const struct table *before, const struct column *c)
{
    const char *name = c->renamed_from ? c->renamed_from : c->name;

    vec_each(i, &before->columns)
        if (same_name(dialect, before->columns.v[i]->name, name))
            return before->columns.v[i];
    return NULL;
}

/* Serial columns for which the other schema has a column with a default that takes from a sequence. */
static void take_paired(
    struct ctx *ctx, const struct dialect *dialect, struct schema *database, struct schema *models)
{
    struct qname name;

    vec_each(i, &models->tables) {
        const struct table *t = models->tables.v[i], *before = table_before(ctx, dialect, database, t);

        for (size_t k = 0; before && k < t->columns.n; k++) {
            struct column *b = t->columns.v[k], *a = column_before(dialect, before, b);

            if (a && column_takes_from(ctx, dialect, models, t, b, &name))
                take_apart(ctx, dialect, database, before, a);
            else if (a && column_takes_from(ctx, dialect, database, before, a, &name))
                take_apart(ctx, dialect, models, t, b);
        }
    }
}

void pair_serials(
    struct ctx *ctx, const struct dialect *dialect, struct schema *database, struct schema *models)
{
    if (!dialect->serial_apart)
        return;
    take_paired(ctx, dialect, database, models);
    take_listed(ctx, dialect, database, models);
    take_listed(ctx, dialect, models, database);
}

/* ---- renames ----------------------------------------------------------------------------------------------
 * Where a column takes its numbers from one sequence before and from another one afterwards, and the first is gone as
 * the other comes, it is the same sequence under a new name.
 */

static bool is_taken(const struct ops *renames, const struct qname *old, const struct qname *new)
{
    vec_each(i, renames)
        if (qname_eq(&renames->v[i]->u.rename.name, old) || qname_eq(&renames->v[i]->u.rename.new_name, new))
            return true;
    return false;
}

/* A sequence that is only in one schema, and another one that is only in the other. */
static bool is_renamed(
    const struct schema *from, const struct schema *to, const struct qname *old, const struct qname *new)
{
    return schema_sequence(from, old) && !schema_sequence(to, old) && schema_sequence(to, new) &&
           !schema_sequence(from, new);
}

static void rename_sequence(
    struct differ *d, const struct qname *old, const struct qname *new, struct ops *ret)
{
    struct op *op = op_new(d->ctx, OP_RENAME_SEQUENCE);

    op->u.rename.name = *old;
    op->u.rename.new_name = *new;
    vec_add(d->ctx, ret, op);
    if (d->found)
        differ_found(d, schema_sequence(d->to, new)->pos, "sequence '%s': called '%s' in the database",
            qname_text(&d->ctx->arena, new), qname_text(&d->ctx->arena, old));
}

void rename_sequences(struct differ *d, struct ops *ret)
{
    vec_each(i, &d->to->tables) {
        const struct table *b = d->to->tables.v[i], *a = schema_table(d->from, &b->name);

        for (size_t k = 0; d->from->sequences.n && a && k < b->columns.n; k++) {
            const struct column *before = table_column(a, b->columns.v[k]->name);
            struct qname old, new;

            if (before && column_takes_from(d->ctx, d->dialect, d->from, a, before, &old) &&
                column_takes_from(d->ctx, d->dialect, d->to, b, b->columns.v[k], &new) &&
                is_renamed(d->from, d->to, &old, &new) && !is_taken(ret, &old, &new))
                rename_sequence(d, &old, &new, ret);
        }
    }
}
