/*
 * Shows a database URL without its secrets.
 *
 * The secrets are found where the client library finds them. Where a text is malformed, so that a password may be
 * anywhere in it, no more than its scheme is shown.
 */
#include "dialect/url.h"

#include <ctype.h>

/* A stretch of a URL that nobody may see. */
struct span {
    size_t from, to;
};
struct spans VEC_OF(struct span);

static void add_span(struct arena *a, struct spans *spans, const char *url, const char *from, const char *to)
{
    const struct span s = {(size_t)(from - url), (size_t)(to - url)};
    if (to > from)
        vec_push(a, spans, s);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *url_decode(struct arena *a, const char *s, size_t n)
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

char *url_encode(struct arena *a, const char *s)
{
    struct str out = {.arena = a};
    str_add_percent(&out, s, "-._~");
    return arena_strdup(a, str_get(&out));
}

/* ---- parameters ---------------------------------------------------------------------------------------- */

static bool contains_any(const char *key, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strstr(key, words[i]))
            return true;
    return false;
}

/* libpq has password, sslpassword, oauth_client_secret and scram_client_key; other programs have their own. */
static bool is_secret_key(struct arena *a, const char *s, size_t n)
{
    static const char *const words[] = {"pass", "pwd", "secret", "token", "scram_", "credential"};
    const char *key = str_lower(a, url_decode(a, s, n));
    if (str_eq(key, "passfile") || str_eq(key, "sslkey")) /* paths */
        return false;
    return contains_any(key, words, COUNT_OF(words)) || str_ends(key, "key");
}

/* key=value&key=value. A piece without a "=" may be the end of a password. */
static void query_secrets(struct arena *a, const char *url, const char *query, struct spans *ret)
{
    for (const char *s = query; *s; s += strspn(s, "&")) {
        size_t n = strcspn(s, "&"), k = strcspn(s, "&=");
        if (s[k] != '=')
            add_span(a, ret, url, s, s + n);
        else if (is_secret_key(a, s, k))
            add_span(a, ret, url, s + k + 1, s + n);
        s += n;
    }
}

/* ---- a URL --------------------------------------------------------------------------------------------- */

static size_t authority_size(const char *authority)
{
    return strcspn(authority, "/?#");
}

/* The "@" between user and host; NULL: there is none. */
static const char *find_at(const char *authority)
{
    return memchr(authority, '@', authority_size(authority));
}

/* Whether each host of a list has a port that is a number, or none. */
static bool has_plain_ports(const char *host, const char *end)
{
    while (host < end) {
        const char *next = memchr(host, ',', (size_t)(end - host));
        const char *stop = next ? next : end;
        const char *bracket = *host == '[' ? memchr(host, ']', (size_t)(stop - host)) : NULL;
        const char *colon =
            memchr(bracket ? bracket : host, ':', (size_t)(stop - (bracket ? bracket : host)));
        if (colon && strspn(colon + 1, "0123456789") < (size_t)(stop - colon - 1))
            return false;
        host = stop + 1;
    }
    return true;
}

bool url_is_plain(const char *url)
{
    const char *start = strstr(url, "://");
    if (!start)
        return false;
    start += 3;
    const char *end = start + authority_size(start), *at = find_at(start);
    if (at && memchr(at + 1, '@', (size_t)(end - at - 1)))
        return false;
    return has_plain_ports(at ? at + 1 : start, end);
}

/* False: it is not certain where a password is. */
static bool url_secrets(struct arena *a, const char *url, struct spans *ret)
{
    const char *start = strstr(url, "://");
    if (!start || !url_is_plain(url))
        return false;
    start += 3;
    const char *end = start + authority_size(start), *at = find_at(start);
    bool has_colon = memchr(start, ':', (size_t)(end - start));
    if (!at && has_colon && strchr(end, '@'))
        return false;
    const char *colon = at ? memchr(start, ':', (size_t)(at - start)) : NULL;
    if (colon)
        add_span(a, ret, url, colon + 1, at);
    const char *query = end + strcspn(end, "?");
    if (*query)
        query_secrets(a, url, query + 1, ret);
    return true;
}

/* ---- a connection string -------------------------------------------------------------------------------- */

/* The end of a value: in libpq an unquoted one ends at white space, and a backslash escapes the next character.
 * NULL: a quote is never closed. */
static const char *value_end(const char *v)
{
    bool quoted = *v == '\'';
    for (v += quoted; *v; v++) {
        if (*v == '\\' && v[1])
            v++;
        else if (quoted ? *v == '\'' : isspace((unsigned char)*v))
            return v + quoted;
    }
    return quoted ? NULL : v;
}

static const char *skip_blanks(const char *s)
{
    while (isspace((unsigned char)*s))
        s++;
    return s;
}

static bool conninfo_secrets(struct arena *a, const char *text, struct spans *ret)
{
    for (const char *s = skip_blanks(text); *s; s = skip_blanks(s)) {
        const char *key = s;
        while (*s && *s != '=' && !isspace((unsigned char)*s))
            s++;
        size_t n = (size_t)(s - key);
        s = skip_blanks(s);
        if (*s != '=')
            return false;
        const char *value = skip_blanks(s + 1);
        s = value_end(value);
        if (!s)
            return false;
        if (is_secret_key(a, key, n))
            add_span(a, ret, text, value, s);
    }
    return true;
}

/* A value as libpq takes it: without quotes and backslashes. */
static char *unescape(struct arena *a, const char *s)
{
    struct str out = {.arena = a};
    size_t n = strlen(s);
    bool quoted = *s == '\'' && n > 1;
    for (const char *c = s + quoted; c < s + n - quoted; c++)
        str_addc(&out, *c == '\\' && c[1] ? *++c : *c);
    return arena_strdup(a, str_get(&out));
}

/* ---- showing ------------------------------------------------------------------------------------------- */

static bool find_secrets(struct arena *a, const char *url, struct spans *ret)
{
    if (url_is_conninfo(url))
        return conninfo_secrets(a, url, ret);
    if (str_starts(url, "sqlite:")) {
        const char *query = strchr(url, '?');
        if (query)
            query_secrets(a, url, query + 1, ret);
        return true;
    }
    return url_secrets(a, url, ret);
}

/* Of a text in which a password may be anywhere. */
static char *only_scheme(struct arena *a, const char *url)
{
    const char *end = url_is_conninfo(url) ? NULL : strstr(url, "://");
    size_t n = end ? (size_t)(end - url) : 0;
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)url[i]) && !strchr("+-.", url[i]))
            n = 0;
    return arena_printf(a, "%.*s%s***", (int)n, url, n ? "://" : "");
}

char *url_text(struct arena *a, const char *url)
{
    struct spans spans = {0};
    struct str out = {.arena = a};
    size_t at = 0;
    if (!find_secrets(a, url, &spans))
        return only_scheme(a, url);
    vec_each(i, &spans) {
        str_addn(&out, url + at, spans.v[i].from - at);
        str_add(&out, "***");
        at = spans.v[i].to;
    }
    str_add(&out, url + at);
    return arena_strdup(a, str_get(&out));
}

/* ---- in somebody else's message -------------------------------------------------------------------------- */

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

static char *mask_secret(
    struct arena *a, const char *message, char *text, const char *masked, const char *secret)
{
    if (!is_public_too(masked, secret))
        return replace_all(a, text, secret, "***");
    text = replace_all(a, text, arena_printf(a, ":%s@", secret), ":***@");
    if (!strstr(message, "for user"))
        text = replace_all(a, text, arena_printf(a, "\"%s\"", secret), "\"***\"");
    return text;
}

char *url_mask(struct arena *a, const char *message, const char *url)
{
    const char *masked = url_text(a, url);
    char *out = replace_all(a, message, url, masked);
    struct spans spans = {0};
    if (!find_secrets(a, url, &spans))
        return url_hide_quoted(a, out);
    vec_each(i, &spans) {
        size_t n = spans.v[i].to - spans.v[i].from;
        const char *raw = arena_strndup(a, url + spans.v[i].from, n);
        out = mask_secret(a, message, out, masked, raw);
        out = mask_secret(a, message, out, masked, url_decode(a, raw, n));
        if (url_is_conninfo(url))
            out = mask_secret(a, message, out, masked, unescape(a, raw));
    }
    return out;
}

char *url_hide_quoted(struct arena *a, const char *message)
{
    const char *from = strchr(message, '"'), *to = from ? strrchr(message, '"') : NULL;
    if (!from || to == from)
        return arena_strdup(a, message);
    return arena_printf(a, "%.*s\"***\"%s", (int)(from - message), message, to + 1);
}
