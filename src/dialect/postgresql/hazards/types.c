/*
 * Tells what it costs to change a column's type, and whether a default is computed for each row.
 *
 * The pairs were measured on PostgreSQL 12 to 18: whether the table's file changed, and whether its indexes did.
 */
#include "dialect/postgresql/hazards/hazards.h"

#include <stdlib.h>

/* A type as PostgreSQL prints it: "numeric(10,2)", "timestamp(3) without time zone", "text[]". */
struct native {
    const char *name; /* without the modifiers */
    long modifiers[2];
    size_t n;
};

static struct native native_read(struct ctx *ctx, const char *text)
{
    struct native t = {0};
    const char *open = strchr(text, '('), *close = open ? strchr(open, ')') : NULL, *at;
    char *end;

    if (!close)
        return (struct native){.name = ctx_strdup(ctx, text)};
    t.name = ctx_printf(ctx, "%.*s%s", (int)(open - text), text, close + 1);
    for (at = open + 1; at < close && t.n < COUNT_OF(t.modifiers); at = end + (*end == ',')) {
        t.modifiers[t.n] = strtol(at, &end, 10);
        if (end == at)
            break;
        t.n++;
    }
    return t;
}

/* A limit that may be missing, which then is the largest. */
static bool limit_grows(const struct native *a, const struct native *b)
{
    return !b->n || (a->n && a->modifiers[0] <= b->modifiers[0]);
}

static bool numeric_grows(const struct native *a, const struct native *b)
{
    return !b->n || (a->n && a->modifiers[0] <= b->modifiers[0] && a->modifiers[1] == b->modifiers[1]);
}

static bool never(const struct native *a, const struct native *b)
{
    (void)a, (void)b;
    return false;
}

static bool has_no_limit(const struct native *a, const struct native *b)
{
    (void)a;
    return !b->n;
}

static bool always(const struct native *a, const struct native *b)
{
    (void)a, (void)b;
    return true;
}

static const struct pair {
    const char *from, *to;
    bool (*fits)(const struct native *a, const struct native *b);
    enum type_cost cost, otherwise;
} pairs[] = {
    {"character varying", "character varying", limit_grows, TYPE_COST_NONE, TYPE_COST_REWRITE},
    {"character varying", "text", always, TYPE_COST_NONE, TYPE_COST_REWRITE},
    {"text", "character varying", has_no_limit, TYPE_COST_NONE, TYPE_COST_REWRITE},
    {"numeric", "numeric", numeric_grows, TYPE_COST_NONE, TYPE_COST_REWRITE},
    {"bit varying", "bit varying", limit_grows, TYPE_COST_NONE, TYPE_COST_REWRITE},
    {"interval", "interval", limit_grows, TYPE_COST_NONE, TYPE_COST_REWRITE},
    {"timestamp without time zone", "timestamp without time zone", limit_grows, TYPE_COST_NONE,
        TYPE_COST_REWRITE},
    {"timestamp with time zone", "timestamp with time zone", limit_grows, TYPE_COST_NONE, TYPE_COST_REWRITE},
    {"time without time zone", "time without time zone", limit_grows, TYPE_COST_NONE, TYPE_COST_REWRITE},
    {"time with time zone", "time with time zone", limit_grows, TYPE_COST_NONE, TYPE_COST_REWRITE},
    {"timestamp without time zone", "timestamp with time zone", limit_grows, TYPE_COST_TIME_ZONE,
        TYPE_COST_REWRITE},
    {"timestamp with time zone", "timestamp without time zone", limit_grows, TYPE_COST_TIME_ZONE,
        TYPE_COST_REWRITE},
    {"cidr", "inet", always, TYPE_COST_NONE, TYPE_COST_REWRITE},
    {"integer", "oid", always, TYPE_COST_INDEXES, TYPE_COST_REWRITE},
    {"character", "character", never, TYPE_COST_NONE, TYPE_COST_REWRITE},
};

/* Types whose nature is known; any other may be a domain, which is stored as its base type. */
static bool is_builtin(const char *name)
{
    static const char *const names[] = {"smallint", "integer", "bigint", "numeric", "real",
        "double precision", "character varying", "character", "text", "boolean", "date",
        "timestamp without time zone", "timestamp with time zone", "time without time zone",
        "time with time zone", "interval", "uuid", "json", "jsonb", "bytea", "inet", "cidr", "macaddr", "bit",
        "bit varying", "xml", "money", "oid", "name"};

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_eq(name, names[i]))
            return true;
    return str_ends(name, "[]");
}

enum type_cost pg_type_cost(struct ctx *ctx, const char *from, const char *to)
{
    const struct native a = native_read(ctx, from), b = native_read(ctx, to);

    if (str_eq(from, to))
        return TYPE_COST_NONE;
    for (size_t i = 0; i < COUNT_OF(pairs); i++)
        if (str_eq(pairs[i].from, a.name) && str_eq(pairs[i].to, b.name))
            return pairs[i].fits(&a, &b) ? pairs[i].cost : pairs[i].otherwise;
    return is_builtin(a.name) && is_builtin(b.name) ? TYPE_COST_REWRITE : TYPE_COST_UNKNOWN;
}

/* ---- defaults ------------------------------------------------------------------------------------------ */

static bool is_any(const char *word, const char *const *list)
{
    for (; *list; list++)
        if (str_eq_ci(word, *list))
            return true;
    return false;
}

/* A function as a default names it, and what is known of it. */
static bool judge_function(const char *name, bool *ret_known)
{
    static const char *const computed[] = {"random", "clock_timestamp", "timeofday", "gen_random_uuid",
        "uuidv4", "uuidv7", "uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4", "nextval", "setval",
        "gen_random_bytes", "random_normal", NULL};
    static const char *const constant[] = {"now", "transaction_timestamp", "statement_timestamp",
        "txid_current", "pg_current_xact_id", "current_setting", "lower", "upper", "coalesce", "nullif",
        "concat", "to_char", "to_date", "to_timestamp", "date_trunc", "date_part", "extract", "make_date",
        "make_interval", "make_timestamp", "make_timestamptz", "timezone", "jsonb_build_object",
        "jsonb_build_array", "json_build_object", "json_build_array", "to_json", "to_jsonb", "array_fill",
        "length", "round", "abs", "greatest", "least", "md5", "replace", "substr", "substring", "cast", "row",
        "array", "int4range", "int8range", "numrange", "tsrange", "tstzrange", "daterange",
        "current_database", "current_schema", "pg_backend_pid", "left", "right", "trim", "btrim", "localtime",
        "localtimestamp", "current_time", "current_timestamp", "and", "or", "not", "in", "is", "else", "then",
        "when", "case", NULL};

    *ret_known = is_any(name, computed);
    return *ret_known || !is_any(name, constant);
}

struct strings pg_called_functions(struct ctx *ctx, const char *sql)
{
    struct strings ret = {0};
    const char *last = NULL;
    bool after_cast = false;

    for (const char *s = sql; *s;) {
        struct sql_piece p = sql_piece(s, SQL_POSTGRESQL);
        bool is_name = p.kind == SQL_WORD || p.kind == SQL_QUOTED;

        s += p.n;
        if (p.kind == SQL_SPACE || p.kind == SQL_COMMENT)
            continue;
        if (p.kind == SQL_OTHER && *p.s == '(' && last)
            vec_add(ctx, &ret, last);
        last = is_name && !after_cast ? sql_piece_text(&ctx->arena, &p) : NULL;
        after_cast = (p.kind == SQL_OTHER && *p.s == ':') || (after_cast && is_name);
    }
    return ret;
}

const char *pg_volatile_function(struct ctx *ctx, const char *sql, bool *ret_known)
{
    const struct strings called = pg_called_functions(ctx, sql);
    const char *maybe = NULL;

    *ret_known = false;
    vec_each(i, &called) {
        bool known;
        if (!judge_function(called.v[i], &known))
            continue;
        if ((*ret_known = known))
            return called.v[i];
        maybe = called.v[i];
    }
    return maybe;
}
