/*
 * Creates and drops the database of a URL, from a connection to its server.
 */
#include "dialect/mysql/wire/conn.h"
#include "dialect/mysql/wire/url.h"

static bool find_name(struct ctx *ctx, const struct url *url, const char **ret)
{
    struct my_url u;
    if (!my_url_parse(ctx, url, &u))
        return false;
    *ret = u.database;
    return u.database || fail(ctx, STATUS_CONFIG, "the database URL names no database");
}

/* A name that is not shown may exist, too; then the statement fails. */
static bool exists(struct my *my, const char *name, bool *ret)
{
    struct sql q = sql_begin(my->base.ctx, &mysql_dialect);
    struct my_answer a CLEANUP(my_answer_free) = {0};
    sql_addf(&q, "SELECT 1 FROM information_schema.schemata WHERE schema_name = %L", name);
    if (!my_query(my, sql_end(&q), &a))
        return false;
    *ret = my_next(&a);
    return true;
}

static bool refuse(struct ctx *ctx, const struct database_settings *s)
{
    return fail(ctx, STATUS_USAGE, "a database of %s has no %s", dialect_title(ctx, &mysql_dialect),
        s->owner ? "owner" : "template");
}

static bool create(struct my *my, const char *name, const struct database_settings *s, bool *ret_created)
{
    struct sql q = sql_begin(my->base.ctx, &mysql_dialect);
    bool found;
    if (!exists(my, name, &found))
        return false;
    *ret_created = !found;
    if (found)
        return true;
    sql_addf(&q, "CREATE DATABASE IF NOT EXISTS %I", name);
    if (s->encoding)
        sql_addf(&q, " CHARACTER SET %I", s->encoding);
    if (s->collation)
        sql_addf(&q, " COLLATE %I", s->collation);
    return my_query(my, sql_end(&q), NULL);
}

bool my_create_database(struct ctx *ctx, const struct url *url, const struct open_options *options,
    const struct database_settings *settings, bool *ret_created)
{
    const char *name;
    struct conn *conn;
    if (settings->owner || settings->template)
        return refuse(ctx, settings);
    if (!find_name(ctx, url, &name) || !my_open_server(ctx, url, options, &conn))
        return false;
    bool ok = create(my_of(conn), name, settings, ret_created);
    my_close(conn);
    return ok;
}

/* The server does not mind sessions in a database that it drops: they are looked for, as far as the user may see them. */
static bool check_unused(struct my *my, const char *name)
{
    struct ctx *ctx = my->base.ctx;
    struct sql q = sql_begin(ctx, &mysql_dialect);
    struct my_answer a CLEANUP(my_answer_free) = {0};
    sql_addf(
        &q, "SELECT count(*), min(id), min(user) FROM information_schema.processlist WHERE db = %L", name);
    if (!my_query(my, sql_end(&q), &a))
        return false;
    if (!my_next(&a) || my_int(&a, 0) == 0)
        return true;
    fail(ctx, STATUS_FAILED, "database '%s' is in use by %lld session%s, such as %s of user '%s'", name,
        (long long)my_int(&a, 0), my_int(&a, 0) == 1 ? "" : "s", my_text(&a, 1), my_text(&a, 2));
    return fail_hint(ctx, "End these sessions, or use --force, which drops the database under them.");
}

static bool check_own(struct ctx *ctx, const char *name)
{
    static const char *const own[] = {"mysql", "sys", "information_schema", "performance_schema"};
    for (size_t i = 0; i < COUNT_OF(own); i++)
        if (str_eq_ci(name, own[i]))
            return fail(ctx, STATUS_USAGE, "'%s' is a database of the server itself", name);
    return true;
}

static bool drop(struct my *my, const char *name, bool force, bool *ret_dropped)
{
    struct sql q = sql_begin(my->base.ctx, &mysql_dialect);
    if (!exists(my, name, ret_dropped))
        return false;
    if (!*ret_dropped)
        return true;
    if (!force && !check_unused(my, name))
        return false;
    sql_addf(&q, "DROP DATABASE IF EXISTS %I", name);
    return my_query(my, sql_end(&q), NULL);
}

bool my_drop_database(
    struct ctx *ctx, const struct url *url, const struct open_options *options, bool force, bool *ret_dropped)
{
    const char *name;
    struct conn *conn;
    if (!find_name(ctx, url, &name) || !check_own(ctx, name) || !my_open_server(ctx, url, options, &conn))
        return false;
    bool ok = drop(my_of(conn), name, force, ret_dropped);
    my_close(conn);
    return ok;
}
