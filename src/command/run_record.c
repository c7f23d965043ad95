/*
 * The record of the last run over many targets: which of them it has done. --resume continues it.
 *
 * It is a file of the user: $XDG_STATE_HOME/cmig/HASH, of the configuration's path and environment. Its first line is the
 * command and its key, each other one a target. The databases know better what is applied, so a run does not need the record.
 */
#include "command.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* NULL: the user has no place for it. */
static const char *folder_of(struct ctx *ctx)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

    if (state && *state == '/')
        return ctx_printf(ctx, "%s/cmig", state);
    return home && *home == '/' ? ctx_printf(ctx, "%s/.local/state/cmig", home) : NULL;
}

/* One per project and environment. */
static const char *name_of(struct call *c)
{
    const struct config *config = &c->project.config;
    char *path = realpath(config->path ? config->path : ".", NULL);
    const char *key =
        ctx_printf(c->ctx, "%s\n%s", path ? path : "", config->environment ? config->environment : "");

    free(path);
    return ctx_printf(c->ctx, "%08x%08x.run", (unsigned)hash_bytes(key, strlen(key)),
        (unsigned)hash_more(HASH_NOTHING ^ 1, key, strlen(key)));
}

static bool fail_other_run(struct ctx *ctx, const char *text, const char *command_line)
{
    const size_t n = strcspn(text, "\t\n");

    if (strncmp(text, command_line, n) || command_line[n]) {
        fail(ctx, STATUS_USAGE, "--resume: the last run was 'cmig %.*s'", (int)n, text);
        return fail_hint(ctx, "Continue that one, or run this command without --resume.");
    }
    fail(ctx, STATUS_USAGE, "--resume: the revisions or the phase have changed since the last run");
    return fail_hint(ctx, "Run the command without --resume.");
}

static bool read_done(
    struct call *c, const char *path, const char *command_line, const char *key, struct map *ret)
{
    struct ctx *ctx = c->ctx;
    char *text;
    size_t size;

    if (!fs_exists(path)) {
        fail(ctx, STATUS_USAGE, "--resume: no earlier run to continue");
        return fail_hint(ctx, "Run the command without --resume.");
    }
    if (!fs_read(ctx, &ctx->arena, "record of the last run", path, SIZE_MAX, &text, &size))
        return false;
    const char *expected = ctx_printf(ctx, "%s\t%s", command_line, key);
    const size_t first = strcspn(text, "\n");
    if (strncmp(text, expected, first) || expected[first])
        return fail_other_run(ctx, text, command_line);
    for (char *line = text + first; *line == '\n'; line += strcspn(line, "\n")) {
        size_t n = strcspn(++line, "\n");

        if (n && line[n]) /* the last line may be incomplete */
            map_set(ret, arena_strndup(&ctx->arena, line, n), text);
    }
    return true;
}

bool run_record_open(
    struct call *c, const char *command_line, const char *key, bool resume, struct run_record *ret)
{
    struct ctx *ctx = c->ctx;
    const char *folder = folder_of(ctx);
    const char *path = folder ? ctx_printf(ctx, "%s/%s", folder, name_of(c)) : NULL;

    ret->fd = -1;
    ret->done = MAP(ctx);
    if (!path)
        return !resume || fail(ctx, STATUS_USAGE, "--resume needs the variable HOME or XDG_STATE_HOME");
    if (resume && !read_done(c, path, command_line, key, &ret->done))
        return false;
    if (fs_mkdirs(ctx, folder))
        ret->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (resume ? 0 : O_TRUNC), 0600);
    err_clear(ctx);
    if (ret->fd >= 0 && !resume && dprintf(ret->fd, "%s\t%s\n", command_line, key) < 0)
        run_record_close(ret);
    return true;
}

/* A target with such a name is simply run again. */
void run_record_add(struct run_record *r, const char *target)
{
    if (r->fd >= 0 && !strchr(target, '\n') && dprintf(r->fd, "%s\n", target) < 0)
        run_record_close(r);
}

void run_record_close(struct run_record *r)
{
    if (r->fd >= 0)
        close(r->fd);
    r->fd = -1;
}
