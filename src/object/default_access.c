/*
 * Default privileges: what roles get on objects that a role creates.
 *
 * Those on each kind of object are an access whose name says the role that creates them, and the schema if they are for
 * one only: "blog in app".
 */
#include "cmig/access.h"

#define IN " in "

const char *const default_kind_names[DEFAULT_KINDS] = {
    "tables", "sequences", "functions", "types", "schemas"};

static const char *quoted(struct arena *a, const char *name)
{
    struct str out = {.arena = a};
    if (!strchr(name, '"') && !strstr(name, IN))
        return name;
    str_addc(&out, '"');
    for (; *name; name++)
        str_addf(&out, *name == '"' ? "\"%c" : "%c", *name);
    str_addc(&out, '"');
    return str_get(&out);
}

const char *default_access_name(struct arena *a, const struct default_access *d)
{
    const char *role = quoted(a, d->role);
    return d->schema ? arena_printf(a, "%s" IN "%s", role, quoted(a, d->schema)) : role;
}

/* A name up to `end`, with or without quotes; NULL: it is not a name. */
static const char *unquoted(struct arena *a, const char *name, size_t n)
{
    struct str out = {.arena = a};
    if (!n || *name != '"')
        return n ? arena_strndup(a, name, n) : NULL;
    for (size_t i = 1; i + 1 < n; i++) {
        if (name[i] == '"' && name[++i] != '"')
            return NULL;
        str_addc(&out, name[i]);
    }
    return n > 2 && name[n - 1] == '"' ? str_get(&out) : NULL;
}

/* The end of the role in "role in schema". */
static size_t role_length(const char *name)
{
    const char *in = strstr(name, IN);
    if (*name != '"')
        return in ? (size_t)(in - name) : strlen(name);
    size_t n = 1;
    while (name[n] && (name[n] != '"' || name[n + 1] == '"'))
        n += name[n] == '"' ? 2 : 1;
    return n + (name[n] == '"');
}

bool default_access_parse(struct arena *a, const char *name, struct default_access *ret)
{
    size_t n = role_length(name);
    const char *rest = name + n;
    *ret = (struct default_access){.role = unquoted(a, name, n)};
    if (!*rest)
        return ret->role;
    if (!str_starts(rest, IN))
        return false;
    rest += sizeof(IN) - 1;
    ret->schema = unquoted(a, rest, strlen(rest));
    return ret->role && ret->schema;
}

bool default_accesses_find(
    const struct default_accesses *list, const char *role, const char *schema, size_t *ret_at)
{
    *ret_at = 0;
    vec_each(i, list) {
        int order = str_cmp(list->v[i]->role, role);
        if (!order)
            order = list->v[i]->schema && schema ? str_cmp(list->v[i]->schema, schema)
                                                 : (schema == NULL) - (list->v[i]->schema == NULL);
        if (order == 0)
            return *ret_at = i, true;
        *ret_at += order < 0;
    }
    return false;
}

struct default_access *default_accesses_add(
    struct ctx *ctx, struct default_accesses *list, const char *role, const char *schema)
{
    size_t at;
    if (default_accesses_find(list, role, schema, &at))
        return list->v[at];
    struct default_access *d = ctx_new(ctx, struct default_access);
    *d = (struct default_access){.role = role, .schema = schema};
    vec_insert(ctx, list, at, d);
    return d;
}
