/*
 * The unavoidable part of each workload, for bench.py to measure cmig against.
 *
 *   floor time FILE COMMAND…             run it; its seconds, peak memory in kB, exit status and processor seconds into FILE
 *   floor heads DIR                      parse every file of a directory with libyaml's events
 *   floor sqlite-open DB                 read the version row
 *   floor sqlite-run DB FILE             the file's revisions, a transaction each
 *   floor sqlite-reflect DB              the schema's stored texts and its columns
 *   floor sqlite-copy DB TABLE NEW LIST  NEW filled by SELECT LIST FROM TABLE, put in TABLE's place, in one transaction
 *   floor pg-open URL                    connect and read the version row
 *   floor pg-run URL FILE                the file's revisions, a transaction and a round trip each
 *   floor pg-reflect URL                 the catalogue in one batch of queries
 *   floor my-open URL                    connect to MariaDB and read the version row
 *   floor my-run URL FILE                the file's revisions, a round trip each
 *   floor my-reflect URL                 the parts of information_schema, a query each
 *
 * A URL of MariaDB has a user, a host, a port and a database, and no password.
 *
 * FILE: "-- rev ID" lines, each followed by the revision's statements.
 */
#define _DEFAULT_SOURCE
#include <dirent.h>
#include <libpq-fe.h>
#include <mysql.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <yaml.h>

static void die(const char *what, const char *why)
{
    fprintf(stderr, "floor: %s: %s\n", what, why);
    exit(1);
}

static char *slurp(const char *path, size_t *ret_size)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        die(path, "cannot be opened");
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    char *text = malloc((size_t)size + 1);
    if (!text || fread(text, 1, (size_t)size, f) != (size_t)size)
        die(path, "cannot be read");
    text[size] = 0;
    fclose(f);
    *ret_size = (size_t)size;
    return text;
}

/* The next revision of a FILE: its id and statements; *at moves on. */
static int next_revision(char **at, char **ret_id, char **ret_sql)
{
    char *line = strstr(*at, "-- rev ");
    if (!line)
        return 0;
    char *end = strchr(line, '\n');
    *end = 0;
    *ret_id = line + strlen("-- rev ");
    *ret_sql = end + 1;
    char *next = strstr(end + 1, "\n-- rev ");
    if (next)
        *next++ = 0;
    *at = next ? next : end + 1 + strlen(end + 1);
    return 1;
}

/* ---- time and memory ---------------------------------------------------------------------------- */

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* From a process as small as this one, since a child's peak memory begins with what its parent had. */
static void measure(const char *out, char **command)
{
    struct rusage usage;
    int status = 0;
    double began = now();
    pid_t pid = fork();
    if (pid == 0) {
        execvp(command[0], command);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
        die(command[0], "cannot be run");
    double seconds = now() - began;
    FILE *f = fopen(out, "w");
    if (!f)
        die(out, "cannot be written");
    double busy = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                  (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    fprintf(f, "%.6f %ld %d %.6f\n", seconds, usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128,
        busy);
    fclose(f);
}

/* ---- files -------------------------------------------------------------------------------------- */

static void parse_events(const char *text, size_t size)
{
    yaml_parser_t parser;
    yaml_event_t event;
    int done = 0;
    yaml_parser_initialize(&parser);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, size);
    while (!done && yaml_parser_parse(&parser, &event)) {
        done = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
}

static void heads(const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir)
        die(folder, "cannot be opened");
    for (struct dirent *e; (e = readdir(dir));) {
        char path[4096];
        size_t size;
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
        char *text = slurp(path, &size);
        parse_events(text, size);
        free(text);
    }
    closedir(dir);
}

/* ---- SQLite ------------------------------------------------------------------------------------- */

static void sq(sqlite3 *db, const char *sql)
{
    char *error = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &error))
        die(sql, error);
}

static sqlite3 *sq_open(const char *path)
{
    sqlite3 *db;
    if (sqlite3_open(path, &db))
        die(path, sqlite3_errmsg(db));
    return db;
}

static const char *const version_table =
    "CREATE TABLE IF NOT EXISTS floor_version (revision varchar(255) NOT NULL PRIMARY KEY);"
    "INSERT INTO floor_version SELECT 'base' WHERE NOT EXISTS (SELECT 1 FROM floor_version)";

static void sqlite_open(const char *path)
{
    sqlite3 *db = sq_open(path);
    sqlite3_exec(db, "SELECT revision FROM floor_version", NULL, NULL, NULL);
    sqlite3_close(db);
}

static void sqlite_run(const char *path, const char *file)
{
    sqlite3 *db = sq_open(path);
    size_t size;
    char *at = slurp(file, &size), *id, *sql, move[256];
    sq(db, version_table);
    while (next_revision(&at, &id, &sql)) {
        snprintf(move, sizeof(move), "UPDATE floor_version SET revision = '%s'", id);
        sq(db, "BEGIN");
        sq(db, sql);
        sq(db, move);
        sq(db, "COMMIT");
    }
    sqlite3_close(db);
}

static int count_row(void *counter, int n, char **values, char **names)
{
    (void)values;
    (void)names;
    *(long *)counter += n;
    return 0;
}

static void sqlite_reflect(const char *path)
{
    sqlite3 *db = sq_open(path);
    long cells = 0;
    sqlite3_exec(db, "SELECT type, name, tbl_name, sql FROM sqlite_schema", count_row, &cells, NULL);
    sqlite3_exec(db,
        "SELECT m.name, x.* FROM sqlite_schema m JOIN pragma_table_xinfo(m.name) x WHERE m.type = 'table'",
        count_row, &cells, NULL);
    sqlite3_close(db);
    printf("%ld\n", cells);
}

static void sqlite_copy(const char *path, const char *from, const char *to, const char *columns)
{
    char sql[512];
    sqlite3 *db = sq_open(path);
    snprintf(sql, sizeof(sql),
        "BEGIN; INSERT INTO %s SELECT %s FROM %s; DROP TABLE %s; ALTER TABLE %s RENAME TO %s; COMMIT", to,
        columns, from, from, to, from);
    sq(db, sql);
    sqlite3_close(db);
}

/* ---- PostgreSQL --------------------------------------------------------------------------------- */

static PGconn *pg_open(const char *url)
{
    PGconn *conn = PQconnectdb(url);
    if (PQstatus(conn) != CONNECTION_OK)
        die("connection", PQerrorMessage(conn));
    return conn;
}

static void pg(PGconn *conn, const char *sql)
{
    PGresult *result = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        die(sql, PQerrorMessage(conn));
    PQclear(result);
}

static void pg_open_only(const char *url)
{
    PGconn *conn = pg_open(url);
    PQclear(PQexec(conn, "SELECT revision FROM floor_version"));
    PQfinish(conn);
}

static void pg_run(const char *url, const char *file)
{
    PGconn *conn = pg_open(url);
    size_t size;
    char *at = slurp(file, &size), *id, *sql;
    char *message = malloc(size + 1024);
    pg(conn, "SET client_min_messages = warning");
    pg(conn, version_table);
    while (next_revision(&at, &id, &sql)) {
        snprintf(message, size + 1024, "BEGIN; %s UPDATE floor_version SET revision = '%s'; COMMIT", sql, id);
        pg(conn, message);
    }
    PQfinish(conn);
}

static const char *const catalogue[] = {
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "SELECT oid, relname, relkind, relpersistence FROM pg_class WHERE relnamespace = 'public'::regnamespace",
    "SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attidentity, "
    "a.attgenerated, "
    "a.attcollation FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = "
    "'public'::regnamespace AND c.relkind IN ('r', 'v') AND a.attnum > 0 AND NOT a.attisdropped",
    "SELECT d.adrelid, d.adnum, pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d JOIN pg_class c ON c.oid = "
    "d.adrelid WHERE c.relnamespace = 'public'::regnamespace",
    "SELECT conrelid, conname, contype, conkey, confrelid, confkey, confupdtype, confdeltype, confmatchtype, "
    "condeferrable, condeferred, convalidated, conindid FROM pg_constraint WHERE connamespace = "
    "'public'::regnamespace",
    "SELECT i.indrelid, c.relname, i.indisunique, i.indnkeyatts, i.indkey, i.indoption, i.indclass, "
    "i.indcollation, "
    "pg_get_expr(i.indpred, i.indrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE "
    "c.relnamespace "
    "= 'public'::regnamespace",
    "SELECT oid, typname, typtype, typelem FROM pg_type WHERE typrelid = 0",
    "SELECT objoid, objsubid, description FROM pg_description d JOIN pg_class c ON c.oid = d.objoid WHERE "
    "c.relnamespace = 'public'::regnamespace",
    "COMMIT",
};

static void pg_reflect(const char *url)
{
    PGconn *conn = pg_open(url);
    long rows = 0;
    int done = 0;
    PQenterPipelineMode(conn);
    for (size_t i = 0; i < sizeof(catalogue) / sizeof(*catalogue); i++)
        PQsendQueryParams(conn, catalogue[i], 0, NULL, NULL, NULL, NULL, 0);
    PQpipelineSync(conn);
    while (!done) {
        PGresult *result = PQgetResult(conn);
        if (!result)
            continue;
        if (PQresultStatus(result) == PGRES_FATAL_ERROR)
            die("catalogue", PQerrorMessage(conn));
        done = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
        rows += PQntuples(result);
        PQclear(result);
    }
    PQfinish(conn);
    printf("%ld\n", rows);
}

/* ---- MariaDB ------------------------------------------------------------------------------------ */

static MYSQL *my_open(const char *url)
{
    char user[64], host[64], database[64];
    unsigned port;
    MYSQL *conn = mysql_init(NULL);
    if (sscanf(url, "%*[a-z]://%63[^@:/]@%63[^:/]:%u/%63s", user, host, &port, database) != 4)
        die(url, "not a URL of MariaDB");
    if (!mysql_real_connect(conn, host, user, NULL, database, port, NULL, CLIENT_MULTI_STATEMENTS))
        die(url, mysql_error(conn));
    return conn;
}

/* All statements of a text; the number of rows. */
static long my(MYSQL *conn, const char *sql)
{
    long rows = 0;
    int state = mysql_real_query(conn, sql, strlen(sql));
    while (state == 0) {
        MYSQL_RES *result = mysql_store_result(conn);
        rows += result ? (long)mysql_num_rows(result) : 0;
        mysql_free_result(result);
        state = mysql_next_result(conn);
    }
    if (state > 0)
        die(sql, mysql_error(conn));
    return rows;
}

static void my_open_only(const char *url)
{
    MYSQL *conn = my_open(url);
    if (mysql_query(conn, "SELECT revision FROM floor_version") == 0)
        mysql_free_result(mysql_store_result(conn));
    mysql_close(conn);
}

/* A statement that changes the schema commits by itself. */
static void my_run(const char *url, const char *file)
{
    MYSQL *conn = my_open(url);
    size_t size;
    char *at = slurp(file, &size), *id, *sql;
    char *message = malloc(size + 1024);
    my(conn, version_table);
    while (next_revision(&at, &id, &sql)) {
        snprintf(message, size + 1024, "%s UPDATE floor_version SET revision = '%s'", sql, id);
        my(conn, message);
    }
    mysql_close(conn);
}

static const char *const schema_parts[] = {
    "SELECT table_name, table_type, engine, table_collation, create_options, table_comment FROM "
    "information_schema.tables WHERE table_schema = DATABASE()",
    "SELECT table_name, column_name, column_default, is_nullable, column_type, collation_name, extra, "
    "column_comment FROM information_schema.columns WHERE table_schema = DATABASE()",
    "SELECT table_name, index_name, non_unique, column_name, collation, sub_part, index_type FROM "
    "information_schema.statistics WHERE table_schema = DATABASE()",
    "SELECT table_name, constraint_name, column_name, referenced_table_name, referenced_column_name FROM "
    "information_schema.key_column_usage WHERE table_schema = DATABASE() AND referenced_table_name IS NOT "
    "NULL",
    "SELECT table_name, constraint_name, update_rule, delete_rule FROM "
    "information_schema.referential_constraints WHERE constraint_schema = DATABASE()",
    "SELECT table_name, constraint_name, check_clause FROM information_schema.check_constraints WHERE "
    "constraint_schema = DATABASE()",
};

static void my_reflect(const char *url)
{
    MYSQL *conn = my_open(url);
    long rows = 0;
    for (size_t i = 0; i < sizeof(schema_parts) / sizeof(*schema_parts); i++)
        rows += my(conn, schema_parts[i]);
    mysql_close(conn);
    printf("%ld\n", rows);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    if (!strcmp(what, "time") && argc > 3)
        measure(argv[2], argv + 3);
    else if (!strcmp(what, "heads") && argc == 3)
        heads(argv[2]);
    else if (!strcmp(what, "sqlite-open") && argc == 3)
        sqlite_open(argv[2]);
    else if (!strcmp(what, "sqlite-run") && argc == 4)
        sqlite_run(argv[2], argv[3]);
    else if (!strcmp(what, "sqlite-reflect") && argc == 3)
        sqlite_reflect(argv[2]);
    else if (!strcmp(what, "sqlite-copy") && argc == 6)
        sqlite_copy(argv[2], argv[3], argv[4], argv[5]);
    else if (!strcmp(what, "pg-open") && argc == 3)
        pg_open_only(argv[2]);
    else if (!strcmp(what, "pg-run") && argc == 4)
        pg_run(argv[2], argv[3]);
    else if (!strcmp(what, "pg-reflect") && argc == 3)
        pg_reflect(argv[2]);
    else if (!strcmp(what, "my-open") && argc == 3)
        my_open_only(argv[2]);
    else if (!strcmp(what, "my-run") && argc == 4)
        my_run(argv[2], argv[3]);
    else if (!strcmp(what, "my-reflect") && argc == 3)
        my_reflect(argv[2]);
    else
        die("usage", "see the head of floor.c");
    return 0;
}
