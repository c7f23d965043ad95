/* Runs statements, and reports those that fail. */
#include "dialect/sqlite/conn.h"
#include "dialect/sqlite/sqlite.h"
#include "dialect/sqlite/token.h"

enum { CHECK_ROWS = 5 }; /* rows of a failed check that are shown */

/* The line of a script that a place in it is on. */
static unsigned line_of(const char *script, const char *place)
{
    unsigned line = 1;
    for (const char *c = script; c < place; c++)
        line += *c == '\n';
    return line;
}

/* Behind white space and comments. */
static const char *first_token(const char *sql)
{
    struct token t = token_read(&sql);
    return t.s;
}

/* VACUUM and some PRAGMAs do not run within a transaction. */
static bool is_about_transaction(const struct sqlite_conn *c)
{
    const char *message = sqlite3_errmsg(c->db);
    return c->in_transaction && c->base.ctx->err.status == STATUS_FAILED &&
           (strstr(message, "within transaction") || strstr(message, "a transaction"));
}

static void note_own_failure(struct sqlite_conn *c, const struct statement *s)
{
    const char *message = sqlite3_errmsg(c->db);
    bool is_missing = str_starts(message, "no such ") || strstr(message, " has no column ");
    c->base.own_statement = s->text;
    if (c->base.own_failure == OWN_FAILURE_NONE && is_missing)
        c->base.own_failure = OWN_FAILURE_TABLE;
}

/* A failed check, or a constraint of the database. */
static void hint_violation(struct sqlite_conn *c, const struct statement *s)
{
    int code = sqlite3_extended_errcode(c->db);
    bool is_check = s->flags & STATEMENT_CHECK, is_key = (code & 0xff) == SQLITE_CONSTRAINT && s->key;
    if (is_check || (code & 0xff) == SQLITE_CONSTRAINT)
        violation_hint(c->base.ctx, &sqlite_dialect, is_key ? s->key : s->op,
            is_check || code == SQLITE_CONSTRAINT_NOTNULL);
}

/* Which operation failed. What has a place in a file names it. */
static bool fail_statement(struct sqlite_conn *c, const struct statement *s, const char *at)
{
    struct ctx *ctx = c->base.ctx;
    if (s->flags & STATEMENT_SCRIPT && is_about_transaction(c))
        fail_hint(ctx, "Set `transaction: false` in the revision.");
    if (!s->op)
        note_own_failure(c, s);
    if (s->flags & STATEMENT_SCRIPT)
        fail_detail(ctx, "in line %u of the script: %s", line_of(s->text, at), sql_one_line(ctx, at));
    else if (!(s->flags & STATEMENT_CHECK))
        fail_detail(ctx, "in: %s", sql_one_line(ctx, s->text));
    if (s->op && ctx->err.status == STATUS_FAILED)
        hint_violation(c, s);
    if (s->op)
        return fail_in(
            ctx, "%s%s", pos_text(&ctx->arena, statement_pos(s, at)), op_label(&ctx->arena, s->op));
    return false;
}

/* ---- what scripts may do ----------------------------------------------------------------------------- */

/* A script may change only the stand-in, which has no rows: the real database has more rows than the script
 * inserts, and those of a program or a file are unknown here. Rows that a virtual table writes to create itself
 * do not count. */
static int authorize_stand_in(const struct sqlite_conn *c, int action, const char *name)
{
    if (action == SQLITE_ATTACH || action == SQLITE_DETACH)
        return SQLITE_DENY;
    bool is_row = action == SQLITE_INSERT && c->preparing && sqlite3_strnicmp(name, "sqlite_", 7) != 0;
    return is_row ? SQLITE_IGNORE : SQLITE_OK;
}

/* Files that a statement attaches, writes (VACUUM INTO, which attaches) or moves temporary ones to. A database without
 * a name is temporary. */
static bool reaches_file(int action, const char *name)
{
    if (action == SQLITE_PRAGMA)
        return str_eq_ci(name, "temp_store_directory") || str_eq_ci(name, "data_store_directory");
    return action == SQLITE_ATTACH && !(name && (!*name || str_eq(name, ":memory:")));
}

/* Within our transaction a script may use savepoints only. */
static int authorize(void *user, int action, const char *a, ATTR_UNUSED const char *b,
    ATTR_UNUSED const char *db, ATTR_UNUSED const char *trigger)
{
    struct sqlite_conn *c = user;
    int verdict = c->base.stand_in ? authorize_stand_in(c, action, a) : SQLITE_OK;
    if (verdict != SQLITE_OK)
        return verdict;
    if (c->confined && reaches_file(action, a))
        return SQLITE_DENY;
    if (action != SQLITE_TRANSACTION || !c->in_transaction)
        return SQLITE_OK;
    c->denied = true;
    return SQLITE_DENY;
}

static bool fail_prepare(struct sqlite_conn *c, const struct statement *s, const char *at)
{
    struct ctx *ctx = c->base.ctx;
    if (c->denied) {
        c->denied = false;
        fail(ctx, STATUS_CONFIG, "a script cannot begin or end a transaction: each revision runs in one");
        fail_hint(ctx, "Remove the statement, or set `transaction: false` in the revision.");
    } else {
        sqlite_fail(c);
    }
#if SQLITE_VERSION_NUMBER >= 3038000
    int offset = sqlite3_error_offset(c->db);
    if (offset > 0 && (s->flags & STATEMENT_SCRIPT))
        return fail_statement(c, s, at + offset);
#endif
    return fail_statement(c, s, first_token(at));
}

/* ---- one statement ----------------------------------------------------------------------------------- */

static const char *row_text(struct sqlite_conn *c, sqlite3_stmt *stmt)
{
    struct str out = STR(c->base.ctx);
    for (int i = 0; i < sqlite3_column_count(stmt); i++) {
        const char *text = (const char *)sqlite3_column_text(stmt, i);
        str_addf(&out, "%s%s", i ? ", " : "", text ? text : "NULL");
    }
    return str_get(&out);
}

/* A check returns no rows; each row that it returns is an error. */
static bool run_check(struct sqlite_conn *c, sqlite3_stmt *stmt)
{
    struct ctx *ctx = c->base.ctx;
    int rows = 0, code;
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW && rows < CHECK_ROWS) {
        const char *text = row_text(c, stmt);
        if (rows++ == 0)
            fail(ctx, STATUS_FAILED, "%s", text);
        else
            fail_detail(ctx, "%s", text);
    }
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return sqlite_fail(c);
    if (code == SQLITE_ROW)
        fail_detail(ctx, "and more");
    return rows == 0;
}

static bool is_assertion(const struct statement *s)
{
    return s->op && s->op->kind == OP_ASSERT;
}

static void add_found(struct sqlite_conn *c, sqlite3_stmt *stmt, struct assertion_rows *rows)
{
    struct ctx *ctx = c->base.ctx;
    struct strings values = {0};
    int n = sqlite3_column_count(stmt);
    for (int i = 0; i < n && rows->columns.n < (size_t)n; i++)
        vec_add(ctx, &rows->columns, ctx_strdup(ctx, sqlite3_column_name(stmt, i)));
    for (int i = 0; i < n; i++)
        vec_add(ctx, &values, sqlite_text(c, stmt, i));
    assertion_add_row(ctx, rows, &values);
}

static bool run_assertion(struct sqlite_conn *c, const struct statement *s, sqlite3_stmt *stmt)
{
    struct assertion_rows rows = {0};
    int code;
    for (; (code = sqlite3_step(stmt)) == SQLITE_ROW; rows.n++) {
        rows.is_true = sqlite3_column_count(stmt) == 1 && sqlite3_column_type(stmt, 0) == SQLITE_INTEGER &&
                       sqlite3_column_int64(stmt, 0) == 1 && rows.n == 0;
        if (rows.n < ASSERTION_ROWS)
            add_found(c, stmt, &rows);
    }
    return code == SQLITE_DONE ? assertion_holds(&c->base, s, &rows) : sqlite_fail(c);
}

/* For the time that is left; 0: not known. */
static uint64_t count_rows(struct sqlite_conn *c, const char *table)
{
    sqlite3_stmt *stmt CLEANUP(stmt_close) = NULL;
    struct sql q = sql_begin(c->base.ctx, &sqlite_dialect);

    if (!c->base.ctx->log.progress)
        return 0;
    sql_addf(&q, "SELECT count(*) FROM %I", table);
    if (sqlite3_prepare_v2(c->db, sql_end(&q), -1, &stmt, NULL) != SQLITE_OK ||
        sqlite3_step(stmt) != SQLITE_ROW)
        return 0;
    return (uint64_t)sqlite3_column_int64(stmt, 0);
}

static void begin_copy(struct sqlite_conn *c, const struct statement *s, sqlite3_stmt *stmt)
{
    c->copy = (struct copy_progress){.stmt = stmt,
        .label = ctx_printf(c->base.ctx, "copying the rows of '%s'", s->subject),
        .total = count_rows(c, s->subject),
        .shown_us = time_monotonic_us()};
}

static bool run_steps(
    struct sqlite_conn *c, const struct statement *s, sqlite3_stmt *stmt, const char **ret_answer)
{
    int code;
    if (is_assertion(s))
        return run_assertion(c, s, stmt);
    if (s->flags & STATEMENT_CHECK)
        return run_check(c, stmt);
    if (s->flags & STATEMENT_COPY)
        begin_copy(c, s, stmt);
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW)
        if (ret_answer && !*ret_answer)
            *ret_answer = sqlite_text(c, stmt, 0);
    if (s->flags & STATEMENT_COPY) {
        c->copy = (struct copy_progress){0};
        log_progress(c->base.ctx, NULL, 0, 0);
    }
    return (code == SQLITE_DONE && !c->guessed) || sqlite_fail(c);
}

static bool expect_changes(struct sqlite_conn *c, const struct statement *s)
{
    int changed = sqlite3_changes(c->db);
    if (s->ret_changed)
        *s->ret_changed = changed;
    if (s->expect < 0 || changed == s->expect)
        return true;
    c->base.own_failure = s->op ? OWN_FAILURE_NONE : OWN_FAILURE_ROWS;
    return fail(
        c->base.ctx, STATUS_FAILED, "the statement changed %d rows, not %lld", changed, (long long)s->expect);
}

/* The history row says how long the revision took. */
static void bind_duration(struct sqlite_conn *c, sqlite3_stmt *stmt)
{
    int i = sqlite3_bind_parameter_count(stmt) ? sqlite3_bind_parameter_index(stmt, ":duration_ms") : 0;
    if (i)
        sqlite3_bind_int64(stmt, i, (sqlite3_int64)((time_monotonic_us() - c->began_us) / 1000));
}

static bool run_one(struct sqlite_conn *c, const struct statement *s, const char **at)
{
    STMT stmt = NULL;
    const char *from = *at;
    c->preparing = true;
    int code = sqlite3_prepare_v2(c->db, from, -1, &stmt, at);
    c->preparing = false;
    if (code != SQLITE_OK)
        return fail_prepare(c, s, from);
    if (!stmt) /* a comment, or nothing */
        return true;
    if (!s->op)
        bind_duration(c, stmt);
    const char *answer = NULL, *begin = from;
    struct token first = token_read(&begin);
    bool is_setting = s->flags & STATEMENT_SCRIPT && token_is(&first, "PRAGMA");
    if (run_steps(c, s, stmt, is_setting ? &answer : NULL) &&
        (!is_setting || sqlite_check_pragma(c, from, *at, answer)))
        return true;
    return fail_statement(c, s, first_token(from));
}

/* ---- in a stand-in ----------------------------------------------------------------------------------- */

/* Behind the first statement. */
static const char *statement_end(struct ctx *ctx, const char *sql)
{
    const char *at = sql;
    struct token t;
    while ((t = token_read(&at)).kind != TOKEN_END)
        if (token_op(&t, ";") && sqlite3_complete(arena_strndup(&ctx->arena, sql, (size_t)(at - sql))))
            return at;
    return at;
}

/* User SQL may need rows, functions and modules that only the real database has. */
static bool pass_over(struct sqlite_conn *c, const struct statement *s, const char *from, const char **at)
{
    struct ctx *ctx = c->base.ctx;
    if (!c->base.stand_in || !(s->flags & STATEMENT_SCRIPT) || ctx->err.status == STATUS_CONFIG ||
        ctx_interrupted(ctx))
        return false;
    log_warn(ctx,
        "these statements cannot be tested without the database, so their result is unknown:\n"
        "%s",
        err_text(ctx));
    err_clear(ctx);
    *at = statement_end(ctx, from);
    return true;
}

/* Whether a statement has been run as part of an exchange. */
static bool run_exchange(struct sqlite_conn *c, const struct statement *s)
{
    struct exchanges *list = &c->exchanges;
    const char *row = NULL;
    const struct exchange *e = c->base.stand_in ? exchange_at(list, s) : NULL;
    if (!e || e->first != s)
        return e;
    struct sql q = sql_begin(c->base.ctx, &sqlite_dialect);
    sql_addf(&q, "SELECT 1 FROM %I LIMIT 1", e->table);
    if (sqlite_query(c, sql_end(&q), &row) && !row) {
        exchange_run(c->base.ctx, c, e);
        return true;
    }
    err_clear(c->base.ctx);
    list->inside = false;
    list->at++;
    return false;
}

/* ---- all of them ------------------------------------------------------------------------------------- */

static bool run_statement(struct sqlite_conn *c, const struct statement *s)
{
    const char *at = s->text + s->from, *end = s->to ? s->text + s->to : NULL;
    while (*at && (!end || at < end)) {
        const char *from = at;
        if (!run_one(c, s, &at) && !pass_over(c, s, from, &at))
            return false;
    }
    return expect_changes(c, s) || fail_statement(c, s, s->text);
}

/* What ON CONFLICT ROLLBACK or RAISE(ROLLBACK) did to our transaction. */
static bool check_transaction(struct sqlite_conn *c, const struct statement *s)
{
    bool open = !sqlite3_get_autocommit(c->db);
    if (open == c->in_transaction)
        return true;
    if (open)
        fail(c->base.ctx, STATUS_FAILED, "the script leaves a transaction open");
    else
        fail(c->base.ctx, STATUS_FAILED, "the script ended the transaction");
    return fail_statement(c, s, s->text);
}

static bool run_script(struct sqlite_conn *c, const struct statement *s)
{
    if (!sqlite_note_session(c, s->text))
        return false;
    c->confined = s->flags & STATEMENT_CONFINED;
    if (c->borrowed && c->confined)
        return sqlite_refuse_confined(c, s);
    bool is_watched = !c->borrowed && (c->in_transaction || c->base.stand_in || c->confined);
    if (is_watched)
        sqlite3_set_authorizer(c->db, authorize, c);
    bool ok = run_statement(c, s);
    if (is_watched)
        sqlite3_set_authorizer(c->db, NULL, NULL);
    return ok && check_transaction(c, s);
}

bool sqlite_exec(struct conn *conn, const struct statements *list, bool commit)
{
    struct sqlite_conn *c = sqlite_conn(conn);
    vec_each(i, list) {
        const struct statement *s = list->v[i];
        if (ctx_interrupted(conn->ctx))
            return fail_interrupted(conn->ctx);
        if (run_exchange(c, s))
            continue;
        if (s->flags & STATEMENT_ROWS) {
            if (!sqlite_insert_rows(c, s))
                return false;
            continue;
        }
        if (s->flags & STATEMENT_SESSION) {
            if (!sqlite_restore_session(c, s))
                return fail_statement(c, s, s->text);
            continue;
        }
        if (!(s->flags & STATEMENT_SCRIPT ? run_script(c, s) : run_statement(c, s)))
            return false;
    }
    return !commit || sqlite_commit(conn);
}

/* ---- a statement of a user that is committed by itself ----------------------------------------------- */

/* A PRAGMA within a transaction may have no effect, and says nothing of it. */
static bool refuses_transactions(const struct statement *s)
{
    static const char *const words[] = {"VACUUM", "ATTACH", "DETACH", "PRAGMA"};
    const char *at = s->text + s->from;
    struct token t = token_read(&at);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (token_is(&t, words[i]))
            return true;
    return false;
}

/* The user's PRAGMA foreign_keys holds for the statement, unlike in sqlite_begin(). */
static bool begin_as_it_is(struct sqlite_conn *c)
{
    if (!sqlite_check_writable(c) || !sqlite_run(c, "BEGIN IMMEDIATE"))
        return false;
    c->in_transaction = true;
    c->began_us = time_monotonic_us();
    return true;
}

static bool exec_committed(struct sqlite_conn *c, const struct statements *list)
{
    return begin_as_it_is(c) && sqlite_exec(&c->base, list, true);
}

bool sqlite_exec_alone(struct conn *conn, const struct statement *s, struct alone *with)
{
    struct sqlite_conn *c = sqlite_conn(conn);
    struct statements one = {0};
    vec_add(conn->ctx, &one, (struct statement *)s);
    with->begun = false;
    if (!refuses_transactions(s))
        return begin_as_it_is(c) && sqlite_exec(conn, &one, false) && sqlite_exec(conn, &with->with, true);
    if (!exec_committed(c, &with->before))
        return false;
    with->begun = true;
    return sqlite_exec(conn, &one, false) && exec_committed(c, &with->after);
}

/* No other connection uses the database. */
bool sqlite_settle(ATTR_UNUSED struct conn *conn, ATTR_UNUSED size_t most)
{
    return true;
}
