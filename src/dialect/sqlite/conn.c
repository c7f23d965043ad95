/* Opens and locks an SQLite database, and begins and ends transactions. */
#include "dialect/sqlite/conn.h"

#include "dialect/sqlite/sqlite.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    BUSY_MS = 5000,      /* for commands that name no limit of their own */
    PROGRESS_OPS = 5000, /* virtual machine steps between two checks for signals */
    SHOW_US = 100000,
};

/* ---- errors ------------------------------------------------------------------------------------------ */

struct meaning {
    int code;
    enum status status;
    const char *hint;
};

static const struct meaning meanings[] = {
    {SQLITE_BUSY, STATUS_TRY_AGAIN, "Another program is writing to the database; try again when it is done."},
    {SQLITE_LOCKED, STATUS_TRY_AGAIN,
        "Another program is writing to the database; try again when it is done."},
    {SQLITE_FULL, STATUS_FAILED, "The disk is full. Make room and run the command again."},
    {SQLITE_READONLY, STATUS_FAILED, "Make the file and its directory writable."},
    {SQLITE_NOTADB, STATUS_UNREACHABLE, "The file is encrypted or belongs to another program."},
    {SQLITE_CORRUPT, STATUS_FAILED, "The file is damaged; run PRAGMA integrity_check for details."},
    {SQLITE_CANTOPEN, STATUS_UNREACHABLE, NULL},
};

static const struct meaning *find_meaning(int code)
{
    for (size_t i = 0; i < COUNT_OF(meanings); i++)
        if (meanings[i].code == code)
            return &meanings[i];
    return NULL;
}

const char *sqlite_message(struct ctx *ctx, sqlite3 *db)
{
    struct str out = STR(ctx);
    const char *rest = sqlite3_errmsg(db);
    for (const char *at; (at = strstr(rest, NEW_TABLE)); rest = at + strlen(NEW_TABLE))
        str_addn(&out, rest, (size_t)(at - rest));
    str_add(&out, rest);
    return str_get(&out);
}

/* The version that wrote the file last, from its header; "" when it cannot be read. SQLite reads it: closing a descriptor
 * of our own would give up its locks. */
static const char *file_version(struct sqlite_conn *c)
{
    enum { VERSION_AT = 96 };
    unsigned char b[4];
    sqlite3_file *file = NULL;
    if (sqlite3_file_control(c->db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK || !file ||
        !file->pMethods || file->pMethods->xRead(file, b, sizeof b, VERSION_AT) != SQLITE_OK)
        return "";
    unsigned n = (unsigned)b[0] << 24 | (unsigned)b[1] << 16 | (unsigned)b[2] << 8 | b[3];
    return n ? ctx_printf(c->base.ctx, "%u.%u.%u", n / 1000000, n / 1000 % 1000, n % 1000) : "";
}

/* Definitions and files of a newer version, or of a build with extensions. */
static bool is_of_another_version(int code, const char *message)
{
    return str_starts(message, "malformed database schema") ||
           str_starts(message, "unsupported file format") || (code & 0xff) == SQLITE_FORMAT;
}

static bool fail_version(struct sqlite_conn *c, int code, const char *message)
{
    struct ctx *ctx = c->base.ctx;
    const char *version = file_version(c);
    fail(ctx, STATUS_FAILED, "sqlite %d: %s", code, message);
    return fail_hint(ctx,
        "SQLite %s cannot read this database; version %s wrote it last. Use a newer SQLite, or one with the "
        "functions "
        "and extensions that the definition needs.",
        sqlite3_libversion(), *version ? version : "unknown");
}

bool(sqlite_fail)(struct sqlite_conn *c)
{
    struct ctx *ctx = c->base.ctx;
    int code = sqlite3_extended_errcode(c->db);
    const struct meaning *m = find_meaning(code & 0xff);
    if (ctx_interrupted(ctx))
        return fail_interrupted(ctx);
    if (c->guessed) {
        fail(ctx, STATUS_FAILED, "sqlite 1: no such collation sequence: %s", c->guessed);
        return fail_hint(ctx, "Only the application has it: create a key or an index of several rows there.");
    }
    const char *message = sqlite_message(ctx, c->db);
    if (is_of_another_version(code, message))
        return fail_version(c, code, message);
    fail(ctx, m ? m->status : STATUS_FAILED, "sqlite %d: %s", code, message);
    if (m && m->hint)
        fail_hint(ctx, "%s", m->hint);
    if (str_starts(message, "foreign key mismatch"))
        fail_hint(
            ctx, "The columns that a foreign key refers to must exist and be the primary key or UNIQUE.");
    return false;
}

/* ---- statements of our own --------------------------------------------------------------------------- */

bool sqlite_prepare(struct sqlite_conn *c, const char *sql, sqlite3_stmt **ret)
{
    return sqlite3_prepare_v2(c->db, sql, -1, ret, NULL) == SQLITE_OK || sqlite_fail(c);
}

bool sqlite_step(struct sqlite_conn *c, sqlite3_stmt *stmt, bool *ret_row)
{
    int code = sqlite3_step(stmt);
    *ret_row = code == SQLITE_ROW;
    return code == SQLITE_ROW || code == SQLITE_DONE || sqlite_fail(c);
}

const char *sqlite_text(struct sqlite_conn *c, sqlite3_stmt *stmt, int i)
{
    return ctx_strdup(c->base.ctx, (const char *)sqlite3_column_text(stmt, i));
}

bool sqlite_query(struct sqlite_conn *c, const char *sql, const char **ret)
{
    STMT stmt = NULL;
    bool row;
    if (!sqlite_prepare(c, sql, &stmt) || !sqlite_step(c, stmt, &row))
        return false;
    *ret = row ? sqlite_text(c, stmt, 0) : NULL;
    return true;
}

bool sqlite_query_row(struct conn *conn, const char *sql, struct strings *ret)
{
    struct sqlite_conn *c = sqlite_conn(conn);
    STMT stmt = NULL;
    bool row;
    *ret = (struct strings){0};
    if (!sqlite_prepare(c, sql, &stmt) || !sqlite_step(c, stmt, &row))
        return false;
    for (int i = 0; row && i < sqlite3_column_count(stmt); i++)
        vec_add(conn->ctx, ret, sqlite_text(c, stmt, i));
    return true;
}

/* Sizes are known only where SQLite was built with its table of pages. */
const char *sqlite_statistics_query(struct ctx *ctx, const struct qname *table)
{
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    if (sqlite3_compileoption_used("ENABLE_DBSTAT_VTAB"))
        sql_addf(&q,
            "SELECT count(*), (SELECT sum(pgsize) FROM dbstat WHERE aggregate AND name IN (SELECT name FROM "
            "sqlite_schema WHERE tbl_name = %L)) FROM %I",
            table->name, table->name);
    else
        sql_addf(&q, "SELECT count(*), NULL FROM %I", table->name);
    return sql_end(&q);
}

/* The rowid, unless the key is one column or the table has none: then its key has no index of its own in the schema. */
const char *sqlite_key_query(struct ctx *ctx, const struct qname *table, int64_t number)
{
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    sql_addf(&q,
        "WITH k AS (SELECT name, pk FROM pragma_table_info(%L) WHERE pk > 0) "
        "SELECT coalesce((SELECT name FROM k WHERE pk = %d AND ((SELECT count(*) FROM k) = 1 OR EXISTS ("
        "SELECT 1 FROM pragma_index_list(%L) AS i WHERE i.origin = 'pk' AND i.name NOT IN ("
        "SELECT name FROM sqlite_schema WHERE type = 'index')))), CASE WHEN %d = 1 THEN 'rowid' END)",
        table->name, number, table->name, number);
    return sql_end(&q);
}

bool sqlite_run(struct sqlite_conn *c, const char *sql)
{
    return sqlite3_exec(c->db, sql, NULL, NULL, NULL) == SQLITE_OK || sqlite_fail(c);
}

/* ---- waiting ----------------------------------------------------------------------------------------- */

/* Called while another program holds a lock; 0 gives up. */
static int wait_for_lock(void *user, int count)
{
    struct sqlite_conn *c = user;
    uint64_t now = time_monotonic_us();
    struct timespec pause = {.tv_nsec = (count < 10 ? 1 + count : 20) * 1000000L};
    if (count == 0)
        c->busy_since_us = now;
    if (ctx_interrupted(c->base.ctx) || now - c->busy_since_us > c->busy_ms * 1000)
        return 0;
    nanosleep(&pause, NULL);
    return 1;
}

/* The rows read so far. SQLite counts the steps of a scan, but none in its transfer of whole rows, which runs four
 * instructions for each. */
static uint64_t copied_rows(sqlite3_stmt *stmt)
{
    int rows = sqlite3_stmt_status(stmt, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0);
    return (uint64_t)(rows ? rows : sqlite3_stmt_status(stmt, SQLITE_STMTSTATUS_VM_STEP, 0) / 4);
}

/* Called while a statement runs; anything but 0 ends it. */
static int look_around(void *user)
{
    struct sqlite_conn *c = user;
    if (c->copy.stmt) {
        uint64_t now = time_monotonic_us();
        if (now - c->copy.shown_us > SHOW_US) {
            c->copy.shown_us = now;
            log_progress(c->base.ctx, c->copy.label, copied_rows(c->copy.stmt), c->copy.total);
        }
    }
    return ctx_interrupted(c->base.ctx) != 0;
}

/* ---- opening ----------------------------------------------------------------------------------------- */

static bool cannot_open(struct ctx *ctx, const char *path, const char *why)
{
    return fail(ctx, STATUS_UNREACHABLE, "cannot open database '%s': %s", path, why);
}
#define cannot_open(...) fail_false(cannot_open(__VA_ARGS__))

/* SQLite reports "unable to open database file" for all of these. */
static bool check_file(
    struct ctx *ctx, const char *path, const struct open_options *options, const struct sqlite_url *how)
{
    struct stat st;
    if (stat(path, &st) == 0) {
        if (S_ISDIR(st.st_mode))
            return cannot_open(ctx, path, "it is a directory");
        if (!S_ISREG(st.st_mode))
            return cannot_open(ctx, path, "it is not a regular file");
        if (access(path, R_OK) != 0)
            return cannot_open(ctx, path, "permission denied");
        return true;
    }
    if (errno != ENOENT)
        return cannot_open(ctx, path, errno == ENOTDIR ? "not a directory" : "permission denied");
    if (options->missing == MISSING_FAILS || how->must_exist) {
        cannot_open(ctx, path, "no such file");
        return how->must_exist
                   ? fail_hint(ctx, "Change 'mode' in the URL, which keeps the file from being created.")
                   : fail_hint(ctx, "Run 'cmig upgrade' to create it.");
    }
    const char *folder = fs_dirname(&ctx->arena, path);
    if (!fs_is_dir(folder))
        return cannot_open(ctx, path, ctx_printf(ctx, "directory '%s' does not exist", folder));
    if (access(folder, W_OK) != 0)
        return cannot_open(ctx, path, ctx_printf(ctx, "directory '%s' is not writable", folder));
    return true;
}

/* The file is read for the first time here. */
bool sqlite_check_content(struct sqlite_conn *c)
{
    const char *ignored;
    if (sqlite_query(c, "PRAGMA schema_version", &ignored))
        return true;
    return fail_in(c->base.ctx, "cannot open database '%s'", c->path);
}

/* That of the file itself, where a link leads elsewhere. */
static bool can_write_folder(const struct sqlite_conn *c)
{
    return access(fs_dirname(&c->base.ctx->arena, sqlite3_db_filename(c->db, "main")), W_OK) == 0;
}

struct sqlite_conn *sqlite_conn_new(struct ctx *ctx, const char *path)
{
    struct sqlite_conn *c = ctx_new(ctx, struct sqlite_conn);
    c->base = (struct conn){
        .dialect = &sqlite_dialect, .ctx = ctx, .server = ctx_printf(ctx, "SQLite %s", sqlite3_libversion())};
    c->path = path;
    c->busy_ms = BUSY_MS;
    c->lock_fd = -1;
    return c;
}

struct collation {
    struct sqlite_conn *conn;
    const char *name;
};

static int compare_by_guess(void *user, int n, const void *a, int m, const void *b)
{
    const struct collation *collation = user;
    int order = memcmp(a, b, (size_t)(n < m ? n : m));
    collation->conn->guessed = collation->name;
    return order ? order : n - m;
}

/* SQLite looks up the collations in all definitions that it reads. One that only the application has is not needed
 * until values are compared, which sqlite_fail() reports. In a UTF-16 database SQLite also looks up its own
 * collations before it uses those for UTF-8. */
static void add_missing_collation(void *user, sqlite3 *db, ATTR_UNUSED int encoding, const char *name)
{
    static const char *const built_in[] = {"BINARY", "NOCASE", "RTRIM"};
    struct sqlite_conn *c = user;
    for (size_t i = 0; i < COUNT_OF(built_in); i++)
        if (str_eq_ci(name, built_in[i]))
            return;
    struct collation *collation = ctx_new(c->base.ctx, struct collation);
    *collation = (struct collation){c, ctx_strdup(c->base.ctx, name)};
    vec_add(c->base.ctx, &c->guesses, collation->name);
    sqlite3_create_collation(db, name, SQLITE_UTF8, collation, compare_by_guess);
}

void sqlite_watch(struct sqlite_conn *c)
{
    if (c->borrowed)
        return;
    sqlite3_busy_handler(c->db, wait_for_lock, c);
    sqlite3_progress_handler(c->db, PROGRESS_OPS, look_around, c);
}

/* Without a `uri` URI file names stay off: a name may begin with "file:". */
static bool open_db(struct sqlite_conn *c, const char *uri, int flags)
{
    const char *name = uri ? uri : *c->path ? c->path : ":memory:";
    flags |= uri ? SQLITE_OPEN_URI : 0;
    if (sqlite3_open_v2(name, &c->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK) {
        cannot_open(c->base.ctx, c->path, c->db ? sqlite3_errmsg(c->db) : "out of memory");
        return false;
    }
    sqlite3_extended_result_codes(c->db, 1);
    sqlite3_collation_needed(c->db, c, add_missing_collation);
    sqlite_watch(c);
    return true;
}

static int flags_for(const struct open_options *options, const struct sqlite_url *how, bool memory)
{
    if (memory || (options->missing == MISSING_IS_MADE && !how->must_exist))
        return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    return options->read_only || how->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
}

/* In memory, a file that does not exist is empty and is not created. One that no upgrade could create is an error. */
static const char *path_to_open(struct ctx *ctx, const struct url *url, const struct open_options *options)
{
    if (options->missing != MISSING_IS_EMPTY || fs_exists(url->rest) ||
        !fs_is_dir(fs_dirname(&ctx->arena, url->rest)))
        return url->rest;
    log_debug(ctx, "database file '%s' does not exist yet", url->rest);
    return "";
}

bool sqlite_open(
    struct ctx *ctx, const struct url *url, const struct open_options *options, struct conn **ret)
{
    struct sqlite_conn *c = sqlite_conn_new(ctx, path_to_open(ctx, url, options));
    bool memory = !*c->path, is_stand_in = memory && *url->rest;
    struct sqlite_url how;
    if (!sqlite_url_read(ctx, url, &how) || (!memory && !check_file(ctx, c->path, options, &how)))
        return false;
    if (how.busy_ms || options->lock_timeout_ms)
        c->busy_ms = how.busy_ms ? how.busy_ms : options->lock_timeout_ms;
    if (!open_db(c, is_stand_in ? NULL : how.uri, flags_for(options, &how, memory)) ||
        (!memory && !sqlite_check_content(c))) {
        sqlite_close(&c->base);
        return false;
    }
    c->base.stand_in = options->stand_in;
    if (how.read_only)
        c->base.read_only = "Remove 'mode=ro' or 'immutable=1' from the URL.";
    else if (sqlite3_db_readonly(c->db, "main") == 1 || (!memory && !can_write_folder(c)))
        c->base.read_only = "Make the file and its directory writable.";
    *ret = &c->base;
    return true;
}

struct sqlite_conn *sqlite_open_memory(struct ctx *ctx)
{
    struct sqlite_conn *c = sqlite_conn_new(ctx, "");
    if (open_db(c, NULL, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE))
        return c;
    sqlite_close(&c->base);
    return NULL;
}

void sqlite_close(struct conn *conn)
{
    if (!conn)
        return;
    struct sqlite_conn *c = sqlite_conn(conn);
    sqlite_unlock(conn);
    if (c->shadow)
        sqlite_close(&c->shadow->base);
    c->shadow = NULL;
    if (c->borrowed)
        sqlite_give_back(c);
    else
        sqlite3_close(c->db);
    c->db = NULL;
}

/* ---- transactions ------------------------------------------------------------------------------------ */

bool sqlite_check_writable(struct sqlite_conn *c)
{
    int moved = 0;
    if (c->base.read_only) {
        fail(c->base.ctx, STATUS_FAILED, "cannot change database '%s': it is read-only", c->path);
        return fail_hint(c->base.ctx, "%s", c->base.read_only);
    }
    sqlite3_file_control(c->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    if (moved && *c->path)
        return fail(
            c->base.ctx, STATUS_FAILED, "database file '%s' was deleted or moved in the meantime", c->path);
    return true;
}

/* Settings that a rebuild switches on, in case it did not reach the statement that switches them off. */
static void reset_modes(struct sqlite_conn *c)
{
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_LEGACY_ALTER_TABLE, 0, NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0, NULL);
}

/* With foreign keys on, dropping the old table of a rebuild would delete the rows that refer to it; and inside of a
 * transaction the switch has no effect. */
bool sqlite_begin(struct conn *conn)
{
    struct sqlite_conn *c = sqlite_conn(conn);
    int foreign_keys = 1;
    if (!sqlite_check_writable(c))
        return false;
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_ENABLE_FKEY, 0, &foreign_keys);
    if (foreign_keys)
        return fail(conn->ctx, STATUS_FAILED, "SQLite does not change PRAGMA foreign_keys");
    reset_modes(c);
    if (!sqlite_run(c, "BEGIN IMMEDIATE")) {
        if (conn->ctx->err.status == STATUS_TRY_AGAIN)
            return fail_in(conn->ctx, "cannot lock database '%s'", c->path);
        return false;
    }
    c->in_transaction = true;
    c->began_us = time_monotonic_us();
    return true;
}

bool sqlite_commit(struct conn *conn)
{
    struct sqlite_conn *c = sqlite_conn(conn);
    reset_modes(c);
    if (!sqlite_check_writable(c) || (c->guessed && !sqlite_fail(c)) || !sqlite_run(c, "COMMIT"))
        return false;
    c->in_transaction = false;
    return sqlite_restore_late(c);
}

void sqlite_rollback(struct conn *conn)
{
    struct sqlite_conn *c = conn ? sqlite_conn(conn) : NULL;
    if (!c || !c->db)
        return;
    reset_modes(c);
    c->guessed = NULL;
    if (!c->borrowed)
        sqlite3_progress_handler(c->db, 0, NULL, NULL); /* an interruption must not reach this statement */
    if (!sqlite3_get_autocommit(c->db))
        sqlite3_exec(c->db, "ROLLBACK", NULL, NULL, NULL);
    sqlite_watch(c);
    c->in_transaction = false;
}
