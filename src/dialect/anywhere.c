/*
 * Version rows in scripts that run on a database whose current revision is unknown.
 *
 * A revision is applied if it or one of its descendants has a row. So the condition names all descendants.
 */
#include "cmig/dialect.h"

static void add_any_of(struct sql *q, const struct version_table *v, const struct strings *ids)
{
    sql_addf(q, "%Q WHERE %I IN (", &v->name, v->column);
    vec_each(i, ids)
        sql_addf(q, i ? ", %L" : "%L", ids->v[i]);
    sql_add(q, ")");
}

const char *version_has(struct ctx *ctx, const struct dialect *dialect, const struct version_table *v,
    const struct strings *any, bool wanted)
{
    struct sql q = sql_begin(ctx, dialect);
    sql_add(&q, wanted ? "EXISTS (SELECT 1 FROM " : "NOT EXISTS (SELECT 1 FROM ");
    add_any_of(&q, v, any);
    sql_add(&q, ")");
    return sql_end(&q);
}

struct statement *version_check(struct ctx *ctx, const struct dialect *dialect, const char *condition,
    const char *words, struct statements *ret)
{
    struct sql q = sql_begin(ctx, dialect);
    sql_addf(&q, "SELECT %L FROM (SELECT 1) AS one WHERE NOT (%E)", words, condition);
    struct statement *s = statement_add(ctx, ret, sql_end(&q), NULL);
    s->flags = STATEMENT_CHECK;
    return s;
}

void version_remove(struct ctx *ctx, const struct dialect *dialect, const struct version_table *v,
    const struct strings *any, struct statements *ret)
{
    struct sql q = sql_begin(ctx, dialect);
    sql_add(&q, "DELETE FROM ");
    if (any)
        add_any_of(&q, v, any);
    else
        sql_qname(&q, &v->name);
    statement_add(ctx, ret, sql_end(&q), NULL);
}

void version_add_unless(struct ctx *ctx, const struct dialect *dialect, const struct version_table *v,
    const char *id, const struct strings *any, struct statements *ret)
{
    struct sql q = sql_begin(ctx, dialect);
    sql_addf(&q, "INSERT INTO %Q (%I) SELECT %L WHERE %E", &v->name, v->column, id,
        version_has(ctx, dialect, v, any, false));
    statement_add(ctx, ret, sql_end(&q), NULL);
}
