/*
 * Columns that become NOT NULL in existing tables, whose rows may have no value for them.
 *
 * The differ writes one operation, add_column or alter_column. If rows lack a value, this would fail, so a revision
 * has three operations instead: one for the column as far as such rows allow, one that gives them a value, and one
 * for NOT NULL. The values come after all columns that were added or changed, and before any is dropped: an
 * expression may name old and new columns. Those of old columns come first.
 */
#include "migrate/run.h"

/* ---- finding them ------------------------------------------------------------------------------- */

static bool is_filled_by_database(const struct column *c)
{
    return c->nullable || c->dflt.kind != VALUE_NONE || c->identity || c->generated ||
           c->autoincrement == TRI_TRUE;
}

/* A column that SQLite numbers by itself, if it is created together with its key. */
static bool is_rowid(const struct dialect *dialect, const struct op *op, const struct ops *ops)
{
    const struct op_add_column *o = &op->u.add_column;
    bool is_asked = dialect->has.embedded && op->kind == OP_ADD_COLUMN;
    for (size_t i = 0; is_asked && i < ops->n; i++) {
        const struct op_create_constraint *key = &ops->v[i]->u.create_constraint;
        if (ops->v[i]->kind == OP_CREATE_PRIMARY_KEY && qname_eq(&key->table, &o->table) &&
            key->constraint.columns.n == 1 && str_eq(key->constraint.columns.v[0], o->column.name) &&
            str_eq_ci(o->column.native, "INTEGER"))
            return true;
    }
    return false;
}

static bool becomes_not_null(const struct dialect *dialect, const struct op *op, const struct ops *ops)
{
    const struct op_alter_column *alter = &op->u.alter_column;
    if (op->kind == OP_ADD_COLUMN)
        return !is_filled_by_database(&op->u.add_column.column) && !is_rowid(dialect, op, ops);
    return op->kind == OP_ALTER_COLUMN && ALTER_HAS(alter, ALTER_NULLABLE) && !alter->nullable &&
           !(ALTER_HAS(alter, ALTER_GENERATED) && alter->generated);
}

/* Whether a table is the other one, or has its columns. */
static bool has_columns_of(
    struct ctx *ctx, const struct schema *s, const struct qname *name, const struct qname *other)
{
    const struct table *t = schema_table(s, name), *parent;
    if (qname_eq(name, other))
        return true;
    for (size_t at = 0; t && (parent = table_parent(ctx, s, t, at)); at++)
        if (has_columns_of(ctx, s, &parent->name, other))
            return true;
    return false;
}

/* Whether a parent gets the column in one of so many operations, with a value for each row. */
static bool comes_filled(
    struct ctx *ctx, const struct schema *before, const struct ops *ops, size_t n, const struct op *op)
{
    const struct op_alter_column *alter = &op->u.alter_column;
    for (size_t i = 0; op->kind == OP_ALTER_COLUMN && i < n; i++) {
        const struct op_add_column *add = &ops->v[i]->u.add_column;
        if (ops->v[i]->kind == OP_ADD_COLUMN && str_eq(add->column.name, alter->name) &&
            add->column.dflt.kind != VALUE_NONE && has_columns_of(ctx, before, &alter->table, &add->table))
            return true;
    }
    return false;
}

/* The names before the first of so many operations. */
static void find_old_names(
    struct ctx *ctx, const struct schema *before, const struct ops *ops, size_t n, struct unfilled *u)
{
    for (size_t i = n; i-- > 0;) {
        const struct op *op = ops->v[i];
        const struct op_rename_part *part = &op->u.rename_part;
        if (op->kind == OP_RENAME_TABLE && qname_eq(&op->u.rename.new_name, &u->old_table))
            u->old_table = op->u.rename.name;
        else if (op->kind == OP_RENAME_COLUMN && str_eq(part->new_name, u->old_column) &&
                 has_columns_of(ctx, before, &u->old_table, &part->table))
            u->old_column = part->name;
    }
}

/* A key of one column, which does not change: in a key of several, too many rows may have the same first value. */
static bool has_key(const struct schema *before, const struct ops *ops, const struct unfilled *u)
{
    const struct table *t = schema_table(before, &u->old_table);
    if (!t || !t->primary_key || t->primary_key->columns.n != 1 ||
        str_eq(t->primary_key->columns.v[0], u->old_column))
        return false;
    vec_each(i, ops)
        if (ops->v[i]->kind == OP_CREATE_PRIMARY_KEY &&
            qname_eq(&ops->v[i]->u.create_constraint.table, &u->table))
            return false;
    return true;
}

void unfilled_find(struct ctx *ctx, const struct dialect *dialect, const struct schema *before,
    const struct ops *ops, struct unfilleds *ret)
{
    vec_each(i, ops) {
        struct op *op = ops->v[i];
        if (!becomes_not_null(dialect, op, ops) || comes_filled(ctx, before, ops, i, op))
            continue;
        bool is_new = op->kind == OP_ADD_COLUMN;
        struct unfilled *u = ctx_new(ctx, struct unfilled);
        u->op = op;
        u->table = u->old_table = *op_table_name(op);
        u->column = is_new ? op->u.add_column.column.name : op->u.alter_column.name;
        u->old_column = is_new ? NULL : u->column;
        find_old_names(ctx, before, ops, i, u);
        u->has_key = has_key(before, ops, u);
        vec_add(ctx, ret, u);
    }
}

bool unfilled_lacks(struct project *p, const struct unfilled *u, bool *ret)
{
    struct strings row = {0};
    *ret = true;
    if (p->is_scratch)
        return true;
    const char *query = rows_query(p->ctx, p->conn->dialect, &u->old_table, u->old_column);
    if (p->conn->dialect->query(p->conn, query, &row)) {
        *ret = row.n > 0;
        return true;
    }
    if (ctx_interrupted(p->ctx))
        return false;
    log_debug(p->ctx, "cannot tell whether rows lack a value: %s", err_text(p->ctx));
    err_clear(p->ctx);
    *ret = true;
    return true;
}

/* ---- the three operations ----------------------------------------------------------------------- */

enum { NAMES = 1u << ALTER_TABLE_NAME | 1u << ALTER_NAME };
/* Parts that need a column without NULL. */
enum { LAST = 1u << ALTER_NULLABLE | 1u << ALTER_IDENTITY | 1u << ALTER_AUTOINCREMENT };

/* The change as far as it is possible with such rows; NULL: nothing else changes. */
static struct op *first_part(struct ctx *ctx, const struct unfilled *u)
{
    struct op *op = ctx_new(ctx, struct op);
    *op = *u->op;
    if (op->kind == OP_ADD_COLUMN) {
        op->u.add_column.column.nullable = true;
        op->note = NULL;
        return op;
    }
    struct op_alter_column *o = &op->u.alter_column;
    o->given &= ~(unsigned)LAST;
    if (op->note == diff_note_nulls)
        op->note = NULL;
    return o->given == NAMES ? NULL : op;
}

static struct op *last_part(struct ctx *ctx, const struct unfilled *u)
{
    struct op *op = op_new(ctx, OP_ALTER_COLUMN);
    struct op_alter_column *o = &op->u.alter_column;
    if (u->op->kind == OP_ALTER_COLUMN)
        *o = u->op->u.alter_column;
    o->given = NAMES | 1u << ALTER_NULLABLE | (o->given & LAST);
    o->table = u->table;
    o->name = u->column;
    o->nullable = false;
    op->pos = u->op->pos;
    return op;
}

static const struct unfilled *unfilled_by(const struct unfilleds *list, const struct op *op)
{
    vec_each(i, list)
        if (list->v[i]->op == op && list->v[i]->value)
            return list->v[i];
    return NULL;
}

static bool changes_column(const struct op *op)
{
    return op->kind == OP_ADD_COLUMN || op->kind == OP_ALTER_COLUMN;
}

static void add_all(struct ctx *ctx, struct ops *list, const struct ops *more)
{
    vec_each(i, more)
        vec_add(ctx, list, more->v[i]);
}

void unfilled_fill(
    struct ctx *ctx, const struct dialect *dialect, const struct unfilleds *list, struct ops *ops)
{
    struct ops out = {0}, values = {0}, new_values = {0}, last = {0};
    bool any = false;
    vec_each(i, list)
        any |= list->v[i]->value != NULL;
    vec_each(i, ops) {
        struct op *op = ops->v[i];
        const struct unfilled *u = unfilled_by(list, op);
        struct op *first = u ? first_part(ctx, u) : op;
        if (u) {
            struct op *fill = fill_op(ctx, dialect, &u->table, u->column, u->value, u->has_key);
            fill->pos = op->pos;
            if (sql_mentions(u->value, VALUE_PLACEHOLDER))
                fill->note =
                    "replace " VALUE_PLACEHOLDER " with an SQL expression for the rows that have no value";
            vec_add(ctx, op->kind == OP_ADD_COLUMN ? &new_values : &values, fill);
            vec_add(ctx, &last, last_part(ctx, u));
        }
        /* An operation that gives rows a value ends the rebuild that would also create the key. */
        if (first)
            vec_add(ctx, any && is_rowid(dialect, op, ops) ? &last : &out, first);
        if (i + 1 < ops->n && changes_column(op) && changes_column(ops->v[i + 1]))
            continue;
        add_all(ctx, &out, &values);
        add_all(ctx, &out, &new_values);
        add_all(ctx, &out, &last);
        values = new_values = last = (struct ops){0};
    }
    *ops = out;
}
