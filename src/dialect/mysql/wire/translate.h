/* cmig's statements for servers that lack words of MariaDB. */
#pragma once

#include "dialect/mysql/mysql.h"

/*
 * What to send for a statement that cmig wrote for MariaDB, in order; usually the statement itself, and nothing if an
 * ALTER TABLE has nothing left to do. IF EXISTS and IF NOT EXISTS of its parts are questions: `answers` has a bool for each; NULL: they are not answered yet.
 */
struct my_translation {
    struct strings sent;
    struct strings after; /* in any case, also after a failure */
    const char *table;    /* of an ALTER TABLE with questions; NULL: none */
    struct strings parts; /* that it asks for: "column a", "index b" */
};
void my_translate(struct ctx *ctx, const char *sql, const struct map *answers, struct my_translation *ret);

/* The table of an ALTER TABLE … RENAME COLUMN; NULL: the statement is another one. */
const char *my_rename_table(struct ctx *ctx, const char *sql);
/* The statement with CHANGE COLUMN; `printed` is what SHOW CREATE TABLE prints of that table. */
const char *my_change_for_rename(struct ctx *ctx, const char *sql, const char *printed);
