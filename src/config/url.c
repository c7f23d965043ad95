/*
 * The URL if the configuration does not contain it: DATABASE_URL, DATABASE_URL_FILE and url_command.
 */
#include "config.h"

enum { URL_LIMIT = 64 << 10 };

bool config_environment_url(struct variables *v, const char **ret_url, const char **ret_source)
{
    struct ctx *ctx = v->ctx;
    const char *url = variable_get(v, "DATABASE_URL"), *file = variable_get(v, "DATABASE_URL_FILE");
    char *text;
    size_t size;

    *ret_url = NULL;
    if (url && *url) {
        *ret_url = ctx_strdup(ctx, url);
        *ret_source = "DATABASE_URL";
        return true;
    }
    if (!file || !*file)
        return true;
    if (!fs_read(ctx, &ctx->arena, "DATABASE_URL_FILE", file, URL_LIMIT, &text, &size))
        return false;
    *ret_url = str_trim(&ctx->arena, text);
    *ret_source = ctx_printf(ctx, "DATABASE_URL_FILE '%s'", file);
    return true;
}

/* ---- url_command ---- */

static bool url_of_command(struct ctx *ctx, const struct strings *words, const char **ret)
{
    const struct program program = {.words = words, .what = "url_command"};
    const char *text;
    char *url;

    if (!program_output(ctx, &program, URL_LIMIT, &text))
        return false;
    url = str_trim(&ctx->arena, text);
    if (!*url)
        return fail(ctx, STATUS_CONFIG, "url_command '%s' prints nothing", words->v[0]);
    if (strchr(url, '\n'))
        return fail(ctx, STATUS_CONFIG, "url_command '%s' prints more than one line", words->v[0]);
    *ret = url;
    return true;
}

bool config_url(struct ctx *ctx, const struct config *c, const char **ret)
{
    if (c->url) {
        *ret = c->url;
        return true;
    }
    if (c->url_command.n)
        return url_of_command(ctx, &c->url_command, ret);
    if (c->path)
        fail_at(ctx, STATUS_CONFIG, (struct pos){.file = c->path}, "no database was given");
    else
        fail(ctx, STATUS_CONFIG, "no database was given");
    return fail_hint(ctx, "Set 'url' in cmig.yaml or DATABASE_URL, or use --url.");
}
