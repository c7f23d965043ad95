/* Runs the program of a revision. */
#include "migrate/run.h"

#include <errno.h>
#include <stdlib.h>

extern char **environ;

/* ---- what it is told ----------------------------------------------------------------------------- */

/* The program has a directory of its own, so a file's path is made absolute. */
static bool url_for_program(struct project *p, const char **ret)
{
    char *path;
    if (!p->url.dialect->has.embedded) {
        *ret = p->url.text;
        return true;
    }
    if (!*p->url.rest)
        return fail(p->ctx, STATUS_FAILED, "another program cannot open a database in memory");
    path = realpath(p->url.rest, NULL);
    if (!path)
        return fail(p->ctx, STATUS_FAILED, "cannot find '%s': %s", p->url.rest, strerror(errno));
    const char *query = strchr(p->url.text, '?');
    bool is_uri = url_flag(url_param(&p->url, "uri"));
    *ret = ctx_printf(p->ctx, "%s:///%s%s%s", p->url.scheme, is_uri ? "file:" : "", path, query ? query : "");
    free(path);
    return true;
}

static bool is_set_by(const struct strings *ours, const char *variable)
{
    vec_each(i, ours)
        if (strncmp(ours->v[i], variable, strcspn(ours->v[i], "=") + 1) == 0)
            return true;
    return false;
}

static char **make_environment(struct run *r, const struct work *w, const char *url)
{
    struct ctx *ctx = r->p->ctx;
    struct strings ours = {0}, all = {0};
    vec_add(ctx, &ours, ctx_printf(ctx, "CMIG_URL=%s", url));
    vec_add(ctx, &ours, ctx_printf(ctx, "DATABASE_URL=%s", url));
    vec_add(ctx, &ours, ctx_printf(ctx, "CMIG_REVISION=%s", w->step->revision->id));
    vec_add(ctx, &ours,
        w->step->direction == DIRECTION_UP ? "CMIG_DIRECTION=upgrade" : "CMIG_DIRECTION=downgrade");
    for (char **e = environ; *e; e++)
        if (!is_set_by(&ours, *e))
            vec_add(ctx, &all, *e);
    vec_each(i, &ours)
        vec_add(ctx, &all, ours.v[i]);
    char **ret = arena_alloc(&ctx->arena, (all.n + 1) * sizeof(*ret));
    vec_each(i, &all)
        ret[i] = ctx_strdup(ctx, all.v[i]);
    return ret;
}

/* ---- running it ---------------------------------------------------------------------------------- */

bool run_program(struct run *r, const struct work *w, const struct strings *command)
{
    const char *url;
    if (r->p->skips_programs)
        return true;
    if (!url_for_program(r->p, &url))
        return false;
    const struct program program = {
        .words = command,
        .env = make_environment(r, w, url),
        .folder = run_folder(r, w),
        .quiet_stdout = true,
    };
    return program_check(r->p->ctx, &program);
}
