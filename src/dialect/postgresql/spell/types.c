/* PostgreSQL's spelling of types. */
#include "dialect/postgresql/spell/types.h"

#include <ctype.h>
#include <stdlib.h>

#include "dialect/postgresql/spell/names.h"

/* ---- texts ------------------------------------------------------------------------------------------- */

/* A type as it was written, taken apart: name "(" arguments ")" more words, dimensions. */
struct spelling {
    char *name; /* lower case but for quoted parts, words separated by one space */
    char *args; /* without brackets and spaces; NULL: none */
    bool array;
};

/* A name up to where arguments or dimensions begin; returns what follows. */
static const char *take_words(struct str *out, const char *s)
{
    for (; *s && *s != '(' && *s != '['; s++) {
        if (*s == '"') {
            const char *from = s++;
            while (*s && (*s != '"' || s[1] == '"'))
                s += *s == '"' ? 2 : 1;
            str_addn(out, from, (size_t)(s - from));
            if (!*s)
                break;
            str_addc(out, '"');
        } else if (isspace((unsigned char)*s)) {
            if (out->n && out->s[out->n - 1] != ' ')
                str_addc(out, ' ');
        } else {
            str_addc(out, *s >= 'A' && *s <= 'Z' ? (char)(*s + 32) : *s);
        }
    }
    return s;
}

/* Arguments up to the bracket that closes them. */
static const char *take_args(struct str *out, const char *s)
{
    unsigned depth = 0;
    for (; *s; s++) {
        if (*s == '(' && depth++ == 0)
            continue;
        if (*s == ')' && --depth == 0)
            return s + 1;
        if (!isspace((unsigned char)*s))
            str_addc(out, *s);
    }
    return s;
}

static struct spelling spelling_of(struct arena *a, const char *text)
{
    struct str name = {.arena = a}, args = {.arena = a};
    const char *s = take_words(&name, text);
    if (*s == '(') {
        s = take_args(&args, s);
        if (name.n && name.s[name.n - 1] != ' ')
            str_addc(&name, ' ');
        s = take_words(&name, s);
    }
    char *words = str_trim(a, str_get(&name));
    if (str_starts(words, "pg_catalog."))
        words += strlen("pg_catalog.");
    return (struct spelling){
        .name = words, .args = args.n ? arena_strdup(a, str_get(&args)) : NULL, .array = *s == '['};
}

/* What each name that SQL or PostgreSQL has for a type is printed as; "%" is where arguments stand. Those with
 * `lone` get that when they have none. */
static const struct alias {
    const char *name, *native, *lone;
} aliases[] = {
    {"int", "integer", NULL},
    {"int4", "integer", NULL},
    {"integer", "integer", NULL},
    {"int2", "smallint", NULL},
    {"int8", "bigint", NULL},
    {"float8", "double precision", NULL},
    {"float4", "real", NULL},
    {"bool", "boolean", NULL},
    {"decimal", "numeric%", NULL},
    {"dec", "numeric%", NULL},
    {"numeric", "numeric%", NULL},
    {"varchar", "character varying%", NULL},
    {"char varying", "character varying%", NULL},
    {"character varying", "character varying%", NULL},
    {"char", "character%", "character(1)"},
    {"character", "character%", "character(1)"},
    {"nchar", "character%", "character(1)"},
    {"bpchar", "character%", "bpchar"},
    {"bit", "bit%", "bit(1)"},
    {"varbit", "bit varying%", NULL},
    {"bit varying", "bit varying%", NULL},
    {"timestamp", "timestamp% without time zone", NULL},
    {"timestamp without time zone", "timestamp% without time zone", NULL},
    {"timestamp with time zone", "timestamp% with time zone", NULL},
    {"timestamptz", "timestamp% with time zone", NULL},
    {"time", "time% without time zone", NULL},
    {"time without time zone", "time% without time zone", NULL},
    {"time with time zone", "time% with time zone", NULL},
    {"timetz", "time% with time zone", NULL},
    {"interval", "interval%", NULL},
};

static const struct alias *alias_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(aliases); i++)
        if (str_eq(aliases[i].name, name))
            return &aliases[i];
    return NULL;
}

static char *fill(struct arena *a, const char *pattern, const char *args)
{
    const char *at = strchr(pattern, '%');
    if (!at)
        return arena_strdup(a, pattern);
    if (!args)
        return arena_printf(a, "%.*s%s", (int)(at - pattern), pattern, at + 1);
    return arena_printf(a, "%.*s(%s)%s", (int)(at - pattern), pattern, args, at + 1);
}

/* float(24) and less is real. numeric(10) is numeric(10,0). */
static char *spell_base(struct arena *a, const struct spelling *s)
{
    if (str_eq(s->name, "float"))
        return arena_strdup(a, s->args && atoi(s->args) <= 24 ? "real" : "double precision");
    const struct alias *alias = alias_find(s->name);
    if (!alias)
        return s->args ? arena_printf(a, "%s(%s)", s->name, s->args) : s->name;
    const char *args = s->args;
    if (args && str_starts(alias->native, "numeric") && !strchr(args, ','))
        args = arena_printf(a, "%s,0", args);
    if (!args && alias->lone)
        return arena_strdup(a, alias->lone);
    return fill(a, alias->native, args);
}

char *pg_type_spelling(struct arena *a, const char *text)
{
    struct spelling s = spelling_of(a, text);
    char *base = spell_base(a, &s);
    return s.array ? arena_printf(a, "%s[]", base) : base;
}

char *pg_type_base(struct arena *a, const char *native)
{
    struct spelling s = spelling_of(a, native);
    const char *name = str_eq(s.name, "character") ? "bpchar" : s.name;
    return arena_printf(a, "%s%s", name, s.array ? "[]" : "");
}

/* ---- serial ------------------------------------------------------------------------------------------ */

static const struct serial {
    const char *names[2], *integer;
} serials[] = {
    {{"serial", "serial4"}, "integer"},
    {{"bigserial", "serial8"}, "bigint"},
    {{"smallserial", "serial2"}, "smallint"},
};

const char *pg_argument_type(struct ctx *ctx, const char *text)
{
    struct arena *a = &ctx->arena;
    const char *spelled =
        str_eq_ci(text, "none") ? "NONE" : pg_type_spelling(a, text); /* of a prefix operator */
    struct str out = {.arena = a};
    for (int depth = 0; *spelled; spelled++) {
        depth += *spelled == '(';
        if (!depth)
            str_addc(&out, *spelled);
        depth -= *spelled == ')';
    }
    return arena_strdup(a, str_get(&out));
}

const char *pg_serial_integer(const char *type_text)
{
    /* Most types are none, and all are looked up here. */
    bool may_be = type_text && strchr("bBsS", *type_text);
    for (size_t i = 0; may_be && i < COUNT_OF(serials); i++)
        if (str_eq_ci(serials[i].names[0], type_text) || str_eq_ci(serials[i].names[1], type_text))
            return serials[i].integer;
    return NULL;
}

const char *pg_serial_of(const char *native)
{
    for (size_t i = 0; i < COUNT_OF(serials); i++)
        if (str_eq(serials[i].integer, native))
            return serials[i].names[0];
    return NULL;
}

bool pg_is_serial(const struct column *c)
{
    return pg_serial_integer(dtext_for(&c->type, "postgresql")) != NULL;
}

/* ---- portable types ---------------------------------------------------------------------------------- */

static const char *const natives[] = {
    [TYPE_SMALLINT] = "smallint",
    [TYPE_INTEGER] = "integer",
    [TYPE_BIGINT] = "bigint",
    [TYPE_BOOLEAN] = "boolean",
    [TYPE_REAL] = "real",
    [TYPE_DOUBLE] = "double precision",
    [TYPE_NUMERIC] = "numeric%",
    [TYPE_STRING] = "character varying%",
    [TYPE_CHAR] = "character%",
    [TYPE_TEXT] = "text",
    [TYPE_BINARY] = "bytea",
    [TYPE_DATE] = "date",
    [TYPE_TIME] = "time% without time zone",
    [TYPE_TIMESTAMP] = "timestamp% without time zone",
    [TYPE_TIMESTAMPTZ] = "timestamp% with time zone",
    [TYPE_INTERVAL] = "interval%",
    [TYPE_UUID] = "uuid",
    [TYPE_JSON] = "json",
    [TYPE_JSONB] = "jsonb",
};

static const char *args_text(struct arena *a, const struct type *t)
{
    if (t->nargs == 0)
        return t->kind == TYPE_CHAR ? "1" : NULL;
    if (t->nargs == 1 && t->kind == TYPE_NUMERIC)
        return arena_printf(a, "%lld,0", (long long)t->args[0]);
    if (t->nargs == 1)
        return arena_printf(a, "%lld", (long long)t->args[0]);
    return arena_printf(a, "%lld,%lld", (long long)t->args[0], (long long)t->args[1]);
}

static const char *type_native(struct arena *a, const struct type *t)
{
    const char *base;
    if (t->kind == TYPE_OTHER)
        base = pg_type_spelling(a, t->text);
    else if (t->kind == TYPE_ENUM)
        base = pg_qname(a, &t->enumeration);
    else
        base = fill(a, natives[t->kind], args_text(a, t));
    /* The server ignores the number of dimensions and remembers only that it is an array. */
    return t->dimensions && !str_ends(base, "[]") ? arena_printf(a, "%s[]", base) : base;
}

bool pg_type_native(
    struct ctx *ctx, ATTR_UNUSED const struct table *t, const struct column *c, const char **ret)
{
    struct type type;
    const char *integer = pg_serial_integer(dtext_for(&c->type, "postgresql"));
    if (integer) {
        *ret = integer;
        return true;
    }
    if (!column_type(ctx, "postgresql", c, &type))
        return false;
    *ret = type_native(&ctx->arena, &type);
    return true;
}

/* The models' names for types. */
static const struct {
    const char *native, *model;
} models[] = {
    {"character varying", "string"},
    {"character", "char"},
    {"double precision", "double"},
    {"bytea", "binary"},
    {"timestamp without time zone", "timestamp"},
    {"timestamp with time zone", "timestamptz"},
    {"time without time zone", "time"},
};

static bool means(struct ctx *ctx, const char *model, const char *native)
{
    struct type type;
    const char *problem = NULL;
    if (!type_parse(&ctx->arena, model, &type, &problem))
        return false;
    return str_eq(type_native(&ctx->arena, &type), native);
}

const char *pg_type_model(struct ctx *ctx, const char *native)
{
    struct spelling s = spelling_of(&ctx->arena, native);
    for (size_t i = 0; i < COUNT_OF(models); i++) {
        if (!str_eq(models[i].native, s.name))
            continue;
        const char *model = s.args && !(str_eq(s.name, "character") && str_eq(s.args, "1"))
                                ? ctx_printf(ctx, "%s(%s)%s", models[i].model, s.args, s.array ? "[]" : "")
                                : ctx_printf(ctx, "%s%s", models[i].model, s.array ? "[]" : "");
        if (means(ctx, model, native))
            return model;
    }
    return means(ctx, native, native) ? native : NULL;
}

/* ---- casts ------------------------------------------------------------------------------------------- */

/* Groups of types in which every value can be assigned to every other type. */
static const char *const groups[][8] = {
    {"smallint", "integer", "bigint", "real", "double precision", "numeric"},
    {"timestamp without time zone", "timestamp with time zone", "date"},
    {"time without time zone", "time with time zone", "interval"},
    {"json", "jsonb"},
    {"bit", "bit varying"},
    {"cidr", "inet"},
};

static int group_of(const char *base)
{
    for (size_t g = 0; g < COUNT_OF(groups); g++)
        for (size_t i = 0; i < COUNT_OF(groups[g]) && groups[g][i]; i++)
            if (str_eq(groups[g][i], base))
                return (int)g;
    return -1;
}

bool pg_assignable(struct arena *a, const char *from, const char *to)
{
    static const char *const texts[] = {"character varying", "bpchar", "text"};
    const char *f = pg_type_base(a, from), *t = pg_type_base(a, to);
    if (str_eq(f, t))
        return true;
    bool to_array = str_ends(t, "[]");
    if (str_ends(f, "[]") && to_array)
        return pg_assignable(a, arena_strndup(a, f, strlen(f) - 2), arena_strndup(a, t, strlen(t) - 2));
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (str_eq(texts[i], t))
            return true;
    return group_of(f) >= 0 && group_of(f) == group_of(t);
}
