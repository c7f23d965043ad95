/* Which objects of a database cmig manages. */
#include "cmig/dialect.h"

/* The glob after `kind:`, or NULL: the pattern is not for this kind. */
static const char *glob_of_kind(const char *pattern, const char *kind)
{
    size_t n = strlen(kind);
    return strncmp(pattern, kind, n) == 0 && pattern[n] == ':' ? pattern + n + 1 : NULL;
}

/* Whether a pattern `[kind:][schema.]name` means this object. A pattern without a schema means every schema. */
static bool pattern_matches(
    const char *pattern, const char *kind, const struct qname *name, const char *default_schema)
{
    const char *colon = strchr(pattern, ':');
    if (colon && !(pattern = glob_of_kind(pattern, kind)))
        return false;
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

static bool part_is_excluded(const struct scope *s, const char *kind, const struct qname *table,
    const char *name, const char *default_schema)
{
    struct arena scratch CLEANUP(arena_finish) = {0};
    const char *schema = table->schema ? table->schema : default_schema;
    vec_each(i, &s->exclude) {
        const char *glob = name ? glob_of_kind(s->exclude.v[i], kind) : NULL;
        if (!glob)
            continue;
        const char *in_table = arena_printf(&scratch, "%s.%s", table->name, name);
        if (str_glob(glob, name) || str_glob(glob, in_table) ||
            (schema && str_glob(glob, arena_printf(&scratch, "%s.%s", schema, in_table))))
            return true;
    }
    return false;
}

/* Without a default schema the database has only one, whatever it is called. */
static bool is_same(const struct qname *a, const struct qname *b, const char *default_schema)
{
    return str_eq(a->name, b->name) && (!default_schema || str_eq(a->schema ? a->schema : default_schema,
                                                               b->schema ? b->schema : default_schema));
}

/* Whether this is the version, the history, the progress or the lock table. */
static bool is_ours(const struct version_table *v, const struct qname *name, const char *default_schema)
{
    return is_same(name, &v->name, default_schema) || is_same(name, &v->history, default_schema) ||
           is_same(name, &v->progress, default_schema) || is_same(name, &v->lock, default_schema);
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

static void exclude_constraints(
    const struct scope *s, const char *default_schema, const struct table *t, struct constraints *list)
{
    size_t kept = 0;
    vec_each(i, list) {
        struct constraint *c = list->v[i];
        if (!part_is_excluded(s, constraint_kind_names[c->kind], &t->name, c->name, default_schema))
            list->v[kept++] = c;
    }
    list->n = kept;
}

void scope_exclude_parts(const struct scope *s, const char *default_schema, struct table *t)
{
    size_t kept = 0;
    exclude_constraints(s, default_schema, t, &t->uniques);
    exclude_constraints(s, default_schema, t, &t->checks);
    exclude_constraints(s, default_schema, t, &t->foreign_keys);
    exclude_constraints(s, default_schema, t, &t->excludes);
    vec_each(i, &t->indexes)
        if (!part_is_excluded(s, "index", &t->name, t->indexes.v[i]->name, default_schema))
            t->indexes.v[kept++] = t->indexes.v[i];
    t->indexes.n = kept;
}
