/*
 * Compares the tables that a table inherits from.
 *
 * A parent that it no longer has leaves its columns and checks to the table; a new parent's must be there before. So the
 * tables are compared as if both had only the parents that stay. What an heir had before it got its parent remains its own
 * in the database, too: where models do not list it, it is taken for inherited.
 */
#include "diff/differ.h"

static const char *text_of(struct differ *d, const struct qname *name)
{
    return qname_text(&d->ctx->arena, name);
}

/* ---- what is inherited as well ---------------------------------------------------------------------------- */

static const struct column *parents_column(
    struct ctx *ctx, const struct schema *s, const struct table *t, const char *name)
{
    const struct table *parent;
    const struct column *c = NULL;

    for (size_t at = 0; !c && (parent = table_parent(ctx, s, t, at)); at++)
        c = table_column(parent, name);
    return c;
}

static void pair_columns(struct ctx *ctx, const struct dialect *dialect, struct schema *database,
    struct table *a, const struct table *b)
{
    vec_each(i, &b->columns) {
        struct column *c = b->columns.v[i]->is_inherited ? column_before(dialect, a, b->columns.v[i]) : NULL;
        const struct column *from = c && !c->is_inherited ? parents_column(ctx, database, a, c->name) : NULL;

        if (!from || c->identity || c->comment || (c->generated && !column_repeats(c, from)))
            continue;
        c->is_inherited = true;
        c->own_default = !c->generated;
        if (from->nullable && !c->nullable && !column_in_key(a, c->name))
            vec_add(ctx, &a->not_null, c->name);
    }
}

/* Whether a table, or one that it inherits from, has a check that its children inherit. */
static bool has_check(struct ctx *ctx, const struct schema *s, const struct table *t, const char *name)
{
    const struct constraint *c = table_constraint(t, name);
    const struct table *parent;

    if (c && c->kind == CONSTRAINT_CHECK && !c->no_inherit)
        return true;
    for (size_t at = 0; (parent = table_parent(ctx, s, t, at)); at++)
        if (has_check(ctx, s, parent, name))
            return true;
    return false;
}

static bool parents_have_check(
    struct ctx *ctx, const struct schema *s, const struct table *t, const char *name)
{
    const struct table *parent;

    for (size_t at = 0; name && (parent = table_parent(ctx, s, t, at)); at++)
        if (has_check(ctx, s, parent, name))
            return true;
    return false;
}

static void pair_checks(
    struct ctx *ctx, const struct schema *database, struct table *a, const struct table *b)
{
    for (size_t i = a->checks.n; i-- > 0;) {
        const char *name = a->checks.v[i]->name;

        if (!(name && table_constraint(b, name)) && parents_have_check(ctx, database, a, name))
            vec_remove(&a->checks, i);
    }
}

void pair_heirs(
    struct ctx *ctx, const struct dialect *dialect, struct schema *database, const struct schema *models)
{
    vec_each(i, &models->tables) {
        const struct table *b = models->tables.v[i];
        struct table *a = b->inherits.n ? table_before(ctx, dialect, database, b) : NULL;

        if (!a || !a->inherits.n)
            continue;
        pair_columns(ctx, dialect, database, a, b);
        pair_checks(ctx, database, a, b);
    }
}

/* ---- parents that change ---------------------------------------------------------------------------------- */

/* The parents that stay. New ones are added at the end, so these are the first ones of the target, in the same order. */
static struct strings parents_kept(struct differ *d, const struct table *a, const struct table *b)
{
    struct strings kept = {0};
    size_t at = 0;

    vec_each(i, &b->inherits) {
        while (at < a->inherits.n && !str_eq(a->inherits.v[at], b->inherits.v[i]))
            at++;
        if (at++ >= a->inherits.n)
            break;
        vec_add(d->ctx, &kept, b->inherits.v[i]);
    }
    return kept;
}

static void change_parents(struct differ *d, enum op_kind kind, enum phase phase, const struct table *t,
    const struct strings *parents, const struct strings *kept)
{
    vec_each(i, parents) {
        struct op *op;
        struct qname parent;

        if (strings_have(kept, parents->v[i]) || !qname_parse(&d->ctx->arena, parents->v[i], &parent))
            continue;
        op = op_new(d->ctx, kind);
        op->u.parent = (struct op_parent){.table = t->name, .parent = parent};
        op->pos = kind == OP_ADD_PARENT ? t->pos : (struct pos){0};
        differ_add(d, phase, op);
    }
}

/* Defaults that columns have from a parent's sequence must be written for columns of the table's own. */
static struct table *table_with(
    struct differ *d, const struct schema *s, const struct table *t, const struct strings *kept)
{
    struct table *copy = table_leave(d->ctx, s, t, kept);

    vec_each(i, &copy->columns) {
        const struct column *before = table_column(t, copy->columns.v[i]->name);

        if (before->is_inherited && !copy->columns.v[i]->is_inherited)
            copy->columns.v[i]->dflt = default_in(d, s, t, before);
    }
    return copy;
}

void compare_inherits(struct differ *d, const struct table *a, const struct table *b, struct table **ret_a,
    struct table **ret_b)
{
    struct arena *arena = &d->ctx->arena;
    struct strings kept;

    if (strings_eq(&a->inherits, &b->inherits))
        return;
    if (d->found)
        differ_found(d, b->pos, "%s: inherits from (%s) in the database, from (%s) in the models",
            text_of(d, &b->name), strings_join(arena, &a->inherits, ", "),
            strings_join(arena, &b->inherits, ", "));
    kept = parents_kept(d, a, b);
    change_parents(d, OP_DROP_PARENT, PHASE_DETACH, a, &a->inherits, &kept);
    change_parents(d, OP_ADD_PARENT, PHASE_ATTACH, b, &b->inherits, &kept);
    *ret_a = table_with(d, d->from, a, &kept);
    *ret_b = table_with(d, d->to, b, &kept);
}
