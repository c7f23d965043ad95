/* Renders operations on whole tables. */
#include "dialect/mysql/render/render.h"
#include "dialect/mysql/spell/partitions.h"
#include "dialect/mysql/spell/periods.h"
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
    my_add_periods(r->ctx, &q, t);
    vec_each(i, &t->indexes) {
        sql_add(&q, ",\n    ");
        my_add_index(&q, t->indexes.v[i]);
    }
    vec_each(i, &t->columns)
        if (my_needs_numbers_index(t, t->columns.v[i]))
            sql_addf(&q, ",\n    INDEX %I (%I)", MY_NUMBERS_INDEX, t->columns.v[i]->name);
    sql_add(&q, "\n)");
    my_add_table_options(&q, t->options);
    if (t->comment)
        sql_addf(&q, " COMMENT = %L", t->comment);
    if (my_is_versioned(t->options))
        sql_add(&q, " WITH SYSTEM VERSIONING");
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
    return my_drop_access(r, "table", &op->u.drop.name);
}

bool my_render_rename_table(struct rendering *r, const struct op *op)
{
    const char *on = op->kind == OP_RENAME_SEQUENCE ? "sequence" : "table";
    struct sql q = my_render_begin(r);
    sql_addf(&q, "RENAME TABLE %Q TO %Q", &op->u.rename.name, &op->u.rename.new_name);
    my_render_add(r, &q);
    return my_move_access(r, on, &op->u.rename.name, op->u.rename.new_name.name, false);
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
