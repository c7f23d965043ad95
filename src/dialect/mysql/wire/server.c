/* The servers that cmig works with. */
#include "dialect/mysql/wire/server.h"

#include <stdlib.h>

/* The first row whose version fits is taken. information_schema.statistics has the column `ignored` since MariaDB 10.6;
 * MySQL has checks since 8.0.16. The releases of MySQL 8.0 before that are not supported. */
static const struct my_server servers[] = {
    {.name = "MariaDB",
        .mark = "MariaDB",
        .oldest = 100600,
        .oldest_text = "10.6",
        .has_mariadb_words = true,
        .has_sequences = true,
        .has_checks = true,
        .has_descending = true,
        .has_rename_column = true,
        .prints_sql = true,
        .index_hidden = "IGNORED"},
    {.name = "MySQL", .oldest = 50700, .oldest_text = "5.7", .before = 80000},
    {.name = "MySQL",
        .oldest = 80016,
        .oldest_text = "8.0.16",
        .is_documented_only = true,
        .has_checks = true,
        .has_descending = true,
        .has_rename_column = true,
        .index_hidden = "INVISIBLE"},
};

/* "10.11.14-MariaDB-0+deb12u2" is 101114, "8.0.36" is 80036. */
static int version_number(const char *text)
{
    char *end;
    long major = strtol(text, &end, 10);
    long minor = *end == '.' ? strtol(end + 1, &end, 10) : 0;
    long patch = *end == '.' ? strtol(end + 1, &end, 10) : 0;
    return (int)(major * 10000 + minor * 100 + patch);
}

static bool has_mark(const struct my_server *s, const char *version, const char *comment)
{
    return s->mark && (strstr(version, s->mark) || (comment && strstr(comment, s->mark)));
}

const struct my_server *my_server_find(const char *version, const char *comment, int *ret_number)
{
    int number = *ret_number = version_number(version);
    for (size_t i = 0; i < COUNT_OF(servers); i++) {
        const struct my_server *s = &servers[i];
        bool is_marked = has_mark(s, version, comment);
        if (s->mark && !is_marked)
            continue;
        if (number >= s->oldest && (!s->before || number < s->before))
            return s;
        if (is_marked)
            return NULL;
    }
    return NULL;
}

const char *my_server_list(struct ctx *ctx)
{
    struct str out = STR(ctx);
    for (size_t i = 0; i < COUNT_OF(servers); i++)
        str_addf(&out, "%s%s %s",
            !i                          ? ""
            : i + 1 < COUNT_OF(servers) ? ", "
                                        : " or ",
            servers[i].name, servers[i].oldest_text);
    return str_get(&out);
}
