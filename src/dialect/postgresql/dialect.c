/* What is PostgreSQL? */
#include "dialect/postgresql/conn.h"
#include "dialect/postgresql/names.h"

static const char *const schemes[] = {"postgresql", "postgres", NULL};

const struct dialect postgresql_dialect = {
    .name = "postgresql",
    .title = "PostgreSQL",
    .schemes = schemes,
    .features = DIALECT_ENUMS | DIALECT_SCHEMAS | DIALECT_SEQUENCES | DIALECT_COMMENTS | DIALECT_EXCLUDE |
        DIALECT_IDENTITY | DIALECT_INCLUDE | DIALECT_GLOBAL_INDEXES,
    .name_max = 63,
    .must_quote = pg_must_quote,
    .quote = '"',
    .open = pg_open,
    .close = pg_close,
};
