/* PostgreSQL's spelling of defaults and expressions, and spellings that certainly mean the same. */
#include "dialect/postgresql/spell/types.h"

#include <ctype.h>

#include "dialect/postgresql/wire/conn.h"

/* ---- texts ------------------------------------------------------------------------------------------- */

/* Whether the bracket at the start is closed by the one at the end. */
static bool is_bracketed(const char *s, size_t n)
{
    if (n < 2 || s[0] != '(' || s[n - 1] != ')')
        return false;
    int depth = 0;
    for (const char *p = s; p < s + n; p += sql_piece(p, SQL_POSTGRESQL).n) {
        depth += *p == '(' ? 1 : *p == ')' ? -1 : 0;
        if (depth == 0 && p < s + n - 1)
            return false;
    }
    return depth == 0;
}

char *pg_unbracket(struct arena *a, const char *text)
{
    char *s = str_trim(a, text);
    for (size_t n; is_bracketed(s, n = strlen(s));)
        s = str_trim(a, arena_strndup(a, s + 1, n - 2));
    return s;
}

bool pg_literal(struct arena *a, const char *text, const char **ret_quoted, const char **ret_type)
{
    if (*text != '\'')
        return false;
    const char *end = text + sql_piece(text, SQL_POSTGRESQL).n;
    if (*end && !str_starts(end, "::"))
        return false;
    const char *type = *end ? end + 2 : NULL;
    /* With a second cast, or an operator, it is an expression. */
    for (const char *p = type; p && *p; p += sql_piece(p, SQL_POSTGRESQL).n)
        if (!isalnum((unsigned char)*p) && !strchr("_ .,()[]\"", *p) && (unsigned char)*p < 0x80)
            return false;
    *ret_quoted = arena_strndup(a, text, (size_t)(end - text));
    *ret_type = type;
    return true;
}

/* Names, dots and casts outside of brackets and quotes; anything else is an operator of some kind. */
static bool is_plain(const struct sql_piece *p)
{
    return p->kind == SQL_STRING || p->kind == SQL_QUOTED ||
           (p->kind == SQL_WORD && !memchr(p->s, '$', p->n)) ||
           (p->kind == SQL_OTHER && strchr(".:[]", *p->s));
}

bool pg_is_simple(const char *text)
{
    unsigned depth = 0;
    for (struct sql_piece p; (p = sql_piece(text, SQL_POSTGRESQL)).kind != SQL_END; text += p.n) {
        depth += *text == '(';
        if (!depth && !is_plain(&p))
            return false;
        depth -= *text == ')' && depth;
    }
    return true;
}

static char *unquote(struct arena *a, const char *quoted)
{
    struct str out = {.arena = a};
    size_t n = strlen(quoted);
    for (size_t i = 1; i + 1 < n; i++) {
        str_addc(&out, quoted[i]);
        if (quoted[i] == '\'')
            i++;
    }
    return arena_strdup(a, str_get(&out));
}

static bool is_number(const char *s)
{
    s += *s == '-' || *s == '+';
    if (!isdigit((unsigned char)*s) && *s != '.')
        return false;
    s += strspn(s, "0123456789");
    if (*s == '.')
        s += 1 + strspn(s + 1, "0123456789");
    if (*s == 'e' || *s == 'E') {
        s += 1 + (s[1] == '-' || s[1] == '+');
        s += strspn(s, "0123456789");
    }
    return !*s;
}

static bool is_one_of(const char *s, const char *const *list)
{
    for (; *list; list++)
        if (str_eq(*list, s))
            return true;
    return false;
}

static const char *const number_types[] = {
    "smallint", "integer", "bigint", "real", "double precision", "numeric", NULL};
static const char *const text_types[] = {"character varying", "bpchar", "text", NULL};

static bool is_number_type(struct ctx *ctx, const struct column *c)
{
    return c->native && is_one_of(pg_type_base(&ctx->arena, c->native), number_types);
}

static bool is_text_type(struct ctx *ctx, const char *native)
{
    return native && is_one_of(pg_type_base(&ctx->arena, native), text_types);
}

/* ---- functions that every dialect spells its own way ------------------------------------------------- */

static const struct {
    const char *func, *native, *other;
} funcs[] = {
    {"now", "now()", "CURRENT_TIMESTAMP"},
    {"today", "CURRENT_DATE", NULL},
    {"uuid", "gen_random_uuid()", NULL},
};

static const char *func_of(const char *native)
{
    for (size_t i = 0; i < COUNT_OF(funcs); i++)
        if (str_eq_ci(native, funcs[i].native) || str_eq_ci(native, funcs[i].other ? funcs[i].other : ""))
            return funcs[i].func;
    return NULL;
}

static const char *func_native(const char *func)
{
    for (size_t i = 0; i < COUNT_OF(funcs); i++)
        if (str_eq(func, funcs[i].func))
            return funcs[i].native;
    return NULL;
}

/* ---- authored to native ------------------------------------------------------------------------------ */

const char *pg_expr_native(struct ctx *ctx, const char *sql)
{
    return pg_unbracket(&ctx->arena, sql);
}

static const char *quoted(struct ctx *ctx, const char *text)
{
    struct sql q = sql_begin(ctx, &postgresql_dialect);
    sql_string(&q, text);
    return sql_end(&q);
}

bool pg_value_native(struct ctx *ctx, const struct column *c, const struct value *v, const char **ret)
{
    const char *text = dtext_for(&v->expr.sql, "postgresql");
    const char *base = c->native ? pg_type_base(&ctx->arena, c->native) : NULL;
    *ret = NULL;
    switch (v->kind) {
    case VALUE_NONE:
        return true;
    case VALUE_STRING:
        *ret = base ? ctx_printf(ctx, "%s::%s", quoted(ctx, text ? text : ""), base) : quoted(ctx, text);
        return true;
    case VALUE_NUMBER:
    case VALUE_BOOL:
        *ret = text;
        return true;
    case VALUE_SQL:
        *ret = text ? pg_expr_native(ctx, text) : NULL;
        return true;
    case VALUE_FUNC:
        *ret = text ? func_native(text) : NULL;
        return *ret || fail(ctx, STATUS_CONFIG, "unknown function '%s' for a default", text ? text : "");
    }
    return true;
}

/* ---- native to authored ------------------------------------------------------------------------------ */

static struct value value_of(enum value_kind kind, const char *text, const char *native)
{
    return (struct value){.kind = kind, .expr = {.sql = {.text = text}, .native = native}};
}

/* A literal of the column's own type (texts of all kinds count as one) is a string or a number. */
static bool literal_model(struct ctx *ctx, const struct column *c, const char *native, struct value *ret)
{
    const char *literal, *type;
    if (!pg_literal(&ctx->arena, native, &literal, &type) || !type || !c->native)
        return false;
    const char *text = unquote(&ctx->arena, literal);
    const char *base = pg_type_base(&ctx->arena, c->native);
    const char *cast = pg_type_base(&ctx->arena, type);
    if (is_number_type(ctx, c) && is_one_of(cast, number_types) && is_number(text)) {
        *ret = value_of(VALUE_NUMBER, text, native);
        return true;
    }
    if (!str_eq(base, cast) && !(is_text_type(ctx, base) && is_text_type(ctx, cast)))
        return false;
    *ret = value_of(VALUE_STRING, text, native);
    return true;
}

void pg_value_model(struct ctx *ctx, const struct column *c, const char *native, struct value *ret)
{
    const char *func = func_of(native);
    if (literal_model(ctx, c, native, ret))
        return;
    if (is_number(native) && is_number_type(ctx, c))
        *ret = value_of(VALUE_NUMBER, native, native);
    else if ((str_eq(native, "true") || str_eq(native, "false")) && str_eq(c->native, "boolean"))
        *ret = value_of(VALUE_BOOL, native, native);
    else if (func)
        *ret = value_of(VALUE_FUNC, func, native);
    else
        *ret = value_of(VALUE_SQL, native, native);
}

/* ---- comparing --------------------------------------------------------------------------------------- */

/* A default that is one value: its text, whatever way it is quoted and cast. */
static const char *constant_of(struct ctx *ctx, const char *text, const char **ret_type)
{
    const char *literal;
    *ret_type = NULL;
    if (pg_literal(&ctx->arena, text, &literal, ret_type))
        return unquote(&ctx->arena, literal);
    if (is_number(text) || str_eq_ci(text, "true") || str_eq_ci(text, "false"))
        return str_lower(&ctx->arena, text);
    return NULL;
}

static bool cast_fits(struct ctx *ctx, const struct column *c, const char *type)
{
    if (!type || !c->native)
        return true;
    const char *base = pg_type_base(&ctx->arena, c->native);
    const char *cast = pg_type_base(&ctx->arena, pg_type_spelling(&ctx->arena, type));
    return str_eq(base, cast) || (is_text_type(ctx, base) && is_text_type(ctx, cast)) ||
           (is_one_of(base, number_types) && is_one_of(cast, number_types));
}

bool pg_expr_same(struct ctx *ctx, const struct column *c, const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    a = pg_unbracket(&ctx->arena, a);
    b = pg_unbracket(&ctx->arena, b);
    if (str_eq(a, b))
        return true;
    if (!c)
        return false;
    struct qname sequence_a, sequence_b;
    bool all_a, all_b;
    if (pg_default_sequence(&ctx->arena, a, &sequence_a, &all_a) && all_a &&
        pg_default_sequence(&ctx->arena, b, &sequence_b, &all_b) && all_b)
        return qname_eq(&sequence_a, &sequence_b);
    if (func_of(a) && str_eq(func_of(a), func_of(b)))
        return true;
    const char *type_a, *type_b;
    const char *value_a = constant_of(ctx, a, &type_a), *value_b = constant_of(ctx, b, &type_b);
    return value_a && value_b && str_eq(value_a, value_b) && cast_fits(ctx, c, type_a) &&
           cast_fits(ctx, c, type_b);
}
