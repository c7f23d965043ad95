/*
 * Reads the table of another program.
 */
#include "cmig/dialect.h"

bool other_table_rows(struct conn *conn, const struct qname *table, const char *const *columns,
    const char *order, struct result *ret)
{
    struct sql q = sql_begin(conn->ctx, conn->dialect);

    for (size_t i = 0; columns[i]; i++)
        sql_addf(&q, i ? ", %I" : "SELECT %I", columns[i]);
    sql_addf(&q, " FROM %Q ORDER BY %I", table, order);
    return conn->dialect->query_rows(conn, sql_end(&q), ret);
}
