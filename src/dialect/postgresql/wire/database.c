/*
 * Creates and drops the database of a URL, from a connection to another database of its server.
 */
#include "dialect/postgresql/wire/conn.h"

#include <stdlib.h>

/* libpq lets a parameter of the URL replace its path. */
struct url pg_url_of(struct ctx *ctx, const struct url *url, const char *database)
{
    struct url other = *url;
    other.rest = ctx_printf(ctx, "%s%cdbname=%s", url->rest, strchr(url->rest, '?') ? '&' : '?', database);
    other.text = ctx_printf(ctx, "%s%cdbname=%s", url->text, strchr(url->text, '?') ? '&' : '?', database);
    return other;
}

static bool is_set(const char *value)
{
    return value && *value;
}

/* Without any, libpq takes the name of the role: nobody means that one by leaving it out. */
static bool says_name(struct libpq *pq, const struct url *url)
{
    bool found = is_set(getenv("PGDATABASE")) || is_set(getenv("PGSERVICE"));
    PQconninfoOption *all = pq->PQconninfoParse(url->rest, NULL);
    for (PQconninfoOption *o = all; o && o->keyword; o++)
        found |= (str_eq(o->keyword, "dbname") || str_eq(o->keyword, "service")) && is_set(o->val);
    pq->PQconninfoFree(all);
    return found;
}

/* The name of the URL's database, which may come from the environment or a service; NULL, with an error, if there is none.
 * libpq tells it before it is connected. */
static const char *find_name(struct ctx *ctx, const struct url *url)
{
    static const char *const keys[] = {"dbname", NULL};
    const char *const values[] = {url->rest, NULL};
    const char *name = NULL;
    struct libpq pq = {0};
    if (!libpq_open(ctx, &pq))
        return NULL;
    PGconn *conn = says_name(&pq, url) ? pq.PQconnectStartParams(keys, values, 1) : NULL;
    const char *found = conn ? pq.PQdb(conn) : NULL;
    if (is_set(found))
        name = ctx_strdup(ctx, found);
    else
        fail(ctx, STATUS_CONFIG, "the database URL names no database");
    if (conn)
        pq.PQfinish(conn);
    libpq_close(&pq);
    return name;
}

/* The databases that every server has, unless somebody dropped the first. */
static bool open_other(struct ctx *ctx, const struct url *url, const struct open_options *options,
    const char *name, struct conn **ret)
{
    static const char *const others[] = {"postgres", "template1"};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        struct url *other = ctx_new(ctx, struct url);
        if (str_eq(name, others[i]))
            continue;
        err_clear(ctx);
        *other = pg_url_of(ctx, url, others[i]);
        if (pg_open(ctx, other, options, ret))
            return true;
        if (ctx_interrupted(ctx))
            return false;
    }
    return false;
}

static bool exists(struct conn *conn, const char *name, bool *ret)
{
    struct sql q = sql_begin(conn->ctx, &postgresql_dialect);
    struct strings row;
    sql_addf(&q, "SELECT 1 FROM pg_catalog.pg_database WHERE datname = %L", name);
    if (!pg_query_row(conn, sql_end(&q), &row))
        return false;
    *ret = row.n > 0;
    return true;
}

/* template1 may hold objects of another encoding or collation; template0 has none. */
static const char *create_sql(struct ctx *ctx, const char *name, const struct database_settings *s)
{
    struct sql q = sql_begin(ctx, &postgresql_dialect);
    const char *template = s->template ? s->template : s->encoding || s->collation ? "template0" : NULL;
    sql_addf(&q, "CREATE DATABASE %I", name);
    if (s->owner)
        sql_addf(&q, " OWNER %I", s->owner);
    if (template)
        sql_addf(&q, " TEMPLATE %I", template);
    if (s->encoding)
        sql_addf(&q, " ENCODING %L", s->encoding);
    if (s->collation)
        sql_addf(&q, " LC_COLLATE %L LC_CTYPE %L", s->collation, s->collation);
    return sql_end(&q);
}

/* Another process may create it in the same moment. */
static bool create(
    struct conn *conn, const char *name, const struct database_settings *settings, bool *ret_created)
{
    struct ctx *ctx = conn->ctx;
    bool found;
    *ret_created = false;
    if (!exists(conn, name, &found))
        return false;
    if (found)
        return true;
    *ret_created = pg_run(pg_of(conn), create_sql(ctx, name, settings));
    if (*ret_created || ctx_interrupted(ctx))
        return *ret_created;
    const struct err err = ctx->err;
    err_clear(ctx);
    if (exists(conn, name, &found) && found)
        return true;
    ctx->err = err;
    return false;
}

bool pg_create_database(struct ctx *ctx, const struct url *url, const struct open_options *options,
    const struct database_settings *settings, bool *ret_created)
{
    const char *name = find_name(ctx, url);
    struct conn *conn;
    if (!name || !open_other(ctx, url, options, name, &conn))
        return false;
    bool ok = create(conn, name, settings, ret_created);
    pg_close(conn);
    return ok;
}

/* WITH (FORCE) is of 13. */
static bool end_sessions(struct conn *conn, const char *name)
{
    struct sql q = sql_begin(conn->ctx, &postgresql_dialect);
    sql_addf(&q,
        "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = %L "
        "AND pid <> pg_catalog.pg_backend_pid()",
        name);
    return pg_run(pg_of(conn), sql_end(&q));
}

/* Other programs expect these on every server. */
static bool check_own(struct ctx *ctx, const char *name)
{
    static const char *const own[] = {"postgres", "template0", "template1"};
    for (size_t i = 0; i < COUNT_OF(own); i++)
        if (str_eq(name, own[i]))
            return fail(ctx, STATUS_USAGE, "'%s' is a database of the server itself", name);
    return true;
}

static bool drop(struct conn *conn, const char *name, bool force, bool *ret_dropped)
{
    struct sql q = sql_begin(conn->ctx, &postgresql_dialect);
    const bool can_force = pg_of(conn)->version >= 130000;
    if (!exists(conn, name, ret_dropped))
        return false;
    if (!*ret_dropped)
        return true;
    if (force && !can_force && !end_sessions(conn, name))
        return false;
    sql_addf(&q, "DROP DATABASE %I", name);
    if (force && can_force)
        sql_add(&q, " WITH (FORCE)");
    if (pg_run(pg_of(conn), sql_end(&q)))
        return true;
    if (!force && strstr(err_text(conn->ctx), "55006"))
        fail_hint(conn->ctx, "End these sessions, or use --force, which ends them.");
    return false;
}

bool pg_drop_database(
    struct ctx *ctx, const struct url *url, const struct open_options *options, bool force, bool *ret_dropped)
{
    const char *name = find_name(ctx, url);
    struct conn *conn;
    if (!name || !check_own(ctx, name) || !open_other(ctx, url, options, name, &conn))
        return false;
    bool ok = drop(conn, name, force, ret_dropped);
    pg_close(conn);
    return ok;
}
