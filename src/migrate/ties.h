/* What ties a column to its table. */
#pragma once

#include "cmig/migrate.h"

bool is_key_column(const struct table *t, const char *column);
/* Why a column cannot be replaced by another one; NULL: it can. */
const char *column_tie(const struct schema *s, const struct table *t, const char *column);
