/* The MySQL dialect, which is also MariaDB's. */
#pragma once

#include "cmig/dialect.h"

extern const struct dialect mysql_dialect;

/* The server's name for messages: "MariaDB", "MySQL", or both while none is connected. */
static inline const char *my_title(const struct ctx *ctx)
{
    return dialect_title(ctx, &mysql_dialect);
}
