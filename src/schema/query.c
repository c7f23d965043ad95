/*
 * Takes the semicolon off the end of a view's query.
 *
 * With anything but comments after it the text is more than a query.
 */

#include "schema/records.h"

/* The first semicolon, or the end. */
static const char *find_end(const char *s)
{
    for (struct sql_piece p; (p = sql_piece(s, SQL_ANY)).kind != SQL_END; s += p.n)
        if (*s == ';')
            break;
    return s;
}

bool query_trim(struct arena *a, const char **text)
{
    const char *end = find_end(*text), *rest = end;

    if (!*end)
        return true;
    while (*rest == ';')
        rest = sql_skip_space(rest + 1, SQL_ANY);
    if (*rest)
        return false;
    *text = str_trim(a, arena_strndup(a, *text, (size_t)(end - *text)));
    return true;
}
