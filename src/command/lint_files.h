/* Linting revision files, for the commands that do. */
#pragma once

#include "command.h"

#include "cmig/lint.h"

/* clang-format off */
#define FORMAT_OPTION_ROW(type, member) \
    {0, "format", OPTION_CHOICE, offsetof(type, member), "FORMAT", \
        "text, github, gitlab, junit or sarif (default: that of the CI system)", finding_format_names, NULL}
/* clang-format on */
extern const char *const finding_format_names[];
/* The format that a choice among these names means. */
enum lint_format finding_format(int choice);

struct lint_wishes {
    const char *dialect;   /* NULL: that of the URL */
    const char *stats;     /* a file, or NULL */
    int64_t small;         /* 0: as the configuration says */
    bool downgrades;       /* see struct lint_request */
    enum lint_level least; /* see struct lint_request */
    bool *wanted;          /* by revision->order; NULL: all */
};
/* With the configuration's levels, in the revision files of the project. */
bool lint_files(struct call *c, const struct lint_wishes *w, struct findings *ret) ATTR_CHECKED;
/* The findings of a comparison with what is connected. Its schema of the database is changed. */
bool lint_comparison(struct call *c, struct comparison *found, struct findings *ret) ATTR_CHECKED;
/* Prints what lint warns of in a new file, as notes. Never fails: the file has been written. */
void lint_note_new(struct call *c, const char *id, const char *dialect);
