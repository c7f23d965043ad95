/* Quoting of names. */
#include "dialect/mysql/spell/names.h"

/* Always quoted, as the server prints them: the reserved words of MySQL and MariaDB differ, and new ones are added. */
bool my_must_quote(ATTR_UNUSED const char *name)
{
    return true;
}
