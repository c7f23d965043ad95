/* Which databases does a build without PostgreSQL know? Stands in for list.c. */
#include "cmig/dialect.h"

#include "dialect/sqlite/sqlite.h"

const struct dialect *const dialects[] = {&sqlite_dialect, NULL};
