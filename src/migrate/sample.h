/* Rows of sample data in a scratch database. Not for other directories. */
#pragma once

#include "cmig/migrate.h"

struct sample {
    struct project *p;
    int64_t rows;         /* per table */
    struct map filled;    /* names of tables that were filled, or cannot be */
    struct strings notes; /* of tables that did not get all rows */
};

/* Fills the tables of the database that were not there when it was called before. */
bool sample_fill(struct sample *sample) ATTR_CHECKED;
