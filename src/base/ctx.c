/*
 * Opens and finishes the context of a command.
 */
#include "cmig/base.h"

void ctx_finish(struct ctx *ctx)
{
    if (!ctx->quick_exit)
        arena_finish(&ctx->arena);
    ctx->arena = (struct arena){0};
    ctx->err = (struct err){0};
}

char *ctx_strdup(struct ctx *ctx, const char *s)
{
    return arena_strdup(&ctx->arena, s);
}

char *ctx_printf(struct ctx *ctx, const char *fmt, ...)
{
    va_list ap;
    char *s;

    va_start(ap, fmt);
    s = arena_vprintf(&ctx->arena, fmt, ap);
    va_end(ap);
    return s;
}

int ctx_interrupted(const struct ctx *ctx)
{
    return ctx->interrupt ? (int)*ctx->interrupt : 0;
}
