/* Quoting of names. */
#include "dialect/mysql/spell/names.h"

/* Always, as the server prints them: the reserved words of MySQL and MariaDB are not the same, and grow. */
bool my_must_quote(ATTR_UNUSED const char *name)
{
    return true;
}
