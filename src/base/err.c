/*
 * Error chains: an error collects lines on its way up.
 *
 * The function that detects the problem writes the innermost line; a caller that knows what it was part of adds
 * one before it. Hints are kept apart, in the order they were given.
 */
#include "cmig/base.h"

struct err_frame {
    struct err_frame *next;
    char *text;
};

static struct err_frame *frame_new(struct ctx *ctx, const char *prefix, const char *fmt, va_list ap)
    ATTR_FORMAT(3, 0);

static struct err_frame *frame_new(struct ctx *ctx, const char *prefix, const char *fmt, va_list ap)
{
    struct err_frame *frame = ctx_new(ctx, struct err_frame);

    frame->text = arena_vprintf(&ctx->arena, fmt, ap);
    if (*prefix)
        frame->text = ctx_printf(ctx, "%s%s", prefix, frame->text);
    return frame;
}

static void frame_append(struct err_frame **list, struct err_frame *frame)
{
    while (*list)
        list = &(*list)->next;
    *list = frame;
}

/* What fails while an error is on its way (a rollback, say) must not hide it: it becomes the innermost line.
 */
static void err_begin(struct ctx *ctx, enum status status, struct err_frame *frame)
{
    assert(status != STATUS_OK && "a failure has a status");
    if (ctx->err.status == STATUS_OK)
        ctx->err.status = status;
    frame_append(&ctx->err.frames, frame);
}

bool(fail)(struct ctx *ctx, enum status status, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    err_begin(ctx, status, frame_new(ctx, "", fmt, ap));
    va_end(ap);
    return false;
}

bool(fail_at)(struct ctx *ctx, enum status status, struct pos pos, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    err_begin(ctx, status, frame_new(ctx, pos_text(&ctx->arena, pos), fmt, ap));
    va_end(ap);
    return false;
}

bool(fail_in)(struct ctx *ctx, const char *fmt, ...)
{
    struct err_frame *frame;
    va_list ap;

    assert(ctx->err.status != STATUS_OK && "only an error can be part of something");
    va_start(ap, fmt);
    frame = frame_new(ctx, "", fmt, ap);
    va_end(ap);
    frame->next = ctx->err.frames;
    ctx->err.frames = frame;
    return false;
}

bool(fail_hint)(struct ctx *ctx, const char *fmt, ...)
{
    va_list ap;

    assert(ctx->err.status != STATUS_OK && "a hint belongs to an error");
    va_start(ap, fmt);
    frame_append(&ctx->err.hints, frame_new(ctx, "", fmt, ap));
    va_end(ap);
    return false;
}

bool(fail_detail)(struct ctx *ctx, const char *fmt, ...)
{
    va_list ap;

    assert(ctx->err.status != STATUS_OK && "a detail belongs to an error");
    va_start(ap, fmt);
    frame_append(&ctx->err.frames, frame_new(ctx, "", fmt, ap));
    va_end(ap);
    return false;
}

bool(fail_interrupted)(struct ctx *ctx)
{
    if (ctx_interrupted(ctx) == SIGINT)
        return fail(ctx, STATUS_INTERRUPTED, "interrupted");
    return fail(ctx, STATUS_TERMINATED, "terminated");
}

void err_clear(struct ctx *ctx)
{
    ctx->err = (struct err){0};
}

/* A text of several lines (servers write such) stays together: its further lines stand deeper. */
static void add_lines(struct str *out, const char *indent, const char *label, const char *text)
{
    size_t n = strlen(text);
    const char *end;

    while (n && text[n - 1] == '\n')
        n--;
    if (out->n)
        str_addc(out, '\n');
    str_add(out, indent);
    str_add(out, label);
    while ((end = memchr(text, '\n', n))) {
        str_addn(out, text, (size_t)(end - text) + 1);
        str_add(out, indent);
        str_add(out, "  ");
        n -= (size_t)(end - text) + 1;
        text = end + 1;
    }
    str_addn(out, text, n);
}

char *err_text(struct ctx *ctx)
{
    struct str out = STR(ctx);

    for (const struct err_frame *frame = ctx->err.frames; frame; frame = frame->next)
        add_lines(&out, frame == ctx->err.frames ? "" : "  ", "", frame->text);
    for (const struct err_frame *hint = ctx->err.hints; hint; hint = hint->next)
        add_lines(&out, "  ", "hint: ", hint->text);
    /* The last guard: a URL may be among the words that any message repeats. */
    return str_hide_secrets(&ctx->arena, str_get(&out));
}

char *pos_text(struct arena *a, struct pos pos)
{
    if (!pos.file)
        return arena_strdup(a, "");
    if (!pos.line)
        return arena_printf(a, "%s: ", pos.file);
    if (!pos.column)
        return arena_printf(a, "%s:%u: ", pos.file, pos.line);
    return arena_printf(a, "%s:%u:%u: ", pos.file, pos.line, pos.column);
}
