/* Parses the URL of a server. */
#include "dialect/mysql/wire/conn.h"
#include "dialect/mysql/wire/parameters.h"

#include "dialect/url.h"

#include <stdlib.h>

static bool take_query(struct ctx *ctx, const char *query, struct my_url *ret)
{
    for (const char *s = query; *s; s += strspn(s, "&")) {
        size_t n = strcspn(s, "&"), k = strcspn(s, "&=");
        const char *value = s[k] == '=' ? url_decode(&ctx->arena, s + k + 1, n - k - 1) : "";
        if (!my_url_take(ctx, url_decode(&ctx->arena, s, k), value, ret))
            return false;
        s += n;
    }
    return true;
}

static const char *part(struct ctx *ctx, const char *s, size_t n)
{
    return n ? url_decode(&ctx->arena, s, n) : NULL;
}

/* user:password@, of which either may be missing. */
static const char *take_user(struct ctx *ctx, const char *s, size_t n, struct my_url *ret)
{
    const char *at = memchr(s, '@', n);
    if (!at)
        return s;
    const char *colon = memchr(s, ':', (size_t)(at - s));
    ret->user = part(ctx, s, (size_t)((colon ? colon : at) - s));
    if (colon)
        ret->password = url_decode(&ctx->arena, colon + 1, (size_t)(at - colon - 1));
    return at + 1;
}

/* host, host:port or [address]:port */
static bool take_host(struct ctx *ctx, const char *s, const char *end, struct my_url *ret)
{
    bool is_bracketed = *s == '[';
    const char *stop = is_bracketed ? memchr(s, ']', (size_t)(end - s)) : memchr(s, ':', (size_t)(end - s));
    const char *colon = stop && is_bracketed ? stop + 1 : stop;
    if (memchr(s, ',', (size_t)(end - s)) || (is_bracketed && !stop))
        return fail(ctx, STATUS_CONFIG, "the host of the database URL is malformed");
    ret->host = part(ctx, s + is_bracketed, (size_t)((stop ? stop : end) - s) - is_bracketed);
    if (!colon || colon >= end || colon + 1 == end)
        return true;
    long port = strtol(colon + 1, NULL, 10);
    if (*colon != ':' || port < 1 || port > 65535)
        return fail(ctx, STATUS_CONFIG, "the port of the database URL is malformed");
    ret->port = (unsigned)port;
    ret->has_port = true;
    return true;
}

bool my_url_parse(struct ctx *ctx, const struct url *url, struct my_url *ret)
{
    struct my_url parsed = {0};
    const char *s = strstr(url->rest, "://") + 3;
    const char *end = s + strcspn(s, "/?#");
    s = take_user(ctx, s, (size_t)(end - s), &parsed);
    if (!take_host(ctx, s, end, &parsed))
        return false;
    if (*end == '/') {
        const char *name = end + 1;
        end = name + strcspn(name, "?#");
        parsed.database = part(ctx, name, (size_t)(end - name));
    }
    if (*end == '?' && !take_query(ctx, end + 1, &parsed))
        return false;
    my_url_settle_tls(&parsed);
    if (!parsed.database) {
        fail(ctx, STATUS_CONFIG, "the database URL names no database");
        return fail_hint(ctx, "Write %s://user@host/database.", url->scheme);
    }
    *ret = parsed;
    return true;
}

/* A schema is a database. */
bool my_url_in_schema(struct ctx *ctx, const struct url *url, const char *schema,
    const struct strings *others, const char **ret)
{
    const char *rest = strstr(url->text, "://") + 3;
    const char *end = rest + strcspn(rest, "/?#");
    if (others->n)
        return fail(ctx, STATUS_CONFIG, "%s has no 'search_path'", url->dialect->title);
    *ret = ctx_printf(ctx, "%.*s/%s%s", (int)(end - url->text), url->text, url_encode(&ctx->arena, schema),
        end + strcspn(end, "?#"));
    return true;
}
