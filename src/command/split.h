/* Models divided into files. */
#pragma once

#include "command.h"

enum split { SPLIT_NONE, SPLIT_SCHEMA, SPLIT_TABLE };
extern const char *const split_names[]; /* ended by NULL */

struct split_file {
    const char *path; /* in the directory of the models */
    const char *text;
};
struct split_files VEC_OF(struct split_file);

/* The files of a document of models, sorted by path. With SPLIT_NONE it is one, which is called `only`. */
void split_models(struct ctx *ctx, const struct node *models, const char *default_schema, enum split split,
    const char *only, struct split_files *ret);
/*
 * Writes them below a directory. A file with other contents is an error, before any is written, unless `force`;
 * one with the same contents is left alone. Other model files there are named in a warning. *ret_written has
 * the paths of what was written.
 */
bool split_write(struct call *c, const char *folder, const struct split_files *files, bool force,
    struct strings *ret_written) ATTR_CHECKED;
