/* What changes cost MariaDB: copies of tables. */
#pragma once

#include "cmig/hazard.h"

extern const struct hazard_facts my_hazards;
