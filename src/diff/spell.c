/*
 * Fills operations with the objects that they concern.
 *
 * Copies in the spelling of model files: reflected objects get one, so that a downgrade can be written. The check
 * that replaces an enum is left out; the column's values imply it.
 */
#include "diff/differ.h"

static void spell_expr(struct expr *e)
{
    if (!dtext_is_set(&e->sql) && e->native)
        e->sql.text = e->native;
}

static void spell_parts(struct index_parts *parts)
{
    vec_each(i, parts)
        spell_expr(&parts->v[i]->expr);
}

static struct constraint *spelled_constraint(struct differ *d, const struct constraint *c)
{
    struct constraint *copy = constraint_copy(d->ctx, c);

    spell_expr(&copy->check);
    spell_expr(&copy->where);
    spell_parts(&copy->parts);
    return copy;
}

static struct index *spelled_index(struct differ *d, const struct index *i)
{
    struct index *copy = index_copy(d->ctx, i);

    spell_expr(&copy->where);
    spell_parts(&copy->parts);
    return copy;
}

static bool is_unspelled(const struct value *v)
{
    return v->kind != VALUE_NONE && !dtext_is_set(&v->expr.sql);
}

/* Revision files hold an enum's values with each column, for databases that have no enums. */
static void spell_column(struct differ *d, const struct table *t, struct column *c)
{
    const struct enumeration *e;

    if (!dtext_is_set(&c->type) || is_unspelled(&c->dflt) || is_unspelled(&c->on_update))
        column_spell(d->ctx, d->dialect, t, c);
    if (c->dflt.kind != VALUE_NONE)
        spell_expr(&c->dflt.expr);
    if (c->generated)
        spell_expr(&c->generated->expr);
    c->renamed_from = NULL;
    if (c->values || !(e = column_enumeration(d->ctx, d->dialect, d->to, c)))
        return;
    c->values = ctx_new(d->ctx, struct strings);
    *c->values = e->values;
}

struct column *spelled_column(struct differ *d, const struct table *t, const struct column *c)
{
    struct column *copy = column_copy(d->ctx, c);

    spell_column(d, t, copy);
    return copy;
}

/* The short form on the columns means a key in their order only. */
static void spell_key(struct table *t)
{
    const struct constraint *key = t->primary_key;
    size_t at = 0;

    vec_each(i, &t->columns) {
        if (!t->columns.v[i]->primary_key)
            continue;
        if (!key || at >= key->columns.n || !str_eq(t->columns.v[i]->name, key->columns.v[at++]))
            at = SIZE_MAX;
    }
    if (key && at == key->columns.n)
        return;
    vec_each(i, &t->columns)
        t->columns.v[i]->primary_key = false;
}

struct op *op_create_table_for(struct differ *d, const struct table *t)
{
    struct op *op = op_new(d->ctx, OP_CREATE_TABLE);
    struct table bare = *t, *copy; /* without what is not copied as it is */
    struct constraints checks = {0};

    bare.columns = (struct columns){0};
    bare.indexes = (struct indexes){0};
    copy = table_copy(d->ctx, &bare);

    copy->renamed_from = NULL;
    copy->inherited = NULL;
    copy->index_names = (struct index_names){0}; /* compare_index_names() */
    spell_expr(&copy->partition_by);
    spell_expr(&copy->bound);
    copy->defaults = table_own_defaults(d->ctx, t);
    vec_each(i, &copy->defaults)
        copy->defaults.v[i] = spelled_column(d, t, copy->defaults.v[i]);
    vec_each(i, &t->columns)
        if (!t->columns.v[i]->is_inherited)
            vec_add(d->ctx, &copy->columns, spelled_column(d, t, t->columns.v[i]));
    vec_each(i, &copy->checks) {
        if (copy->checks.v[i]->implied)
            continue;
        spell_expr(&copy->checks.v[i]->check);
        vec_add(d->ctx, &checks, copy->checks.v[i]);
    }
    copy->checks = checks;
    vec_each(i, &copy->excludes) {
        spell_expr(&copy->excludes.v[i]->where);
        spell_parts(&copy->excludes.v[i]->parts);
    }
    spell_key(copy);
    op->u.create_table.table = *copy;
    return op;
}

/* Its key, if it has one, is an operation of its own. */
struct op *op_add_column_for(struct differ *d, const struct table *t, const struct column *c)
{
    struct op *op = op_new(d->ctx, OP_ADD_COLUMN);
    struct column *copy = spelled_column(d, t, c);

    copy->primary_key = false;
    op->u.add_column.table = t->name;
    op->u.add_column.column = *copy;
    return op;
}

struct op *op_create_index_for(struct differ *d, const struct table *t, const struct index *i)
{
    struct op *op = op_new(d->ctx, OP_CREATE_INDEX);

    op->u.create_index.table = t->name;
    op->u.create_index.index = *spelled_index(d, i);
    return op;
}

struct op *op_create_constraint_for(struct differ *d, const struct table *t, const struct constraint *c)
{
    return op_create_constraint_new(d->ctx, &t->name, spelled_constraint(d, c));
}

/* By name and type; what has no name by its columns or its expression. */
struct op *op_drop_constraint_for(struct differ *d, const struct table *t, const struct constraint *c)
{
    struct op *op = op_new(d->ctx, OP_DROP_CONSTRAINT);
    struct op_drop_constraint *o = &op->u.drop_constraint;

    o->table = t->name;
    o->name = c->name;
    o->type = (int)c->kind + 1;
    if (c->name)
        return op;
    o->columns = c->columns;
    o->references = c->references;
    o->check = c->check;
    spell_expr(&o->check);
    return op;
}

struct op *op_drop_index_for(struct differ *d, const struct table *t, const struct index *i)
{
    struct op *op = op_new(d->ctx, OP_DROP_INDEX);

    op->u.drop_index.table = t->name;
    op->u.drop_index.name = i->name;
    return op;
}

struct op *op_rename_part_for(
    struct differ *d, enum op_kind kind, const struct table *t, const char *from, const char *to)
{
    struct op *op = op_new(d->ctx, kind);

    op->u.rename_part = (struct op_rename_part){.table = t->name, .name = from, .new_name = to};
    return op;
}

struct op *op_set_comment_for(
    struct differ *d, const char *on, const struct qname *table, struct qname name, const char *comment)
{
    struct op *op = op_new(d->ctx, OP_SET_COMMENT);

    op->u.set_comment = (struct op_set_comment){.on = on, .name = name, .comment = comment};
    if (table)
        op->u.set_comment.table = *table;
    return op;
}

struct op *op_view_for(struct differ *d, enum op_kind kind, const struct view *v)
{
    struct op *op = op_new(d->ctx, kind);

    op->u.view.view = *view_copy(d->ctx, v);
    spell_expr(&op->u.view.view.body);
    vec_each(i, &v->indexes)
        op->u.view.view.indexes.v[i] = spelled_index(d, v->indexes.v[i]);
    return op;
}

struct op *op_drop_for(struct differ *d, enum op_kind kind, const struct qname *name)
{
    struct op *op = op_new(d->ctx, kind);

    op->u.drop.name = *name;
    return op;
}
