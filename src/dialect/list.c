/* The dialects of this build. Only this file and its twin name the folders of dialects. */
#include "cmig/dialect.h"

#include "dialect/postgresql/postgresql.h"
#include "dialect/sqlite/sqlite.h"

const struct dialect *const dialects[] = {&sqlite_dialect, &postgresql_dialect, NULL};
