/*
 * Example: a program that upgrades its database by the connection that it has anyway.
 *
 * Usage: handle DATABASE, an SQLite file or a connection string of libpq, such as postgresql://host/name. The revisions are
 * a part of the program. It fails if its connection is not as it was afterwards.
 */
#include <stdio.h>
#include <string.h>

#include <cmig.h>
#include <libpq-fe.h>
#include <sqlite3.h>

static const char models[] =
    "tables: {notes: {columns: {id: {type: integer, primary_key: true}, text: text}}}\n";
static const char revision[] =
    "revision: 1f3a\n"
    "down_revision: null\n"
    "upgrade:\n"
    "- create_table: {name: notes, columns: {id: {type: integer, primary_key: true}, text: text}}\n"
    "- execute:\n"
    "    default: INSERT INTO notes VALUES (1, 'the first')\n"
    "    postgresql: INSERT INTO notes VALUES (1, 'the first'); SET statement_timeout = '1s'; SET ROLE "
    "pg_monitor\n"
    "downgrade:\n"
    "- drop_table: notes\n";
static const struct cmig_file files[] = {
    {"cmig.yaml", "models: models.yaml\n", 20},
    {"models.yaml", models, sizeof models - 1},
    {"migrations/1f3a.yaml", revision, sizeof revision - 1},
};

/* One call, so that it can be tried again: the reason of a failure is printed. */
static enum cmig_status upgrade(sqlite3 *sqlite, PGconn *postgresql)
{
    struct cmig_options options = {.size = sizeof options, .files = files, .file_count = 3};
    struct cmig *cmig;
    enum cmig_status status;
    options.sqlite = sqlite;
    options.postgresql = postgresql;
    status = cmig_open(&cmig, &options);
    if (status == CMIG_OK)
        status = cmig_upgrade(cmig, "head");
    if (status == CMIG_OK)
        status = cmig_check(cmig, NULL, NULL);
    fprintf(stderr, "%s\n", cmig_error(cmig));
    cmig_close(cmig);
    return status;
}

static int upgrade_sqlite(const char *path)
{
    sqlite3 *db;
    enum cmig_status inside = CMIG_FAILED, status = CMIG_FAILED;
    if (sqlite3_open(path, &db) == SQLITE_OK && sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) == SQLITE_OK) {
        inside = upgrade(db, NULL);
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
        status = upgrade(db, NULL);
    }
    sqlite3_close(db);
    return inside == CMIG_USAGE ? (int)status : 1;
}

static int run(PGconn *conn, const char *sql)
{
    PGresult *r = PQexec(conn, sql);
    int ok = PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK;
    if (!ok)
        fprintf(stderr, "%s: %s", sql, PQerrorMessage(conn));
    PQclear(r);
    return ok;
}

/* What the program has set in its session. */
static const char session[] =
    "SET search_path = shop; SET statement_timeout = '50s'; SET app.tenant = '7'; "
    "SET client_encoding = 'LATIN1'; SET DateStyle = 'German'; SET ROLE pg_monitor; RESET ROLE; "
    "PREPARE mine AS SELECT 1; LISTEN news; CREATE TEMP TABLE mine (a int); "
    "SELECT pg_advisory_lock(42)";
static const char state_sql[] =
    "SELECT concat_ws('|', (SELECT string_agg(name || '=' || setting, ',' ORDER BY name) FROM pg_settings "
    "WHERE name <> "
    "'transaction_isolation'), current_setting('app.tenant', true), (SELECT string_agg(name, ',' ORDER BY "
    "name) FROM "
    "pg_prepared_statements), (SELECT string_agg(c, ',') FROM pg_listening_channels() AS c), "
    "to_regclass('pg_temp.mine'), "
    "(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()))";

static int upgrade_postgresql(const char *url)
{
    PGconn *conn = PQconnectdb(url);
    PGresult *before = NULL, *after = NULL;
    enum cmig_status inside = CMIG_FAILED, status = CMIG_FAILED;
    int same = 0;
    if (PQstatus(conn) != CONNECTION_OK)
        fprintf(stderr, "%s", PQerrorMessage(conn));
    else if (run(conn, "CREATE SCHEMA IF NOT EXISTS shop") && run(conn, session) && run(conn, "BEGIN")) {
        inside = upgrade(NULL, conn);
        run(conn, "ROLLBACK");
        before = PQexec(conn, state_sql);
        status = upgrade(NULL, conn);
        after = PQexec(conn, state_sql);
        same = PQntuples(before) == 1 && PQntuples(after) == 1 &&
               strcmp(PQgetvalue(before, 0, 0), PQgetvalue(after, 0, 0)) == 0;
        if (!same)
            fprintf(stderr, "before: %s\nafter: %s\n%s", PQgetvalue(before, 0, 0), PQgetvalue(after, 0, 0),
                PQerrorMessage(conn));
        same = same && run(conn, "SELECT text FROM shop.notes");
    }
    PQclear(before);
    PQclear(after);
    PQfinish(conn);
    return inside == CMIG_USAGE && same ? (int)status : 1;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return CMIG_USAGE;
    return strncmp(argv[1], "postgresql:", 11) == 0 ? upgrade_postgresql(argv[1]) : upgrade_sqlite(argv[1]);
}
