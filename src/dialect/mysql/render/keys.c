/*
 * Renders operations on constraints and indexes.
 *
 * A foreign key needs an index. If no other index serves, the server creates one, named after the key, and keeps it
 * when the key is dropped; and it refuses to drop an index that a key needs. So these indexes are dropped and
 * created together with their keys.
 */
#include "dialect/mysql/render/render.h"

/* ---- the index that serves a key --------------------------------------------------------------------- */

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

/* As the server would have created them. */
void my_add_replacements(struct rendering *r, const struct my_change *change, struct sql *q)
{
    vec_each(i, &change->after->foreign_keys) {
        const struct constraint *key = change->after->foreign_keys.v[i];
        if (!is_served(r, change->before, key) || is_served(r, change->after, key))
            continue;
        r->is_alone = true; /* the index depends on the others of the moment */
        sql_addf(q, ", ADD INDEX IF NOT EXISTS %I %C", key->name, &key->columns);
    }
}

/* The other way round: keys that a new index serves lose that one, which the server keeps if it was added so. */
static void drop_replaced(struct rendering *r, const struct my_change *change, struct sql *q)
{
    vec_each(i, &change->before->foreign_keys) {
        const struct constraint *key = change->before->foreign_keys.v[i];
        if (is_served(r, change->before, key) || !is_served(r, change->after, key))
            continue;
        r->is_alone = true;
        sql_addf(q, ", DROP INDEX IF EXISTS %I", key->name);
    }
}

/* ---- constraints ------------------------------------------------------------------------------------- */

/* The index that a numbered column had while it was no key. A script's replay does not know of it. */
static void drop_numbers_index(
    struct rendering *r, const struct my_change *change, const struct constraint *c, struct sql *q)
{
    const struct index *numbers = table_index(change->before, MY_NUMBERS_INDEX);
    const struct column *first = c->columns.n ? table_column(change->before, c->columns.v[0]) : NULL;
    if (!first)
        return;
    r->is_alone = numbers || first->autoincrement == TRI_TRUE;
    if (numbers && str_eq(numbers->parts.v[0]->column, first->name))
        sql_addf(q, ", DROP INDEX %I", MY_NUMBERS_INDEX);
    else if (!r->state->conn && first->autoincrement == TRI_TRUE)
        sql_addf(q, ", DROP INDEX IF EXISTS %I", MY_NUMBERS_INDEX);
}

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
    if (op->kind != OP_CREATE_FOREIGN_KEY)
        drop_numbers_index(r, &change, c, &q);
    drop_replaced(r, &change, &q);
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

/* Whether another key needs the index that the server created for this one. */
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

void my_drop_foreign_key(
    struct rendering *r, const struct my_change *change, const struct constraint *c, struct sql *q)
{
    sql_addf(q, "DROP FOREIGN KEY %I", c->name);
    bool has_own = !table_index(change->before, c->name) && !table_constraint(change->after, c->name);
    if (has_own && !is_needed_by_another(r, change, c))
        sql_addf(q, ", DROP INDEX IF EXISTS %I", c->name);
}

/* An AUTO_INCREMENT column must be a key: without one it loses the attribute. */
static bool stop_numbering(
    struct rendering *r, const struct my_change *change, const struct constraint *c, struct sql *q)
{
    const struct column *first = table_column(change->after, c->columns.v[0]);
    if (!first || first->autoincrement != TRI_TRUE || is_served(r, change->after, c))
        return true;
    struct column *plain = column_copy(r->ctx, first);
    plain->autoincrement = TRI_FALSE;
    r->is_alone = true; /* the column is changed twice, if it is numbered again */
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
    my_add_replacements(r, change, &q);
    my_render_add(r, &q);
    return true;
}

/* A check that is part of a column is dropped by a new definition of the column. */
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

/* What a script's replay knows as an index. Without one: `if_exists`. */
static bool drop_unique_index(struct rendering *r, const struct my_change *change, const char *name)
{
    struct sql q = my_render_alter(r, &change->before->name);
    if (!name || !table_index(change->before, name) || table_index(change->after, name))
        return true;
    sql_addf(&q, "DROP INDEX %I", name);
    my_add_replacements(r, change, &q);
    my_render_add(r, &q);
    return true;
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
    if (!c)
        return drop_unique_index(r, &change, o->name);
    if (c->kind == CONSTRAINT_CHECK)
        return drop_check(r, &change, c);
    if (c->kind != CONSTRAINT_FOREIGN_KEY)
        return drop_key(r, &change, c);
    struct sql q = my_render_alter(r, &change.before->name);
    my_drop_foreign_key(r, &change, c, &q);
    my_render_add(r, &q);
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
    if (!c && t->primary_key) {
        log_warn(r->ctx,
            "%stable '%s' has no constraint '%s': taken for the primary key, which keeps its name PRIMARY",
            pos_text(&r->ctx->arena, op->pos), t->name.name, o->name);
        return true;
    }
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
    if (!my_table_find(r, &o->table, &t))
        return false;
    if (t && o->if_not_exists && (table_index(t, o->index.name) || table_constraint(t, o->index.name)))
        return true;
    sql_add(&q, "ADD ");
    my_add_index(&q, &o->index);
    if (t) {
        struct my_change change = {t, table_copy(r->ctx, t)};
        vec_add(r->ctx, &change.after->indexes, index_copy(r->ctx, &o->index));
        drop_replaced(r, &change, &q);
    }
    my_render_add(r, &q);
    return true;
}

/* A unique index may be a unique constraint in the reflected schema. */
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
    my_add_replacements(r, &change, &q);
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

/* Only indexes have comments; to change one, the index is created again. */
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
