/* The SQLite dialect. */
#pragma once

#include "cmig/dialect.h"

extern const struct dialect sqlite_dialect;
