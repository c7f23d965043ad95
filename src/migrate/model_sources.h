/* Models that are not files. Not for other directories. */
#pragma once

#include "cmig/migrate.h"

/* Adds what databases and programs contribute to loaded models of this dialect; SQL that programs print is added to `ret`. */
bool model_sources_add(struct project *p, const struct dialect *dialect, struct schema *models,
    struct model_sqls *ret) ATTR_CHECKED;
/* A database, which must be one of this dialect, as a document of models. */
bool model_database_read(
    struct project *p, const struct dialect *dialect, const char *url, struct node **ret) ATTR_CHECKED;
