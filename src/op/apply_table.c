/* Applies an operation to the one table that it names. */
#include "op/apply.h"

bool apply_missing(const struct work *w, const char *what, const char *name)
{
    return fail(w->ctx, STATUS_CONFIG, "%s '%s' does not exist", what, name);
}

bool apply_taken(const struct work *w, const char *what, const char *name)
{
    return fail(w->ctx, STATUS_CONFIG, "%s '%s' already exists", what, name);
}

/* ---- constraints -------------------------------------------------------------------------------------- */

static struct constraint *find_constraint(const struct work *w, const char *name)
{
    struct constraint *c;

    for (size_t state = 0; (c = table_next_constraint(w->table, &state));)
        if (c->name && name_same(w->dialect, c->name, name))
            return c;
    return NULL;
}

static bool check_columns(const struct work *w, const struct strings *columns)
{
    vec_each(i, columns)
        if (!find_column(w, columns->v[i]))
            return apply_missing(w, "column", columns->v[i]);
    return true;
}

/* A foreign key without referred columns means the referred table's primary key. */
static void complete_reference(const struct work *w, struct constraint *c)
{
    const struct table *t = w->table;

    if (c->kind != CONSTRAINT_FOREIGN_KEY || c->referred_columns.n)
        return;
    if (!qname_eq(&c->references, &t->name))
        t = w->schema ? schema_table(w->schema, &c->references) : NULL;
    for (size_t i = 0; t && t->primary_key && i < t->primary_key->columns.n; i++)
        vec_add(w->ctx, &c->referred_columns, t->primary_key->columns.v[i]);
}

static bool set_primary_key(struct work *w, struct constraint *c)
{
    if (w->table->primary_key)
        return fail(w->ctx, STATUS_CONFIG, "table '%s' already has a primary key",
            qname_text(&w->ctx->arena, &w->table->name));
    vec_each(i, &c->columns) {
        struct column *column = find_column(w, c->columns.v[i]);

        /* SQLite takes nulls in a key unless the column refuses them itself */
        if (!w->dialect || !w->dialect->has.null_keys)
            column->nullable = false;
        column->primary_key = true;
    }
    w->table->primary_key = c;
    return true;
}

bool add_constraint(struct work *w, struct constraint *c)
{
    if (c->name && find_constraint(w, c->name))
        return apply_taken(w, "constraint", c->name);
    if (!check_columns(w, &c->columns) || !check_columns(w, &c->include))
        return false;
    native_constraint(w, c);
    complete_reference(w, c);
    if (c->kind == CONSTRAINT_PRIMARY_KEY)
        return set_primary_key(w, c);
    vec_add(w->ctx, table_constraints(w->table, c->kind), c);
    return true;
}

/* The index becomes the constraint's own, under its name. */
static bool take_index(struct work *w, const char *name, struct constraint *c)
{
    struct indexes *indexes = &w->table->indexes;

    vec_each(i, indexes) {
        if (!name_same(w->dialect, indexes->v[i]->name, name))
            continue;
        c->name = c->name ? c->name : indexes->v[i]->name;
        vec_remove(indexes, i);
        return true;
    }
    return apply_missing(w, "index", name);
}

static bool create_constraint(struct work *w)
{
    const struct op_create_constraint *o = &w->op->u.create_constraint;
    struct constraint *c = constraint_copy(w->ctx, &o->constraint);

    return (!o->using_index || take_index(w, o->using_index, c)) && add_constraint(w, c);
}

static bool strings_same(const struct dialect *dialect, const struct strings *a, const struct strings *b)
{
    if (a->n != b->n)
        return false;
    vec_each(i, a)
        if (!name_same(dialect, a->v[i], b->v[i]))
            return false;
    return true;
}

static bool is_described(const struct work *w, const struct constraint *c)
{
    const struct op_drop_constraint *o = &w->op->u.drop_constraint;
    struct expr check = o->check;

    if (o->type && (int)c->kind != o->type - 1)
        return false;
    if (o->references.name && !qname_eq(&c->references, &o->references))
        return false;
    if (c->kind == CONSTRAINT_PRIMARY_KEY && !o->columns.n)
        return true;
    if (c->kind != CONSTRAINT_CHECK)
        return strings_same(w->dialect, &c->columns, &o->columns);
    native_expr(w, &check);
    if (!check.native || !c->check.native)
        return str_eq(check.sql.text, c->check.sql.text);
    return str_eq(check.native, c->check.native) ||
           (w->dialect && w->dialect->expr_same(w->ctx, NULL, check.native, c->check.native));
}

/* By its name, or, when it has none, the first of this type, columns and expression: those without a name come
 * first. */
static struct constraint *find_dropped(const struct work *w)
{
    const struct op_drop_constraint *o = &w->op->u.drop_constraint;
    struct constraint *c, *named = NULL;

    if (o->name)
        return find_constraint(w, o->name);
    for (size_t state = 0; (c = table_next_constraint(w->table, &state));) {
        if (c->implied || !is_described(w, c))
            continue;
        if (!c->name)
            return c;
        if (!named)
            named = c;
    }
    return named;
}

/* Its columns stay NOT NULL, which a child lists. */
static void remove_primary_key(struct ctx *ctx, struct table *t)
{
    vec_each(i, &t->columns) {
        struct column *c = t->columns.v[i];

        if (c->is_inherited && column_in_key(t, c->name))
            vec_add(ctx, &t->not_null, c->name);
        c->primary_key = false;
    }
    t->primary_key = NULL;
}

static void remove_constraint(struct ctx *ctx, struct table *t, const struct constraint *c)
{
    if (c == t->primary_key) {
        remove_primary_key(ctx, t);
        return;
    }
    struct constraints *list = table_constraints(t, c->kind);
    size_t at = 0;
    while (list->v[at] != c)
        at++;
    vec_remove(list, at);
}

/* Where a unique index and a unique constraint are one thing, it may have been created as either. */
static bool drop_unique_index(const struct work *w, const char *name)
{
    struct indexes *list = &w->table->indexes;

    if (!name || !w->dialect || !w->dialect->has.unique_indexes)
        return false;
    vec_each(i, list) {
        if (!list->v[i]->unique || !name_same(w->dialect, list->v[i]->name, name))
            continue;
        vec_remove(list, i);
        return true;
    }
    return false;
}

static bool drop_constraint(struct work *w)
{
    const struct op_drop_constraint *o = &w->op->u.drop_constraint;
    const struct constraint *c = find_dropped(w);

    if (c)
        remove_constraint(w->ctx, w->table, c);
    if (c || drop_unique_index(w, o->name) || o->if_exists)
        return true;
    if (o->name)
        return apply_missing(w, "constraint", o->name);
    return fail(w->ctx, STATUS_CONFIG, "table '%s' has no such constraint",
        qname_text(&w->ctx->arena, &w->table->name));
}

static bool rename_constraint(struct work *w)
{
    const struct op_rename_part *o = &w->op->u.rename_part;
    struct constraint *c = find_constraint(w, o->name);

    if (!c)
        return apply_missing(w, "constraint", o->name);
    if (find_constraint(w, o->new_name))
        return apply_taken(w, "constraint", o->new_name);
    c->name = o->new_name;
    return true;
}

static bool validate_constraint(struct work *w)
{
    struct constraint *c = find_constraint(w, w->op->u.validate_constraint.name);

    if (!c)
        return apply_missing(w, "constraint", w->op->u.validate_constraint.name);
    c->not_valid = false;
    return true;
}

/* ---- indexes ------------------------------------------------------------------------------------------ */

static size_t find_index(const struct work *w, const char *name)
{
    vec_each(i, &w->table->indexes) {
        const char *other = w->table->indexes.v[i]->name;

        if (other && name && name_same(w->dialect, other, name))
            return i;
    }
    return w->table->indexes.n;
}

static bool create_index(struct work *w)
{
    const struct op_create_index *o = &w->op->u.create_index;
    struct index *i;

    if (find_index(w, o->index.name) < w->table->indexes.n)
        return o->if_not_exists || apply_taken(w, "index", o->index.name);
    vec_each(p, &o->index.parts) {
        const char *column = o->index.parts.v[p]->column;

        if (column && !find_column(w, column))
            return apply_missing(w, "column", column);
    }
    if (!check_columns(w, &o->index.include))
        return false;
    i = index_copy(w->ctx, &o->index);
    native_index(w, i);
    vec_add(w->ctx, &w->table->indexes, i);
    return true;
}

static bool drop_index(struct work *w)
{
    const struct op_drop_index *o = &w->op->u.drop_index;
    size_t at = find_index(w, o->name);

    if (at == w->table->indexes.n)
        return o->if_exists || apply_missing(w, "index", o->name);
    vec_remove(&w->table->indexes, at);
    return true;
}

static bool rename_index(struct work *w)
{
    const struct op_rename_part *o = &w->op->u.rename_part;
    size_t at = find_index(w, o->name);

    if (at == w->table->indexes.n)
        return apply_missing(w, "index", o->name);
    if (find_index(w, o->new_name) < w->table->indexes.n)
        return apply_taken(w, "index", o->new_name);
    w->table->indexes.v[at]->name = o->new_name;
    return true;
}

/* ---- the table itself --------------------------------------------------------------------------------- */

/* As the server renames keys to which it gave the name of their table. */
static void rename_keys(struct work *w, const char *before, const char *after)
{
    const struct dialect *dialect = w->dialect;

    for (size_t i = 0; dialect->table_in_name && i < w->table->foreign_keys.n; i++) {
        struct constraint *c = w->table->foreign_keys.v[i];
        size_t n = c->name ? dialect->table_in_name(c->name) : 0;

        if (n && n == strlen(before) && strncmp(c->name, before, n) == 0)
            c->name = ctx_printf(w->ctx, "%s%s", after, c->name + n);
    }
}

static bool rename_table(struct work *w)
{
    rename_keys(w, w->table->name.name, w->op->u.rename.new_name.name);
    w->table->name = w->op->u.rename.new_name;
    return true;
}

static bool alter_table(struct work *w)
{
    options_alter(w->ctx, &w->table->options, &w->op->u.alter_table.options);
    return true;
}

static bool create_comment(struct work *w)
{
    w->table->comment = w->op->u.table_comment.comment;
    return true;
}

static bool drop_comment(struct work *w)
{
    w->table->comment = NULL;
    return true;
}

static bool set_comment(struct work *w)
{
    const struct op_set_comment *o = &w->op->u.set_comment;

    if (str_eq(o->on, "index")) {
        size_t at = find_index(w, o->name.name);

        if (at == w->table->indexes.n)
            return apply_missing(w, "index", o->name.name);
        w->table->indexes.v[at]->comment = o->comment;
        return true;
    }
    struct constraint *c = find_constraint(w, o->name.name);
    if (!c)
        return apply_missing(w, "constraint", o->name.name);
    c->comment = o->comment;
    return true;
}

static bool (*const on_table[OP_KINDS])(struct work *w) = {
    [OP_RENAME_TABLE] = rename_table,
    [OP_ALTER_TABLE] = alter_table,
    [OP_ADD_COLUMN] = apply_add_column,
    [OP_DROP_COLUMN] = apply_drop_column,
    [OP_ALTER_COLUMN] = apply_alter_column,
    [OP_RENAME_COLUMN] = apply_rename_column,
    [OP_CREATE_INDEX] = create_index,
    [OP_DROP_INDEX] = drop_index,
    [OP_RENAME_INDEX] = rename_index,
    [OP_CREATE_PRIMARY_KEY] = create_constraint,
    [OP_CREATE_UNIQUE_CONSTRAINT] = create_constraint,
    [OP_CREATE_CHECK_CONSTRAINT] = create_constraint,
    [OP_CREATE_FOREIGN_KEY] = create_constraint,
    [OP_CREATE_EXCLUDE_CONSTRAINT] = create_constraint,
    [OP_DROP_CONSTRAINT] = drop_constraint,
    [OP_RENAME_CONSTRAINT] = rename_constraint,
    [OP_VALIDATE_CONSTRAINT] = validate_constraint,
    [OP_CREATE_TABLE_COMMENT] = create_comment,
    [OP_DROP_TABLE_COMMENT] = drop_comment,
    [OP_SET_COMMENT] = set_comment,
};

bool op_apply_to_table(struct ctx *ctx, const struct dialect *dialect, const struct schema *s,
    struct table *t, const struct op *op)
{
    struct work w = {.ctx = ctx, .dialect = dialect, .schema = s, .table = t, .op = op};

    return !on_table[op->kind] || on_table[op->kind](&w);
}
