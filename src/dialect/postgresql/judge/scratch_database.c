/*
 * A scratch database on the server, in which a baseline is tried.
 *
 * It is created from template0, so that nothing of this server's template1 is taken for part of the baseline, and it is
 * dropped in any case, also after an interruption.
 */
#include "dialect/postgresql/postgresql.h"
#include "dialect/postgresql/wire/conn.h"

#include <unistd.h>

static bool find_settings(struct conn *conn, struct strings *ret)
{
    return pg_query_row(conn,
        "SELECT pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate, d.datctype FROM "
        "pg_catalog.pg_database d "
        "WHERE d.datname = pg_catalog.current_database()",
        ret);
}

static bool create(struct conn *conn, const char *name)
{
    struct strings settings;
    struct sql q = sql_begin(conn->ctx, &postgresql_dialect);
    if (!find_settings(conn, &settings) || settings.n < 3)
        return false;
    sql_addf(&q, "CREATE DATABASE %I TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L", name,
        settings.v[0], settings.v[1], settings.v[2]);
    return pg_run(pg_of(conn), sql_end(&q));
}

/* libpq lets a parameter of the URL replace its path. */
static struct url url_of(struct ctx *ctx, const struct url *url, const char *name)
{
    struct url other = *url;
    other.rest = ctx_printf(ctx, "%s%cdbname=%s", url->rest, strchr(url->rest, '?') ? '&' : '?', name);
    return other;
}

/* The new database has no schema but public. */
static bool use_schema(struct conn *scratch, const char *schema)
{
    struct sql q = sql_begin(scratch->ctx, &postgresql_dialect);
    sql_addf(&q, "CREATE SCHEMA IF NOT EXISTS %I; SET search_path = %I; SET check_function_bodies = off",
        schema, schema);
    scratch->default_schema = schema;
    return pg_run(pg_of(scratch), sql_end(&q));
}

static void drop(struct conn *conn, const char *name)
{
    const volatile sig_atomic_t *interrupt = conn->ctx->interrupt;
    struct err err = conn->ctx->err;
    struct sql q = sql_begin(conn->ctx, &postgresql_dialect);
    sql_addf(&q, "DROP DATABASE IF EXISTS %I", name);
    conn->ctx->interrupt = NULL;
    conn->ctx->err = (struct err){0};
    if (!pg_run(pg_of(conn), sql_end(&q)))
        log_warn(conn->ctx, "scratch database '%s' could not be dropped:\n%s", name, err_text(conn->ctx));
    conn->ctx->interrupt = interrupt;
    conn->ctx->err = err;
}

/* No scratch database for the reason that is set as the error; false after an interruption. */
static bool give_up(struct ctx *ctx, struct scratch *ret)
{
    if (ctx_interrupted(ctx))
        return false;
    *ret = (struct scratch){.why = ctx_strdup(ctx, err_text(ctx))};
    err_clear(ctx);
    return true;
}

bool pg_scratch_open(struct conn *conn, const struct url *url, struct scratch *ret)
{
    struct ctx *ctx = conn->ctx;
    struct scratch s = {.name = ctx_printf(ctx, "cmig_scratch_%ld_%llu", (long)getpid(),
                            (unsigned long long)time_monotonic_us())};
    struct url other = url_of(ctx, url, s.name);
    if (!create(conn, s.name))
        return give_up(ctx, ret);
    if (!pg_open(ctx, &other, NULL, &s.conn) || !use_schema(s.conn, conn->default_schema)) {
        pg_scratch_close(conn, &s);
        return give_up(ctx, ret);
    }
    *ret = s;
    return true;
}

void pg_scratch_close(struct conn *conn, struct scratch *s)
{
    pg_close(s->conn);
    if (s->name)
        drop(conn, s->name);
    *s = (struct scratch){0};
}
