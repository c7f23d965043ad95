/*
 * Shows a long result with a pager.
 *
 * The pager is a child that reads what was standard output, and standard error, too, if that is the terminal: messages
 * would destroy its picture. It is run by a shell, as PAGER is by other programs. less gets the options that let a short
 * text stay on the terminal, keep colours, and leave the text there, unless LESS has others.
 */
#include "cmig/cli.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *environment(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

bool pager_is_possible(void)
{
    return term_is_tty(STDOUT_FILENO) && !str_eq(getenv("TERM"), "dumb") && environment("TERM") &&
           !environment("CI");
}

const char *pager_choose(const char *configured)
{
    const char *own = getenv("CMIG_PAGER"), *command;

    command = own ? own : configured ? configured : environment("PAGER");
    if (!command)
        command = "less";
    return *command && !str_eq(command, "cat") && !str_eq(command, "false") ? command : NULL;
}

/* The first word, if it is the name of a program as it is. */
static bool is_missing(struct ctx *ctx, const char *command)
{
    const size_t n = strcspn(command, " \t");
    const char *name = arena_strndup(&ctx->arena, command, n);
    const struct err err = ctx->err;
    bool missing;

    if (!n || strpbrk(name, "$`'\"\\=;|&()<>~*?["))
        return false;
    missing = !program_find(ctx, name);
    ctx->err = err;
    return missing;
}

static void become(const char *command, const int *ends)
{
    static const int signals[] = {SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGHUP};

    for (size_t i = 0; i < COUNT_OF(signals); i++)
        signal(signals[i], SIG_DFL);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    close(ends[1]);
    setenv("LESS", "FRX", 0);
    setenv("LV", "-c", 0);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

bool pager_begin(struct ctx *ctx, const char *command, pid_t *ret_pid)
{
    int ends[2];
    pid_t pid;

    if (is_missing(ctx, command) || pipe(ends) != 0)
        return false;
    fflush(stdout);
    fflush(stderr);
    pid = fork();
    if (pid == 0)
        become(command, ends);
    close(ends[0]);
    if (pid < 0) {
        close(ends[1]);
        return false;
    }
    dup2(ends[1], STDOUT_FILENO);
    if (term_is_tty(STDERR_FILENO))
        dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    signal(SIGINT, SIG_IGN); /* it is for the pager, which stops a search, say */
    *ret_pid = pid;
    return true;
}

void pager_end(pid_t pid)
{
    fclose(stdout);
    fflush(stderr);
    if (!term_is_tty(STDERR_FILENO))
        close(STDERR_FILENO);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}
