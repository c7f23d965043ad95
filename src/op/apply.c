/*
 * Applies an operation to a schema in memory.
 *
 * Changes of other tables than the operation's own are made here: references to a renamed one, and objects that
 * `cascade` drops. A schema in memory is more tolerant than a server: a table can be dropped although foreign
 * keys of others refer to it, as in SQLite; the server reports what it refuses.
 */
#include "op/apply.h"
#include "op/apply_schema.h"

/* ---- what follows a change of a table ----------------------------------------------------------------- */

void views_follow(struct ctx *ctx, const struct schema *s, const struct qname *from, const struct qname *to)
{
    const char *old = qname_text(&ctx->arena, from);

    vec_each(i, &s->views) {
        struct strings *list = &s->views.v[i]->depends_on;

        vec_each(k, list)
            if (str_eq(list->v[k], old))
                list->v[k] = qname_text(&ctx->arena, to);
    }
}

static void follow_table(struct ctx *ctx, struct schema *s, const struct qname *from, const struct qname *to)
{
    vec_each(i, &s->tables) {
        const struct constraints *keys = &s->tables.v[i]->foreign_keys;

        vec_each(k, keys)
            if (qname_eq(&keys->v[k]->references, from))
                keys->v[k]->references = *to;
    }
    vec_each(i, &s->sequences)
        if (s->sequences.v[i]->owner.name && qname_eq(&s->sequences.v[i]->owner, from))
            s->sequences.v[i]->owner = *to;
    children_rename(ctx, s, from, to);
    views_follow(ctx, s, from, to);
}

static void follow_column(
    const struct dialect *dialect, struct schema *s, const struct table *t, const char *from, const char *to)
{
    vec_each(i, &s->tables) {
        const struct constraints *keys = &s->tables.v[i]->foreign_keys;

        for (size_t k = 0; s->tables.v[i] != t && k < keys->n; k++)
            if (qname_eq(&keys->v[k]->references, &t->name))
                names_replace(dialect, &keys->v[k]->referred_columns, from, to);
    }
    vec_each(i, &s->sequences) {
        struct sequence *q = s->sequences.v[i];

        if (q->owner.name && qname_eq(&q->owner, &t->name) && name_same(dialect, q->owner_column, from))
            q->owner_column = to;
    }
}

/* ---- sequences that follow a table or a column ---------------------------------------------------------- */

/* Whether it is what `serial` makes, under whatever name. */
static bool is_as_serial(const struct sequence *q, const struct column *c)
{
    const struct sequence_options *o = &q->options;

    return c && c->native && str_eq(q->type ? q->type : "bigint", c->native) && !c->nullable && !q->comment &&
           !o->start && !o->increment && !o->min && !o->max && !o->cache && o->cycle != TRI_TRUE;
}

static void move_sequence(const struct op_call *o, struct sequence *q, struct qname to)
{
    struct qname from = q->name;

    if (qname_eq(&from, &to))
        return;
    if (schema_sequence(o->schema, &to) || schema_table(o->schema, &to))
        to.name = ctx_printf(o->ctx, "%s1", to.name);
    schema_remove_sequence(o->schema, q);
    q->name = to;
    schema_insert_sequence(o->ctx, o->schema, q);
    defaults_follow_sequence(o, &from, &to);
}

/* A sequence that is named after its column as `serial` does it is renamed along with the table or column. */
static void follow_names(const struct op_call *o, struct sequence *q, const struct table *t,
    const char *old_table, const char *old_column)
{
    char *(*name_of)(struct arena * a, const char *table, const char *column) = o->dialect->sequence_name;
    struct qname to = {t->name.schema, q->name.name};

    if (is_as_serial(q, table_column(t, q->owner_column)) &&
        str_eq(q->name.name, name_of(&o->ctx->arena, old_table, old_column)))
        to.name = name_of(&o->ctx->arena, t->name.name, q->owner_column);
    move_sequence(o, q, to);
}

/* The sequences of a table's columns, or of one of them, that are in this schema: their list changes as they move. */
static struct sequences owned_sequences(
    const struct op_call *o, const struct qname *table, const char *column, const char *schema)
{
    struct sequences owned = {0};

    for (size_t i = 0; o->dialect && o->dialect->sequence_name && i < o->schema->sequences.n; i++) {
        struct sequence *q = o->schema->sequences.v[i];

        if (q->owner.name && qname_eq(&q->owner, table) && str_eq(q->name.schema, schema) &&
            (!column || str_eq(q->owner_column, column)))
            vec_add(o->ctx, &owned, q);
    }
    return owned;
}

/* Foreign keys to a table (or to one of its columns, if given) and views that read it. */
static void cascade(struct schema *s, const struct qname *table, const char *column)
{
    vec_each(i, &s->tables) {
        struct constraints *keys = &s->tables.v[i]->foreign_keys;

        for (size_t k = keys->n; k-- > 0;)
            if (qname_eq(&keys->v[k]->references, table) &&
                (!column || strings_have(&keys->v[k]->referred_columns, column)))
                vec_remove(keys, k);
    }
    for (size_t i = s->views.n; i-- > 0;) {
        const struct view *v = s->views.v[i];

        if (view_reads(v, table) && (!column || sql_mentions(v->body.native, column)))
            vec_remove(&s->views, i);
    }
}

/* Sequences that a table or one of its columns owns are dropped with it. */
static void drop_owned(struct schema *s, const struct qname *table, const char *column)
{
    for (size_t i = s->sequences.n; i-- > 0;) {
        const struct sequence *q = s->sequences.v[i];

        if (q->owner.name && qname_eq(&q->owner, table) && (!column || str_eq(q->owner_column, column)))
            vec_remove(&s->sequences, i);
    }
}

static bool index_taken(const struct op_call *o, const char *name, const struct qname *table)
{
    if (!o->dialect || !o->dialect->has.global_indexes || !name ||
        !schema_may_have_index(o->ctx, o->schema, name))
        return false;
    vec_each(i, &o->schema->tables) {
        const struct table *t = o->schema->tables.v[i];

        if (str_eq(t->name.schema, table->schema) && !qname_eq(&t->name, table) && table_index(t, name))
            return true;
    }
    vec_each(i, &o->schema->views) {
        const struct table t = view_as_table(o->schema->views.v[i]);

        if (str_eq(t.name.schema, table->schema) && !qname_eq(&t.name, table) && table_index(&t, name))
            return true;
    }
    return false;
}

static bool fail_index_taken(const struct op_call *o)
{
    return fail(o->ctx, STATUS_CONFIG, "index '%s' already exists", o->op->u.create_index.index.name);
}

/* ---- operations on a table ---------------------------------------------------------------------------- */

static bool find_table(const struct op_call *o, struct table **ret)
{
    struct qname name = call_name(o, *op_table_name(o->op));

    *ret = call_find_table(o, &name);
    return *ret || call_missing(o, "table", &name);
}

static bool forgives_missing_table(const struct op *op)
{
    return (op->kind == OP_DROP_COLUMN && op->u.drop_column.if_exists) ||
           (op->kind == OP_DROP_CONSTRAINT && op->u.drop_constraint.if_exists) ||
           (op->kind == OP_DROP_INDEX && op->u.drop_index.if_exists);
}

/* An index may be named without its table where its name is enough. */
static bool table_of_index(const struct op_call *o, const char *name, struct table **ret)
{
    const struct qname *owner = name ? schema_index_owner(o->ctx, o->schema, name) : NULL;

    *ret = owner ? schema_table(o->schema, owner) : NULL;
    if (*ret && table_index(*ret, name))
        return true;
    vec_each(i, &o->schema->tables) {
        if (!table_index(o->schema->tables.v[i], name))
            continue;
        *ret = o->schema->tables.v[i];
        return true;
    }
    return fail(o->ctx, STATUS_CONFIG, "index '%s' does not exist", name);
}

static bool find_subject(const struct op_call *o, struct table **ret)
{
    const struct op *op = o->op;

    if (op_table_name(op))
        return find_table(o, ret);
    if (op->kind == OP_RENAME_INDEX)
        return table_of_index(o, op->u.rename_part.name, ret);
    if (op->kind == OP_SET_COMMENT)
        return table_of_index(o, op->u.set_comment.name.name, ret);
    return table_of_index(o, op->u.drop_index.name, ret);
}

/* Names of tables without the default schema, in a copy of the operation. */
static const struct op *with_plain_names(const struct op_call *o)
{
    struct op *op = ctx_new(o->ctx, struct op);

    *op = *o->op;
    if (op->kind == OP_CREATE_FOREIGN_KEY)
        op->u.create_constraint.constraint.references =
            call_name(o, op->u.create_constraint.constraint.references);
    return op;
}

static void column_renamed(const struct op_call *o, const struct table *t, const char *from, const char *to)
{
    follow_column(o->dialect, o->schema, t, from, to);
    objects_follow_column(o, &t->name, from, to);
    struct sequences owned = owned_sequences(o, &t->name, to, t->name.schema);
    vec_each(i, &owned)
        follow_names(o, owned.v[i], t, t->name.name, from);
}

/* Privileges on a column go with it, and follow its new name. */
static void access_follow(const struct op_call *o, const struct table *t, const char *column, const char *to)
{
    struct table *there = schema_table(o->schema, &t->name);

    if (there && there->access)
        there->access = access_column(o->ctx, there->access, column, to);
}

static void follow(const struct op_call *o, const struct table *t)
{
    const struct op *op = o->op;

    if (op->kind == OP_RENAME_COLUMN)
        column_renamed(o, t, op->u.rename_part.name, op->u.rename_part.new_name);
    if (op->kind == OP_RENAME_COLUMN)
        access_follow(o, t, op->u.rename_part.name, op->u.rename_part.new_name);
    if (op->kind == OP_ALTER_COLUMN && ALTER_HAS(&op->u.alter_column, ALTER_NEW_NAME))
        column_renamed(o, t, op->u.alter_column.name, op->u.alter_column.new_name);
    if (op->kind == OP_ALTER_COLUMN && ALTER_HAS(&op->u.alter_column, ALTER_NEW_NAME))
        access_follow(o, t, op->u.alter_column.name, op->u.alter_column.new_name);
    if (op->kind != OP_DROP_COLUMN)
        return;
    access_follow(o, t, op->u.drop_column.name, NULL);
    drop_owned(o->schema, &t->name, op->u.drop_column.name);
    if (op->u.drop_column.cascade)
        cascade(o->schema, &t->name, op->u.drop_column.name);
}

/* ---- indexes of views --------------------------------------------------------------------------------- */

static const char *index_name(const struct op *op)
{
    if (op->kind == OP_CREATE_INDEX)
        return op->u.create_index.index.name;
    if (op->kind == OP_DROP_INDEX)
        return op->u.drop_index.name;
    if (op->kind == OP_RENAME_INDEX)
        return op->u.rename_part.name;
    return op->kind == OP_SET_COMMENT && str_eq(op->u.set_comment.on, "index") ? op->u.set_comment.name.name
                                                                               : NULL;
}

/* The name of an index that the operation gives; NULL: it gives none. */
static const char *new_index(const struct op *op)
{
    return op->kind == OP_CREATE_INDEX   ? index_name(op)
           : op->kind == OP_RENAME_INDEX ? op->u.rename_part.new_name
                                         : NULL;
}

/* The view that has the index, or gets it; NULL: the operation is on a table. */
static struct view *view_of_index(const struct op_call *o)
{
    const struct qname *on = op_table_name(o->op);
    const char *index = index_name(o->op);
    struct qname name = on ? call_name(o, *on) : (struct qname){0};

    if (index && on)
        return schema_view(o->schema, &name);
    if (!index || !schema_may_have_index(o->ctx, o->schema, index))
        return NULL;
    vec_each(i, &o->schema->views) {
        const struct table t = view_as_table(o->schema->views.v[i]);

        if (table_index(&t, index))
            return o->schema->views.v[i];
    }
    return NULL;
}

static void add_column(const struct op_call *o, struct table *t, const char *name)
{
    struct column *c;

    if (!name || table_column(t, name))
        return;
    c = ctx_new(o->ctx, struct column);
    c->name = name;
    vec_add(o->ctx, &t->columns, c);
}

/* A view's columns are not known: it has those that its new index names. */
static void add_columns(const struct op_call *o, struct table *t)
{
    const struct index *x = &o->op->u.create_index.index;

    vec_each(i, &x->parts)
        add_column(o, t, x->parts.v[i]->column);
    vec_each(i, &x->include)
        add_column(o, t, x->include.v[i]);
}

static bool call_on_view(const struct op_call *o, struct view *v)
{
    struct table t = view_as_table(v);

    if (o->op->kind == OP_CREATE_INDEX) {
        if (!o->op->u.create_index.if_not_exists &&
            index_taken(o, o->op->u.create_index.index.name, &v->name))
            return fail_index_taken(o);
        add_columns(o, &t);
    }
    if (!op_apply_to_table(o->ctx, o->dialect, o->schema, &t, o->op))
        return false;
    v->indexes = t.indexes;
    schema_note_index(o->schema, &v->name, new_index(o->op));
    return true;
}

/* ---- operations on a table or its indexes ------------------------------------------------------------- */

bool call_on_table(const struct op_call *o)
{
    struct view *v = view_of_index(o);
    struct table *t = NULL;

    if (v)
        return call_on_view(o, v);
    if (!find_subject(o, &t)) {
        if (!forgives_missing_table(o->op))
            return false;
        err_clear(o->ctx);
        return true;
    }
    if (o->op->kind == OP_CREATE_INDEX && !o->op->u.create_index.if_not_exists &&
        index_taken(o, o->op->u.create_index.index.name, &t->name))
        return fail_index_taken(o);
    if (o->op->kind == OP_CREATE_INDEX && o->op->u.create_index.attach_to.name)
        return call_attach_index(o, t);
    if (!op_apply_to_table(o->ctx, o->dialect, o->schema, t, with_plain_names(o)))
        return false;
    follow(o, t);
    children_follow(o->ctx, o->schema, t, o->op);
    if (op_is_about_index(o->op))
        schema_note_index(o->schema, &t->name, new_index(o->op));
    return true;
}

bool call_rename_table(const struct op_call *o)
{
    struct table *t = NULL, *other;
    struct qname to = call_name(o, o->op->u.rename.new_name);

    if (!find_table(o, &t))
        return false;
    other = call_find_table(o, &to);
    if ((other && other != t) || schema_view(o->schema, &to))
        return fail(o->ctx, STATUS_CONFIG, "table '%s' already exists", qname_text(&o->ctx->arena, &to));
    struct qname from = t->name;
    schema_remove_table(o->schema, t);
    t->name = to;
    schema_insert_table(o->ctx, o->schema, t);
    follow_table(o->ctx, o->schema, &from, &to);
    objects_follow(o, &from, &to);
    struct sequences owned = owned_sequences(o, &to, NULL, from.schema);
    vec_each(i, &owned)
        follow_names(o, owned.v[i], t, from.name, owned.v[i]->owner_column);
    call_follow_type(o, &from, &to);
    return true;
}

/* With its children. */
static void drop_table(const struct op_call *o, struct table *t)
{
    bool cascades = o->op->u.drop.cascade;

    schema_remove_table(o->schema, t);
    objects_drop_on(o->schema, &t->name);
    for (struct table *child; (child = next_dropped_child(o->ctx, o->schema, &t->name, cascades));)
        drop_table(o, child);
    drop_owned(o->schema, &t->name, NULL);
    if (cascades)
        cascade(o->schema, &t->name, NULL);
}

bool call_drop_table(const struct op_call *o)
{
    const struct op_drop *d = &o->op->u.drop;
    struct qname name = call_name(o, d->name);
    struct table *t = call_find_table(o, &name);

    if (!t)
        return d->if_exists || call_missing(o, "table", &name);
    drop_table(o, t);
    return true;
}

static bool complete_table(const struct op_call *o, struct table *t)
{
    struct work w = {.ctx = o->ctx, .dialect = o->dialect, .schema = o->schema, .table = t, .op = o->op};
    struct constraints constraints = {0};
    struct constraint *c;

    for (size_t state = 0; (c = table_next_constraint(t, &state));)
        if (!c->implied)
            vec_add(o->ctx, &constraints, c);
    t->uniques.n = t->checks.n = t->foreign_keys.n = t->excludes.n = 0;
    vec_each(i, &t->columns) { /* the type of a single primary key depends on being one */
        if (!native_column(&w, t->columns.v[i]))
            return false;
        imply_check(&w, t->columns.v[i]);
    }
    t->primary_key = NULL;
    vec_each(i, &constraints) {
        constraints.v[i]->references = call_name(o, constraints.v[i]->references);
        if (!add_constraint(&w, constraints.v[i]))
            return false;
    }
    vec_each(i, &t->indexes)
        native_index(&w, t->indexes.v[i]);
    return true;
}

bool call_create_table(const struct op_call *o)
{
    const struct op_create_table *create = &o->op->u.create_table;
    struct qname name = call_name(o, create->table.name);
    struct table *t;

    if (call_find_table(o, &name) || schema_view(o->schema, &name))
        return create->if_not_exists ||
               fail(o->ctx, STATUS_CONFIG, "table '%s' already exists", qname_text(&o->ctx->arena, &name));
    t = table_copy(o->ctx, &create->table);
    t->name = name;
    t->access = NULL;
    call_prepare_child(o, t);
    if (!call_inherit(o, t) || !complete_table(o, t))
        return false;
    schema_insert_table(o->ctx, o->schema, t);
    return true;
}
