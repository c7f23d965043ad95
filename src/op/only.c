/*
 * Whether an operation, or a whole revision, is for a database.
 *
 * `only` names kinds of databases and environments of the configuration. A word that is both means the kind.
 */
#include "cmig/op.h"

static bool is_dialect(const char *name)
{
    for (size_t i = 0; dialect_names[i]; i++)
        if (str_eq(dialect_names[i], name))
            return true;
    return false;
}

static bool fail_unknown(
    struct decoder *d, const struct node *n, const char *name, const struct strings *environments)
{
    struct strings known = {0};

    for (size_t i = 0; dialect_names[i]; i++)
        vec_add(d->ctx, &known, dialect_names[i]);
    vec_each(i, environments)
        vec_add(d->ctx, &known, environments->v[i]);
    decode_fail(d, n, "'only' names neither a database nor an environment: '%s'", name);
    decode_suggest(d, name, known.v, known.n);
    return false;
}

bool only_decode(
    struct decoder *d, const struct node *n, const struct strings *environments, struct strings *ret)
{
    if (!decode_strings(d, n, ret))
        return false;
    vec_each(i, ret)
        if (!is_dialect(ret->v[i]) && !strings_have(environments, ret->v[i]))
            return fail_unknown(d, n->kind == NODE_SEQUENCE ? n->v[i] : n, ret->v[i], environments);
    return true;
}

/* "mariadb" is another name of the dialect that serves both servers. */
static bool is_place(const char *name, const struct audience *to)
{
    if (!is_dialect(name))
        return str_eq(name, to->environment);
    return str_eq(name, to->dialect) || (str_eq(name, "mariadb") && str_eq(to->dialect, "mysql"));
}

bool only_fits(const struct strings *only, const struct audience *to)
{
    vec_each(i, only)
        if (is_place(only->v[i], to))
            return true;
    return !only->n || !to->dialect;
}
