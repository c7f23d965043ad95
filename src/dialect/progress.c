/* Where does it stand how far a revision got that could not be one transaction? */
#include "cmig/dialect.h"

#include <stdlib.h>

void progress_create(
    struct ctx *ctx, const struct dialect *dialect, const struct progress *p, struct statements *ret)
{
    struct sql q = sql_begin(ctx, dialect);
    sql_addf(&q,
        "CREATE TABLE IF NOT EXISTS %Q (\n"
        "    revision varchar(255) NOT NULL,\n"
        "    direction varchar(20) NOT NULL,\n"
        "    operation integer NOT NULL,\n"
        "    digest varchar(20) NOT NULL,\n"
        "    state text\n"
        ")",
        &p->version->progress);
    statement_add(ctx, ret, sql_end(&q), NULL);
}

static void add_delete(
    struct ctx *ctx, const struct dialect *dialect, const struct progress *p, struct statements *ret)
{
    struct sql q = sql_begin(ctx, dialect);
    sql_addf(&q, "DELETE FROM %Q WHERE revision = %L AND direction = %L", &p->version->progress, p->revision,
        p->direction);
    statement_add(ctx, ret, sql_end(&q), NULL);
}

void progress_set(
    struct ctx *ctx, const struct dialect *dialect, const struct progress *p, struct statements *ret)
{
    struct sql q = sql_begin(ctx, dialect);
    add_delete(ctx, dialect, p, ret);
    sql_addf(&q, "INSERT INTO %Q (revision, direction, operation, digest, state) VALUES (%L, %L, %d, %L, %L)",
        &p->version->progress, p->revision, p->direction, p->operation, p->digest, p->state);
    statement_add(ctx, ret, sql_end(&q), NULL);
}

bool progress_read(struct conn *conn, struct progress *p, bool *ret_found)
{
    struct sql q = sql_begin(conn->ctx, conn->dialect);
    struct strings row;
    sql_addf(&q, "SELECT operation, digest, state FROM %Q WHERE revision = %L AND direction = %L",
        &p->version->progress, p->revision, p->direction);
    if (!conn->dialect->query(conn, sql_end(&q), &row))
        return false;
    *ret_found = row.n > 0;
    if (!row.n)
        return true;
    p->operation = strtoll(row.v[0], NULL, 10);
    p->digest = row.v[1];
    p->state = row.v[2];
    return true;
}

bool progress_clear(struct conn *conn, const struct progress *p, struct statements *ret)
{
    struct sql q = sql_begin(conn->ctx, conn->dialect);
    struct strings other;
    sql_addf(&q, "SELECT 1 FROM %Q WHERE NOT (revision = %L AND direction = %L)", &p->version->progress,
        p->revision, p->direction);
    if (!conn->dialect->query(conn, sql_end(&q), &other))
        return false;
    if (other.n) {
        add_delete(conn->ctx, conn->dialect, p, ret);
        return true;
    }
    q = sql_begin(conn->ctx, conn->dialect);
    sql_addf(&q, "DROP TABLE %Q", &p->version->progress);
    statement_add(conn->ctx, ret, sql_end(&q), NULL);
    return true;
}
