/* Reads all rows of a user's query. */
#include "dialect/postgresql/wire/conn.h"

/* Ids of types of the catalogue, which never change. */
static enum value_kind kind_of(Oid type)
{
    static const struct {
        Oid type;
        enum value_kind kind;
    } rows[] = {
        {16, VALUE_BOOL},     /* boolean */
        {20, VALUE_NUMBER},   /* bigint */
        {21, VALUE_NUMBER},   /* smallint */
        {23, VALUE_NUMBER},   /* integer */
        {26, VALUE_NUMBER},   /* oid */
        {700, VALUE_NUMBER},  /* real */
        {701, VALUE_NUMBER},  /* double precision */
        {1700, VALUE_NUMBER}, /* numeric */
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].type == type)
            return rows[i].kind;
    return VALUE_STRING;
}

static struct result_value read_value(const struct answer *a, int row, int column)
{
    const enum value_kind kind = kind_of(a->pg->pq.PQftype(a->r, column));
    if (!answer_text(a, row, column))
        return (struct result_value){VALUE_NONE, NULL};
    if (kind == VALUE_BOOL)
        return (struct result_value){kind, answer_bool(a, row, column) ? "true" : "false"};
    return (struct result_value){kind, answer_copy(a, row, column)};
}

bool pg_query_rows(struct conn *conn, const char *sql, struct result *ret)
{
    struct pg *pg = pg_of(conn);
    struct answer a CLEANUP(answer_finish) = {0};
    *ret = (struct result){0};
    if (!pg_query(pg, sql, NULL, 0, &a))
        return false;
    for (int i = 0; i < answer_columns(&a); i++)
        vec_add(conn->ctx, &ret->columns, ctx_strdup(conn->ctx, pg->pq.PQfname(a.r, i)));
    for (int i = 0; i < answer_rows(&a); i++) {
        struct result_row *row = ctx_new(conn->ctx, struct result_row);
        for (int k = 0; k < answer_columns(&a); k++)
            vec_add(conn->ctx, row, read_value(&a, i, k));
        vec_add(conn->ctx, &ret->rows, row);
    }
    return true;
}
