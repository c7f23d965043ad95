/*
 * Applies the operations of revisions in memory, and notes which revisions do something that the schema does not show.
 */
#include "lint.h"

void replay_note_unread(struct review *v)
{
    struct lint_replay *replay = v->l->request->replay;
    struct revision *r = (struct revision *)(uintptr_t)v->revision;

    if (replay && !v->is_downgrade && !(replay->unread.n && replay->unread.v[replay->unread.n - 1] == r))
        vec_add(v->ctx, &replay->unread, r);
}

const char *error_innermost(struct ctx *ctx, const char *text)
{
    const char *own = text;

    for (const char *s = text; *s; s += strcspn(s, "\n"), s += *s == '\n')
        if (!str_starts(s, "  hint: "))
            own = s + strspn(s, " ");
    return ctx_printf(ctx, "%.*s", (int)strcspn(own, "\n"), own);
}

static const char *without_place(const char *line, const char *place)
{
    return str_starts(line, place) ? line + strlen(place) : line;
}

/* Whether it is known that a database rejects the operation, too: no revision before it did anything unknown. Later
 * failures of the same revision follow from the first. */
static bool note_failed(struct review *v, const struct item *item)
{
    struct lint_replay *replay = v->l->request->replay;

    if (!replay || v->is_downgrade || item->change || replay->unread.n)
        return false;
    if (replay->failed)
        return replay->failed == v->revision;
    replay->failed = v->revision;
    replay->failed_at = item->pos;
    replay->failed_why =
        without_place(error_innermost(v->ctx, err_text(v->ctx)), pos_text(&v->ctx->arena, item->pos));
    return true;
}

void replay_apply(struct review *v, const struct item *item)
{
    struct op *copy = (struct op *)(uintptr_t)item->op;
    const struct ops one = {.v = &copy, .n = 1};

    if (ops_apply(v->ctx, v->l->dialect, v->l->schema, &one))
        return;
    if (!note_failed(v, item))
        replay_note_unread(v);
    err_clear(v->ctx);
}
