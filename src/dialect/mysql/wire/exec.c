/*
 * Runs the statements of a step.
 *
 * A statement that changes the schema commits by itself. Rows of cmig's own tables are written in transactions.
 */
#include "dialect/mysql/wire/exec.h"
#include "dialect/mysql/wire/cluster.h"

#include "dialect/mysql/wire/script.h"

#include <mysqld_error.h>
#include <stdlib.h>

enum { CHECK_ROWS = 5 }; /* rows of a failed check that are shown */

/* ---- failures ---------------------------------------------------------------------------------------- */

void my_note_own_failure(struct my *my, const struct statement *s)
{
    my->base.own_statement = s->text;
    if (my->base.own_failure == OWN_FAILURE_NONE &&
        (my_failed_with(my, ER_NO_SUCH_TABLE) || my_failed_with(my, ER_BAD_FIELD_ERROR)))
        my->base.own_failure = OWN_FAILURE_TABLE;
}

/* Of several operations, the place is that of the one whose object the message names, if it names one. */
static bool fail_at_operation(struct ctx *ctx, const struct statement *s, const struct op *blamed)
{
    if (!s->together)
        return fail_in(ctx, "%s%s", pos_text(&ctx->arena, statement_pos(s, s->text + s->from)),
            op_label(&ctx->arena, s->op));
    if (blamed)
        return fail_in(ctx, "%s%s", pos_text(&ctx->arena, blamed->pos), op_label(&ctx->arena, blamed));
    return fail_in(ctx, "%soperations %u to %u of %u, which are one statement",
        pos_text(&ctx->arena, s->op->pos), s->op->at, s->together->v[s->together->n - 1]->at, s->op->of);
}

/* Rows that violate a constraint: the hint has the query that finds them. */
static void hint_violation(struct my *my, const struct op *op)
{
    static const unsigned codes[] = {ER_BAD_NULL_ERROR, ER_INVALID_USE_OF_NULL, ER_DUP_ENTRY,
        ER_NO_REFERENCED_ROW_2, ER_CONSTRAINT_FAILED};
    for (size_t i = 0; op && i < COUNT_OF(codes); i++)
        if (my_failed_with(my, codes[i]))
            (void)!violation_hint(my->base.ctx, &mysql_dialect, op, i < 2);
}

static bool fail_statement(struct my *my, const struct statement *s, const char *sql)
{
    struct ctx *ctx = my->base.ctx;
    if (!s->op) {
        my_note_own_failure(my, s);
        return false;
    }
    const struct op *blamed = s->together ? my_blamed_operation(s, err_text(ctx)) : NULL;
    bool waited = ctx->err.status == STATUS_TRY_AGAIN && my_failed_with(my, ER_LOCK_WAIT_TIMEOUT);
    if (ctx->err.status != STATUS_INTERRUPTED && ctx->err.status != STATUS_TERMINATED)
        fail_detail(ctx, "in: %s", sql_one_line(ctx, sql));
    hint_violation(my, s->together ? blamed : s->op);
    if (waited)
        my_name_blockers(my, s->op);
    return fail_at_operation(ctx, s, blamed);
}
#define fail_statement(...) fail_false(fail_statement(__VA_ARGS__))

const unsigned my_done_codes[] = {ER_TABLE_EXISTS_ERROR, ER_BAD_TABLE_ERROR, ER_NO_SUCH_TABLE,
    ER_DUP_FIELDNAME, ER_BAD_FIELD_ERROR, ER_DUP_KEYNAME, ER_DUP_CONSTRAINT_NAME, ER_CANT_DROP_FIELD_OR_KEY,
    ER_KEY_DOES_NOT_EXISTS, ER_MULTIPLE_PRI_KEY, ER_DUP_KEY, ER_TRG_ALREADY_EXISTS, ER_TRG_DOES_NOT_EXIST,
    ER_SP_ALREADY_EXISTS, ER_SP_DOES_NOT_EXIST, ER_EVENT_ALREADY_EXISTS, ER_EVENT_DOES_NOT_EXIST,
    ER_UNKNOWN_VIEW, ER_NONEXISTING_TABLE_GRANT, ER_NONEXISTING_PROC_GRANT, 0};

/* Error codes which mean that the statement's change has already been made. */
static bool says_done(struct my *my)
{
    for (const unsigned *code = my_done_codes; *code; code++)
        if (my_failed_with(my, *code))
            return true;
    return false;
}

/* ---- one statement ----------------------------------------------------------------------------------- */

static bool run_check(struct my *my, const struct statement *s)
{
    struct ctx *ctx = my->base.ctx;
    struct my_answer a CLEANUP(my_answer_free) = {0};
    int rows = 0;
    if (!my_query(my, s->text, &a))
        return fail_statement(my, s, s->text);
    for (; my_next(&a) && rows < CHECK_ROWS; rows++)
        if (rows == 0)
            fail(ctx, STATUS_FAILED, "%s", my_text(&a, 0));
        else
            fail_detail(ctx, "%s", my_text(&a, 0));
    if (rows)
        (void)!violation_hint(ctx, &mysql_dialect, s->op, true);
    return !rows || fail_in(ctx, "%s%s", pos_text(&ctx->arena, s->op->pos), op_label(&ctx->arena, s->op));
}

static bool run_assertion(struct my *my, const struct statement *s)
{
    struct ctx *ctx = my->base.ctx;
    struct my_answer a CLEANUP(my_answer_free) = {0};
    struct assertion_rows rows = {0};
    if (!my_query(my, s->text, &a))
        return fail_statement(my, s, s->text);
    for (unsigned i = 0; i < my_columns(&a); i++)
        vec_add(ctx, &rows.columns, ctx_strdup(ctx, my_column(&a, i)));
    for (; my_next(&a); rows.n++) {
        struct strings values = {0};
        rows.is_true = rows.n == 0 && rows.columns.n == 1 && str_eq(my_text(&a, 0), "1");
        for (unsigned i = 0; rows.n < ASSERTION_ROWS && i < rows.columns.n; i++)
            vec_add(ctx, &values, my_text(&a, i));
        assertion_add_row(ctx, &rows, &values);
    }
    return assertion_holds(&my->base, s, &rows) || fail_at_operation(ctx, s, NULL);
}

/* Of "Rows matched: 40  Changed: 38  Warnings: 0". */
static int64_t rows_that_differ(struct my *my)
{
    static const char word[] = "Changed: ";
    const char *info = my->lib.mysql_info(my->conn), *at = info ? strstr(info, word) : NULL;
    return at ? strtoll(at + strlen(word), NULL, 10) : 0;
}

static bool expect_changes(struct my *my, const struct statement *s)
{
    int64_t changed = (int64_t)my->lib.mysql_affected_rows(my->conn);
    if (s->ret_changed)
        *s->ret_changed = s->flags & STATEMENT_DIFFERENCE ? rows_that_differ(my) : changed;
    if (s->expect < 0 || changed == s->expect)
        return true;
    my->base.own_failure = s->op ? OWN_FAILURE_NONE : OWN_FAILURE_ROWS;
    my->base.own_statement = s->text;
    fail(my->base.ctx, STATUS_FAILED, "the statement changed %lld rows, not %lld", (long long)changed,
        (long long)s->expect);
    return fail_statement(my, s, s->text);
}

/* User SQL, such as that of a dump, locked tables: cmig's own are not among them. */
static bool is_locked_out(struct my *my, const struct statement *s)
{
    return !s->op &&
           (my_failed_with(my, ER_TABLE_NOT_LOCKED) || my_failed_with(my, ER_TABLE_NOT_LOCKED_FOR_WRITE));
}

/* As the beginning of a transaction does. */
static bool unlock(struct my *my)
{
    err_clear(my->base.ctx);
    return my_query(my, "UNLOCK TABLES", NULL);
}

static bool run_text(struct my *my, const struct statement *s)
{
    const char *sql =
        s->to ? arena_strndup(&my->base.ctx->arena, s->text + s->from, s->to - s->from) : s->text;
    if (my->rewrite)
        sql = my->rewrite(my, sql);
    bool ok = s->flags & STATEMENT_ALTER    ? my_run_alter(my, s, sql)
              : s->flags & STATEMENT_SCRIPT ? my_query(my, sql, NULL)
                                            : my_run(my, sql, NULL);
    if (!ok && is_locked_out(my, s))
        ok = unlock(my) && my_query(my, sql, NULL);
    if (ok)
        return expect_changes(my, s);
    if (s->to && my_failed_with(my, ER_EMPTY_QUERY)) { /* a comment that only another server runs */
        err_clear(my->base.ctx);
        return true;
    }
    if (s->flags & STATEMENT_AGAIN && my->base.ctx->err.status == STATUS_FAILED && says_done(my)) {
        err_clear(my->base.ctx);
        return true;
    }
    return fail_statement(my, s, sql);
}

/* A whole text, one statement after the other. */
static bool run_script(struct my *my, const struct statement *s)
{
    struct statements parts = {0};
    if (!my_split(my->base.ctx, s, false, &parts))
        return false;
    vec_each(i, &parts)
        if (!run_text(my, parts.v[i]))
            return false;
    return true;
}

/* The row of a step's end, with the time since its first statement. In a script it is not known. */
static bool run_history(struct my *my, const struct statement *s)
{
    const char *set = ctx_printf(my->base.ctx, "SET " MY_DURATION " = %llu",
        (unsigned long long)(time_monotonic_us() - my->step_us) / 1000);
    my->step_us = 0;
    return my_query(my, set, NULL) && run_text(my, s);
}

static bool run_kind(struct my *my, const struct statement *s)
{
    if (str_eq(s->kind, MY_DURATION))
        return run_history(my, s);
    if (s->flags & STATEMENT_SESSION)
        return my_restore_session(my, s);
    if (s->flags & STATEMENT_ROWS)
        return my_insert_rows(my, s);
    if (s->op && s->op->kind == OP_ASSERT)
        return run_assertion(my, s);
    if (s->flags & STATEMENT_CHECK)
        return run_check(my, s);
    return s->flags & STATEMENT_SCRIPT && !s->to ? run_script(my, s) : run_text(my, s);
}

static bool run_statement(struct my *my, const struct statement *s)
{
    my->running = s->op;
    bool ok = run_kind(my, s);
    my->running = NULL;
    if (my->shows_progress)
        log_progress(my->base.ctx, NULL, 0, 0);
    my->shows_progress = false;
    return ok;
}

/* ---- transactions ------------------------------------------------------------------------------------ */

bool my_begin(struct conn *conn)
{
    my_of(conn)->begin_pending = true;
    return true;
}

bool my_begin_now(struct my *my)
{
    my->begin_pending = false;
    my->in_transaction = true;
    return my_query(my, "START TRANSACTION", NULL);
}

static bool run_inside(struct my *my, const struct statement *s)
{
    return (!my->begin_pending || my_begin_now(my)) && run_statement(my, s);
}

/* It commits by itself; what follows in the list is a transaction again. */
static bool run_outside(struct my *my, const struct statement *s)
{
    my->begin_pending |= my->in_transaction;
    my->in_transaction = false;
    return run_statement(my, s);
}

/* A single statement about cmig's own rows commits by itself. */
static bool is_alone(const struct my *my, const struct statements *list, bool commit)
{
    const struct statement *s = list->n == 1 ? list->v[0] : NULL;
    return s && commit && !my->in_transaction && !s->op && !s->flags;
}

bool my_exec(struct conn *conn, const struct statements *list, bool commit)
{
    struct my *my = my_of(conn);
    if (!my_cluster_holds(my))
        return false;
    if (list->n && !my->step_us)
        my->step_us = time_monotonic_us();
    my->begin_pending = my->begin_pending && !is_alone(my, list, commit);
    vec_each(i, list)
        if (!(list->v[i]->flags & STATEMENT_OUTSIDE ? run_outside : run_inside)(my, list->v[i]))
            return false;
    if (!commit)
        return true;
    bool is_open = my->in_transaction;
    my->begin_pending = my->in_transaction = false;
    return !is_open || my_query(my, "COMMIT", NULL);
}

bool my_settle(ATTR_UNUSED struct conn *conn, ATTR_UNUSED size_t most)
{
    return true; /* exec() has already waited */
}

bool my_commit(struct conn *conn)
{
    static const struct statements none = {0};
    return my_exec(conn, &none, true);
}

void my_rollback(struct conn *conn)
{
    struct my *my = my_of(conn);
    struct err err = conn->ctx->err;
    const volatile sig_atomic_t *interrupt = conn->ctx->interrupt;
    bool is_open = my->in_transaction;
    my->begin_pending = my->in_transaction = false;
    my->step_us = 0;
    conn->is_lost = my_is_lost(my);
    if (!is_open || conn->is_lost)
        return;
    conn->ctx->err = (struct err){0};
    conn->ctx->interrupt = NULL; /* the interruption has been noticed */
    if (!my_query(my, "ROLLBACK", NULL))
        conn->is_lost = true;
    conn->ctx->interrupt = interrupt;
    conn->ctx->err = err;
}

/* ---- a statement of a user --------------------------------------------------------------------------- */

static bool exec_committed(struct conn *conn, const struct statements *list)
{
    return my_begin(conn) && my_exec(conn, list, true);
}

/* Statements that change rows run in one transaction with the record; any other statement may commit on its own. */
bool my_exec_alone(struct conn *conn, const struct statement *s, struct alone *with)
{
    struct statements all = {0};
    vec_add(conn->ctx, &all, (struct statement *)s);
    with->begun = false;
    if (my_is_about_rows(s->text + s->from)) {
        vec_each(i, &with->with)
            vec_add(conn->ctx, &all, with->with.v[i]);
        return exec_committed(conn, &all);
    }
    if (!exec_committed(conn, &with->before))
        return false;
    with->begun = true;
    return my_exec(conn, &all, false) && exec_committed(conn, &with->after);
}
