/*
 * Values of two columns in step.
 */
#include "dialect/in_step.h"

const char *in_step_value(struct ctx *ctx, const struct dialect *dialect, const char *column,
    const char *type, const char *expression)
{
    struct sql q = sql_begin(ctx, dialect);

    if (expression)
        return expression;
    sql_addf(&q, type ? "CAST(%I AS %E)" : "%I", column, type);
    return sql_end(&q);
}
