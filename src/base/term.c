/*
 * Is there a terminal, how wide is it, and what does the person in front of it answer?
 */
#include "cmig/base.h"

#include <errno.h>
#include <sys/ioctl.h>
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

/* A byte at a time, so that what follows the line stays for whoever reads next. */
bool term_ask(struct ctx *ctx, const char *question, char **ret_answer)
{
    struct str answer = STR(ctx);
    char c;

    if (!write_all(STDERR_FILENO, question, strlen(question)))
        return false;
    for (;;) {
        ssize_t n = read(STDIN_FILENO, &c, 1);

        if (n < 0 && errno == EINTR && !ctx_interrupted(ctx))
            continue;
        if (n < 0 || (n == 0 && answer.n == 0))
            return false;
        if (n == 0 || c == '\n')
            break;
        str_addc(&answer, c);
    }
    if (answer.n && answer.s[answer.n - 1] == '\r')
        answer.s[--answer.n] = '\0';
    *ret_answer = ctx_strdup(ctx, str_get(&answer));
    return true;
}
