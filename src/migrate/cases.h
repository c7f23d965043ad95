/* Reading test cases, and comparing rows. Not for other directories. */
#pragma once

#include "cmig/migrate.h"

struct case_file {
    struct VEC_OF(struct test_case *) cases;
};
extern const struct record case_file_record;

/* How the rows of a query differ from those of an expectation; `text` NULL: they do not. The lines show all rows: "  " before
 * one that is as expected, "- " before one that is missing, and "+ " before one that is not expected. */
void case_rows_compare(struct ctx *ctx, const struct dialect *dialect, const struct expectation *e,
    const char *sql, const struct result *found, struct case_problem *ret);
