/* Reads all rows of a user's query. */
#include "dialect/mysql/wire/conn.h"

enum { CHARSET_BINARY = 63 };

static bool is_number(enum enum_field_types type)
{
    static const enum enum_field_types numbers[] = {MYSQL_TYPE_TINY, MYSQL_TYPE_SHORT, MYSQL_TYPE_INT24,
        MYSQL_TYPE_LONG, MYSQL_TYPE_LONGLONG, MYSQL_TYPE_FLOAT, MYSQL_TYPE_DOUBLE, MYSQL_TYPE_DECIMAL,
        MYSQL_TYPE_NEWDECIMAL, MYSQL_TYPE_YEAR};
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        if (type == numbers[i])
            return true;
    return false;
}

static bool is_bytes(const MYSQL_FIELD *f)
{
    switch ((int)f->type) {
    case MYSQL_TYPE_BIT:
        return true;
    case MYSQL_TYPE_TINY_BLOB:
    case MYSQL_TYPE_MEDIUM_BLOB:
    case MYSQL_TYPE_LONG_BLOB:
    case MYSQL_TYPE_BLOB:
    case MYSQL_TYPE_STRING:
    case MYSQL_TYPE_VAR_STRING:
    case MYSQL_TYPE_VARCHAR:
        return f->charsetnr == CHARSET_BINARY;
    }
    return false;
}

static struct result_value read_value(const struct my_answer *a, const MYSQL_FIELD *f, unsigned i)
{
    if (!my_text(a, i))
        return (struct result_value){VALUE_NONE, NULL};
    if (is_number(f->type))
        return (struct result_value){VALUE_NUMBER, my_copy(a, i)};
    if (!is_bytes(f))
        return (struct result_value){VALUE_STRING, my_copy(a, i)};
    const char *text =
        str_hex(&a->my->base.ctx->arena, my_text(a, i), a->my->lib.mysql_fetch_lengths(a->rows)[i]);
    return (struct result_value){VALUE_STRING, text};
}

bool my_query_rows(struct conn *conn, const char *sql, struct result *ret)
{
    struct my *my = my_of(conn);
    struct my_answer a CLEANUP(my_answer_free) = {0};
    *ret = (struct result){0};
    if (my->begin_pending && !my_begin_now(my))
        return false;
    if (!my_query(my, sql, &a))
        return false;
    const unsigned n = a.rows ? my->lib.mysql_num_fields(a.rows) : 0;
    const MYSQL_FIELD *fields = n ? my->lib.mysql_fetch_fields(a.rows) : NULL;
    for (unsigned i = 0; i < n; i++)
        vec_add(conn->ctx, &ret->columns, ctx_strdup(conn->ctx, fields[i].name));
    while (my_next(&a)) {
        struct result_row *row = ctx_new(conn->ctx, struct result_row);
        for (unsigned i = 0; i < n; i++)
            vec_add(conn->ctx, row, read_value(&a, &fields[i], i));
        vec_add(conn->ctx, &ret->rows, row);
    }
    return true;
}
