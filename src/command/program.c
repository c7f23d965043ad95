/*
 * How are a hook and an editor run?
 */
#include "command.h"

#include <errno.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char **argv_of(struct ctx *ctx, const struct strings *words)
{
    char **argv = arena_alloc(&ctx->arena, (words->n + 1) * sizeof(*argv));

    vec_each(i, words)
        argv[i] = ctx_strdup(ctx, words->v[i]);
    return argv;
}

/* Broken pipes and files that may not grow are errors for us and the usual signals for others. */
static void restore_signals(posix_spawnattr_t *attributes)
{
    sigset_t defaults;

    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGXFSZ);
    posix_spawnattr_setsigdefault(attributes, &defaults);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF);
}

static int wait_for(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return 128;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool program_run(struct ctx *ctx, const struct strings *argv, bool quiet_stdout, int *ret_status)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    pid_t pid;
    int problem;

    /* What we have written so far comes first. */
    fflush(stdout);
    fflush(stderr);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    restore_signals(&attributes);
    if (quiet_stdout)
        posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    problem = posix_spawnp(&pid, argv->v[0], &actions, &attributes, argv_of(ctx, argv), environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (problem)
        return fail(ctx, STATUS_FAILED, "cannot run '%s': %s", argv->v[0], strerror(problem));
    *ret_status = wait_for(pid);
    return true;
}
