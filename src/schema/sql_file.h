/* SQL of a model that is in files of its own. */
#pragma once

#include "cmig/schema.h"

/* What says that its SQL is in files. */
struct sql_file {
    struct pos pos;   /* in the model */
    const char *what; /* "view 'few'" */
    struct dtext file;
};
/*
 * Reads the files, which are named as seen from the model's folder: without a byte order mark, and with the line ends of
 * Unix, so that a text is the same however it was checked out. *ret_paths are those of the files.
 */
bool sql_file_read(
    struct ctx *ctx, const struct sql_file *f, struct dtext *ret_sql, struct dtext *ret_paths) ATTR_CHECKED;
/* The same where the SQL is a query; what follows it is refused. */
bool sql_file_read_query(
    struct ctx *ctx, const struct sql_file *f, struct dtext *ret_sql, struct dtext *ret_paths) ATTR_CHECKED;
