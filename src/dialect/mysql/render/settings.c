/*
 * Renders changes of the settings of a table that only this database has.
 *
 * Most are words of ALTER TABLE. Partitions, periods and system versioning are clauses of their own, which cannot be
 * combined.
 */
#include "dialect/mysql/render/render.h"
#include "dialect/mysql/spell/partitions.h"
#include "dialect/mysql/spell/periods.h"
#include "dialect/mysql/spell/text.h"
#include "dialect/mysql/spell/types.h"

/* In a script the server puts the collation in place of the word. */
#define DATABASE_COLLATION "cmig_database_collation"

static bool database_collation(struct rendering *r, const char **ret)
{
    struct strings row = {0};
    *ret = DATABASE_COLLATION;
    if (!r->state->conn)
        return true;
    if (!my_query_row(r->state->conn, "SELECT @@collation_database", &row))
        return false;
    *ret = row.n ? row.v[0] : NULL;
    return true;
}

/* Existing columns keep the table's old collation, so columns that inherit it are given the new one. */
static bool add_inheriting(
    struct rendering *r, const struct qname *name, const char *collation, struct sql *q)
{
    struct table *t;
    if (!my_table_now(r, name, &t))
        return false;
    vec_each(i, &t->columns) {
        struct column *c = column_copy(r->ctx, t->columns.v[i]);
        if (c->collation || !my_type_has_collation(c->native))
            continue;
        c->collation = collation;
        sql_addf(q, ", MODIFY COLUMN %I", c->name);
        if (!my_column_definition(r, t, c, q))
            return false;
    }
    return true;
}

/* ---- partitions -------------------------------------------------------------------------------------- */

static bool render_nothing_to_do(struct rendering *r)
{
    struct sql q = my_render_begin(r);
    sql_add(&q, "DO 0");
    my_render_add(r, &q);
    return true;
}

static bool has_clauses(const struct options *o)
{
    vec_each(i, o)
        if (str_eq(o->v[i].dialect, "mysql") && my_is_clause(o->v[i].key))
            return true;
    return false;
}

static void add_partitions(struct sql *q, const struct my_partition_list *list)
{
    vec_each(i, list)
        sql_addf(q, i ? ", PARTITION %E" : "(PARTITION %E", list->v[i].text);
    sql_add(q, ")");
}

static void add_names(struct sql *q, const char *verb, const struct my_partition_list *list)
{
    vec_each(i, list)
        if (i)
            sql_addf(q, ", %I", list->v[i].name);
        else
            sql_addf(q, "%E %I", verb, list->v[i].name);
}

/* The ADD or REORGANIZE of a change. */
static void add_change(struct rendering *r, const struct my_partition_change *c, struct sql *q)
{
    struct my_partition_list from = c->merged, into = c->added;
    if (!c->split) {
        sql_add(q, "ADD PARTITION ");
        add_partitions(q, &c->added);
        return;
    }
    vec_add(r->ctx, &from, *c->split);
    vec_add(r->ctx, &into, *c->split);
    add_names(q, "REORGANIZE PARTITION", &from);
    sql_add(q, " INTO ");
    add_partitions(q, &into);
}

/* Partitions cannot be dropped and added in one ALTER TABLE. As one statement these are one part of the record, and an
 * interrupted one is rendered again from what is left to do. */
static void render_list(struct rendering *r, const struct qname *table, const struct my_partition_change *c)
{
    struct sql q = my_render_begin(r);
    bool has_change = c->split || c->added.n, are_both = c->dropped.n && has_change;
    sql_addf(&q, are_both ? "BEGIN NOT ATOMIC ALTER TABLE %Q " : "ALTER TABLE %Q ", table);
    add_names(&q, "DROP PARTITION", &c->dropped);
    if (are_both)
        sql_addf(&q, "; ALTER TABLE %Q ", table);
    if (has_change)
        add_change(r, c, &q);
    if (are_both)
        sql_add(&q, "; END");
    my_render_add(r, &q)->flags &= ~(unsigned)STATEMENT_ALTER;
}

/* Only what differs is changed: partitions are dropped or added. Anything else divides all rows again. */
static bool render_partitioning(struct rendering *r, const struct my_change *change)
{
    const struct qname *name = &change->before->name;
    struct my_partition_change list;
    const struct my_partitioning a = my_partitioning_of(r->ctx, change->before->options);
    const struct my_partitioning b = my_partitioning_of(r->ctx, change->after->options);
    if (my_expr_same(r->ctx, NULL, a.by, b.by) && my_expr_same(r->ctx, NULL, a.list, b.list))
        return render_nothing_to_do(r);
    if (my_partitioning_change(r->ctx, &a, &b, &list)) {
        render_list(r, name, &list);
        return true;
    }
    struct sql q = my_render_alter(r, name);
    if (b.by)
        my_partitioning_add(r->ctx, &q, &b);
    else
        sql_add(&q, "REMOVE PARTITIONING");
    my_render_add(r, &q)->flags &= ~(unsigned)STATEMENT_ALTER;
    return true;
}

/* ---- versions and periods ---------------------------------------------------------------------------- */

static bool render_versioning(struct rendering *r, const struct my_change *change)
{
    bool was = my_is_versioned(change->before->options), is = my_is_versioned(change->after->options);
    if (was == is)
        return render_nothing_to_do(r);
    vec_each(i, &change->before->columns)
        if (my_system_time(change->before->columns.v[i])) {
            fail(r->ctx, STATUS_FAILED,
                "cannot change 'system_versioning' of table '%s', which has columns for it",
                change->before->name.name);
            return fail_hint(r->ctx,
                "Write the ALTER TABLE with 'execute': columns, period and versioning change in "
                "one statement.");
        }
    struct sql q = my_render_alter(r, &change->before->name);
    sql_add(&q, is ? "ADD SYSTEM VERSIONING" : "DROP SYSTEM VERSIONING");
    my_render_add(r, &q)->flags &= ~(unsigned)STATEMENT_ALTER;
    return true;
}

static bool render_period(struct rendering *r, const struct my_change *change)
{
    const struct my_period was = my_period_of(r->ctx, change->before->options);
    const struct my_period is = my_period_of(r->ctx, change->after->options);
    struct sql q = my_render_alter(r, &change->before->name);
    if (my_period_same(&was, &is))
        return render_nothing_to_do(r);
    if (was.name)
        sql_addf(&q, "DROP PERIOD FOR %I%E", was.name, is.name ? ", " : "");
    if (is.name)
        sql_addf(&q, "ADD PERIOD FOR %I (%I, %I)", is.name, is.from, is.to);
    my_render_add(r, &q)->flags &= ~(unsigned)STATEMENT_ALTER;
    return true;
}

/* ---- other options ----------------------------------------------------------------------------------- */

/* Options that only one engine knows are removed before the table moves to another, which may reject their words. */
static void remove_first(struct rendering *r, const struct qname *table, struct options *given)
{
    struct options removed = {0};
    struct sql q = my_render_begin(r);
    for (size_t i = given->n; i-- > 0 && options_get(given, "mysql", "engine");) {
        const struct option o = given->v[i];
        if (!my_is_of_one_engine(o.key) || !str_eq(o.value, my_usual_option(o.key)))
            continue;
        options_set(r->ctx, &removed, "mysql", o.key, o.value);
        options_remove(given, "mysql", o.key);
    }
    sql_addf(&q, "ALTER TABLE %Q", table);
    my_add_table_options(&q, &removed);
    if (removed.n)
        my_render_add(r, &q);
}

static bool render_others(struct rendering *r, const struct qname *table, struct options *given)
{
    remove_first(r, table, given);
    struct sql q = my_render_begin(r);
    sql_addf(&q, "ALTER TABLE %Q", table);
    my_add_table_options(&q, given);
    const char *collation = options_get(given, "mysql", "collation");
    r->is_alone = collation || options_get(given, "mysql", "engine");
    if (collation && !add_inheriting(r, table, collation, &q))
        return false;
    if (str_eq(collation, DATABASE_COLLATION)) {
        struct sql filled = my_render_begin(r);
        sql_addf(&filled, "EXECUTE IMMEDIATE replace(%L, '" DATABASE_COLLATION "', @@collation_database)",
            sql_end(&q));
        q = filled;
    }
    my_render_add(r, &q);
    return true;
}

/* Those that are words of their own in the definition of a table. */
static bool take_others(struct rendering *r, const struct options *from, struct options *ret)
{
    vec_each(i, from) {
        const struct option *option = &from->v[i];
        const char *value = *option->value ? option->value : my_usual_option(option->key);
        if (!str_eq(option->dialect, "mysql") || my_is_clause(option->key))
            continue;
        if (!value && !database_collation(r, &value))
            return false;
        options_set(r->ctx, ret, "mysql", option->key, value);
    }
    return true;
}

/* Each kind of option is a statement, or one that does nothing, so that their number depends on the operation alone: the
 * record counts them. Versions begin before, and end after, the partitions that hold them. */
bool my_render_alter_table(struct rendering *r, const struct op *op)
{
    const struct op_alter_table *o = &op->u.alter_table;
    static bool (*const steps[])(struct rendering * r, const struct my_change *change) = {
        render_period, render_versioning, render_partitioning};
    static const char *const keys[] = {"period", "system_versioning", "partition_by"};
    struct options others = {0};
    struct my_change change;
    if (!take_others(r, &o->options, &others))
        return false;
    if (others.n && !render_others(r, &o->table, &others))
        return false;
    if (!has_clauses(&o->options))
        return true;
    if (!my_change_of(r, &o->table, &change))
        return false;
    bool ends = my_is_versioned(change.before->options) && !my_is_versioned(change.after->options);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        size_t at = ends ? COUNT_OF(steps) - 1 - i : i;
        bool is_given = options_get(&o->options, "mysql", keys[at]) ||
                        (at == COUNT_OF(steps) - 1 && options_get(&o->options, "mysql", "partitions"));
        r->is_alone = true;
        if (is_given && !steps[at](r, &change))
            return false;
    }
    return true;
}
