/* Spelling of portable types, and back. The spellings are SQLAlchemy's, where it has one. */
#include "dialect/mysql/spell/types.h"

#include "dialect/mysql/spell/text.h"

#include <stdlib.h>

/* ---- portable types ---------------------------------------------------------------------------------- */

/* Both timestamps are DATETIME: TIMESTAMP ends in 2038. `args`: the most arguments; `with_args`: the name with
 * arguments. */
static const struct {
    const char *native;
    unsigned args;
    const char *with_args;
} spellings[] = {
    [TYPE_SMALLINT] = {"smallint", 0, NULL},
    [TYPE_INTEGER] = {"int", 0, NULL},
    [TYPE_BIGINT] = {"bigint", 0, NULL},
    [TYPE_BOOLEAN] = {"tinyint(1)", 0, NULL},
    [TYPE_REAL] = {"float", 0, NULL},
    [TYPE_DOUBLE] = {"double", 0, NULL},
    [TYPE_NUMERIC] = {"decimal(65,30)", 2, "decimal"},
    [TYPE_STRING] = {NULL, 1, "varchar"},
    [TYPE_CHAR] = {"char(1)", 1, "char"},
    [TYPE_TEXT] = {"text", 0, NULL},
    [TYPE_BINARY] = {"blob", 1, "varbinary"},
    [TYPE_DATE] = {"date", 0, NULL},
    [TYPE_TIME] = {"time", 1, "time"},
    [TYPE_TIMESTAMP] = {"datetime", 1, "datetime"},
    [TYPE_TIMESTAMPTZ] = {"datetime", 1, "datetime"},
    [TYPE_INTERVAL] = {NULL, 0, NULL},
    [TYPE_UUID] = {"uuid", 0, NULL},
    [TYPE_JSON] = {"json", 0, NULL},
    [TYPE_JSONB] = {"json", 0, NULL},
};

static const char *with_args(struct ctx *ctx, const struct type *t)
{
    const char *name = spellings[t->kind].with_args;
    if (!t->nargs || !spellings[t->kind].args)
        return spellings[t->kind].native;
    if (t->kind == TYPE_NUMERIC)
        return ctx_printf(
            ctx, "%s(%lld,%lld)", name, (long long)t->args[0], t->nargs > 1 ? (long long)t->args[1] : 0);
    return t->args[0] ? ctx_printf(ctx, "%s(%lld)", name, (long long)t->args[0]) : spellings[t->kind].native;
}

static const char *enum_spelling(struct ctx *ctx, const struct strings *values)
{
    struct str out = STR(ctx);
    str_add(&out, "enum(");
    for (size_t i = 0; values && i < values->n; i++)
        str_addf(&out, "%s%s", i ? "," : "", my_literal(ctx, values->v[i]));
    str_addc(&out, ')');
    return str_get(&out);
}

static bool spell(
    struct ctx *ctx, const struct column *c, const char *text, const struct type *type, const char **ret)
{
    if (type->dimensions)
        return fail(ctx, STATUS_CONFIG, "type '%s' is an array, which MySQL does not have", text) ||
               fail_hint(ctx, "Give the type that the column has there: {default: %s, mysql: json}.", text);
    if (type->kind == TYPE_ENUM && (!c->values || !c->values->n))
        return fail(ctx, STATUS_CONFIG, "enum '%s' has no values, which MySQL needs", type->enumeration.name);
    *ret = type->kind == TYPE_ENUM ? enum_spelling(ctx, c->values) : with_args(ctx, type);
    if (*ret)
        return true;
    fail(ctx, STATUS_CONFIG,
        type->kind == TYPE_STRING ? "type '%s' needs a length on MySQL" : "MySQL has no type for '%s'", text);
    return fail_hint(ctx,
        type->kind == TYPE_STRING ? "Write string(255), text, or {default: %s, mysql: varchar(255)}."
                                  : "Give the type that the column has there: {default: %s, mysql: time}.",
        text);
}

/* ---- the server's types ------------------------------------------------------------------------------ */

/* Other names of a type, by its first words. */
static const struct {
    const char *from, *to;
} synonyms[] = {
    {"integer", "int"},
    {"int4", "int"},
    {"int8", "bigint"},
    {"int2", "smallint"},
    {"int1", "tinyint"},
    {"boolean", "tinyint(1)"},
    {"bool", "tinyint(1)"},
    {"numeric", "decimal"},
    {"dec", "decimal"},
    {"fixed", "decimal"},
    {"double precision", "double"},
    {"real", "double"},
    {"character varying", "varchar"},
    {"character", "char"},
};

/* The arguments that a type has by default. */
static const struct {
    const char *name, *full;
} bare[] = {
    {"decimal", "decimal(10,0)"},
    {"char", "char(1)"},
    {"binary", "binary(1)"},
    {"bit", "bit(1)"},
    {"year", "year(4)"},
};

static bool is_word_of(const char *text, const char *word)
{
    size_t n = strlen(word);
    return strncmp(text, word, n) == 0 && (!text[n] || text[n] == ' ' || text[n] == '(');
}

/* Lower case outside of quotes; no blank beside commas and parentheses, a single one elsewhere. */
static const char *tidy(struct ctx *ctx, const char *text)
{
    struct str out = STR(ctx);
    for (struct sql_piece p; (p = sql_piece(text, SQL_MYSQL)).kind != SQL_END; text = p.s + p.n) {
        const char *next = sql_skip_space(p.s + p.n, SQL_MYSQL);
        char last = out.n ? str_get(&out)[out.n - 1] : '(';
        if (p.kind == SQL_SPACE && !strchr("(,", last) && *next && !strchr("(),", *next))
            str_addc(&out, ' ');
        else if (p.kind == SQL_STRING)
            str_add(&out, my_literal(ctx, my_string_value(&ctx->arena, &p)));
        else if (p.kind != SQL_SPACE && p.kind != SQL_COMMENT)
            str_add(&out, str_lower(&ctx->arena, arena_strndup(&ctx->arena, p.s, p.n)));
    }
    return str_get(&out);
}

static const char *const integers[] = {"tinyint", "smallint", "mediumint", "int", "bigint"};

/* The display width of an integer means something with ZEROFILL only; tinyint(1) is how a boolean is told apart. */
static const char *without_width(struct ctx *ctx, const char *text)
{
    for (size_t i = 0; i < COUNT_OF(integers); i++) {
        size_t n = strlen(integers[i]);
        if (!is_word_of(text, integers[i]) || text[n] != '(' || strstr(text, "zerofill") ||
            str_eq(text, "tinyint(1)"))
            continue;
        return ctx_printf(ctx, "%s%s", integers[i], text + n + strcspn(text + n, ")") + 1);
    }
    return text;
}

const char *my_type_canonical(struct ctx *ctx, const char *text)
{
    const char *s = tidy(ctx, text);
    for (size_t i = 0; i < COUNT_OF(synonyms); i++)
        if (is_word_of(s, synonyms[i].from)) {
            s = ctx_printf(ctx, "%s%s", synonyms[i].to, s + strlen(synonyms[i].from));
            break;
        }
    for (size_t i = 0; i < COUNT_OF(bare); i++) {
        size_t n = strlen(bare[i].name);
        if (is_word_of(s, bare[i].name) && s[n] != '(')
            s = ctx_printf(ctx, "%s%s", bare[i].full, s + n);
    }
    if (is_word_of(s, "decimal") && !strchr(s, ',') && strchr(s, ')'))
        s = ctx_printf(ctx, "%.*s,0%s", (int)strcspn(s, ")"), s, strchr(s, ')'));
    return without_width(ctx, s);
}

/* ---- functions of the dialect ------------------------------------------------------------------------ */

static const struct {
    const char *name, *native;
} serials[] = {{"serial", "int"}, {"serial4", "int"}, {"bigserial", "bigint"}, {"serial8", "bigint"},
    {"smallserial", "smallint"}, {"serial2", "smallint"}};

static const char *serial_native(const char *text)
{
    for (size_t i = 0; i < COUNT_OF(serials); i++)
        if (str_eq_ci(text, serials[i].name))
            return serials[i].native;
    return NULL;
}

bool my_column_is_serial(const struct column *c)
{
    const char *text = dtext_for(&c->type, "mysql");
    return text && serial_native(text);
}

/* Words that mean a different type in models: under the server's own name they have the server's meaning. */
static bool is_own_type(const struct column *c, const char *text)
{
    static const char *const words[] = {"timestamp", "real", "binary", "numeric", "decimal"};
    bool is_own = false, is_word = false;
    for (const struct dtext_by *by = c->type.by; by && by->dialect; by++)
        is_own = is_own || str_eq(by->dialect, "mysql");
    for (size_t i = 0; i < COUNT_OF(words); i++)
        is_word = is_word || is_word_of(text, words[i]);
    return is_own && is_word;
}

/* "timestamp(6)", "timestamptz(3)", "timestamp(6) with time zone": as those without digits they are DATETIME. */
static const char *timestamp_native(struct ctx *ctx, const char *text)
{
    int digits = 0;
    if (!str_starts(text, "timestamp(") && !str_starts(text, "timestamptz("))
        return NULL;
    if (sscanf(strchr(text, '('), "(%d)", &digits) != 1 || digits < 0 || digits > 6)
        return NULL;
    return digits ? ctx_printf(ctx, "datetime(%d)", digits) : "datetime";
}

bool my_type_native(
    struct ctx *ctx, ATTR_UNUSED const struct table *t, const struct column *c, const char **ret)
{
    const char *text = dtext_for(&c->type, "mysql");
    struct type type;
    if (!text || !*text)
        return fail(ctx, STATUS_CONFIG, "the column has no type for MySQL");
    *ret = serial_native(text);
    if (*ret)
        return true;
    if (is_own_type(c, str_lower(&ctx->arena, text))) {
        *ret = my_type_canonical(ctx, text);
        return true;
    }
    if (!column_type(ctx, "mysql", c, &type))
        return false;
    if (type.kind != TYPE_OTHER)
        return spell(ctx, c, text, &type, ret);
    *ret = timestamp_native(ctx, str_lower(&ctx->arena, type.text));
    if (!*ret)
        *ret = my_type_canonical(ctx, text);
    return true;
}

const char *my_type_model(struct ctx *ctx, const char *native)
{
    const char *bracket = strchr(native, '('), *back;
    long long args[2] = {0, 0};
    int nargs = bracket ? sscanf(bracket, "(%lld,%lld)", &args[0], &args[1]) : 0;
    for (int kind = 0; kind < TYPE_ENUM; kind++) {
        struct column c = {.name = ""};
        for (unsigned n = 0; n <= (unsigned)(nargs > 0 ? nargs : 0) && n <= spellings[kind].args; n++) {
            const struct type type = {.kind = (enum type_kind)kind, .args = {args[0], args[1]}, .nargs = n};
            struct type parsed;
            const char *problem;
            c.type.text = type_text(&ctx->arena, &type);
            if (!type_parse(&ctx->arena, c.type.text, &parsed, &problem) || parsed.kind != type.kind)
                continue;
            back = with_args(ctx, &parsed);
            if (back && str_eq(back, native))
                return c.type.text;
        }
    }
    return NULL;
}

/* The values of an enum column are compared separately. */
bool my_type_same(const struct column *a, const struct column *b)
{
    if (a->values && b->values && str_starts(a->native, "enum(") && str_starts(b->native, "enum("))
        return true;
    return str_eq(a->native, b->native);
}

bool my_type_values(struct ctx *ctx, const char *native, struct strings *ret)
{
    static const char prefix[] = "enum(";
    if (!str_starts(native, prefix))
        return false;
    const char *s = native + strlen(prefix);
    for (struct sql_piece p; (p = sql_piece(s, SQL_MYSQL)).kind != SQL_END; s = p.s + p.n)
        if (p.kind == SQL_STRING)
            vec_add(ctx, ret, my_string_value(&ctx->arena, &p));
    return true;
}

bool my_type_is_long(const char *native)
{
    static const char *const types[] = {
        "tinytext", "text", "mediumtext", "longtext", "tinyblob", "blob", "mediumblob", "longblob", "json"};
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (is_word_of(native, types[i]))
            return true;
    return false;
}

bool my_type_is_integer(const char *native)
{
    for (size_t i = 0; i < COUNT_OF(integers); i++)
        if (is_word_of(native, integers[i]))
            return true;
    return false;
}

bool my_type_is_number(const char *native)
{
    static const char *const others[] = {"decimal", "float", "double", "year"};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (is_word_of(native, others[i]))
            return true;
    return my_type_is_integer(native);
}

bool my_type_is_time(const char *native)
{
    return str_starts(native, "datetime") || str_starts(native, "timestamp");
}

bool my_type_has_collation(const char *native)
{
    static const char *const types[] = {
        "char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"};
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (is_word_of(native, types[i]))
            return true;
    return false;
}
