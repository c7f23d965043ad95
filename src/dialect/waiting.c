/*
 * Names the sessions for which a statement waits, while it waits.
 *
 * A dialect looks them up by a second connection. A session is named when it is first seen, and again once in a minute.
 */
#include "dialect/waiting.h"

enum { FIRST_MS = 1000, LEAST_MS = 50, LONGEST_MS = 30000, REPEAT_US = 60000000, EXCERPT = 80 };

void waiting_begin(struct waiting *w, uint64_t timeout_ms)
{
    uint64_t ms = timeout_ms && timeout_ms / 2 < FIRST_MS ? timeout_ms / 2 : FIRST_MS;
    w->interval_us = (ms > LEAST_MS ? ms : LEAST_MS) * 1000;
    w->next_us = time_monotonic_us() + w->interval_us;
}

bool waiting_is_due(struct waiting *w)
{
    uint64_t now = time_monotonic_us();
    if (w->is_off || now < w->next_us)
        return false;
    w->interval_us = w->interval_us * 2 < LONGEST_MS * 1000 ? w->interval_us * 2 : LONGEST_MS * 1000;
    w->next_us = now + w->interval_us;
    return true;
}

int waiting_left_ms(const struct waiting *w, int most)
{
    uint64_t now = time_monotonic_us(), left = w->next_us > now ? (w->next_us - now) / 1000 + 1 : 0;
    return w->is_off || left > (uint64_t)most ? most : (int)left;
}

void waiting_tell(
    struct ctx *ctx, struct waiting *w, const struct strings *lines, const struct strings *names)
{
    const uint64_t now = time_monotonic_us();
    const bool repeats = now - w->told_us >= REPEAT_US;
    w->sessions = *lines;
    vec_each(i, lines)
        if (repeats || !strings_have(&w->told, names->v[i]))
            log_info(ctx, "waiting for a lock: %s", lines->v[i]);
    if (!lines->n)
        return;
    w->told = *names;
    w->told_us = repeats ? now : w->told_us;
}

/* After a literal. If it may end elsewhere, such as in E'it\'s', the rest could be a part of it: NULL. */
static const char *skip_literal(const char *s)
{
    const char *end = strchr(s + 1, *s);
    return end && end[-1] != '\\' ? end + 1 : NULL;
}

/* $1 is a parameter; $$ and $body$ begin a literal. */
static bool begins_dollars(const char *s)
{
    return *s == '$' && !(s[1] >= '0' && s[1] <= '9');
}

const char *waiting_excerpt(struct ctx *ctx, const char *sql, const char *quotes)
{
    struct str out = STR(ctx);
    const char *s = sql ? str_trim(&ctx->arena, sql) : NULL;
    if (!s)
        return NULL;
    while (s && *s && (out.n < EXCERPT || (*s & 0xC0) == 0x80)) { /* whole characters */
        size_t space = strspn(s, " \t\r\n");
        bool is_quote = strchr(quotes, *s), is_dollar = begins_dollars(s);
        str_addc(&out, space ? ' ' : is_quote || is_dollar ? '?' : *s);
        if (is_quote || is_dollar)
            s = is_quote ? skip_literal(s) : NULL;
        else
            s += space ? space : 1;
    }
    return ctx_printf(ctx, "%s%s", str_get(&out), s && !*s ? "" : " …");
}
