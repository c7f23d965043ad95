/*
 * Restores the settings of a connection after user SQL.
 *
 * Only a PRAGMA changes settings, and their defaults are unknown, so they are read before the first text that
 * contains one. Each change is undone by a statement, which a script contains as well.
 */
#include "dialect/sqlite/conn.h"
#include "dialect/sqlite/sqlite.h"
#include "dialect/sqlite/token.h"

/* Settings of the connection that a query reads. What is kept in the file (user_version, auto_vacuum) is not among
 * them, and neither is foreign_keys, which cmig switches itself. */
static const char *const pragmas[] = {"analysis_limit", "automatic_index", "cache_size", "cache_spill",
    "cell_size_check", "checkpoint_fullfsync", "count_changes", "defer_foreign_keys",
    "empty_result_callbacks", "full_column_names", "fullfsync", "ignore_check_constraints",
    "journal_size_limit", "locking_mode", "max_page_count", "query_only", "read_uncommitted",
    "recursive_triggers", "reverse_unordered_selects", "secure_delete", "short_column_names",
    "soft_heap_limit", "threads", "trusted_schema", "wal_autocheckpoint"};
/* These cannot be changed within a transaction. */
static const char *const late_pragmas[] = {"synchronous", "temp_store"};

static bool mentions(const char *text, const char *word)
{
    size_t n = strlen(word);
    for (; *text; text++)
        if (sqlite3_strnicmp(text, word, (int)n) == 0)
            return true;
    return false;
}

static bool read_pragma(struct sqlite_conn *c, const char *name, const char **ret)
{
    return sqlite_query(c, ctx_printf(c->base.ctx, "PRAGMA %s", name), ret);
}

static bool reads_like(struct sqlite_conn *c, const char **ret)
{
    return sqlite_query(c, "SELECT 'a' NOT LIKE 'A'", ret);
}

static bool note_pragmas(struct sqlite_conn *c)
{
    if (c->pragmas.n)
        return true;
    const char *value;
    for (size_t i = 0; i < COUNT_OF(pragmas) + COUNT_OF(late_pragmas); i++) {
        const char *name = i < COUNT_OF(pragmas) ? pragmas[i] : late_pragmas[i - COUNT_OF(pragmas)];
        if (!read_pragma(c, name, &value))
            return false;
        vec_add(c->base.ctx, &c->pragmas, value);
    }
    return read_pragma(c, "journal_mode", &c->journal_mode) && reads_like(c, &c->like_is_exact);
}

bool sqlite_note_session(struct sqlite_conn *c, const char *text)
{
    if (c->borrowed && mentions(text, "busy_timeout") && !sqlite_note_busy_timeout(c))
        return false;
    c->may_have_temporary |= mentions(text, "temp");
    c->may_have_attached |= mentions(text, "attach");
    if (!mentions(text, "pragma"))
        return true;
    c->may_have_pragmas = true;
    c->may_have_legacy_alter |= mentions(text, "legacy_alter_table");
    c->may_have_schema_rows |= mentions(text, "writable_schema");
    return note_pragmas(c);
}

/* Statements that were run, for a script to contain. */
static bool run(struct sqlite_conn *c, struct str *done, const char *sql)
{
    str_addf(done, "%s%s;", done->n ? "\n" : "", sql);
    return sqlite_run(c, sql);
}

/* ---- temporary objects ------------------------------------------------------------------------------- */

/* ('a', 'b') */
static struct sql names_list(struct ctx *ctx, const struct strings *names)
{
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    sql_add(&q, "(");
    for (size_t i = 0; names && i < names->n; i++)
        sql_addf(&q, i ? ", %L" : "%L", names->v[i]);
    sql_add(&q, ")");
    return q;
}

/* Virtual tables take their own tables along, and tables their triggers. */
static bool drop_temporary(struct sqlite_conn *c, struct str *done)
{
    struct ctx *ctx = c->base.ctx;
    struct sql list = names_list(ctx, sqlite_kept_objects(c));
    const char *next = ctx_printf(ctx,
        "SELECT type, name FROM sqlite_temp_schema WHERE type IN ('table', 'view', 'trigger') "
        "AND name NOT LIKE 'sqlite\\_%%' ESCAPE '\\' AND name NOT IN %s "
        "ORDER BY type = 'trigger' DESC, type = 'view' DESC, sql LIKE 'CREATE VIRTUAL%%' DESC LIMIT 1",
        sql_end(&list));
    struct strings row;
    while (sqlite_query_row(&c->base, next, &row) && row.n) {
        const struct qname name = {"temp", row.v[1]};
        struct sql q = sql_begin(ctx, &sqlite_dialect);
        sql_addf(&q, "DROP %E %Q", text_upper(ctx, row.v[0]), &name);
        if (!run(c, done, sql_end(&q)))
            return false;
    }
    return ctx->err.status == STATUS_OK;
}

/* ---- settings ---------------------------------------------------------------------------------------- */

static bool restore_pragma(struct sqlite_conn *c, struct str *done, const char *name, const char *wanted)
{
    const char *value;
    if (!read_pragma(c, name, &value))
        return false;
    if (!wanted || str_eq(value, wanted))
        return true;
    return run(c, done, ctx_printf(c->base.ctx, "PRAGMA %s = %s", name, wanted));
}

static bool restore_like(struct sqlite_conn *c, struct str *done)
{
    const char *value;
    if (!reads_like(c, &value))
        return false;
    return str_eq(value, c->like_is_exact) ||
           run(c, done, ctx_printf(c->base.ctx, "PRAGMA case_sensitive_like = %s", c->like_is_exact));
}

static bool restore_pragmas(struct sqlite_conn *c, struct str *done)
{
    for (size_t i = 0; i < COUNT_OF(pragmas); i++)
        if (!restore_pragma(c, done, pragmas[i], c->pragmas.v[i]))
            return false;
    sqlite_watch(c);
    return restore_like(c, done);
}

static bool restore(struct sqlite_conn *c, struct str *done)
{
    if (c->may_have_pragmas && !restore_pragmas(c, done))
        return false;
    if (c->may_have_temporary && !drop_temporary(c, done))
        return false;
    /* cmig switches this one, too, so what it is now does not tell what a script is to contain. */
    if (c->may_have_legacy_alter && !run(c, done, "PRAGMA legacy_alter_table = 0"))
        return false;
    /* The next connection reads what was written into sqlite_schema; so this one reads it, too. */
    if (c->may_have_schema_rows && !run(c, done, "PRAGMA writable_schema = RESET"))
        return false;
    c->is_restored_late |= c->may_have_pragmas || c->may_have_attached;
    c->may_have_legacy_alter = c->may_have_temporary = c->may_have_pragmas = c->may_have_schema_rows = false;
    return true;
}

/* ---- after the transaction --------------------------------------------------------------------------- */

static bool detach_all(struct sqlite_conn *c)
{
    struct ctx *ctx = c->base.ctx;
    struct sql list = names_list(ctx, sqlite_kept_databases(c));
    const char *next = ctx_printf(ctx,
        "SELECT name FROM pragma_database_list WHERE seq > 1 AND name NOT IN %s LIMIT 1", sql_end(&list));
    struct strings row;
    while (sqlite_query_row(&c->base, next, &row) && row.n) {
        struct sql q = sql_begin(ctx, &sqlite_dialect);
        sql_addf(&q, "DETACH %I", row.v[0]);
        if (!sqlite_run(c, sql_end(&q)))
            return false;
    }
    return ctx->err.status == STATUS_OK;
}

/* A change from or to WAL is kept in the file; the other modes belong to the connection, and a database in memory has
 * one of its own. */
static bool restore_journal(struct sqlite_conn *c)
{
    const char *value;
    if (!read_pragma(c, "journal_mode", &value))
        return false;
    return str_eq(value, c->journal_mode) || str_eq(c->journal_mode, "memory") || str_eq(value, "wal") ||
           str_eq(value, "delete") || sqlite_run(c, "PRAGMA journal_mode = delete");
}

bool sqlite_restore_late(struct sqlite_conn *c)
{
    struct str ignored = STR(c->base.ctx);
    if (!c->is_restored_late)
        return true;
    c->is_restored_late = false;
    for (size_t i = 0; c->pragmas.n && i < COUNT_OF(late_pragmas); i++)
        if (!restore_pragma(c, &ignored, late_pragmas[i], c->pragmas.v[COUNT_OF(pragmas) + i]))
            return false;
    if (c->pragmas.n && !restore_journal(c))
        return false;
    return !c->may_have_attached || ((c->may_have_attached = false), detach_all(c));
}

bool sqlite_restore_all(struct sqlite_conn *c)
{
    struct str ignored = STR(c->base.ctx);
    return restore(c, &ignored) && sqlite_restore_late(c);
}

/* ---- the dialect's functions ------------------------------------------------------------------------- */

/* The text is the query of the version rows, which the values are to be. */
void sqlite_restore(
    struct ctx *ctx, const struct version_table *v, const struct strings *rows, struct statements *ret)
{
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    if (rows)
        sql_addf(&q, "SELECT %I FROM %Q ORDER BY %I COLLATE BINARY", v->column, &v->name, v->column);
    struct statement *s = statement_add(ctx, ret, sql_end(&q), NULL);
    s->flags = STATEMENT_SESSION;
    if (rows)
        s->values = *rows;
}

static bool check_version_rows(struct sqlite_conn *c, const struct statement *s)
{
    struct strings rows = {0};
    STMT stmt = NULL;
    bool row;
    if (!sqlite_prepare(c, s->text, &stmt))
        return false;
    while (sqlite_step(c, stmt, &row) && row)
        vec_add(c->base.ctx, &rows, sqlite_text(c, stmt, 0));
    if (c->base.ctx->err.status != STATUS_OK)
        return false;
    if (strings_eq(&rows, &s->values))
        return true;
    c->base.own_failure = OWN_FAILURE_ROWS;
    return fail(c->base.ctx, STATUS_FAILED, "the rows of the version table have changed");
}

bool sqlite_restore_session(struct sqlite_conn *c, const struct statement *s)
{
    struct str done = STR(c->base.ctx);
    return restore(c, &done) && (!*s->text || check_version_rows(c, s));
}

bool sqlite_script_restore(
    ATTR_UNUSED struct ctx *ctx, struct conn *conn, ATTR_UNUSED const struct statement *s, const char **ret)
{
    struct str done = STR(ctx);
    if (!restore(sqlite_conn(conn), &done))
        return false;
    *ret = done.n ? str_get(&done) : NULL;
    return true;
}
