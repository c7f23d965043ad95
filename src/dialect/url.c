/*
 * Parses a database URL.
 *
 * A text that is not a URL may be anything, even a password after a typing error. So an error repeats only its
 * scheme.
 */
#include "dialect/url.h"

#include <ctype.h>

/* ---- what it is ---------------------------------------------------------------------------------------- */

/* A libpq connection string, `host=db dbname=app`, begins with a key. */
bool url_is_conninfo(const char *text)
{
    const char *s = text + strspn(text, " \t\r\n");
    size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz_");
    return n && s[n + strspn(s + n, " \t")] == '=';
}

static size_t scheme_size(const char *text)
{
    size_t n = 0;
    while (isalnum((unsigned char)text[n]) || (n && text[n] && strchr("+-._", text[n])))
        n++;
    return n;
}

static bool fail_no_url(struct ctx *ctx)
{
    fail(ctx, STATUS_CONFIG, "invalid database URL");
    return fail_hint(
        ctx, "Write sqlite:///file.db, postgresql://user@host/database or mysql://user@host/database.");
}

/* Databases that cmig does not support, of which some are a letter away from one that it does. */
static bool is_other_database(const char *scheme)
{
    static const char *const names[] = {"mssql", "sqlserver", "oracle", "db2", "firebird", "redshift",
        "snowflake", "clickhouse", "duckdb", "mongodb", "cockroachdb", "libsql"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_eq(names[i], scheme))
            return true;
    return false;
}

static bool fail_scheme(struct ctx *ctx, const char *scheme)
{
    struct strings all = {0};
    for (size_t i = 0; dialects[i]; i++)
        for (const char *const *s = dialects[i]->schemes; *s; s++)
            vec_add(ctx, &all, *s);
    fail(ctx, STATUS_CONFIG, "unknown database '%s' in the URL", scheme);
    const char *near = is_other_database(scheme) ? NULL : str_nearest(scheme, all.v, all.n);
    if (near)
        return fail_hint(ctx, "Did you mean '%s'?", near);
    return fail_hint(ctx, "Start the URL with one of: %s.", strings_join(&ctx->arena, &all, ", "));
}

/* ---- a file -------------------------------------------------------------------------------------------- */

const char *url_param(const struct url *url, const char *key)
{
    const char *found = NULL;
    vec_each(i, &url->params)
        if (str_eq(url->params.v[i].key, key))
            found = url->params.v[i].value;
    return found;
}

bool url_flag(const char *value)
{
    static const char *const on[] = {"1", "on", "true", "yes"};
    for (size_t i = 0; value && i < COUNT_OF(on); i++)
        if (str_eq_ci(value, on[i]))
            return true;
    return false;
}

static void read_params(struct ctx *ctx, const char *query, struct url *url)
{
    for (const char *s = query; *s; s += strspn(s, "&")) {
        size_t n = strcspn(s, "&"), k = strcspn(s, "&=");
        struct url_param p = {.key = url_decode(&ctx->arena, s, k), .value = NULL};
        if (s[k] == '=')
            p.value = url_decode(&ctx->arena, s + k + 1, n - k - 1);
        vec_add(ctx, &url->params, p);
        s += n;
    }
}

/* The path of "file:name", "file:/dir/name" and "file:///dir/name". False: it names a host. */
static bool file_uri_path(const char *path, const char **ret)
{
    static const char local[] = "//localhost/";
    if (!str_starts(path, "file:"))
        return true;
    path += strlen("file:");
    if (str_starts(path, local))
        path += strlen(local) - 1;
    else if (str_starts(path, "///"))
        path += 2;
    else if (str_starts(path, "//"))
        return false;
    *ret = path;
    return true;
}

static bool fail_host(struct ctx *ctx)
{
    fail(ctx, STATUS_CONFIG, "an SQLite URL cannot name a host");
    return fail_hint(
        ctx, "Write sqlite:///file.db for a relative path and sqlite:////dir/file.db for an absolute one.");
}

/* `text` follows "sqlite:". "///x" is relative, "////x" absolute; "//" and ":memory:" are in memory. */
static bool parse_file(struct ctx *ctx, const char *text, const char *base, struct url *url)
{
    const char *path = text;
    if (str_starts(path, "//")) {
        path += 2;
        if (*path && *path != '/' && *path != '?')
            return fail_host(ctx);
        path += *path == '/';
    }
    size_t n = strcspn(path, "?");
    if (path[n])
        read_params(ctx, path + n + 1, url);
    path = url_decode(&ctx->arena, path, n);
    if (url_flag(url_param(url, "uri")) && !file_uri_path(path, &path))
        return fail_host(ctx);
    bool memory = !*path || str_eq(path, ":memory:") || str_eq(url_param(url, "mode"), "memory");
    url->name = path;
    url->rest = memory ? "" : fs_join(&ctx->arena, base ? base : ".", path);
    return true;
}

/* ---- a server ------------------------------------------------------------------------------------------ */

/* An "@", "/", "?" or "#" in a password that is written as it is moves the border of the host, and the library would
 * print the piece as the name of a host, port or database. */
static bool parse_server(struct ctx *ctx, const char *colon, struct url *url)
{
    if (!str_starts(colon, "://")) {
        fail(ctx, STATUS_CONFIG, "the database URL does not begin with '%s://'", url->scheme);
        return fail_hint(ctx, "Write %s://user@host/database.", url->scheme);
    }
    url->rest = ctx_printf(ctx, "%s%s", url->dialect->name, colon);
    if (url_is_plain(url->text))
        return true;
    fail(ctx, STATUS_CONFIG,
        "the user, password or port of the database URL is malformed, or has a character that must be "
        "escaped");
    return fail_hint(
        ctx, "Write %%40 for @, %%2F for /, %%3F for ?, %%23 for #, %%3A for : and %%25 for %%.");
}

bool url_parse(struct ctx *ctx, const char *text, const char *base, struct url *ret)
{
    struct url url = {.text = text};
    if (fs_is_mounted(ctx, base)) /* a database is on the disk */
        base = ".";
    if (url_is_conninfo(text)) {
        url.scheme = "postgresql";
        url.rest = text;
        url.dialect = dialect_by_scheme(url.scheme);
        *ret = url;
        return true;
    }
    size_t n = scheme_size(text);
    const char *colon = text + n;
    if (n == 0 || *colon != ':')
        return fail_no_url(ctx);
    url.scheme = str_lower(&ctx->arena, arena_strndup(&ctx->arena, text, strcspn(text, "+:")));
    url.dialect = dialect_by_scheme(url.scheme);
    if (!url.dialect)
        return str_starts(colon, "://") ? fail_scheme(ctx, url.scheme) : fail_no_url(ctx);
    bool is_file = url.dialect->has.embedded;
    if (!(is_file ? parse_file(ctx, colon + 1, base, &url) : parse_server(ctx, colon, &url)))
        return false;
    *ret = url;
    return true;
}
