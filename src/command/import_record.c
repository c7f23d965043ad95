/*
 * Imports projects whose migrations are programs in Python: the user's Python runs them and records their SQL.
 */
#include "import.h"

bool import_read_django(struct import *m)
{
    return fail(m->ctx, STATUS_USAGE, "not yet");
}

bool import_read_alembic(struct import *m)
{
    return fail(m->ctx, STATUS_USAGE, "not yet");
}
