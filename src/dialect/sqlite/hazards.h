/* What operations and SQL need of SQLite's version. */
#pragma once

#include "cmig/hazard.h"

extern const struct hazard_facts sqlite_hazards;
