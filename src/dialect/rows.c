/* Writes the rows of a file as SQL, for scripts. */
#include "cmig/dialect.h"

#include <inttypes.h>

enum { ROWS = 200 };

/* ---- types --------------------------------------------------------------------------------------------- */

static const char *type_of(const struct statement *s, const char *column)
{
    vec_each(i, &s->rows->columns)
        if (str_eq_ci(s->rows->columns.v[i]->name, column))
            return s->rows->columns.v[i]->native;
    return NULL;
}

enum row_type rows_type(const struct statement *s, const char *column)
{
    const char *type = s->rows ? type_of(s, column) : NULL;
    if (!type)
        return ROW_TEXT;
    if (str_eq_ci(type, "BOOLEAN") || str_eq_ci(type, "BOOL") || str_eq(type, "tinyint(1)"))
        return ROW_BOOLEAN;
    bool is_binary = str_eq_ci(type, "BLOB") || str_starts(type, "varbinary(") || str_starts(type, "binary(");
    return is_binary ? ROW_BINARY : ROW_TEXT;
}

bool rows_boolean(const char *text, bool *ret)
{
    static const char *const words[][2] = {
        {"false", "true"}, {"f", "t"}, {"no", "yes"}, {"n", "y"}, {"off", "on"}, {"0", "1"}};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        for (int b = 0; b < 2; b++)
            if (str_eq_ci(words[i][b], text)) {
                *ret = b;
                return true;
            }
    return false;
}

bool rows_same_columns(const struct strings *columns, const struct row *row)
{
    if (columns->n != row->n)
        return false;
    vec_each(i, row)
        if (!str_eq(columns->v[i], row->v[i]->column))
            return false;
    return true;
}

void rows_take_columns(struct ctx *ctx, struct strings *columns, const struct row *row)
{
    columns->n = 0;
    vec_each(i, row)
        vec_add(ctx, columns, ctx_strdup(ctx, row->v[i]->column));
}

bool(rows_fail_at)(struct ctx *ctx, struct pos pos)
{
    pos.column = 0;
    return fail_in(ctx, "%sin this row", pos_text(&ctx->arena, pos));
}

bool(rows_fail_row)(struct ctx *ctx, const struct statement *s, uint64_t number)
{
    struct row_reader *r CLEANUP(rows_close) = NULL;
    const struct row *row;
    struct pos pos = {0};
    uint64_t left = number;
    if (!s->subject)
        return fail_in(ctx, "row %" PRIu64 " of %u", number, s->op->u.bulk_insert.rows.n);
    if (!rows_open(ctx, &s->op->u.bulk_insert, s->subject, &r))
        return false;
    while (left && rows_next(r, &row, &pos) && row)
        left -= row->n > 0;
    return !left && rows_fail_at(ctx, pos);
}

/* ---- scripts ------------------------------------------------------------------------------------------- */

struct script {
    struct ctx *ctx;
    const struct dialect *dialect;
    const struct statement *s;
    void (*print)(void *user, const char *text, size_t rows);
    void *user;
    struct arena scratch;
    struct sql sql;
    struct strings columns;
    size_t rows; /* of the statement under construction */
};

static void flush(struct script *p)
{
    if (p->rows) {
        sql_add(&p->sql, ";");
        p->print(p->user, sql_end(&p->sql), p->rows);
    }
    p->rows = 0;
    arena_finish(&p->scratch);
    p->sql = (struct sql){.text = {.arena = &p->scratch}, .dialect = p->dialect};
}

static void add_string(struct script *p, const char *column, const char *text)
{
    enum row_type type = rows_type(p->s, column);
    const char *native = p->s->rows && p->dialect->row_text ? type_of(p->s, column) : NULL;
    const char *sql = native ? p->dialect->row_text(p->ctx, native, text) : NULL;
    bool b;
    if (sql)
        sql_add(&p->sql, sql);
    else if (type == ROW_BOOLEAN && rows_boolean(text, &b))
        sql_add(&p->sql, b ? "1" : "0");
    else if (type == ROW_BINARY && str_starts(text, "\\x"))
        sql_addf(&p->sql, "x%L", text + 2);
    else
        sql_string(&p->sql, text);
}

static bool add_value(struct script *p, const struct row_value *v)
{
    const char *text = v->value.expr.sql.text, *native;
    const struct column any = {.native = ""};
    switch (v->value.kind) {
    case VALUE_NONE:
        sql_string(&p->sql, NULL);
        return true;
    case VALUE_STRING:
        add_string(p, v->column, text);
        return true;
    case VALUE_NUMBER:
        sql_string(&p->sql, text); /* as COPY requires; SQLite converts it where the column needs a number */
        return true;
    case VALUE_BOOL:
    case VALUE_SQL:
    case VALUE_FUNC:
        break;
    }
    if (!p->dialect->value_native(p->ctx, &any, &v->value, &native))
        return false;
    sql_add(&p->sql, native);
    return true;
}

static bool add_row(struct script *p, const struct row *row)
{
    if (p->rows == ROWS || !rows_same_columns(&p->columns, row)) {
        flush(p);
        rows_take_columns(p->ctx, &p->columns, row);
    }
    if (!row->n)
        return true;
    if (p->rows++ == 0)
        sql_addf(&p->sql, "INSERT INTO %Q %C VALUES\n  (", &p->s->op->u.bulk_insert.table, &p->columns);
    else
        sql_add(&p->sql, ",\n  (");
    vec_each(i, row) {
        sql_add(&p->sql, i ? ", " : "");
        if (!add_value(p, row->v[i]))
            return false;
    }
    sql_add(&p->sql, ")");
    return true;
}

bool rows_script(struct ctx *ctx, const struct dialect *dialect, const struct statement *s,
    void (*print)(void *user, const char *text, size_t rows), void *user)
{
    struct script p = {.ctx = ctx, .dialect = dialect, .s = s, .print = print, .user = user};
    struct row_reader *r CLEANUP(rows_close) = NULL;
    const struct row *row;
    struct pos pos;
    if (!rows_open(ctx, &s->op->u.bulk_insert, s->subject, &r))
        return false;
    flush(&p);
    bool ok;
    while ((ok = rows_next(r, &row, &pos)) && row && (ok = add_row(&p, row)))
        continue;
    if (ok)
        flush(&p);
    arena_finish(&p.scratch);
    return ok;
}
