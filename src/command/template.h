/* What `cmig init` writes: the files below templates/, compiled into the program. Not for other directories. */
#pragma once

#include <stddef.h>

struct template_file {
    const char *template; /* "generic"; NULL ends the table */
    const char *
        path; /* within the project; "DESCRIPTION" is the template's one line instead; a framework has "MODELS",
                         the lines of cmig.yaml, in place of it */
    const char *text;
};
extern const struct template_file template_files[]; /* sorted by template and path */
/* Programs that are run, not written. */
extern const struct template_file record_files[];
