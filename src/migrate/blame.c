/*
 * Tells who changed cmig's own tables when a statement on them failed.
 *
 * After the rollback the database contains what other programs committed. When the version rows are there as before, the
 * change was made, and undone, in the transaction of the revision.
 */
#include "migrate/run.h"

/* The operation with the SQL, when there is only one; else the revision. */
static struct pos place_of(const struct work *w)
{
    const struct ops *ops = run_ops(w);
    const struct op *found = NULL;
    vec_each(i, ops) {
        if (ops->v[i]->kind != OP_EXECUTE)
            continue;
        if (found)
            return w->step->revision->pos;
        found = ops->v[i];
    }
    return found ? found->pos : w->step->revision->pos;
}

static const char *table_of(const struct run *r, const char *statement)
{
    const struct version_table *v = &r->p->version;
    if (statement && v->history.name && strstr(statement, v->history.name))
        return "history";
    return statement && strstr(statement, v->progress.name) ? "progress" : "version";
}

static bool read_again(struct run *r, struct strings *ret, bool *ret_exists)
{
    struct conn *conn = r->p->conn;
    struct err err = r->p->ctx->err;
    r->p->ctx->err = (struct err){0};
    bool ok = conn->dialect->versions(conn, &r->p->version, ret, ret_exists);
    r->p->ctx->err = err;
    return ok;
}

static const struct qname *name_of(const struct version_table *v, const char *table)
{
    return str_eq(table, "history") ? &v->history : str_eq(table, "progress") ? &v->progress : &v->name;
}

/* A trigger may keep a row as it is. */
static bool blame_triggers(struct run *r, enum own_failure failure)
{
    struct ctx *ctx = r->p->ctx;
    struct conn *conn = r->p->conn;
    const char *table = table_of(r, conn->own_statement);
    const struct qname *name = name_of(&r->p->version, table);
    struct err err = ctx->err;
    struct strings found = {0};
    if (failure != OWN_FAILURE_ROWS)
        return false;
    err_clear(ctx);
    bool has_some =
        conn->dialect->query(conn, conn->dialect->triggers_query(ctx, name), &found) && found.n && found.v[0];
    ctx->err = err;
    if (!has_some)
        return false;
    fail_in(ctx, "the %s table '%s' has triggers: %s", table, qname_text(&ctx->arena, name), found.v[0]);
    fail_hint(ctx, "Drop the triggers, or change them so that they keep the rows that cmig writes.");
    return true;
}

static void blame_revision(struct run *r, enum own_failure failure)
{
    struct ctx *ctx = r->p->ctx;
    const char *table = table_of(r, r->p->conn->own_statement);
    if (failure == OWN_FAILURE_TABLE)
        fail_in(ctx, "the revision dropped, renamed or changed the %s table", table);
    else
        fail_in(ctx, "the revision changed the rows of the version table");
    fail_hint(ctx, "Remove the statement: only cmig itself changes this table.");
}

void run_blame(struct run *r, const struct work *w)
{
    struct ctx *ctx = r->p->ctx;
    struct conn *conn = r->p->conn;
    enum own_failure failure = conn->own_failure;
    bool is_stamp = w->step->direction == DIRECTION_STAMP, exists;
    struct strings rows;
    conn->own_failure = OWN_FAILURE_NONE;
    r->has_lost_lock = failure == OWN_FAILURE_LOCK;
    if (failure == OWN_FAILURE_NONE || !w->step->revision || !read_again(r, &rows, &exists))
        return;
    bool is_as_before = strings_eq(&rows, &r->standing_rows) && (exists || !rows.n);
    if (failure == OWN_FAILURE_LOCK)
        fail_in(ctx, "the revision released the lock");
    else if (is_as_before && blame_triggers(r, failure))
        return;
    else if (is_as_before && !is_stamp)
        blame_revision(r, failure);
    else if (run_is_outside(r, w) && run_has_user_sql(w))
        fail_in(ctx, "the version table was changed while the revision ran outside of a transaction");
    else
        fail_in(ctx, "another program changed the version table, which now has %s",
            rows.n ? strings_join(&ctx->arena, &rows, ", ") : "no row");
    if (!is_stamp)
        fail_in(ctx, "%srevision %s", pos_text(&ctx->arena, place_of(w)), w->step->revision->id);
}
