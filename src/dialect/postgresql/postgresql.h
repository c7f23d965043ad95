/* The PostgreSQL dialect. */
#pragma once

#include "cmig/dialect.h"

extern const struct dialect postgresql_dialect;
