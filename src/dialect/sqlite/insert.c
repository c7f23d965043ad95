/* Inserts the rows of a file into a table. */
#include "dialect/sqlite/conn.h"
#include "dialect/sqlite/sqlite.h"

#include <stdlib.h>

enum { SHOW_EVERY = 10000 };

struct insertion {
    struct sqlite_conn *c;
    const struct statement *s;
    struct strings columns;
    sqlite3_stmt *stmt;
    uint64_t done;
};

static bool prepare(struct insertion *n, const struct row *row)
{
    struct ctx *ctx = n->c->base.ctx;
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    sqlite3_finalize(n->stmt);
    n->stmt = NULL;
    rows_take_columns(ctx, &n->columns, row);
    sql_addf(&q, "INSERT INTO %I %C VALUES (", n->s->op->u.bulk_insert.table.name, &n->columns);
    vec_each(i, row)
        sql_add(&q, i ? ", ?" : "?");
    sql_add(&q, ")");
    return sqlite_prepare(n->c, sql_end(&q), &n->stmt);
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* Bytes as PostgreSQL writes them, \x0a1b. */
static bool bind_binary(struct insertion *n, int at, const char *text)
{
    size_t size = strlen(text + 2) / 2;
    unsigned char *bytes = sqlite3_malloc64(size + 1);
    for (size_t i = 0; i < size; i++) {
        int high = hex_digit(text[2 + 2 * i]), low = hex_digit(text[3 + 2 * i]);
        if (high < 0 || low < 0) {
            sqlite3_free(bytes);
            return fail(n->c->base.ctx, STATUS_CONFIG, "'%.40s' is not hexadecimal", text);
        }
        bytes[i] = (unsigned char)(high << 4 | low);
    }
    sqlite3_bind_blob64(n->stmt, at, bytes, size, sqlite3_free);
    return true;
}

/* Text becomes a number where the column's type asks for one. */
static bool bind(struct insertion *n, int at, const struct row_value *v)
{
    const char *text = v->value.expr.sql.text;
    enum row_type type = v->value.kind == VALUE_STRING ? rows_type(n->s, v->column) : ROW_TEXT;
    bool b;
    if (v->value.kind == VALUE_NONE)
        sqlite3_bind_null(n->stmt, at);
    else if (v->value.kind == VALUE_BOOL)
        sqlite3_bind_int(n->stmt, at, str_eq(text, "true"));
    else if (type == ROW_BOOLEAN && rows_boolean(text, &b))
        sqlite3_bind_int(n->stmt, at, b);
    else if (type == ROW_BINARY && str_starts(text, "\\x"))
        return bind_binary(n, at, text);
    else
        sqlite3_bind_text(n->stmt, at, text, -1, SQLITE_TRANSIENT);
    return true;
}

static bool insert_row(struct insertion *n, const struct row *row)
{
    bool more;
    if ((!n->stmt || !rows_same_columns(&n->columns, row)) && !prepare(n, row))
        return false;
    vec_each(i, row)
        if (!bind(n, (int)i + 1, row->v[i]))
            return false;
    if (!sqlite_step(n->c, n->stmt, &more))
        return false;
    sqlite3_reset(n->stmt);
    if (++n->done % SHOW_EVERY == 0)
        log_progress(n->c->base.ctx,
            ctx_printf(n->c->base.ctx, "rows into '%s'", n->s->op->u.bulk_insert.table.name), n->done, 0);
    return !ctx_interrupted(n->c->base.ctx) || fail_interrupted(n->c->base.ctx);
}

static bool insert_all(struct insertion *n)
{
    struct row_reader *r CLEANUP(rows_close) = NULL;
    const struct row *row;
    struct pos pos;
    if (!rows_open(n->c->base.ctx, &n->s->op->u.bulk_insert, n->s->subject, &r))
        return false;
    for (;;) {
        if (!rows_next(r, &row, &pos))
            return false;
        if (!row)
            return true;
        if (row->n && !insert_row(n, row))
            return rows_fail_at(n->c->base.ctx, pos);
    }
}

bool sqlite_insert_rows(struct sqlite_conn *c, const struct statement *s)
{
    struct ctx *ctx = c->base.ctx;
    struct insertion n = {.c = c, .s = s};
    bool ok = insert_all(&n);
    sqlite3_finalize(n.stmt);
    if (n.done >= SHOW_EVERY)
        log_progress(ctx, NULL, 0, 0);
    return ok || fail_in(ctx, "%s%s", pos_text(&ctx->arena, s->op->pos), op_describe(&ctx->arena, s->op));
}
