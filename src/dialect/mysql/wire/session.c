/*
 * Settings of cmig's session, and restoring them after user SQL.
 *
 * The sql_mode is always the same, so that a revision means the same on every server: strict, with double quotes
 * around strings, and with backslash escapes.
 */
#include "dialect/mysql/wire/exec.h"

#include <inttypes.h>

/* wait_timeout: a session that waits for a program is not idle. Dumps switch off foreign_key_checks and
 * unique_checks. A table that keeps versions of its rows could not be changed otherwise; the versions change with
 * it. MySQL takes that for a comment. */
static const char settings[] =
    "sql_mode = '" MY_SQL_MODE "', time_zone = '" MY_TIME_ZONE
    "', autocommit = 1, foreign_key_checks = 1, unique_checks = 1, "
    "sql_notes = 1, wait_timeout = 2147483, net_read_timeout = 600, net_write_timeout = 600, "
    "default_storage_engine = InnoDB, group_concat_max_len = 16777216, big_tables = DEFAULT, "
    "sql_select_limit = DEFAULT, last_insert_id = 0 /*M!100300 , system_versioning_alter_history = KEEP */";

const char *my_session_sql(struct ctx *ctx, uint64_t table_timeout_ms)
{
    struct str sql = STR(ctx);
    uint64_t seconds = (table_timeout_ms + 999) / 1000;
    str_addf(&sql, "SET %s", settings);
    if (seconds)
        str_addf(
            &sql, ", lock_wait_timeout = %" PRIu64 ", innodb_lock_wait_timeout = %" PRIu64, seconds, seconds);
    return str_get(&sql);
}

bool my_set_session(struct my *my)
{
    return my_query(my, "SET NAMES utf8mb4", NULL) &&
           my_query(my, my_session_sql(my->base.ctx, my->table_timeout_ms), NULL);
}

/* A temporary table would be taken for cmig's own of the same name. This commits nothing. */
static const char *drop_temporary(struct ctx *ctx, const struct version_table *v)
{
    struct sql q = sql_begin(ctx, &mysql_dialect);
    sql_addf(&q, "DROP TEMPORARY TABLE IF EXISTS %Q", &v->name);
    if (v->history.name)
        sql_addf(&q, ", %Q", &v->history);
    if (v->progress.name)
        sql_addf(&q, ", %Q", &v->progress);
    return sql_end(&q);
}

/* The text is the query of the version rows, whose result must be the values; the subject drops temporary tables. */
void my_restore(
    struct ctx *ctx, const struct version_table *v, const struct strings *rows, struct statements *ret)
{
    struct sql q = sql_begin(ctx, &mysql_dialect);
    if (rows)
        sql_addf(&q, "SELECT %I FROM %Q", v->column, &v->name);
    struct statement *s = statement_add(ctx, ret, sql_end(&q), NULL);
    s->flags = STATEMENT_SESSION;
    s->subject = drop_temporary(ctx, v);
    if (rows)
        s->values = *rows;
}

static bool check_version_rows(struct my *my, const struct statement *s)
{
    struct my_answer a CLEANUP(my_answer_free) = {0};
    struct strings rows = {0};
    if (!my_query(my, s->text, &a)) {
        my_note_own_failure(my, s);
        return false;
    }
    while (my_next(&a))
        vec_add(my->base.ctx, &rows, my_copy(&a, 0));
    strings_sort(&rows);
    if (strings_eq(&rows, &s->values))
        return true;
    my->base.own_failure = OWN_FAILURE_ROWS;
    my->base.own_statement = s->text;
    return fail(my->base.ctx, STATUS_FAILED, "the rows of the version table have changed");
}

static bool check_lock(struct my *my)
{
    bool is_held;
    if (!my->lock_name)
        return true;
    if (!my_lock_try(my, &is_held))
        return false;
    if (is_held)
        return true;
    my->base.own_failure = OWN_FAILURE_LOCK;
    return fail(my->base.ctx, STATUS_FAILED, "the lock was released, and another cmig has taken it");
}

bool my_restore_session(struct my *my, const struct statement *s)
{
    return my_query(my, "UNLOCK TABLES", NULL) && my_query(my, s->subject, NULL) && my_set_session(my) &&
           check_lock(my) && (!*s->text || check_version_rows(my, s));
}
