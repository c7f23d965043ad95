/* Checks that what an operation names exists, and that what it creates does not exist yet. */
#include "migrate/foresee.h"

/* ---- what is read --------------------------------------------------------------------------------------- */

static void add_name(struct foresight *f, const struct qname *name)
{
    if (!name || !name->name || name->schema)
        return;
    const char *lower = str_lower(&f->ctx->arena, name->name);
    if (!map_get(&f->asked, lower))
        vec_add(f->ctx, &f->names, name->name);
    map_set(&f->asked, lower, f);
}

static void add_references(struct foresight *f, const struct op *op)
{
    const struct constraints *keys = &op->u.create_table.table.foreign_keys;
    for (size_t i = 0; op->kind == OP_CREATE_TABLE && i < keys->n; i++)
        add_name(f, &keys->v[i]->references);
    if (op->kind == OP_CREATE_FOREIGN_KEY)
        add_name(f, &op->u.create_constraint.constraint.references);
    if (op->kind == OP_ADD_COLUMN && op->u.add_column.references)
        add_name(f, &op->u.add_column.references->references);
}

void foresee_names(struct foresight *f, const struct op *op)
{
    const struct qname granted = {.name = op->u.access.name};
    const bool is_rename =
        op->kind == OP_RENAME_TABLE || op->kind == OP_RENAME_VIEW || op->kind == OP_RENAME_SEQUENCE;
    if (op->kind == OP_GRANT || op->kind == OP_REVOKE) {
        add_name(f, &granted);
        return;
    }
    if (op_object_kind(op->kind) != OBJECT_KINDS) {
        add_name(f, &op->u.object.object.of);
        return;
    }
    add_name(f, op_table_name(op));
    add_name(f, op_subject(op));
    if (op->kind == OP_BACKFILL)
        add_name(f, &op->u.backfill.table);
    if (op->kind == OP_BULK_INSERT)
        add_name(f, &op->u.bulk_insert.table);
    if (is_rename)
        add_name(f, &op->u.rename.new_name);
    add_references(f, op);
}

/* ---- tables, views, sequences -------------------------------------------------------------------------- */

/* Names that differ in the case of letters may be one name on the server. */
static const struct table *find_table(const struct foresight *f, const struct qname *name)
{
    const struct table *exact = schema_table(&f->schema, name);
    for (size_t i = 0; !exact && i < f->schema.tables.n; i++)
        if (str_eq_ci(f->schema.tables.v[i]->name.name, name->name))
            exact = f->schema.tables.v[i];
    return exact;
}

static bool has_view(const struct foresight *f, const struct qname *name)
{
    vec_each(i, &f->schema.views)
        if (str_eq_ci(f->schema.views.v[i]->name.name, name->name))
            return true;
    return f->has_own_objects;
}

static bool has_sequence(const struct foresight *f, const struct qname *name)
{
    vec_each(i, &f->schema.sequences)
        if (str_eq_ci(f->schema.sequences.v[i]->name.name, name->name))
            return true;
    return f->has_own_objects;
}

static bool has_other(const struct foresight *f, const struct qname *name)
{
    vec_each(i, &f->schema.unmodelled)
        if (str_eq_ci(f->schema.unmodelled.v[i]->name.name, name->name))
            return true;
    return false;
}

static bool fail_missing(const struct foresight *f, const char *what, const struct qname *name)
{
    return fail(f->ctx, STATUS_FAILED, "%s '%s' does not exist", what, qname_text(&f->ctx->arena, name));
}

/* *ret NULL: nothing is known of it. */
static bool need_table(const struct foresight *f, const struct qname *name, const struct table **ret)
{
    *ret = NULL;
    if (foresee_is_unsure(f, name))
        return true;
    *ret = find_table(f, name);
    return *ret || has_view(f, name) || has_sequence(f, name) || has_other(f, name) ||
           fail_missing(f, "table", name);
}

static bool need_free(const struct foresight *f, const struct qname *name)
{
    const char *kind = schema_table(&f->schema, name)      ? "table"
                       : schema_view(&f->schema, name)     ? "view"
                       : schema_sequence(&f->schema, name) ? "sequence"
                                                           : NULL;
    return !kind || foresee_is_unsure(f, name) || (f->has_own_objects && !str_eq(kind, "table")) ||
           fail(f->ctx, STATUS_FAILED, "%s '%s' already exists", kind, qname_text(&f->ctx->arena, name));
}

/* ---- columns ------------------------------------------------------------------------------------------- */

static bool has_column(const struct table *t, const char *name)
{
    vec_each(i, &t->columns)
        if (str_eq_ci(t->columns.v[i]->name, name))
            return true;
    return false;
}

static bool need_column(const struct foresight *f, const struct table *t, const char *name)
{
    return !t || has_column(t, name) ||
           fail(f->ctx, STATUS_FAILED, "column '%s' of table '%s' does not exist", name, t->name.name);
}

static bool need_columns(const struct foresight *f, const struct table *t, const struct strings *names)
{
    vec_each(i, names)
        if (!need_column(f, t, names->v[i]))
            return false;
    return true;
}

static bool need_free_column(const struct foresight *f, const struct table *t, const char *name)
{
    return !t || !has_column(t, name) ||
           fail(f->ctx, STATUS_FAILED, "column '%s' of table '%s' already exists", name, t->name.name);
}

static bool need_parts(const struct foresight *f, const struct table *t, const struct index_parts *parts)
{
    vec_each(i, parts)
        if (parts->v[i]->column && !need_column(f, t, parts->v[i]->column))
            return false;
    return true;
}

/* ---- indexes and constraints --------------------------------------------------------------------------- */

/* The database names what has no name, but for the primary key. */
static bool may_be_named(const struct constraint *c, const char *name)
{
    return c->name ? str_eq_ci(c->name, name) : c->kind != CONSTRAINT_PRIMARY_KEY;
}

/* Reflection leaves out the indexes that come with foreign keys, which are named after the key or its first column. */
static bool may_have_index(const struct table *t, const char *name)
{
    const struct constraint *c;
    if (str_eq_ci(name, "PRIMARY") && t->primary_key)
        return true;
    vec_each(i, &t->indexes)
        if (str_eq_ci(t->indexes.v[i]->name, name))
            return true;
    for (size_t state = 0; (c = table_next_constraint(t, &state));)
        if (may_be_named(c, name) || (c->kind == CONSTRAINT_FOREIGN_KEY && str_starts(name, c->columns.v[0])))
            return true;
    return false;
}

static bool need_index(const struct foresight *f, const struct table *t, const char *name)
{
    return !t || !name || f->has_own_tables || may_have_index(t, name) ||
           fail(f->ctx, STATUS_FAILED, "index '%s' of table '%s' does not exist", name, t->name.name);
}

/* A key of the name that other databases give a primary key is the primary key. */
static bool may_have_constraint(const struct foresight *f, const struct table *t, const char *name)
{
    const struct constraint *c;
    for (size_t state = 0; (c = table_next_constraint(t, &state));)
        if (may_be_named(c, name))
            return true;
    return table_index(t, name) ||
           (t->primary_key && str_eq(name, ctx_printf(f->ctx, "%s_pkey", t->name.name)));
}

static bool need_constraint(const struct foresight *f, const struct table *t, const char *name)
{
    return !t || !name || f->has_own_tables || may_have_constraint(f, t, name) ||
           fail(f->ctx, STATUS_FAILED, "constraint '%s' of table '%s' does not exist", name, t->name.name);
}

/* Whether user SQL may have allowed keys to what does not exist. */
static bool may_dangle(const struct foresight *f)
{
    vec_each(i, &f->texts)
        if (strstr(str_lower(&f->ctx->arena, f->texts.v[i]), "foreign_key_checks"))
            return true;
    return false;
}

/* The columns of the table itself may be created together with it. */
static bool check_reference(const struct foresight *f, const struct constraint *c, const struct qname *own)
{
    const struct table *referred;
    if (c->kind != CONSTRAINT_FOREIGN_KEY || c->external || qname_eq(&c->references, own) || may_dangle(f))
        return true;
    return need_table(f, &c->references, &referred) && need_columns(f, referred, &c->referred_columns);
}

/* ---- operations ---------------------------------------------------------------------------------------- */

static bool check_create_table(const struct foresight *f, const struct op *op)
{
    const struct op_create_table *o = &op->u.create_table;
    vec_each(i, &o->table.foreign_keys)
        if (!check_reference(f, o->table.foreign_keys.v[i], &o->table.name))
            return false;
    return o->if_not_exists || need_free(f, &o->table.name);
}

static bool check_drop_table(const struct foresight *f, const struct op *op)
{
    const struct table *ignored;
    return op->u.drop.if_exists || need_table(f, &op->u.drop.name, &ignored);
}

static bool check_rename_table(const struct foresight *f, const struct op *op)
{
    const struct table *ignored;
    const bool is_same = str_eq_ci(op->u.rename.name.name, op->u.rename.new_name.name);
    return need_table(f, &op->u.rename.name, &ignored) && (is_same || need_free(f, &op->u.rename.new_name));
}

static bool check_table(const struct foresight *f, const struct op *op)
{
    const struct table *ignored;
    return need_table(f, op_table_name(op), &ignored);
}

static bool check_add_column(const struct foresight *f, const struct op *op)
{
    const struct op_add_column *o = &op->u.add_column;
    const struct table *t;
    return need_table(f, &o->table, &t) && (o->if_not_exists || need_free_column(f, t, o->column.name)) &&
           (!o->after || need_column(f, t, o->after)) &&
           (!o->references || check_reference(f, o->references, &o->table));
}

static bool check_drop_column(const struct foresight *f, const struct op *op)
{
    const struct op_drop_column *o = &op->u.drop_column;
    const struct table *t;
    return o->if_exists || (need_table(f, &o->table, &t) && need_column(f, t, o->name));
}

static bool check_alter_column(const struct foresight *f, const struct op *op)
{
    const struct op_alter_column *o = &op->u.alter_column;
    const struct table *t;
    const bool is_renamed = ALTER_HAS(o, ALTER_NEW_NAME) && !str_eq_ci(o->name, o->new_name);
    return need_table(f, &o->table, &t) && need_column(f, t, o->name) &&
           (!is_renamed || need_free_column(f, t, o->new_name));
}

static bool check_rename_column(const struct foresight *f, const struct op *op)
{
    const struct op_rename_part *o = &op->u.rename_part;
    const struct table *t;
    return need_table(f, &o->table, &t) && need_column(f, t, o->name) &&
           (str_eq_ci(o->name, o->new_name) || need_free_column(f, t, o->new_name));
}

static bool check_create_index(const struct foresight *f, const struct op *op)
{
    const struct op_create_index *o = &op->u.create_index;
    const struct table *t;
    if (!need_table(f, &o->table, &t) || !need_parts(f, t, &o->index.parts))
        return false;
    return !t || o->if_not_exists || f->has_own_tables || !o->index.name || !table_index(t, o->index.name) ||
           fail(
               f->ctx, STATUS_FAILED, "index '%s' of table '%s' already exists", o->index.name, t->name.name);
}

static bool check_drop_index(const struct foresight *f, const struct op *op)
{
    const struct op_drop_index *o = &op->u.drop_index;
    const struct table *t;
    return o->if_exists || !o->table.name || (need_table(f, &o->table, &t) && need_index(f, t, o->name));
}

static bool check_rename_index(const struct foresight *f, const struct op *op)
{
    const struct op_rename_part *o = &op->u.rename_part;
    const struct table *t;
    return !o->table.name || (need_table(f, &o->table, &t) && need_index(f, t, o->name));
}

static bool check_create_constraint(const struct foresight *f, const struct op *op)
{
    const struct op_create_constraint *o = &op->u.create_constraint;
    const struct constraint *c = &o->constraint;
    const struct table *t;
    if (!need_table(f, &o->table, &t) || !need_columns(f, t, &c->columns) ||
        !check_reference(f, c, &o->table))
        return false;
    if (f->has_own_tables)
        return true;
    if (t && op->kind == OP_CREATE_PRIMARY_KEY && t->primary_key)
        return fail(f->ctx, STATUS_FAILED, "table '%s' already has a primary key", t->name.name);
    return !t || !c->name || !table_constraint(t, c->name) || op->kind == OP_CREATE_PRIMARY_KEY ||
           fail(f->ctx, STATUS_FAILED, "constraint '%s' of table '%s' already exists", c->name, t->name.name);
}

static bool check_drop_constraint(const struct foresight *f, const struct op *op)
{
    const struct op_drop_constraint *o = &op->u.drop_constraint;
    const struct table *t;
    if (o->if_exists)
        return true;
    return need_table(f, &o->table, &t) && (o->type || need_constraint(f, t, o->name));
}

static bool check_create_view(const struct foresight *f, const struct op *op)
{
    return need_free(f, &op->u.view.view.name);
}

static bool check_drop_view(const struct foresight *f, const struct op *op)
{
    const struct qname *name = &op->u.drop.name;
    return op->u.drop.if_exists || foresee_is_unsure(f, name) || has_view(f, name) ||
           fail_missing(f, "view", name);
}

static bool check_rename_view(const struct foresight *f, const struct op *op)
{
    const struct qname *name = &op->u.rename.name;
    return foresee_is_unsure(f, name) || has_view(f, name) || fail_missing(f, "view", name);
}

static bool check_create_sequence(const struct foresight *f, const struct op *op)
{
    return need_free(f, &op->u.sequence.sequence.name);
}

static bool check_drop_sequence(const struct foresight *f, const struct op *op)
{
    const struct qname *name = &op->u.drop.name;
    return op->u.drop.if_exists || foresee_is_unsure(f, name) || has_sequence(f, name) ||
           fail_missing(f, "sequence", name);
}

static bool check_access(const struct foresight *f, const struct op *op)
{
    const struct op_access *o = &op->u.access;
    const struct qname name = {.name = o->name};
    const struct table *t;
    if (!str_eq(o->on, "table") || !o->name || strchr(o->name, '.'))
        return true;
    return need_table(f, &name, &t) && need_columns(f, t, &o->columns);
}

static bool check_backfill(const struct foresight *f, const struct op *op)
{
    const struct op_backfill *o = &op->u.backfill;
    const struct table *t;
    if (!need_table(f, &o->table, &t))
        return false;
    vec_each(i, &o->set)
        if (!need_column(f, t, o->set.v[i]->column))
            return false;
    return !o->key || need_column(f, t, o->key);
}

static bool (*const checks[OP_KINDS])(const struct foresight *f, const struct op *op) = {
    [OP_CREATE_TABLE] = check_create_table,
    [OP_DROP_TABLE] = check_drop_table,
    [OP_RENAME_TABLE] = check_rename_table,
    [OP_ALTER_TABLE] = check_table,
    [OP_ADD_COLUMN] = check_add_column,
    [OP_DROP_COLUMN] = check_drop_column,
    [OP_ALTER_COLUMN] = check_alter_column,
    [OP_RENAME_COLUMN] = check_rename_column,
    [OP_CREATE_INDEX] = check_create_index,
    [OP_DROP_INDEX] = check_drop_index,
    [OP_RENAME_INDEX] = check_rename_index,
    [OP_CREATE_PRIMARY_KEY] = check_create_constraint,
    [OP_CREATE_UNIQUE_CONSTRAINT] = check_create_constraint,
    [OP_CREATE_CHECK_CONSTRAINT] = check_create_constraint,
    [OP_CREATE_FOREIGN_KEY] = check_create_constraint,
    [OP_DROP_CONSTRAINT] = check_drop_constraint,
    [OP_CREATE_TABLE_COMMENT] = check_table,
    [OP_DROP_TABLE_COMMENT] = check_table,
    [OP_CREATE_VIEW] = check_create_view,
    [OP_DROP_VIEW] = check_drop_view,
    [OP_RENAME_VIEW] = check_rename_view,
    [OP_CREATE_SEQUENCE] = check_create_sequence,
    [OP_DROP_SEQUENCE] = check_drop_sequence,
    [OP_BULK_INSERT] = check_table,
    [OP_BACKFILL] = check_backfill,
    [OP_GRANT] = check_access,
    [OP_REVOKE] = check_access,
};

/* ---- objects of the table of kinds --------------------------------------------------------------------- */

/* The types in a signature have several spellings, so the name decides. */
static bool has_routine(const struct foresight *f, enum object_kind kind, const struct object *o)
{
    const struct objects *all = &f->schema.objects[kind];
    for (size_t i = 0; o->signature && i < all->n; i++)
        if (str_eq_ci(all->v[i]->name.name, o->name.name))
            return true;
    return false;
}

static bool check_object(const struct foresight *f, const struct op *op)
{
    const enum object_kind kind = op_object_kind(op->kind);
    const enum object_verb verb = op_object_verb(op->kind);
    const struct op_object *o = &op->u.object;
    const struct object *there = objects_find(&f->schema.objects[kind], &o->object);
    const struct table *ignored;
    if (!(f->r->dialect->objects & 1u << kind) || f->has_own_objects || o->object.name.schema)
        return true;
    if (verb == OBJECT_CREATE && kind == OBJECT_TRIGGER && o->object.of.name &&
        !need_table(f, &o->object.of, &ignored))
        return false;
    if (verb != OBJECT_DROP && verb != OBJECT_RENAME)
        return true;
    return there || o->if_exists || has_routine(f, kind, &o->object) ||
           fail(f->ctx, STATUS_FAILED, "%s '%s' does not exist", object_table[kind].name,
               object_text(&f->ctx->arena, &o->object));
}

bool foresee_op(struct foresight *f, const struct op *op)
{
    if (op_object_kind(op->kind) != OBJECT_KINDS)
        return check_object(f, op);
    return !checks[op->kind] || checks[op->kind](f, op);
}
