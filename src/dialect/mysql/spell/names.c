/* Quoting of names, and names that the server chooses. */
#include "dialect/mysql/spell/names.h"

/* Always quoted, as the server prints them: the reserved words of MySQL and MariaDB differ, and new ones are added. */
bool my_must_quote(ATTR_UNUSED const char *name)
{
    return true;
}

/* A foreign key without a name becomes "users_ibfk_1"; renaming the table renames every key of this form. */
size_t my_table_in_name(const char *name)
{
    static const char mark[] = "_ibfk_";
    const char *found = strstr(name, mark);
    for (const char *next; found && (next = strstr(found + 1, mark));)
        found = next;
    if (!found)
        return 0;
    const char *number = found + sizeof mark - 1;
    return *number && !number[strspn(number, "0123456789")] ? (size_t)(found - name) : 0;
}
