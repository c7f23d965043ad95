/*
 * Updates many rows in batches, without holding a transaction open over all of them.
 *
 * Batches follow the table's key: the key so many rows after the last one is where the next batch ends. The search for
 * it leaves the operation's condition out, so that an index answers it whatever the condition is and whatever the
 * planner knows of it. The rows up to there are updated in a transaction that also records the key. So no row is
 * updated twice, and an interrupted run continues after the last batch.
 */
#include "cmig/dialect.h"

#include <stdlib.h>

enum { USUAL_BATCH = 10000 };

struct filling {
    struct conn *conn;
    const struct op *op;
    struct progress *progress;
    const char *key;
    uint64_t passed, total; /* rows of the table, for the progress line */
    uint64_t updated;
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

const char *backfill_part(
    struct ctx *ctx, const struct dialect *dialect, const struct op_backfill *o, const char *condition)
{
    struct sql q = begin_update(ctx, dialect, o);
    add_where(&q, o);
    sql_add(&q, condition);
    return sql_end(&q);
}

int64_t backfill_batch(const struct op_backfill *o)
{
    return o->batch ? o->batch : (int64_t)USUAL_BATCH;
}

/* The last key of the next batch as a literal, which the plain text of a key may not be. No row: the rest of the
 * table is less than a batch. */
static const char *end_query(const struct filling *f, const char *last)
{
    const struct op_backfill *o = &f->op->u.backfill;
    struct sql q = sql_begin(f->conn->ctx, f->conn->dialect);
    sql_addf(
        &q, "SELECT %E(%I) FROM %Q WHERE %I ", f->conn->dialect->literal_function, f->key, &o->table, f->key);
    if (last)
        sql_addf(&q, "> %E", last);
    else
        sql_add(&q, "IS NOT NULL");
    sql_addf(&q, " ORDER BY %I LIMIT 1 OFFSET %d", f->key, backfill_batch(o) - 1);
    return sql_end(&q);
}

static const char *range_update(const struct filling *f, const char *last, const char *upto)
{
    const struct op_backfill *o = &f->op->u.backfill;
    struct sql q = begin_update(f->conn->ctx, f->conn->dialect, o);
    add_where(&q, o);
    if (last)
        sql_addf(&q, "%I > %E", f->key, last);
    if (upto)
        sql_addf(&q, last ? " AND %I <= %E" : "%I <= %E", f->key, upto);
    return sql_end(&q);
}

static const char *null_key(const struct filling *f)
{
    struct sql q = sql_begin(f->conn->ctx, f->conn->dialect);
    sql_addf(&q, "%I IS NULL", f->key);
    return sql_end(&q);
}

static const char *count_query(const struct filling *f, const char *last)
{
    struct sql q = sql_begin(f->conn->ctx, f->conn->dialect);
    sql_addf(&q, "SELECT count(*) FROM %Q", &f->op->u.backfill.table);
    if (last)
        sql_addf(&q, " WHERE %I > %E", f->key, last);
    return sql_end(&q);
}

/* ---- doing it ------------------------------------------------------------------------------------------ */

static bool fail_at_op(const struct filling *f)
{
    struct ctx *ctx = f->conn->ctx;
    if (f->updated)
        fail_detail(ctx, "%llu rows of '%s' were updated before", (unsigned long long)f->updated,
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
        fail(ctx, STATUS_FAILED, "table '%s' has no primary key to form batches by",
            qname_text(&ctx->arena, &o->table));
        return fail_hint(ctx, "Name a column with an index: 'key: created_at'.");
    }
    f->key = row.v[0];
    vec_each(i, &o->set)
        if (str_eq(o->set.v[i]->column, f->key))
            return fail(ctx, STATUS_FAILED, "backfill cannot set its key '%s'", f->key);
    return true;
}

/* For the progress line only. */
static bool count_rows(struct filling *f, const char *last)
{
    struct ctx *ctx = f->conn->ctx;
    struct strings row;
    if (!ctx->log.progress)
        return true;
    if (!f->conn->dialect->query(f->conn, count_query(f, last), &row))
        return false;
    f->total = row.n ? strtoull(row.v[0], NULL, 10) : 0;
    return true;
}

static const char *last_key(const struct progress *p)
{
    return p->state && str_starts(p->state, PROGRESS_KEY) ? p->state + strlen(PROGRESS_KEY) : NULL;
}

/* If another process has recorded progress in the meantime, the batches continue from there. That can only
 * happen in an embedded database on a file system without locks. */
static bool read_again(struct filling *f)
{
    struct progress now = *f->progress;
    bool found;
    if (!f->conn->dialect->has.embedded)
        return true;
    if (!progress_read(f->conn, &now, &found))
        return false;
    if (found && str_eq(now.revision, f->progress->revision) && now.operation == f->progress->operation) {
        f->progress->state = now.state;
        return true;
    }
    return fail(f->conn->ctx, STATUS_TRY_AGAIN, "another cmig has continued this revision");
}

static bool commit_batch(struct filling *f, struct statements *updates, const char *state)
{
    struct conn *conn = f->conn;
    int64_t changed[2] = {0};
    struct progress next = *f->progress;
    vec_each(i, updates)
        updates->v[i]->ret_changed = &changed[i];
    next.state = state;
    progress_set(conn->ctx, conn->dialect, &next, updates);
    if (!conn->dialect->exec(conn, updates, true))
        return false;
    f->progress->state = state;
    f->updated += (uint64_t)(changed[0] + changed[1]);
    return true;
}

/* The rows after the last full batch, and those without a key. Also where there are none: then at least the statement
 * is known to work. */
static bool do_rest(struct filling *f, const char *last)
{
    struct ctx *ctx = f->conn->ctx;
    const struct dialect *dialect = f->conn->dialect;
    const struct op_backfill *o = &f->op->u.backfill;
    struct statements updates = {0};
    if (last) {
        statement_add(ctx, &updates, range_update(f, last, NULL), NULL);
        statement_add(ctx, &updates, backfill_part(ctx, dialect, o, null_key(f)), NULL);
    } else {
        statement_add(ctx, &updates, backfill_text(ctx, dialect, o), NULL);
    }
    return commit_batch(f, &updates, f->progress->in_part ? PROGRESS_PART_DONE : PROGRESS_DONE);
}

static bool do_batch(struct filling *f, bool *ret_more)
{
    struct conn *conn = f->conn;
    struct statements updates = {0};
    struct strings row;
    if (!conn->dialect->begin(conn) || !read_again(f))
        return false;
    const char *last = last_key(f->progress);
    if (!conn->dialect->query(conn, end_query(f, last), &row))
        return false;
    *ret_more = row.n > 0;
    if (!row.n)
        return do_rest(f, last);
    if (str_eq(last, row.v[0]))
        return fail(conn->ctx, STATUS_FAILED,
            "cannot backfill by column '%s': the batch after %s ends at the same value", f->key, last);
    statement_add(conn->ctx, &updates, range_update(f, last, row.v[0]), NULL);
    f->passed += (uint64_t)backfill_batch(&f->op->u.backfill);
    return commit_batch(f, &updates, ctx_printf(conn->ctx, PROGRESS_KEY "%s", row.v[0]));
}

bool backfill_run(struct conn *conn, const struct op *op, struct progress *p)
{
    struct filling f = {.conn = conn, .op = op, .progress = p};
    struct ctx *ctx = conn->ctx;
    bool more = true;
    if (!find_key(&f) || !count_rows(&f, last_key(p)))
        return fail_at_op(&f);
    while (more) {
        log_progress(ctx, op_describe(&ctx->arena, op), f.passed, f.total);
        if (ctx_interrupted(ctx) ? !fail_interrupted(ctx) : !do_batch(&f, &more))
            return fail_at_op(&f);
    }
    log_progress(ctx, NULL, 0, 0);
    log_info(ctx, "backfill of %s: %llu row%s", qname_text(&ctx->arena, &op->u.backfill.table),
        (unsigned long long)f.updated, f.updated == 1 ? "" : "s");
    return true;
}
