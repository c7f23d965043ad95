/*
 * Renders operations on columns.
 *
 * The server changes a column only by a complete new definition, so the current one is read and written again with
 * the changes of the operation.
 */
#include "dialect/mysql/render/render.h"
#include "dialect/mysql/spell/text.h"
#include "dialect/mysql/spell/types.h"

/* ---- objects that are dropped with a column ---------------------------------------------------------- */

static void add_drop(
    struct rendering *r, const struct my_change *change, const struct constraint *c, struct sql *q)
{
    switch (c->kind) {
    case CONSTRAINT_PRIMARY_KEY:
        sql_add(q, "DROP PRIMARY KEY");
        break;
    case CONSTRAINT_UNIQUE:
        sql_addf(q, "DROP INDEX %I", c->name);
        break;
    case CONSTRAINT_FOREIGN_KEY:
        my_drop_foreign_key(r, change, c, q);
        break;
    case CONSTRAINT_CHECK:
        sql_addf(q, "DROP CONSTRAINT %I", c->name);
        break;
    case CONSTRAINT_EXCLUDE:
        assert(!"there are none");
    }
}

/* The server would only take the column out of indexes of several columns. Foreign keys go before their indexes. */
static bool add_vanishing(struct rendering *r, const struct my_change *change, struct sql *q)
{
    const struct table *before = change->before, *after = change->after;
    const struct constraint *c;
    for (int pass = 0; pass < 2; pass++)
        for (size_t state = 0; (c = table_next_constraint(before, &state));) {
            if ((c->kind == CONSTRAINT_FOREIGN_KEY) != (pass == 0) || my_is_on_column(c) ||
                my_has_constraint(after, c))
                continue;
            if (!my_has_name(r, c))
                return false;
            add_drop(r, change, c, q);
            sql_add(q, ", ");
        }
    vec_each(i, &before->indexes)
        if (!table_index(after, before->indexes.v[i]->name))
            sql_addf(q, "DROP INDEX %I, ", before->indexes.v[i]->name);
    return true;
}

/* ---- operations -------------------------------------------------------------------------------------- */

/* Otherwise the server would fill the rows with an empty value of the type. */
static void check_rows(struct rendering *r, const struct qname *table, const struct column *c)
{
    struct sql q = my_render_begin(r), words = q;
    sql_addf(&words, "table '%E' has rows, for which the new column '%E', which is NOT NULL, has no value",
        table->name, c->name);
    sql_addf(&q, "SELECT %L FROM %Q LIMIT 1", sql_end(&words), table);
    statement_add(r->ctx, r->ret, sql_end(&q), r->op)->flags = STATEMENT_CHECK;
}

/* The other column that the server numbers; NULL: none. */
static const struct column *other_numbered(const struct table *t, const char *column)
{
    vec_each(i, &t->columns)
        if (t->columns.v[i]->autoincrement == TRI_TRUE && !str_eq(t->columns.v[i]->name, column))
            return t->columns.v[i];
    return NULL;
}

/* A table has one AUTO_INCREMENT column: another one loses the attribute. */
static bool take_numbering(struct rendering *r, const struct table *before, const struct table *after,
    const char *column, struct sql *q)
{
    const struct column *other = other_numbered(before, column);
    if (!other)
        return true;
    struct column *plain = column_copy(r->ctx, other);
    plain->autoincrement = TRI_FALSE;
    sql_addf(q, ", MODIFY COLUMN %I", plain->name);
    if (!my_column_definition(r, after, plain, q))
        return false;
    my_drop_numbers_index(r, before, plain->name, q);
    return true;
}

bool my_render_add_column(struct rendering *r, const struct op *op)
{
    const struct op_add_column *o = &op->u.add_column;
    struct sql q = my_render_alter(r, &o->table);
    struct my_change change;
    if (!my_change_of(r, &o->table, &change))
        return false;
    const struct column *c = table_column(change.after, o->column.name);
    if (!c->nullable && !c->generated && c->dflt.kind == VALUE_NONE && !my_is_numbered(change.after, c))
        check_rows(r, &o->table, c);
    sql_addf(&q, "ADD COLUMN %E%I", o->if_not_exists ? "IF NOT EXISTS " : "", c->name);
    if (!my_column_definition(r, change.after, c, &q))
        return false;
    if (o->first)
        sql_add(&q, " FIRST");
    else if (o->after)
        sql_addf(&q, " AFTER %I", o->after);
    if (change.after->primary_key && !change.before->primary_key) {
        sql_add(&q, ", ADD ");
        my_add_constraint(&q, change.after->primary_key);
    }
    if (my_is_numbered(change.after, c) && !take_numbering(r, change.before, change.after, c->name, &q))
        return false;
    r->is_alone |= my_is_numbered(change.after, c);
    if (my_needs_numbers_index(change.after, c))
        sql_addf(&q, ", ADD INDEX %I (%I)", MY_NUMBERS_INDEX, c->name);
    if (o->references) {
        sql_add(&q, ", ADD ");
        my_add_constraint(&q, change.after->foreign_keys.v[change.after->foreign_keys.n - 1]);
    }
    my_render_add(r, &q);
    return true;
}

bool my_render_drop_column(struct rendering *r, const struct op *op)
{
    const struct op_drop_column *o = &op->u.drop_column;
    struct sql q = my_render_alter(r, &o->table);
    struct my_change change;
    if (!my_change_of(r, &o->table, &change) || !add_vanishing(r, &change, &q) ||
        !my_column_access(r, OP_REVOKE, &o->table, o->name, o->name))
        return false;
    sql_addf(&q, "DROP COLUMN %E%I", o->if_exists ? "IF EXISTS " : "", o->name);
    my_add_replacements(r, &change, &q);
    my_render_add(r, &q);
    return true;
}

/* The new definition of a column, which may have a new name. */
static bool render_change(struct rendering *r, const struct table *before, const struct table *after,
    const char *name, const struct column *c)
{
    struct sql q = my_render_alter(r, &after->name);
    if (str_eq(name, c->name))
        sql_addf(&q, "MODIFY COLUMN %I", name);
    else
        sql_addf(&q, "CHANGE COLUMN %I %I", name, c->name);
    if (!my_column_definition(r, after, c, &q))
        return false;
    r->is_alone |= c->autoincrement == TRI_TRUE;
    if (c->autoincrement == TRI_TRUE && !take_numbering(r, before, after, name, &q))
        return false;
    if (c->autoincrement == TRI_TRUE && my_needs_numbers_index(after, c))
        sql_addf(&q, ", ADD INDEX %I (%I)", MY_NUMBERS_INDEX, c->name);
    else if (c->autoincrement != TRI_TRUE && !other_numbered(before, name))
        my_drop_numbers_index(r, before, name, &q);
    my_render_add(r, &q);
    return true;
}

/* Otherwise the server would report only that data was truncated. */
static void check_nulls(struct rendering *r, const struct op_alter_column *o)
{
    struct sql q = my_render_begin(r), words = q;
    sql_addf(&words, "column '%E' of table '%E' has rows without a value", o->name, o->table.name);
    sql_addf(&q, "SELECT %L FROM %Q WHERE %I IS NULL LIMIT 1", sql_end(&words), &o->table, o->name);
    statement_add(r->ctx, r->ret, sql_end(&q), r->op)->flags = STATEMENT_CHECK;
}

bool my_render_alter_column(struct rendering *r, const struct op *op)
{
    const struct op_alter_column *o = &op->u.alter_column;
    struct my_change change;
    if (!my_change_of(r, &o->table, &change))
        return false;
    const struct column *before = table_column(change.before, o->name);
    const struct column *after = table_column(change.after, o->new_name ? o->new_name : o->name);
    if (ALTER_HAS(o, ALTER_NULLABLE) && !o->nullable && before->nullable)
        check_nulls(r, o);
    if (before->generated && !after->generated && !my_render_remade(r, &change, o->name, after))
        return false;
    if (after->generated && my_must_remake(before, after))
        return my_render_remade(r, &change, o->name, after);
    if (o->new_name && !my_column_access(r, OP_REVOKE, &o->table, o->name, o->name))
        return false;
    if (!render_change(r, change.before, change.after, o->name, after))
        return false;
    return !o->new_name || my_column_access(r, OP_GRANT, &o->table, o->name, o->new_name);
}

bool my_render_rename_column(struct rendering *r, const struct op *op)
{
    const struct op_rename_part *o = &op->u.rename_part;
    struct sql q = my_render_alter(r, &o->table);
    if (!my_column_access(r, OP_REVOKE, &o->table, o->name, o->name))
        return false;
    sql_addf(&q, "RENAME COLUMN %I TO %I", o->name, o->new_name);
    my_render_add(r, &q);
    return my_column_access(r, OP_GRANT, &o->table, o->name, o->new_name);
}

/* ---- enums ------------------------------------------------------------------------------------------- */

static const char *renamed(const struct op_alter_enum *o, const char *value)
{
    vec_each(i, &o->rename)
        if (str_eq(o->rename.v[i]->from, value))
            return o->rename.v[i]->to;
    vec_each(i, &o->replace)
        if (str_eq(o->replace.v[i]->from, value))
            return o->replace.v[i]->to;
    return value;
}

/* The string of the default; NULL: there is none. */
static const char *default_value(struct rendering *r, const struct column *c)
{
    struct value v;
    if (c->dflt.kind == VALUE_NONE)
        return NULL;
    my_value_model(r->ctx, c, c->dflt.expr.native ? c->dflt.expr.native : "", &v);
    return v.kind == VALUE_STRING ? v.expr.sql.text : NULL;
}

/* A default that is a renamed value of the enum follows the new name; one that is a removed value is dropped. A
 * later operation may set another. */
static struct value default_of(struct rendering *r, const struct op_alter_enum *o, const char *value)
{
    const char *to = renamed(o, value);
    struct value v = {.kind = VALUE_STRING};
    if (!strings_have(&o->values, to))
        return (struct value){0};
    v.expr.sql.text = to;
    v.expr.native = my_literal(r->ctx, to);
    return v;
}

/* Rows get their new values while the enum has both the old and the new values. */
static bool render_values(
    struct rendering *r, const struct table *t, struct column *before, const struct op_alter_enum *o)
{
    struct column *c = column_copy(r->ctx, before);
    struct strings both = {0};
    const char *value = default_value(r, before);
    bool moves = o->rename.n || o->replace.n;
    c->native = NULL;
    c->type = (struct dtext){.text = ctx_printf(r->ctx, "enum(%s)", qname_text(&r->ctx->arena, &o->name))};
    c->values = &both;
    vec_each(i, &o->values)
        vec_add(r->ctx, &both, o->values.v[i]);
    vec_each(i, &o->existing_values)
        if (!strings_have(&both, o->existing_values.v[i]))
            vec_add(r->ctx, &both, o->existing_values.v[i]);
    if (moves && !render_change(r, t, t, c->name, c))
        return false;
    for (size_t i = 0; moves && i < o->existing_values.n; i++) {
        const char *from = o->existing_values.v[i], *to = renamed(o, from);
        struct sql q = my_render_begin(r);
        sql_addf(&q, "UPDATE %Q SET %I = %L WHERE %I = %L", &t->name, c->name, to, c->name, from);
        if (!str_eq(from, to))
            statement_add(r->ctx, r->ret, sql_end(&q), r->op);
    }
    c->values = (struct strings *)&o->values;
    c->native = NULL;
    if (value && !strings_have(&o->values, value))
        c->dflt = default_of(r, o, value);
    if (!my_type_native(r->ctx, t, c, &c->native) || !render_change(r, t, t, c->name, c))
        return false;
    *before = *c; /* for the operations after this one */
    return true;
}

bool my_render_alter_enum(struct rendering *r, const struct op *op)
{
    const struct op_alter_enum *o = &op->u.alter_enum;
    vec_each(i, &o->columns) {
        const char *dot = strrchr(o->columns.v[i], '.');
        struct qname table;
        struct table *t;
        if (!dot ||
            !qname_parse(&r->ctx->arena,
                arena_strndup(&r->ctx->arena, o->columns.v[i], (size_t)(dot - o->columns.v[i])), &table))
            return fail(r->ctx, STATUS_CONFIG, "'%s' is not a column of a table", o->columns.v[i]);
        if (!my_table_now(r, &table, &t))
            return false;
        struct column *c = table_column(t, dot + 1);
        if (!c)
            return fail(r->ctx, STATUS_FAILED, "column '%s' does not exist", o->columns.v[i]);
        if (!render_values(r, t, c, o))
            return false;
    }
    return true;
}
