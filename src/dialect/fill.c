/*
 * Operations that give rows of a table a missing value, spelled so that other databases read the names alike.
 */
#include "cmig/dialect.h"
#include "cmig/hazard.h"

enum { STANDARD_QUOTE = '"' };

/* A revision may run on other databases than the one for which it was written, if they quote names alike. */
static bool must_quote_somewhere(const char *name)
{
    for (const struct dialect *const *d = dialects; *d; d++)
        if ((*d)->quote == STANDARD_QUOTE && (*d)->must_quote(name))
            return true;
    return false;
}

static struct op *backfill(
    struct ctx *ctx, const struct qname *table, const char *column, const char *value, const char *where)
{
    struct op *op = op_new(ctx, OP_BACKFILL);
    struct assignment *a = ctx_new(ctx, struct assignment);

    *a = (struct assignment){.column = column, .sql.text = value};
    op->u.backfill.table = *table;
    op->u.backfill.where.text = where;
    vec_add(ctx, &op->u.backfill.set, a);
    return op;
}

struct op *fill_op(struct ctx *ctx, const struct dialect *dialect, const struct qname *table,
    const char *column, const char *value, bool has_key)
{
    struct dialect anywhere = *dialect;
    if (dialect->quote == STANDARD_QUOTE)
        anywhere.must_quote = must_quote_somewhere;
    struct sql where = sql_begin(ctx, &anywhere), update = sql_begin(ctx, &anywhere);

    sql_addf(&where, "%I IS NULL", column);
    if (has_key)
        return backfill(ctx, table, column, value, sql_end(&where));
    sql_addf(&update, "UPDATE %Q SET %I = %E WHERE %E", table, column, value, sql_end(&where));
    struct op *op = op_new(ctx, OP_EXECUTE);
    op->u.execute.sql.text = sql_end(&update);
    return op;
}

const char *rows_query(
    struct ctx *ctx, const struct dialect *dialect, const struct qname *table, const char *column)
{
    struct sql q = sql_begin(ctx, dialect);

    sql_addf(&q, "SELECT 1 FROM %Q", table);
    if (column)
        sql_addf(&q, " WHERE %I IS NULL", column);
    sql_add(&q, " LIMIT 1");
    return sql_end(&q);
}

const char *count_rows_query(
    struct ctx *ctx, const struct dialect *dialect, const struct qname *table, const char *column)
{
    struct sql q = sql_begin(ctx, dialect);

    sql_addf(&q, "SELECT count(*) FROM %Q", table);
    if (column)
        sql_addf(&q, " WHERE %I IS NOT NULL", column);
    return sql_end(&q);
}
