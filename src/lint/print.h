/* Formats of findings. */
#pragma once

#include "cmig/lint.h"

const char *finding_fingerprint(struct ctx *ctx, const struct finding *f);
void print_sarif(struct ctx *ctx, const struct findings *list, struct str *out);
