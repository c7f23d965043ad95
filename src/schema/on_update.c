/* Spells the expressions of `on_update`, by which an UPDATE sets a column. */
#include "cmig/dialect.h"

bool column_on_update(struct ctx *ctx, const struct dialect *dialect, const struct column *c, const char **ret)
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
