/* Applies add_parent, drop_parent and copy_rows: what a table gets from another one, or keeps as its own. */
#include "op/apply.h"
#include "op/apply_schema.h"

static bool find(const struct op_call *o, struct table **ret, struct table **ret_parent)
{
    const struct op_parent *op = &o->op->u.parent;
    const struct qname name = call_name(o, op->table), parent = call_name(o, op->parent);

    *ret = call_find_table(o, &name);
    *ret_parent = call_find_table(o, &parent);
    if (*ret && *ret_parent)
        return true;
    return fail(o->ctx, STATUS_CONFIG, "table '%s' does not exist",
        qname_text(&o->ctx->arena, *ret ? &parent : &name));
}

static const char *parent_text(const struct op_call *o, const struct table *parent)
{
    return qname_text(&o->ctx->arena, &parent->name);
}

/* A default is kept, and so is NOT NULL where the parent's column may be NULL. */
static void take_from_parent(const struct op_call *o, struct table *t, const struct table *parent)
{
    vec_each(i, &parent->columns) {
        struct column *c = table_column(t, parent->columns.v[i]->name);

        if (!c || c->is_inherited)
            continue;
        c->is_inherited = true;
        c->own_default = !c->generated && c->dflt.kind != parent->columns.v[i]->dflt.kind;
        if (!c->nullable)
            vec_add(o->ctx, &t->not_null, c->name);
    }
    for (size_t i = t->checks.n; i-- > 0;) {
        const char *name = t->checks.v[i]->name;
        const struct constraint *other = name ? table_constraint(parent, name) : NULL;

        if (other && other->kind == CONSTRAINT_CHECK && !other->no_inherit)
            vec_remove(&t->checks, i);
    }
}

/* Rows are no part of a schema: only the names are checked. */
bool call_copy_rows(const struct op_call *o)
{
    const struct op_copy_rows *op = &o->op->u.copy_rows;
    const struct qname names[] = {call_name(o, op->table), call_name(o, op->from)};

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct table *t = call_find_table(o, &names[i]);

        if (!t)
            return fail(
                o->ctx, STATUS_CONFIG, "table '%s' does not exist", qname_text(&o->ctx->arena, &names[i]));
        vec_each(k, &op->columns)
            if (!table_column(t, op->columns.v[k]))
                return fail(o->ctx, STATUS_CONFIG, "table '%s' has no column '%s'",
                    qname_text(&o->ctx->arena, &names[i]), op->columns.v[k]);
    }
    return true;
}

bool call_add_parent(const struct op_call *o)
{
    struct table *t, *parent;

    if (!find(o, &t, &parent))
        return false;
    if (table_inherits(t, &parent->name))
        return fail(o->ctx, STATUS_CONFIG, "table '%s' already inherits from '%s'",
            qname_text(&o->ctx->arena, &t->name), parent_text(o, parent));
    vec_each(i, &parent->columns)
        if (!table_column(t, parent->columns.v[i]->name))
            return fail(o->ctx, STATUS_CONFIG, "table '%s' lacks column '%s' of '%s'",
                qname_text(&o->ctx->arena, &t->name), parent->columns.v[i]->name, parent_text(o, parent));
    take_from_parent(o, t, parent);
    vec_add(o->ctx, &t->inherits, parent_text(o, parent));
    schema_note_table(o->ctx, o->schema, t);
    schema_inherit(o->ctx, o->schema);
    return true;
}

bool call_drop_parent(const struct op_call *o)
{
    struct table *t, *parent;
    struct strings kept = {0};

    if (!find(o, &t, &parent))
        return false;
    if (!table_inherits(t, &parent->name))
        return fail(o->ctx, STATUS_CONFIG, "table '%s' does not inherit from '%s'",
            qname_text(&o->ctx->arena, &t->name), parent_text(o, parent));
    vec_each(i, &t->inherits)
        if (!str_eq(t->inherits.v[i], parent_text(o, parent)))
            vec_add(o->ctx, &kept, t->inherits.v[i]);
    *t = *table_leave(o->ctx, o->schema, t, &kept);
    schema_inherit(o->ctx, o->schema);
    return true;
}
