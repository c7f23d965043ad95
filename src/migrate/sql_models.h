/* Models in SQL. */
#pragma once

#include "cmig/migrate.h"

/* Adds to loaded models what is not a YAML file: what SQL creates, for which it connects to a scratch database, what
 * programs print, and other databases. Each is read once for the project, which must be connected if there is SQL. */
bool models_complete(
    struct project *p, const struct dialect *dialect, struct schema *models) ATTR_CHECKED;
/* Gives the nodes of a document of models the places of the statements that create what they describe. */
void sql_models_place(struct ctx *ctx, const struct dialect *dialect, const char *default_schema,
    const struct statements *list, struct node *document);
