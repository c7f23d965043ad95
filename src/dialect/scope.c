/* Which objects of a database are cmig's business? */
#include "cmig/dialect.h"

/* Whether a pattern `[kind:][schema.]name` means this object. A pattern without a schema means every schema. */
static bool pattern_matches(
    const char *pattern, const char *kind, const struct qname *name, const char *default_schema)
{
    const char *colon = strchr(pattern, ':');
    if (colon) {
        size_t n = (size_t)(colon - pattern);
        if (strlen(kind) != n || strncmp(pattern, kind, n) != 0)
            return false;
        pattern = colon + 1;
    }
    if (str_glob(pattern, name->name))
        return true;
    const char *schema = name->schema ? name->schema : default_schema;
    if (!schema || !strchr(pattern, '.'))
        return false;
    struct arena scratch CLEANUP(arena_finish) = {0};
    return str_glob(pattern, arena_printf(&scratch, "%s.%s", schema, name->name));
}

static bool any_matches(
    const struct strings *patterns, const char *kind, const struct qname *name, const char *default_schema)
{
    vec_each(i, patterns)
        if (pattern_matches(patterns->v[i], kind, name, default_schema))
            return true;
    return false;
}

/* Whether this is the version or the history table. */
static bool is_ours(const struct version_table *v, const struct qname *name, const char *default_schema)
{
    const char *schema = name->schema ? name->schema : default_schema;
    const char *version_schema = v->name.schema ? v->name.schema : default_schema;
    if (!str_eq(schema, version_schema))
        return false;
    return str_eq(name->name, v->name.name) || str_eq(name->name, v->history.name) ||
           str_eq(name->name, v->progress.name);
}

bool scope_excludes(
    const struct scope *s, const char *kind, const struct qname *name, const char *default_schema)
{
    if (is_ours(&s->version, name, default_schema))
        return true;
    if (s->include.n && !any_matches(&s->include, kind, name, default_schema))
        return true;
    return any_matches(&s->exclude, kind, name, default_schema);
}
