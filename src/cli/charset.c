/*
 * Whether the locale can print characters beyond ASCII.
 */
#include "cmig/cli.h"

#include <stdlib.h>

/* "UTF-8" of "de_DE.UTF-8@euro". */
static bool is_utf8(const char *locale)
{
    const char *dot = locale ? strchr(locale, '.') : NULL;
    char name[8] = "";

    if (!dot || strcspn(dot + 1, "@") >= sizeof(name))
        return false;
    memcpy(name, dot + 1, strcspn(dot + 1, "@"));
    return str_eq_ci(name, "utf-8") || str_eq_ci(name, "utf8");
}

bool charset_is_utf8(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *locale = NULL;

    /* The first one that says anything holds, as for setlocale(3). */
    for (size_t i = 0; i < COUNT_OF(variables) && !(locale && *locale); i++)
        locale = getenv(variables[i]);
    return is_utf8(locale);
}
