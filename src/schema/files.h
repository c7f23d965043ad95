/* Which files the paths of the configuration lead to, sorted: documents in YAML, and models in SQL. */
#pragma once

#include "cmig/base.h"

bool model_files(struct ctx *ctx, const struct strings *paths, struct strings *ret_documents,
    struct strings *ret_sql) ATTR_CHECKED;
/* A text that is the same for all paths of one file. */
char *model_file_key(struct arena *a, const char *path);
