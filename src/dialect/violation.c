/*
 * Hints for operations that fail because of rows: the query that finds those rows.
 */
#include "cmig/dialect.h"

static const char *text_of(const struct sql *q, const struct expr *e)
{
    const char *text = dtext_for(&e->sql, q->dialect->name);
    return text ? text : e->native;
}

/* "a, b", or the same with something around each: " AND c.a IS NOT NULL". */
static void add_columns(
    struct sql *q, const struct strings *columns, const char *between, const char *before, const char *after)
{
    vec_each(i, columns) {
        sql_add(q, i ? between : "");
        sql_addf(q, "%E%I%E", before, columns->v[i], after);
    }
}

/* ---- by kind ----------------------------------------------------------------------------------------- */

/* Selects columns of the rows of a table, or all of them. */
static void add_select(struct sql *q, const struct strings *shown, const struct qname *table)
{
    sql_add(q, "SELECT ");
    if (shown)
        add_columns(q, shown, ", ", "", "");
    sql_addf(q, shown ? " FROM %Q" : "* FROM %Q", table);
}

static bool add_nulls(
    struct sql *q, const struct strings *shown, const struct qname *table, const struct strings *columns)
{
    add_select(q, shown, table);
    sql_add(q, " WHERE ");
    add_columns(q, columns, " OR ", "", " IS NULL");
    return columns->n > 0;
}

static bool add_parts(struct sql *q, const struct index_parts *parts, const char *between, const char *after)
{
    vec_each(i, parts) {
        const struct index_part *part = parts->v[i];
        const char *text = part->column ? NULL : text_of(q, &part->expr);
        if (!part->column && !text)
            return false;
        sql_add(q, i ? between : "");
        if (part->column)
            sql_ident(q, part->column);
        else
            sql_addf(q, "(%E)", text);
        if (part->collation && !*after)
            sql_addf(q, " COLLATE %I", part->collation);
        sql_add(q, after);
    }
    return parts->n > 0;
}

/* NULLs are not duplicates, unless the index says so. */
static bool add_duplicates(
    struct sql *q, const struct qname *table, const struct index_parts *parts, const char *where, bool nulls)
{
    if (!add_parts(q, parts, ", ", ""))
        return false;
    struct sql all = {.text = {.arena = q->text.arena}, .dialect = q->dialect};
    sql_addf(&all, "SELECT %E, count(*) FROM %Q", sql_end(q), table);
    if (where)
        sql_addf(&all, " WHERE (%E)", where);
    if (!nulls) {
        sql_add(&all, where ? " AND " : " WHERE ");
        add_parts(&all, parts, " AND ", " IS NOT NULL");
    }
    sql_addf(&all, " GROUP BY %E HAVING count(*) > 1", sql_end(q));
    *q = all;
    return true;
}

static bool add_duplicate_keys(
    struct sql *q, struct ctx *ctx, const struct qname *table, const struct constraint *c)
{
    struct index_parts parts = {0};
    vec_each(i, &c->columns) {
        struct index_part *part = ctx_new(ctx, struct index_part);
        part->column = c->columns.v[i];
        vec_add(ctx, &parts, part);
    }
    return add_duplicates(q, table, &parts, NULL, c->nulls_not_distinct);
}

static bool add_orphans(
    struct sql *q, const struct strings *shown, const struct qname *table, const struct constraint *c)
{
    if (!c->columns.n || c->columns.n != c->referred_columns.n)
        return false;
    add_select(q, shown, table);
    sql_add(q, " AS child WHERE ");
    add_columns(q, &c->columns, " AND ", "child.", " IS NOT NULL");
    sql_addf(q, " AND NOT EXISTS (SELECT 1 FROM %Q AS parent WHERE ", &c->references);
    vec_each(i, &c->columns)
        sql_addf(q, i ? " AND parent.%I = child.%I" : "parent.%I = child.%I", c->referred_columns.v[i],
            c->columns.v[i]);
    sql_add(q, ")");
    return true;
}

static bool add_failing(
    struct sql *q, const struct strings *shown, const struct qname *table, const struct constraint *c)
{
    const char *text = text_of(q, &c->check);
    if (!text)
        return false;
    add_select(q, shown, table);
    sql_addf(q, " WHERE NOT (%E)", text);
    return true;
}

/* Each pair of rows once. In the partitions of a table two rows may have the same ctid. */
static bool add_conflicts(struct sql *q, const struct qname *table, const struct constraint *c)
{
    if (text_of(q, &c->where))
        return false;
    sql_addf(
        q, "SELECT * FROM %Q AS a JOIN %Q AS b ON (a.tableoid, a.ctid) < (b.tableoid, b.ctid)", table, table);
    vec_each(i, &c->parts) {
        const struct index_part *part = c->parts.v[i];
        if (!part->column || !part->op)
            return false;
        sql_addf(q, " AND a.%I %E b.%I", part->column, part->op, part->column);
    }
    return true;
}

static bool add_query(
    struct sql *q, struct ctx *ctx, const struct op *op, bool is_null, const struct strings *shown)
{
    const struct op_create_constraint *o = &op->u.create_constraint;
    const struct op_create_index *index = &op->u.create_index;
    const struct op_alter_column *alter = &op->u.alter_column;
    struct strings column = {0};
    switch ((int)op->kind) {
    case OP_ALTER_COLUMN:
        vec_add(ctx, &column, alter->name);
        return is_null && ALTER_HAS(alter, ALTER_NULLABLE) && !alter->nullable &&
               add_nulls(q, shown, &alter->table, &column);
    case OP_CREATE_PRIMARY_KEY:
        return is_null ? add_nulls(q, shown, &o->table, &o->constraint.columns)
                       : add_duplicate_keys(q, ctx, &o->table, &o->constraint);
    case OP_CREATE_UNIQUE_CONSTRAINT:
        return !is_null && add_duplicate_keys(q, ctx, &o->table, &o->constraint);
    case OP_CREATE_INDEX:
        return index->index.unique && add_duplicates(q, &index->table, &index->index.parts,
                                          text_of(q, &index->index.where), index->index.nulls_not_distinct);
    case OP_CREATE_FOREIGN_KEY:
        return add_orphans(q, shown, &o->table, &o->constraint);
    case OP_CREATE_EXCLUDE_CONSTRAINT:
        return add_conflicts(q, &o->table, &o->constraint);
    case OP_CREATE_CHECK_CONSTRAINT:
        return add_failing(q, shown, &o->table, &o->constraint);
    }
    return false;
}

const char *violation_query(struct ctx *ctx, const struct dialect *dialect, const struct op *op, bool is_null,
    const struct strings *shown)
{
    struct sql q = sql_begin(ctx, dialect);
    return add_query(&q, ctx, op, is_null, shown->n ? shown : NULL) ? sql_end(&q) : NULL;
}

bool(violation_hint)(struct ctx *ctx, const struct dialect *dialect, const struct op *op, bool is_null)
{
    struct sql q = sql_begin(ctx, dialect);
    if (op->kind == OP_ADD_COLUMN && is_null && !op->u.add_column.column.nullable)
        return fail_hint(ctx,
            "Add the column as nullable, give the rows a value with 'backfill' and set 'nullable: false' "
            "afterwards, as 'cmig revision --autogenerate --fill TABLE.COLUMN=SQL' writes it; or give it a "
            "default.");
    if (add_query(&q, ctx, op, is_null, NULL))
        fail_hint(ctx, "Find the rows with: %s;", sql_end(&q));
    if (op->kind == OP_ALTER_COLUMN && is_null)
        fail_hint(ctx, "Give them a value with 'backfill' before this operation.");
    return false;
}
