/*
 * Finds the paths that match a pattern.
 *
 * glob(3) knows no mounts, and orders names as the locale of the program does.
 */
#include "fs.h"

static bool has_magic(const char *s)
{
    return strpbrk(s, "*?[") != NULL;
}

static bool add_below(struct ctx *ctx, const char *folder, const char *rest, struct strings *ret);

/* `path` matches so far; `rest` is what must be below it, or empty. */
static bool add_path(struct ctx *ctx, const char *path, const char *rest, struct strings *ret)
{
    if (*rest)
        return fs_kind(ctx, path) != FS_DIR || add_below(ctx, path, rest, ret);
    if (fs_kind(ctx, path) != FS_ABSENT)
        vec_add(ctx, ret, ctx_strdup(ctx, path));
    return true;
}

static bool add_matches(
    struct ctx *ctx, const char *folder, const char *pattern, const char *rest, struct strings *ret)
{
    struct strings names = {0};

    if (!fs_list(ctx, folder, &names))
        return false;
    vec_each(i, &names)
        if (str_glob(pattern, names.v[i]) &&
            !add_path(ctx, fs_join(&ctx->arena, folder, names.v[i]), rest, ret))
            return false;
    return true;
}

static bool add_below(struct ctx *ctx, const char *folder, const char *rest, struct strings *ret)
{
    const size_t n = strcspn(rest, "/");
    const char *part = arena_strndup(&ctx->arena, rest, n);

    for (rest += n; *rest == '/';)
        rest++;
    if (has_magic(part))
        return add_matches(ctx, folder, part, rest, ret);
    return add_path(ctx, fs_join(&ctx->arena, folder, part), rest, ret);
}

/* The directories before the first part with a pattern are joined to one path, which may be in a mount. */
bool fs_glob(struct ctx *ctx, const char *pattern, struct strings *ret)
{
    const char *rest = pattern + strcspn(pattern, "*?["), *folder;

    while (rest > pattern && rest[-1] != '/')
        rest--;
    folder = rest == pattern ? "." : arena_strndup(&ctx->arena, pattern, (size_t)(rest - pattern));
    if (fs_kind(ctx, folder) != FS_DIR)
        return true;
    return add_below(ctx, rest == pattern ? "." : folder, rest, ret);
}
