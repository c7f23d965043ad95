/* What operations and SQL need of SQLite's version. */
#include "dialect/sqlite/hazards.h"

#include "dialect/sqlite/sqlite.h"

static const char *needs(struct ctx *ctx, int version, const char *what, int since)
{
    if (version >= since)
        return NULL;
    return ctx_printf(ctx, "%s needs SQLite %d.%d", what, since / 10000, since / 100 % 100);
}

static const char *column_newer(struct ctx *ctx, int version, const struct column *c)
{
    return c->generated ? needs(ctx, version, "a generated column", 33100) : NULL;
}

static const char *table_newer(struct ctx *ctx, int version, const struct table *t)
{
    const char *ret = t->options && options_get(t->options, "sqlite", "strict")
                          ? needs(ctx, version, "a STRICT table", 33700)
                          : NULL;
    for (size_t i = 0; !ret && i < t->columns.n; i++)
        ret = column_newer(ctx, version, t->columns.v[i]);
    return ret;
}

static const char *newer(struct ctx *ctx, int version, const struct op *op)
{
    switch (op->kind) {
    default:
        return NULL;
    case OP_CREATE_TABLE:
        return table_newer(ctx, version, &op->u.create_table.table);
    case OP_ADD_COLUMN:
        return column_newer(ctx, version, &op->u.add_column.column);
    case OP_DROP_COLUMN:
        return needs(ctx, version, "ALTER TABLE DROP COLUMN", 33500);
    case OP_RENAME_COLUMN:
        return needs(ctx, version, "ALTER TABLE RENAME COLUMN", 32500);
    }
}

static const char *newer_sql(struct ctx *ctx, int version, const char *sql)
{
    return sql_mentions(sql, "returning") ? needs(ctx, version, "RETURNING", 33500) : NULL;
}

static const struct sql_pattern patterns[] = {
    {RULE_DISABLE_CHECKS, "PRAGMA * foreign_keys =|( 0|off|no|false", "foreign keys are switched off"},
    {RULE_DISABLE_CHECKS, "PRAGMA * ignore_check_constraints =|( 1|on|yes|true", "checks are switched off"},
    {0},
};

const struct hazard_facts sqlite_hazards = {.newer = newer, .newer_sql = newer_sql, .patterns = patterns};
