/*
 * How does a script that psql reads skip what is done already?
 */
#include "dialect/postgresql/exec.h"

const char *pg_script_skip(struct ctx *ctx, const struct version_table *v, const char *ids, bool upgrade)
{
    struct sql q = sql_begin(ctx, &postgresql_dialect);

    sql_addf(&q, "SELECT %E (SELECT FROM %Q WHERE %I IN (%E)) AS cmig_run \\gset\n\\if :cmig_run",
        upgrade ? "NOT EXISTS" : "EXISTS", &v->name, v->column, ids);
    return sql_end(&q);
}
