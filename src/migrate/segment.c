/*
 * Revisions that are committed in parts.
 *
 * An index that is built concurrently, a backfill and a program run between transactions; with `transaction:
 * false`, and on databases where DDL commits by itself, every operation, and every statement of an SQL text, is
 * committed by itself. Each part is committed together with the record of how far the revision got, the last one
 * together with the version row and the history row. Before a statement that cannot be part of a transaction, the record states that it has begun. So
 * an end between any two statements leaves a true record, and the next run continues there. So does the same run after a
 * part that could not get a lock, or after its connection was lost: see retry.c and lookup.c.
 */
#include "migrate/run.h"

/* ---- what the record says ----------------------------------------------------------------------- */

static bool is_apart(const struct run *r, const struct op *op)
{
    if (op->kind == OP_BACKFILL || op->kind == OP_RUN || run_is_online(r, op))
        return true;
    if (r->dialect->has.commits_ddl)
        return op->kind != OP_EXECUTE;
    if (r->dialect->has.embedded)
        return false;
    return (op->kind == OP_CREATE_INDEX && op->u.create_index.concurrently) ||
           (op->kind == OP_DROP_INDEX && op->u.drop_index.concurrently);
}

/* Only the applied statements of an SQL text count: the others may be corrected. */
static void add_applied_statements(struct run *r, const struct op *op, size_t n, struct str *out)
{
    const struct statement s = {
        .text = op->u.execute.sql.text, .op = op, .flags = STATEMENT_SCRIPT, .expect = -1};
    struct statements parts = {0};
    if (!s.text || !r->dialect->split(r->p->ctx, &s, false, &parts))
        err_clear(r->p->ctx);
    for (size_t i = 0; i < n && i < parts.n; i++)
        str_addn(out, s.text + parts.v[i]->from, parts.v[i]->to - parts.v[i]->from);
}

static uint32_t hash_op(uint32_t hash, const struct op *op)
{
    struct arena scratch CLEANUP(arena_finish) = {0};
    struct str text = {.arena = &scratch};
    node_json(&text, op_encode(&scratch, op), false);
    return hash_more(hash, str_get(&text), text.n);
}

/* Each record of a step is about more operations than the one before: only the new ones are added. */
static uint32_t hash_ops(struct run *r, const struct ops *ops, size_t n)
{
    if (r->digested.ops != ops->v || r->digested.n > n) {
        r->digested.ops = ops->v;
        r->digested.n = 0;
        r->digested.hash = HASH_NOTHING;
    }
    for (; r->digested.n < n && r->digested.n < ops->n; r->digested.n++)
        r->digested.hash = hash_op(r->digested.hash, ops->v[r->digested.n]);
    return r->digested.hash;
}

/* For the applied work: `n` operations, and this many statements of the next. */
static const char *digest_of(struct run *r, const struct ops *ops, size_t n, size_t parts)
{
    struct ctx *ctx = r->p->ctx;
    struct str text = STR(ctx);
    uint32_t hash = hash_ops(r, ops, n);
    if (parts && n < ops->n && ops->v[n]->kind == OP_EXECUTE) {
        add_applied_statements(r, ops->v[n], parts, &text);
        hash = hash_more(hash, str_get(&text), text.n);
    } else if (parts && n < ops->n) {
        hash = hash_op(hash, ops->v[n]);
    }
    return ctx_printf(ctx, "%08x", (unsigned)hash);
}

/* Sets the record: how many operations are applied, and how many statements of the next. */
void run_set_record(struct run *r, const struct work *w, size_t operation, size_t part, const char *state)
{
    static const char *const directions[] = {
        [DIRECTION_UP] = "upgrade", [DIRECTION_DOWN] = "downgrade", [DIRECTION_STAMP] = "stamp"};
    const struct ops *ops = run_ops(w);
    r->progress = (struct progress){
        .version = &r->p->version,
        .revision = w->step->revision->id,
        .direction = directions[w->step->direction],
        .digest = digest_of(r, ops, operation, part),
        .operations = (int64_t)ops->n,
        .operation = (int64_t)operation,
        .part = (int64_t)part,
        .state = state,
        .rows = strings_join(&r->p->ctx->arena, &r->rows, " "),
    };
}

const char *run_digest(struct run *r, const struct work *w, size_t n)
{
    return digest_of(r, run_ops(w), n, 0);
}

bool run_check_continued(struct run *r, const struct ops *ops)
{
    const struct progress *at = &r->attempt.at;
    struct ctx *ctx = r->p->ctx;
    /* A backfill that has begun is recorded with its whole operation. */
    bool has_key = at->state && !progress_has_begun(at->state);
    size_t n = (size_t)at->operation + has_key;
    if (n <= ops->n && str_eq(at->digest, digest_of(r, ops, n, has_key ? 0 : (size_t)at->part)))
        return true;
    fail(ctx, STATUS_FAILED,
        "the file of revision %s was edited since it was half applied: its first operations are not those "
        "that "
        "were applied",
        at->revision);
    fail_detail(ctx, "%s", progress_text(ctx, at));
    return fail_hint(ctx,
        "Restore these operations in the file; later ones may be changed. Or undo them by hand and run 'cmig "
        "stamp %s', which removes the record.",
        *at->rows ? at->rows : "base");
}

/* ---- committing a part -------------------------------------------------------------------------- */

bool run_begin(struct run *r)
{
    struct conn *conn = r->p->conn;
    if (!r->in_transaction && !conn->dialect->begin(conn))
        return false;
    r->in_transaction = true;
    return true;
}

static bool progress_is_absent(struct run *r, bool *ret)
{
    const struct version_table table = {.name = r->p->version.progress, .column = "revision"};
    bool exists;
    if (!r->dialect->versions(r->p->conn, &table, NULL, &exists))
        return false;
    *ret = !exists;
    return true;
}

/* An embedded database on a file system without locks: another process may have interfered. */
static bool check_alone(struct run *r)
{
    struct progress now = {.version = &r->p->version};
    struct conn *conn = r->p->conn;
    struct strings rows;
    bool exists, is_same, found = false;
    if (!r->dialect->has.embedded)
        return true;
    if (!r->dialect->versions(conn, &r->p->version, &rows, &exists))
        return false;
    is_same = exists == r->table_exists && strings_eq(&rows, &r->rows);
    if (is_same && !r->attempt.has_table && !progress_is_absent(r, &is_same))
        return false;
    if (is_same && r->noted.operation >= 0 && !progress_read(conn, &now, &found))
        return false;
    if (r->noted.operation >= 0)
        is_same = is_same && found && now.operation == r->noted.operation && now.part == r->noted.part;
    return is_same ||
           fail(r->p->ctx, STATUS_TRY_AGAIN, "another cmig has continued revision %s", r->progress.revision);
}

/* Where DDL commits by itself, the tables of the bookkeeping must exist before the first record, which is to be committed
 * with other rows. */
static bool create_tables_before(struct run *r)
{
    struct statements list = {0};
    if (!r->dialect->has.commits_ddl || r->noted.operation >= 0)
        return true;
    if (!r->table_exists || r->no_history_yet)
        r->dialect->version_create(r->p->ctx, &r->p->version, &list);
    if (!r->attempt.has_table)
        progress_create(r->p->ctx, r->dialect, &r->p->version, &list);
    if (list.n && !r->dialect->exec(r->p->conn, &list, false))
        return false;
    r->table_exists = r->attempt.has_table = true;
    r->no_history_yet = false;
    return true;
}

/* Whether only the place differs from the record that is committed. */
static bool moves_record(const struct run *r)
{
    const struct progress *p = &r->progress, *noted = &r->noted;
    return noted->operation >= 0 && str_eq(noted->revision, p->revision) &&
           str_eq(noted->direction, p->direction) && noted->operations == p->operations &&
           str_eq(noted->rows, p->rows);
}

static void move_record(struct run *r, struct statements *list)
{
    progress_move(r->p->ctx, r->dialect, &r->progress, list);
    list->v[list->n - 1]->expect = 1;
}

/* Elsewhere they are created with the first record. Where every statement of the schema has a record before and after
 * it, a record is one statement, which needs no transaction of its own. */
static void add_record(struct run *r, struct statements *list)
{
    struct ctx *ctx = r->p->ctx;
    if (r->noted.operation < 0) {
        if (!r->table_exists || r->no_history_yet)
            r->dialect->version_create(ctx, &r->p->version, list);
        if (r->attempt.has_table && !r->dialect->has.commits_ddl)
            progress_drop(ctx, r->dialect, &r->p->version, list);
        if (!r->dialect->has.commits_ddl)
            progress_create(ctx, r->dialect, &r->p->version, list);
    }
    if (r->dialect->has.commits_ddl && r->record_is_empty)
        progress_add(ctx, r->dialect, &r->progress, list);
    else if (r->dialect->has.commits_ddl && moves_record(r))
        move_record(r, list);
    else
        progress_set(ctx, r->dialect, &r->progress, list);
}

static void note_recorded(struct run *r)
{
    r->noted = r->progress;
    r->attempt.has_table = r->table_exists = true;
    r->no_history_yet = r->record_is_empty = false;
    r->standing = r->result->n;
    r->standing_rows = r->rows;
}

static bool commit_record(struct run *r, struct statements *list)
{
    struct conn *conn = r->p->conn;
    if (!run_begin(r) || !check_alone(r))
        return false;
    add_record(r, list);
    if (!conn->dialect->exec(conn, list, true))
        return false;
    r->in_transaction = false;
    note_recorded(r);
    return true;
}

/* The last part ends the revision. */
static bool commit_end(struct run *r, const struct work *w, struct statements *list)
{
    struct conn *conn = r->p->conn;
    r->is_at_end = !list->n;
    if (!run_begin(r) || !check_alone(r))
        return false;
    run_add_bookkeeping(r, w, list);
    if (!conn->dialect->exec(conn, list, true))
        return false;
    r->in_transaction = false;
    r->record_is_empty = r->dialect->has.commits_ddl;
    r->attempt = (struct attempt){.has_table = r->record_is_empty};
    return true;
}

static bool has_script(const struct statements *list)
{
    vec_each(i, list)
        if (list->v[i]->flags & STATEMENT_SCRIPT)
            return true;
    return false;
}

/* Commits statements and records the progress. A run that continues has another session, so this one does not
 * keep its settings either. */
bool run_commit_part(
    struct run *r, const struct work *w, struct statements *list, size_t operation, size_t part)
{
    if (operation == run_ops(w)->n)
        return commit_end(r, w, list);
    if (!run_is_outside(r, w) && has_script(list))
        run_add_restore(r, list);
    run_set_record(r, w, operation, part, NULL);
    return commit_record(r, list);
}

/* ---- an operation between transactions ---------------------------------------------------------- */

static bool run_task(struct run *r, const struct work *w, const struct statement *s)
{
    struct ctx *ctx = r->p->ctx;
    if (s->op->kind != OP_BACKFILL)
        return run_program(r, w, &s->op->u.run.command) ||
               fail_in(ctx, "%s%s", pos_text(&ctx->arena, s->op->pos), op_describe(&ctx->arena, s->op));
    r->progress.digest = digest_of(r, run_ops(w), (size_t)r->progress.operation + 1, 0);
    r->progress.in_part = s->op != run_ops(w)->v[r->progress.operation];
    bool ok = backfill_run(r->p->conn, s->op, &r->progress);
    r->noted = r->progress;
    if (ok && r->progress.in_part)
        r->noted = (struct progress){.operation = r->progress.operation,
            .part = r->progress.part + 1,
            .digest = r->progress.digest,
            .rows = r->progress.rows};
    else if (ok)
        r->noted = (struct progress){.operation = r->progress.operation + 1, .rows = r->progress.rows};
    return ok;
}

const char *run_recorded_state(const struct run *r, size_t operation, size_t part)
{
    const struct progress *p = &r->noted;
    return p->operation == (int64_t)operation && p->part == (int64_t)part ? p->state : NULL;
}

/* Whether the database already has this record, and nothing else is to be committed. */
static bool is_recorded(const struct run *r)
{
    const struct progress *p = &r->progress, *noted = &r->noted;
    return noted->operation == p->operation && noted->part == p->part && str_eq(noted->state, p->state) &&
           r->standing == r->result->n;
}

static bool leave_transaction(struct run *r)
{
    struct statements none = {0};
    if (!is_recorded(r))
        return commit_record(r, &none);
    if (r->in_transaction)
        r->p->conn->dialect->rollback(r->p->conn);
    r->in_transaction = false;
    return true;
}

/* A statement that the server has refused did nothing. A record that it has begun would let the next run take the reason,
 * such as another table of the same name, for its result. An interrupted one may have been completed. */
static bool take_back_begun(struct run *r, const struct work *w, size_t operation, size_t part)
{
    struct ctx *ctx = r->p->ctx;
    struct statements none = {0};
    const struct err err = ctx->err;
    bool is_refused = err.status == STATUS_FAILED || err.status == STATUS_TRY_AGAIN;
    if (!r->dialect->has.commits_ddl || !is_refused)
        return false;
    ctx->err = (struct err){0};
    run_set_record(r, w, operation, part, NULL);
    if (!commit_record(r, &none))
        log_debug(ctx, "cannot record that the statement failed: %s", err_text(ctx));
    ctx->err = err;
    return false;
}

bool run_between(struct run *r, const struct work *w, struct statement *s, size_t operation, size_t part)
{
    struct conn *conn = r->p->conn;
    struct statements alone = {0};
    const char *state = run_recorded_state(r, operation, part);
    s->flags |= str_eq(state, PROGRESS_BEGUN) ? STATEMENT_AGAIN : 0;
    run_set_record(r, w, operation, part, s->op->kind == OP_BACKFILL ? state : PROGRESS_BEGUN);
    if (!leave_transaction(r))
        return false;
    if (s->flags & STATEMENT_TASK)
        return run_task(r, w, s);
    vec_add(r->p->ctx, &alone, s);
    return conn->dialect->exec(conn, &alone, false) || take_back_begun(r, w, operation, part);
}

/* The statements of one operation that leaves the transaction, from the first that is not applied. */
static bool run_statements(
    struct run *r, const struct work *w, size_t operation, const struct statements *all)
{
    struct ctx *ctx = r->p->ctx;
    const struct statements list = *all;
    struct statements group = {0};
    for (size_t i = r->skipped_parts; i < list.n; i++) {
        bool is_last = i + 1 == list.n;
        if (list.v[i]->flags & STATEMENT_OUTSIDE) {
            if (!run_between(r, w, list.v[i], operation, i))
                return false;
        } else {
            vec_add(ctx, &group, list.v[i]);
        }
        if (!is_last && !(list.v[i]->flags & STATEMENT_OUTSIDE) &&
            !(list.v[i + 1]->flags & STATEMENT_OUTSIDE))
            continue;
        if (!run_commit_part(r, w, &group, operation + is_last, is_last ? 0 : i + 1))
            return false;
        group = (struct statements){0};
    }
    return r->skipped_parts < list.n || run_commit_part(r, w, &group, operation + 1, 0);
}

/* Several operations that one statement does, after the checks of all of them: they are applied together or not at all. */
static bool run_together_apart(struct run *r, const struct work *w, size_t operation, struct statements *list)
{
    struct conn *conn = r->p->conn;
    struct statement *last = list->v[--list->n];
    const struct statements alone = {.v = &last, .n = 1}, none = {0};
    const size_t n = last->together->n;
    if (list->n && (!run_begin(r) || !conn->dialect->exec(conn, list, false)))
        return false;
    run_set_record(r, w, operation, 0, NULL);
    progress_set_together(
        r->p->ctx, r->dialect, &r->progress, n, run_digest(r, w, operation + n), last->subject);
    if (!leave_transaction(r))
        return false;
    if (!conn->dialect->exec(conn, &alone, false))
        return take_back_begun(r, w, operation, 0);
    struct statements end = none;
    return run_commit_part(r, w, &end, operation + n, 0);
}

/* How many operations from this one on one statement may do: none but the first, if a part of it is applied. */
static size_t end_of_apart(struct run *r, const struct work *w, size_t operation)
{
    const struct ops *ops = run_ops(w);
    size_t end = operation + 1;
    bool is_in_part = operation == r->skipped && (r->skipped_parts || r->noted.state);
    while (!is_in_part && r->dialect->has.commits_ddl && end < ops->n && is_apart(r, ops->v[end]))
        end++;
    return end;
}

static bool run_apart(struct run *r, const struct work *w, size_t *operation)
{
    struct statements list = {0};
    size_t n = 1, at = *operation, end = end_of_apart(r, w, at);
    if (run_is_online(r, run_ops(w)->v[at]))
        return run_online(r, w, (*operation)++);
    if (!(end > at + 1 ? run_render_together(r, w, at, end, &n, &list)
                       : run_render_some(r, w, at, end, &list)))
        return false;
    *operation += n;
    return n > 1 ? run_together_apart(r, w, at, &list) : run_statements(r, w, at, &list);
}

/* ---- `transaction: false` ----------------------------------------------------------------------- */

/* What is committed with a statement of an SQL text, after which so much is applied. */
static void add_next(
    struct run *r, const struct work *w, size_t operation, size_t part, struct statements *list)
{
    if (operation == run_ops(w)->n) {
        run_add_bookkeeping(r, w, list);
        return;
    }
    run_set_record(r, w, operation, part, NULL);
    add_record(r, list);
}

static bool run_alone(struct run *r, const struct work *w, const struct statement *s, size_t operation,
    size_t part, bool is_last)
{
    struct conn *conn = r->p->conn;
    struct alone with = {0};
    size_t next = operation + is_last, next_part = is_last ? 0 : part + 1;
    if (r->in_transaction && !conn->dialect->commit(conn))
        return false;
    r->in_transaction = false;
    add_next(r, w, next, next_part, &with.with);
    run_set_record(r, w, operation, part, PROGRESS_BEGUN);
    add_record(r, &with.before);
    struct run begun = *r; /* as it is after `before` */
    note_recorded(&begun);
    add_next(&begun, w, next, next_part, &with.after);
    bool ok = conn->dialect->exec_alone(conn, s, &with);
    if (!ok && !with.begun)
        return false;
    note_recorded(r);
    if (!ok)
        return false;
    r->noted = begun.progress;
    if (next == run_ops(w)->n)
        r->attempt = (struct attempt){0};
    return true;
}

static bool run_text(struct run *r, const struct work *w, const struct statement *s, size_t operation)
{
    struct statements parts = {0}, none = {0};
    if (!r->dialect->split(r->p->ctx, s, false, &parts))
        return false;
    if (r->dialect->has.commits_ddl && r->skipped_parts < parts.n &&
        str_eq(run_recorded_state(r, operation, r->skipped_parts), PROGRESS_BEGUN))
        parts.v[r->skipped_parts]->flags |= STATEMENT_AGAIN;
    for (size_t i = r->skipped_parts; i < parts.n; i++)
        if (ctx_interrupted(r->p->ctx) ? !fail_interrupted(r->p->ctx)
                                       : !run_alone(r, w, parts.v[i], operation, i, i + 1 == parts.n))
            return false;
    return r->skipped_parts < parts.n || run_commit_part(r, w, &none, operation + 1, 0);
}

static bool run_by_itself(struct run *r, const struct work *w, size_t operation)
{
    struct statements list = {0};
    if (run_ops(w)->v[operation]->kind != OP_EXECUTE && !run_begin(r))
        return false;
    if (!run_render_some(r, w, operation, operation + 1, &list))
        return false;
    if (list.n == 1 && list.v[0]->flags & STATEMENT_SCRIPT)
        return run_text(r, w, list.v[0], operation);
    return run_commit_part(r, w, &list, operation + 1, 0);
}

/* ---- all of a step ------------------------------------------------------------------------------ */

/* Operations that are one transaction, up to the next that leaves it. */
static bool run_together(struct run *r, const struct work *w, size_t *operation)
{
    const struct ops *ops = run_ops(w);
    struct statements list = {0};
    size_t from = *operation;
    while (*operation < ops->n && !is_apart(r, ops->v[*operation]))
        ++*operation;
    return run_begin(r) && run_render_some(r, w, from, *operation, &list) &&
           run_commit_part(r, w, &list, *operation, 0);
}

void run_begin_step(struct run *r, const struct work *w)
{
    const struct ops *ops = run_ops(w);
    r->skipped = r->skipped_parts = 0;
    r->noted = (struct progress){.operation = -1};
    r->keeps_progress = r->is_at_end = false;
    if (w->step->direction == DIRECTION_STAMP || w->reverts)
        return;
    if (run_continues(r, w)) {
        r->noted = r->attempt.at;
        r->skipped = (size_t)r->noted.operation;
        r->skipped_parts = (size_t)r->noted.part;
        r->keeps_progress = true;
    }
    r->keeps_progress |= ops->n && run_is_outside(r, w);
    vec_each(i, ops)
        r->keeps_progress |= is_apart(r, ops->v[i]);
}

static void announce_continued(struct run *r, const struct work *w)
{
    size_t n = run_ops(w)->n;
    const enum log_level level = r->resumes ? LOG_DEBUG : LOG_INFO;
    if (r->noted.operation < 0)
        return;
    if (r->noted.settled)
        log_message(r->p->ctx, level, "%s", r->noted.settled);
    if (r->skipped == n)
        log_message(r->p->ctx, level, "continuing: all %zu operations are already applied", n);
    else
        log_message(r->p->ctx, level, "continuing with operation %zu of %zu%s", r->skipped + 1, n,
            r->skipped_parts ? ctx_printf(r->p->ctx, ", statement %zu", r->skipped_parts + 1)
            : r->noted.state ? ", which an earlier run started"
                             : "");
}

/* The first `parts` statements of an operation's SQL that set something for the session, which was another one. */
static bool add_settings(
    struct run *r, const struct work *w, size_t operation, size_t parts, struct statements *ret)
{
    struct statements list = {0}, all = {0};
    if (run_ops(w)->v[operation]->kind != OP_EXECUTE)
        return true;
    if (!run_render_some(r, w, operation, operation + 1, &list))
        return false;
    vec_each(i, &list)
        if ((list.v[i]->flags & STATEMENT_SCRIPT) && !r->dialect->split(r->p->ctx, list.v[i], false, &all))
            return false;
    for (size_t i = 0; i < parts && i < all.n; i++)
        if (all.v[i]->flags & STATEMENT_SETTING)
            vec_add(r->p->ctx, ret, all.v[i]);
    return true;
}

bool run_settings_again(struct run *r, const struct work *w, struct statements *ret)
{
    if (r->skipped == run_ops(w)->n || !run_is_outside(r, w))
        return true;
    for (size_t i = 0; i < r->skipped; i++)
        if (!add_settings(r, w, i, SIZE_MAX, ret))
            return false;
    return !r->skipped_parts || add_settings(r, w, r->skipped, r->skipped_parts, ret);
}

bool run_parts(struct run *r, const struct work *w)
{
    const struct ops *ops = run_ops(w);
    struct conn *conn = r->p->conn;
    struct statements none = {0}, settings = {0};
    bool outside = run_is_outside(r, w), ok = true;
    announce_continued(r, w);
    if (!create_tables_before(r))
        return false;
    if (!run_settings_again(r, w, &settings) || (settings.n && !conn->dialect->exec(conn, &settings, false)))
        return false;
    if (r->skipped == ops->n)
        return commit_end(r, w, &none);
    for (size_t i = r->skipped; ok && i < ops->n; r->skipped_parts = 0) {
        if (ctx_interrupted(r->p->ctx))
            return fail_interrupted(r->p->ctx);
        if (!outside && !is_apart(r, ops->v[i])) {
            ok = run_together(r, w, &i);
            continue;
        }
        if (is_apart(r, ops->v[i]))
            ok = run_apart(r, w, &i);
        else
            ok = run_by_itself(r, w, i++);
    }
    return ok;
}
