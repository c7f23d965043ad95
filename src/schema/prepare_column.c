/* Prepares a model's columns for one database: types, defaults and enum values. */

#include "schema/prepare.h"

bool fail_on_column(struct preparing *p, const struct table *t, const struct column *c)
{
    return fail_in(p->ctx, "%scolumn '%s' of table '%s'", pos_text(&p->ctx->arena, c->pos), c->name,
        qname_text(&p->ctx->arena, &t->name));
}

/* ---- enums -------------------------------------------------------------------------------------------- */

/* Cheap, since it is asked for every column there is. */
static bool may_be_enum(const char *text)
{
    static const char word[] = "enum";

    text += strspn(text, " \t\n");
    for (size_t i = 0; i < 4; i++)
        if ((text[i] | 0x20) != word[i])
            return false;
    return true;
}

static bool fail_no_enum(struct preparing *p, const struct column *c, const struct qname *name)
{
    struct strings names = {0};

    vec_each(i, &p->schema->enums)
        vec_add(p->ctx, &names, qname_text(&p->ctx->arena, &p->schema->enums.v[i]->name));
    return fail_nearest(p, c->pos, name->name, &names, "column '%s': enum '%s' does not exist", c->name,
        qname_text(&p->ctx->arena, name));
}

/* Some databases reject a default that the enum lacks; others accept it until it is used. */
static bool default_check(struct preparing *p, const struct column *c)
{
    const char *text = dtext_for(&c->dflt.expr.sql, p->dialect->name);

    if (c->dflt.kind != VALUE_STRING || !text || strings_have(c->values, text))
        return true;
    return fail_nearest(p, c->pos, text, c->values,
        "column '%s': default '%s' is not among the enum's values", c->name, text);
}

static void values_check_add(struct preparing *p, struct table *t, const struct column *c)
{
    struct constraint *check = ctx_new(p->ctx, struct constraint);
    struct sql q = sql_begin(p->ctx, p->dialect);

    sql_addf(&q, "%I IN (", c->name);
    vec_each(i, c->values) {
        sql_add(&q, i ? ", " : "");
        sql_string(&q, c->values->v[i]);
    }
    sql_add(&q, ")");
    check->kind = CONSTRAINT_CHECK;
    check->pos = c->pos;
    check->check.sql.text = sql_end(&q);
    check->implied = true;
    vec_add(p->ctx, &t->checks, check);
}

/* Fills in the values of an enum column, and, where the dialect has no enums, the check that they need. */
static bool enum_prepare(struct preparing *p, struct table *t, struct column *c)
{
    const char *text = dtext_for(&c->type, p->dialect->name);
    struct enumeration *e;
    struct type type;

    if (!text || !may_be_enum(text))
        return true;
    if (!column_type(p->ctx, p->dialect->name, c, &type))
        return fail_on_column(p, t, c);
    if (type.kind != TYPE_ENUM)
        return true;
    if (!name_local(p, c->pos, "enum", &type.enumeration))
        return false;
    e = schema_enum(p->schema, &type.enumeration);
    if (!e && !c->values)
        return fail_no_enum(p, c, &type.enumeration);
    if (e)
        c->values = &e->values;
    if (!type.dimensions && !default_check(p, c))
        return false;
    if (!p->dialect->has.enums && !p->dialect->type_values && !type.dimensions && c->values->n)
        values_check_add(p, t, c);
    return true;
}

/* ---- types and defaults ------------------------------------------------------------------------------- */

/* Whether nothing but the type's text says what the native type is; the dialect need not be asked twice then. */
static bool is_plain(const struct table *t, const struct column *c)
{
    return !c->type.by && !c->options && !t->options && !c->identity && !c->generated && !c->values &&
           c->autoincrement == TRI_UNSET && !column_in_key(t, c->name);
}

/* The database would accept a misspelt type as it is. A type given for this database alone is intended. */
static void warn_unknown_type(struct preparing *p, const struct table *t, const struct column *c)
{
    const char *text = c->type.text, *nearest;
    struct ctx *ctx = p->ctx;

    if (!p->dialect->has.any_type || !str_eq(dtext_for(&c->type, p->dialect->name), text) ||
        c->native == NULL || !text || type_is_known(ctx, text, &nearest))
        return;
    log_warn(ctx, "%scolumn '%s' of table '%s': unknown type '%s', which %s accepts unchanged%s",
        pos_text(&ctx->arena, c->pos), c->name, qname_text(&ctx->arena, &t->name), text,
        dialect_title(ctx, p->dialect),
        nearest ? ctx_printf(ctx, ". Did you mean '%s'?", nearest)
                : ctx_printf(ctx, ". Write {%s: %s} if it is meant.", p->dialect->name, text));
}

static bool type_prepare(struct preparing *p, const struct table *t, struct column *c)
{
    bool plain = is_plain(t, c);
    const char *known = plain ? map_get(&p->natives, c->type.text) : NULL;

    if (known) {
        c->native = known;
        return true;
    }
    if (!p->dialect->type_native(p->ctx, t, c, &c->native))
        return fail_on_column(p, t, c);
    warn_unknown_type(p, t, c);
    if (plain)
        map_set(&p->natives, c->type.text, (void *)(uintptr_t)c->native);
    return true;
}

static bool default_prepare(struct preparing *p, const struct table *t, struct column *c)
{
    if (c->dflt.kind == VALUE_NONE)
        return true;
    if (!dtext_for(&c->dflt.expr.sql, p->dialect->name)) {
        c->dflt = (struct value){.kind = VALUE_NONE};
        return true;
    }
    return (column_check_default(p->ctx, p->dialect, c) &&
               p->dialect->value_native(p->ctx, c, &c->dflt, &c->dflt.expr.native)) ||
           fail_on_column(p, t, c);
}

static bool on_update_prepare(struct preparing *p, const struct table *t, struct column *c)
{
    if (c->on_update.kind == VALUE_NONE)
        return true;
    if (!dtext_for(&c->on_update.expr.sql, p->dialect->name)) {
        c->on_update = (struct value){.kind = VALUE_NONE};
        return true;
    }
    return (column_check_on_update(p->ctx, p->dialect, c) &&
               column_on_update(p->ctx, p->dialect, c, &c->on_update.expr.native)) ||
           fail_on_column(p, t, c);
}

static bool column_prepare(struct preparing *p, struct table *t, struct column *c)
{
    if (!enum_prepare(p, t, c) || !options_check(p, "column", c->options) || !type_prepare(p, t, c) ||
        !default_prepare(p, t, c) || !on_update_prepare(p, t, c))
        return false;
    if (c->generated && !expr_prepare(p, &c->generated->expr))
        c->generated = NULL;
    return true;
}

/* Names that differ only in the case of letters are one name in some databases. */
static bool case_check(struct preparing *p, const struct table *t, size_t at)
{
    const struct column *c = t->columns.v[at];

    for (size_t i = 0; i < at; i++)
        if (str_eq_ci(t->columns.v[i]->name, c->name))
            return fail_at(p->ctx, STATUS_CONFIG, c->pos, "columns '%s' and '%s' are the same in %s",
                t->columns.v[i]->name, c->name, dialect_title(p->ctx, p->dialect));
    return true;
}

bool columns_prepare(struct preparing *p, struct table *t)
{
    vec_each(i, &t->columns) {
        if (p->dialect->has.folded_names && !case_check(p, t, i))
            return false;
        if (!column_prepare(p, t, t->columns.v[i]))
            return false;
    }
    return true;
}
