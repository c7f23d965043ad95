/* Shared by the tests of models: parsing a text, printing it again, and a dialect without a database. */
#pragma once

#include "unit.h"

#include "cmig/dialect.h"

static inline bool parse_model(struct ctx *ctx, const char *text, struct schema *ret)
{
    return schema_parse(ctx, "m.yaml", text, strlen(text), ret);
}

/* Parses a model that must be valid. */
static inline struct schema model_of(struct ctx *ctx, const char *text)
{
    struct schema s = {0};

    assert_ok(ctx, parse_model(ctx, text, &s));
    return s;
}

static inline struct table *table_named(const struct schema *s, const char *name)
{
    struct table *t = schema_table(s, &(struct qname){.name = name});

    assert_non_null(t);
    return t;
}

static inline struct column *column_named(const struct schema *s, const char *table, const char *name)
{
    struct column *c = table_column(table_named(s, table), name);

    assert_non_null(c);
    return c;
}

static inline const char *yaml_of(struct ctx *ctx, const struct node *n)
{
    struct str out = STR(ctx);

    node_yaml(&out, n, 0);
    return str_get(&out);
}

/* ---- a dialect ---------------------------------------------------------------------------------------- */

static bool fake_must_quote(const char *name)
{
    return strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789") != strlen(name);
}

/* Native types are the portable ones in capitals. */
static bool fake_type_native(
    struct ctx *ctx, ATTR_UNUSED const struct table *t, const struct column *c, const char **ret)
{
    struct type type;
    char *text;

    if (!column_type(ctx, "sqlite", c, &type))
        return false;
    text = type_text(&ctx->arena, &type);
    for (char *p = text; type.kind != TYPE_OTHER && *p; p++)
        *p = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
    *ret = text;
    return true;
}

static const char *fake_type_model(struct ctx *ctx, const char *native)
{
    struct type type;
    const char *problem;

    for (const char *p = native; *p; p++)
        if (*p >= 'a' && *p <= 'z')
            return NULL;
    if (!type_parse(&ctx->arena, native, &type, &problem) || type.kind == TYPE_OTHER ||
        type.kind == TYPE_ENUM)
        return NULL;
    return type_text(&ctx->arena, &type);
}

static bool fake_value_native(
    struct ctx *ctx, ATTR_UNUSED const struct column *c, const struct value *v, const char **ret)
{
    const char *text = dtext_for(&v->expr.sql, "sqlite");

    *ret = v->kind == VALUE_STRING ? ctx_printf(ctx, "'%s'", text) : text;
    return !str_eq(text, "bad") || fail(ctx, STATUS_CONFIG, "default 'bad' is bad");
}

static void fake_value_model(
    struct ctx *ctx, ATTR_UNUSED const struct column *c, const char *native, struct value *ret)
{
    size_t n = strlen(native);

    if (native[0] == '\'')
        *ret = (struct value){
            .kind = VALUE_STRING, .expr = {.sql.text = arena_strndup(&ctx->arena, native + 1, n - 2)}};
    else if (strspn(native, "0123456789") == n)
        *ret = (struct value){.kind = VALUE_NUMBER, .expr = {.sql.text = native}};
    else
        *ret = (struct value){.kind = VALUE_SQL, .expr = {.sql.text = native}};
}

static const char *fake_expr_native(struct ctx *ctx, const char *sql)
{
    return str_trim(&ctx->arena, sql);
}

static bool fake_prepare_table(struct ctx *ctx, ATTR_UNUSED struct schema *s, struct table *t)
{
    return t->columns.n || fail(ctx, STATUS_CONFIG, "a table needs columns");
}

static const struct option_row fake_options[] = {
    {"table", "strict", "flag", "Strict."},
    {"table", "level", "number", "A level."},
    {"table", "mode", "wal|delete", "A mode."},
    {"table", "auto_*", "text", "A family."},
    {"primary_key", "on_conflict", "text", "What to do."},
    {"*", "anywhere", "text", "Everywhere."},
    {0},
};

/* It has SQLite's name, so that models can contain variants for it. */
static const struct dialect fake = {
    .name = "sqlite",
    .title = "Fake",
    .has = {.folded_names = true, .unnamed = true},
    .name_max = 30,
    .quote = '"',
    .options = fake_options,
    .must_quote = fake_must_quote,
    .type_native = fake_type_native,
    .type_model = fake_type_model,
    .value_native = fake_value_native,
    .value_model = fake_value_model,
    .expr_native = fake_expr_native,
    .prepare_table = fake_prepare_table,
};

/* The same with every feature that a database can have. */
static inline struct dialect fake_full(void)
{
    struct dialect d = fake;

    d.has = (struct features){.enums = true,
        .schemas = true,
        .sequences = true,
        .comments = true,
        .exclusion = true,
        .identity = true,
        .include = true};
    d.name_max = 0;
    return d;
}
