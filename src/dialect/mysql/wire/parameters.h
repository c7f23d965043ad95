/* The parameters of a server's URL. */
#pragma once

#include "dialect/mysql/wire/url.h"

/* Takes one into `ret`. One that cannot be used, and might protect the connection, is an error. */
bool my_url_take(struct ctx *ctx, const char *key, const char *value, struct my_url *ret) ATTR_CHECKED;
/* After the last one: decides whether the server's certificate is verified. */
void my_url_settle_tls(struct my_url *ret);
