/*
 * Checks that a literal default is a value of its column's type.
 *
 * SQLite accepts any text, and PostgreSQL reads `now()` or `today` in a literal as the time at which the table is
 * created: what looks like an expression is refused, and so is a literal that the type cannot hold. Only what is the
 * same on every database is checked here; the PostgreSQL server checks the rest.
 */
#include "cmig/dialect.h"

#include <ctype.h>
#include <stdlib.h>

/* ---- texts that look like expressions ----------------------------------------------------------------------- */

/* Words and calls that people take for expressions, with the portable function that means the same. `word`: in a text
 * column, too, when it is not quoted. */
static const struct {
    const char *text, *func;
    bool word;
} expressions[] = {
    {"now()", "now", true},
    {"current_timestamp", "now", true},
    {"current_timestamp()", "now", true},
    {"localtimestamp", "now", true},
    {"transaction_timestamp()", "now", true},
    {"statement_timestamp()", "now", true},
    {"clock_timestamp()", "now", true},
    {"getdate()", "now", true},
    {"utcnow()", "now", true},
    {"now", "now", false},
    {"current_date", "today", true},
    {"curdate()", "today", true},
    {"today", "today", false},
    {"tomorrow", NULL, false},
    {"yesterday", NULL, false},
    {"allballs", NULL, false},
    {"current_time", NULL, true},
    {"localtime", NULL, true},
    {"current_user", NULL, true},
    {"session_user", NULL, true},
    {"gen_random_uuid()", "uuid", true},
    {"uuid_generate_v4()", "uuid", true},
    {"uuid()", "uuid", true},
    {"newid()", "uuid", true},
};

static const char *portable_function(const char *text)
{
    for (size_t i = 0; i < COUNT_OF(expressions); i++)
        if (str_eq_ci(expressions[i].text, text))
            return expressions[i].func;
    return NULL;
}

/* name(...), with brackets that close at the end only: "nextval('x')", but not "call (me)" or "f(x) or g(x)". */
static bool is_call(const char *text)
{
    size_t n = strlen(text), name = 0;
    int depth = 0;

    while (isalnum((unsigned char)text[name]) || text[name] == '_' || text[name] == '.')
        name++;
    if (!name || isdigit((unsigned char)*text) || text[name] != '(' || text[n - 1] != ')')
        return false;
    for (size_t i = name; i < n; i++) {
        depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
        if (!depth && i + 1 < n)
            return false;
    }
    return !depth;
}

bool literal_is_expression(const char *text, bool is_text)
{
    for (size_t i = 0; i < COUNT_OF(expressions); i++)
        if (str_eq_ci(expressions[i].text, text))
            return expressions[i].word || !is_text;
    return is_call(text);
}

/* ---- values ------------------------------------------------------------------------------------------------- */

static bool is_number(const char *text)
{
    char *end;

    if (str_eq_ci(text, "nan") || str_eq_ci(text, "infinity") || str_eq_ci(text, "-infinity"))
        return true;
    text += strspn(text, " ");
    if (!isdigit((unsigned char)*text) && !strchr("+-.", *text))
        return false;
    strtod(text, &end);
    return end != text && !end[strspn(end, " ")];
}

/* Digits before the point, without leading zeros. */
static const char *whole_digits(const char *text, size_t *ret)
{
    text += strspn(text, " ");
    text += *text == '-' || *text == '+';
    text += strspn(text, "0");
    *ret = strspn(text, "0123456789");
    return text;
}

static bool is_integer_of(const char *text, enum type_kind kind)
{
    static const char *const limits[] = {
        [TYPE_SMALLINT] = "32768", [TYPE_INTEGER] = "2147483648", [TYPE_BIGINT] = "9223372036854775808"};
    const char *limit = limits[kind], *digits;
    bool negative = text[strspn(text, " ")] == '-';
    size_t n, most = strlen(limit);
    int order;

    if (!is_number(text))
        return false;
    if (strpbrk(text, "eE"))
        return true;
    digits = whole_digits(text, &n);
    order = n != most ? (n < most ? -1 : 1) : strncmp(digits, limit, n);
    return order < 0 || (order == 0 && negative);
}

static bool is_numeric_of(const char *text, const struct type *type)
{
    size_t n;

    if (!is_number(text))
        return false;
    if (type->nargs == 0 || strpbrk(text, "eE"))
        return true;
    whole_digits(text, &n);
    return (int64_t)n <= type->args[0] - (type->nargs == 2 ? type->args[1] : 0);
}

static bool is_uuid(const char *text)
{
    size_t digits = 0, n = strlen(text);
    bool braces = n > 2 && *text == '{' && text[n - 1] == '}';

    for (size_t i = braces; i < n - braces; i++) {
        digits += isxdigit((unsigned char)text[i]) != 0;
        if (!isxdigit((unsigned char)text[i]) && text[i] != '-')
            return false;
    }
    return digits == 32;
}

/* Days, hours and minutes of the ISO form; anything else that has a digit is the database's affair. */
static bool is_time(const char *text)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day, hour = 0, minute = 0, end = 0;

    if (str_eq_ci(text, "epoch") || str_eq_ci(text, "infinity") || str_eq_ci(text, "-infinity"))
        return true;
    if (!strpbrk(text, "0123456789"))
        return false;
    if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 || end != 10)
        return true;
    if (month < 1 || month > 12 || day < 1 ||
        day > days[month - 1] + (month == 2 && year % 4 == 0 && (year % 100 || year % 400 == 0)))
        return false;
    return sscanf(text + end, "%*1[ T]%2d:%2d", &hour, &minute) != 2 || (hour <= 24 && minute < 60);
}

/* ---- JSON --------------------------------------------------------------------------------------------------- */

static const char *json_value(const char *p, unsigned depth);

static const char *json_blank(const char *p)
{
    return p + strspn(p, " \t\r\n");
}

static const char *json_string(const char *p)
{
    for (p++; *p && *p != '"'; p++)
        if ((unsigned char)*p < 0x20 || (*p == '\\' && !strchr("\"\\/bfnrtu", *++p)) || !*p)
            return NULL;
    return *p ? p + 1 : NULL;
}

/* The members of an object or an array, up to what closes it. */
static const char *json_members(const char *p, char close, unsigned depth)
{
    p = json_blank(p + 1);
    if (*p == close)
        return p + 1;
    for (;;) {
        if (close == '}') {
            p = *p == '"' ? json_string(p) : NULL;
            p = p ? json_blank(p) : NULL;
            if (!p || *p++ != ':')
                return NULL;
        }
        p = json_value(p, depth + 1);
        if (!p)
            return NULL;
        p = json_blank(p);
        if (*p == close)
            return p + 1;
        if (*p++ != ',')
            return NULL;
        p = json_blank(p);
    }
}

static const char *json_number(const char *p)
{
    size_t n = 0;

    p += *p == '-';
    n = strspn(p, "0123456789");
    if (!n || (*p == '0' && n > 1))
        return NULL;
    p += n;
    if (*p == '.') {
        n = strspn(++p, "0123456789");
        if (!n)
            return NULL;
        p += n;
    }
    if (*p == 'e' || *p == 'E') {
        p++;
        p += *p == '+' || *p == '-';
        n = strspn(p, "0123456789");
        p += n;
    }
    return n ? p : NULL;
}

/* What follows one value, or NULL when there is none. */
static const char *json_value(const char *p, unsigned depth)
{
    static const char *const words[] = {"true", "false", "null"};

    p = json_blank(p);
    if (depth > 100)
        return NULL;
    if (*p == '{' || *p == '[')
        return json_members(p, *p == '{' ? '}' : ']', depth);
    if (*p == '"')
        return json_string(p);
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (str_starts(p, words[i]))
            return p + strlen(words[i]);
    return json_number(p);
}

static bool is_json(const char *text)
{
    const char *end = json_value(text, 0);

    return end && !*json_blank(end);
}

/* ---- by type ------------------------------------------------------------------------------------------------ */

static bool is_text_type(const struct type *t)
{
    return !t->dimensions && (t->kind == TYPE_STRING || t->kind == TYPE_CHAR || t->kind == TYPE_TEXT ||
                                 t->kind == TYPE_BINARY || t->kind == TYPE_OTHER);
}

/* Whether a string is one of the type's values, as far as every database agrees. */
static bool takes_string(const struct type *t, const char *text)
{
    if (t->dimensions)
        return text[strspn(text, " ")] == '{' || text[strspn(text, " ")] == '[';
    switch (t->kind) {
    case TYPE_SMALLINT:
    case TYPE_INTEGER:
    case TYPE_BIGINT:
        return is_integer_of(text, t->kind);
    case TYPE_REAL:
    case TYPE_DOUBLE:
        return is_number(text);
    case TYPE_NUMERIC:
        return is_numeric_of(text, t);
    case TYPE_BOOLEAN:
        return false;
    case TYPE_STRING:
    case TYPE_CHAR:
        return !t->nargs || (int64_t)str_width(text) <= t->args[0];
    case TYPE_DATE:
    case TYPE_TIME:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ:
        return is_time(text);
    case TYPE_INTERVAL:
        return strpbrk(text, "0123456789") != NULL;
    case TYPE_UUID:
        return is_uuid(text);
    case TYPE_JSON:
    case TYPE_JSONB:
        return is_json(text);
    case TYPE_TEXT:
    case TYPE_BINARY:
    case TYPE_ENUM:
    case TYPE_OTHER:
        return true;
    }
    return true;
}

/* SQLite stores times and booleans as numbers, too; a number in any other place is a mistake. */
static bool takes_number(const struct type *t, const char *text)
{
    if (t->dimensions || t->kind == TYPE_UUID || t->kind == TYPE_ENUM)
        return false;
    if (t->kind == TYPE_BOOLEAN)
        return str_eq(text, "0") || str_eq(text, "1");
    if (t->kind == TYPE_DATE || t->kind == TYPE_TIME || t->kind == TYPE_TIMESTAMP ||
        t->kind == TYPE_TIMESTAMPTZ || t->kind == TYPE_INTERVAL)
        return true;
    return takes_string(t, text);
}

static bool takes_boolean(const struct type *t)
{
    return is_text_type(t) ||
           (!t->dimensions && (t->kind == TYPE_BOOLEAN || t->kind == TYPE_JSON || t->kind == TYPE_JSONB));
}

static bool takes(const struct type *t, const struct column *c, enum value_kind kind, const char *text)
{
    if (kind == VALUE_BOOL)
        return takes_boolean(t);
    if (kind == VALUE_NUMBER)
        return takes_number(t, text);
    if (t->kind == TYPE_ENUM && !t->dimensions && c->values && c->values->n)
        return strings_have(c->values, text);
    return takes_string(t, text);
}

static bool fail_expression(
    struct ctx *ctx, const struct column *c, const char *what, const char *text, bool is_text)
{
    const char *func = portable_function(text);

    fail(ctx, STATUS_CONFIG, "%s '%s' of column '%s' is a string, not an expression", what, text, c->name);
    return fail_hint(ctx, "%s%s%sWrite {sql: %s}%s.", func ? "Write {func: " : "", func ? func : "",
        func ? "} for what every database has. " : "", text,
        is_text ? " for the expression, or put the string in quotes" : " for the expression");
}

static bool fail_value(
    struct ctx *ctx, const struct type *t, const struct column *c, const char *what, const char *text)
{
    fail(ctx, STATUS_CONFIG, "%s '%s' of column '%s' is not a value of type %s", what, text, c->name,
        type_text(&ctx->arena, t));
    if (t->kind == TYPE_BOOLEAN)
        return fail_hint(ctx, "Write true or false, without quotes.");
    if (t->kind == TYPE_ENUM && c->values && c->values->n) {
        const char *near = str_nearest(text, c->values->v, c->values->n);
        return near ? fail_hint(ctx, "Did you mean '%s'?", near)
                    : fail_hint(ctx, "Its values are %s.", strings_join(&ctx->arena, c->values, ", "));
    }
    return false;
}

/* `what`: the key of the value, for messages. */
static bool check_value(struct ctx *ctx, const struct dialect *dialect, const struct column *c,
    const struct value *v, const char *what)
{
    const char *text = dtext_for(&v->expr.sql, dialect->name);
    struct type t = {.kind = TYPE_OTHER, .text = ""};
    bool is_text;

    if (!text || (v->kind != VALUE_STRING && v->kind != VALUE_NUMBER && v->kind != VALUE_BOOL))
        return true;
    if (dtext_is_set(&c->type) && !column_type(ctx, dialect->name, c, &t)) {
        err_clear(ctx);
        return true;
    }
    is_text = is_text_type(&t);
    if (v->kind == VALUE_STRING && (v->bare || !is_text) && literal_is_expression(text, is_text) &&
        !(t.kind == TYPE_ENUM && c->values && strings_have(c->values, text)))
        return fail_expression(ctx, c, what, text, is_text);
    return takes(&t, c, v->kind, text) || fail_value(ctx, &t, c, what, text);
}

bool column_check_default(struct ctx *ctx, const struct dialect *dialect, const struct column *c)
{
    return check_value(ctx, dialect, c, &c->dflt, "default");
}

bool column_check_on_update(struct ctx *ctx, const struct dialect *dialect, const struct column *c)
{
    return check_value(ctx, dialect, c, &c->on_update, "on_update");
}
