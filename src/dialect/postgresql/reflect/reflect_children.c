/*
 * Settles partitions and inherited tables once all tables are read.
 *
 * A child without its parent cannot be created, so it is named as unmodelled, or left out with an excluded
 * parent. A column of a child may be NOT NULL by itself and have a default of its own; its other differences from the
 * parent's column are named, too: models cannot express them.
 */
#include "dialect/postgresql/reflect/reflect.h"
#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/spell/types.h"

static size_t count_parents(const struct table *t)
{
    return table_is_partition(t) ? 1 : t->inherits.n;
}

/* ---- children without parents ------------------------------------------------------------------------ */

static bool is_parent_excluded(struct reflection *r, const struct table *t)
{
    return table_is_partition(t) && r->scope && scope_excludes(r->scope, "table", &t->partition_of, r->home);
}

static bool has_parents(struct reflection *r, const struct table *t)
{
    for (size_t at = 0; at < count_parents(t); at++)
        if (!table_parent(r->ctx, r->s, t, at))
            return false;
    return true;
}

static bool remove_orphans(struct reflection *r)
{
    struct tables *list = &r->s->tables;
    for (size_t i = 0; i < list->n; i++) {
        const struct table *t = list->v[i];
        if (has_parents(r, t))
            continue;
        if (!is_parent_excluded(r, t))
            reflection_unmodelled(r, table_is_partition(t) ? "partition" : "inherited table", &t->name, NULL);
        vec_remove(list, i);
        return true;
    }
    return false;
}

/* ---- columns of children ----------------------------------------------------------------------------- */

/* A serial column's default is not said. */
static const char *default_of(struct reflection *r, const struct column *c)
{
    if (c->dflt.kind != VALUE_NONE || !c->sequence)
        return c->dflt.kind == VALUE_NONE ? NULL : c->dflt.expr.native;
    struct sql text = sql_begin(r->ctx, &postgresql_dialect);
    sql_addf(&text, "nextval(%L::regclass)", pg_qname(&r->ctx->arena, &c->sequence->name));
    return sql_end(&text);
}

/* Of what the parent's column has, settings for statistics and compression need not be on a child's. */
static bool has_own_options(const struct column *c, const struct column *parent)
{
    for (size_t i = 0; c->options && i < c->options->n; i++) {
        const struct option *o = &c->options->v[i];
        const char *other = parent->options ? options_get(parent->options, o->dialect, o->key) : NULL;
        if (!str_eq(o->value, other))
            return true;
    }
    return false;
}

static const char *difference_of(const struct column *c, const struct column *parent)
{
    if (c->nullable && !parent->nullable)
        return "nullable";
    if (c->comment)
        return "comment";
    if (c->identity && !parent->identity)
        return "identity";
    if (c->on_update.kind != VALUE_NONE)
        return "on_update";
    return has_own_options(c, parent) ? "options" : NULL;
}

static const struct column *column_of_parents(struct reflection *r, const struct table *t, const char *name)
{
    const struct column *c = NULL;
    for (size_t at = 0; !c && at < count_parents(t); at++)
        c = table_column(table_parent(r->ctx, r->s, t, at), name);
    return c;
}

/* Children's columns that are generated in the same way as the parent's. */
static void leave_to_parents(struct reflection *r, const struct table *t)
{
    vec_each(i, &t->columns) {
        struct column *c = t->columns.v[i];
        const struct column *parent = c->is_inherited ? NULL : column_of_parents(r, t, c->name);
        c->is_inherited |= parent && c->generated && column_repeats(c, parent);
    }
}

static void list_not_null(struct reflection *r, struct table *t)
{
    vec_each(i, &t->columns) {
        const struct column *c = t->columns.v[i];
        const struct column *parent = c->is_inherited ? column_of_parents(r, t, c->name) : NULL;
        if (parent && parent->nullable && !c->nullable && !column_in_key(t, c->name))
            vec_add(r->ctx, &t->not_null, c->name);
    }
}

/* A sequence of the child's own is one that its default takes from, not a part of a serial column. */
static void take_own_defaults(struct reflection *r, const struct table *t)
{
    vec_each(i, &t->columns) {
        struct column *c = t->columns.v[i];
        const struct column *parent = c->is_inherited ? column_of_parents(r, t, c->name) : NULL;
        if (!parent || c->generated || str_eq(default_of(r, c), default_of(r, parent)))
            continue;
        c->own_default = true;
        struct sequence *q = c->sequence ? pg_serial_apart(r->ctx, t, c) : NULL;
        if (q && !schema_sequence(r->s, &q->name))
            schema_insert_sequence(r->ctx, r->s, q);
    }
}

static void name_differences(struct reflection *r, const struct table *t)
{
    vec_each(i, &t->columns) {
        const struct column *c = t->columns.v[i];
        const struct column *parent = c->is_inherited ? column_of_parents(r, t, c->name) : NULL;
        const char *what = parent ? difference_of(c, parent) : NULL;
        if (what)
            reflection_unmodelled(
                r, "inherited column", &t->name, ctx_printf(r->ctx, "%s of column %s", what, c->name));
    }
}

void reflection_settle_children(struct reflection *r)
{
    bool any = false;
    while (remove_orphans(r))
        ;
    vec_each(i, &r->s->tables)
        any = any || count_parents(r->s->tables.v[i]);
    for (size_t i = 0; any && i < r->s->tables.n; i++)
        if (count_parents(r->s->tables.v[i])) {
            leave_to_parents(r, r->s->tables.v[i]);
            list_not_null(r, r->s->tables.v[i]);
            take_own_defaults(r, r->s->tables.v[i]);
            name_differences(r, r->s->tables.v[i]);
        }
}
