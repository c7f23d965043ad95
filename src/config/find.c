/*
 * Finds the configuration file.
 */
#include "config.h"

#include <stdlib.h>

#define CONFIG_NAME "cmig.yaml"

/* How many directories are above this one. */
static size_t depth_of(const char *folder)
{
    char *path = realpath(folder, NULL);
    size_t depth = 0;

    for (const char *p = path; p && *p; p++)
        depth += *p == '/' && p[1];
    free(path);
    return depth;
}

static bool fail_none(struct ctx *ctx, const char *folder)
{
    if (folder)
        fail(ctx, STATUS_CONFIG, "no " CONFIG_NAME " in '%s' or above it", folder);
    else
        fail(ctx, STATUS_CONFIG, "no " CONFIG_NAME " here or in a directory above");
    return fail_hint(ctx, "Run 'cmig init' to create one, or name one with -c FILE.");
}

/* Uses "../cmig.yaml" and so on: printed paths stay short, and a linked directory is left the way `cd -P` does. */
static const char *find_above(struct ctx *ctx, const char *folder)
{
    size_t depth = depth_of(folder);
    const char *path = fs_join(&ctx->arena, folder, CONFIG_NAME);
    struct str above = STR(ctx);

    for (size_t i = 0; !fs_exists(path); i++) {
        if (i == depth)
            return NULL;
        str_add(&above, "../");
        path = fs_join(&ctx->arena, folder, ctx_printf(ctx, "%s" CONFIG_NAME, str_get(&above)));
    }
    return str_starts(path, "./") ? path + 2 : path;
}

bool config_find(struct ctx *ctx, const struct config_request *request, const char **ret_path)
{
    const char *named = request->file ? request->file : getenv("CMIG_CONFIG");

    if (named && *named) {
        *ret_path = ctx_strdup(ctx, named);
        return true;
    }
    if (ctx->home) {
        *ret_path = ctx->home;
        return true;
    }
    *ret_path = find_above(ctx, request->folder ? request->folder : ".");
    return *ret_path || request->optional || fail_none(ctx, request->folder);
}
