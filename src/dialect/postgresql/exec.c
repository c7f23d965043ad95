/*
 * How do many statements run in one round trip, and which of them failed?
 *
 * A revision is sent as one text: BEGIN, its statements, its version rows, COMMIT. The server answers each statement
 * in turn and stops at the first failure, so counting the answers names it; for what the parser refuses, which comes
 * before any answer, the position in the text does. A statement that must change a certain number of rows is wrapped
 * so that it fails by itself, before the COMMIT behind it.
 */
#include "dialect/postgresql/exec.h"

#include "dialect/postgresql/script.h"

#include <stdlib.h>

/* A statement as it is sent: where it begins in the text, and which answers are its. */
struct piece {
    const struct statement *statement; /* NULL: BEGIN, COMMIT */
    size_t at;                         /* of its text */
    size_t answers;                    /* how many it gets */
    bool guarded;
    size_t first_part; /* of a script that is sent part by part */
};
struct pieces VEC_OF(struct piece);

struct text {
    struct str sql;
    struct pieces pieces;
};

/* ---- putting together -------------------------------------------------------------------------------- */

static void add_own(struct ctx *ctx, struct text *t, const char *sql)
{
    struct piece p = {.at = t->sql.n, .answers = 1};
    str_addf(&t->sql, "%s;\n", sql);
    vec_add(ctx, &t->pieces, p);
}

/* A statement that must change so many rows: with others it divides by zero, and nothing behind it runs. */
static const char *guarded(struct ctx *ctx, const char *sql, int64_t expect)
{
    if (expect < 0)
        return sql;
    return ctx_printf(ctx,
        "WITH moved AS (%s RETURNING 1) SELECT 1 / (pg_catalog.count(*) = %lld)::pg_catalog.int4 FROM moved",
        sql, (long long)expect);
}

static void add_text(struct ctx *ctx, struct text *t, const struct statement *s, const char *sql)
{
    struct piece p = {.statement = s, .at = t->sql.n, .answers = 1, .guarded = s->expect >= 0};
    str_add(&t->sql, sql);
    str_add(&t->sql, ";\n");
    vec_add(ctx, &t->pieces, p);
}

static void add_execute(struct ctx *ctx, struct text *t, const struct statement *s, size_t number)
{
    struct piece p = {.statement = s, .at = t->sql.n, .answers = 1, .guarded = s->expect >= 0};
    str_addf(&t->sql, "EXECUTE cmig_%zu(", number);
    str_add(&t->sql, s->arguments);
    str_add(&t->sql, ");\n");
    vec_add(ctx, &t->pieces, p);
}

/* From the second of its kind on it is only parsed and planned once. */
static void add_repeated(struct pg *pg, struct text *t, const struct statement *s)
{
    struct ctx *ctx = pg->base.ctx;
    if (pg->prepares_nothing || !strings_have(&pg->met, s->prepare)) {
        if (!strings_have(&pg->met, s->prepare))
            vec_add(ctx, &pg->met, s->prepare);
        add_text(ctx, t, s, guarded(ctx, s->text, s->expect));
        return;
    }
    size_t at = 0;
    while (at < pg->prepared.n && !str_eq(pg->prepared.v[at], s->prepare))
        at++;
    if (at == pg->prepared.n) {
        vec_add(ctx, &pg->prepared, s->prepare);
        add_own(ctx, t, ctx_printf(ctx, "PREPARE cmig_%zu AS %s", at, guarded(ctx, s->prepare, s->expect)));
    }
    add_execute(ctx, t, s, at);
}

/* Which operation failed, and where in its text. */
static bool fail_at_byte(struct ctx *ctx, const struct statement *s, size_t at)
{
    if (s->op)
        return fail_in(
            ctx, "%s%s", pos_text(&ctx->arena, statement_pos(s, s->text + at)), op_label(&ctx->arena, s->op));
    return false;
}

bool exec_split(struct ctx *ctx, const struct statement *s, bool in_transaction, struct script_parts *ret)
{
    struct script_problem problem;
    unsigned line, column;
    script_split(&ctx->arena, s->text, ret);
    if (script_may_run(ret, in_transaction, &problem))
        return true;
    script_place(s->text, problem.at, &line, &column);
    fail(ctx, STATUS_FAILED, "line %u, column %u of the SQL text: %s", line, column, problem.what);
    if (problem.hint)
        fail_hint(ctx, "%s", problem.hint);
    return fail_at_byte(ctx, s, problem.at);
}

static bool add_script(struct pg *pg, struct text *t, const struct statement *s, bool in_transaction)
{
    struct ctx *ctx = pg->base.ctx;
    struct script_parts parts;
    if (!exec_split(ctx, s, in_transaction, &parts))
        return false;
    struct piece p = {.statement = s, .at = t->sql.n, .answers = parts.n};
    /* A comment at its end must not swallow what follows, nor may it end with an empty statement. */
    if (parts.n)
        str_addf(&t->sql, "%.*s\n;\n", (int)parts.v[parts.n - 1].to, s->text);
    vec_add(ctx, &t->pieces, p);
    return true;
}

static bool add_statement(struct pg *pg, struct text *t, const struct statement *s, bool in_transaction)
{
    if (s->flags & STATEMENT_SCRIPT)
        return add_script(pg, t, s, in_transaction);
    if (s->prepare)
        add_repeated(pg, t, s);
    else
        add_text(pg->base.ctx, t, s, guarded(pg->base.ctx, s->text, s->expect));
    return true;
}

/* ---- failures ---------------------------------------------------------------------------------------- */

bool exec_fail_at(struct ctx *ctx, const struct statement *s)
{
    return s && fail_at_byte(ctx, s, 0);
}

/* The place that the server complained about, in bytes from the start of the text; SIZE_MAX: it named none. */
static size_t failed_at(struct pg *pg, const PGresult *r, const char *sql)
{
    const char *position = pg->pq.PQresultErrorField(r, PG_DIAG_STATEMENT_POSITION);
    if (!position)
        return SIZE_MAX;
    long characters = strtol(position, NULL, 10);
    const char *s = sql;
    while (--characters > 0 && *s)
        for (s++; ((unsigned char)*s & 0xC0) == 0x80;)
            s++;
    return (size_t)(s - sql);
}

static const struct piece *piece_at(const struct text *t, size_t at, size_t answered)
{
    const struct piece *found = NULL;
    vec_each(i, &t->pieces) {
        const struct piece *p = &t->pieces.v[i];
        if (at != SIZE_MAX ? p->at <= at : true)
            found = p;
        if (at == SIZE_MAX && answered < p->answers)
            return p;
        answered -= at == SIZE_MAX ? p->answers : 0;
    }
    return found;
}

/* Of a long text only where; a short one is shown. */
static void show_statement(struct pg *pg, const struct piece *p, size_t at)
{
    struct ctx *ctx = pg->base.ctx;
    const struct statement *s = p->statement;
    size_t begin = p->at;
    if (at != SIZE_MAX && at >= begin && (s->flags & STATEMENT_SCRIPT || strchr(s->text, '\n'))) {
        unsigned line, column;
        script_place(s->text, at - begin, &line, &column);
        const char *from = s->text + (at - begin);
        while (from > s->text && from[-1] != '\n')
            from--;
        fail_detail(ctx, "line %u, column %u: %.*s", line, column, (int)strcspn(from, "\n"), from);
    } else if (!(s->flags & STATEMENT_SCRIPT)) {
        fail_detail(ctx, "statement: %.300s%s", s->text, strlen(s->text) > 300 ? " …" : "");
    }
}

/* Of what the server names no place for, such as rows that contradict a constraint: where the statement begins that
 * was not answered any more. */
static size_t unanswered_at(struct pg *pg, const struct text *t, const struct piece *p, size_t answered)
{
    struct script_parts parts = {0};
    size_t part = p->first_part + answered;

    for (const struct piece *before = t->pieces.v; before < p; before++)
        part -= before->answers;
    if (p->statement->flags & STATEMENT_SCRIPT)
        script_split(&pg->base.ctx->arena, p->statement->text, &parts);
    return part < parts.n ? parts.v[part].from : 0;
}

static bool fail_piece(struct pg *pg, const struct text *t, const PGresult *r, size_t answered)
{
    struct ctx *ctx = pg->base.ctx;
    size_t at = failed_at(pg, r, str_get(&t->sql));
    const struct piece *p = piece_at(t, at, answered);
    if (p && p->guarded && str_eq(pg_code(pg, r), "22012")) {
        fail(
            ctx, STATUS_FAILED, "the version row is not as it was: another program has changed it meanwhile");
        return fail_detail(ctx, "statement: %s", p->statement->text);
    }
    pg_fail(pg, r);
    if (!p || !p->statement || ctx_interrupted(ctx))
        return false;
    show_statement(pg, p, at);
    return fail_at_byte(
        ctx, p->statement, at != SIZE_MAX && at >= p->at ? at - p->at : unanswered_at(pg, t, p, answered));
}

/* Rows of a query that must give none say what is wrong. */
static bool check_rows(struct pg *pg, const struct text *t, const PGresult *r, size_t answered)
{
    const struct piece *p = piece_at(t, SIZE_MAX, answered);
    struct ctx *ctx = pg->base.ctx;
    if (!p || !p->statement || !(p->statement->flags & STATEMENT_CHECK) || pg->pq.PQntuples(r) == 0)
        return true;
    fail(ctx, STATUS_FAILED, "%d rows contradict it", pg->pq.PQntuples(r));
    for (int i = 0; i < pg->pq.PQntuples(r) && i < 10; i++)
        fail_detail(ctx, "%s", pg->pq.PQgetvalue(r, i, 0));
    return exec_fail_at(ctx, p->statement);
}

/* ---- running ----------------------------------------------------------------------------------------- */

static bool refuse_copy(struct pg *pg, const PGresult *r)
{
    ExecStatusType s = pg->pq.PQresultStatus(r);
    if (s == PGRES_COPY_IN)
        pg->pq.PQputCopyEnd(pg->conn, "cmig has no rows to give");
    return s != PGRES_COPY_IN && s != PGRES_COPY_OUT;
}

static bool run_text(struct pg *pg, const struct text *t)
{
    if (!t->sql.n)
        return true;
    if (!pg->pq.PQsendQuery(pg->conn, str_get(&t->sql)))
        return pg_fail(pg, NULL);
    size_t answered = 0;
    bool ok = true;
    for (PGresult *r; (r = pg_result(pg)); pg->pq.PQclear(r)) {
        if (ok && pg_failed(pg, r))
            ok = fail_piece(pg, t, r, answered);
        else if (ok && !refuse_copy(pg, r))
            answered--; /* its failure follows */
        else if (ok)
            ok = check_rows(pg, t, r, answered);
        answered++;
    }
    if (ok && pg->pq.PQstatus(pg->conn) != CONNECTION_OK)
        ok = pg_fail(pg, NULL);
    pg->prepares_nothing = pg->prepares_nothing || !ok;
    return ok;
}

/* In a transaction: all in one text. A query that must give no rows ends it, so that they are seen before what
 * follows is done. */
static bool exec_inside(struct pg *pg, const struct statements *list, bool commit)
{
    struct ctx *ctx = pg->base.ctx;
    struct text t = {.sql = STR(ctx)};
    if (pg->begin_pending)
        add_own(ctx, &t, "BEGIN");
    vec_each(i, list) {
        bool has_rows = list->v[i]->flags & STATEMENT_ROWS;
        if (!has_rows && !add_statement(pg, &t, list->v[i], true))
            return false;
        if (!has_rows && !(list->v[i]->flags & STATEMENT_CHECK))
            continue;
        if (!run_text(pg, &t) || (has_rows && !pg_copy_rows(pg, list->v[i])))
            return false;
        pg->begin_pending = false;
        t = (struct text){.sql = STR(ctx)};
    }
    if (commit)
        add_own(ctx, &t, "COMMIT");
    /* Nothing but BEGIN and COMMIT. */
    if (!list->n && commit && pg->begin_pending) {
        pg->begin_pending = false;
        return true;
    }
    pg->begin_pending = false;
    return run_text(pg, &t);
}

/* Waiting for locks leaves an invalid index behind when it is cut short, so these wait as long as it takes. */
static bool run_alone(struct pg *pg, const struct text *t, bool is_concurrent)
{
    if (is_concurrent && pg->lock_timeout_ms && !pg_run(pg, "SET lock_timeout = 0"))
        return false;
    bool ok = run_text(pg, t);
    if (is_concurrent && pg->lock_timeout_ms && ok)
        ok = pg_run(
            pg, ctx_printf(pg->base.ctx, "SET lock_timeout = %llu", (unsigned long long)pg->lock_timeout_ms));
    return ok;
}

/* Outside of a transaction each statement goes by itself: a text of several would be one transaction. */
static bool exec_outside(struct pg *pg, const struct statement *s)
{
    struct ctx *ctx = pg->base.ctx;
    struct script_parts parts;
    if (s->flags & STATEMENT_ROWS)
        return pg_copy_rows(pg, s);
    if (!(s->flags & STATEMENT_SCRIPT)) {
        struct text t = {.sql = STR(ctx)};
        bool is_concurrent = s->flags & STATEMENT_OUTSIDE;
        if (is_concurrent && !concurrent_index_before(pg, s->op))
            return exec_fail_at(ctx, s);
        if (!add_statement(pg, &t, s, false))
            return false;
        bool ok = run_alone(pg, &t, is_concurrent);
        return is_concurrent ? concurrent_index_after(pg, s->op, ok) : ok;
    }
    if (!exec_split(ctx, s, false, &parts))
        return false;
    vec_each(i, &parts) {
        struct text t = {.sql = STR(ctx)};
        struct piece p = {.statement = s, .answers = 1, .first_part = i};
        /* Spaces keep the positions that the server counts. */
        for (size_t k = 0; k < parts.v[i].from; k++)
            if (s->text[k] == '\n')
                str_addc(&t.sql, '\n');
            else if (((unsigned char)s->text[k] & 0xC0) != 0x80)
                str_addc(&t.sql, ' ');
        p.at = 0;
        str_addn(&t.sql, s->text + parts.v[i].from, parts.v[i].to - parts.v[i].from);
        vec_add(ctx, &t.pieces, p);
        if (!run_alone(pg, &t, strstr(parts.v[i].words, "CONCURRENTLY")))
            return false;
    }
    return true;
}

bool pg_exec(struct conn *conn, const struct statements *list, bool commit)
{
    struct pg *pg = pg_of(conn);
    if (pg->begin_pending || pg_has_open_transaction(pg))
        return exec_inside(pg, list, commit);
    vec_each(i, list)
        if (!exec_outside(pg, list->v[i]))
            return false;
    return true;
}

/* ---- transactions ------------------------------------------------------------------------------------ */

bool pg_begin(struct conn *conn)
{
    pg_of(conn)->begin_pending = true;
    return true;
}

bool pg_commit(struct conn *conn)
{
    static const struct statements none = {0};
    struct pg *pg = pg_of(conn);
    if (!pg->begin_pending && !pg_has_open_transaction(pg))
        return true;
    return exec_inside(pg, &none, true);
}

void pg_rollback(struct conn *conn)
{
    struct pg *pg = pg_of(conn);
    pg->begin_pending = false;
    if (!pg->conn || pg->pq.PQstatus(pg->conn) != CONNECTION_OK || !pg_has_open_transaction(pg))
        return;
    if (!pg->pq.PQsendQuery(pg->conn, "ROLLBACK"))
        return;
    for (PGresult *r; (r = pg->pq.PQgetResult(pg->conn));)
        pg->pq.PQclear(r);
}
