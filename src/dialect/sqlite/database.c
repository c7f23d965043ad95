/*
 * Creates and drops the file of a database.
 */
#include "dialect/sqlite/conn.h"

#include <errno.h>
#include <unistd.h>

static bool check_path(struct ctx *ctx, const struct url *url)
{
    return *url->rest || fail(ctx, STATUS_USAGE, "a database in memory is neither created nor dropped");
}

static bool refuse_settings(struct ctx *ctx, const struct database_settings *s)
{
    const char *what = s->owner       ? "owner"
                       : s->template  ? "template"
                       : s->encoding  ? "encoding but UTF-8"
                       : s->collation ? "collation"
                                      : NULL;
    return !what || fail(ctx, STATUS_USAGE, "an SQLite database has no %s", what);
}

/* A file without a header is a database as well, but nothing tells so. */
static bool write_header(struct conn *conn)
{
    return sqlite_run(sqlite_conn(conn), "VACUUM");
}

bool sqlite_create_database(struct ctx *ctx, const struct url *url, const struct open_options *given,
    const struct database_settings *s, bool *ret_created)
{
    struct open_options options = *given;
    struct conn *conn;
    options.missing = MISSING_IS_MADE;
    if (!refuse_settings(ctx, s) || !check_path(ctx, url))
        return false;
    *ret_created = !fs_exists(url->rest);
    if (!sqlite_open(ctx, url, &options, &conn))
        return false;
    bool ok = !*ret_created || write_header(conn);
    sqlite_close(conn);
    if (!ok && *ret_created)
        unlink(url->rest);
    return ok;
}

/* The main file goes first: what it leaves is no database then. */
static bool remove_files(struct ctx *ctx, const char *path)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal", "-cmig"};
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        const char *file = ctx_printf(ctx, "%s%s", path, endings[i]);
        if (unlink(file) != 0 && errno != ENOENT)
            return fail(ctx, STATUS_FAILED, "cannot remove '%s': %s", file, strerror(errno));
    }
    return true;
}

bool sqlite_drop_database(
    struct ctx *ctx, const struct url *url, const struct open_options *given, bool force, bool *ret_dropped)
{
    struct open_options options = *given;
    struct conn *conn;
    if (!check_path(ctx, url))
        return false;
    *ret_dropped = fs_exists(url->rest);
    if (!*ret_dropped)
        return true;
    options.missing = MISSING_FAILS;
    if (!sqlite_open(ctx, url, &options, &conn)) /* what is no database is not removed */
        return false;
    const char *path = ctx_strdup(ctx, sqlite3_db_filename(sqlite_conn(conn)->db, "main"));
    bool ok = sqlite_check_writable(sqlite_conn(conn)) &&
              (force || sqlite_run(sqlite_conn(conn), "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE"));
    if (!ok && !force && ctx->err.status == STATUS_TRY_AGAIN)
        fail_hint(ctx, "End the programs that use it, or use --force.");
    ok = ok && remove_files(ctx, path);
    sqlite_close(conn);
    return ok;
}
