/* The version and history tables in PostgreSQL. */
#include "dialect/bookkeeping.h"
#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/wire/exec.h"

/* A table that does not exist yet is created beside the version table, which is created where the search path begins.
 * A script finds them as it runs: it puts the search path back before it uses them. */
void pg_locate(ATTR_UNUSED struct ctx *ctx, const struct conn *conn, struct version_table *v)
{
    if (!conn)
        return;
    const struct pg *pg = (const struct pg *)conn;
    struct qname *names[] = {&v->name, &v->history, &v->progress};
    const char *const found[] = {
        pg->located.name.schema, pg->located.history.schema, pg->located.progress.schema};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (!names[i]->name || names[i]->schema)
            continue;
        names[i]->schema = found[i] ? found[i] : i ? v->name.schema : pg->current_schema;
    }
}

static bool take_rows(struct pg *pg, void *user, const struct answer *a)
{
    struct strings *rows = user;
    pg->read_exists = true;
    for (int i = 0; i < answer_rows(a); i++)
        vec_add(pg->base.ctx, rows, answer_copy(a, i, 0));
    return true;
}

bool pg_versions(struct conn *conn, const struct version_table *v, struct strings *ret, bool *ret_exists)
{
    struct pg *pg = pg_of(conn);
    /* Opening has read them along; from then on somebody else may have moved them. */
    bool is_read = pg->read_name && str_eq(pg->read_name, qname_text(&conn->ctx->arena, &v->name));
    pg->read_name = NULL;
    if (!is_read) {
        struct sql q = sql_begin(conn->ctx, &postgresql_dialect);
        sql_addf(&q, "SELECT %I FROM %Q%E", v->column, &v->name, ret ? "" : " LIMIT 0");
        struct question one = {.sql = sql_end(&q), .take = take_rows, .tolerate = "42P01"};
        pg->read_rows = (struct strings){0};
        pg->read_exists = false;
        if (!pg_ask(pg, &one, 1, &pg->read_rows))
            return false;
        strings_sort(&pg->read_rows);
    }
    if (ret)
        *ret = pg->read_rows;
    *ret_exists = pg->read_exists;
    return true;
}

/* Temporary tables of the name are not meant. */
const char *pg_hidden_query(struct ctx *ctx, const struct version_table *v)
{
    struct sql q = sql_begin(ctx, &postgresql_dialect);
    sql_addf(&q,
        "SELECT pg_catalog.string_agg(n.nspname, ', ' ORDER BY n.nspname), pg_catalog.min(n.nspname) FROM "
        "pg_catalog.pg_class c "
        "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = %L AND NOT a.attisdropped "
        "WHERE c.relname = %L AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't' "
        "AND n.nspname IS DISTINCT FROM %L HAVING pg_catalog.count(*) > 0",
        v->column, v->name.name, v->name.schema);
    return sql_end(&q);
}

/* A table that a revision creates is published if all tables are. */
const char *pg_published_query(struct ctx *ctx, const struct strings *tables)
{
    struct sql q = sql_begin(ctx, &postgresql_dialect);
    sql_add(&q,
        "SELECT pg_catalog.string_agg(t.name || ' (' || t.publications || ')', ', ' ORDER BY t.place) FROM "
        "(SELECT c.name, c.place, (SELECT pg_catalog.string_agg(DISTINCT p.pubname::text, ', ') FROM "
        "pg_catalog.pg_publication p WHERE p.puballtables OR EXISTS (SELECT FROM "
        "pg_catalog.pg_publication_tables u WHERE u.pubname = p.pubname AND pg_catalog.to_regclass("
        "pg_catalog.format('%I.%I', u.schemaname, u.tablename)) = pg_catalog.to_regclass(c.name))) "
        "AS publications FROM (VALUES ");
    vec_each(i, tables)
        sql_addf(&q, "%E(%d, %L)", i ? ", " : "", (int64_t)i, tables->v[i]);
    sql_add(&q, ") AS c (place, name)) AS t");
    return sql_end(&q);
}

const char *pg_triggers_query(struct ctx *ctx, const struct qname *table)
{
    struct sql q = sql_begin(ctx, &postgresql_dialect);
    sql_addf(&q,
        "WITH RECURSIVE tree AS (SELECT pg_catalog.to_regclass(%L)::pg_catalog.oid AS oid UNION "
        "SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid) "
        "SELECT pg_catalog.string_agg(DISTINCT t.tgname::text, ', ' ORDER BY t.tgname::text) FROM tree "
        "JOIN pg_catalog.pg_trigger t ON t.tgrelid = tree.oid WHERE t.tgenabled <> 'D' AND t.tgtype & 3 = 3 " /* BEFORE, FOR EACH ROW */
        "AND t.tgname NOT LIKE '~%%\\_cmig\\_sync'", /* that of a type change, which keeps no row */
        pg_qname(&ctx->arena, table));
    return sql_end(&q);
}

/* Ids are as long as the tool accepts them. Only who holds the lock makes the tables. */
void pg_version_create(struct ctx *ctx, const struct version_table *v, struct statements *ret)
{
    struct sql q = sql_begin(ctx, &postgresql_dialect);
    sql_addf(&q, "CREATE TABLE IF NOT EXISTS %Q (\n    %I character varying(255) NOT NULL PRIMARY KEY\n)",
        &v->name, v->column);
    statement_add(ctx, ret, sql_end(&q), NULL);
    if (!v->history.name)
        return;
    q = sql_begin(ctx, &postgresql_dialect);
    sql_addf(&q,
        "CREATE TABLE IF NOT EXISTS %Q (\n"
        "    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,\n"
        "    revision text NOT NULL,\n"
        "    parents text NOT NULL,\n"
        "    direction text NOT NULL,\n"
        "    started timestamp with time zone NOT NULL,\n"
        "    duration_ms bigint,\n"
        "    \"user\" text,\n"
        "    version text,\n"
        "    blob text,\n"
        "    commit_id text,\n"
        "    modified boolean,\n"
        "    path text,\n"
        "    text text,\n"
        "    outcome text NOT NULL,\n"
        "    message text,\n"
        "    tag text\n"
        ")",
        &v->history);
    statement_add(ctx, ret, sql_end(&q), NULL);
}

/* The kind's text, which ends here, and the values of its parameters. */
static void set_kind(
    struct ctx *ctx, struct statement *s, struct sql *kind, const char *const *values, size_t n)
{
    s->kind = sql_end(kind);
    for (size_t i = 0; i < n; i++)
        vec_add(ctx, &s->values, values[i]);
}

enum { ALEMBIC_ID_MAX = 32 };

/* A version table that another tool made may be too narrow for an id: Alembic's has 32 characters. */
static void widen(struct ctx *ctx, const struct version_table *v, const char *id, struct statements *ret)
{
    struct sql q = sql_begin(ctx, &postgresql_dialect), table = q;
    if (!id || strlen(id) <= ALEMBIC_ID_MAX)
        return;
    sql_qname(&table, &v->name);
    sql_addf(&q,
        "DO $cmig$BEGIN\n"
        "    IF EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = pg_catalog.to_regclass(%L)\n"
        "            AND a.attname = %L AND a.atttypmod BETWEEN 4 AND 258) THEN\n"
        "        ALTER TABLE %Q ALTER COLUMN %I TYPE character varying(255);\n"
        "    END IF;\n"
        "END$cmig$",
        sql_end(&table), v->column, &v->name, v->column);
    statement_add(ctx, ret, sql_end(&q), NULL);
}

void pg_version_move(
    struct ctx *ctx, const struct version_table *v, const struct version_move *m, struct statements *ret)
{
    struct sql kind = sql_begin(ctx, &postgresql_dialect);
    const char *values[] = {m->to ? m->to : m->from, m->from};
    widen(ctx, v, m->to, ret);
    if (!m->from)
        sql_addf(&kind, "INSERT INTO %Q (%I) VALUES ($1)", &v->name, v->column);
    else if (!m->to)
        sql_addf(&kind, "DELETE FROM %Q WHERE %I = $1", &v->name, v->column);
    else
        sql_addf(&kind, "UPDATE %Q SET %I = $1 WHERE %I = $2", &v->name, v->column, v->column);
    set_kind(
        ctx, bookkeeping_move(ctx, &postgresql_dialect, v, m, ret), &kind, values, m->from && m->to ? 2 : 1);
}

static const char history_columns[] = "(revision, parents, direction, started, duration_ms, \"user\", "
                                      "version, blob, commit_id, modified, path, text, "
                                      "outcome, message, tag)";
/* How long it took is known to the server: since its transaction began. */
static const char history_duration[] =
    "extract(epoch FROM clock_timestamp() - transaction_timestamp()) * 1000";

void pg_history_add(
    struct ctx *ctx, const struct version_table *v, const struct history_entry *e, struct statements *ret)
{
    struct sql text = sql_begin(ctx, &postgresql_dialect), kind = text, started = text, user = text;
    const char *modified = e->modified ? "true" : "false";
    const char *values[] = {e->revision, e->parents, e->direction, e->started, e->user, e->version, e->blob,
        e->commit, modified, e->path, e->text, e->message, e->tag};
    sql_addf(&started, e->started ? "%L" : "transaction_timestamp()", e->started);
    sql_addf(&user, e->user ? "%L" : "session_user", e->user);
    sql_addf(&text,
        "INSERT INTO %Q %E\nVALUES (%L, %L, %L, %E, %E, %E, %L, %L, %L, %E, %L, %L, 'done', %L, %L)",
        &v->history, history_columns, e->revision, e->parents, e->direction, sql_end(&started),
        history_duration, sql_end(&user), e->version, e->blob, e->commit, modified, e->path, e->text,
        e->message, e->tag);
    sql_addf(&kind,
        "INSERT INTO %Q %E VALUES ($1, $2, $3, coalesce($4, transaction_timestamp()), %E, $5, $6, $7, $8, "
        "$9, $10, "
        "$11, 'done', $12, $13)",
        &v->history, history_columns, history_duration);
    struct statement *s = statement_add(ctx, ret, sql_end(&text), NULL);
    s->expect = 1;
    set_kind(ctx, s, &kind, values, COUNT_OF(values));
}

static bool take_history(struct pg *pg, void *user, const struct answer *a)
{
    struct history_rows *rows = user;
    for (int i = 0; i < answer_rows(a); i++) {
        struct history_row *row = ctx_new(pg->base.ctx, struct history_row);
        row->id = answer_int(a, i, 0);
        for (size_t k = 0; k < HISTORY_TEXTS; k++)
            *bookkeeping_text(row, k) = answer_copy(a, i, (int)k + 1);
        row->modified = answer_int(a, i, HISTORY_TEXTS + 1) != 0;
        vec_add(pg->base.ctx, rows, row);
    }
    return true;
}

bool pg_history(struct conn *conn, const struct version_table *v, const struct history_query *which,
    struct history_rows *ret)
{
    struct history_rows rows = {0};
    struct sql q = sql_begin(conn->ctx, &postgresql_dialect);
    sql_addf(&q,
        "SELECT id, revision, parents, direction, "
        "pg_catalog.to_char(started AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), duration_ms, "
        "\"user\", version, blob, commit_id, path, outcome, message, tag, %E, "
        "CASE WHEN modified THEN 1 ELSE 0 END FROM %Q WHERE true",
        which->without_text ? "NULL" : "text", &v->history);
    bookkeeping_which(&q, which);
    struct question one = {
        .sql = sql_end(&q), .take = take_history, .tolerate = which->if_permitted ? "42P01 42501" : "42P01"};
    if (!pg_ask(pg_of(conn), &one, 1, &rows))
        return false;
    *ret = rows;
    return true;
}
