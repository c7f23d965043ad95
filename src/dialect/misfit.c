/* Queries for values that do not fit when the type of a column becomes narrower. */
#include "cmig/dialect.h"

#include <stdlib.h>

/* ---- types ------------------------------------------------------------------------------------------- */

enum { UNLIMITED = INT32_MAX };

enum family { FAMILY_OTHER, FAMILY_TEXT, FAMILY_INTEGER, FAMILY_DECIMAL };
/* `size`: characters, bytes, or digits, of which `scale` come after the point. */
struct shape {
    enum family family;
    int64_t size, scale;
};

static const struct {
    const char *name;
    struct shape shape; /* without numbers in parentheses */
} shapes[] = {
    {"text", {FAMILY_TEXT, UNLIMITED, 0}},
    {"longtext", {FAMILY_TEXT, UNLIMITED, 0}},
    {"mediumtext", {FAMILY_TEXT, UNLIMITED, 0}},
    {"character varying", {FAMILY_TEXT, UNLIMITED, 0}},
    {"varchar", {FAMILY_TEXT, UNLIMITED, 0}},
    {"character", {FAMILY_TEXT, 1, 0}},
    {"char", {FAMILY_TEXT, 1, 0}},
    {"tinyint", {FAMILY_INTEGER, 1, 0}},
    {"smallint", {FAMILY_INTEGER, 2, 0}},
    {"mediumint", {FAMILY_INTEGER, 3, 0}},
    {"integer", {FAMILY_INTEGER, 4, 0}},
    {"int", {FAMILY_INTEGER, 4, 0}},
    {"bigint", {FAMILY_INTEGER, 8, 0}},
    {"numeric", {FAMILY_DECIMAL, UNLIMITED, 0}},
    {"decimal", {FAMILY_DECIMAL, UNLIMITED, 0}},
};

/* "numeric(10,2)"; anything else after the parentheses, such as "unsigned", is another type. */
static struct shape shape_of(struct ctx *ctx, const char *native)
{
    size_t n = strcspn(native, "(");
    const char *name = str_trim(&ctx->arena, arena_strndup(&ctx->arena, native, n));
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        struct shape ret = shapes[i].shape;
        char *end = (char *)native + n;
        if (!str_eq_ci(name, shapes[i].name))
            continue;
        if (*end && ret.family != FAMILY_INTEGER) {
            ret.size = strtoll(end + 1, &end, 10);
            ret.scale = *end == ',' ? strtoll(end + 1, &end, 10) : 0;
        } else if (*end) {
            end += strcspn(end, ")");
        }
        bool is_whole = !*end || str_eq(end, ")");
        return is_whole ? ret : (struct shape){0};
    }
    return (struct shape){0};
}

/* ---- conditions -------------------------------------------------------------------------------------- */

/* Databases drop blanks at the end. */
static bool add_long(struct sql *q, const char *column, const struct shape *a, const struct shape *b)
{
    if (a->family != FAMILY_TEXT || b->size >= a->size)
        return false;
    sql_addf(q, "char_length(rtrim(%I)) > %d", column, b->size);
    return true;
}

static bool add_out_of_range(struct sql *q, const char *column, const struct shape *a, const struct shape *b)
{
    const int64_t most = (INT64_C(1) << (8 * b->size - 1)) - 1;
    if (b->size == 8 || (a->family == FAMILY_INTEGER && b->size >= a->size) || a->family == FAMILY_TEXT)
        return false;
    sql_addf(q, a->family == FAMILY_DECIMAL ? "round(%I)" : "%I", column);
    sql_addf(q, " NOT BETWEEN %d AND %d", -most - 1, most);
    return true;
}

/* The digits before the point; those after it are rounded. */
static bool add_too_many_digits(
    struct sql *q, const char *column, const struct shape *a, const struct shape *b)
{
    static const int64_t digits[] = {[1] = 3, [2] = 5, [3] = 7, [4] = 10, [8] = 19};
    const int64_t before = b->size - b->scale;
    const int64_t had = a->family == FAMILY_INTEGER ? digits[a->size] : a->size - a->scale;
    bool rounds = a->scale > b->scale;
    if (a->family == FAMILY_TEXT || b->size == UNLIMITED || b->scale < 0 || before < 0 ||
        had + rounds <= before)
        return false;
    sql_addf(q, "abs(round(%I, %d)) >= 1", column, b->scale);
    for (int64_t i = 0; i < before; i++)
        sql_add(q, "0");
    return true;
}

const char *misfit_query(struct ctx *ctx, const struct dialect *dialect, const struct qname *table,
    const struct column *from, const struct column *to, const struct strings *shown)
{
    static bool (*const adders[])(
        struct sql * q, const char *column, const struct shape *a, const struct shape *b) = {
        [FAMILY_TEXT] = add_long,
        [FAMILY_INTEGER] = add_out_of_range,
        [FAMILY_DECIMAL] = add_too_many_digits,
    };
    struct sql q = sql_begin(ctx, dialect), condition = q;
    if (!from->native || !to->native)
        return NULL;
    const struct shape a = shape_of(ctx, from->native), b = shape_of(ctx, to->native);
    if (a.family == FAMILY_OTHER || b.family == FAMILY_OTHER ||
        !adders[b.family](&condition, from->name, &a, &b))
        return NULL;
    sql_add(&q, "SELECT ");
    vec_each(i, shown)
        sql_addf(&q, i ? ", %I" : "%I", shown->v[i]);
    sql_addf(&q, " FROM %Q WHERE %E", table, sql_end(&condition));
    return sql_end(&q);
}

/* ---- names ------------------------------------------------------------------------------------------- */

/* Reserved words of MariaDB and MySQL that are names elsewhere. */
static const char *const reserved[] = {"accessible", "asensitive", "before", "bigint", "binary", "blob",
    "call", "cascade", "change", "char", "character", "condition", "continue", "convert", "cube", "cume_dist",
    "cursor", "database", "databases", "dec", "decimal", "declare", "delayed", "delete", "dense_rank",
    "describe", "deterministic", "div", "double", "dual", "each", "elseif", "empty", "enclosed", "escaped",
    "exit", "explain", "first_value", "float", "force", "fulltext", "function", "generated", "get", "groups",
    "high_priority", "if", "ignore", "index", "infile", "inout", "insensitive", "insert", "int", "integer",
    "interval", "io_after_gtids", "iterate", "json_table", "key", "keys", "kill", "lag", "last_value", "lead",
    "leave", "linear", "lines", "load", "lock", "long", "longblob", "longtext", "loop", "low_priority",
    "match", "maxvalue", "mediumblob", "mediumint", "mediumtext", "middleint", "mod", "modifies", "nth_value",
    "ntile", "numeric", "of", "optimize", "option", "optionally", "out", "outfile", "over", "partition",
    "percent_rank", "precision", "procedure", "purge", "range", "rank", "read", "reads", "real", "recursive",
    "regexp", "release", "rename", "repeat", "replace", "require", "resignal", "restrict", "return", "revoke",
    "rlike", "row", "row_number", "rows", "schema", "schemas", "sensitive", "separator", "set", "show",
    "signal", "smallint", "spatial", "specific", "sql", "sqlexception", "sqlstate", "sqlwarning", "ssl",
    "starting", "stored", "straight_join", "system", "terminated", "tinyblob", "tinyint", "tinytext",
    "trigger", "undo", "unlock", "unsigned", "update", "usage", "use", "utc_date", "values", "varbinary",
    "varchar", "varying", "virtual", "while", "write", "xor", "year_month", "zerofill", NULL};

bool name_is_plain(const char *name)
{
    const char *at = name;
    for (; (*at >= 'a' && *at <= 'z') || *at == '_' || (at > name && *at >= '0' && *at <= '9'); at++)
        continue;
    if (*at || at == name)
        return false;
    for (size_t i = 0; reserved[i]; i++)
        if (str_eq(name, reserved[i]))
            return false;
    for (size_t i = 0; dialects[i]; i++)
        if (dialects[i]->quote == '"' && dialects[i]->must_quote(name))
            return false;
    return true;
}
