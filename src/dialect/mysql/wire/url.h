/* A server's URL, taken apart for the client library. */
#pragma once

#include "dialect/mysql/mysql.h"
#include "dialect/mysql/wire/libmariadb.h"

/* A parameter that the library takes as an option of its own. */
struct my_url_option {
    enum mysql_option option;
    bool is_flag;
    const char *value; /* of a flag: "1" or "0" */
};
/* What a URL does not say is NULL or 0: an option file may say it. */
struct my_url {
    const char *user, *password, *host, *database, *socket;
    unsigned port;
    bool has_port;
    uint64_t connect_timeout_ms;
    struct VEC_OF(struct my_url_option) options;
};
/* mysql://user:password@host:port/database?parameter=value. An unknown parameter is an error. */
bool my_url_parse(struct ctx *ctx, const struct url *url, struct my_url *ret) ATTR_CHECKED;
