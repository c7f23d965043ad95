/*
 * Renders operations on constraints and indexes.
 *
 * A foreign key needs an index. If no other index serves, the server creates one, named after the key, and keeps it
 * when the key is dropped; and it refuses to drop an index that a key needs. So these indexes are dropped and
 * created together with their keys.
 */
#include "dialect/mysql/render/render.h"
#include "dialect/mysql/spell/names.h"
#include "dialect/mysql/spell/served.h"

/* ---- the index that serves a key --------------------------------------------------------------------- */

static bool is_served(struct rendering *r, const struct table *t, const struct constraint *key)
{
    return my_is_served(r->ctx, t, &key->columns);
}

/* The name that the server gives to the index of a key. */
static const char *own_index(const struct constraint *key)
{
    return key->name && !my_table_in_name(key->name) ? key->name : key->columns.v[0];
}

bool my_has_name(struct rendering *r, const struct constraint *c)
{
    if (c->name || c->kind == CONSTRAINT_PRIMARY_KEY)
        return true;
    fail(r->ctx, STATUS_CONFIG, "the name that the server gave to a %s constraint is not known in a script",
        constraint_kind_names[c->kind]);
    return fail_hint(
        r->ctx, "Give the constraint a name in the operation that creates it, or run without --sql.");
}

/* As the server would have created them. */
void my_add_replacements(struct rendering *r, const struct my_change *change, struct sql *q)
{
    vec_each(i, &change->after->foreign_keys) {
        const struct constraint *key = change->after->foreign_keys.v[i];
        if (!is_served(r, change->before, key) || is_served(r, change->after, key))
            continue;
        r->is_alone = true; /* the index depends on the others of the moment */
        sql_addf(q, ", ADD INDEX IF NOT EXISTS %I %C", own_index(key), &key->columns);
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
        sql_addf(q, ", DROP INDEX IF EXISTS %I", own_index(key));
    }
}

/* The server drops an index that it created for a key itself when another begins with the same columns, even one of
 * another key. Nothing tells which indexes it created but their names; created again, they stay. */
static void keep_indexes(
    struct rendering *r, const struct table *t, const struct strings *columns, struct sql *q)
{
    vec_each(i, &t->indexes) {
        const struct index *index = t->indexes.v[i];
        struct strings own = {0};
        vec_each(k, &index->parts)
            if (index->parts.v[k]->column)
                vec_add(r->ctx, &own, index->parts.v[k]->column);
        if (index->unique || !my_has_servers_name(index) || !my_begins_with(columns, &own) ||
            !my_index_serves(r->ctx, index, &own))
            continue;
        r->is_alone = true;
        sql_addf(q, ", DROP INDEX %I, ADD ", index->name);
        my_add_index(q, index);
    }
}

/* ---- constraints ------------------------------------------------------------------------------------- */

/* MyISAM and Aria can also number within the values of the columns before. */
static bool numbers_in_groups(const struct table *t)
{
    const char *engine = t->options ? options_get(t->options, mysql_dialect.name, "engine") : NULL;
    return engine && (str_eq_ci(engine, "MyISAM") || str_eq_ci(engine, "Aria"));
}

static bool is_key(const struct table *t, const struct strings *columns, const char *column)
{
    return numbers_in_groups(t) ? strings_have(columns, column) : columns->n && str_eq(columns->v[0], column);
}

bool my_needs_numbers_index(const struct table *t, const struct column *c)
{
    const struct constraint *k;
    if (!my_is_numbered(t, c))
        return false;
    for (size_t state = 0; (k = table_next_constraint(t, &state));)
        if ((k->kind == CONSTRAINT_PRIMARY_KEY || k->kind == CONSTRAINT_UNIQUE) &&
            is_key(t, &k->columns, c->name))
            return false;
    vec_each(i, &t->indexes)
        if (!t->indexes.v[i]->using && str_eq(t->indexes.v[i]->parts.v[0]->column, c->name))
            return false;
    return true;
}

/* While it has no other key, it gets an index. */
static void keep_numbering(struct rendering *r, const struct my_change *change, struct sql *q)
{
    vec_each(i, &change->after->columns) {
        const struct column *c = change->after->columns.v[i];
        if (c->autoincrement != TRI_TRUE || my_needs_numbers_index(change->before, c) ||
            !my_needs_numbers_index(change->after, c))
            continue;
        r->is_alone = true;
        sql_addf(q, "ADD INDEX %I (%I), ", MY_NUMBERS_INDEX, c->name);
    }
}

/* A script's replay does not know of the index. */
void my_drop_numbers_index(struct rendering *r, const struct table *before, const char *column, struct sql *q)
{
    const struct index *numbers = table_index(before, MY_NUMBERS_INDEX);
    const struct column *c = table_column(before, column);
    if (!c)
        return;
    r->is_alone |= numbers || c->autoincrement == TRI_TRUE;
    if (numbers && str_eq(numbers->parts.v[0]->column, c->name))
        sql_addf(q, ", DROP INDEX %I", MY_NUMBERS_INDEX);
    else if (!r->state->conn && c->autoincrement == TRI_TRUE)
        sql_addf(q, ", DROP INDEX IF EXISTS %I", MY_NUMBERS_INDEX);
}

/* A unique index is read as a constraint, so that it is one already: it gets the name, or becomes the primary key. */
static bool use_unique_index(struct rendering *r, const struct op *op, const struct constraint *index)
{
    const struct op_create_constraint *o = &op->u.create_constraint;
    struct sql q = my_render_alter(r, &o->table);
    if (op->kind == OP_CREATE_PRIMARY_KEY)
        sql_addf(&q, "DROP INDEX %I, ADD PRIMARY KEY %C", index->name, &index->columns);
    else
        sql_addf(
            &q, "RENAME INDEX %I TO %I", index->name, o->constraint.name ? o->constraint.name : index->name);
    my_render_add(r, &q);
    return true;
}

bool my_render_create_constraint(struct rendering *r, const struct op *op)
{
    const struct op_create_constraint *o = &op->u.create_constraint;
    struct sql q = my_render_alter(r, &o->table);
    struct my_change change;
    struct table *now;
    if (o->using_index && !my_table_now(r, &o->table, &now))
        return false;
    const struct constraint *unique = o->using_index ? table_constraint(now, o->using_index) : NULL;
    if (unique && unique->kind == CONSTRAINT_UNIQUE)
        return use_unique_index(r, op, unique);
    if (!my_change_of(r, &o->table, &change))
        return false;
    const struct constraints *list =
        op->kind == OP_CREATE_PRIMARY_KEY ? NULL : table_constraints(change.after, o->constraint.kind);
    const struct constraint *c = list ? list->v[list->n - 1] : change.after->primary_key;
    if (o->using_index)
        sql_addf(&q, "DROP INDEX %I, ", o->using_index);
    sql_add(&q, "ADD ");
    my_add_constraint(&q, c);
    if (op->kind != OP_CREATE_FOREIGN_KEY && c->columns.n)
        my_drop_numbers_index(r, change.before, c->columns.v[0], &q);
    drop_replaced(r, &change, &q);
    my_render_add(r, &q);
    return true;
}

/* In a script, constraints without a name have none. */
bool my_has_constraint(const struct table *t, const struct constraint *wanted)
{
    const struct constraint *c;
    for (size_t state = 0; (c = table_next_constraint(t, &state));)
        if (c->kind == wanted->kind && str_eq(c->name, wanted->name) &&
            (c->name ||
                (strings_eq(&c->columns, &wanted->columns) && str_eq(c->check.native, wanted->check.native))))
            return true;
    return false;
}

static const struct constraint *find_missing(const struct my_change *change)
{
    const struct constraint *c;
    for (size_t i = 0; (c = table_next_constraint(change->before, &i));)
        if (!my_has_constraint(change->after, c))
            return c;
    return NULL;
}

/* Another key that needs the index that the server created for this one; NULL: none. */
static const struct constraint *find_needy(
    struct rendering *r, const struct my_change *change, const struct constraint *dropped)
{
    vec_each(i, &change->after->foreign_keys) {
        const struct constraint *key = change->after->foreign_keys.v[i];
        if (my_begins_with(&dropped->columns, &key->columns) && !is_served(r, change->after, key))
            return key;
    }
    return NULL;
}

/* The server drops the index of one key when it creates that of another with the same columns. */
void my_drop_foreign_key(
    struct rendering *r, const struct my_change *change, const struct constraint *c, struct sql *q)
{
    sql_addf(q, "DROP FOREIGN KEY %I", c->name);
    bool has_own = !table_index(change->before, c->name) && !table_constraint(change->after, c->name);
    const struct constraint *needy = find_needy(r, change, c);
    if (has_own)
        sql_addf(q, ", DROP INDEX IF EXISTS %I", c->name);
    if (!has_own || !needy)
        return;
    r->is_alone = true; /* the index depends on the others of the moment */
    sql_addf(q, ", ADD INDEX IF NOT EXISTS %I %C", needy->name, &needy->columns);
}

static bool drop_key(struct rendering *r, const struct my_change *change, const struct constraint *c)
{
    struct sql q = my_render_alter(r, &change->before->name);
    keep_numbering(r, change, &q);
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
bool my_drops_primary_key(struct rendering *r, const struct op_drop_constraint *o, const struct table *t)
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
    keep_numbering(r, change, &q);
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
    if (my_drops_primary_key(r, o, before)) {
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
    if (!my_has_name(r, c))
        return false;
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
    if (c->kind == CONSTRAINT_FOREIGN_KEY)
        keep_indexes(r, t, &c->columns, &q);
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
        if (!o->index.using)
            my_drop_numbers_index(r, t, o->index.parts.v[0]->column, &q);
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
    keep_numbering(r, &change, &q);
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
