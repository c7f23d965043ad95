/*
 * Runs another program, beside this process or in its place.
 *
 * With posix_spawn: the library may be part of a process with threads, where a fork could do little. A program
 * starts with the default action for the signals that cmig ignores, and with none blocked.
 */
#define _GNU_SOURCE /* posix_spawn_file_actions_addchdir_np */

#include "fs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { POLL_MS = 100, FIRST_PAUSE_NS = 1000000, LONGEST_PAUSE_NS = 20000000 };

/* What posix_spawn is told. */
struct start {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
};

static void start_finish(struct start *s)
{
    posix_spawn_file_actions_destroy(&s->actions);
    posix_spawnattr_destroy(&s->attributes);
}

/* To cmig a broken pipe and a file that may not grow are errors of a write. */
static void reset_signals(posix_spawnattr_t *attributes)
{
    sigset_t defaults, none;

    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGXFSZ);
    posix_spawnattr_setsigdefault(attributes, &defaults);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

static void start_init(struct ctx *ctx, struct start *s, const struct program *p, int output)
{
    posix_spawn_file_actions_init(&s->actions);
    posix_spawnattr_init(&s->attributes);
    reset_signals(&s->attributes);
    if (output >= 0)
        posix_spawn_file_actions_adddup2(&s->actions, output, STDOUT_FILENO);
    if (p->folder && !fs_is_mounted(ctx, p->folder)) /* else it starts where we did */
        posix_spawn_file_actions_addchdir_np(&s->actions, p->folder);
}

static char *const *argv_of(struct ctx *ctx, const struct strings *words)
{
    char **argv = arena_alloc(&ctx->arena, (words->n + 1) * sizeof(*argv));

    vec_each(i, words)
        argv[i] = ctx_strdup(ctx, words->v[i]);
    return argv;
}

static bool fail_start(struct ctx *ctx, const struct program *p, int problem)
{
    const char *name = p->words->v[0];

    if (problem == ENOENT && p->folder && !fs_is_mounted(ctx, p->folder) && !fs_is_dir(p->folder))
        return fail(ctx, STATUS_FAILED, "cannot run '%s' in '%s': no such directory", name, p->folder);
    return fail(ctx, STATUS_FAILED, "cannot run %s%s'%s': %s", p->what ? p->what : "", p->what ? " " : "",
        name, problem == ENOENT ? "no such program" : errno_text(ctx, problem));
}

/* `output` becomes the program's standard output; -1: it has ours. */
static bool start(struct ctx *ctx, const struct program *p, int output, pid_t *ret_pid)
{
    struct start s CLEANUP(start_finish);
    int problem;

    fflush(stdout); /* what was written so far comes first */
    fflush(stderr);
    start_init(ctx, &s, p, output);
    problem = posix_spawnp(ret_pid, p->words->v[0], &s.actions, &s.attributes, argv_of(ctx, p->words),
        p->env ? p->env : environ);
    return !problem || fail_start(ctx, p, problem);
}

/* An interruption is handed on, unless a person works with the program; it may need a while to end. */
static int wait_for(struct ctx *ctx, const struct program *p, pid_t pid)
{
    struct timespec pause = {.tv_nsec = FIRST_PAUSE_NS};
    bool told = p->interactive;
    int status;

    for (pid_t ended; (ended = waitpid(pid, &status, WNOHANG)) != pid;) {
        if (ended < 0 && errno != EINTR)
            return -1;
        if (ctx_interrupted(ctx) && !told) {
            kill(pid, SIGTERM);
            told = true;
        }
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < LONGEST_PAUSE_NS)
            pause.tv_nsec *= 2;
    }
    return status;
}

/* The exit status as a shell has it. */
static bool finish(struct ctx *ctx, const struct program *p, pid_t pid, int *ret_status)
{
    int status = wait_for(ctx, p, pid);

    if (!p->interactive && ctx_interrupted(ctx))
        return fail_interrupted(ctx);
    if (status < 0)
        return fail(ctx, STATUS_FAILED, "cannot wait for '%s'", p->words->v[0]);
    *ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
}

/* ---- in the place of this process ---- */

static bool fail_find(struct ctx *ctx, const char *name, int problem)
{
    return fail(ctx, problem == ENOENT ? STATUS_NO_PROGRAM : STATUS_NOT_EXECUTABLE, "cannot run '%s': %s",
        name, problem == ENOENT ? "no such program" : errno_text(ctx, problem));
}

/* Zero, or the errno that execve would give. */
static int problem_of(const char *path)
{
    if (fs_is_dir(path))
        return EACCES;
    return access(path, X_OK) == 0 ? 0 : errno == ENOTDIR ? ENOENT : errno;
}

bool program_find(struct ctx *ctx, const char *name)
{
    const char *path = getenv("PATH");
    int found = ENOENT, problem;

    if (strchr(name, '/') || !*name)
        return (problem = problem_of(name)) == 0 || fail_find(ctx, name, problem);
    for (path = path ? path : "/bin:/usr/bin"; path; path = *path ? path + 1 : NULL) {
        size_t n = strcspn(path, ":");

        problem = problem_of(ctx_printf(ctx, "%.*s/%s", n ? (int)n : 1, n ? path : ".", name));
        if (!problem)
            return true;
        found = problem == ENOENT ? found : problem;
        path += n;
    }
    return fail_find(ctx, name, found);
}

bool program_exec(struct ctx *ctx, const struct strings *words)
{
    struct sigaction normal = {.sa_handler = SIG_DFL};

    fflush(stderr);
    sigemptyset(&normal.sa_mask);
    sigaction(SIGPIPE, &normal, NULL);
    sigaction(SIGXFSZ, &normal, NULL);
    execvp(words->v[0], argv_of(ctx, words));
    return fail_find(ctx, words->v[0], errno);
}

/* ---- beside this process ---- */

bool program_run(struct ctx *ctx, const struct program *p, int *ret_status)
{
    pid_t pid;

    return start(ctx, p, p->quiet_stdout ? STDERR_FILENO : -1, &pid) && finish(ctx, p, pid, ret_status);
}

bool program_check(struct ctx *ctx, const struct program *p)
{
    int status;

    if (!program_run(ctx, p, &status))
        return false;
    if (status > 128)
        return fail(ctx, STATUS_FAILED, "'%s' was killed by signal %d", p->words->v[0], status - 128);
    return status == 0 || fail(ctx, STATUS_FAILED, "'%s' failed with exit status %d", p->words->v[0], status);
}

/* Until the program closes its output, an interruption, or too much of it. */
static bool read_output(struct ctx *ctx, int fd, size_t limit, struct str *out)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    char piece[4096];
    ssize_t n;

    for (;;) {
        if (ctx_interrupted(ctx))
            return fail_interrupted(ctx);
        if (poll(&ready, 1, POLL_MS) <= 0)
            continue;
        n = read(fd, piece, sizeof(piece));
        if (n == 0 || out->n > limit)
            return true;
        if (n > 0)
            str_addn(out, piece, (size_t)n);
        else if (errno != EINTR)
            return fail(ctx, STATUS_FAILED, "cannot read from a program: %s", errno_text(ctx, errno));
    }
}

bool program_read(struct ctx *ctx, const struct program *p, size_t limit, struct str *out, int *ret_status)
{
    int from CLEANUP(fd_close) = -1, to CLEANUP(fd_close) = -1, ends[2];
    pid_t pid;
    bool ok;

    if (pipe(ends) != 0)
        return fail(ctx, STATUS_FAILED, "cannot create a pipe: %s", errno_text(ctx, errno));
    from = ends[0];
    to = ends[1];
    fcntl(from, F_SETFD, FD_CLOEXEC);
    fcntl(to, F_SETFD, FD_CLOEXEC);
    if (!start(ctx, p, to, &pid))
        return false;
    fd_close(&to);
    to = -1;
    ok = read_output(ctx, from, limit, out);
    fd_close(&from); /* a program that writes on ends by SIGPIPE */
    from = -1;
    if (!ok)
        kill(pid, SIGTERM);
    return finish(ctx, p, pid, ret_status) && ok;
}
