/*
 * Messages of the library. It passes text to the caller's function and prints nothing.
 */
#include "cmig/base.h"

void log_message(struct ctx *ctx, enum log_level level, const char *fmt, ...)
{
    va_list ap;
    char *text;

    if (!ctx->log.message || level > ctx->log.level)
        return;
    va_start(ap, fmt);
    text = arena_vprintf(&ctx->arena, fmt, ap);
    va_end(ap);
    ctx->log.message(ctx->log.user, level, str_hide_secrets(&ctx->arena, text));
}

void log_progress(struct ctx *ctx, const char *label, uint64_t done, uint64_t total)
{
    if (ctx->log.progress)
        ctx->log.progress(ctx->log.user, label, done, total);
}
