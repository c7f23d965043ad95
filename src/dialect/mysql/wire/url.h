/* A server's URL, parsed for the client library. */
#pragma once

#include "dialect/mysql/mysql.h"
#include "dialect/mysql/wire/libmariadb.h"

/* A parameter that the library takes as an option of its own. */
struct my_url_option {
    enum mysql_option option;
    bool is_flag;
    const char *value; /* of a flag: "1" or "0" */
};
/* Parts that a URL lacks are NULL or 0: an option file may give them. */
struct my_url {
    const char *user, *password, *host, *database, *socket;
    unsigned port;
    bool has_port;
    uint64_t connect_timeout_ms;
    struct VEC_OF(struct my_url_option) options;
};
/* mysql://user:password@host:port/database?parameter=value. An unknown parameter is an error. */
bool my_url_parse(struct ctx *ctx, const struct url *url, struct my_url *ret) ATTR_CHECKED;
