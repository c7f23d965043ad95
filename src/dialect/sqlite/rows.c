/* Reads all rows of a user's query. */
#include "dialect/sqlite/conn.h"

static struct result_value read_value(struct sqlite_conn *c, sqlite3_stmt *stmt, int i)
{
    switch (sqlite3_column_type(stmt, i)) {
    case SQLITE_NULL:
        return (struct result_value){VALUE_NONE, NULL};
    case SQLITE_INTEGER:
    case SQLITE_FLOAT:
        return (struct result_value){VALUE_NUMBER, sqlite_text(c, stmt, i)};
    case SQLITE_BLOB:
        return (struct result_value){VALUE_STRING, str_hex(&c->base.ctx->arena, sqlite3_column_blob(stmt, i),
                                                       (size_t)sqlite3_column_bytes(stmt, i))};
    }
    return (struct result_value){VALUE_STRING, sqlite_text(c, stmt, i)};
}

static struct result_row *read_row(struct sqlite_conn *c, sqlite3_stmt *stmt)
{
    struct result_row *row = ctx_new(c->base.ctx, struct result_row);
    for (int i = 0; i < sqlite3_column_count(stmt); i++)
        vec_add(c->base.ctx, row, read_value(c, stmt, i));
    return row;
}

bool sqlite_query_rows(struct conn *conn, const char *sql, struct result *ret)
{
    struct sqlite_conn *c = sqlite_conn(conn);
    STMT stmt = NULL;
    bool has_row = true;
    *ret = (struct result){0};
    if (!sqlite_prepare(c, sql, &stmt))
        return false;
    for (int i = 0; i < sqlite3_column_count(stmt); i++)
        vec_add(conn->ctx, &ret->columns, ctx_strdup(conn->ctx, sqlite3_column_name(stmt, i)));
    while (stmt && sqlite_step(c, stmt, &has_row) && has_row)
        vec_add(conn->ctx, &ret->rows, read_row(c, stmt));
    return conn->ctx->err.status == STATUS_OK;
}
