/*
 * Applies an operation on a column to its table.
 *
 * With a column, the objects that PostgreSQL drops are dropped: the table's indexes, keys, foreign keys and checks
 * that name it, alone or with other columns. With `cascade` also foreign keys of other tables and views (apply.c).
 */
#include "op/apply.h"

struct column *find_column(const struct work *w, const char *name)
{
    vec_each(i, &w->table->columns)
        if (name_same(w->dialect, w->table->columns.v[i]->name, name))
            return w->table->columns.v[i];
    return NULL;
}

static const char *column_text(const struct work *w, const char *name)
{
    return ctx_printf(w->ctx, "%s.%s", qname_text(&w->ctx->arena, &w->table->name), name);
}

/* ---- add ---------------------------------------------------------------------------------------------- */

static bool add_to_key(struct work *w, struct column *c)
{
    struct constraint *key;

    if (!c->primary_key || w->table->primary_key)
        return true;
    key = ctx_new(w->ctx, struct constraint);
    key->kind = CONSTRAINT_PRIMARY_KEY;
    vec_add(w->ctx, &key->columns, c->name);
    return add_constraint(w, key);
}

/* Where the column goes. */
static bool find_place(struct work *w, const struct op_add_column *o, size_t *ret)
{
    const struct columns *columns = &w->table->columns;

    *ret = o->first ? 0 : columns->n;
    if (!o->after)
        return true;
    for (*ret = 0; *ret < columns->n; ++*ret)
        if (name_same(w->dialect, columns->v[*ret]->name, o->after)) {
            ++*ret;
            return true;
        }
    return apply_missing(w, "column", column_text(w, o->after));
}

bool apply_add_column(struct work *w)
{
    const struct op_add_column *o = &w->op->u.add_column;
    struct column *c;
    size_t place;

    if (find_column(w, o->column.name))
        return o->if_not_exists || apply_taken(w, "column", column_text(w, o->column.name));
    c = column_copy(w->ctx, &o->column);
    if (!native_column(w, c) || !find_place(w, o, &place))
        return false;
    vec_insert(w->ctx, &w->table->columns, place, c);
    imply_check(w, c);
    if (!add_to_key(w, c))
        return false;
    return !o->references || add_constraint(w, constraint_copy(w->ctx, o->references));
}

/* ---- drop --------------------------------------------------------------------------------------------- */

static bool parts_name(const struct work *w, const struct index_parts *parts, const char *name)
{
    vec_each(i, parts) {
        const struct index_part *p = parts->v[i];

        if (p->column ? name_same(w->dialect, p->column, name) : sql_mentions(p->expr.native, name))
            return true;
    }
    return false;
}

static bool strings_name(const struct work *w, const struct strings *list, const char *name)
{
    return names_find(w->dialect, list, name) < list->n;
}

static const char *expr_text(const struct expr *e)
{
    return e->native ? e->native : e->sql.text;
}

static bool constraint_names(const struct work *w, const struct constraint *c, const char *name)
{
    return strings_name(w, &c->columns, name) || strings_name(w, &c->include, name) ||
           parts_name(w, &c->parts, name) || sql_mentions(expr_text(&c->check), name) ||
           sql_mentions(expr_text(&c->where), name);
}

static bool index_names(const struct work *w, const struct index *i, const char *name)
{
    return parts_name(w, &i->parts, name) || strings_name(w, &i->include, name) ||
           sql_mentions(expr_text(&i->where), name);
}

static void drop_constraints_of(struct work *w, struct constraints *list, const char *name)
{
    for (size_t i = list->n; i-- > 0;)
        if (constraint_names(w, list->v[i], name))
            vec_remove(list, i);
}

static void drop_dependents(struct work *w, const char *name)
{
    struct table *t = w->table;

    if (t->primary_key && constraint_names(w, t->primary_key, name))
        t->primary_key = NULL;
    drop_constraints_of(w, &t->uniques, name);
    drop_constraints_of(w, &t->checks, name);
    drop_constraints_of(w, &t->foreign_keys, name);
    drop_constraints_of(w, &t->excludes, name);
    for (size_t i = t->indexes.n; i-- > 0;)
        if (index_names(w, t->indexes.v[i], name))
            vec_remove(&t->indexes, i);
}

bool apply_drop_column(struct work *w)
{
    const struct op_drop_column *o = &w->op->u.drop_column;
    struct columns *columns = &w->table->columns;

    if (!find_column(w, o->name))
        return o->if_exists || apply_missing(w, "column", column_text(w, o->name));
    drop_dependents(w, o->name);
    vec_each(i, columns) {
        if (!name_same(w->dialect, columns->v[i]->name, o->name))
            continue;
        vec_remove(columns, i);
        break;
    }
    return true;
}

/* ---- rename ------------------------------------------------------------------------------------------- */

static void expr_follow(const struct work *w, struct expr *e, const char *from, const char *to)
{
    e->sql.text = sql_rename(w->ctx, w->dialect, e->sql.text, from, to);
    e->native = sql_rename(w->ctx, w->dialect, e->native, from, to);
    if (!e->sql.by)
        return;
    size_t n = 0;
    while (e->sql.by[n].dialect)
        n++;
    struct dtext_by *by = arena_alloc(&w->ctx->arena, (n + 1) * sizeof(*by));
    for (size_t i = 0; i < n; i++) {
        by[i] = e->sql.by[i];
        by[i].text = sql_rename(w->ctx, w->dialect, by[i].text, from, to);
    }
    e->sql.by = by;
}

static void parts_follow(const struct work *w, struct index_parts *parts, const char *from, const char *to)
{
    vec_each(i, parts) {
        struct index_part *p = parts->v[i];

        if (p->column && name_same(w->dialect, p->column, from))
            p->column = to;
        expr_follow(w, &p->expr, from, to);
    }
}

static void table_follow_column(const struct work *w, const char *from, const char *to)
{
    struct table *t = w->table;
    struct constraint *c;

    for (size_t state = 0; (c = table_next_constraint(t, &state));) {
        names_replace(w->dialect, &c->columns, from, to);
        names_replace(w->dialect, &c->include, from, to);
        names_replace(w->dialect, &c->set_columns, from, to);
        parts_follow(w, &c->parts, from, to);
        expr_follow(w, &c->check, from, to);
        expr_follow(w, &c->where, from, to);
        if (c->kind == CONSTRAINT_FOREIGN_KEY && qname_eq(&c->references, &t->name))
            names_replace(w->dialect, &c->referred_columns, from, to);
    }
    vec_each(i, &t->indexes) {
        parts_follow(w, &t->indexes.v[i]->parts, from, to);
        names_replace(w->dialect, &t->indexes.v[i]->include, from, to);
        expr_follow(w, &t->indexes.v[i]->where, from, to);
    }
    vec_each(i, &t->columns) {
        if (t->columns.v[i]->generated)
            expr_follow(w, &t->columns.v[i]->generated->expr, from, to);
        expr_follow(w, &t->columns.v[i]->on_update.expr, from, to);
    }
}

static bool rename_to(struct work *w, struct column *c, const char *to)
{
    struct column *other = find_column(w, to);

    if (other && other != c)
        return apply_taken(w, "column", column_text(w, to));
    table_follow_column(w, c->name, to);
    c->name = to;
    return true;
}

bool apply_rename_column(struct work *w)
{
    const struct op_rename_part *o = &w->op->u.rename_part;
    struct column *c = find_column(w, o->name);

    return c ? rename_to(w, c, o->new_name) : apply_missing(w, "column", column_text(w, o->name));
}

/* ---- alter -------------------------------------------------------------------------------------------- */

static bool alter_type(struct work *w, struct column *c)
{
    const struct op_alter_column *o = &w->op->u.alter_column;

    if (!ALTER_HAS(o, ALTER_TYPE))
        return true;
    c->type = o->type;
    c->native = NULL;
    if (!ALTER_HAS(o, ALTER_VALUES))
        c->values = NULL;
    if (!ALTER_HAS(o, ALTER_DEFAULT) && dtext_is_set(&c->dflt.expr.sql))
        c->dflt.expr.native = NULL;
    return true;
}

static void alter_generation(struct work *w, struct column *c)
{
    const struct op_alter_column *o = &w->op->u.alter_column;

    if (ALTER_HAS(o, ALTER_IDENTITY))
        c->identity = o->identity;
    if (ALTER_HAS(o, ALTER_GENERATED))
        c->generated = o->generated;
    if (ALTER_HAS(o, ALTER_AUTOINCREMENT))
        c->autoincrement = o->autoincrement;
}

static void alter_options(struct work *w, struct column *c)
{
    const struct op_alter_column *o = &w->op->u.alter_column;
    struct options *options;

    if (!ALTER_HAS(o, ALTER_OPTIONS) || !o->options)
        return;
    options = ctx_new(w->ctx, struct options);
    vec_each(i, o->options)
        if (o->options->v[i].value && *o->options->v[i].value)
            options_set(
                w->ctx, options, o->options->v[i].dialect, o->options->v[i].key, o->options->v[i].value);
    for (size_t i = 0; c->options && i < c->options->n; i++) {
        const struct option *old = &c->options->v[i];

        if (!options_get(o->options, old->dialect, old->key))
            options_set(w->ctx, options, old->dialect, old->key, old->value);
    }
    c->options = options->n ? options : NULL;
}

/* A child that has the column from a parent lists it. */
static void set_nullable(struct work *w, struct column *c, bool nullable)
{
    struct strings *listed = &w->table->not_null;

    c->nullable = nullable;
    if (!c->is_inherited)
        return;
    strings_forget(listed, c->name);
    if (!nullable)
        vec_add(w->ctx, listed, c->name);
}

bool apply_alter_column(struct work *w)
{
    const struct op_alter_column *o = &w->op->u.alter_column;
    struct column *c = find_column(w, o->name);

    if (!c)
        return apply_missing(w, "column", column_text(w, o->name));
    if (!alter_type(w, c))
        return false;
    if (ALTER_HAS(o, ALTER_NULLABLE))
        set_nullable(w, c, o->nullable);
    if (ALTER_HAS(o, ALTER_DEFAULT)) {
        c->dflt = o->dflt;
        c->own_default = c->is_inherited;
    }
    if (ALTER_HAS(o, ALTER_ON_UPDATE))
        c->on_update = o->on_update;
    if (ALTER_HAS(o, ALTER_COMMENT))
        c->comment = o->comment;
    if (ALTER_HAS(o, ALTER_COLLATION))
        c->collation = o->collation;
    if (ALTER_HAS(o, ALTER_VALUES))
        c->values = o->values;
    alter_generation(w, c);
    alter_options(w, c);
    if (!native_column(w, c))
        return false;
    imply_check(w, c);
    return !ALTER_HAS(o, ALTER_NEW_NAME) || rename_to(w, c, o->new_name);
}
