/*
 * Whether output is coloured.
 */
#include "cmig/cli.h"

#include <stdlib.h>

const char *const color_mode_names[] = {"auto", "always", "never", NULL};

static bool is_set(const char *variable)
{
    const char *value = getenv(variable);

    return value && *value;
}

bool color_wanted(enum color_mode mode, int fd)
{
    const char *force = getenv("CLICOLOR_FORCE");

    switch (mode) {
    case COLOR_ALWAYS:
        return true;
    case COLOR_NEVER:
        return false;
    case COLOR_AUTO:
        break;
    }
    if (is_set("NO_COLOR"))
        return false;
    if (force && *force && !str_eq(force, "0"))
        return true;
    return !str_eq(getenv("TERM"), "dumb") && term_is_tty(fd);
}
