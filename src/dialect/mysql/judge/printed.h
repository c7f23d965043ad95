/* The texts in the output of SHOW CREATE TABLE. */
#pragma once

#include "dialect/mysql/mysql.h"

/* Gives the columns and checks of a table, which are found by name, the texts that the server printed. */
void my_take_printed(struct ctx *ctx, const char *printed, struct table *t);
