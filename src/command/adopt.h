/* Adopting a database that exists already. Not for other folders. */
#pragma once

#include "command.h"

/* The migration tool that a table belongs to, as people call it; NULL: none is known. */
const char *other_tool(const struct table *t);
