/* Names. */
#pragma once

#include "dialect/mysql/mysql.h"

bool my_must_quote(const char *name);
size_t my_table_in_name(const char *name);
