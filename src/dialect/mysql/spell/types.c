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
    bool has_digits = my_type_is_time(name) || str_eq(name, "time");
    if (has_digits && !t->args[0]) /* of a second; elsewhere 0 is a length like others */
        return spellings[t->kind].native;
    return ctx_printf(ctx, "%s(%lld)", name, (long long)t->args[0]);
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
        return fail(ctx, STATUS_CONFIG, "type '%s' is an array, which %s does not have", text,
                   my_title(ctx)) ||
               fail_hint(ctx, "Give the type that the column has there: {default: %s, mysql: json}.", text);
    if (type->kind == TYPE_ENUM && (!c->values || !c->values->n))
        return fail(ctx, STATUS_CONFIG, "enum '%s' has no values, which %s needs", type->enumeration.name,
            my_title(ctx));
    *ret = type->kind == TYPE_ENUM ? enum_spelling(ctx, c->values) : with_args(ctx, type);
    if (*ret)
        return true;
    if (type->kind == TYPE_STRING)
        return fail(ctx, STATUS_CONFIG, "type '%s' needs a length on %s", text, my_title(ctx)) ||
               fail_hint(ctx, "Write string(255), text, or {default: %s, mysql: varchar(255)}.", text);
    fail(ctx, STATUS_CONFIG, "%s has no type for '%s'", my_title(ctx), text);
    return fail_hint(ctx, "Give the type that the column has there: {default: %s, mysql: time}.", text);
}

/* ---- the server's types ------------------------------------------------------------------------------ */

/* Other names of a type, by its first words. */
static const struct {
    const char *from, *to;
} synonyms[] = {
    {"integer", "int"},
    {"int4", "int"},
    {"int8", "bigint"},
    {"int3", "mediumint"},
    {"middleint", "mediumint"},
    {"int2", "smallint"},
    {"int1", "tinyint"},
    {"boolean", "tinyint(1)"},
    {"bool", "tinyint(1)"},
    {"numeric", "decimal"},
    {"dec", "decimal"},
    {"fixed", "decimal"},
    {"double precision", "double"},
    {"real", "double"},
    {"float8", "double"},
    {"float4", "float"},
    {"character varying", "varchar"},
    {"varcharacter", "varchar"},
    {"character", "char"},
    {"long varchar", "mediumtext"},
    {"long varbinary", "mediumblob"},
    {"char byte", "binary"},
    {"geomcollection", "geometrycollection"},
    {"datetime(0)", "datetime"},
    {"timestamp(0)", "timestamp"},
    {"time(0)", "time"},
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

/* The server prints the attribute as a comment that only MariaDB reads. */
static bool is_compressed(struct ctx *ctx, const struct sql_piece *p)
{
    return p->kind == SQL_COMMENT && strncmp(p->s, "/*M!", 4) == 0 &&
           strstr(arena_strndup(&ctx->arena, p->s, p->n), "COMPRESSED");
}

/* Lower case outside of quotes; no blank beside commas and parentheses, a single one elsewhere. */
static const char *tidy(struct ctx *ctx, const char *text)
{
    struct str out = STR(ctx);
    for (struct sql_piece p; (p = sql_piece(text, SQL_MYSQL)).kind != SQL_END; text = p.s + p.n) {
        const char *next = sql_skip_space(p.s + p.n, SQL_MYSQL);
        char last = out.n ? str_get(&out)[out.n - 1] : '(';
        if (is_compressed(ctx, &p))
            str_add(&out, " compressed");
        else if (p.kind == SQL_SPACE && !strchr("(,", last) && *next && !strchr("(),", *next))
            str_addc(&out, ' ');
        else if (p.kind == SQL_STRING)
            str_add(&out, my_literal(ctx, my_string_value(&ctx->arena, &p)));
        else if (p.kind != SQL_SPACE && p.kind != SQL_COMMENT)
            str_add(&out, str_lower(&ctx->arena, arena_strndup(&ctx->arena, p.s, p.n)));
    }
    return str_get(&out);
}

/* Integers, with the display width that each has by default, and the one that it has if it is unsigned. */
static const struct {
    const char *name;
    const char *width, *unsigned_width;
} integers[] = {{"tinyint", "4", "3"}, {"smallint", "6", "5"}, {"mediumint", "9", "8"}, {"int", "11", "10"},
    {"bigint", "20", "20"}};

static bool has_usual_width(const char *text, size_t i)
{
    const char *usual = strstr(text, "unsigned") ? integers[i].unsigned_width : integers[i].width;
    const char *width = text + strlen(integers[i].name) + 1;
    size_t n = strlen(usual);
    return strncmp(width, usual, n) == 0 && width[n] == ')';
}

/* Without the display width of an integer: the usual one only, or any. It changes what is seen with ZEROFILL only. */
static const char *without_width(struct ctx *ctx, const char *text, bool usual_only)
{
    for (size_t i = 0; i < COUNT_OF(integers); i++) {
        size_t n = strlen(integers[i].name);
        if (!is_word_of(text, integers[i].name) || text[n] != '(' || strstr(text, "zerofill") ||
            (usual_only && !has_usual_width(text, i)))
            continue;
        return ctx_printf(ctx, "%s%s", integers[i].name, text + n + strcspn(text + n, ")") + 1);
    }
    return text;
}

/* ZEROFILL implies UNSIGNED, and needs a width. */
static const char *with_zerofill(struct ctx *ctx, const char *text)
{
    const char *zerofill = strstr(text, " zerofill");
    if (!zerofill)
        return text;
    if (!strstr(text, " unsigned"))
        text = ctx_printf(ctx, "%.*s unsigned zerofill", (int)(zerofill - text), text);
    for (size_t i = 0; i < COUNT_OF(integers); i++) {
        size_t n = strlen(integers[i].name);
        if (is_word_of(text, integers[i].name) && text[n] != '(')
            return ctx_printf(ctx, "%s(%s)%s", integers[i].name, integers[i].unsigned_width, text + n);
    }
    return text;
}

static const char *without_signed(struct ctx *ctx, const char *text)
{
    const char *word = strstr(text, " signed");
    return word ? ctx_printf(ctx, "%.*s%s", (int)(word - text), text, word + strlen(" signed")) : text;
}

/* ENUM and SET have values, in which there may be such words. */
static bool has_values(const char *text)
{
    return is_word_of(text, "enum") || is_word_of(text, "set");
}

const char *my_type_canonical(struct ctx *ctx, const char *text)
{
    const char *s = tidy(ctx, text);
    if (has_values(s))
        return s;
    if (strstr(s, " compressed"))
        s = ctx_printf(ctx, "%.*s compressed", (int)(strstr(s, " compressed") - s), s);
    s = without_signed(ctx, s);
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
    return without_width(ctx, with_zerofill(ctx, s), true);
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
        return fail(ctx, STATUS_CONFIG, "the column has no type for %s", my_title(ctx));
    *ret = serial_native(text);
    if (*ret)
        return true;
    if (is_own_type(c, str_lower(&ctx->arena, text))) {
        *ret = my_type_canonical(ctx, text);
        return true;
    }
    if (!column_type(ctx, "mysql", c, &type))
        return false;
    if (type.kind == TYPE_DOUBLE && str_eq_ci(str_trim(&ctx->arena, text), "float"))
        type.kind = TYPE_REAL; /* the word means four bytes here, also to SQLAlchemy */
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

/* Skips the display width of an integer. */
static const char *skip_width(const char *native)
{
    return *native == '(' ? native + strcspn(native, ")") + 1 : native;
}

/* tinyint(1) is how a boolean is told apart. */
static bool same_but_for_width(const char *a, const char *b)
{
    if (str_eq(a, "tinyint(1)") || str_eq(b, "tinyint(1)") || strstr(a, "zerofill") || strstr(b, "zerofill"))
        return false;
    for (size_t i = 0; i < COUNT_OF(integers); i++) {
        size_t n = strlen(integers[i].name);
        if (is_word_of(a, integers[i].name) && is_word_of(b, integers[i].name))
            return str_eq(skip_width(a + n), skip_width(b + n));
    }
    return false;
}

/* The values of an enum column are compared separately. */
bool my_type_same(const struct column *a, const struct column *b)
{
    if (a->values && b->values && str_starts(a->native, "enum(") && str_starts(b->native, "enum("))
        return true;
    return str_eq(a->native, b->native) || same_but_for_width(a->native, b->native);
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
        if (is_word_of(native, integers[i].name))
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
