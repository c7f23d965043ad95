/* Spells the expressions of `on_update`, by which an UPDATE sets a column. */
#include "cmig/dialect.h"

bool column_on_update(
    struct ctx *ctx, const struct dialect *dialect, const struct column *c, const char **ret)
{
    const struct value *v = &c->on_update;
    const struct column untyped = {.name = c->name};
    const char *text = dtext_for(&v->expr.sql, dialect->name);

    *ret = NULL;
    if (v->kind == VALUE_SQL || (v->kind != VALUE_NONE && !text))
        *ret = text ? str_trim(&ctx->arena, text) : v->expr.native;
    else
        return dialect->value_native(ctx, &untyped, v, ret);
    return true;
}

/* Whether the object is in the place in which the table's own would be. */
static bool is_place(
    const struct dialect *dialect, const struct table *t, enum object_kind kind, const struct object *o)
{
    if (kind == OBJECT_FUNCTION)
        return str_eq(o->name.schema, t->name.schema) && o->signature && !*o->signature;
    return !dialect->has.schemas || qname_eq(&o->of, &t->name);
}

const struct column *on_update_owner(struct ctx *ctx, const struct dialect *dialect, const struct schema *s,
    enum object_kind kind, const struct object *o)
{
    if ((kind != OBJECT_TRIGGER && kind != OBJECT_FUNCTION) || !str_ends(o->name.name, ON_UPDATE_SUFFIX))
        return NULL;
    vec_each(i, &s->tables) {
        const struct table *t = s->tables.v[i];

        for (size_t k = 0; is_place(dialect, t, kind, o) && k < t->columns.n; k++) {
            const struct column *c = t->columns.v[k];

            if (c->on_update.kind != VALUE_NONE &&
                str_eq(on_update_name(ctx, dialect, t->name.name, c->name), o->name.name))
                return c;
        }
    }
    return NULL;
}
