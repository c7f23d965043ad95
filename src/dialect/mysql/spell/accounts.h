/* Names of accounts and privileges. */
#pragma once

#include "dialect/mysql/mysql.h"

extern const struct access_rules my_access_rules;

/* "app" of app@% or a role, "app@localhost" of another host. */
const char *my_account_name(struct arena *a, const char *user, const char *host);
/* *ret_host NULL: none is given, so that it is a role, or a user of any host. */
void my_account_parse(struct arena *a, const char *name, const char **ret_user, const char **ret_host);
/* Adds `user`@`host`. */
void my_account_add(struct ctx *ctx, struct sql *q, const char *name);
