/*
 * How are many rows changed without holding a transaction open over all of them?
 *
 * Batch by batch along a key: the first so many rows behind the last key that are to be changed say where the next
 * batch ends, and all rows up to there are changed in a transaction that also notes the key. So nothing is done twice,
 * whatever the condition, and an interrupted run goes on behind the last batch.
 */
#include "cmig/dialect.h"

#include <stdlib.h>

enum { USUAL_BATCH = 10000 };

struct filling {
    struct conn *conn;
    const struct op *op;
    struct progress *progress;
    const char *key;
    uint64_t done, total;
};

/* ---- the SQL ------------------------------------------------------------------------------------------- */

static struct sql begin_update(struct ctx *ctx, const struct dialect *dialect, const struct op_backfill *o)
{
    struct sql q = sql_begin(ctx, dialect);
    sql_addf(&q, "UPDATE %Q SET ", &o->table);
    vec_each(i, &o->set) {
        const char *sql = dtext_for(&o->set.v[i]->sql, dialect->name);
        sql_addf(&q, i ? ", %I = %E" : "%I = %E", o->set.v[i]->column, sql ? sql : "NULL");
    }
    return q;
}

/* " WHERE (…) AND …": the operation's own condition first. */
static void add_where(struct sql *q, const struct op_backfill *o)
{
    const char *where = dtext_for(&o->where, q->dialect->name);
    sql_add(q, " WHERE ");
    if (where)
        sql_addf(q, "(%E) AND ", where);
}

const char *backfill_text(struct ctx *ctx, const struct dialect *dialect, const struct op_backfill *o)
{
    struct sql q = begin_update(ctx, dialect, o);
    const char *where = dtext_for(&o->where, dialect->name);
    if (where)
        sql_addf(&q, " WHERE %E", where);
    return sql_end(&q);
}

const char *backfill_where(
    struct ctx *ctx, const struct dialect *dialect, const struct op_backfill *o, const char *condition)
{
    struct sql q = sql_begin(ctx, dialect);
    add_where(&q, o);
    sql_add(&q, condition);
    return sql_end(&q);
}

const char *backfill_part(
    struct ctx *ctx, const struct dialect *dialect, const struct op_backfill *o, const char *condition)
{
    struct sql q = begin_update(ctx, dialect, o);
    sql_add(&q, backfill_where(ctx, dialect, o, condition));
    return sql_end(&q);
}

int64_t backfill_batch(const struct op_backfill *o)
{
    return o->batch ? o->batch : (int64_t)USUAL_BATCH;
}

/* The last key of the next batch as a literal, which a plain text of it may not be, and how many rows are in it. */
static const char *next_query(const struct filling *f, const char *last)
{
    const struct op_backfill *o = &f->op->u.backfill;
    struct sql q = sql_begin(f->conn->ctx, f->conn->dialect);
    sql_addf(&q, "SELECT %E(k), count(*) OVER () FROM (SELECT %I AS k FROM %Q",
        f->conn->dialect->literal_function, f->key, &o->table);
    add_where(&q, o);
    sql_addf(&q, "%I IS NOT NULL", f->key);
    if (last)
        sql_addf(&q, " AND %I > %E", f->key, last);
    sql_addf(&q, " ORDER BY %I LIMIT %d) AS batch ORDER BY k DESC LIMIT 1", f->key, backfill_batch(o));
    return sql_end(&q);
}

static const char *batch_update(const struct filling *f, const char *last, const char *upto)
{
    const struct op_backfill *o = &f->op->u.backfill;
    struct sql q = begin_update(f->conn->ctx, f->conn->dialect, o);
    add_where(&q, o);
    if (last)
        sql_addf(&q, "%I > %E AND ", f->key, last);
    sql_addf(&q, "%I <= %E", f->key, upto);
    return sql_end(&q);
}

static const char *count_query(const struct filling *f, const char *condition)
{
    struct sql q = sql_begin(f->conn->ctx, f->conn->dialect);
    sql_addf(&q, "SELECT count(*) FROM %Q", &f->op->u.backfill.table);
    add_where(&q, &f->op->u.backfill);
    sql_addf(&q, "%I %E", f->key, condition);
    return sql_end(&q);
}

static const char *rest_update(const struct filling *f)
{
    struct sql q = begin_update(f->conn->ctx, f->conn->dialect, &f->op->u.backfill);
    add_where(&q, &f->op->u.backfill);
    sql_addf(&q, "%I IS NULL", f->key);
    return sql_end(&q);
}

/* ---- doing it ------------------------------------------------------------------------------------------ */

static bool fail_at_op(const struct filling *f)
{
    struct ctx *ctx = f->conn->ctx;
    if (f->done)
        fail_detail(ctx, "%llu rows of '%s' were set before", (unsigned long long)f->done,
            qname_text(&ctx->arena, &f->op->u.backfill.table));
    return fail_in(ctx, "%s%s", pos_text(&ctx->arena, f->op->pos), op_describe(&ctx->arena, f->op));
}

static bool find_key(struct filling *f)
{
    const struct op_backfill *o = &f->op->u.backfill;
    struct ctx *ctx = f->conn->ctx;
    struct strings row;
    f->key = o->key;
    if (f->key)
        return true;
    if (!f->conn->dialect->query(f->conn, f->conn->dialect->key_query(ctx, &o->table), &row))
        return false;
    if (!row.n) {
        fail(ctx, STATUS_FAILED, "table '%s' has no primary key to go along",
            qname_text(&ctx->arena, &o->table));
        return fail_hint(ctx, "Name a column with an index: 'key: created_at'.");
    }
    f->key = row.v[0];
    vec_each(i, &o->set)
        if (str_eq(o->set.v[i]->column, f->key))
            return fail(ctx, STATUS_FAILED, "backfill cannot set '%s', its key", f->key);
    return true;
}

/* For the progress line only. */
static bool count_rows(struct filling *f, const char *last)
{
    struct ctx *ctx = f->conn->ctx;
    struct strings row;
    if (!ctx->log.progress)
        return true;
    if (!f->conn->dialect->query(
            f->conn, count_query(f, last ? ctx_printf(ctx, "> %s", last) : "IS NOT NULL"), &row))
        return false;
    f->total = row.n ? strtoull(row.v[0], NULL, 10) : 0;
    return true;
}

static const char *last_key(const struct progress *p)
{
    return p->state && str_starts(p->state, PROGRESS_KEY) ? p->state + strlen(PROGRESS_KEY) : NULL;
}

/* What another process that does the same has noted meanwhile is gone on from; it can only be there in an
 * embedded database on a file system without locks. */
static bool read_again(struct filling *f)
{
    struct progress now = *f->progress;
    bool found;
    if (!(f->conn->dialect->features & DIALECT_EMBEDDED))
        return true;
    if (!progress_read(f->conn, &now, &found))
        return false;
    if (found && now.operation == f->progress->operation && !str_eq(now.state, PROGRESS_DONE)) {
        f->progress->state = now.state;
        return true;
    }
    return fail(f->conn->ctx, STATUS_TRY_AGAIN, "another cmig went on with this revision meanwhile");
}

static bool commit_batch(struct filling *f, const char *update, const char *state, const char *rows)
{
    struct conn *conn = f->conn;
    struct statements list = {0};
    statement_add(conn->ctx, &list, update, NULL);
    f->progress->state = state;
    progress_set(conn->ctx, conn->dialect, f->progress, &list);
    if (!conn->dialect->exec(conn, &list, true))
        return false;
    f->done += strtoull(rows, NULL, 10);
    return true;
}

/* Rows without a key come last, all at once. Also where there are none: then at least the statement is known to work. */
static bool do_rest(struct filling *f)
{
    struct strings row;
    return f->conn->dialect->query(f->conn, count_query(f, "IS NULL"), &row) &&
           commit_batch(f, rest_update(f), PROGRESS_DONE, row.v[0]);
}

static bool do_batch(struct filling *f, bool *ret_more)
{
    struct conn *conn = f->conn;
    struct strings row;
    if (!conn->dialect->begin(conn) || !read_again(f))
        return false;
    const char *last = last_key(f->progress);
    if (!conn->dialect->query(conn, next_query(f, last), &row))
        return false;
    *ret_more = row.n > 0;
    if (!row.n)
        return do_rest(f);
    if (str_eq(last, row.v[0]))
        return fail(conn->ctx, STATUS_FAILED, "column '%s' is no key to go along: it does not get beyond %s",
            f->key, last);
    return commit_batch(
        f, batch_update(f, last, row.v[0]), ctx_printf(conn->ctx, PROGRESS_KEY "%s", row.v[0]), row.v[1]);
}

bool backfill_run(struct conn *conn, const struct op *op, struct progress *p)
{
    struct filling f = {.conn = conn, .op = op, .progress = p};
    struct ctx *ctx = conn->ctx;
    bool more = true;
    if (!find_key(&f) || !count_rows(&f, last_key(p)))
        return fail_at_op(&f);
    while (more) {
        log_progress(ctx, op_describe(&ctx->arena, op), f.done, f.total);
        if (ctx_interrupted(ctx) ? !fail_interrupted(ctx) : !do_batch(&f, &more))
            return fail_at_op(&f);
    }
    log_progress(ctx, NULL, 0, 0);
    log_info(ctx, "backfill of %s: %llu rows", qname_text(&ctx->arena, &op->u.backfill.table),
        (unsigned long long)f.done);
    return true;
}
