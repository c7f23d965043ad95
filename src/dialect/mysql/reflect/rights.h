/* What the connected user may read. */
#pragma once

#include "dialect/mysql/wire/conn.h"

bool my_read_rights(struct my *my, struct my_rights *ret) ATTR_CHECKED;
