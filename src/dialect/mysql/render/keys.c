/*
 * Renders operations on constraints and indexes.
 *
 * A foreign key needs an index. The server creates one if no other serves, named after the key, and leaves it when the
 * key is dropped; and it refuses to drop an index that a key needs. So they are dropped and created here along with what
 * they serve.
 */
#include "dialect/mysql/render/render.h"

/* ---- which index serves a key ------------------------------------------------------------------------ */

static bool begins_with(const struct strings *columns, const struct strings *key)
{
    if (columns->n < key->n)
        return false;
    vec_each(i, key)
        if (!str_eq(columns->v[i], key->v[i]))
            return false;
    return true;
}

static bool index_serves(struct rendering *r, const struct index *i, const struct strings *key)
{
    struct strings columns = {0};
    vec_each(k, &i->parts) {
        if (!i->parts.v[k]->column || i->parts.v[k]->length)
            break;
        vec_add(r->ctx, &columns, i->parts.v[k]->column);
    }
    return !i->using && begins_with(&columns, key);
}

static bool is_served(struct rendering *r, const struct table *t, const struct constraint *key)
{
    if (t->primary_key && begins_with(&t->primary_key->columns, &key->columns))
        return true;
    vec_each(i, &t->uniques)
        if (begins_with(&t->uniques.v[i]->columns, &key->columns))
            return true;
    vec_each(i, &t->indexes)
        if (index_serves(r, t->indexes.v[i], &key->columns))
            return true;
    return false;
}

/* Keys that lose their index with this change get one as the server would have created it. */
static void add_replacements(struct rendering *r, const struct my_change *change, struct sql *q)
{
    vec_each(i, &change->after->foreign_keys) {
        const struct constraint *key = change->after->foreign_keys.v[i];
        if (is_served(r, change->before, key) && !is_served(r, change->after, key))
            sql_addf(q, ", ADD INDEX %I %C", key->name, &key->columns);
    }
}

/* ---- constraints ------------------------------------------------------------------------------------- */

bool my_render_create_constraint(struct rendering *r, const struct op *op)
{
    const struct op_create_constraint *o = &op->u.create_constraint;
    struct sql q = my_render_alter(r, &o->table);
    struct my_change change;
    if (!my_change_of(r, &o->table, &change))
        return false;
    const struct constraints *list =
        op->kind == OP_CREATE_PRIMARY_KEY ? NULL : table_constraints(change.after, o->constraint.kind);
    const struct constraint *c = list ? list->v[list->n - 1] : change.after->primary_key;
    if (o->using_index)
        sql_addf(&q, "DROP INDEX %I, ", o->using_index);
    sql_add(&q, "ADD ");
    my_add_constraint(&q, c);
    const struct index *numbers = table_index(change.before, MY_NUMBERS_INDEX);
    if (numbers && c->columns.n && str_eq(numbers->parts.v[0]->column, c->columns.v[0]) &&
        op->kind != OP_CREATE_FOREIGN_KEY)
        sql_addf(&q, ", DROP INDEX %I", MY_NUMBERS_INDEX);
    my_render_add(r, &q);
    return true;
}

static const struct constraint *find_missing(const struct my_change *change)
{
    const struct constraint *a, *b;
    for (size_t i = 0; (a = table_next_constraint(change->before, &i));) {
        bool is_there = false;
        for (size_t k = 0; (b = table_next_constraint(change->after, &k));)
            is_there = is_there || (a->kind == b->kind && str_eq(a->name, b->name));
        if (!is_there)
            return a;
    }
    return NULL;
}

/* Whether another key needs the index that came with this one. */
static bool is_needed_by_another(
    struct rendering *r, const struct my_change *change, const struct constraint *dropped)
{
    vec_each(i, &change->after->foreign_keys) {
        const struct constraint *key = change->after->foreign_keys.v[i];
        if (begins_with(&dropped->columns, &key->columns) && !is_served(r, change->after, key))
            return true;
    }
    return false;
}

static void drop_foreign_key(struct rendering *r, const struct my_change *change, const struct constraint *c)
{
    struct sql q = my_render_alter(r, &change->before->name);
    sql_addf(&q, "DROP FOREIGN KEY %I", c->name);
    bool has_own = !table_index(change->before, c->name) && !table_constraint(change->after, c->name);
    if (has_own && !is_needed_by_another(r, change, c))
        sql_addf(&q, ", DROP INDEX IF EXISTS %I", c->name);
    my_render_add(r, &q);
}

/* A column that the server numbers must be a key: without one it is numbered no more. */
static bool stop_numbering(
    struct rendering *r, const struct my_change *change, const struct constraint *c, struct sql *q)
{
    const struct column *first = table_column(change->after, c->columns.v[0]);
    if (!first || first->autoincrement != TRI_TRUE || is_served(r, change->after, c))
        return true;
    struct column *plain = column_copy(r->ctx, first);
    plain->autoincrement = TRI_FALSE;
    sql_addf(q, "MODIFY COLUMN %I", plain->name);
    if (!my_column_definition(r, change->after, plain, q))
        return false;
    sql_add(q, ", ");
    return true;
}

static bool drop_key(struct rendering *r, const struct my_change *change, const struct constraint *c)
{
    struct sql q = my_render_alter(r, &change->before->name);
    if (!stop_numbering(r, change, c, &q))
        return false;
    if (c->kind == CONSTRAINT_PRIMARY_KEY)
        sql_add(&q, "DROP PRIMARY KEY");
    else
        sql_addf(&q, "DROP INDEX %I", c->name);
    add_replacements(r, change, &q);
    my_render_add(r, &q);
    return true;
}

/* A check that is part of a column goes with a new definition of the column. */
static bool drop_check(struct rendering *r, const struct my_change *change, const struct constraint *c)
{
    struct sql q = my_render_alter(r, &change->before->name);
    if (my_is_on_column(c)) {
        sql_addf(&q, "MODIFY COLUMN %I", c->name);
        if (!my_column_definition(r, change->after, table_column(change->after, c->name), &q))
            return false;
    } else {
        sql_addf(&q, "DROP CONSTRAINT %I", c->name);
    }
    my_render_add(r, &q);
    return true;
}

/* Elsewhere a primary key has a name of its own, which the operation gives; here it is always PRIMARY. */
static bool is_primary_key(struct rendering *r, const struct op_drop_constraint *o, const struct table *t)
{
    if (o->type)
        return o->type == CONSTRAINT_PRIMARY_KEY + 1;
    return o->name && t->primary_key && !table_constraint(t, o->name) &&
           str_eq(o->name, ctx_printf(r->ctx, "%s_pkey", t->name.name));
}

bool my_render_drop_constraint(struct rendering *r, const struct op *op)
{
    const struct op_drop_constraint *o = &op->u.drop_constraint;
    struct my_change change;
    struct table *before;
    if (!my_table_now(r, &o->table, &before))
        return false;
    if (is_primary_key(r, o, before)) {
        if (!before->primary_key)
            return o->if_exists ||
                   fail(r->ctx, STATUS_FAILED, "table '%s' has no primary key", o->table.name);
        change = (struct my_change){before, table_copy(r->ctx, before)};
        change.after->primary_key = NULL;
        return drop_key(r, &change, before->primary_key);
    }
    if (!my_change_of(r, &o->table, &change))
        return false;
    const struct constraint *c = find_missing(&change);
    if (!c) /* if_exists */
        return true;
    if (c->kind == CONSTRAINT_CHECK)
        return drop_check(r, &change, c);
    if (c->kind != CONSTRAINT_FOREIGN_KEY)
        return drop_key(r, &change, c);
    drop_foreign_key(r, &change, c);
    return true;
}

/* Only indexes can be renamed; the others are dropped and created in one statement. */
bool my_render_rename_constraint(struct rendering *r, const struct op *op)
{
    const struct op_rename_part *o = &op->u.rename_part;
    struct sql q = my_render_alter(r, &o->table);
    struct table *t;
    if (!my_table_now(r, &o->table, &t))
        return false;
    struct constraint *c = table_constraint(t, o->name);
    if (!c && t->primary_key) /* its name is not kept */
        return true;
    if (!c)
        return fail(r->ctx, STATUS_FAILED, "constraint '%s' does not exist", o->name);
    if (c->kind == CONSTRAINT_UNIQUE) {
        sql_addf(&q, "RENAME INDEX %I TO %I", o->name, o->new_name);
        my_render_add(r, &q);
        return true;
    }
    struct constraint *copy = constraint_copy(r->ctx, c);
    copy->name = o->new_name;
    bool has_own = c->kind == CONSTRAINT_FOREIGN_KEY && !is_served(r, t, c);
    sql_addf(&q, c->kind == CONSTRAINT_CHECK ? "DROP CONSTRAINT %I" : "DROP FOREIGN KEY %I", o->name);
    if (has_own)
        sql_addf(&q, ", DROP INDEX IF EXISTS %I", o->name);
    sql_add(&q, ", ADD ");
    my_add_constraint(&q, copy);
    my_render_add(r, &q);
    return true;
}

/* ---- indexes ----------------------------------------------------------------------------------------- */

bool my_render_create_index(struct rendering *r, const struct op *op)
{
    const struct op_create_index *o = &op->u.create_index;
    struct sql q = my_render_alter(r, &o->table);
    struct table *t;
    if (o->if_not_exists) {
        if (!my_table_now(r, &o->table, &t))
            return false;
        if (table_index(t, o->index.name) || table_constraint(t, o->index.name))
            return true;
    }
    sql_add(&q, "ADD ");
    my_add_index(&q, &o->index);
    my_render_add(r, &q);
    return true;
}

/* An index that is unique may be a unique constraint in what is reflected. */
static bool find_index(
    struct rendering *r, const struct op_drop_index *o, struct my_change *ret, bool *ret_found)
{
    struct table *t;
    if (!my_table_now(r, &o->table, &t))
        return false;
    *ret = (struct my_change){t, table_copy(r->ctx, t)};
    *ret_found = true;
    vec_each(i, &t->indexes)
        if (str_eq(t->indexes.v[i]->name, o->name)) {
            vec_remove(&ret->after->indexes, i);
            return true;
        }
    vec_each(i, &t->uniques)
        if (str_eq(t->uniques.v[i]->name, o->name)) {
            vec_remove(&ret->after->uniques, i);
            return true;
        }
    *ret_found = false;
    return true;
}

bool my_render_drop_index(struct rendering *r, const struct op *op)
{
    const struct op_drop_index *o = &op->u.drop_index;
    struct sql q = my_render_alter(r, &o->table);
    struct my_change change;
    bool is_found;
    if (!find_index(r, o, &change, &is_found))
        return false;
    sql_addf(&q, "DROP INDEX %E%I", o->if_exists ? "IF EXISTS " : "", o->name);
    add_replacements(r, &change, &q);
    my_render_add(r, &q);
    return true;
}

bool my_render_rename_index(struct rendering *r, const struct op *op)
{
    const struct op_rename_part *o = &op->u.rename_part;
    struct sql q = my_render_alter(r, &o->table);
    sql_addf(&q, "RENAME INDEX %I TO %I", o->name, o->new_name);
    my_render_add(r, &q);
    return true;
}

/* Only indexes have comments, and get another one by being created again. */
bool my_render_set_comment(struct rendering *r, const struct op *op)
{
    const struct op_set_comment *o = &op->u.set_comment;
    struct table *t;
    if (str_eq(o->on, "sequence"))
        my_render_sequence_comment(r, &o->name, o->comment);
    if (!str_eq(o->on, "index"))
        return true;
    if (!my_table_now(r, &o->table, &t))
        return false;
    const struct index *i = table_index(t, o->name.name);
    if (!i)
        return fail(r->ctx, STATUS_FAILED, "index '%s' does not exist", o->name.name);
    struct index *copy = index_copy(r->ctx, i);
    copy->comment = o->comment;
    struct sql q = my_render_alter(r, &o->table);
    sql_addf(&q, "DROP INDEX %I, ADD ", i->name);
    my_add_index(&q, copy);
    my_render_add(r, &q);
    return true;
}
