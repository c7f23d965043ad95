/* The identity of a model's file. */
#pragma once

#include "cmig/schema.h"

/* A text that is the same for all paths of one file. */
char *model_file_key(struct arena *a, const char *path);
