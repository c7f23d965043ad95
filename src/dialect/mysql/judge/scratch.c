/*
 * Scratch databases on the server, in which models in SQL are loaded, and baselines and triggers are tried.
 *
 * One is dropped in any case, also after an interruption. Its name holds the time of its creation, and a named lock of
 * the session is held while it is used: one that a killed run left is dropped by a later run, when it is older than any
 * run would be and nobody holds its lock.
 *
 * A user that may not create databases names an empty one instead, which is emptied again, since nothing rolls a CREATE
 * back. While it is used it has a table that says so; if a killed run left that, and no table has a row, the next run
 * empties it.
 */
#include "dialect/mysql/judge/scratch.h"

#include "dialect/mysql/objects/objects.h"
#include "dialect/mysql/reflect/reflect.h"
#include "dialect/mysql/wire/exec.h"

#include <mysqld_error.h>
#include <time.h>
#include <unistd.h>

#define PREFIX MY_SCRATCH "_"
#define LEFTOVER_AGE_S "3600"
#define GIVEN_WAIT_S "60"

/* ---- statements that run in any case ----------------------------------------------------------------- */

/* Neither an interruption nor an earlier error keeps it from running; its own error is in *ret_why. */
static bool run_anyway(struct conn *conn, const char *sql, const char **ret_why)
{
    struct ctx *ctx = conn->ctx;
    const volatile sig_atomic_t *interrupt = ctx->interrupt;
    struct err err = ctx->err;
    ctx->interrupt = NULL;
    ctx->err = (struct err){0};
    bool ok = my_query(my_of(conn), sql, NULL);
    *ret_why = ok ? NULL : ctx_strdup(ctx, err_text(ctx));
    ctx->interrupt = interrupt;
    ctx->err = err;
    return ok;
}

static bool drop_database(struct conn *conn, const char *name, const char **ret_why)
{
    struct sql q = sql_begin(conn->ctx, &mysql_dialect);
    sql_addf(&q, "DROP DATABASE IF EXISTS %I", name);
    return run_anyway(conn, sql_end(&q), ret_why);
}

static const char *lock_call(struct ctx *ctx, const char *function, const char *name, const char *more)
{
    struct sql q = sql_begin(ctx, &mysql_dialect);
    sql_addf(&q, "DO %E(%L%E)", function, name, more);
    return sql_end(&q);
}

void my_scratch_drop(struct conn *conn, const char *name)
{
    const char *why;
    if (!drop_database(conn, name, &why))
        log_warn(conn->ctx, "scratch database '%s' could not be dropped:\n%s", name, why);
    run_anyway(conn, lock_call(conn->ctx, "release_lock", name, ""), &why);
}

/* ---- a database of cmig's own ------------------------------------------------------------------------ */

/* Nodes of a cluster may have no named locks: then the age of a database must do, and leftovers stay. */
static bool tolerates_no_locks(struct conn *conn)
{
    if (!my_failed_with(my_of(conn), ER_NOT_SUPPORTED_YET))
        return false;
    err_clear(conn->ctx);
    return true;
}

static bool list_leftovers(struct conn *conn, struct strings *ret)
{
    static const char query[] =
        "SELECT schema_name FROM information_schema.schemata WHERE schema_name REGEXP '^" PREFIX
        "[0-9]+_[0-9]{1,18}$' AND CAST(substring_index(schema_name, '_', -1) AS unsigned) / 1000000 < "
        "unix_timestamp() - " LEFTOVER_AGE_S " AND coalesce(is_free_lock(schema_name), 0) = 1 ORDER BY 1";
    struct my_answer a CLEANUP(my_answer_free) = {0};
    if (!my_query(my_of(conn), query, &a) && !tolerates_no_locks(conn))
        return false;
    while (my_next(&a))
        vec_add(conn->ctx, ret, my_copy(&a, 0));
    return true;
}

/* Another user may be able to see one, and not to drop it. */
static bool drop_leftovers(struct conn *conn)
{
    struct strings names = {0};
    const char *why;
    if (!list_leftovers(conn, &names))
        return false;
    vec_each(i, &names)
        if (drop_database(conn, names.v[i], &why))
            log_info(conn->ctx, "scratch database '%s', left by an earlier run, was dropped", names.v[i]);
        else
            log_debug(conn->ctx, "scratch database '%s' could not be dropped: %s", names.v[i], why);
    return true;
}

static const char *new_name(struct ctx *ctx)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return ctx_printf(ctx, PREFIX "%ld_%llu", (long)getpid(),
        (unsigned long long)now.tv_sec * 1000000 + (unsigned long long)now.tv_nsec / 1000);
}

static bool find_settings(struct conn *conn, struct strings *ret)
{
    return my_query_row(conn, "SELECT @@character_set_database, @@collation_database", ret);
}

bool my_scratch_create(struct conn *conn, const char **ret_name)
{
    struct ctx *ctx = conn->ctx;
    const char *name = new_name(ctx);
    struct sql q = sql_begin(ctx, &mysql_dialect);
    struct strings settings;
    if (!drop_leftovers(conn) || !find_settings(conn, &settings))
        return false;
    if (!my_query(my_of(conn), lock_call(ctx, "get_lock", name, ", 0"), NULL) && !tolerates_no_locks(conn))
        return false;
    sql_addf(&q, "CREATE DATABASE %I CHARACTER SET %I COLLATE %I", name, settings.v[0], settings.v[1]);
    if (!my_query(my_of(conn), sql_end(&q), NULL))
        return false;
    *ret_name = name;
    return true;
}

/* ---- its connection ---------------------------------------------------------------------------------- */

static const char *with_database(struct ctx *ctx, const char *url, const char *name)
{
    const char *path = strstr(url, "://") + 3;
    path += strcspn(path, "/?#");
    return ctx_printf(ctx, "%.*s/%s%s", (int)(path - url), url, name, path + strcspn(path, "?#"));
}

static struct url *url_of(struct ctx *ctx, const struct url *url, const char *name)
{
    struct url *other = ctx_new(ctx, struct url);
    *other = *url;
    other->rest = with_database(ctx, url->rest, name);
    other->text = with_database(ctx, url->text, name);
    return other;
}

static bool connect_scratch(struct conn *conn, const struct url *url, struct conn **ret)
{
    if (!my_open(conn->ctx, url, NULL, ret))
        return false;
    struct my *my = my_of(*ret);
    my->rewrite = my_quiet_event;
    my->events = ctx_new(conn->ctx, struct map);
    *my->events = MAP(conn->ctx);
    return true;
}

bool my_scratch_reset(struct conn *scratch)
{
    return my_query(my_of(scratch), "UNLOCK TABLES", NULL) && my_set_session(my_of(scratch));
}

/* The privilege that is missing, in the user's own words. */
static const char *hint_of(struct conn *conn)
{
    struct strings row;
    struct err err = conn->ctx->err;
    conn->ctx->err = (struct err){0};
    bool ok = my_query_row(&my_of(conn)->base,
        "SELECT concat(quote(substring_index(current_user(), '@', 1)), '@', "
        "quote(substring_index(current_user(), '@', -1)))",
        &row);
    conn->ctx->err = err;
    return ctx_printf(conn->ctx, "Let an administrator run GRANT ALL ON `cmig\\_scratch\\_%%`.* TO %s",
        ok && row.n ? row.v[0] : "the user");
}

/* No scratch database, for the reason that is set as the error; false after an interruption. */
static bool give_up(struct conn *conn, struct scratch *ret)
{
    struct ctx *ctx = conn->ctx;
    if (ctx_interrupted(ctx))
        return false;
    *ret = (struct scratch){.why = ctx_strdup(ctx, err_text(ctx)), .hint = hint_of(conn)};
    err_clear(ctx);
    return true;
}

/* ---- a database that is given ------------------------------------------------------------------------ */

/* What a database contains: the kind, as DROP has it, the name, and whether it may hold rows. */
static const char contents[] =
    "SELECT if(table_type IN ('VIEW', 'SEQUENCE'), table_type, 'TABLE'), table_name, "
    "table_type NOT IN ('VIEW', 'SEQUENCE') FROM information_schema.tables WHERE table_schema = DATABASE() "
    "UNION ALL SELECT routine_type, routine_name, 0 FROM information_schema.routines "
    "WHERE routine_schema = DATABASE() "
    "UNION ALL SELECT 'EVENT', event_name, 0 FROM information_schema.events "
    "WHERE event_schema = DATABASE() ORDER BY 3, 1, 2";

struct content {
    const char *kind, *name;
    bool has_rows; /* may have */
};
struct contents VEC_OF(struct content);

static bool list_contents(struct conn *given, struct contents *ret)
{
    struct my_answer a CLEANUP(my_answer_free) = {0};
    if (!my_query(my_of(given), contents, &a))
        return false;
    while (my_next(&a))
        vec_add(given->ctx, ret, ((struct content){my_copy(&a, 0), my_copy(&a, 1), my_flag(&a, 2)}));
    return true;
}

/* The first object that an earlier run has not left there. */
static bool find_foreign(struct conn *given, const struct contents *list, const char **ret)
{
    bool is_marked = false;
    *ret = NULL;
    vec_each(i, list)
        is_marked |= str_eq(list->v[i].name, MY_SCRATCH);
    vec_each(i, list) {
        const struct content *c = &list->v[i];
        struct sql q = sql_begin(given->ctx, &mysql_dialect);
        struct strings row = {0};
        sql_addf(&q, "SELECT 1 FROM %I LIMIT 1", c->name);
        if (is_marked && c->has_rows && !my_query_row(given, sql_end(&q), &row))
            return false;
        if (!is_marked || row.n) {
            *ret = c->name;
            return true;
        }
    }
    return true;
}

/* The mark goes last. */
static bool empty(struct conn *given, const struct contents *list, const char **ret_why)
{
    bool ok = run_anyway(given, "SET foreign_key_checks = 0", ret_why);
    for (int marks = 0; marks < 2; marks++)
        vec_each(i, list) {
            struct sql q = sql_begin(given->ctx, &mysql_dialect);
            sql_addf(&q, "DROP %E IF EXISTS %I", list->v[i].kind, list->v[i].name);
            if (str_eq(list->v[i].name, MY_SCRATCH) == (marks == 1))
                ok = ok && run_anyway(given, sql_end(&q), ret_why);
        }
    return ok;
}

static void close_given(struct conn *given)
{
    struct ctx *ctx = given->ctx;
    const volatile sig_atomic_t *interrupt = ctx->interrupt;
    struct err err = ctx->err;
    struct contents list = {0};
    const char *why = NULL;
    ctx->interrupt = NULL;
    ctx->err = (struct err){0};
    my_rollback(given);
    if (!list_contents(given, &list))
        why = ctx_strdup(ctx, err_text(ctx));
    if (why || !empty(given, &list, &why))
        log_warn(ctx, "the database of scratch_url could not be emptied:\n%s", why);
    ctx->interrupt = interrupt;
    ctx->err = err;
}

static const char identity[] = "SELECT concat_ws(' ', @@hostname, @@port, @@datadir, DATABASE()), DATABASE()";

static bool check_given(struct conn *conn, struct conn *given, struct contents *ret)
{
    struct ctx *ctx = conn->ctx;
    struct strings own, other;
    const char *foreign;
    if (!my_query_row(conn, identity, &own) || !my_query_row(given, identity, &other))
        return false;
    if (str_eq(own.v[0], other.v[0])) {
        fail(ctx, STATUS_CONFIG, "database '%s' of scratch_url is the database that is compared", other.v[1]);
        return fail_hint(ctx, "Create an empty database for it, or remove 'scratch_url'.");
    }
    if (!list_contents(given, ret) || !find_foreign(given, ret, &foreign))
        return false;
    if (!foreign)
        return true;
    fail(
        ctx, STATUS_CONFIG, "database '%s' of scratch_url is not empty: it contains %s", other.v[1], foreign);
    fail_hint(ctx, "Name an empty database in 'scratch_url'.");
    vec_each(i, ret)
        if (str_eq(ret->v[i].name, MY_SCRATCH))
            fail_hint(ctx, "A run of cmig that was killed left its objects there; this one holds rows, so it "
                           "was not dropped.");
    return false;
}

/* One run at a time. */
static bool lock_given(struct conn *given)
{
    struct strings row;
    if (!my_query_row(
            given, "SELECT get_lock(concat('" PREFIX "', sha1(DATABASE())), " GIVEN_WAIT_S ")", &row))
        return false;
    if (row.n && str_eq(row.v[0], "1"))
        return true;
    return fail(given->ctx, STATUS_TRY_AGAIN, "another cmig uses the database of scratch_url");
}

static bool mark_given(struct conn *conn, struct conn *given)
{
    struct strings wanted, found;
    struct sql q = sql_begin(conn->ctx, &mysql_dialect);
    if (!find_settings(conn, &wanted) || !find_settings(given, &found) ||
        !my_query(
            my_of(given), "CREATE TABLE " MY_SCRATCH " (id int) COMMENT 'cmig empties this database'", NULL))
        return false;
    sql_addf(&q, "ALTER DATABASE CHARACTER SET %I COLLATE %I", wanted.v[0], wanted.v[1]);
    return strings_eq(&wanted, &found) || my_query(my_of(given), sql_end(&q), NULL);
}

static bool open_given(struct conn *conn, const struct url *given, struct scratch *ret)
{
    struct ctx *ctx = conn->ctx;
    struct url *copy = ctx_new(ctx, struct url);
    struct contents old = {0};
    struct conn *s;
    const char *why;
    *copy = *given;
    if (!connect_scratch(conn, copy, &s))
        return fail_in(ctx, "cannot open database '%s' of scratch_url", url_text(&ctx->arena, given->text));
    if (!lock_given(s) || !check_given(conn, s, &old)) {
        my_close(s);
        return false;
    }
    bool is_emptied = empty(s, &old, &why);
    if (is_emptied && mark_given(conn, s) && my_scratch_reset(s)) {
        *ret = (struct scratch){.conn = s, .url = *copy};
        return true;
    }
    if (!is_emptied)
        fail(ctx, STATUS_FAILED, "the database of scratch_url could not be emptied: %s", why);
    close_given(s);
    my_close(s);
    return false;
}

/* ---- both -------------------------------------------------------------------------------------------- */

bool my_scratch_open(struct conn *conn, const struct url *url, const struct url *given, struct scratch *ret)
{
    struct scratch s = {0};
    if (given)
        return open_given(conn, given, ret);
    if (!my_scratch_create(conn, &s.name))
        return give_up(conn, ret);
    struct url *own = url_of(conn->ctx, url, s.name);
    s.url = *own;
    if (!connect_scratch(conn, own, &s.conn)) {
        my_scratch_close(conn, &s);
        return give_up(conn, ret);
    }
    *ret = s;
    return true;
}

void my_scratch_close(struct conn *conn, struct scratch *s)
{
    if (s->conn && !s->name)
        close_given(s->conn);
    if (s->conn)
        my_forget_access(my_of(s->conn));
    my_close(s->conn);
    if (s->name)
        my_scratch_drop(conn, s->name);
    *s = (struct scratch){0};
}
