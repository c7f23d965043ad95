/*
 * Spelling of portable types, defaults and expressions in SQLite, and back.
 *
 * SQLite accepts any words as a type and reads only their affinity from them. The spellings are SQLAlchemy's, so that a
 * program that reads the database with it sees the types that its own classes have.
 */
#include "dialect/sqlite/types.h"

#include "dialect/plain_value.h"
#include "dialect/sqlite/parse.h"
#include "dialect/sqlite/sqlite.h"
#include "dialect/sqlite/token.h"

/* ---- types ------------------------------------------------------------------------------------------- */

/* STRICT tables know six types only. UUID alone would make numbers of digits. DATETIME is the type of both timestamps:
 * SQLite stores no time zone. An enum without known values is TEXT. */
static const struct {
    const char *native, *strict;
} spellings[] = {
    [TYPE_SMALLINT] = {"SMALLINT", "INTEGER"},
    [TYPE_INTEGER] = {"INTEGER", "INTEGER"},
    [TYPE_BIGINT] = {"BIGINT", "INTEGER"},
    [TYPE_BOOLEAN] = {"BOOLEAN", "INTEGER"},
    [TYPE_REAL] = {"REAL", "REAL"},
    [TYPE_DOUBLE] = {"FLOAT", "REAL"},
    [TYPE_NUMERIC] = {"NUMERIC", "REAL"},
    [TYPE_STRING] = {"VARCHAR", "TEXT"},
    [TYPE_CHAR] = {"CHAR", "TEXT"},
    [TYPE_TEXT] = {"TEXT", "TEXT"},
    [TYPE_BINARY] = {"BLOB", "BLOB"},
    [TYPE_DATE] = {"DATE", "TEXT"},
    [TYPE_TIME] = {"TIME", "TEXT"},
    [TYPE_TIMESTAMP] = {"DATETIME", "TEXT"},
    [TYPE_TIMESTAMPTZ] = {"DATETIME", "TEXT"},
    [TYPE_INTERVAL] = {"INTERVAL", "TEXT"},
    [TYPE_UUID] = {"UUID TEXT", "TEXT"},
    [TYPE_JSON] = {"JSON", "TEXT"},
    [TYPE_JSONB] = {"JSONB", "TEXT"},
    [TYPE_ENUM] = {"TEXT", "TEXT"},
};

static const char *with_args(struct ctx *ctx, const char *name, const struct type *t)
{
    if (t->nargs == 1)
        return ctx_printf(ctx, "%s(%lld)", name, (long long)t->args[0]);
    if (t->nargs == 2)
        return ctx_printf(ctx, "%s(%lld, %lld)", name, (long long)t->args[0], (long long)t->args[1]);
    return name;
}

/* A single integer primary key that the database generates is an INTEGER, whatever its size: only that is the
 * rowid. One that it must not generate is anything but INTEGER. */
static const char *key_spelling(const struct table *t, const struct column *c, const struct type *type)
{
    const struct constraint *k = t ? t->primary_key : NULL;
    if (!k || k->columns.n != 1 || !str_eq_ci(k->columns.v[0], c->name) || !type_is_integer(type) ||
        table_flag(t, "without_rowid"))
        return NULL;
    if (k->options && options_get(k->options, "sqlite", "order")) /* PRIMARY KEY DESC is no rowid */
        return NULL;
    if (c->autoincrement != TRI_FALSE)
        return "INTEGER";
    return type->kind == TYPE_INTEGER ? "INT" : NULL;
}

/* Numbers the rows of a table, as the key of a table with a rowid does. */
static bool is_serial(const char *text)
{
    static const char *const names[] = {
        "serial", "bigserial", "smallserial", "serial4", "serial8", "serial2"};
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_eq_ci(text, names[i]))
            return true;
    return false;
}

bool column_is_serial(const struct column *c)
{
    const char *text = dtext_for(&c->type, "sqlite");
    return text && is_serial(text);
}

/* Of an enum: as long as the longest of its values. */
const char *enum_spelling(struct ctx *ctx, const struct strings *values)
{
    size_t longest = 0;
    for (size_t i = 0; values && i < values->n; i++) {
        size_t n = str_width(values->v[i]);
        longest = n > longest ? n : longest;
    }
    return longest ? ctx_printf(ctx, "VARCHAR(%zu)", longest) : "TEXT";
}

static bool native_as_written(struct ctx *ctx, const char *text, const char **ret)
{
    *ret = type_canonical(ctx, text);
    if (*ret)
        return true;
    fail(ctx, STATUS_CONFIG, "invalid SQLite type '%s'", text);
    return fail_hint(ctx, "Write one or more words, perhaps with one or two numbers in parentheses.");
}

/* Text that stands under SQLite's own name is SQLite's, unless it is exactly a model type: `TIMESTAMP` is a declared
 * type, `timestamp` the portable one, `BOOLEAN(1)` no portable one at all. */
static bool is_own_spelling(struct ctx *ctx, const struct column *c, const char *text)
{
    struct type type;
    const char *problem;
    for (const struct dtext_by *by = c->type.by; by && by->dialect; by++)
        if (str_eq(by->dialect, "sqlite"))
            return !type_parse(&ctx->arena, text, &type, &problem) || type.kind == TYPE_OTHER ||
                   !str_eq(type_text(&ctx->arena, &type), text);
    return false;
}

bool type_to_native(struct ctx *ctx, const struct table *t, const struct column *c, const char **ret)
{
    struct type type;
    const char *problem = NULL, *text = dtext_for(&c->type, "sqlite");
    if (!text || !*text) {
        *ret = "";
        return true;
    }
    if (is_own_spelling(ctx, c, text)) {
        const char *words = type_canonical(ctx, text);
        *ret =
            words ? words : text_upper(ctx, str_trim(&ctx->arena, text)); /* what is quoted may be anything */
        return true;
    }
    if (is_serial(text)) {
        *ret = "INTEGER";
        return true;
    }
    if (!type_parse(&ctx->arena, text, &type, &problem))
        return fail(ctx, STATUS_CONFIG, "%s", problem);
    if (type.dimensions) {
        fail(ctx, STATUS_CONFIG, "type '%s' is an array, which SQLite does not have", text);
        return fail_hint(ctx, "Give a type for SQLite: {default: %s, sqlite: json}.", text);
    }
    if (type.kind == TYPE_OTHER)
        return native_as_written(ctx, text, ret);
    const char *key = key_spelling(t, c, &type);
    if (table_flag(t, "strict"))
        *ret = key ? key : spellings[type.kind].strict;
    else if (type.kind == TYPE_ENUM)
        *ret = enum_spelling(ctx, c->values);
    else
        *ret = key ? key : with_args(ctx, spellings[type.kind].native, &type);
    return true;
}

const char *type_to_model(struct ctx *ctx, const char *native)
{
    const char *bracket = strchr(native, '('), *problem, *back;
    size_t n = bracket ? (size_t)(bracket - native) : strlen(native);
    for (int kind = 0; kind < TYPE_ENUM; kind++) {
        const char *name = spellings[kind].native;
        struct type type, parsed;
        struct column c = {.name = ""};
        if (strlen(name) != n || strncmp(native, name, n) != 0)
            continue;
        long long args[2] = {0, 0};
        int nargs = bracket ? sscanf(bracket, "(%lld, %lld)", &args[0], &args[1]) : 0;
        type =
            (struct type){.kind = (enum type_kind)kind, .args = {args[0], args[1]}, .nargs = (unsigned)nargs};
        c.type.text = type_text(&ctx->arena, &type);
        if (type_parse(&ctx->arena, c.type.text, &parsed, &problem) && type_to_native(ctx, NULL, &c, &back) &&
            str_eq(back, native))
            return c.type.text;
    }
    return NULL;
}

/* What cmig 0.1.0 wrote in place of today's spelling. */
static const struct {
    const char *old, *native, *model;
} formers[] = {
    {"TIMESTAMP", "DATETIME", "timestamptz"},
    {"DOUBLE PRECISION", "FLOAT", "double"},
};

const char *type_near(const char *native)
{
    for (size_t i = 0; i < COUNT_OF(formers); i++)
        if (str_eq(native, formers[i].old))
            return formers[i].model;
    return NULL;
}

static const char *current_spelling(const char *native)
{
    for (size_t i = 0; i < COUNT_OF(formers); i++)
        if (str_eq(native, formers[i].old))
            return formers[i].native;
    return native;
}

/* The values of an enum column are compared by themselves; its length follows from them. */
bool type_is_same(const struct column *a, const struct column *b)
{
    if (a->values && b->values && type_affinity(a->native) == AFFINITY_TEXT &&
        type_affinity(b->native) == AFFINITY_TEXT)
        return true;
    return str_eq(current_spelling(a->native), current_spelling(b->native));
}

const char *type_sql(struct ctx *ctx, const char *native)
{
    const char *bare = *native ? type_canonical(ctx, native) : native;
    if (str_eq(bare, native))
        return native;
    struct str out = STR(ctx);
    str_addc(&out, '"');
    for (const char *c = native; *c; c++) {
        if (*c == '"')
            str_addc(&out, '"');
        str_addc(&out, *c);
    }
    str_addc(&out, '"');
    return str_get(&out);
}

enum affinity type_affinity(const char *native)
{
    static const struct {
        const char *part;
        enum affinity affinity;
    } rules[] = {{"INT", AFFINITY_INTEGER}, {"CHAR", AFFINITY_TEXT}, {"CLOB", AFFINITY_TEXT},
        {"TEXT", AFFINITY_TEXT}, {"BLOB", AFFINITY_BLOB}, {"REAL", AFFINITY_REAL}, {"FLOA", AFFINITY_REAL},
        {"DOUB", AFFINITY_REAL}};
    if (!*native)
        return AFFINITY_BLOB;
    for (size_t i = 0; i < COUNT_OF(rules); i++)
        if (strstr(native, rules[i].part))
            return rules[i].affinity;
    return AFFINITY_NUMERIC;
}

/* ---- defaults ---------------------------------------------------------------------------------------- */

static const struct {
    const char *name, *native;
} funcs[] = {
    {"now", "CURRENT_TIMESTAMP"},
    {"today", "CURRENT_DATE"},
    {"uuid", "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) "
             "|| '-' || "
             "substr('89AB', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || "
             "hex(randomblob(6)))"},
};

static const char *quoted(struct ctx *ctx, const char *text)
{
    struct sql q = sql_begin(ctx, &sqlite_dialect);
    sql_string(&q, text);
    return sql_end(&q);
}

static bool func_native(
    struct ctx *ctx, ATTR_UNUSED const struct column *c, const char *name, const char **ret)
{
    for (size_t i = 0; i < COUNT_OF(funcs); i++)
        if (str_eq(name, funcs[i].name)) {
            *ret = funcs[i].native;
            return true;
        }
    return fail(ctx, STATUS_CONFIG, "SQLite has no equivalent of {func: %s}", name);
}

bool value_to_native(struct ctx *ctx, const struct column *c, const struct value *v, const char **ret)
{
    return value_plain_native(ctx, &sqlite_dialect, c, v, func_native, ret);
}

/* The parts of a literal: an optional sign and one token. */
static bool is_literal(struct ctx *ctx, const char *native, struct token *ret_sign, struct token *ret)
{
    struct tokens t;
    tokens_read(ctx, native, strlen(native), &t);
    if (t.n == 0 || t.n > 2)
        return false;
    *ret_sign = t.v[0];
    *ret = t.v[t.n - 1];
    if (t.n == 1)
        return ret->kind != TOKEN_OPERATOR && ret->kind != TOKEN_QUOTED;
    return ret->kind == TOKEN_NUMBER && (token_op(&t.v[0], "-") || token_op(&t.v[0], "+"));
}

static bool is_decimal(const struct token *t)
{
    return t->kind == TOKEN_NUMBER && strcspn(t->s, "xX_") >= t->n;
}

/* "true" or "false" of a column that holds booleans, written as a number; else NULL. */
static const char *boolean_number(const struct column *c, const char *native)
{
    if (!c || !str_eq(c->native, "BOOLEAN"))
        return NULL;
    return str_eq(native, "1") ? "true" : str_eq(native, "0") ? "false" : NULL;
}

void value_to_model(struct ctx *ctx, const struct column *c, const char *native, struct value *ret)
{
    struct token sign, t;
    struct value v = {.kind = VALUE_SQL, .expr = {.sql = {.text = native}, .native = native}};
    for (size_t i = 0; i < COUNT_OF(funcs); i++)
        if (text_same(ctx, native, funcs[i].native)) {
            v.kind = VALUE_FUNC;
            v.expr.sql.text = funcs[i].name;
        }
    if (v.kind == VALUE_SQL && is_literal(ctx, native, &sign, &t)) {
        if (t.kind == TOKEN_STRING) {
            v.kind = VALUE_STRING;
            v.expr.sql.text = token_name(&ctx->arena, &t);
        } else if (boolean_number(c, native)) {
            v.kind = VALUE_BOOL;
            v.expr.sql.text = boolean_number(c, native);
        } else if (is_decimal(&t) && !token_op(&sign, "+")) {
            v.kind = VALUE_NUMBER;
        } else if (token_is(&t, "TRUE") || token_is(&t, "FALSE")) {
            v.kind = VALUE_BOOL;
            v.expr.sql.text = token_is(&t, "TRUE") ? "true" : "false";
        }
    }
    *ret = v;
}

const char *default_sql(struct ctx *ctx, const char *native)
{
    struct token sign, t;
    if (!is_literal(ctx, native, &sign, &t))
        return ctx_printf(ctx, "(%s)", native);
    return native;
}

bool default_is_constant(struct ctx *ctx, const char *native)
{
    struct token sign, t;
    return is_literal(ctx, native, &sign, &t) &&
           (t.kind != TOKEN_WORD || token_is(&t, "NULL") || token_is(&t, "TRUE") || token_is(&t, "FALSE"));
}

/* ---- expressions ------------------------------------------------------------------------------------- */

const char *expr_to_native(struct ctx *ctx, const char *sql)
{
    return sql ? text_canonical(ctx, sql, strlen(sql), true) : NULL;
}

/* A string that a column of numbers stores as the number it spells: '3', not '03'. */
static const char *number_in_string(struct ctx *ctx, const struct column *c, const struct token *t)
{
    enum affinity affinity = c->native ? type_affinity(c->native) : AFFINITY_BLOB;
    char *text = token_name(&ctx->arena, t);
    size_t sign = *text == '-', n = strlen(text) - sign;
    if (affinity == AFFINITY_TEXT || affinity == AFFINITY_BLOB || !n || n > 18 ||
        strspn(text + sign, "0123456789") != n || (text[sign] == '0' && (n > 1 || sign)))
        return NULL;
    return text;
}

/* TRUE and FALSE are other names of 1 and 0; any other bare word is a string. */
static const char *plain_default(struct ctx *ctx, const struct column *c, const char *native)
{
    const char *at = native;
    struct token t = token_read(&at), after = token_read(&at);
    if (token_op(&t, "+") && after.kind == TOKEN_NUMBER)
        return after.s;
    if (t.kind == TOKEN_STRING && after.kind == TOKEN_END && number_in_string(ctx, c, &t))
        return number_in_string(ctx, c, &t);
    if (t.kind != TOKEN_WORD || after.kind != TOKEN_END || token_is_reserved(&t))
        return native;
    if (token_is(&t, "TRUE"))
        return "1";
    return token_is(&t, "FALSE") ? "0" : quoted(ctx, native);
}

bool expr_is_same(struct ctx *ctx, const struct column *c, const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    if (c)
        return text_same(ctx, plain_default(ctx, c, a), plain_default(ctx, c, b));
    return text_same(ctx, a, b);
}
