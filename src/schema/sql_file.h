/* Reads the SQL files that models name. */
#pragma once

#include "cmig/schema.h"

/* The object or view whose SQL is in files. */
struct sql_file {
    struct pos pos;   /* in the model */
    const char *what; /* "view 'few'" */
    struct dtext file;
};
/*
 * Reads the files, whose paths are relative to the model's directory. Byte order marks are removed and line ends become those
 * of Unix, so that the text does not depend on how the files were checked out. *ret_paths are the paths of the files.
 */
bool sql_file_read(
    struct ctx *ctx, const struct sql_file *f, struct dtext *ret_sql, struct dtext *ret_paths) ATTR_CHECKED;
/* The same for a query; any SQL after it is an error. */
bool sql_file_read_query(
    struct ctx *ctx, const struct sql_file *f, struct dtext *ret_sql, struct dtext *ret_paths) ATTR_CHECKED;
