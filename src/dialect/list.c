/* Which databases does this build know? This file and its twin are all that looks into a dialect's folder. */
#include "cmig/dialect.h"

#include "dialect/postgresql/postgresql.h"
#include "dialect/sqlite/sqlite.h"

const struct dialect *const dialects[] = {&sqlite_dialect, &postgresql_dialect, NULL};
