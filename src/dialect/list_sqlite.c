/* The dialects of a build without PostgreSQL. Replaces list.c. */
#include "cmig/dialect.h"

#include "dialect/sqlite/sqlite.h"

const struct dialect *const dialects[] = {&sqlite_dialect, NULL};
