/*
 * Finds the SQL that is written in comments, as dumps have it: in a comment that begins with an exclamation mark, and
 * perhaps the oldest version that runs it.
 *
 * The server that will run a text need not be known. A comment for MySQL 5.7 or later is none that MariaDB runs, and in
 * dumps holds parts of statements and settings only; the versions of MariaDB begin at 100000.
 */
#include "dialect/mysql/spell/comments.h"

#include <stdlib.h>

enum { OLDEST_MYSQL_ONLY = 50700, OLDEST_MARIADB = 100000, NONE_YET = 200000 };

/* The length of the mark that opens SQL here; 0: none does. */
static size_t opener(const char *s)
{
    enum { DIGITS = 6 };
    char number[DIGITS + 1] = "";
    size_t n = str_starts(s, "/*!") ? 3 : str_starts(s, "/*M!") ? 4 : 0;
    if (!n)
        return 0;
    size_t digits = strspn(s + n, "0123456789");
    if (digits < DIGITS - 1)
        return n;
    digits = digits < DIGITS ? digits : DIGITS;
    memcpy(number, s + n, digits);
    long version = strtol(number, NULL, 10);
    bool is_hidden = version >= NONE_YET || (version >= OLDEST_MYSQL_ONLY && version < OLDEST_MARIADB);
    return is_hidden ? 0 : n + digits;
}

const char *my_visible(struct ctx *ctx, const char *text)
{
    size_t n;
    bool is_open = false;
    if (!strstr(text, "/*!") && !strstr(text, "/*M!"))
        return text;
    char *copy = ctx_strdup(ctx, text), *s = copy;
    for (struct sql_piece p; (p = sql_piece(s, SQL_MYSQL)).kind != SQL_END;) {
        if (p.kind == SQL_COMMENT && !is_open && (n = opener(s))) {
            is_open = true;
        } else if (is_open && s[0] == '*' && s[1] == '/') {
            is_open = false;
            n = 2;
        } else {
            s += p.n;
            continue;
        }
        memset(s, ' ', n);
        s += n;
    }
    return copy;
}
