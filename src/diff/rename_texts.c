/*
 * Texts that name what is renamed.
 *
 * Databases store references and print them with the names of the day, so a trigger, a view or a default that names a
 * renamed function is no difference. How such a name is written cannot be told from one text alone, since a column may
 * have the name, too. So both texts are read together: where they differ in nothing but the name, the old one takes the
 * new one's words.
 */
#include "diff/differ.h"

struct following {
    struct ctx *ctx;
    struct object_renames renames;
};

static void text_follow(const struct following *f, const char **from, const char *to)
{
    if (*from && to && !str_eq(*from, to) && sql_same_but_for_renames(*from, to, &f->renames))
        *from = to;
}

static void expr_follow(const struct following *f, struct expr *from, const struct expr *to)
{
    text_follow(f, &from->native, to->native);
}

static void parts_follow(const struct following *f, struct index_parts *from, const struct index_parts *to)
{
    for (size_t i = 0; i < from->n && i < to->n; i++)
        expr_follow(f, &from->v[i]->expr, &to->v[i]->expr);
}

/* ---- objects ---------------------------------------------------------------------------------------------- */

static void object_follow(const struct following *f, struct object *from, const struct object *to)
{
    struct strings parts = {0};

    text_follow(f, &from->native, to->native);
    vec_each(i, &from->parts) {
        const char *part = from->parts.v[i];

        if (i < to->parts.n)
            text_follow(f, &part, to->parts.v[i]);
        vec_add(f->ctx, &parts, part);
    }
    from->parts = parts;
}

static void objects_follow(const struct following *f, const struct schema *from, const struct schema *to)
{
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        vec_each(i, &from->objects[kind]) {
            struct object *o = from->objects[kind].v[i];
            const struct object *other = objects_find(&to->objects[kind], o);

            if (other)
                object_follow(f, o, other);
        }
}

/* ---- tables and views ------------------------------------------------------------------------------------- */

static void column_follow(const struct following *f, struct column *from, const struct column *to)
{
    expr_follow(f, &from->dflt.expr, &to->dflt.expr);
    if (from->generated && to->generated)
        expr_follow(f, &from->generated->expr, &to->generated->expr);
}

/* By name, or those of the same place when they have none. */
static void constraints_follow(
    const struct following *f, const struct constraints *from, const struct constraints *to)
{
    vec_each(i, from)
        vec_each(k, to) {
            if (to->v[k]->name && !to->v[k]->name_made && !str_eq(from->v[i]->name, to->v[k]->name))
                continue;
            expr_follow(f, &from->v[i]->check, &to->v[k]->check);
            expr_follow(f, &from->v[i]->where, &to->v[k]->where);
            parts_follow(f, &from->v[i]->parts, &to->v[k]->parts);
        }
}

static void indexes_follow(const struct following *f, const struct indexes *from, const struct indexes *to)
{
    vec_each(i, from)
        vec_each(k, to) {
            if (to->v[k]->name && !str_eq(from->v[i]->name, to->v[k]->name))
                continue;
            expr_follow(f, &from->v[i]->where, &to->v[k]->where);
            parts_follow(f, &from->v[i]->parts, &to->v[k]->parts);
        }
}

static void table_follow(const struct following *f, struct table *from, const struct table *to)
{
    vec_each(i, &from->columns) {
        const struct column *c = table_column(to, from->columns.v[i]->name);

        if (c)
            column_follow(f, from->columns.v[i], c);
    }
    expr_follow(f, &from->partition_by, &to->partition_by);
    expr_follow(f, &from->bound, &to->bound);
    constraints_follow(f, &from->checks, &to->checks);
    constraints_follow(f, &from->excludes, &to->excludes);
    indexes_follow(f, &from->indexes, &to->indexes);
}

/* ---- all of it -------------------------------------------------------------------------------------------- */

/* What texts name, and go on to name when it is called otherwise. */
static bool is_followed(const struct dialect *dialect, enum op_kind kind)
{
    return op_object_kind(kind) < OBJECT_KINDS || kind == OP_RENAME_ENUM || kind == OP_RENAME_SEQUENCE ||
           (kind == OP_RENAME_VIEW && dialect->has.followed_views);
}

bool renames_follow(struct ctx *ctx, const struct dialect *dialect, struct schema *from,
    const struct schema *to, const struct renames *renames, struct ops *ret_ops, struct schema **ret)
{
    struct following f = {.ctx = ctx};
    struct schema *renamed;

    renames_order(ctx, dialect, from, renames, ret_ops);
    if (!renames_apply(ctx, dialect, from, ret_ops, &renamed))
        return false;
    vec_each(i, renames)
        if (is_followed(dialect, renames->v[i].kind))
            vec_add(ctx, &f.renames, ((struct object_rename){renames->v[i].from, renames->v[i].to}));
    *ret = renamed;
    if (!f.renames.n)
        return true;
    objects_follow(&f, renamed, to);
    vec_each(i, &renamed->tables) {
        const struct table *t = schema_table(to, &renamed->tables.v[i]->name);

        if (t)
            table_follow(&f, renamed->tables.v[i], t);
    }
    vec_each(i, &renamed->views) {
        const struct view *v = schema_view(to, &renamed->views.v[i]->name);

        if (v) {
            expr_follow(&f, &renamed->views.v[i]->body, &v->body);
            indexes_follow(&f, &renamed->views.v[i]->indexes, &v->indexes);
        }
    }
    return true;
}
