/* Comments that the server runs. */
#pragma once

#include "dialect/mysql/mysql.h"

/* See `visible` in cmig/dialect.h. */
const char *my_visible(struct ctx *ctx, const char *text);
