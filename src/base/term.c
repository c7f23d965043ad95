/*
 * The terminal: whether there is one, its width, and a line that a person types.
 */
#include "cmig/base.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <unistd.h>

enum { COLUMNS_UNKNOWN = 80 };

bool term_is_tty(int fd)
{
    return isatty(fd) == 1;
}

int term_columns(int fd)
{
    struct winsize size;

    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return COLUMNS_UNKNOWN;
    return size.ws_col;
}

static bool write_all(int fd, const char *s, size_t n)
{
    while (n) {
        ssize_t written = write(fd, s, n);

        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            s += written;
            n -= (size_t)written;
        }
    }
    return true;
}

/* Until there is something to read, or a signal asked to stop: one that comes between the look at the flag and the
 * wait is held back until the wait, so that it is never missed. */
static bool wait_for_input(const struct ctx *ctx)
{
    sigset_t held, before;
    fd_set input;
    bool go_on;

    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    sigaddset(&held, SIGHUP);
    sigprocmask(SIG_BLOCK, &held, &before);
    FD_ZERO(&input);
    FD_SET(STDIN_FILENO, &input);
    if (!ctx_interrupted(ctx))
        pselect(STDIN_FILENO + 1, &input, NULL, NULL, NULL, &before);
    go_on = !ctx_interrupted(ctx);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return go_on;
}

/* One byte at a time, so that the rest stays for the next reader. */
static bool read_line(struct ctx *ctx, struct str *ret_line)
{
    char c;

    for (;;) {
        ssize_t n;

        if (!wait_for_input(ctx))
            return false;
        n = read(STDIN_FILENO, &c, 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || (n == 0 && ret_line->n == 0))
            return false;
        if (n == 0 || c == '\n')
            return true;
        str_addc(ret_line, c);
    }
}

bool term_ask(struct ctx *ctx, const char *question, char **ret_answer)
{
    struct str answer = STR(ctx);

    if (!write_all(STDERR_FILENO, question, strlen(question)))
        return false;
    if (!read_line(ctx, &answer)) {
        write_all(STDERR_FILENO, "\n", 1);
        return false;
    }
    if (answer.n && answer.s[answer.n - 1] == '\r')
        answer.s[--answer.n] = '\0';
    *ret_answer = ctx_strdup(ctx, str_get(&answer));
    return true;
}
