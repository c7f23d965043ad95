/* Renders operations on whole tables. */
#include "dialect/mysql/render/render.h"
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
    vec_each(i, &t->columns)
        if (my_needs_numbers_index(t, t->columns.v[i]))
            sql_addf(&q, ",\n    INDEX %I (%I)", MY_NUMBERS_INDEX, t->columns.v[i]->name);
    sql_add(&q, "\n)");
    my_add_table_options(&q, t->options);
    if (t->comment)
        sql_addf(&q, " COMMENT = %L", t->comment);
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

/* The options of the operation for this database, with values for those that are removed. */
static bool given_options(struct rendering *r, const struct op_alter_table *o, struct options *ret)
{
    vec_each(i, &o->options) {
        const struct option *option = &o->options.v[i];
        const char *value = *option->value ? option->value : my_usual_option(option->key);
        if (!str_eq(option->dialect, "mysql"))
            continue;
        if (!value && !database_collation(r, &value))
            return false;
        options_set(r->ctx, ret, "mysql", option->key, value);
    }
    return true;
}

bool my_render_alter_table(struct rendering *r, const struct op *op)
{
    const struct op_alter_table *o = &op->u.alter_table;
    struct options given = {0};
    if (!given_options(r, o, &given))
        return false;
    if (!given.n)
        return true;
    remove_first(r, &o->table, &given);
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
