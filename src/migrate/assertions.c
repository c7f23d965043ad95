/*
 * Assertions for operations that fail because of rows: NOT NULL, keys, foreign keys, checks and narrower types.
 *
 * They come before all operations, so they name tables and columns as they are before these. An operation has none if it
 * is about something new, if rows change before it, or if it names something renamed in a way that only the database
 * could translate.
 */
#include "cmig/migrate.h"

struct asserting {
    struct ctx *ctx;
    const struct dialect *dialect;
    const struct schema *before, *after;
    const struct ops *ops;
    size_t at;       /* of the operation */
    struct ops *ret; /* the assertions */
    /* Of the operation: */
    const struct table *table; /* before */
    bool is_plain;             /* all names are written in the same way everywhere */
    bool is_renamed;           /* the table or one of its columns */
    struct strings shown;      /* columns that identify a row, and those that are wrong */
};

/* ---- names before the operations --------------------------------------------------------------------- */

static struct qname old_table(const struct asserting *a, const struct qname *name)
{
    struct qname ret = *name;
    for (size_t i = a->at; i-- > 0;) {
        const struct op *op = a->ops->v[i];
        if (op->kind == OP_RENAME_TABLE && qname_eq(&op->u.rename.new_name, &ret))
            ret = op->u.rename.name;
    }
    return ret;
}

static const char *old_column(const struct asserting *a, const struct qname *table, const char *column)
{
    struct qname name = *table;
    for (size_t i = a->at; i-- > 0;) {
        const struct op *op = a->ops->v[i];
        const struct op_rename_part *part = &op->u.rename_part;
        if (op->kind == OP_RENAME_TABLE && qname_eq(&op->u.rename.new_name, &name))
            name = op->u.rename.name;
        else if (op->kind == OP_RENAME_COLUMN && qname_eq(&part->table, &name) &&
                 str_eq(part->new_name, column))
            column = part->name;
    }
    return column;
}

static void take_name(struct asserting *a, const char *name)
{
    a->is_plain = a->is_plain && (!name || name_is_plain(name));
}

/* Their old names. False: one is new. */
static bool take_columns(struct asserting *a, const struct qname *table, const struct table *before,
    const struct strings *columns, struct strings *ret)
{
    *ret = (struct strings){0};
    vec_each(i, columns) {
        const char *old = old_column(a, table, columns->v[i]);
        if (!table_column(before, old))
            return false;
        a->is_renamed |= !str_eq(old, columns->v[i]);
        take_name(a, old);
        vec_add(a->ctx, ret, old);
    }
    return true;
}

static void show(struct asserting *a, const struct strings *columns)
{
    vec_each(i, columns) {
        if (strings_have(&a->shown, columns->v[i]))
            continue;
        take_name(a, columns->v[i]);
        vec_add(a->ctx, &a->shown, columns->v[i]);
    }
}

/* Whether rows of the table may change before the operation. */
static bool changes_rows(const struct asserting *a, const struct qname *table)
{
    for (size_t i = 0; i < a->at; i++) {
        const struct op *op = a->ops->v[i];
        if (op->kind == OP_EXECUTE || (op->kind == OP_BACKFILL && qname_eq(&op->u.backfill.table, table)))
            return true;
    }
    return false;
}

/* Whether the operation is about a table that exists, whose old name then replaces the new one in `name`. */
static bool begin(struct asserting *a, struct qname *name)
{
    struct qname old = old_table(a, name);
    const struct table *t = schema_table(a->before, &old);
    if (!t || changes_rows(a, name))
        return false;
    a->table = t;
    a->is_renamed = !qname_eq(&old, name);
    a->shown = (struct strings){0};
    a->is_plain = true;
    take_name(a, old.schema);
    take_name(a, old.name);
    for (size_t i = 0; i < a->at; i++)
        a->is_renamed |=
            a->ops->v[i]->kind == OP_RENAME_COLUMN && qname_eq(&a->ops->v[i]->u.rename_part.table, name);
    if (t->primary_key)
        show(a, &t->primary_key->columns);
    *name = old;
    return true;
}

/* ---- writing one ------------------------------------------------------------------------------------- */

/* For the SQL: names in quotes, and texts in the database's own words, are for this database only. */
static const struct dialect *spelling(const struct asserting *a)
{
    return a->is_plain ? dialect_by_name("sqlite") : a->dialect;
}

static void add(struct asserting *a, const char *sql, const char *message)
{
    struct op *op = op_new(a->ctx, OP_ASSERT);
    if (!sql)
        return;
    op->u.assertion.message = message;
    op->u.assertion.sql = (struct dtext){.text = sql};
    if (!a->is_plain) {
        struct dtext_by *by = arena_alloc(&a->ctx->arena, 2 * sizeof(*by));
        by[0] = (struct dtext_by){a->dialect->name, sql};
        by[1] = (struct dtext_by){0};
        op->u.assertion.sql = (struct dtext){.by = by};
    }
    vec_add(a->ctx, a->ret, op);
}

static void add_violation(struct asserting *a, const struct op *op, bool is_null, const char *message)
{
    add(a, violation_query(a->ctx, spelling(a), op, is_null, &a->shown), message);
}

static const char *table_text(const struct asserting *a)
{
    return qname_text(&a->ctx->arena, &a->table->name);
}

static const char *columns_text(struct asserting *a, const struct strings *columns)
{
    return strings_join(&a->ctx->arena, columns, ", ");
}

/* ---- columns ----------------------------------------------------------------------------------------- */

static void assert_nulls(struct asserting *a, const struct op *op)
{
    add_violation(a, op, true,
        ctx_printf(
            a->ctx, "rows of table '%s' have no value in '%s'", table_text(a), op->u.alter_column.name));
}

/* SQLite stores any value in any column. */
static void assert_fits(struct asserting *a, const struct column *from, const struct column *to)
{
    static const char *const places[] = {"postgresql", "mysql"};
    size_t n = a->ret->n;
    struct strings column = {0};
    if (a->dialect->has.any_type || !to)
        return;
    vec_add(a->ctx, &column, from->name);
    show(a, &column);
    add(a, misfit_query(a->ctx, spelling(a), &a->table->name, from, to, &a->shown),
        ctx_printf(a->ctx, "values of '%s' in table '%s' do not fit into %s", from->name, table_text(a),
            to->native));
    for (size_t i = 0; a->is_plain && i < COUNT_OF(places) && a->ret->n > n; i++)
        vec_add(a->ctx, &a->ret->v[n]->only, places[i]);
}

static void assert_column(struct asserting *a, const struct op *op)
{
    struct op old = *op;
    struct op_alter_column *o = &old.u.alter_column;
    const struct table *after = schema_table(a->after, &op->u.alter_column.table);
    if (!begin(a, &o->table))
        return;
    o->name = old_column(a, &op->u.alter_column.table, o->name);
    const struct column *c = table_column(a->table, o->name);
    if (!c)
        return;
    take_name(a, o->name);
    if (ALTER_HAS(o, ALTER_NULLABLE) && !o->nullable && c->nullable && !c->generated)
        assert_nulls(a, &old);
    if (ALTER_HAS(o, ALTER_TYPE) && !dtext_is_set(&o->using) && after)
        assert_fits(a, c, table_column(after, op->u.alter_column.name));
}

/* ---- keys -------------------------------------------------------------------------------------------- */

static bool is_part_key(const struct index *i, const struct strings *columns)
{
    bool is_same = i->unique && !i->where.native && i->parts.n == columns->n;
    for (size_t k = 0; is_same && k < columns->n; k++)
        is_same = str_eq(i->parts.v[k]->column, columns->v[k]);
    return is_same;
}

/* Whether the rows already have such a key. */
static bool is_key_before(const struct table *t, const struct strings *columns, bool nulls_too)
{
    if (t->primary_key && strings_eq(&t->primary_key->columns, columns))
        return true;
    vec_each(i, &t->uniques)
        if (strings_eq(&t->uniques.v[i]->columns, columns) &&
            t->uniques.v[i]->nulls_not_distinct >= nulls_too)
            return true;
    vec_each(i, &t->indexes)
        if (is_part_key(t->indexes.v[i], columns) && t->indexes.v[i]->nulls_not_distinct >= nulls_too)
            return true;
    return false;
}

static void assert_unique(
    struct asserting *a, const struct op *op, const struct strings *columns, bool nulls_too)
{
    if (!is_key_before(a->table, columns, nulls_too))
        add_violation(a, op, false,
            ctx_printf(
                a->ctx, "rows of table '%s' have the same '%s'", table_text(a), columns_text(a, columns)));
}

static bool has_nulls(const struct asserting *a, const struct strings *columns)
{
    vec_each(i, columns)
        if (table_column(a->table, columns->v[i])->nullable)
            return true;
    return false;
}

static void assert_key(struct asserting *a, const struct op *op)
{
    struct op old = *op;
    struct op_create_constraint *o = &old.u.create_constraint;
    struct strings *columns = &o->constraint.columns;
    if (!begin(a, &o->table) || !take_columns(a, &op->u.create_constraint.table, a->table,
                                    &op->u.create_constraint.constraint.columns, columns))
        return;
    show(a, columns);
    if (op->kind == OP_CREATE_PRIMARY_KEY && has_nulls(a, columns))
        add_violation(a, &old, true,
            ctx_printf(
                a->ctx, "rows of table '%s' have no value in '%s'", table_text(a), columns_text(a, columns)));
    assert_unique(a, &old, columns, o->constraint.nulls_not_distinct);
}

/* Of columns only, as they are. */
static bool take_parts(struct asserting *a, const struct index *index, struct strings *ret)
{
    vec_each(i, &index->parts) {
        const struct index_part *part = index->parts.v[i];
        if (!part->column || part->collation || part->length || part->opclass ||
            !table_column(a->table, part->column))
            return false;
        take_name(a, part->column);
        vec_add(a->ctx, ret, part->column);
    }
    return true;
}

static void assert_index(struct asserting *a, const struct op *op)
{
    struct op old = *op;
    struct op_create_index *o = &old.u.create_index;
    const struct dtext *where = &o->index.where.sql;
    struct strings columns = {0};
    bool is_partial = dtext_is_set(where) || o->index.where.native;
    if (!o->index.unique || !begin(a, &o->table) || a->is_renamed || !take_parts(a, &o->index, &columns))
        return;
    a->is_plain = a->is_plain && (!is_partial || (where->text && !where->by));
    assert_unique(a, &old, &columns, o->index.nulls_not_distinct);
}

static bool refers_before(const struct table *t, const struct constraint *c)
{
    vec_each(i, &t->foreign_keys) {
        const struct constraint *key = t->foreign_keys.v[i];
        if (strings_eq(&key->columns, &c->columns) && qname_eq(&key->references, &c->references) &&
            strings_eq(&key->referred_columns, &c->referred_columns) && !key->not_valid)
            return true;
    }
    return false;
}

static void assert_reference(struct asserting *a, const struct op *op)
{
    struct op old = *op;
    const struct constraint *c = &op->u.create_constraint.constraint;
    struct constraint *o = &old.u.create_constraint.constraint;
    if (c->not_valid || !begin(a, &old.u.create_constraint.table) ||
        !take_columns(a, &op->u.create_constraint.table, a->table, &c->columns, &o->columns))
        return;
    o->references = old_table(a, &c->references);
    const struct table *parent = schema_table(a->before, &o->references);
    if (!parent || changes_rows(a, &c->references) ||
        !take_columns(a, &c->references, parent, &c->referred_columns, &o->referred_columns) ||
        refers_before(a->table, o))
        return;
    take_name(a, o->references.schema);
    take_name(a, o->references.name);
    show(a, &o->columns);
    add_violation(a, &old, false,
        ctx_printf(a->ctx, "rows of table '%s' refer to missing rows of table '%s'", table_text(a),
            qname_text(&a->ctx->arena, &o->references)));
}

/* Its text names columns as they are after renames, and may name new ones. */
static void assert_check(struct asserting *a, const struct op *op)
{
    struct op old = *op;
    const struct constraint *c = &op->u.create_constraint.constraint;
    const struct table *after = schema_table(a->after, &op->u.create_constraint.table);
    const char *text = dtext_for(&c->check.sql, a->dialect->name);
    struct strings columns = {0};
    text = text ? text : c->check.native;
    if (c->not_valid || c->implied || !text || !after || !begin(a, &old.u.create_constraint.table) ||
        a->is_renamed)
        return;
    vec_each(i, &after->columns) {
        const char *name = after->columns.v[i]->name;
        if (!sql_mentions(text, name))
            continue;
        if (!table_column(a->table, name))
            return;
        vec_add(a->ctx, &columns, name);
    }
    show(a, &columns);
    a->is_plain = a->is_plain && c->check.sql.text && !c->check.sql.by;
    add_violation(a, &old, false,
        c->name ? ctx_printf(a->ctx, "rows of table '%s' violate the new check '%s'", table_text(a), c->name)
                : ctx_printf(a->ctx, "rows of table '%s' violate a new check", table_text(a)));
}

/* ---- all of them ------------------------------------------------------------------------------------- */

static void (*const assertions[OP_KINDS])(struct asserting *a, const struct op *op) = {
    [OP_ALTER_COLUMN] = assert_column,
    [OP_CREATE_PRIMARY_KEY] = assert_key,
    [OP_CREATE_UNIQUE_CONSTRAINT] = assert_key,
    [OP_CREATE_INDEX] = assert_index,
    [OP_CREATE_FOREIGN_KEY] = assert_reference,
    [OP_CREATE_CHECK_CONSTRAINT] = assert_check,
};

void assertions_add(struct ctx *ctx, const struct dialect *dialect, const struct schema *before,
    const struct schema *after, struct ops *ops)
{
    struct ops ret = {0};
    struct asserting a = {
        .ctx = ctx, .dialect = dialect, .before = before, .after = after, .ops = ops, .ret = &ret};
    for (a.at = 0; a.at < ops->n; a.at++)
        if (assertions[ops->v[a.at]->kind])
            assertions[ops->v[a.at]->kind](&a, ops->v[a.at]);
    vec_each(i, ops)
        vec_add(ctx, &ret, ops->v[i]);
    *ops = ret;
}
