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
    struct strings key;
    const char *keepers; /* what may keep rows as they are, so that they are counted first; NULL: nothing */
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

/* "id", or "(a, b)". */
static void add_key(struct sql *q, const struct filling *f)
{
    if (f->key.n == 1)
        sql_ident(q, f->key.v[0]);
    else
        sql_columns(q, &f->key);
}

/* The literals of a key, which are separated by commas. */
static struct strings literals_of(const struct filling *f, const char *key)
{
    struct ctx *ctx = f->conn->ctx;
    struct strings ret = {0};
    const char *from = key;
    for (const char *s = key;;) {
        const struct sql_piece p = sql_piece(s, f->conn->dialect->grammar);
        if (p.kind == SQL_END || sql_piece_is_char(&p, ',')) {
            vec_add(ctx, &ret, str_trim(&ctx->arena, arena_strndup(&ctx->arena, from, (size_t)(p.s - from))));
            from = p.s + p.n;
        }
        if (p.kind == SQL_END)
            return ret;
        s = p.s + p.n;
    }
}

/* "(a > 1 OR a = 1 AND b > 2)", for databases that read all rows for "(a, b) > (1, 2)". */
static void add_column_by_column(struct sql *q, const struct filling *f, const char *how, const char *key)
{
    const struct strings values = literals_of(f, key);
    const char *strictly = *how == '<' ? "<" : ">";
    const size_t last = f->key.n - 1;
    for (size_t i = 0; i < last; i++)
        sql_addf(
            q, "(%I %E %E OR %I = %E AND ", f->key.v[i], strictly, values.v[i], f->key.v[i], values.v[i]);
    sql_addf(q, "%I %E %E", f->key.v[last], how, values.v[last]);
    for (size_t i = 0; i < last; i++)
        sql_add(q, ")");
}

/* `key` is the literals of one. */
static void add_compared(struct sql *q, const struct filling *f, const char *how, const char *key)
{
    if (f->key.n > 1 && !f->conn->dialect->has.row_ranges) {
        add_column_by_column(q, f, how, key);
        return;
    }
    add_key(q, f);
    sql_addf(q, f->key.n == 1 ? " %E %E" : " %E (%E)", how, key);
}

static void add_list(struct sql *q, const struct filling *f, const char *format)
{
    vec_each(i, &f->key) {
        sql_add(q, i ? ", " : " ");
        sql_addf(q, format, f->key.v[i]);
    }
}

/* The last key of the next batch as literals, which the plain text of a key may not be. No row: the rest of the
 * table is less than a batch. */
static const char *end_query(const struct filling *f, const char *last)
{
    const struct op_backfill *o = &f->op->u.backfill;
    struct sql q = sql_begin(f->conn->ctx, f->conn->dialect);
    sql_add(&q, "SELECT");
    add_list(&q, f, f->conn->dialect->literal);
    sql_addf(&q, " FROM %Q WHERE ", &o->table);
    if (last)
        add_compared(&q, f, ">", last);
    else
        sql_addf(&q, "%I IS NOT NULL", f->key.v[0]);
    sql_add(&q, " ORDER BY");
    add_list(&q, f, "%I");
    sql_addf(&q, " LIMIT 1 OFFSET %d", backfill_batch(o) - 1);
    return sql_end(&q);
}

/* The condition for the rows of a batch, of which one limit may be missing. */
static const char *range(const struct filling *f, const char *last, const char *upto)
{
    struct sql q = sql_begin(f->conn->ctx, f->conn->dialect);
    if (last)
        add_compared(&q, f, ">", last);
    if (last && upto)
        sql_add(&q, " AND ");
    if (upto)
        add_compared(&q, f, "<=", upto);
    return sql_end(&q);
}

static const char *null_key(const struct filling *f)
{
    struct sql q = sql_begin(f->conn->ctx, f->conn->dialect);
    sql_addf(&q, "%I IS NULL", f->key.v[0]);
    return sql_end(&q);
}

static const char *count_query(const struct filling *f, const char *last)
{
    struct sql q = sql_begin(f->conn->ctx, f->conn->dialect);
    sql_addf(&q, "SELECT count(*) FROM %Q", &f->op->u.backfill.table);
    if (last) {
        sql_add(&q, " WHERE ");
        add_compared(&q, f, ">", last);
    }
    return sql_end(&q);
}

/* " AND (NOT (a <=> (…)) OR …)": only the rows that the assignments change. */
static void add_differs(struct sql *q, const struct op_backfill *o)
{
    const struct dialect *d = q->dialect;
    vec_each(i, &o->set) {
        const char *sql = dtext_for(&o->set.v[i]->sql, d->name);
        sql_add(q, i ? " OR " : " AND (");
        sql_addf(q, d->row_differs, o->set.v[i]->column, sql ? sql : "NULL");
    }
    sql_add(q, ")");
}

/* The rows of a part, or of the table, that are locked until they are updated. */
static const char *selected_query(const struct filling *f, const char *part)
{
    const struct op_backfill *o = &f->op->u.backfill;
    struct sql q = sql_begin(f->conn->ctx, f->conn->dialect);
    sql_addf(&q, "SELECT count(*) FROM (SELECT 1 FROM %Q", &o->table);
    add_where(&q, o);
    sql_add(&q, part ? part : "1 = 1");
    if (f->conn->dialect->row_differs)
        add_differs(&q, o);
    sql_addf(&q, "%E) AS selected", f->conn->dialect->row_lock);
    return sql_end(&q);
}

static const char *update_text(const struct filling *f, const char *part)
{
    const struct op_backfill *o = &f->op->u.backfill;
    struct ctx *ctx = f->conn->ctx;
    return part ? backfill_part(ctx, f->conn->dialect, o, part) : backfill_text(ctx, f->conn->dialect, o);
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

bool backfill_check(struct conn *conn, const struct op *op)
{
    const struct dialect *d = conn->dialect;
    const struct qname *table = &op->u.backfill.table;
    struct ctx *ctx = conn->ctx;
    struct strings row;
    if (!d->unreached_query)
        return true;
    if (!d->query(conn, d->unreached_query(ctx, table), &row))
        return false;
    if (!row.n)
        return true;
    fail(
        ctx, STATUS_FAILED, "cannot backfill all rows of '%s': %s", qname_text(&ctx->arena, table), row.v[0]);
    return fail_hint(ctx, "%s", row.v[1]);
}

static bool read_key(struct filling *f)
{
    const struct op_backfill *o = &f->op->u.backfill;
    const struct dialect *d = f->conn->dialect;
    struct ctx *ctx = f->conn->ctx;
    struct strings row;
    for (;;) {
        if (!d->query(f->conn, d->key_query(ctx, &o->table, (int64_t)f->key.n + 1), &row))
            return false;
        if (!row.n || !row.v[0])
            return true;
        vec_add(ctx, &f->key, row.v[0]);
    }
}

static bool find_key(struct filling *f)
{
    const struct op_backfill *o = &f->op->u.backfill;
    struct ctx *ctx = f->conn->ctx;
    if (o->key) {
        vec_add(ctx, &f->key, o->key);
        return true;
    }
    if (!read_key(f))
        return false;
    if (!f->key.n) {
        fail(ctx, STATUS_FAILED, "table '%s' has no primary key to form batches by",
            qname_text(&ctx->arena, &o->table));
        return fail_hint(ctx, "Name a column with an index: 'key: created_at'.");
    }
    vec_each(i, &o->set)
        if (strings_have(&f->key, o->set.v[i]->column))
            return fail(ctx, STATUS_FAILED, "backfill cannot set its key '%s'", o->set.v[i]->column);
    return true;
}

/* A run of an earlier version may have recorded fewer columns. */
static void shorten_key(struct filling *f, const char *last)
{
    const size_t n = last ? literals_of(f, last).n : f->key.n;
    if (n < f->key.n)
        f->key.n = (uint32_t)n;
}

static bool find_keepers(struct filling *f)
{
    const struct dialect *d = f->conn->dialect;
    struct strings row;
    if (!d->row_lock)
        return true;
    if (!d->query(f->conn, d->triggers_query(f->conn->ctx, &f->op->u.backfill.table), &row))
        return false;
    f->keepers = row.n ? row.v[0] : NULL;
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

struct parts VEC_OF(const char *); /* conditions; NULL: for all rows */

static bool fail_skipped(const struct filling *f, uint64_t selected, uint64_t changed)
{
    struct ctx *ctx = f->conn->ctx;
    fail(ctx, STATUS_FAILED, "%llu of the %llu rows of a batch were not updated",
        (unsigned long long)(selected - changed), (unsigned long long)selected);
    fail_hint(ctx, "Triggers or constraints of the table may prevent updates: %s.", f->keepers);
    return f->progress->in_part ? fail_hint(ctx, "Disable them while the revision runs.")
                                : fail_hint(ctx, "Remove the cause, or exclude these rows with 'where'.");
}

static bool count_selected(const struct filling *f, const struct parts *parts, uint64_t *ret)
{
    struct strings row;
    *ret = 0;
    for (size_t i = 0; f->keepers && i < parts->n; i++) {
        if (!f->conn->dialect->query(f->conn, selected_query(f, parts->v[i]), &row))
            return false;
        *ret += strtoull(row.v[0], NULL, 10);
    }
    return true;
}

static void add_update(const struct filling *f, const char *part, int64_t *changed, struct statements *ret)
{
    struct statement *s = statement_add(f->conn->ctx, ret, update_text(f, part), NULL);
    s->ret_changed = changed;
    if (f->keepers && f->conn->dialect->row_differs)
        s->flags |= STATEMENT_DIFFERENCE;
}

static bool commit_batch(struct filling *f, const struct parts *parts, const char *state)
{
    struct conn *conn = f->conn;
    struct statements updates = {0}, record = {0};
    int64_t changed[2] = {0};
    struct progress next = *f->progress;
    uint64_t selected;
    vec_each(i, parts)
        add_update(f, parts->v[i], &changed[i], &updates);
    next.state = state;
    progress_set(conn->ctx, conn->dialect, &next, f->keepers ? &record : &updates);
    if (!count_selected(f, parts, &selected) || !conn->dialect->exec(conn, &updates, !f->keepers))
        return false;
    const uint64_t all = (uint64_t)(changed[0] + changed[1]);
    if (selected > all)
        return fail_skipped(f, selected, all);
    if (record.n && !conn->dialect->exec(conn, &record, true))
        return false;
    f->progress->state = state;
    f->updated += all;
    return true;
}

/* The rows after the last full batch, and those without a key. Also where there are none: then at least the statement
 * is known to work. */
static bool do_rest(struct filling *f, const char *last)
{
    struct ctx *ctx = f->conn->ctx;
    struct parts parts = {0};
    vec_add(ctx, &parts, last ? range(f, last, NULL) : NULL);
    if (last)
        vec_add(ctx, &parts, null_key(f));
    return commit_batch(f, &parts, f->progress->in_part ? PROGRESS_PART_DONE : PROGRESS_DONE);
}

static bool do_batch(struct filling *f, bool *ret_more)
{
    struct conn *conn = f->conn;
    struct parts parts = {0};
    struct strings row;
    if (!conn->dialect->begin(conn) || !read_again(f))
        return false;
    const char *last = last_key(f->progress);
    if (!conn->dialect->query(conn, end_query(f, last), &row))
        return false;
    *ret_more = row.n > 0;
    if (!row.n)
        return do_rest(f, last);
    const char *upto = strings_join(&conn->ctx->arena, &row, ", ");
    if (str_eq(last, upto))
        return fail(conn->ctx, STATUS_FAILED,
            "cannot backfill by column '%s': the batch after %s ends at the same value", f->key.v[0], last);
    vec_add(conn->ctx, &parts, range(f, last, upto));
    f->passed += (uint64_t)backfill_batch(&f->op->u.backfill);
    return commit_batch(f, &parts, ctx_printf(conn->ctx, PROGRESS_KEY "%s", upto));
}

bool backfill_run(struct conn *conn, const struct op *op, struct progress *p)
{
    struct filling f = {.conn = conn, .op = op, .progress = p};
    struct ctx *ctx = conn->ctx;
    bool more = true;
    if (!backfill_check(conn, op) || !find_key(&f))
        return fail_at_op(&f);
    shorten_key(&f, last_key(p));
    if (!find_keepers(&f) || !count_rows(&f, last_key(p)))
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
