/* Renders operations on whole tables. */
#include "dialect/mysql/render/render.h"
#include "dialect/mysql/spell/partitions.h"
#include "dialect/mysql/spell/text.h"
#include "dialect/mysql/spell/types.h"

/* The columns of an operation have no native types yet; a table in memory gets them. */
static bool native_table(struct rendering *r, const struct table *given, struct table **ret)
{
    struct schema s = {0};
    const struct ops one = {.v = (struct op **)&r->op, .n = 1};
    if (!ops_apply(r->ctx, &mysql_dialect, &s, &one))
        return false;
    *ret = schema_table(&s, &given->name);
    return true;
}

static bool add_columns(struct rendering *r, const struct table *t, struct sql *q)
{
    vec_each(i, &t->columns) {
        sql_addf(q, i ? ",\n    %I" : "\n    %I", t->columns.v[i]->name);
        if (!my_column_definition(r, t, t->columns.v[i], q))
            return false;
    }
    return true;
}

bool my_render_create_table(struct rendering *r, const struct op *op)
{
    const struct op_create_table *o = &op->u.create_table;
    struct sql q = my_render_begin(r);
    const struct constraint *c;
    struct table *t;
    if (!native_table(r, &o->table, &t))
        return false;
    sql_addf(&q, "CREATE TABLE %E%Q (", o->if_not_exists ? "IF NOT EXISTS " : "", &t->name);
    if (!add_columns(r, t, &q))
        return false;
    for (size_t state = 0; (c = table_next_constraint(t, &state));) {
        if (my_is_on_column(c))
            continue;
        sql_add(&q, ",\n    ");
        my_add_constraint(&q, c);
    }
    vec_each(i, &t->indexes) {
        sql_add(&q, ",\n    ");
        my_add_index(&q, t->indexes.v[i]);
    }
    sql_add(&q, "\n)");
    my_add_table_options(&q, t->options);
    if (t->comment)
        sql_addf(&q, " COMMENT = %L", t->comment);
    const struct my_partitioning p = my_partitioning_of(r->ctx, t->options);
    if (p.by) {
        sql_add(&q, "\n");
        my_partitioning_add(r->ctx, &q, &p);
    }
    my_render_add(r, &q);
    return true;
}

bool my_render_drop_table(struct rendering *r, const struct op *op)
{
    struct sql q = my_render_begin(r);
    sql_addf(&q, "DROP TABLE %E%Q", op->u.drop.if_exists ? "IF EXISTS " : "", &op->u.drop.name);
    my_render_add(r, &q);
    return true;
}

bool my_render_rename_table(struct rendering *r, const struct op *op)
{
    struct sql q = my_render_begin(r);
    sql_addf(&q, "RENAME TABLE %Q TO %Q", &op->u.rename.name, &op->u.rename.new_name);
    my_render_add(r, &q);
    return true;
}

/* An option that is removed gets the value that a table without it has. */
static const char *usual(const char *key)
{
    static const struct {
        const char *key, *value;
    } rows[] = {{"engine", "InnoDB"}, {"row_format", "DEFAULT"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (str_eq(rows[i].key, key))
            return rows[i].value;
    return NULL;
}

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

static bool has_partition_keys(const struct options *o)
{
    vec_each(i, o)
        if (str_eq(o->v[i].dialect, "mysql") && str_starts(o->v[i].key, "partition"))
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
static bool render_partitioning(struct rendering *r, const struct op *op)
{
    const struct qname *name = &op->u.alter_table.table;
    struct my_change change;
    struct my_partition_change list;
    if (!my_change_of(r, name, &change))
        return false;
    const struct my_partitioning a = my_partitioning_of(r->ctx, change.before->options);
    const struct my_partitioning b = my_partitioning_of(r->ctx, change.after->options);
    if (my_expr_same(r->ctx, NULL, a.by, b.by) && my_expr_same(r->ctx, NULL, a.list, b.list))
        return true;
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

bool my_render_alter_table(struct rendering *r, const struct op *op)
{
    const struct op_alter_table *o = &op->u.alter_table;
    struct options given = {0};
    if (has_partition_keys(&o->options) && !render_partitioning(r, op))
        return false;
    vec_each(i, &o->options) {
        const struct option *option = &o->options.v[i];
        const char *value = *option->value ? option->value : usual(option->key);
        if (!str_eq(option->dialect, "mysql") || str_starts(option->key, "partition"))
            continue;
        if (!value && !database_collation(r, &value))
            return false;
        options_set(r->ctx, &given, "mysql", option->key, value);
    }
    if (!given.n)
        return true;
    struct sql q = my_render_begin(r);
    sql_addf(&q, "ALTER TABLE %Q", &o->table);
    my_add_table_options(&q, &given);
    const char *collation = options_get(&given, "mysql", "collation");
    r->is_alone = collation || options_get(&given, "mysql", "engine");
    if (collation && !add_inheriting(r, &o->table, collation, &q))
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

bool my_render_table_comment(struct rendering *r, const struct op *op)
{
    const struct op_table_comment *o = &op->u.table_comment;
    struct sql q = my_render_alter(r, &o->table);
    const char *comment = op->kind == OP_CREATE_TABLE_COMMENT ? o->comment : NULL;
    sql_addf(&q, "COMMENT = %L", comment ? comment : "");
    my_render_add(r, &q);
    return true;
}
