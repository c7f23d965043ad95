/*
 * The URL of a database for sessions that begin in another schema.
 *
 * The search path is a parameter of the session's start, so that it is the default to which RESET and DISCARD go back. It
 * is added to the options that the URL or PGOPTIONS has, since the last `options` replaces all others.
 */
#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/wire/conn.h"
#include "dialect/url.h"

#include <stdlib.h>

/* What `options` takes for a separator. */
static void add_escaped(struct str *out, const char *s)
{
    for (; *s; s++) {
        if (*s == ' ' || *s == '\\')
            str_addc(out, '\\');
        str_addc(out, *s);
    }
}

static const char *path_option(struct ctx *ctx, const char *schema, const struct strings *others)
{
    struct sql path = sql_begin(ctx, &postgresql_dialect);
    struct str out = STR(ctx);
    sql_ident(&path, schema);
    vec_each(i, others)
        sql_addf(&path, ", %I", others->v[i]);
    str_add(&out, "-c search_path=");
    add_escaped(&out, sql_end(&path));
    return arena_strdup(&ctx->arena, str_get(&out));
}

/* The decoded value of the last parameter `options`; NULL: there is none. */
static const char *options_of(struct ctx *ctx, const char *text)
{
    static const char key[] = "options=";
    const char *found = NULL, *query = strchr(text, '?');
    for (const char *s = query ? query + 1 : ""; *s; s += strspn(s, "&")) {
        size_t n = strcspn(s, "&");
        if (n >= strlen(key) && !strncmp(s, key, strlen(key)))
            found = url_decode(&ctx->arena, s + strlen(key), n - strlen(key));
        s += n;
    }
    return found;
}

static const char *quoted(struct ctx *ctx, const char *value)
{
    struct str out = STR(ctx);
    str_addc(&out, '\'');
    for (; *value; value++) {
        if (*value == '\'' || *value == '\\')
            str_addc(&out, '\\');
        str_addc(&out, *value);
    }
    str_addc(&out, '\'');
    return arena_strdup(&ctx->arena, str_get(&out));
}

bool pg_url_in_schema(struct ctx *ctx, const struct url *url, const char *schema,
    const struct strings *others, const char **ret)
{
    const char *path = path_option(ctx, schema, others);
    const char *before = url_is_conninfo(url->text) ? NULL : options_of(ctx, url->text);
    if (!before)
        before = getenv("PGOPTIONS");
    if (before && *before)
        path = ctx_printf(ctx, "%s %s", before, path);
    if (!url_is_conninfo(url->text)) {
        *ret = ctx_printf(ctx, "%s%coptions=%s", url->text, strchr(url->text, '?') ? '&' : '?',
            url_encode(&ctx->arena, path));
        return true;
    }
    if (strstr(url->text, "options"))
        return fail(ctx, STATUS_CONFIG,
            "a connection string with 'options' cannot have targets in schemas: write a URL instead");
    *ret = ctx_printf(ctx, "%s options=%s", url->text, quoted(ctx, path));
    return true;
}
