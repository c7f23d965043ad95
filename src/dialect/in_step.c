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

void in_step_add(
    struct ctx *ctx, struct in_step *ret, enum object_kind kind, const struct qname *name, struct sql *create)
{
    const struct in_step_object o = {.kind = kind, .name = *name, .sql = sql_end(create)};

    vec_add(ctx, &ret->objects, o);
}

const char *in_step_name(struct ctx *ctx, const struct twins *t)
{
    enum { LONGEST = 63 - sizeof("~_in_step_update") };
    const char *table = t->table->name.name, *name = ctx_printf(ctx, "%s_%s", table, t->twin);

    if (strlen(name) > LONGEST) {
        name = ctx_printf(ctx, "%s.%s", table, t->twin);
        name = ctx_printf(ctx, "cmig_%08x", (unsigned)hash_bytes(name, strlen(name)));
    }
    return ctx_printf(ctx, "%s_in_step", name);
}
