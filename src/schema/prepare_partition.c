/*
 * Prepares partitioned tables, partitions and inherited tables for one database.
 *
 * Without partitions in a database, a partitioned table is one plain table there. Inherited tables cannot be left out
 * in this way, since they hold rows of their own.
 */

#include "schema/prepare.h"

static const char *name_text(struct preparing *p, const struct table *t)
{
    return qname_text(&p->ctx->arena, &t->name);
}

/* ---- databases without them --------------------------------------------------------------------------- */

static bool partitions_drop(struct preparing *p)
{
    struct tables *list = &p->schema->tables;
    size_t kept = 0;
    bool any = false;

    vec_each(i, list) {
        struct table *t = list->v[i];

        if (t->inherits.n) {
            fail_at(p->ctx, STATUS_CONFIG, t->pos,
                "table '%s' inherits from '%s': %s has no inherited tables", name_text(p, t),
                t->inherits.v[0], dialect_title(p->ctx, p->dialect));
            return fail_hint(p->ctx, "List the columns in each table instead.");
        }
        any = any || table_is_partitioned(t);
        t->partition_by = (struct expr){0};
        if (!table_is_partition(t))
            list->v[kept++] = t;
    }
    list->n = kept;
    if (any)
        log_warn(p->ctx, "%s has no partitions: a table with 'partition_by' is a plain table there",
            dialect_title(p->ctx, p->dialect));
    return true;
}

/* ---- parents ------------------------------------------------------------------------------------------ */

static bool fail_no_parent(struct preparing *p, const struct table *t, const char *parent)
{
    struct strings names = {0};

    vec_each(i, &p->schema->tables)
        if (p->schema->tables.v[i] != t)
            vec_add(p->ctx, &names, name_text(p, p->schema->tables.v[i]));
    return fail_nearest(
        p, t->pos, parent, &names, "the parent of table '%s' does not exist: '%s'", name_text(p, t), parent);
}

static bool partition_check(struct preparing *p, struct table *t)
{
    const struct table *parent;

    if (!name_local(p, t->pos, "table", &t->partition_of))
        return false;
    parent = schema_table(p->schema, &t->partition_of);
    if (!parent)
        return fail_no_parent(p, t, qname_text(&p->ctx->arena, &t->partition_of));
    return table_is_partitioned(parent) ||
           fail_at(p->ctx, STATUS_CONFIG, t->pos, "table '%s' has partitions, but no `partition_by`",
               name_text(p, parent));
}

/* Names of parents are written as the schema's own names are. */
static bool inherits_check(struct preparing *p, struct table *t)
{
    vec_each(i, &t->inherits) {
        struct qname q;

        if (!qname_parse(&p->ctx->arena, t->inherits.v[i], &q))
            return fail_at(p->ctx, STATUS_CONFIG, t->pos, "invalid name '%s'", t->inherits.v[i]);
        if (!name_local(p, t->pos, "table", &q))
            return false;
        if (!schema_table(p->schema, &q))
            return fail_no_parent(p, t, t->inherits.v[i]);
        t->inherits.v[i] = qname_text(&p->ctx->arena, &q);
    }
    return true;
}

static bool circle_check(struct preparing *p, const struct table *t)
{
    const struct table *up = t;

    for (size_t n = 0; up && n <= p->schema->tables.n; n++)
        up = table_parent(p->ctx, p->schema, up, 0);
    return !up || fail_at(p->ctx, STATUS_CONFIG, t->pos, "table '%s' is its own ancestor", name_text(p, t));
}

static void texts_prepare(struct preparing *p, struct table *t)
{
    const char *by = dtext_for(&t->partition_by.sql, p->dialect->name);
    const char *bound = dtext_for(&t->bound.sql, p->dialect->name);

    if (by)
        t->partition_by.native = partition_by_native(p->ctx, p->dialect, by);
    if (bound)
        t->bound.native = bound_native(p->ctx, p->dialect, bound);
}

/* ---- parts that name columns of a parent -------------------------------------------------------------- */

static bool column_check(struct preparing *p, const struct table *t, struct pos pos, const char *column)
{
    struct strings names = {0};

    if (!column || table_column(t, column))
        return true;
    vec_each(i, &t->columns)
        vec_add(p->ctx, &names, t->columns.v[i]->name);
    return fail_nearest(p, pos, column, &names, "table '%s' has no column '%s'", name_text(p, t), column);
}

static bool columns_check(
    struct preparing *p, const struct table *t, struct pos pos, const struct strings *columns)
{
    vec_each(i, columns)
        if (!column_check(p, t, pos, columns->v[i]))
            return false;
    return true;
}

static bool parts_check(
    struct preparing *p, const struct table *t, struct pos pos, const struct index_parts *parts)
{
    vec_each(i, parts)
        if (!column_check(p, t, pos, parts->v[i]->column))
            return false;
    return true;
}

static bool not_null_check(struct preparing *p, const struct table *t)
{
    vec_each(i, &t->not_null) {
        const char *name = t->not_null.v[i];

        if (!column_check(p, t, t->pos, name))
            return false;
        if (!table_column(t, name)->is_inherited) {
            fail_at(
                p->ctx, STATUS_CONFIG, t->pos, "column '%s' of table '%s' is its own", name, name_text(p, t));
            return fail_hint(p->ctx, "Write 'nullable: false' there instead of listing it in 'not_null'.");
        }
    }
    return true;
}

/* What is still listed is no column that the table inherits with a default. */
static bool defaults_check(struct preparing *p, const struct table *t)
{
    const struct column *listed = t->defaults.n ? t->defaults.v[0] : NULL;

    if (!listed)
        return true;
    if (!column_check(p, t, listed->pos, listed->name))
        return false;
    if (table_column(t, listed->name)->generated)
        return fail_at(p->ctx, STATUS_CONFIG, listed->pos,
            "column '%s' of table '%s' is generated: it has no default", listed->name, name_text(p, t));
    fail_at(p->ctx, STATUS_CONFIG, listed->pos, "column '%s' of table '%s' is its own", listed->name,
        name_text(p, t));
    return fail_hint(p->ctx, "Write 'default' there instead of listing it in 'defaults'.");
}

static bool child_check(struct preparing *p, const struct table *t)
{
    const struct constraint *c;

    if (!not_null_check(p, t) || !defaults_check(p, t))
        return false;

    for (size_t state = 0; (c = table_next_constraint(t, &state));)
        if (!columns_check(p, t, c->pos, &c->columns) || !columns_check(p, t, c->pos, &c->include) ||
            !parts_check(p, t, c->pos, &c->parts))
            return false;
    vec_each(i, &t->indexes) {
        const struct index *x = t->indexes.v[i];

        if (!parts_check(p, t, x->pos, &x->parts) || !columns_check(p, t, x->pos, &x->include))
            return false;
    }
    return true;
}

bool partitions_prepare(struct preparing *p)
{
    const struct tables *list = &p->schema->tables;

    if (!p->dialect->has.children)
        return partitions_drop(p);
    vec_each(i, list) {
        struct table *t = list->v[i];

        texts_prepare(p, t);
        if ((table_is_partition(t) && !partition_check(p, t)) || !inherits_check(p, t))
            return false;
    }
    vec_each(i, list)
        if (!circle_check(p, list->v[i]))
            return false;
    schema_inherit(p->ctx, p->schema);
    vec_each(i, list)
        if ((table_is_partition(list->v[i]) || list->v[i]->inherits.n) && !child_check(p, list->v[i]))
            return false;
    return true;
}
