/*
 * Compares the types of typed tables.
 *
 * A typed table follows its type: the server changes neither its columns, nor the attributes of the type because of
 * the table. So a table whose columns or type change is first detached from the type, and attached to it again at
 * the end.
 */
#include "diff/differ.h"

const char *table_type(const struct table *t)
{
    return t->options ? options_get(t->options, "postgresql", "of") : NULL;
}

static void add_type(struct differ *d, enum phase phase, const struct table *t, const char *type)
{
    struct op *op = op_new(d->ctx, OP_ALTER_TABLE);

    op->pos = t->pos;
    op->u.alter_table.table = t->name;
    options_set(d->ctx, &op->u.alter_table.options, "postgresql", "of", type ? type : "");
    differ_add(d, phase, op);
}

static const struct object *type_named(struct differ *d, const struct schema *s, const char *type)
{
    struct object wanted = {.key = type};

    return object_take_key(&d->ctx->arena, OBJECT_TYPE, &wanted)
               ? objects_find(&s->objects[OBJECT_TYPE], &wanted)
               : NULL;
}

static bool type_changes(struct differ *d, const char *type)
{
    const struct object *a = type_named(d, d->from, type), *b = type_named(d, d->to, type);

    return a && (!b || !object_same(a, b) || differ_goes(d, OBJECT_TYPE, a));
}

static bool same_columns(struct differ *d, const struct table *a, const struct table *b)
{
    if (a->columns.n != b->columns.n)
        return false;
    vec_each(i, &a->columns)
        if (!str_eq(a->columns.v[i]->name, b->columns.v[i]->name) ||
            !same_native_type(d->dialect, a->columns.v[i], b->columns.v[i]))
            return false;
    return true;
}

static bool renames_column(const struct differ *d, const struct table *t)
{
    const struct ops *renames = &d->phases[PHASE_RENAME_PART];

    vec_each(i, renames)
        if (renames->v[i]->kind == OP_RENAME_COLUMN && qname_eq(op_table_name(renames->v[i]), &t->name))
            return true;
    return false;
}

/* As "name type", if the server has printed the type; otherwise none. */
static struct strings attributes_of(struct differ *d, const char *type)
{
    const struct object *a = type_named(d, d->from, type), *b = type_named(d, d->to, type);

    if (b && !b->parts.n && a && object_same(a, b))
        return a->parts;
    return b ? b->parts : (struct strings){0};
}

static bool has_attributes(struct differ *d, const struct table *t, const struct strings *attributes)
{
    if (!attributes->n)
        return true;
    if (attributes->n != t->columns.n)
        return false;
    vec_each(i, &t->columns) {
        const struct sql_piece name = sql_piece(attributes->v[i], SQL_ANY);

        if (!str_eq_ci(sql_piece_text(&d->ctx->arena, &name), t->columns.v[i]->name))
            return false;
    }
    return true;
}

static void check_columns(struct differ *d, const struct table *t)
{
    const char *type = table_type(t);
    const struct strings attributes = type && d->refused ? attributes_of(d, type) : (struct strings){0};

    if (!has_attributes(d, t, &attributes))
        differ_refuse(d, t->pos,
            ctx_printf(d->ctx, "the columns of table '%s' are not the attributes of type '%s'",
                qname_text(&d->ctx->arena, &t->name), type),
            "List the columns of a typed table as its type has them, in the same order.");
}

void compare_types(struct differ *d)
{
    vec_each(i, &d->to->tables)
        check_columns(d, d->to->tables.v[i]);
    vec_each(i, &d->from->tables) {
        const struct table *a = d->from->tables.v[i], *b = schema_table(d->to, &a->name);
        const char *from = table_type(a), *to = b ? table_type(b) : NULL;
        bool steps_aside =
            from && (type_changes(d, from) ||
                        (b && (!same_columns(d, a, b) || renames_column(d, b) || !str_eq(from, to))));

        if (steps_aside)
            add_type(d, PHASE_DETACH, b ? b : a, NULL);
        if (to && (steps_aside || !from))
            add_type(d, PHASE_CREATE_CONSTRAINT, b, to);
    }
}
