/* Models in SQL. */
#pragma once

#include "cmig/migrate.h"

/* Adds what the SQL files of loaded models create. Connects to a scratch database, once for the project. */
bool sql_models_add(struct project *p, struct schema *models) ATTR_CHECKED;
/* Gives the nodes of a document of models the places of the statements that create what they describe. */
void sql_models_place(struct ctx *ctx, const struct dialect *dialect, const char *default_schema,
    const struct statements *list, struct node *document);
