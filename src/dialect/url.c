/* What does a database URL say, and how is it shown without its secrets? */
#include "cmig/dialect.h"

#include <ctype.h>
#include <stdlib.h>

/* ---- taking apart ------------------------------------------------------------------------------------ */

static const char *const conninfo_keys[] = {
    "host", "hostaddr", "port", "dbname", "user", "service", "passfile"};

/* A libpq connection string, `host=db dbname=app`, has a known key before its first "=". */
static bool is_conninfo(const char *text)
{
    size_t n = strcspn(text, "= ");
    if (text[n] != '=')
        return false;
    for (size_t i = 0; i < COUNT_OF(conninfo_keys); i++)
        if (strlen(conninfo_keys[i]) == n && strncmp(text, conninfo_keys[i], n) == 0)
            return true;
    return false;
}

static bool known_schemes(struct ctx *ctx, const char *scheme)
{
    struct strings all = {0};
    for (size_t i = 0; dialects[i]; i++)
        for (const char *const *s = dialects[i]->schemes; *s; s++)
            vec_add(ctx, &all, *s);
    const char *near = str_nearest(scheme, all.v, all.n);
    if (near)
        return fail_hint(ctx, "Did you mean '%s'?", near);
    return fail_hint(ctx, "URLs begin with one of: %s.", strings_join(&ctx->arena, &all, ", "));
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* %41 becomes A; a percent sign that begins nothing stays. */
static char *percent_decode(struct arena *a, const char *s, size_t n)
{
    char *out = arena_alloc(a, n + 1);
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '%' && i + 2 < n && hex_digit(s[i + 1]) >= 0 && hex_digit(s[i + 2]) >= 0) {
            out[k++] = (char)(hex_digit(s[i + 1]) * 16 + hex_digit(s[i + 2]));
            i += 2;
        } else {
            out[k++] = s[i];
        }
    }
    return out;
}

/* The path behind "sqlite:": "///x" is relative, "////x" absolute, "//" and ":memory:" are in memory. */
static bool sqlite_path(struct ctx *ctx, const char *text, const char *base, const char **ret)
{
    const char *path = text;
    if (str_starts(path, "//")) {
        path += 2;
        if (*path && *path != '/') {
            fail(ctx, STATUS_CONFIG, "database URL 'sqlite:%s' names a host", text);
            return fail_hint(ctx, "Write sqlite:///file.db for a relative path and sqlite:////dir/file.db "
                                  "for an absolute one.");
        }
        path += *path == '/';
    }
    size_t n = strcspn(path, "?");
    path = percent_decode(&ctx->arena, path, n);
    if (!*path || str_eq(path, ":memory:"))
        *ret = "";
    else
        *ret = fs_join(&ctx->arena, base ? base : ".", path);
    return true;
}

/* Whether what stands for a port is none: then it is the begin of a password that was cut off. */
static bool has_odd_port(const char *authority, size_t n)
{
    const char *colon = memchr(authority, ':', n);
    if (!colon || *authority == '[' || memchr(authority, ',', n))
        return false;
    return strspn(colon + 1, "0123456789") < n - (size_t)(colon + 1 - authority);
}

/* An "@", "/", "?" or "#" in a password that is written as it is moves the border of the host, and the library would
 * print the piece as a host's or port's name. */
static bool check_userinfo(struct ctx *ctx, const char *text)
{
    const char *start = strstr(text, "://");
    if (!start)
        return true;
    start += 3;
    size_t n = strcspn(start, "/?#");
    const char *at = memchr(start, '@', n);
    bool twice = at && memchr(at + 1, '@', n - (size_t)(at + 1 - start));
    if (!twice && (at || !strchr(start + n, '@') || !has_odd_port(start, n)))
        return true;
    fail(ctx, STATUS_CONFIG, "the user or password of URL '%s' has a character that must be escaped",
        url_text(&ctx->arena, text));
    return fail_hint(
        ctx, "Write %%40 for @, %%2F for /, %%3F for ?, %%23 for #, %%3A for : and %%25 for %%.");
}

bool url_parse(struct ctx *ctx, const char *text, const char *base, struct url *ret)
{
    struct url url = {.text = text};
    if (is_conninfo(text)) {
        url.scheme = "postgresql";
        url.rest = text;
        url.dialect = dialect_by_scheme(url.scheme);
        *ret = url;
        return true;
    }
    size_t n = strcspn(text, ":+/@? ");
    const char *colon = strchr(text, ':');
    if (n == 0 || !colon || (text[n] != ':' && text[n] != '+')) {
        fail(ctx, STATUS_CONFIG, "'%s' is no database URL", url_text(&ctx->arena, text));
        return fail_hint(ctx, "Write sqlite:///file.db or postgresql://user@host/database.");
    }
    url.scheme = str_lower(&ctx->arena, arena_strndup(&ctx->arena, text, n));
    url.dialect = dialect_by_scheme(url.scheme);
    if (!url.dialect) {
        fail(
            ctx, STATUS_CONFIG, "unknown database '%s' in URL '%s'", url.scheme, url_text(&ctx->arena, text));
        return known_schemes(ctx, url.scheme);
    }
    if (str_eq(url.dialect->name, "sqlite")) {
        if (!sqlite_path(ctx, colon + 1, base, &url.rest))
            return false;
    } else if (!check_userinfo(ctx, text)) {
        return false;
    } else {
        url.rest = ctx_printf(ctx, "%s%s", url.dialect->name, colon);
    }
    *ret = url;
    return true;
}

/* ---- secrets ----------------------------------------------------------------------------------------- */

/* A stretch of a URL that nobody may see. */
struct span {
    size_t from, to;
};

/* The password before the "@": from the first ":" of the user part to the last "@" before the path or query. A
 * password with an unescaped "/" or "?" is hidden as well: the last "@" of the whole text then ends it. */
static bool userinfo_secret(const char *url, struct span *ret)
{
    const char *start = strstr(url, "://");
    if (!start)
        return false;
    start += 3;
    const char *colon = start + strcspn(start, ":@");
    const char *at = strrchr(start, '@');
    if (*colon != ':' || !at || at < colon)
        return false;
    *ret = (struct span){(size_t)(colon + 1 - url), (size_t)(at - url)};
    return true;
}

/* The value of a `password=` or `sslpassword=` that begins at or after *at; as a query parameter or in a conninfo. */
static bool parameter_secret(const char *url, size_t *at, struct span *ret)
{
    const char *p = strstr(url + *at, "password");
    if (!p)
        return false;
    p += strlen("password");
    *at = (size_t)(p - url);
    const char *v = p + strspn(p, " ");
    if (*v != '=') {
        *ret = (struct span){*at, *at};
        return true;
    }
    v += 1 + strspn(v + 1, " ");
    const char *end;
    if (*v == '\'') {
        end = ++v;
        while (*end && *end != '\'')
            end += end[0] == '\\' && end[1] ? 2 : 1;
    } else {
        end = v + strcspn(v, "& ");
    }
    *at = (size_t)(end - url);
    *ret = (struct span){(size_t)(v - url), *at};
    return true;
}

struct spans VEC_OF(struct span);

static struct spans secrets_of(struct arena *a, const char *url)
{
    struct spans spans = {0};
    struct span s;
    if (userinfo_secret(url, &s))
        vec_push(a, &spans, s);
    for (size_t at = spans.n ? spans.v[0].to : 0; parameter_secret(url, &at, &s);)
        if (s.to > s.from)
            vec_push(a, &spans, s);
    return spans;
}

char *url_text(struct arena *a, const char *url)
{
    struct spans spans = secrets_of(a, url);
    struct str out = {.arena = a};
    size_t at = 0;
    vec_each(i, &spans) {
        str_addn(&out, url + at, spans.v[i].from - at);
        str_add(&out, "***");
        at = spans.v[i].to;
    }
    str_add(&out, url + at);
    return arena_strdup(a, str_get(&out));
}

static char *replace_all(struct arena *a, const char *text, const char *what, const char *with)
{
    struct str out = {.arena = a};
    size_t n = strlen(what);
    for (const char *hit; n && (hit = strstr(text, what)); text = hit + n) {
        str_addn(&out, text, (size_t)(hit - text));
        str_add(&out, with);
    }
    str_add(&out, text);
    return arena_strdup(a, str_get(&out));
}

/* Whether a secret is also a public word of the URL (user, host, database): hiding it everywhere would hide those. */
static bool is_public_too(const char *masked, const char *secret)
{
    return strlen(secret) < 3 || strstr(masked, secret) != NULL;
}

char *url_mask(struct arena *a, const char *message, const char *url)
{
    char *masked = url_text(a, url);
    char *out = replace_all(a, message, url, masked);
    struct spans spans = secrets_of(a, url);
    vec_each(i, &spans) {
        size_t n = spans.v[i].to - spans.v[i].from;
        const char *raw = arena_strndup(a, url + spans.v[i].from, n);
        const char *plain = percent_decode(a, raw, n);
        const char *forms[] = {raw, plain};
        for (size_t k = 0; k < COUNT_OF(forms); k++) {
            if (!is_public_too(masked, forms[k])) {
                out = replace_all(a, out, forms[k], "***");
                continue;
            }
            const char *in_url = arena_printf(a, ":%s@", forms[k]);
            const char *quoted = arena_printf(a, "\"%s\"", forms[k]);
            out = replace_all(a, out, in_url, ":***@");
            if (!strstr(message, "for user"))
                out = replace_all(a, out, quoted, "\"***\"");
        }
    }
    return out;
}
