/* A server's URL, parsed for the client library. */
#pragma once

#include "dialect/mysql/mysql.h"
#include "dialect/mysql/wire/libmariadb.h"

/* A parameter that the library takes as an option of its own. */
struct my_url_option {
    enum mysql_option option;
    const char *value;
};
/* How the connection is protected, from the least to the most. */
enum my_tls {
    MY_TLS_DEFAULT, /* the URL does not say: as the library and its option files have it */
    MY_TLS_OFF,
    MY_TLS_TRY,     /* encrypted if the server can */
    MY_TLS_ENCRYPT, /* or else there is no connection */
    MY_TLS_VERIFY,  /* the same, and the server's certificate is valid, for this host */
};
/* Parts that a URL lacks are NULL or 0: an option file may give them. */
struct my_url {
    const char *user, *password, *host, *database, *socket;
    unsigned port;
    bool has_port;
    uint64_t connect_timeout_ms;
    struct VEC_OF(struct my_url_option) options;
    enum my_tls tls;
    bool has_authority; /* the certificate of one, by which the server's is verified */
    bool is_trusting;   /* it is not to be verified */
};
/* mysql://user:password@host:port/database?parameter=value. See parameters.c. */
bool my_url_parse(struct ctx *ctx, const struct url *url, struct my_url *ret) ATTR_CHECKED;
