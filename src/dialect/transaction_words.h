/* SQL that begins or ends a transaction, which a revision leaves to cmig. */
#pragma once

#include "cmig/base.h"

#define SCRIPT_CONTROLS_TRANSACTION "the SQL of a revision cannot begin or end a transaction"
#define SCRIPT_HINT_INSIDE "Remove the statement: each revision runs in a transaction of its own."
#define SCRIPT_HINT_OUTSIDE \
    "Remove the statement: with 'transaction: false' each statement is committed by itself. For several " \
    "statements in " \
    "one transaction write a revision without 'transaction: false'."

/* Whether a statement that begins with these words does so. Words are in capitals, with one space between them.
 * Savepoints are allowed within a transaction. */
bool script_controls_transaction(const char *words, bool in_transaction);
