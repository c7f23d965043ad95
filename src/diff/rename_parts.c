/*
 * Orders the renames of indexes and constraints, so that no name is taken before it is free, and frees the
 * names of objects that are dropped late.
 *
 * Indexes of one schema share their names, and keys and exclusion constraints share them too, where names of
 * indexes are global; constraints of one table share theirs. In a circle one of them gets a temporary name.
 */
#include "diff/differ.h"

struct part {
    struct op *op;
    bool is_relation;   /* its name is one of the schema's */
    bool is_constraint; /* its name is one of the table's constraints */
};
struct parts VEC_OF(struct part);

static struct part part_of(const struct differ *d, struct op *op)
{
    const struct op_rename_part *o = &op->u.rename_part;
    const struct table *t = schema_table(d->from, &o->table);
    const struct constraint *c = t ? table_constraint(t, o->name) : NULL;
    bool is_global = d->dialect->has.global_indexes;

    if (op->kind == OP_RENAME_INDEX)
        return (struct part){.op = op, .is_relation = is_global};
    return (struct part){
        .op = op,
        .is_relation = is_global && c && c->kind != CONSTRAINT_CHECK && c->kind != CONSTRAINT_FOREIGN_KEY,
        .is_constraint = true,
    };
}

static bool share_names(const struct part *a, const struct part *b)
{
    const struct qname *x = &a->op->u.rename_part.table, *y = &b->op->u.rename_part.table;

    if (a->is_relation && b->is_relation && str_eq(x->schema, y->schema))
        return true;
    return a->is_constraint == b->is_constraint && qname_eq(x, y);
}

/* Whether the new name of one is the present name of another. */
static bool must_wait(const struct differ *d, const struct parts *waiting, const struct part *p)
{
    vec_each(i, waiting) {
        const struct part *other = &waiting->v[i];

        if (other->op != p->op && share_names(other, p) &&
            same_name(d->dialect, other->op->u.rename_part.name, p->op->u.rename_part.new_name))
            return true;
    }
    return false;
}

/* Whether a table, what belongs to it, or another object of the schema has a name, wherever it is. */
static bool has_name(const struct differ *d, const struct schema *s, const char *name)
{
    vec_each(i, &s->tables) {
        const struct table *t = s->tables.v[i];

        if (same_name(d->dialect, t->name.name, name) || table_index(t, name) || table_constraint(t, name))
            return true;
    }
    vec_each(i, &s->enums)
        if (str_eq(s->enums.v[i]->name.name, name))
            return true;
    vec_each(i, &s->sequences)
        if (str_eq(s->sequences.v[i]->name.name, name))
            return true;
    vec_each(i, &s->views) {
        const struct table t = view_as_table(s->views.v[i]);

        if (same_name(d->dialect, t.name.name, name) || table_index(&t, name))
            return true;
    }
    return false;
}

static const char *free_name(const struct differ *d, const char *old)
{
    const char *name = name_aside(d->ctx, d->dialect, old, 0);

    for (unsigned n = 1; has_name(d, d->from, name) || has_name(d, d->to, name); n++)
        name = name_aside(d->ctx, d->dialect, old, n);
    return name;
}

/* Renames one of a circle to a name that nothing has. */
static void step_aside(struct differ *d, struct part *p, struct ops *ret)
{
    struct op_rename_part *o = &p->op->u.rename_part;
    struct op *op = op_new(d->ctx, p->op->kind);
    const char *name = free_name(d, o->name);

    op->u.rename_part = (struct op_rename_part){.table = o->table, .name = o->name, .new_name = name};
    vec_add(d->ctx, ret, op);
    o->name = name;
}

void renames_order_parts(struct differ *d)
{
    struct ops *list = &d->phases[PHASE_RENAME_PART], ordered = {0};
    struct parts waiting = {0};

    if (list->n < 2)
        return;
    vec_each(i, list)
        vec_add(d->ctx, &waiting, part_of(d, list->v[i]));
    while (waiting.n) {
        size_t at = 0;

        while (at < waiting.n && must_wait(d, &waiting, &waiting.v[at]))
            at++;
        if (at == waiting.n) {
            step_aside(d, &waiting.v[0], &ordered);
            continue;
        }
        vec_add(d->ctx, &ordered, waiting.v[at].op);
        vec_remove(&waiting, at);
    }
    *list = ordered;
}

static void clear_dropped(struct differ *d, enum phase phase, enum op_kind rename)
{
    vec_each(i, &d->phases[phase]) {
        struct op_drop *drop = &d->phases[phase].v[i]->u.drop;
        struct op *op;

        if (!has_name(d, d->to, drop->name.name))
            continue;
        op = op_new(d->ctx, rename);
        op->u.rename.name = drop->name;
        op->u.rename.new_name =
            (struct qname){.schema = drop->name.schema, .name = free_name(d, drop->name.name)};
        drop->name = op->u.rename.new_name;
        differ_add(d, PHASE_RENAME, op);
    }
}

void clear_dropped_names(struct differ *d)
{
    clear_dropped(d, PHASE_DROP_SEQUENCE, OP_RENAME_SEQUENCE);
    clear_dropped(d, PHASE_DROP_ENUM, OP_RENAME_ENUM);
}
