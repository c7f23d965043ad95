/* Spelling of defaults, and back. */
#include "dialect/mysql/spell/text.h"
#include "dialect/mysql/spell/types.h"
#include "dialect/plain_value.h"

#include <strings.h>

/* As MariaDB prints them, with as many fractional digits as the column. */
static const struct {
    const char *name, *native;
    bool has_digits;
} funcs[] = {
    {"now", "current_timestamp(", true},
    {"today", "curdate()", false},
    {"uuid", "uuid()", false},
};

/* "6)" of datetime(6), ")" of datetime */
static const char *digits_of(const struct column *c)
{
    const char *bracket = c && c->native ? strchr(c->native, '(') : NULL;
    return bracket && my_type_is_time(c->native) ? bracket + 1 : ")";
}

static const char *func_spelling(struct ctx *ctx, const struct column *c, size_t i)
{
    return funcs[i].has_digits ? ctx_printf(ctx, "%s%s", funcs[i].native, digits_of(c)) : funcs[i].native;
}

static bool func_native(struct ctx *ctx, const struct column *c, const char *name, const char **ret)
{
    for (size_t i = 0; i < COUNT_OF(funcs); i++)
        if (str_eq(name, funcs[i].name)) {
            *ret = func_spelling(ctx, c, i);
            return true;
        }
    return fail(ctx, STATUS_CONFIG, "%s has no function for {func: %s}", my_title(ctx), name);
}

const char *my_now(struct ctx *ctx, const struct column *c)
{
    return func_spelling(ctx, c, 0);
}

bool my_is_now(const char *native)
{
    static const char *const words[] = {"current_timestamp", "now", "localtime", "localtimestamp"};
    size_t n = strcspn(native, "( ");
    const char *rest = native + n + strspn(native + n, "( 0123456");
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strlen(words[i]) == n && strncasecmp(words[i], native, n) == 0)
            return str_eq(rest, ")") || (!*rest && !native[n]);
    return false;
}

bool my_value_native(struct ctx *ctx, const struct column *c, const struct value *v, const char **ret)
{
    return value_plain_native(ctx, &mysql_dialect, c, v, func_native, ret);
}

/* A number, perhaps with a sign and a point: "-1.50" consists of a sign and three pieces. */
static bool is_number(const char *native)
{
    const char *s = native + strspn(native, "-+");
    return s - native <= 1 && *s && *s != '.' && strspn(s, "0123456789.") == strlen(s);
}

void my_value_model(struct ctx *ctx, const struct column *c, const char *native, struct value *ret)
{
    struct value v = {.kind = VALUE_SQL, .expr = {.sql = {.text = native}, .native = native}};
    struct sql_piece p;
    bool is_boolean = c && str_eq(c->native, "tinyint(1)");
    const struct column *timed = c && native == c->on_update.expr.native ? NULL : c; /* see MY_NOW */
    for (size_t i = 0; i < COUNT_OF(funcs); i++)
        if (my_expr_same(ctx, NULL, native, func_spelling(ctx, timed, i))) {
            v.kind = VALUE_FUNC;
            v.expr.sql.text = funcs[i].name;
        }
    if (is_boolean && (str_eq(native, "0") || str_eq(native, "1"))) {
        v.kind = VALUE_BOOL;
        v.expr.sql.text = *native == '1' ? "true" : "false";
    } else if (is_number(native)) {
        v.kind = VALUE_NUMBER;
    } else if (v.kind == VALUE_SQL && my_only_piece(native, &p) && p.kind == SQL_STRING) {
        v.kind = VALUE_STRING;
        v.expr.sql.text = my_string_value(&ctx->arena, &p);
    }
    *ret = v;
}

/* x'00FF', b'101' */
static bool is_bytes(const char *native)
{
    const struct sql_piece word = sql_piece(native, SQL_MYSQL);
    const struct sql_piece string = sql_piece(word.s + word.n, SQL_MYSQL);
    return (sql_piece_is(&word, "x") || sql_piece_is(&word, "b")) && string.kind == SQL_STRING &&
           !string.s[string.n];
}

/* An expression needs parentheses; MySQL before 8.0 has none but the current time, in as many digits as the column. */
const char *my_default_sql(struct ctx *ctx, const struct column *c, const char *native)
{
    struct sql_piece p;
    bool is_now = c && c->native && my_type_is_time(c->native) && str_eq_ci(native, my_now(ctx, c));
    if (is_now || is_number(native) || is_bytes(native) ||
        (my_only_piece(native, &p) && (p.kind == SQL_STRING || p.kind == SQL_WORD)))
        return native;
    return ctx_printf(ctx, "(%s)", native);
}

/* A time as in ISO 8601, "2026-11-20T10:00:00Z", which the server takes without its zone only. The session is in UTC. */
const char *my_row_text(struct ctx *ctx, const char *native, const char *text)
{
    bool is_time = str_starts(native, "datetime") || str_starts(native, "timestamp");
    const char *t = is_time ? strchr(text, 'T') : NULL, *zone = t ? strpbrk(t, "Z+-") : NULL;
    if (!t)
        return NULL;
    char *time = ctx_strdup(ctx, text);
    time[t - text] = ' ';
    if (zone)
        time[zone - text] = 0;
    if (!zone || *zone == 'Z')
        return my_literal(ctx, time);
    return ctx_printf(ctx, "convert_tz(%s, %s, '+00:00')", my_literal(ctx, time), my_literal(ctx, zone));
}
