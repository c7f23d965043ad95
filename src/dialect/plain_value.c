/* Spells values of models in databases whose literals have no types. */
#include "dialect/plain_value.h"

static const char *quoted(struct ctx *ctx, const struct dialect *dialect, const char *text)
{
    struct sql q = sql_begin(ctx, dialect);
    sql_string(&q, text);
    return sql_end(&q);
}

bool value_plain_native(struct ctx *ctx, const struct dialect *dialect, const struct column *c,
    const struct value *v, func_native_function *func_native, const char **ret)
{
    const char *text = dtext_for(&v->expr.sql, dialect->name);
    *ret = NULL;
    if (v->kind != VALUE_NONE && !text) {
        *ret = v->expr.native;
        return true;
    }
    switch (v->kind) {
    case VALUE_NONE:
        return true;
    case VALUE_STRING:
        *ret = quoted(ctx, dialect, text);
        return true;
    case VALUE_NUMBER:
        *ret = text;
        return true;
    case VALUE_BOOL:
        *ret = str_eq(text, "true") ? "1" : "0";
        return true;
    case VALUE_SQL:
        *ret = dialect->expr_native(ctx, text);
        return true;
    case VALUE_FUNC:
        return func_native(ctx, c, text, ret);
    }
    return true;
}
