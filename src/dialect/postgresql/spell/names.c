/* Determines which names must be quoted. */
#include "dialect/postgresql/spell/names.h"

#include <stdlib.h>

/*
 * The words of PostgreSQL's grammar that cannot, or not everywhere, be used as a name: those that quote_ident()
 * of any release from 12 to 18 quotes. Sorted.
 */
static const char *const reserved[] = {"all", "analyse", "analyze", "and", "any", "array", "as", "asc",
    "asymmetric", "authorization", "between", "bigint", "binary", "bit", "boolean", "both", "case", "cast",
    "char", "character", "check", "coalesce", "collate", "collation", "column", "concurrently", "constraint",
    "create", "cross", "current_catalog", "current_date", "current_role", "current_schema", "current_time",
    "current_timestamp", "current_user", "dec", "decimal", "default", "deferrable", "desc", "distinct", "do",
    "else", "end", "except", "exists", "extract", "false", "fetch", "float", "for", "foreign", "freeze",
    "from", "full", "grant", "greatest", "group", "grouping", "having", "ilike", "in", "initially", "inner",
    "inout", "int", "integer", "intersect", "interval", "into", "is", "isnull", "join", "json", "json_array",
    "json_arrayagg", "json_exists", "json_object", "json_objectagg", "json_query", "json_scalar",
    "json_serialize", "json_table", "json_value", "lateral", "leading", "least", "left", "like", "limit",
    "localtime", "localtimestamp", "merge_action", "national", "natural", "nchar", "none", "normalize", "not",
    "notnull", "null", "nullif", "numeric", "offset", "on", "only", "or", "order", "out", "outer", "over",
    "overlaps", "overlay", "placing", "position", "precision", "primary", "real", "references", "returning",
    "right", "row", "select", "session_user", "setof", "similar", "smallint", "some", "substring",
    "symmetric", "system_user", "table", "tablesample", "then", "time", "timestamp", "to", "trailing",
    "treat", "trim", "true", "union", "unique", "user", "using", "values", "varchar", "variadic", "verbose",
    "when", "where", "window", "with", "xmlattributes", "xmlconcat", "xmlelement", "xmlexists", "xmlforest",
    "xmlnamespaces", "xmlparse", "xmlpi", "xmlroot", "xmlserialize", "xmltable"};

static int compare_word(const void *key, const void *element)
{
    return strcmp(key, *(const char *const *)element);
}

bool pg_must_quote(const char *name)
{
    if (!*name || !((*name >= 'a' && *name <= 'z') || *name == '_'))
        return true;
    if (name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")])
        return true;
    return bsearch(name, reserved, COUNT_OF(reserved), sizeof(*reserved), compare_word) != NULL;
}

char *pg_ident(struct arena *a, const char *name)
{
    struct str out = {.arena = a};
    if (!pg_must_quote(name))
        return arena_strdup(a, name);
    str_addc(&out, '"');
    for (; *name; name++) {
        if (*name == '"')
            str_addc(&out, '"');
        str_addc(&out, *name);
    }
    str_addc(&out, '"');
    return arena_strdup(a, str_get(&out));
}

char *pg_qname(struct arena *a, const struct qname *name)
{
    if (!name->schema)
        return pg_ident(a, name->name);
    return arena_printf(a, "%s.%s", pg_ident(a, name->schema), pg_ident(a, name->name));
}

/* At most so many bytes of it, without cutting a character in two. */
static int clip(const char *s, size_t max)
{
    size_t n = strlen(s);
    if (n <= max)
        return (int)n;
    while (max && ((unsigned char)s[max] & 0xC0) == 0x80)
        max--;
    return (int)max;
}

/* The longer of the two is shortened first, as the server does it. */
char *pg_object_name(struct arena *a, const char *table, const char *column, const char *label)
{
    size_t t = strlen(table), c = column ? strlen(column) + 1 : 0;
    size_t room = 63 - strlen("_") - strlen(label);
    while (t + c > room) {
        if (t + 1 > c)
            t--;
        else
            c--;
    }
    if (!column)
        return arena_printf(a, "%.*s_%s", clip(table, t), table, label);
    return arena_printf(a, "%.*s_%.*s_%s", clip(table, t), table, clip(column, c - 1), column, label);
}

char *pg_serial_sequence(struct arena *a, const char *table, const char *column)
{
    return pg_object_name(a, table, column, "seq");
}

bool pg_is_serial_name(struct arena *a, const char *name, const char *table, const char *column)
{
    size_t n = strlen(name), digits = 0;
    while (digits < n && name[n - digits - 1] >= '0' && name[n - digits - 1] <= '9')
        digits++;
    if (!digits)
        return str_eq(name, pg_serial_sequence(a, table, column));
    const char *label = arena_printf(a, "seq%s", name + n - digits);
    return name[n - digits] != '0' && str_eq(name, pg_object_name(a, table, column, label));
}
