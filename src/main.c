/*
 * The program: from the words of a command line to an exit status.
 *
 * What it does is the library's; this file has the context, the signals, standard output's last word and the
 * one place where an error is printed.
 */
#include "cmig/command.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

/* The signal that asked to stop. The one variable of the program that changes: a signal handler has no other
 * way to say anything. */
static volatile sig_atomic_t interrupt;

/* The second one ends the process at once: the server rolls back when the connection is gone. */
static void on_signal(int number)
{
    if (interrupt)
        _exit(128 + number);
    interrupt = number;
}

/* Without SA_RESTART, so that what waits notices. A signal that was ignored stays so (nohup). */
static void catch_signal(int number)
{
    struct sigaction action = {.sa_handler = on_signal}, before;

    if (sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_IGN)
        return;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

static void catch_signals(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    catch_signal(SIGINT);
    catch_signal(SIGTERM);
    catch_signal(SIGHUP);
    /* A reader that went away must not end a migration half-way: it is noticed when all is done. */
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(
        SIGXFSZ, &ignore, NULL); /* a file that may not grow is an error of the write, and rolled back */
}

static enum log_level wanted_level(const struct globals *g)
{
    if (g->quiet)
        return LOG_WARN;
    return g->verbose ? LOG_DEBUG : LOG_INFO;
}

/* *ret_successor: the program that replaces cmig after a success. */
static bool run(
    struct ctx *ctx, struct talk *talk, char **words, struct strings *ret_successor, pid_t *ret_pager)
{
    struct invocation invocation = {0};
    bool ok = invocation_parse(ctx, words, &invocation);

    ctx->log.level = wanted_level(&invocation.globals);
    if (invocation.globals.quiet)
        ctx->log.progress = NULL;
    talk_init(talk, (enum color_mode)invocation.globals.color, invocation.globals.quiet);
    if (!ok)
        invocation_refuse(ctx, words, &invocation);
    ok = ok && bundle_mount(ctx) && invocation_run(ctx, &invocation);
    *ret_successor = invocation.successor;
    *ret_pager = invocation.pager;
    return ok;
}

/* Whether the reader of our output has closed it, also if that was noticed earlier. */
static bool is_pipe_broken(void)
{
    struct pollfd output = {.fd = STDOUT_FILENO};

    return errno == EPIPE || (poll(&output, 1, 0) == 1 && (output.revents & POLLERR));
}

/* The result is what a command is run for, so a full disk is a failure. A closed pipe is one, too, but its
 * reader knows; but a pager may be left at any time. */
static enum status finish_output(struct ctx *ctx, bool has_pager)
{
    bool failed = ferror(stdout) != 0;

    errno = 0;
    failed = fflush(stdout) != 0 || failed;
    if (failed && ctx->err.status == STATUS_OK) {
        if (has_pager) /* the person has seen enough */
            return STATUS_OK;
        if (is_pipe_broken())
            return STATUS_FAILED;
        /* Why is forgotten when it was not the last write that failed. */
        fail(ctx, STATUS_FAILED, "cannot write the result%s%s", errno ? ": " : "",
            errno ? strerror(errno) : "");
    }
    return ctx->err.status;
}

/* Returns if that fails, or if a signal asked to stop before it. */
static enum status become(struct ctx *ctx, const struct strings *successor)
{
    if (ctx_interrupted(ctx) ? !fail_interrupted(ctx) : program_exec(ctx, successor))
        return STATUS_OK;
    return ctx->err.status;
}

int main(int argc, char **argv)
{
    struct talk talk = {0};
    struct ctx ctx = {
        .log = {.message = talk_message, .progress = talk_progress, .user = &talk, .level = LOG_INFO},
        .interrupt = &interrupt,
        .quick_exit = true,
    };
    struct strings successor = {0};
    enum status status;
    pid_t pager = 0;
    bool ok;

    catch_signals();
    ok = run(&ctx, &talk, argc > 0 ? argv + 1 : argv, &successor, &pager);
    status = finish_output(&ctx, pager != 0);
    if (ok && status == STATUS_OK && successor.n)
        status = become(&ctx, &successor);
    if (ctx.err.status)
        talk_error(&talk, &ctx, "cmig");
    if (pager)
        pager_end(pager);
    /* Memory goes with the process. */
    exit((int)status);
}
