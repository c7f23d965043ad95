/* The databases that this build supports. Only this file refers to the directories of dialects. */
#include "cmig/dialect.h"

#include "build-config.h"
#include "dialect/mysql/mysql.h"
#include "dialect/postgresql/postgresql.h"
#include "dialect/sqlite/sqlite.h"

const struct dialect *const dialects[] = {
    &sqlite_dialect,
#if HAVE_POSTGRESQL
    &postgresql_dialect,
#endif
#if HAVE_MYSQL
    &mysql_dialect,
#endif
    NULL,
};
