/* Finds a dialect by its name or a URL scheme. */
#include "cmig/dialect.h"

const struct dialect *dialect_by_scheme(const char *scheme)
{
    for (size_t i = 0; dialects[i]; i++)
        for (const char *const *s = dialects[i]->schemes; *s; s++)
            if (str_eq_ci(*s, scheme))
                return dialects[i];
    return NULL;
}

const struct dialect *dialect_by_name(const char *name)
{
    for (size_t i = 0; dialects[i]; i++)
        if (str_eq(dialects[i]->name, name))
            return dialects[i];
    return NULL;
}

const char *dialect_title(const struct ctx *ctx, const struct dialect *dialect)
{
    return dialect->has.products && ctx->product ? ctx->product : dialect->title;
}

bool dialect_find(struct ctx *ctx, const char *name, const struct dialect **ret)
{
    struct strings known = {0};
    const struct dialect *found = dialect_by_scheme(name);

    if (found) {
        *ret = found;
        return true;
    }
    for (size_t i = 0; dialects[i]; i++)
        vec_add(ctx, &known, dialects[i]->name);
    fail(ctx, STATUS_USAGE, "unknown dialect '%s'", name);
    return fail_hint(ctx, "Expected one of %s.", strings_join(&ctx->arena, &known, ", "));
}
