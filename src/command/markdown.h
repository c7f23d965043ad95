/* A comparison as a comment on a pull request. Not for other directories. */
#pragma once

#include "command.h"

struct markdown {
    const char *from, *to; /* the names of the sides */
    const struct diff_readings *readings;
};
/* Prints what changes, what it locks and destroys, and the SQL. */
bool print_markdown(struct call *c, const struct markdown *m) ATTR_CHECKED;
