/*
 * Finds the table whose rows a column holds.
 *
 * Where types are objects, a table is also a type of its name; a table with a column of that type is created
 * after it and dropped before it.
 */
#include "diff/differ.h"

/* A name as the database prints it; false when it is none by itself. */
static bool take_part(struct ctx *ctx, const char **at, const char **ret)
{
    const char *s = *at;
    struct str name = STR(ctx);
    bool is_quoted = *s == '"';

    for (s += is_quoted; *s && (is_quoted || !strchr(".[ (", *s)); s++) {
        if (is_quoted && *s == '"' && *++s != '"')
            break;
        str_addc(&name, *s);
    }
    *at = s;
    *ret = str_get(&name);
    return name.n > 0;
}

/* "p", "s.p" or "p[]" */
static bool type_name(struct ctx *ctx, const char *native, struct qname *ret)
{
    const char *first, *second = NULL;

    if (!take_part(ctx, &native, &first) || (*native == '.' && !(native++, take_part(ctx, &native, &second))))
        return false;
    *ret = (struct qname){.schema = second ? first : NULL, .name = second ? second : first};
    return !*native || *native == '[';
}

struct table *column_row_type(
    struct ctx *ctx, const struct dialect *dialect, const struct schema *s, const struct column *c)
{
    struct qname name;

    if (!dialect->has.enums || !c->native || !s->tables.n ||
        (!strchr(c->native, '"') && strpbrk(c->native, " (")) || !type_name(ctx, c->native, &name))
        return NULL;
    if (str_eq(name.schema, s->default_schema))
        name.schema = NULL;
    return schema_table(s, &name);
}
