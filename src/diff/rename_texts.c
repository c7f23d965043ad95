/*
 * Puts new names into texts that name renamed objects.
 *
 * Databases store references and print them with the current names, so a trigger, a view or a default that names a
 * renamed function is no difference. One text alone does not show which words are the function's name: a column may
 * have the same one. So both texts are compared: if they differ only in the name, the old text becomes the new one.
 * If a text differs in other ways, too, every word that may be the name is replaced, because the order of operations
 * follows from the names in texts.
 */
#include "diff/differ.h"

struct following {
    struct ctx *ctx;
    const struct dialect *dialect;
    struct object_renames renames;
    const struct ops *ops; /* the same as operations, with those that move obstacles */
};

static const char *with_new_names(const struct following *f, const char *text)
{
    vec_each(i, f->ops) {
        const struct op *op = f->ops->v[i];
        enum object_kind kind = op_object_kind(op->kind);

        if (kind == OBJECT_KINDS || object_table[kind].naming == NAMED_ON_TABLE)
            continue;
        const struct object renamed = op_renamed_object(&f->ctx->arena, op);
        text = (object_table[kind].naming == NAMED_BY_SIGNATURE ? sql_rename_calls : sql_rename)(
            f->ctx, f->dialect, text, op->u.object.object.name.name, renamed.name.name);
    }
    return text;
}

/* `to` NULL: the object is dropped. */
static void text_follow(const struct following *f, const char **from, const char *to)
{
    if (!*from || str_eq(*from, to))
        return;
    if (to && sql_same_but_for_renames(*from, to, &f->renames))
        *from = to;
    else
        *from = with_new_names(f, *from);
}

static void expr_follow(const struct following *f, struct expr *from, const struct expr *to)
{
    text_follow(f, &from->native, to ? to->native : NULL);
}

static void parts_follow(
    const struct following *f, const struct index_parts *from, const struct index_parts *to)
{
    vec_each(i, from)
        expr_follow(f, &from->v[i]->expr, to && i < to->n ? &to->v[i]->expr : NULL);
}

/* ---- objects ---------------------------------------------------------------------------------------------- */

static void object_follow(const struct following *f, struct object *from, const struct object *to)
{
    struct strings parts = {0};

    text_follow(f, &from->native, to ? to->native : NULL);
    vec_each(i, &from->parts) {
        const char *part = from->parts.v[i];

        text_follow(f, &part, to && i < to->parts.n ? to->parts.v[i] : NULL);
        vec_add(f->ctx, &parts, part);
    }
    from->parts = parts;
}

/* A dropped object: the names in its text show that it depends on a renamed table. */
static void dropped_follow(const struct following *f, struct object *o)
{
    vec_each(i, f->ops) {
        const struct op *op = f->ops->v[i];

        if (op->kind == OP_RENAME_TABLE && !o->of.name)
            o->native =
                sql_rename(f->ctx, f->dialect, o->native, op->u.rename.name.name, op->u.rename.new_name.name);
    }
}

static void objects_follow(const struct following *f, const struct schema *from, const struct schema *to)
{
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        vec_each(i, &from->objects[kind]) {
            struct object *o = from->objects[kind].v[i];
            const struct object *other = objects_find(&to->objects[kind], o);

            object_follow(f, o, other);
            if (!other)
                dropped_follow(f, o);
        }
}

/* ---- tables and views ------------------------------------------------------------------------------------- */

static void column_follow(const struct following *f, struct column *from, const struct column *to)
{
    expr_follow(f, &from->dflt.expr, to ? &to->dflt.expr : NULL);
    if (from->generated)
        expr_follow(f, &from->generated->expr, to && to->generated ? &to->generated->expr : NULL);
}

static bool is_alike(const struct following *f, const struct expr *from, const struct expr *to)
{
    return sql_same_but_for_renames(from->native, to->native, &f->renames);
}

/* By name; a constraint without one by its expression. */
static const struct constraint *find_constraint(
    const struct following *f, const struct constraints *list, const struct constraint *c)
{
    vec_each(i, list)
        if (list->v[i]->name && str_eq(list->v[i]->name, c->name))
            return list->v[i];
    vec_each(i, list)
        if ((!list->v[i]->name || list->v[i]->name_made) && is_alike(f, &c->check, &list->v[i]->check))
            return list->v[i];
    return NULL;
}

static void constraints_follow(
    const struct following *f, const struct constraints *from, const struct constraints *to)
{
    vec_each(i, from) {
        const struct constraint *c = find_constraint(f, to, from->v[i]);

        expr_follow(f, &from->v[i]->check, c ? &c->check : NULL);
        expr_follow(f, &from->v[i]->where, c ? &c->where : NULL);
        parts_follow(f, &from->v[i]->parts, c ? &c->parts : NULL);
    }
}

static bool parts_are_alike(
    const struct following *f, const struct index_parts *from, const struct index_parts *to)
{
    if (from->n != to->n)
        return false;
    vec_each(i, from)
        if (!str_eq(from->v[i]->column, to->v[i]->column) || !is_alike(f, &from->v[i]->expr, &to->v[i]->expr))
            return false;
    return true;
}

static const struct index *find_index(
    const struct following *f, const struct indexes *list, const struct index *x)
{
    vec_each(i, list)
        if (list->v[i]->name && str_eq(list->v[i]->name, x->name))
            return list->v[i];
    vec_each(i, list)
        if (!list->v[i]->name && parts_are_alike(f, &x->parts, &list->v[i]->parts))
            return list->v[i];
    return NULL;
}

static void indexes_follow(const struct following *f, const struct indexes *from, const struct indexes *to)
{
    vec_each(i, from) {
        const struct index *x = find_index(f, to, from->v[i]);

        expr_follow(f, &from->v[i]->where, x ? &x->where : NULL);
        parts_follow(f, &from->v[i]->parts, x ? &x->parts : NULL);
    }
}

static void table_follow(const struct following *f, struct table *from, const struct table *to)
{
    vec_each(i, &from->columns)
        column_follow(f, from->columns.v[i], table_column(to, from->columns.v[i]->name));
    expr_follow(f, &from->partition_by, &to->partition_by);
    expr_follow(f, &from->bound, &to->bound);
    constraints_follow(f, &from->checks, &to->checks);
    constraints_follow(f, &from->excludes, &to->excludes);
    indexes_follow(f, &from->indexes, &to->indexes);
}

/* ---- all of it -------------------------------------------------------------------------------------------- */

/* Whether the database puts the new name into texts that name the object. */
static bool is_followed(const struct dialect *dialect, enum op_kind kind)
{
    return (op_object_kind(kind) < OBJECT_KINDS && !dialect->has.late_bodies) || kind == OP_RENAME_ENUM ||
           kind == OP_RENAME_SEQUENCE || (kind == OP_RENAME_VIEW && dialect->has.followed_views);
}

bool renames_follow(struct ctx *ctx, const struct dialect *dialect, struct schema *from,
    const struct schema *to, const struct renames *renames, struct ops *ret_ops, struct schema **ret)
{
    static const struct table no_table;
    static const struct view no_view;
    struct following f = {.ctx = ctx, .dialect = dialect, .ops = ret_ops};
    struct schema *renamed;

    renames_order(ctx, dialect, from, renames, ret_ops);
    if (!renames_apply(ctx, dialect, from, ret_ops, &renamed))
        return false;
    vec_each(i, renames)
        if (is_followed(dialect, renames->v[i].kind))
            vec_add(ctx, &f.renames, ((struct object_rename){renames->v[i].from, renames->v[i].to}));
    *ret = renamed;
    if (!ret_ops->n)
        return true;
    if (!dialect->has.late_bodies)
        objects_follow(&f, renamed, to);
    if (!f.renames.n)
        return true;
    vec_each(i, &renamed->tables) {
        const struct table *t = schema_table(to, &renamed->tables.v[i]->name);

        table_follow(&f, renamed->tables.v[i], t ? t : &no_table);
    }
    vec_each(i, &renamed->views) {
        const struct view *v = schema_view(to, &renamed->views.v[i]->name);

        v = v ? v : &no_view;
        expr_follow(&f, &renamed->views.v[i]->body, &v->body);
        indexes_follow(&f, &renamed->views.v[i]->indexes, &v->indexes);
    }
    return true;
}
