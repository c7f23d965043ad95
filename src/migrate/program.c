/* Runs the program of a revision. */
#include "migrate/run.h"

#include <errno.h>
#include <stdlib.h>

extern char **environ;

/* ---- what it is told ----------------------------------------------------------------------------- */

/* The program has a directory of its own, so a file's path is made absolute. */
bool run_program_url(struct project *p, const char **ret)
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

char **run_program_environment(struct ctx *ctx, const char *url, const struct strings *variables)
{
    struct strings ours = {0}, all = {0};
    if (url) {
        vec_add(ctx, &ours, ctx_printf(ctx, "CMIG_URL=%s", url));
        vec_add(ctx, &ours, ctx_printf(ctx, "DATABASE_URL=%s", url));
    }
    vec_each(i, variables)
        vec_add(ctx, &ours, variables->v[i]);
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

const char *run_direction(enum direction direction)
{
    static const char *const names[] = {
        [DIRECTION_UP] = "upgrade", [DIRECTION_DOWN] = "downgrade", [DIRECTION_STAMP] = "stamp"};
    return names[direction];
}

bool run_program(struct run *r, const struct work *w, const struct strings *command)
{
    struct ctx *ctx = r->p->ctx;
    struct strings variables = {0};
    const char *url;
    if (r->p->skips_programs)
        return true;
    if (!run_program_url(r->p, &url))
        return false;
    vec_add(ctx, &variables, ctx_printf(ctx, "CMIG_REVISION=%s", w->step->revision->id));
    vec_add(ctx, &variables, ctx_printf(ctx, "CMIG_DIRECTION=%s", run_direction(w->step->direction)));
    vec_add(ctx, &variables, ctx_printf(ctx, "CMIG_TARGET=%s", r->p->target ? r->p->target->name : ""));
    const struct program program = {
        .words = command,
        .env = run_program_environment(ctx, url, &variables),
        .folder = run_folder(r, w),
        .quiet_stdout = true,
    };
    return program_check(ctx, &program);
}

/* ---- in a scratch database ------------------------------------------------------------------------ */

static bool read_program(struct ctx *ctx, const struct strings *words, const char *url, struct str *out)
{
    struct strings variables = {0};
    int status;
    vec_add(ctx, &variables, "PYTHONDONTWRITEBYTECODE=1");
    const struct program program = {.words = words, .env = run_program_environment(ctx, url, &variables)};
    if (!program_read(ctx, &program, FS_TEXT_LIMIT, out, &status))
        return false;
    if (out->n > FS_TEXT_LIMIT)
        return fail(ctx, STATUS_FAILED, "'%s' printed more than %d bytes", words->v[0], FS_TEXT_LIMIT);
    return !status || fail(ctx, STATUS_FAILED, "'%s' failed with status %d", words->v[0], status);
}

bool migrate_record(struct project *p, const struct strings *words, struct str *out)
{
    const struct dialect *dialect = p->url.dialect;
    struct scratch scratch = {0};
    if (dialect->has.embedded)
        return read_program(p->ctx, words, ctx_printf(p->ctx, "%s://", dialect->name), out);
    if (!project_connect(p, NULL))
        return false;
    bool ok = dialect->scratch_open(p->conn, &p->url, NULL, &scratch);
    if (ok && !scratch.conn) {
        fail(p->ctx, STATUS_FAILED, "cannot create a scratch database: %s", scratch.why);
        ok = scratch.hint && fail_hint(p->ctx, "%s.", scratch.hint);
    }
    ok = ok && read_program(p->ctx, words, scratch.url.text, out);
    if (scratch.conn || scratch.name)
        dialect->scratch_close(p->conn, &scratch);
    return ok;
}
