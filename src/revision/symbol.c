/*
 * Splits symbols such as "label@name+2".
 *
 * Neither ids nor labels hold @, + or -, so a text is never ambiguous.
 */
#include "walk.h"

enum { STEPS_LIMIT = 1000000000 }; /* more revisions than there are anywhere */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The sign of a number at the end of the text, or NULL. */
static const char *find_sign(const char *text)
{
    const char *p = text + strlen(text);

    if (p == text || !is_digit(p[-1]))
        return NULL;
    while (p > text && is_digit(p[-1]))
        p--;
    return p > text && (p[-1] == '+' || p[-1] == '-') ? p - 1 : NULL;
}

static long read_steps(const char *sign)
{
    long steps = 0;

    for (const char *p = sign + 1; *p; p++)
        if (steps < STEPS_LIMIT)
            steps = steps * 10 + (*p - '0');
    return *sign == '-' ? -steps : steps;
}

void symbol_parse(struct ctx *ctx, const char *text, struct symbol *ret)
{
    struct symbol s = {.text = text};
    const char *at = strchr(text, '@'), *name = at ? at + 1 : text, *sign = find_sign(name);

    if (at)
        s.branch = arena_strndup(&ctx->arena, text, (size_t)(at - text));
    if (sign) {
        s.relative = true;
        s.steps = read_steps(sign);
    }
    if (sign != name && *name)
        s.name = sign ? arena_strndup(&ctx->arena, name, (size_t)(sign - name)) : name;
    *ret = s;
}

void symbol_words(struct ctx *ctx, const char *text, struct strings *ret)
{
    static const char blanks[] = " \t\r\n";
    struct strings words = {0};
    size_t n;

    for (text += strspn(text, blanks); *text; text += strspn(text, blanks)) {
        n = strcspn(text, blanks);
        vec_add(ctx, &words, arena_strndup(&ctx->arena, text, n));
        text += n;
    }
    *ret = words;
}
