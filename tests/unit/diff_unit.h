/* Shared by the tests of operations and of the differ: models in place of a database, applying, and printing. */
#pragma once

#include "schema_unit.h"

#include "cmig/diff.h"

static inline bool fake_expr_same(
    ATTR_UNUSED struct ctx *ctx, ATTR_UNUSED const struct column *c, const char *a, const char *b)
{
    return str_eq(a, b);
}

static inline bool fake_generation_same(ATTR_UNUSED const struct table *ta, const struct column *a,
    ATTR_UNUSED const struct table *tb, const struct column *b)
{
    return !a->identity == !b->identity && (!a->identity || a->identity->kind == b->identity->kind);
}

/* As the fake ones, for enums, too. */
static inline bool diff_type_native(
    struct ctx *ctx, ATTR_UNUSED const struct table *t, const struct column *c, const char **ret)
{
    struct type type;
    char *text;

    if (!column_type(ctx, "postgresql", c, &type))
        return false;
    *ret = text = type_text(&ctx->arena, &type);
    for (char *p = text; *p; p++)
        *p = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
    return true;
}

/* Enums are texts. */
static inline bool plain_type_native(
    struct ctx *ctx, const struct table *t, const struct column *c, const char **ret)
{
    if (!diff_type_native(ctx, t, c, ret))
        return false;
    if (str_starts(*ret, "ENUM"))
        *ret = "TEXT";
    return true;
}

static inline const char *diff_type_model(struct ctx *ctx, const char *native)
{
    return str_lower(&ctx->arena, native);
}

/* A function changes in place as long as it returns the same. */
static inline bool diff_object_change(ATTR_UNUSED struct ctx *ctx, enum object_kind kind,
    const struct object *a, const struct object *b, ATTR_UNUSED struct strings *ret_steps)
{
    const char *was = strstr(a->native, "RETURNS "), *is = strstr(b->native, "RETURNS ");

    return kind == OBJECT_FUNCTION && was && is && strcspn(was + 8, " ") == strcspn(is + 8, " ") &&
           strncmp(was, is, 8 + strcspn(was + 8, " ")) == 0;
}

/* Like a server, refuses to drop an object on which another depends. */
static inline struct dialect strict_dialect(void)
{
    struct dialect d = fake_full();

    d.name = "postgresql";
    d.objects = 1u << OBJECT_FUNCTION | 1u << OBJECT_TRIGGER | 1u << OBJECT_POLICY;
    d.object_change = diff_object_change;
    d.has.global_indexes = true;
    d.expr_same = fake_expr_same;
    d.generation_same = fake_generation_same;
    d.type_native = diff_type_native;
    d.type_model = diff_type_model;
    d.options = NULL;
    return d;
}

/* Rebuilds tables, and has no enums. */
static inline struct dialect plain_dialect(void)
{
    struct dialect d = fake;

    d.objects = 1u << OBJECT_TRIGGER;
    d.has.rebuilds = true;
    d.has.global_indexes = true;
    d.expr_same = fake_expr_same;
    d.generation_same = fake_generation_same;
    d.type_native = plain_type_native;
    d.type_model = diff_type_model;
    return d;
}

static inline struct schema prepared(struct ctx *ctx, const struct dialect *dialect, const char *text)
{
    struct schema s = model_of(ctx, text);
    static const struct option_row none[] = {{0}};
    struct dialect *with_options = ctx_new(ctx, struct dialect);

    *with_options = *dialect;
    if (!with_options->options)
        with_options->options = none;
    assert_ok(ctx, schema_prepare(ctx, with_options, dialect->has.schemas ? "public" : NULL, &s));
    return s;
}

static inline void forget_text(struct expr *e)
{
    e->sql = (struct dtext){0};
}

static inline void forget_parts(struct index_parts *parts)
{
    vec_each(i, parts)
        forget_text(&parts->v[i]->expr);
}

static inline void reflect_table(struct ctx *ctx, const struct dialect *dialect, struct table *t)
{
    struct constraint *c;

    vec_each(i, &t->columns) {
        struct column *column = t->columns.v[i];

        column->type = (struct dtext){0};
        column->values = NULL;
        column->renamed_from = NULL;
        if (column->dflt.kind != VALUE_NONE)
            column->dflt.kind = VALUE_SQL;
        forget_text(&column->dflt.expr);
        if (column->generated)
            forget_text(&column->generated->expr);
    }
    for (size_t state = 0; (c = table_next_constraint(t, &state));) {
        if (!c->implied)
            assert_ok(ctx, schema_name_constraint(ctx, NULL, dialect, t, c));
        c->implied = false;
        forget_text(&c->check);
        forget_text(&c->where);
        forget_parts(&c->parts);
    }
    vec_each(i, &t->indexes) {
        assert_ok(ctx, schema_name_index(ctx, NULL, dialect, t, t->indexes.v[i]));
        forget_text(&t->indexes.v[i]->where);
        forget_parts(&t->indexes.v[i]->parts);
    }
    t->renamed_from = NULL;
}

/* What reflection would return for a database that was created from a model: objects have names, and the texts of the
 * model are gone. */
static inline struct schema reflected(struct ctx *ctx, const struct dialect *dialect, const char *text)
{
    struct schema s = prepared(ctx, dialect, text);

    vec_each(i, &s.tables)
        reflect_table(ctx, dialect, s.tables.v[i]);
    vec_each(i, &s.views)
        forget_text(&s.views.v[i]->body);
    vec_each(i, &s.enums)
        s.enums.v[i]->renamed_from = NULL;
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        vec_each(i, &s.objects[kind]) {
            s.objects[kind].v[i]->sql = (struct dtext){0};
            s.objects[kind].v[i]->goes_with = s.objects[kind].v[i]->of;
        }
    if (!dialect->has.enums)
        s.enums = (struct enumerations){0};
    return s;
}

/* Pairs and compares. */
static inline struct diff diff_of(struct ctx *ctx, const struct dialect *dialect,
    const struct diff_options *options, struct schema *database, struct schema *models)
{
    static const struct diff_options plain = {.no_rename = true};
    struct diff diff = {0};

    options = options ? options : &plain;
    assert_ok(ctx, diff_pair(ctx, dialect, options, database, models));
    assert_ok(ctx, diff_schemas(ctx, dialect, options, database, models, &diff));
    return diff;
}

/* Operations in a few words each, a line per operation. */
static inline const char *ops_text(struct ctx *ctx, const struct ops *ops)
{
    struct str out = STR(ctx);

    vec_each(i, ops)
        str_addf(&out, "%s\n", op_describe(&ctx->arena, ops->v[i]));
    return str_get(&out);
}

static inline const char *diff_text(
    struct ctx *ctx, const struct dialect *dialect, const char *from, const char *to)
{
    struct schema database = reflected(ctx, dialect, from), models = prepared(ctx, dialect, to);
    struct diff diff = diff_of(ctx, dialect, NULL, &database, &models);

    return ops_text(ctx, &diff.up);
}

/* In the form of a revision file. */
static inline const char *ops_yaml(struct ctx *ctx, const struct ops *ops)
{
    struct node *list = node_sequence(&ctx->arena);

    vec_each(i, ops)
        node_append(&ctx->arena, list, op_encode(&ctx->arena, ops->v[i]));
    list->block = true;
    return yaml_of(ctx, list);
}

static inline bool read_ops(struct ctx *ctx, const char *text, struct ops *ret)
{
    struct decoder d = {.ctx = ctx, .what = "revision"};
    struct strings environments = {0};
    struct node *n = NULL;

    vec_add(ctx, &environments, "users");
    vec_add(ctx, &environments, "billing");
    vec_add(ctx, &environments, "sqlite");
    return yaml_parse(ctx, &ctx->arena, "r.yaml", text, strlen(text), &n) &&
           ops_decode(&d, n, &environments, ret);
}

static inline struct ops ops_of(struct ctx *ctx, const char *text)
{
    struct ops ops = {0};

    assert_ok(ctx, read_ops(ctx, text, &ops));
    return ops;
}
