/* The version and history tables. */
#include "dialect/mysql/wire/exec.h"

#include "dialect/bookkeeping.h"

#include <mysqld_error.h>

bool my_versions(struct conn *conn, const struct version_table *v, struct strings *ret, bool *ret_exists)
{
    struct my *my = my_of(conn);
    struct my_answer a CLEANUP(my_answer_free) = {0};
    struct strings rows = {0};
    struct sql q = sql_begin(conn->ctx, &mysql_dialect);
    sql_addf(&q, "SELECT %I FROM %Q%E", v->column, &v->name, ret ? "" : " LIMIT 0");
    *ret_exists = my_query(my, sql_end(&q), &a);
    if (!*ret_exists) {
        if (!my_failed_with(my, ER_NO_SUCH_TABLE))
            return false;
        err_clear(conn->ctx);
    }
    while (*ret_exists && my_next(&a))
        vec_add(conn->ctx, &rows, my_copy(&a, 0));
    strings_sort(&rows);
    if (ret)
        *ret = rows;
    return true;
}

/* Transactions are needed, whatever the server's default engine is, and ids that differ only in case are different. */
#define TABLE_OPTIONS " ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin"

void my_version_create(struct ctx *ctx, const struct version_table *v, struct statements *ret)
{
    struct sql q = sql_begin(ctx, &mysql_dialect);
    sql_addf(&q, "CREATE TABLE IF NOT EXISTS %Q (\n    %I varchar(255) NOT NULL PRIMARY KEY\n)" TABLE_OPTIONS,
        &v->name, v->column);
    statement_add(ctx, ret, sql_end(&q), NULL)->flags = STATEMENT_OUTSIDE;
    if (!v->history.name)
        return;
    q = sql_begin(ctx, &mysql_dialect);
    sql_addf(&q,
        "CREATE TABLE IF NOT EXISTS %Q (\n"
        "    id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,\n"
        "    revision varchar(255) NOT NULL,\n"
        "    parents text NOT NULL,\n"
        "    direction varchar(20) NOT NULL,\n"
        "    started datetime(3) NOT NULL,\n"
        "    duration_ms bigint,\n"
        "    `user` text,\n"
        "    version text,\n"
        "    `blob` text,\n"
        "    commit_id text,\n"
        "    modified boolean,\n"
        "    path text,\n"
        "    `text` longtext,\n"
        "    outcome varchar(20) NOT NULL,\n"
        "    message text,\n"
        "    tag text\n"
        ")" TABLE_OPTIONS,
        &v->history);
    statement_add(ctx, ret, sql_end(&q), NULL)->flags = STATEMENT_OUTSIDE;
}

void my_version_move(
    struct ctx *ctx, const struct version_table *v, const struct version_move *m, struct statements *ret)
{
    bookkeeping_move(ctx, &mysql_dialect, v, m, ret);
}

/* "2026-11-20T10:00:00.123Z" as a literal; the session's time zone is UTC. */
static const char *time_literal(struct ctx *ctx, const char *text)
{
    struct sql q = sql_begin(ctx, &mysql_dialect);
    if (!text)
        return "utc_timestamp(3)";
    char *copy = ctx_strdup(ctx, text), *t = strchr(copy, 'T');
    copy[strcspn(copy, "Z")] = 0;
    if (t)
        *t = ' ';
    sql_string(&q, copy);
    return sql_end(&q);
}

void my_history_add(
    struct ctx *ctx, const struct version_table *v, const struct history_entry *e, struct statements *ret)
{
    struct sql q = sql_begin(ctx, &mysql_dialect), user = q;
    sql_addf(&user, e->user ? "%L" : "current_user()", e->user);
    sql_addf(&q,
        "INSERT INTO %Q (revision, parents, direction, started, duration_ms, `user`, version, `blob`, "
        "commit_id, modified, path, `text`, outcome, message, tag)\n"
        "VALUES (%L, %L, %L, %E, " MY_DURATION ", %E, %L, %L, %L, %d, %L, %L, 'done', %L, %L)",
        &v->history, e->revision, e->parents, e->direction, time_literal(ctx, e->started), sql_end(&user),
        e->version, e->blob, e->commit, (int64_t)e->modified, e->path, e->text, e->message, e->tag);
    struct statement *s = statement_add(ctx, ret, sql_end(&q), NULL);
    s->expect = 1;
    s->kind = MY_DURATION;
}

static struct history_row *read_row(const struct my_answer *a)
{
    struct history_row *row = ctx_new(a->my->base.ctx, struct history_row);
    row->id = my_int(a, 0);
    for (unsigned i = 0; i < HISTORY_TEXTS; i++)
        *bookkeeping_text(row, i) = my_copy(a, i + 1);
    row->modified = my_flag(a, HISTORY_TEXTS + 1);
    return row;
}

bool my_history(struct conn *conn, const struct version_table *v, const struct history_query *which,
    struct history_rows *ret)
{
    struct my *my = my_of(conn);
    struct my_answer a CLEANUP(my_answer_free) = {0};
    struct history_rows rows = {0};
    struct sql q = sql_begin(conn->ctx, &mysql_dialect);
    sql_addf(&q,
        "SELECT id, revision, parents, direction, date_format(started, '%%Y-%%m-%%dT%%H:%%i:%%sZ'), "
        "duration_ms, "
        "`user`, version, `blob`, commit_id, path, outcome, message, tag, %E, modified FROM %Q WHERE true",
        which->without_text ? "NULL" : "`text`", &v->history);
    bookkeeping_which(&q, which);
    if (!my_query(my, sql_end(&q), &a)) {
        bool is_denied = which->if_permitted && my_failed_with(my, ER_TABLEACCESS_DENIED_ERROR);
        if (!is_denied && !my_failed_with(my, ER_NO_SUCH_TABLE))
            return false;
        err_clear(conn->ctx);
        *ret = rows;
        return true;
    }
    while (my_next(&a))
        vec_add(conn->ctx, &rows, read_row(&a));
    *ret = rows;
    return true;
}
