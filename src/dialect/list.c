/* The databases that this build knows. This file is all that looks into a dialect's directory. */
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
