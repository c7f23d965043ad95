/* Linting revision files, for the commands that do. */
#pragma once

#include "command.h"

#include "cmig/lint.h"

struct lint_wishes {
    const char *dialect; /* NULL: that of the URL */
    const char *stats;   /* a file, or NULL */
    int64_t small;       /* 0: as the configuration says */
    bool *wanted;        /* by revision->order; NULL: all */
};
/* With the configuration's levels, in the revision files of the project. */
bool lint_files(struct call *c, const struct lint_wishes *w, struct findings *ret) ATTR_CHECKED;
