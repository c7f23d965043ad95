/* The version and history tables in SQLite. */
#include "dialect/bookkeeping.h"
#include "dialect/sqlite/conn.h"
#include "dialect/sqlite/sqlite.h"

/* A temporary table of the same name comes first where no schema is given, and so does one of an attached database
 * where the file has none. */
void sqlite_locate(ATTR_UNUSED struct ctx *ctx, ATTR_UNUSED const struct conn *conn, struct version_table *v)
{
    struct qname *names[] = {&v->name, &v->history, &v->progress};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (names[i]->name)
            names[i]->schema = "main";
}

static bool has_no_table(struct sqlite_conn *c)
{
    return (sqlite3_errcode(c->db) & 0xff) == SQLITE_ERROR &&
           str_starts(sqlite3_errmsg(c->db), "no such table");
}

/* Prepares a query of one of our tables; a missing one is no error but gives *ret NULL. Only a query finds out: asking
 * for the table's columns looks at the schema as this connection knew it, though another may have made the table since. */
static bool prepare_if_there(struct sqlite_conn *c, const char *sql, sqlite3_stmt **ret)
{
    if (sqlite3_prepare_v2(c->db, sql, -1, ret, NULL) == SQLITE_OK)
        return true;
    if (has_no_table(c))
        return true;
    sqlite_fail(c);
    return fail_in(c->base.ctx, "cannot read database '%s'", c->path);
}

/* The schema that the connection knows may be outdated: only the first step finds out that another cmig has dropped the
 * table. */
static bool was_read(struct sqlite_conn *c, bool *ret_gone)
{
    *ret_gone = c->base.ctx->err.status == STATUS_FAILED && has_no_table(c);
    if (*ret_gone)
        err_clear(c->base.ctx);
    return c->base.ctx->err.status == STATUS_OK;
}

bool sqlite_versions(struct conn *conn, const struct version_table *v, struct strings *ret, bool *ret_exists)
{
    struct sqlite_conn *c = sqlite_conn(conn);
    struct strings rows = {0};
    struct sql q = sql_begin(conn->ctx, &sqlite_dialect);
    STMT stmt = NULL;
    bool row, is_gone;
    sql_addf(&q, "SELECT %I FROM %Q ORDER BY %I%E", v->column, &v->name, v->column, ret ? "" : " LIMIT 0");
    if (!prepare_if_there(c, sql_end(&q), &stmt))
        return false;
    while (stmt && sqlite_step(c, stmt, &row) && row)
        vec_add(conn->ctx, &rows, sqlite_text(c, stmt, 0));
    if (!was_read(c, &is_gone))
        return false;
    *ret_exists = stmt && !is_gone;
    if (ret)
        *ret = rows;
    return true;
}

void sqlite_version_create(struct ctx *ctx, const struct version_table *v, struct statements *ret)
{
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    sql_addf(&q, "CREATE TABLE IF NOT EXISTS %Q (\n  %I VARCHAR(255) NOT NULL PRIMARY KEY\n)", &v->name,
        v->column);
    statement_add(ctx, ret, sql_end(&q), NULL);
    if (!v->history.name)
        return;
    q = sql_begin(ctx, &sqlite_dialect);
    sql_addf(&q,
        "CREATE TABLE IF NOT EXISTS %Q (\n  id INTEGER NOT NULL PRIMARY KEY,\n  revision TEXT NOT "
        "NULL,\n"
        "  parents TEXT NOT NULL,\n  direction TEXT NOT NULL,\n  started TEXT NOT NULL,\n  duration_ms "
        "INTEGER,\n"
        "  user TEXT,\n  version TEXT,\n  blob TEXT,\n  commit_id TEXT,\n  modified INTEGER,\n  path TEXT,\n "
        " text TEXT,\n"
        "  outcome TEXT NOT NULL,\n  message TEXT,\n  tag TEXT\n)",
        &v->history);
    statement_add(ctx, ret, sql_end(&q), NULL);
}

void sqlite_version_move(
    struct ctx *ctx, const struct version_table *v, const struct version_move *m, struct statements *ret)
{
    bookkeeping_move(ctx, &sqlite_dialect, v, m, ret);
}

const char *sqlite_triggers_query(struct ctx *ctx, const struct qname *table)
{
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    sql_addf(&q,
        "WITH t AS (SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name = %L COLLATE NOCASE) "
        "SELECT group_concat(name, ', ') FROM (SELECT g.name FROM sqlite_schema AS g JOIN t ON g.tbl_name = "
        "t.name COLLATE NOCASE WHERE g.type = 'trigger' AND g.sql LIKE '%%raise%%ignore%%' "
        "UNION ALL SELECT 'ON CONFLICT IGNORE' FROM t WHERE sql LIKE '%%conflict%%ignore%%' ORDER BY 1)",
        table->name);
    return sql_end(&q);
}

void sqlite_history_add(
    struct ctx *ctx, const struct version_table *v, const struct history_entry *e, struct statements *ret)
{
    struct sql q = sql_begin(ctx, &sqlite_dialect), started = q;
    if (e->started)
        sql_addf(&started, "%L, :duration_ms", e->started);
    else
        sql_add(&started, "strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL");
    sql_addf(&q,
        "INSERT INTO %Q (revision, parents, direction, started, duration_ms, user, version, blob, commit_id, "
        "modified, path, text, outcome, message, tag)\nVALUES (%L, %L, %L, %E, %L, %L, %L, %L, %d, %L, %L, "
        "'done', "
        "%L, %L)",
        &v->history, e->revision, e->parents, e->direction, sql_end(&started), e->user, e->version, e->blob,
        e->commit, (int64_t)e->modified, e->path, e->text, e->message, e->tag);
    statement_add(ctx, ret, sql_end(&q), NULL)->expect = 1;
}

static struct history_row *read_history_row(struct sqlite_conn *c, sqlite3_stmt *stmt)
{
    struct history_row *row = ctx_new(c->base.ctx, struct history_row);
    row->id = sqlite3_column_int64(stmt, 0);
    for (size_t i = 0; i < HISTORY_TEXTS; i++)
        *bookkeeping_text(row, i) = sqlite_text(c, stmt, (int)i + 1);
    row->modified = sqlite3_column_int(stmt, HISTORY_TEXTS + 1);
    return row;
}

bool sqlite_history(struct conn *conn, const struct version_table *v, const struct history_query *which,
    struct history_rows *ret)
{
    struct sqlite_conn *c = sqlite_conn(conn);
    struct sql q = sql_begin(conn->ctx, &sqlite_dialect);
    STMT stmt = NULL;
    bool row, is_gone;
    *ret = (struct history_rows){0};
    sql_addf(&q,
        "SELECT id, revision, parents, direction, started, duration_ms, user, version, blob, commit_id, "
        "path, outcome, message, tag, %E, modified FROM %Q WHERE true",
        which->without_text ? "NULL" : "text", &v->history);
    bookkeeping_which(&q, which);
    if (!prepare_if_there(c, sql_end(&q), &stmt))
        return false;
    while (stmt && sqlite_step(c, stmt, &row) && row)
        vec_add(conn->ctx, ret, read_history_row(c, stmt));
    return was_read(c, &is_gone);
}
