/* Splits user SQL into statements. */
#pragma once

#include "dialect/mysql/mysql.h"

/* See `split` in cmig/dialect.h. The text may contain DELIMITER lines, as in scripts for the mariadb program. */
bool my_split(struct ctx *ctx, const struct statement *s, bool in_transaction, struct statements *ret);
const char *my_clean(struct ctx *ctx, const char *text, bool in_transaction);
/* Whether the statement that begins here changes or reads rows only, so that it does not commit. */
bool my_is_about_rows(const char *sql);
