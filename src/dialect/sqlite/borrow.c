/*
 * Uses the open handle of a program, and gives it back as it was.
 *
 * SQLite does not tell which functions a program has set to be called while it waits, works, prepares statements or misses
 * a collation. So these stay the program's, and cmig sets none of its own: locks are waited for as long as the program
 * waits for them, and an interruption is noticed between two statements.
 */
#include "dialect/sqlite/conn.h"
#include "dialect/sqlite/sqlite.h"

struct mode {
    int option;
    int meantime; /* what cmig needs; -1: it sets this one itself */
};
static const struct mode modes[] = {
    {SQLITE_DBCONFIG_ENABLE_FKEY, -1}, {SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, 0},
    {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0}, {SQLITE_DBCONFIG_DEFENSIVE, 0}, /* rebuilds edit definitions */
};

struct borrowed {
    int modes[COUNT_OF(modes)];
    const char *busy_timeout; /* before user SQL that may change it; NULL: there was none */
    struct strings objects, databases;
};

const struct strings *sqlite_kept_objects(const struct sqlite_conn *c)
{
    return c->borrowed ? &c->borrowed->objects : NULL;
}

const struct strings *sqlite_kept_databases(const struct sqlite_conn *c)
{
    return c->borrowed ? &c->borrowed->databases : NULL;
}

static bool refuse(struct ctx *ctx, const char *why, const char *hint)
{
    fail(ctx, STATUS_USAGE, "%s", why);
    return fail_hint(ctx, "%s", hint);
}

static bool check_idle(struct ctx *ctx, sqlite3 *db)
{
    if (!sqlite3_get_autocommit(db))
        return refuse(ctx, "a transaction is open", "Commit or roll back the transaction first.");
    for (sqlite3_stmt *s = NULL; (s = sqlite3_next_stmt(db, s));)
        if (sqlite3_stmt_busy(s))
            return refuse(ctx,
                ctx_printf(ctx, "a statement is running: %s", sql_one_line(ctx, sqlite3_sql(s))),
                "Reset or finalize the statement first.");
    return true;
}

static bool read_names(struct sqlite_conn *c, const char *sql, struct strings *ret)
{
    STMT stmt = NULL;
    bool row;
    if (!sqlite_prepare(c, sql, &stmt))
        return false;
    while (sqlite_step(c, stmt, &row) && row)
        vec_add(c->base.ctx, ret, sqlite_text(c, stmt, 0));
    return c->base.ctx->err.status == STATUS_OK;
}

/* The names of a database in memory, and of one that is not on the disk, are empty. */
static const char *path_of(struct ctx *ctx, sqlite3 *db)
{
    const char *path = sqlite3_db_filename(db, "main");
    return path && *path && fs_exists(path) ? ctx_strdup(ctx, path) : "";
}

bool sqlite_borrow(struct ctx *ctx, void *handle, ATTR_UNUSED const struct open_options *options,
    struct url *ret_url, struct conn **ret)
{
    sqlite3 *db = handle;
    if (!check_idle(ctx, db))
        return false;
    struct sqlite_conn *c = sqlite_conn_new(ctx, path_of(ctx, db));
    struct borrowed *b = ctx_new(ctx, struct borrowed);
    c->db = db;
    c->borrowed = b;
    for (size_t i = 0; i < COUNT_OF(modes); i++)
        sqlite3_db_config(db, modes[i].option, -1, &b->modes[i]);
    if (!sqlite_check_content(c) || !read_names(c, "SELECT name FROM sqlite_temp_schema", &b->objects) ||
        !read_names(c, "SELECT name FROM pragma_database_list WHERE seq > 1", &b->databases))
        return false;
    for (size_t i = 0; i < COUNT_OF(modes); i++)
        if (modes[i].meantime >= 0)
            sqlite3_db_config(db, modes[i].option, modes[i].meantime, NULL);
    if (sqlite3_db_readonly(db, "main") == 1)
        c->base.read_only = "Open the database for writing.";
    const char *text = ctx_printf(ctx, *c->path ? "sqlite:///%s" : "sqlite://", c->path);
    *ret_url = (struct url){
        .text = text, .scheme = "sqlite", .rest = c->path, .name = c->path, .dialect = &sqlite_dialect};
    *ret = &c->base;
    return true;
}

void sqlite_give_back(struct sqlite_conn *c)
{
    const struct borrowed *b = c->borrowed;
    struct ctx *ctx = c->base.ctx;
    const struct err err = ctx->err;
    sqlite_rollback(&c->base);
    ctx->err = (struct err){0};
    if (!sqlite_restore_all(c))
        log_warn(ctx, "cannot restore the settings of the connection: %s", err_text(ctx));
    ctx->err = err;
    if (b->busy_timeout)
        sqlite3_exec(
            c->db, ctx_printf(c->base.ctx, "PRAGMA busy_timeout = %s", b->busy_timeout), NULL, NULL, NULL);
    for (size_t i = 0; i < COUNT_OF(modes); i++)
        sqlite3_db_config(c->db, modes[i].option, b->modes[i], NULL);
}

/* A function that waits, which the program has set, has the timeout 0. */
bool sqlite_note_busy_timeout(struct sqlite_conn *c)
{
    struct borrowed *b = c->borrowed;
    if (b->busy_timeout)
        return true;
    if (!sqlite_query(c, "PRAGMA busy_timeout", &b->busy_timeout))
        return false;
    if (!str_eq(b->busy_timeout, "0"))
        return true;
    fail(c->base.ctx, STATUS_CONFIG, "PRAGMA busy_timeout would replace the busy handler of the program");
    return fail_hint(c->base.ctx, "Remove the statement from the revision.");
}

bool sqlite_refuse_confined(struct sqlite_conn *c, const struct statement *s)
{
    struct ctx *ctx = c->base.ctx;
    fail(ctx, STATUS_FAILED, "SQL of a lost revision does not run on the connection of a program");
    fail_hint(ctx, "Restore the file of the revision, or revert it with 'cmig downgrade'.");
    return fail_in(
        ctx, "%s%s", pos_text(&ctx->arena, statement_pos(s, s->text)), op_label(&ctx->arena, s->op));
}
