/* How does a revision run a program? */
#include "migrate/run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* ---- what it is told ----------------------------------------------------------------------------- */

/* The program has a folder of its own, so a file's path is made absolute. */
static bool url_for_program(struct project *p, const char **ret)
{
    char *path;
    if (!(p->url.dialect->features & DIALECT_EMBEDDED)) {
        *ret = p->url.text;
        return true;
    }
    if (!*p->url.rest)
        return fail(p->ctx, STATUS_FAILED, "a database in memory is not to be reached by another program");
    path = realpath(p->url.rest, NULL);
    if (!path)
        return fail(p->ctx, STATUS_FAILED, "cannot find '%s': %s", p->url.rest, strerror(errno));
    *ret = ctx_printf(p->ctx, "%s:///%s", p->url.scheme, path);
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

/* A name with a slash is seen from the folder of the revision. The child goes there, which posix_spawn has no standard way for; between fork and exec only calls that are
 * safe there. A pipe that exec closes tells what went wrong before it. */
static bool start(struct ctx *ctx, char **argv, char **env, const char *folder, pid_t *ret)
{
    int report[2], problem = 0;
    if (pipe(report) != 0)
        return fail(ctx, STATUS_FAILED, "cannot make a pipe: %s", strerror(errno));
    pid_t pid = fork();
    if (pid == 0) {
        close(report[0]);
        fcntl(report[1], F_SETFD, FD_CLOEXEC);
        signal(SIGPIPE, SIG_DFL);
        signal(SIGXFSZ, SIG_DFL);
        dup2(STDERR_FILENO, STDOUT_FILENO);
        if (chdir(folder) == 0) {
            environ = env;
            execvp(argv[0], argv);
        }
        problem = errno;
        if (write(report[1], &problem, sizeof(problem)) < 0)
            _exit(126);
        _exit(127);
    }
    close(report[1]);
    bool failed = pid < 0 || read(report[0], &problem, sizeof(problem)) > 0;
    close(report[0]);
    if (!failed) {
        *ret = pid;
        return true;
    }
    if (pid > 0)
        waitpid(pid, NULL, 0);
    return fail(ctx, STATUS_FAILED, "cannot run '%s': %s", argv[0], strerror(pid < 0 ? errno : problem));
}

/* An interruption is handed on; the program may still need a while to end. */
static int wait_for(struct ctx *ctx, pid_t pid)
{
    struct timespec pause = {.tv_nsec = 1000000};
    bool told = false;
    int status;
    for (pid_t ended; (ended = waitpid(pid, &status, WNOHANG)) != pid;) {
        if (ended < 0 && errno != EINTR)
            return -1;
        if (ctx_interrupted(ctx) && !told) {
            kill(pid, SIGTERM);
            told = true;
        }
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < 20000000)
            pause.tv_nsec *= 2;
    }
    return status;
}

bool run_program(struct run *r, const struct work *w, const struct strings *command)
{
    struct ctx *ctx = r->p->ctx;
    const char *url;
    char **argv = arena_alloc(&ctx->arena, (command->n + 1) * sizeof(*argv));
    pid_t pid;
    vec_each(i, command)
        argv[i] = ctx_strdup(ctx, command->v[i]);
    if (!url_for_program(r->p, &url))
        return false;
    if (!start(ctx, argv, make_environment(r, w, url), run_folder(r, w), &pid))
        return false;
    int status = wait_for(ctx, pid);
    if (ctx_interrupted(ctx))
        return fail_interrupted(ctx);
    if (WIFSIGNALED(status))
        return fail(ctx, STATUS_FAILED, "'%s' was ended by signal %d", argv[0], WTERMSIG(status));
    return status == 0 || fail(ctx, STATUS_FAILED, "'%s' ended with status %d", argv[0], WEXITSTATUS(status));
}
