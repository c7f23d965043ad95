/* Names. */
#pragma once

#include "dialect/mysql/mysql.h"

bool my_must_quote(const char *name);
