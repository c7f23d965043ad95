/* What the connected user may read. */
#pragma once

#include "dialect/mysql/wire/conn.h"

bool my_read_rights(struct my *my, struct my_rights *ret) ATTR_CHECKED;
/* Reads them once per connection. */
bool my_know_rights(struct my *my) ATTR_CHECKED;
/* Whether the user may have a privilege, such as "CREATE VIEW", on something in the database. */
bool my_may(const struct my *my, const char *privilege);
