/*
 * A scratch database on the server, in which a baseline is tried and models in SQL are loaded.
 *
 * It is created from template0, so that nothing of this server's template1 is taken for part of them, and it is dropped
 * in any case, also after an interruption. Its name holds the time of its creation: one that a killed run left is dropped
 * by a later run, when it is older than any run would be and nobody is connected to it.
 *
 * A role without CREATEDB names an empty database instead. What is done there is one transaction, which is rolled back.
 */
#include "dialect/postgresql/postgresql.h"
#include "dialect/postgresql/wire/conn.h"

#include <time.h>
#include <unistd.h>

#define SCRATCH "cmig_scratch_"
#define LEFTOVER_AGE_S "3600"

static bool find_settings(struct conn *conn, struct strings *ret)
{
    return pg_query_row(conn,
        "SELECT pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate, d.datctype FROM "
        "pg_catalog.pg_database d "
        "WHERE d.datname = pg_catalog.current_database()",
        ret);
}

static bool create(struct conn *conn, const char *name, const char *template)
{
    struct strings settings;
    struct sql q = sql_begin(conn->ctx, &postgresql_dialect);
    if (!find_settings(conn, &settings) || settings.n < 3)
        return false;
    sql_addf(&q, "CREATE DATABASE %I TEMPLATE %I ENCODING %L LC_COLLATE %L LC_CTYPE %L", name, template,
        settings.v[0], settings.v[1], settings.v[2]);
    return pg_run(pg_of(conn), sql_end(&q));
}

/* A new database has no schema but public. To create one that exists takes a right on the database, too. */
static bool use_schema(struct conn *scratch, const char *schema)
{
    struct sql q = sql_begin(scratch->ctx, &postgresql_dialect);
    struct sql found = sql_begin(scratch->ctx, &postgresql_dialect);
    struct strings row = {0};
    scratch->default_schema = schema;
    sql_addf(&found, "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname = %L", schema);
    if (schema && !pg_query_row(scratch, sql_end(&found), &row))
        return false;
    if (schema)
        sql_addf(&q, "CREATE SCHEMA %I", schema);
    return (!schema || row.n || pg_run(pg_of(scratch), sql_end(&q))) && pg_scratch_reset(scratch);
}

bool pg_scratch_reset(struct conn *scratch)
{
    struct sql q = sql_begin(scratch->ctx, &postgresql_dialect);
    sql_add(&q, "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; SET standard_conforming_strings = on; "
                "SET check_function_bodies = off");
    if (scratch->default_schema)
        sql_addf(&q, "; SET search_path = %I", scratch->default_schema);
    return pg_run(pg_of(scratch), sql_end(&q));
}

static bool drop(struct conn *conn, const char *name)
{
    const volatile sig_atomic_t *interrupt = conn->ctx->interrupt;
    struct err err = conn->ctx->err;
    struct sql q = sql_begin(conn->ctx, &postgresql_dialect);
    sql_addf(&q, "DROP DATABASE IF EXISTS %I", name);
    conn->ctx->interrupt = NULL;
    conn->ctx->err = (struct err){0};
    bool ok = pg_run(pg_of(conn), sql_end(&q));
    if (!ok)
        log_warn(conn->ctx, "scratch database '%s' could not be dropped:\n%s", name, err_text(conn->ctx));
    conn->ctx->interrupt = interrupt;
    conn->ctx->err = err;
    return ok;
}

/* Those of roles that this one may act as, so that they can be dropped. */
static bool drop_leftovers(struct conn *conn)
{
    static const char next[] =
        "SELECT d.datname FROM pg_catalog.pg_database d WHERE d.datname ~ '^" SCRATCH "[0-9]+_[0-9]{1,18}$' "
        "AND pg_catalog.pg_has_role(d.datdba, 'USAGE') "
        "AND pg_catalog.substring(d.datname, '[0-9]+$')::pg_catalog.int8 / 1000000 < "
        "EXTRACT(EPOCH FROM pg_catalog.clock_timestamp()) - " LEFTOVER_AGE_S " "
        "AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid) LIMIT 1";
    struct strings row;
    while (pg_query_row(conn, next, &row) && row.n && drop(conn, row.v[0]))
        log_info(conn->ctx, "scratch database '%s', left by an earlier run, was dropped", row.v[0]);
    return conn->ctx->err.status == STATUS_OK;
}

static const char *new_name(struct ctx *ctx)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return ctx_printf(ctx, SCRATCH "%ld_%llu", (long)getpid(),
        (unsigned long long)now.tv_sec * 1000000 + (unsigned long long)now.tv_nsec / 1000);
}

/* No scratch database, for the reason that is set as the error; false after an interruption. */
static bool give_up(struct ctx *ctx, struct scratch *ret)
{
    if (ctx_interrupted(ctx))
        return false;
    *ret = (struct scratch){.why = ctx_strdup(ctx, err_text(ctx)), .hint = "Use a role with CREATEDB"};
    err_clear(ctx);
    return true;
}

/* ---- a database that is given ------------------------------------------------------------------------ */

/* Which server and database this is, its name, and the first object in it that no extension owns. */
#define NOT_OWN(catalog, oid) \
    "NOT EXISTS (SELECT FROM pg_catalog.pg_depend p WHERE p.classid = 'pg_catalog." catalog \
    "'::pg_catalog.regclass AND p.objid = " oid " AND p.deptype = 'e')"
#define USER_SCHEMA(column) \
    column " IN (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname <> 'information_schema' " \
           "AND n.nspname !~ '^pg_')"
static const char identity[] =
    "SELECT d.oid::pg_catalog.text || ' ' || EXTRACT(EPOCH FROM "
    "pg_catalog.pg_postmaster_start_time())::pg_catalog.text, d.datname, "
    "(SELECT pg_catalog.quote_ident(o.name) FROM ("
    "SELECT c.relname AS name FROM pg_catalog.pg_class c WHERE " USER_SCHEMA(
        "c.relnamespace") " AND " NOT_OWN("pg_class",
        "c.oid") " UNION ALL "
                 "SELECT t.typname FROM pg_catalog.pg_type t WHERE " USER_SCHEMA(
                     "t.typnamespace") " AND " NOT_OWN("pg_type",
                     "t.oid") " AND t.typtype <> 'm' AND t.typelem = 0 UNION ALL "
                              "SELECT f.proname FROM pg_catalog.pg_proc f WHERE " USER_SCHEMA(
                                  "f.pronamespace") " AND " NOT_OWN("pg_proc",
                                  "f.oid") ") o ORDER BY o.name COLLATE \"C\" LIMIT 1) "
                                           "FROM pg_catalog.pg_database d WHERE d.datname = "
                                           "pg_catalog.current_database()";

static bool check_given(struct conn *conn, struct conn *given)
{
    struct ctx *ctx = conn->ctx;
    struct strings own, other;
    if (!pg_query_row(conn, identity, &own) || !pg_query_row(given, identity, &other))
        return false;
    if (str_eq(own.v[0], other.v[0])) {
        fail(ctx, STATUS_CONFIG, "database '%s' of scratch_url is the database that is compared", other.v[1]);
        return fail_hint(ctx, "Create an empty database for it, or remove 'scratch_url'.");
    }
    if (!other.v[2])
        return true;
    fail(ctx, STATUS_CONFIG, "database '%s' of scratch_url is not empty: it contains %s", other.v[1],
        other.v[2]);
    return fail_hint(ctx, "Name an empty database in 'scratch_url'.");
}

static bool open_given(struct conn *conn, const struct url *given, struct scratch *ret)
{
    struct scratch s = {.url = *given};
    if (!pg_open(conn->ctx, given, NULL, &s.conn))
        return fail_in(
            conn->ctx, "cannot open database '%s' of scratch_url", url_text(&conn->ctx->arena, given->text));
    if (check_given(conn, s.conn) && pg_run(pg_of(s.conn), "BEGIN") &&
        use_schema(s.conn, conn->default_schema)) {
        pg_of(s.conn)->in_transaction = true;
        s.begun = true;
        *ret = s;
        return true;
    }
    pg_scratch_close(conn, &s);
    return false;
}

/* ---- both -------------------------------------------------------------------------------------------- */

static bool open_new(struct conn *conn, const struct url *url, const char *template, struct scratch *ret)
{
    struct ctx *ctx = conn->ctx;
    struct scratch s = {.name = new_name(ctx)};
    s.url = pg_url_of(ctx, url, s.name);
    if (!create(conn, s.name, template))
        return give_up(ctx, ret);
    if (!pg_open(ctx, &s.url, NULL, &s.conn) || !use_schema(s.conn, conn->default_schema)) {
        pg_scratch_close(conn, &s);
        return give_up(ctx, ret);
    }
    *ret = s;
    return true;
}

bool pg_scratch_open(struct conn *conn, const struct url *url, const struct url *given, struct scratch *ret)
{
    if (given)
        return open_given(conn, given, ret);
    return drop_leftovers(conn) && open_new(conn, url, "template0", ret);
}

/* A database that is copied must not have sessions. */
bool pg_scratch_copy(struct conn *conn, struct scratch *from, struct scratch *ret)
{
    pg_close(from->conn);
    from->conn = NULL;
    if (!open_new(conn, &from->url, from->name, ret))
        return false;
    if (pg_open(conn->ctx, &from->url, NULL, &from->conn) && use_schema(from->conn, conn->default_schema))
        return true;
    pg_scratch_close(conn, ret);
    return false;
}

void pg_scratch_close(struct conn *conn, struct scratch *s)
{
    pg_close(s->conn);
    if (s->name)
        drop(conn, s->name);
    *s = (struct scratch){0};
}
