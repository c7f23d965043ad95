/*
 * Copies many rows into a table.
 *
 * Rows are sent by COPY, as fast as they are read; a row with other columns than the one before starts another
 * COPY, since a column that a row does not name gets its default. The server counts the lines of what it is
 * sent, not of the file: for an error a file is read again up to that row.
 */
#include "dialect/postgresql/wire/exec.h"

#include <ctype.h>
#include <stdlib.h>

enum { SEND = 1 << 16, SHOW_EVERY = 10000 };

struct copying {
    struct pg *pg;
    const struct statement *s;
    struct strings columns;
    struct arena scratch;
    struct str out;
    bool begun;
    uint64_t done, before; /* rows in all; before this COPY */
};

/* ---- what is sent -------------------------------------------------------------------------------------- */

static void add_text(struct str *out, const char *text)
{
    for (size_t n; *text; text += n) {
        n = strcspn(text, "\\\t\n\r");
        str_addn(out, text, n);
        if (!text[n])
            return;
        str_addc(out, '\\');
        str_addc(out, text[n] == '\t' ? 't' : text[n] == '\n' ? 'n' : text[n] == '\r' ? 'r' : '\\');
        n++;
    }
}

static void add_row(struct str *out, const struct row *row)
{
    vec_each(i, row) {
        if (i)
            str_addc(out, '\t');
        if (row->v[i]->value.kind == VALUE_NONE)
            str_add(out, "\\N");
        else
            add_text(out, row->v[i]->value.expr.sql.text);
    }
    str_addc(out, '\n');
}

static bool send(struct copying *c)
{
    if (c->out.n && c->pg->pq.PQputCopyData(c->pg->conn, c->out.s, (int)c->out.n) != 1)
        return pg_fail(c->pg, NULL);
    c->out.n = 0;
    return true;
}

/* ---- failures ------------------------------------------------------------------------------------------ */

/* "COPY users, line 3, column age": the number after the table's name; 0: there is none. */
static uint64_t failed_row(const struct copying *c, const PGresult *r)
{
    const char *context = c->pg->pq.PQresultErrorField(r, PG_DIAG_CONTEXT);
    const char *name = c->s->op->u.bulk_insert.table.name;
    const char *at = context && str_starts(context, "COPY ") ? context + strlen("COPY ") : NULL;
    if (!at || !str_starts(at, name))
        return 0;
    at += strlen(name);
    while (*at && !isdigit((unsigned char)*at))
        at++;
    return strtoull(at, NULL, 10);
}

static bool fail_copy(struct copying *c, const PGresult *r)
{
    uint64_t row = failed_row(c, r);
    pg_fail(c->pg, r);
    return row && rows_fail_row(c->pg->base.ctx, c->s, c->before + row);
}

/* ---- one COPY ------------------------------------------------------------------------------------------ */

static bool take_results(struct copying *c)
{
    bool ok = true;
    for (PGresult *r; (r = pg_result(c->pg)); c->pg->pq.PQclear(r))
        if (ok && pg_failed(c->pg, r))
            ok = fail_copy(c, r);
    return ok;
}

static bool begin_copy(struct copying *c, const struct row *row)
{
    struct pg *pg = c->pg;
    struct ctx *ctx = pg->base.ctx;
    struct sql q = sql_begin(ctx, &postgresql_dialect);
    rows_take_columns(ctx, &c->columns, row);
    sql_addf(&q, "COPY %Q %C FROM STDIN", &c->s->op->u.bulk_insert.table, &c->columns);
    if (!pg->pq.PQsendQuery(pg->conn, sql_end(&q)))
        return pg_fail(pg, NULL);
    PGresult *r = pg_result(pg);
    bool ok = r && pg->pq.PQresultStatus(r) == PGRES_COPY_IN;
    if (!ok)
        pg_fail(pg, r);
    pg->pq.PQclear(r);
    c->begun = ok;
    c->before = c->done;
    return ok || (take_results(c), false);
}

/* With `why` the server throws away what it got. */
static bool end_copy(struct copying *c, const char *why)
{
    bool ok = why || send(c);
    if (!c->begun)
        return ok;
    c->begun = false;
    c->out.n = 0;
    if (c->pg->pq.PQputCopyEnd(c->pg->conn, why) != 1)
        return pg_fail(c->pg, NULL);
    if (!why)
        return take_results(c) && ok;
    for (PGresult *r; (r = pg_result(c->pg)); c->pg->pq.PQclear(r)) /* our own reason */
        continue;
    return false;
}

/* ---- all rows ------------------------------------------------------------------------------------------ */

static bool copy_row(struct copying *c, const struct row *row)
{
    struct ctx *ctx = c->pg->base.ctx;
    if (!c->begun || !rows_same_columns(&c->columns, row))
        if (!end_copy(c, NULL) || !begin_copy(c, row))
            return false;
    add_row(&c->out, row);
    if (++c->done % SHOW_EVERY == 0)
        log_progress(ctx, ctx_printf(ctx, "rows into '%s'", c->s->op->u.bulk_insert.table.name), c->done, 0);
    if (ctx_interrupted(ctx))
        return fail_interrupted(ctx);
    return c->out.n < SEND || send(c);
}

static bool copy_all(struct copying *c)
{
    struct row_reader *r CLEANUP(rows_close) = NULL;
    const struct row *row = NULL;
    struct pos pos;
    if (!rows_open(c->pg->base.ctx, &c->s->op->u.bulk_insert, c->s->subject, &r))
        return false;
    do {
        if (!rows_next(r, &row, &pos))
            return false;
        if (row && row->n && !copy_row(c, row))
            return false;
    } while (row);
    return end_copy(c, NULL);
}

bool pg_copy_rows(struct pg *pg, const struct statement *s)
{
    struct copying c = {.pg = pg, .s = s};
    c.out.arena = &c.scratch;
    bool ok = copy_all(&c);
    if (c.begun)
        end_copy(&c, "cmig gave up");
    arena_finish(&c.scratch);
    if (c.done >= SHOW_EVERY)
        log_progress(pg->base.ctx, NULL, 0, 0);
    return ok || exec_fail_at(pg->base.ctx, s);
}

/* ---- rows in a text ------------------------------------------------------------------------------------ */

static bool send_text(struct pg *pg, const char *rows, size_t size)
{
    for (size_t n; size; rows += n, size -= n) {
        n = size < SEND ? size : SEND;
        if (ctx_interrupted(pg->base.ctx) || pg->pq.PQputCopyData(pg->conn, rows, (int)n) != 1)
            return false;
    }
    return true;
}

bool pg_copy_text(struct pg *pg, const struct sent *s, const char *rows, size_t size)
{
    if (!pg->pq.PQsendQuery(pg->conn, s->sql))
        return pg_fail(pg, NULL);
    PGresult *r = pg_result(pg);
    bool ok = r && pg->pq.PQresultStatus(r) == PGRES_COPY_IN;
    bool is_sent = ok && send_text(pg, rows, size);
    if (ok && pg->pq.PQputCopyEnd(pg->conn, is_sent ? NULL : "cmig was interrupted") != 1)
        ok = false;
    if (!ok)
        pipeline_fail(pg, s, r);
    pg->pq.PQclear(r);
    while ((r = pg_result(pg))) {
        if (ok && pg_failed(pg, r))
            ok = pipeline_fail(pg, s, r);
        pg->pq.PQclear(r);
    }
    return ok;
}
