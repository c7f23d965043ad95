/*
 * The parameters of an SQLite URL.
 *
 * Those that SQLite has go to it as a URI file name. Those of Python's driver, which SQLAlchemy's URLs may have, are
 * accepted; `timeout` is honoured. Anything else is refused: a misspelt mode=ro must not open a database for writing.
 */
#include "dialect/sqlite/conn.h"

#include <stdlib.h>

struct param {
    const char *key;
    const char *values; /* "a|b"; "" for yes and no; NULL for any */
    bool is_ours;       /* not SQLite's: not passed on */
};

static const struct param params[] = {
    {"mode", "ro|rw|rwc|memory", false},
    {"cache", "shared|private", false},
    {"immutable", "", false},
    {"nolock", "", false},
    {"psow", "", false},
    {"vfs", NULL, false},
    {"uri", "", true},
    {"timeout", NULL, true},
    {"check_same_thread", NULL, true},
    {"cached_statements", NULL, true},
    {"detect_types", NULL, true},
    {"isolation_level", NULL, true},
};

static const struct param *find_param(const char *key)
{
    for (size_t i = 0; i < COUNT_OF(params); i++)
        if (str_eq(params[i].key, key))
            return &params[i];
    return NULL;
}

/* ---- checking ------------------------------------------------------------------------------------------ */

static bool fail_unknown(struct ctx *ctx, const char *key)
{
    const char *keys[COUNT_OF(params)];
    struct strings all = {.v = keys, .n = COUNT_OF(params)};
    for (size_t i = 0; i < COUNT_OF(params); i++)
        keys[i] = params[i].key;
    const char *near = str_nearest(key, keys, COUNT_OF(params));
    fail(ctx, STATUS_CONFIG, "unknown parameter '%s' in the URL of an SQLite database", key);
    return near ? fail_hint(ctx, "Did you mean '%s'?", near)
                : fail_hint(ctx, "Known parameters: %s.", strings_join(&ctx->arena, &all, ", "));
}

static bool is_one_of(const char *value, const char *choices)
{
    size_t n = strlen(value);
    for (const char *c = choices; *c; c += strcspn(c, "|"), c += *c == '|')
        if (strcspn(c, "|") == n && strncmp(c, value, n) == 0)
            return true;
    return false;
}

static bool check_value(struct ctx *ctx, const struct param *p, const char *value)
{
    static const char flags[] = "0|1|no|yes|off|on|false|true";
    const char *choices = p->values && *p->values ? p->values : flags;
    if (!p->values || is_one_of(str_lower(&ctx->arena, value), choices))
        return true;
    fail(ctx, STATUS_CONFIG, "invalid value of parameter '%s' in the URL of an SQLite database", p->key);
    return fail_hint(ctx, "Expected one of %s.", choices);
}

static bool check_timeout(struct ctx *ctx, const char *value, uint64_t *ret_ms)
{
    char *end;
    double seconds = value ? strtod(value, &end) : 0;
    if (value && (end == value || *end || !(seconds >= 0 && seconds <= 1e6)))
        return fail(ctx, STATUS_CONFIG,
            "invalid value of parameter 'timeout' in the URL of an SQLite database: expected seconds");
    if (value)
        *ret_ms = (uint64_t)(seconds * 1000);
    return true;
}

/* ---- the name ------------------------------------------------------------------------------------------ */

/* "file:/dir/app.db?mode=ro". A path that begins with two slashes would name a host. */
static const char *uri_of(struct ctx *ctx, const struct url *url)
{
    struct str out = STR(ctx);
    const char *path = *url->rest ? url->rest : url->name;
    str_add(&out, str_starts(path, "//") ? "file://" : "file:");
    str_add_percent(&out, path, "/._-~");
    char separator = '?';
    vec_each(i, &url->params) {
        const struct url_param *p = &url->params.v[i];
        if (find_param(p->key)->is_ours)
            continue;
        str_addf(&out, "%c%s=", separator, p->key);
        str_add_percent(&out, p->value, "/._-~");
        separator = '&';
    }
    return separator == '&' ? str_get(&out) : NULL;
}

bool sqlite_url_read(struct ctx *ctx, const struct url *url, struct sqlite_url *ret)
{
    const char *mode = url_param(url, "mode");
    *ret = (struct sqlite_url){.read_only = str_eq(mode, "ro") || url_flag(url_param(url, "immutable")),
        .must_exist = mode && !str_eq(mode, "rwc") && !str_eq(mode, "memory")};
    vec_each(i, &url->params) {
        const struct url_param *p = &url->params.v[i];
        const struct param *known = find_param(p->key);
        if (!p->value)
            return fail(ctx, STATUS_CONFIG, "a parameter in the URL of an SQLite database has no value");
        if (!known)
            return fail_unknown(ctx, p->key);
        if (!check_value(ctx, known, p->value))
            return false;
    }
    if (!check_timeout(ctx, url_param(url, "timeout"), &ret->busy_ms))
        return false;
    ret->uri = url->params.n ? uri_of(ctx, url) : NULL;
    return true;
}
