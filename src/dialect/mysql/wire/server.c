/* The servers that cmig works with. */
#include "dialect/mysql/wire/server.h"

#include <stdlib.h>

/* information_schema.statistics has the column `ignored` since MariaDB 10.6; MySQL has checks since 8.0.16. */
static const struct my_server servers[] = {
    {.name = "MariaDB",
        .mark = "MariaDB",
        .oldest = 100600,
        .oldest_text = "10.6",
        .has_mariadb_words = true,
        .has_sequences = true,
        .prints_sql = true,
        .index_hidden = "IGNORED"},
    {.name = "MySQL",
        .oldest = 80016,
        .oldest_text = "8.0.16",
        .is_documented_only = true,
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

const struct my_server *my_server_find(const char *version, const char *comment, int *ret_number)
{
    *ret_number = version_number(version);
    for (size_t i = 0; i < COUNT_OF(servers); i++) {
        const char *mark = servers[i].mark;
        if (!mark || strstr(version, mark) || (comment && strstr(comment, mark)))
            return *ret_number >= servers[i].oldest ? &servers[i] : NULL;
    }
    return NULL;
}

const char *my_server_list(struct ctx *ctx)
{
    struct str out = STR(ctx);
    for (size_t i = 0; i < COUNT_OF(servers); i++)
        str_addf(&out, "%s%s %s", i ? " or " : "", servers[i].name, servers[i].oldest_text);
    return str_get(&out);
}
