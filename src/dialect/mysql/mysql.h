/* The MySQL dialect, which is also MariaDB's. */
#pragma once

#include "cmig/dialect.h"

extern const struct dialect mysql_dialect;
