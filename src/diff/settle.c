/* Copies the texts that the judge printed into a schema. */
#include "diff/differ.h"

static void settle_text(struct expr *to, const struct expr *from)
{
    if (from->native && to->native)
        to->native = from->native;
}

/* The printed expression may be a column. */
static void settle_parts(struct index_parts *to, const struct index_parts *from)
{
    for (size_t i = 0; i < to->n && i < from->n; i++) {
        struct index_part *part = to->v[i];

        settle_text(&part->expr, &from->v[i]->expr);
        if (from->v[i]->column && !part->column) {
            part->column = from->v[i]->column;
            part->expr = (struct expr){0};
        }
        part->collation = from->v[i]->collation;
        part->opclass = from->v[i]->opclass;
        part->nulls = from->v[i]->nulls;
    }
}

/* A condition that is always true is none. */
static void settle_where(struct expr *to, const struct expr *from)
{
    if (from->native)
        settle_text(to, from);
    else
        *to = (struct expr){0};
}

static void settle_column(struct column *to, const struct column *from)
{
    if (from->native)
        to->native = from->native;
    if (from->dflt.kind == VALUE_NONE)
        to->dflt = (struct value){0}; /* NULL */
    else if (to->dflt.kind != VALUE_NONE)
        settle_text(&to->dflt.expr, &from->dflt.expr);
    if (from->generated && to->generated)
        settle_text(&to->generated->expr, &from->generated->expr);
}

static void settle_constraint(struct constraint *to, const struct constraint *from)
{
    settle_text(&to->check, &from->check);
    settle_where(&to->where, &from->where);
    settle_parts(&to->parts, &from->parts);
}

/* By name; those without one by their place among such. */
static struct constraint *find_constraint(
    const struct constraints *list, const struct constraints *of, size_t at)
{
    size_t unnamed = 0;

    if (of->v[at]->name) {
        vec_each(i, list)
            if (str_eq(list->v[i]->name, of->v[at]->name))
                return list->v[i];
        return NULL;
    }
    for (size_t i = 0; i < at; i++)
        unnamed += !of->v[i]->name;
    vec_each(i, list)
        if (!list->v[i]->name && unnamed-- == 0)
            return list->v[i];
    return NULL;
}

static void settle_constraints(struct constraints *to, const struct constraints *from)
{
    vec_each(i, to) {
        const struct constraint *printed = find_constraint(from, to, i);

        if (printed)
            settle_constraint(to->v[i], printed);
    }
}

static void settle_indexes(const struct indexes *to, const struct table *from)
{
    vec_each(i, to) {
        struct index *index = to->v[i];
        const struct index *printed = index->name ? table_index(from, index->name) : NULL;

        if (!printed)
            continue;
        settle_where(&index->where, &printed->where);
        settle_parts(&index->parts, &printed->parts);
    }
}

static void settle_options(
    struct ctx *ctx, const struct dialect *dialect, struct options *to, const struct options *from)
{
    for (const struct option_row *o = dialect->options; to && from && o && o->on; o++) {
        const char *printed = options_get(from, dialect->name, o->key);

        if (str_eq(o->kind, "sql") && printed && options_get(to, dialect->name, o->key))
            options_set(ctx, to, dialect->name, o->key, printed);
    }
}

static void settle_table(
    struct ctx *ctx, const struct dialect *dialect, struct table *to, const struct table *from)
{
    settle_text(&to->partition_by, &from->partition_by);
    settle_text(&to->bound, &from->bound);
    settle_options(ctx, dialect, to->options, from->options);
    vec_each(i, &to->columns) {
        const struct column *printed = table_column(from, to->columns.v[i]->name);

        if (printed)
            settle_column(to->columns.v[i], printed);
    }
    settle_constraints(&to->checks, &from->checks);
    settle_constraints(&to->excludes, &from->excludes);
    settle_indexes(&to->indexes, from);
}

static void settle_view(struct view *to, const struct view *from)
{
    const struct table t = view_as_table(from);

    settle_text(&to->body, &from->body);
    if (from->depends_on.n)
        to->depends_on = from->depends_on;
    settle_indexes(&to->indexes, &t);
}

void diff_settle(
    struct ctx *ctx, const struct dialect *dialect, const struct schema *normalised, struct schema *s)
{
    vec_each(i, &normalised->tables) {
        struct table *t = schema_table(s, &normalised->tables.v[i]->name);

        if (t)
            settle_table(ctx, dialect, t, normalised->tables.v[i]);
    }
    for (size_t kind = 0; kind < OBJECT_KINDS; kind++)
        vec_each(i, &normalised->objects[kind]) {
            const struct object *printed = normalised->objects[kind].v[i];
            struct object *o = objects_find(&s->objects[kind], printed);

            if (!o)
                continue;
            o->native = printed->native;
            o->parts = printed->parts;
        }
    vec_each(i, &normalised->views) {
        const struct view *printed = normalised->views.v[i];
        struct view *v = schema_view(s, &printed->name);

        if (v)
            settle_view(v, printed);
    }
}
