/*
 * Where does the URL come from when the configuration does not hold it?
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { URL_LIMIT = 64 << 10 };

bool config_environment_url(struct variables *v, const char **ret_url)
{
    struct ctx *ctx = v->ctx;
    const char *url = variable_get(v, "DATABASE_URL"), *file = variable_get(v, "DATABASE_URL_FILE");
    char *text;
    size_t size;

    *ret_url = NULL;
    if (url && *url) {
        *ret_url = ctx_strdup(ctx, url);
        return true;
    }
    if (!file || !*file)
        return true;
    if (!fs_read(ctx, &ctx->arena, "DATABASE_URL_FILE", file, URL_LIMIT, &text, &size))
        return false;
    *ret_url = str_trim(&ctx->arena, text);
    return true;
}

/* ---- url_command ---- */

static void fd_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static void actions_destroy(posix_spawn_file_actions_t *actions)
{
    posix_spawn_file_actions_destroy(actions);
}

/* Starts the program, its output going to a pipe of which *ret_fd is the end to read. */
static bool start(struct ctx *ctx, const struct strings *words, pid_t *ret_pid, int *ret_fd)
{
    posix_spawn_file_actions_t actions CLEANUP(actions_destroy);
    char **argv = arena_alloc(&ctx->arena, (words->n + 1) * sizeof(*argv));
    int ends[2], error;
    int to CLEANUP(fd_close) = -1;

    posix_spawn_file_actions_init(&actions);
    vec_each(i, words)
        argv[i] = ctx_strdup(ctx, words->v[i]);
    if (pipe(ends) != 0)
        return fail(ctx, STATUS_CONFIG, "cannot run url_command '%s': %s", argv[0], strerror(errno));
    to = ends[1];
    fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    posix_spawn_file_actions_adddup2(&actions, to, STDOUT_FILENO);
    if (to != STDOUT_FILENO)
        posix_spawn_file_actions_addclose(&actions, to);
    error = posix_spawnp(ret_pid, argv[0], &actions, NULL, argv, environ);
    if (error) {
        close(ends[0]);
        return fail(ctx, STATUS_CONFIG, "cannot run url_command '%s': %s", argv[0],
            error == ENOENT ? "no such program" : strerror(error));
    }
    *ret_fd = ends[0];
    return true;
}

static bool read_output(struct ctx *ctx, int fd, struct str *out)
{
    char piece[4096];
    ssize_t n;

    while ((n = read(fd, piece, sizeof(piece))) != 0) {
        if (n > 0 && out->n < URL_LIMIT)
            str_addn(out, piece, (size_t)n);
        if (n < 0 && (errno != EINTR || ctx_interrupted(ctx)))
            return false;
    }
    return true;
}

static bool run(struct ctx *ctx, const struct strings *words, struct str *out)
{
    int fd CLEANUP(fd_close) = -1, state = 0;
    pid_t pid;
    bool whole;

    if (!start(ctx, words, &pid, &fd))
        return false;
    whole = read_output(ctx, fd, out);
    if (!whole)
        kill(pid, SIGTERM);
    while (waitpid(pid, &state, 0) < 0 && errno == EINTR)
        ;
    if (ctx_interrupted(ctx))
        return fail_interrupted(ctx);
    if (WIFSIGNALED(state))
        return fail(
            ctx, STATUS_CONFIG, "url_command '%s' was ended by signal %d", words->v[0], WTERMSIG(state));
    if (WEXITSTATUS(state))
        return fail(ctx, STATUS_CONFIG, "url_command '%s' failed with exit status %d", words->v[0],
            WEXITSTATUS(state));
    return whole || fail(ctx, STATUS_CONFIG, "cannot read what url_command '%s' prints", words->v[0]);
}

static bool url_of_command(struct ctx *ctx, const struct strings *words, const char **ret)
{
    struct str out = STR(ctx);
    char *url;

    if (!run(ctx, words, &out))
        return false;
    url = str_trim(&ctx->arena, str_get(&out));
    if (!*url)
        return fail(ctx, STATUS_CONFIG, "url_command '%s' prints nothing", words->v[0]);
    if (out.n >= URL_LIMIT || strchr(url, '\n') || strlen(url) > URL_LIMIT)
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
        fail_at(ctx, STATUS_CONFIG, (struct pos){.file = c->path}, "no database is named");
    else
        fail(ctx, STATUS_CONFIG, "no database is named");
    return fail_hint(ctx, "Write url: into cmig.yaml, set DATABASE_URL, or give --url.");
}
