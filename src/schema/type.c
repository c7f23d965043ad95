/* Parses types such as "varchar(80)[]", "enum(mood)", "geometry(Point,4326)". */

#include "cmig/schema.h"

#include <ctype.h>
#include <stdlib.h>

/* A portable type: its canonical spelling and how many arguments it takes. */
struct type_row {
    const char *name;
    unsigned args_max;
};
static const struct type_row types[] = {
    [TYPE_SMALLINT] = {"smallint", 0},
    [TYPE_INTEGER] = {"integer", 0},
    [TYPE_BIGINT] = {"bigint", 0},
    [TYPE_BOOLEAN] = {"boolean", 0},
    [TYPE_REAL] = {"real", 0},
    [TYPE_DOUBLE] = {"double", 0},
    [TYPE_NUMERIC] = {"numeric", 2},
    [TYPE_STRING] = {"string", 1},
    [TYPE_CHAR] = {"char", 1},
    [TYPE_TEXT] = {"text", 0},
    [TYPE_BINARY] = {"binary", 1},
    [TYPE_DATE] = {"date", 0},
    [TYPE_TIME] = {"time", 0},
    [TYPE_TIMESTAMP] = {"timestamp", 0},
    [TYPE_TIMESTAMPTZ] = {"timestamptz", 0},
    [TYPE_INTERVAL] = {"interval", 0},
    [TYPE_UUID] = {"uuid", 0},
    [TYPE_JSON] = {"json", 0},
    [TYPE_JSONB] = {"jsonb", 0},
    [TYPE_ENUM] = {"enum", 0},
    [TYPE_OTHER] = {NULL, 0},
};

/* What SQL and SQLAlchemy call them; letters in either case, words separated by one blank. Sorted. */
struct alias {
    const char *name;
    enum type_kind kind;
};
static const struct alias aliases[] = {
    {"big_integer", TYPE_BIGINT},
    {"bigint", TYPE_BIGINT},
    {"biginteger", TYPE_BIGINT},
    {"binary", TYPE_BINARY},
    {"blob", TYPE_BINARY},
    {"bool", TYPE_BOOLEAN},
    {"boolean", TYPE_BOOLEAN},
    {"bytea", TYPE_BINARY},
    {"bytes", TYPE_BINARY},
    {"char", TYPE_CHAR},
    {"char varying", TYPE_STRING},
    {"character", TYPE_CHAR},
    {"character varying", TYPE_STRING},
    {"clob", TYPE_TEXT},
    {"date", TYPE_DATE},
    {"datetime", TYPE_TIMESTAMP},
    {"dec", TYPE_NUMERIC},
    {"decimal", TYPE_NUMERIC},
    {"double", TYPE_DOUBLE},
    {"double precision", TYPE_DOUBLE},
    {"double_precision", TYPE_DOUBLE},
    {"float", TYPE_DOUBLE},
    {"float4", TYPE_REAL},
    {"float8", TYPE_DOUBLE},
    {"int", TYPE_INTEGER},
    {"int2", TYPE_SMALLINT},
    {"int4", TYPE_INTEGER},
    {"int8", TYPE_BIGINT},
    {"integer", TYPE_INTEGER},
    {"interval", TYPE_INTERVAL},
    {"json", TYPE_JSON},
    {"jsonb", TYPE_JSONB},
    {"large_binary", TYPE_BINARY},
    {"largebinary", TYPE_BINARY},
    {"numeric", TYPE_NUMERIC},
    {"real", TYPE_REAL},
    {"small_integer", TYPE_SMALLINT},
    {"smallint", TYPE_SMALLINT},
    {"smallinteger", TYPE_SMALLINT},
    {"str", TYPE_STRING},
    {"string", TYPE_STRING},
    {"text", TYPE_TEXT},
    {"time", TYPE_TIME},
    {"time without time zone", TYPE_TIME},
    {"timestamp", TYPE_TIMESTAMP},
    {"timestamp with time zone", TYPE_TIMESTAMPTZ},
    {"timestamp without time zone", TYPE_TIMESTAMP},
    {"timestamptz", TYPE_TIMESTAMPTZ},
    {"unicode", TYPE_STRING},
    {"unicode_text", TYPE_TEXT},
    {"unicodetext", TYPE_TEXT},
    {"uuid", TYPE_UUID},
    {"varbinary", TYPE_BINARY},
    {"varchar", TYPE_STRING},
};

static int alias_cmp(const void *key, const void *row)
{
    return strcmp(key, ((const struct alias *)row)->name);
}

/* Types of one database only: PostgreSQL's and its extensions', and what people write for SQLite. */
static const char *const native_names[] = {"any", "bit", "bit varying", "box", "cidr", "circle", "citext",
    "daterange", "geography", "geometry", "hstore", "inet", "int4range", "int8range", "jsonpath", "line",
    "lseg", "ltree", "macaddr", "macaddr8", "mediumint", "money", "name", "nchar", "numrange", "nvarchar",
    "oid", "path", "point", "polygon", "regclass", "serial", "serial2", "serial4", "serial8", "bigserial",
    "smallserial", "timetz", "time with time zone", "tinyint", "tsquery", "tsrange", "tstzrange", "tsvector",
    "unsigned big int", "varbit", "vector", "xml"};

/* ---- reading ------------------------------------------------------------------------------------------ */

/* The text in its parts: "varchar", "80", one dimension. */
struct parts {
    const char *name; /* lower case, single blanks */
    const char *args; /* between the parentheses; NULL: none */
    unsigned dimensions;
};

/* Takes "[]" and blanks off the end. */
static size_t cut_dimensions(const char *text, unsigned *ret)
{
    size_t n = strlen(text);

    *ret = 0;
    for (;;) {
        while (n && isspace((unsigned char)text[n - 1]))
            n--;
        if (n < 2 || text[n - 1] != ']' || text[n - 2] != '[')
            return n;
        n -= 2;
        ++*ret;
    }
}

static const char *plain_name(struct arena *a, const char *s, size_t n)
{
    char *name = arena_alloc(a, n + 1);
    size_t size = 0;

    for (size_t i = 0; i < n; i++) {
        bool blank = isspace((unsigned char)s[i]);

        if (!blank)
            name[size++] = s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] | 0x20) : s[i];
        else if (size && name[size - 1] != ' ')
            name[size++] = ' ';
    }
    while (size && name[size - 1] == ' ')
        size--;
    name[size] = '\0';
    return name;
}

/* Text after the arguments belongs to the name: "timestamp(3) with time zone" is not taken apart. */
static void split(struct arena *a, const char *text, struct parts *ret)
{
    size_t n = cut_dimensions(text, &ret->dimensions), open = strcspn(text, "(");

    ret->args = NULL;
    if (open < n && text[n - 1] == ')') {
        ret->args = str_trim(a, arena_strndup(a, text + open + 1, n - open - 2));
        n = open;
    }
    ret->name = plain_name(a, text, n);
}

static bool parse_number(const char **s, int64_t *ret)
{
    char *end;

    if (!isdigit((unsigned char)**s))
        return false;
    *ret = strtoll(*s, &end, 10);
    *s = end + strspn(end, " \t");
    return *ret < INT32_MAX;
}

static bool parse_args(struct arena *a, const struct parts *p, struct type *t, const char **ret_problem)
{
    const struct type_row *row = &types[t->kind];
    const char *s = p->args;

    while (s) {
        if (t->nargs == row->args_max || !parse_number(&s, &t->args[t->nargs]) || (*s && *s != ',')) {
            *ret_problem = row->args_max
                               ? arena_printf(a, "type '%s' takes %s, not '%s'", row->name,
                                     row->args_max == 1 ? "a length" : "a precision and a scale", p->args)
                               : arena_printf(a, "type '%s' takes no arguments", row->name);
            return false;
        }
        t->nargs++;
        s = *s ? s + 1 + strspn(s + 1, " \t") : NULL;
    }
    return true;
}

/* "float(24)" is real in SQL, more bits are double; arguments that only one database takes leave a type that
 * is passed on. */
static bool is_passed_on(const struct parts *p, struct type *t)
{
    static const enum type_kind precise[] = {TYPE_TIME, TYPE_TIMESTAMP, TYPE_TIMESTAMPTZ, TYPE_INTERVAL,
        TYPE_INTEGER, TYPE_SMALLINT, TYPE_BIGINT, TYPE_DOUBLE, TYPE_REAL, TYPE_TEXT};

    if (!p->args)
        return false;
    if (str_eq(p->name, "float") && atoi(p->args) > 0) {
        t->kind = atoi(p->args) <= 24 ? TYPE_REAL : TYPE_DOUBLE;
        return false;
    }
    for (size_t i = 0; i < COUNT_OF(precise); i++)
        if (t->kind == precise[i])
            return true;
    return t->kind == TYPE_NUMERIC && strpbrk(p->args, "+-"); /* numeric(5,-2): hundreds in PostgreSQL 15 */
}

static bool parse_known(struct arena *a, const struct parts *p, struct type *t, const char **ret_problem)
{
    struct parts plain = *p;

    if (str_eq(p->name, "float"))
        plain.args = NULL;
    t->dimensions = p->dimensions;
    return parse_args(a, &plain, t, ret_problem);
}

/* enum('a','b') is MySQL's. */
static bool lists_values(const struct parts *p)
{
    return p->args && *p->args == '\'';
}

static bool parse_enum(struct arena *a, const struct parts *p, struct type *t, const char **ret_problem)
{
    t->kind = TYPE_ENUM;
    t->dimensions = p->dimensions;
    if (p->args && qname_parse(a, p->args, &t->enumeration))
        return true;
    *ret_problem = "write an enum type as enum(name), with its values under `enums`";
    return false;
}

bool type_parse(struct arena *a, const char *text, struct type *ret, const char **ret_problem)
{
    struct type t = {.kind = TYPE_OTHER};
    struct parts parts;
    const struct alias *alias;
    bool ok = true;

    split(a, text, &parts);
    alias = bsearch(parts.name, aliases, COUNT_OF(aliases), sizeof(aliases[0]), alias_cmp);
    if (alias)
        t.kind = alias->kind;
    if (str_eq(parts.name, "enum") && !lists_values(&parts))
        ok = parse_enum(a, &parts, &t, ret_problem);
    else if (alias && !is_passed_on(&parts, &t))
        ok = parse_known(a, &parts, &t, ret_problem);
    else
        t = (struct type){.kind = TYPE_OTHER, .text = str_trim(a, text)};
    if (ok)
        *ret = t;
    return ok;
}

/* ---- writing ------------------------------------------------------------------------------------------ */

char *type_text(struct arena *a, const struct type *t)
{
    struct str b = {.arena = a};

    if (t->kind == TYPE_OTHER)
        return arena_strdup(a, t->text);
    str_add(&b, types[t->kind].name);
    if (t->kind == TYPE_ENUM)
        str_addf(&b, "(%s)", qname_text(a, &t->enumeration));
    if (t->nargs == 1)
        str_addf(&b, "(%lld)", (long long)t->args[0]);
    if (t->nargs == 2)
        str_addf(&b, "(%lld,%lld)", (long long)t->args[0], (long long)t->args[1]);
    for (unsigned i = 0; i < t->dimensions; i++)
        str_add(&b, "[]");
    return arena_strdup(a, str_get(&b));
}

bool type_is_integer(const struct type *t)
{
    return !t->dimensions && (t->kind == TYPE_SMALLINT || t->kind == TYPE_INTEGER || t->kind == TYPE_BIGINT);
}

/* ---- unknown names ------------------------------------------------------------------------------------ */

bool type_is_known(struct ctx *ctx, const char *text, const char **ret_nearest)
{
    const char *names[COUNT_OF(aliases) + 1] = {"enum"};
    struct parts parts;

    split(&ctx->arena, text, &parts);
    *ret_nearest = NULL;
    for (size_t i = 0; i < COUNT_OF(native_names); i++)
        if (str_eq(native_names[i], parts.name))
            return true;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        names[i] = i ? aliases[i - 1].name : names[i];
        if (str_eq(names[i], parts.name))
            return true;
    }
    *ret_nearest = str_nearest(parts.name, names, COUNT_OF(names));
    return false;
}

/* ---- of a column -------------------------------------------------------------------------------------- */

bool column_type(struct ctx *ctx, const char *dialect, const struct column *c, struct type *ret)
{
    const char *text = dtext_for(&c->type, dialect), *own = dtext_own(&c->type, dialect), *problem = NULL;
    struct type t;
    bool ok;

    if (!text)
        return fail(ctx, STATUS_CONFIG, "column '%s' has no type for %s", c->name, dialect);
    ok = type_parse(&ctx->arena, text, &t, &problem);
    if (own && (!ok || !str_eq(type_text(&ctx->arena, &t), own)))
        t = (struct type){.kind = TYPE_OTHER, .text = own};
    else if (!ok)
        return fail(ctx, STATUS_CONFIG, "%s", problem);
    *ret = t;
    return true;
}
