/* Which files hold the models? */
#pragma once

#include "cmig/base.h"

/* Files, the *.yaml and *.yml at any depth below folders, and what globs match; each once, in order. */
bool model_files(struct ctx *ctx, const struct strings *paths, struct strings *ret) ATTR_CHECKED;
