/* SQL that begins or ends a transaction, which a revision leaves to cmig, or that holds for the session. */
#pragma once

#include "cmig/base.h"

#define SCRIPT_CONTROLS_TRANSACTION "the SQL of a revision cannot begin or end a transaction"
#define SCRIPT_HINT_INSIDE "Remove the statement: each revision runs in a transaction of its own."
#define SCRIPT_HINT_OUTSIDE \
    "Remove the statement: with 'transaction: false' each statement is committed by itself. For several " \
    "statements in " \
    "one transaction write a revision without 'transaction: false'."

/* A statement of a text: where it is, and its first words in capitals, with one space between them. */
struct script_words {
    size_t from, to;
    const char *words;
};
struct script_words_list VEC_OF(struct script_words);
/* Blanks bytes of a text, but for the ends of lines. */
void script_blank(char *text, size_t from, size_t to);
/* The text without the statements that begin and commit transactions, as dumps and some tools write them around parts of
 * it, if each one that is begun is committed. */
const char *script_unwrap(struct ctx *ctx, const char *text, const struct script_words_list *list);
/* Whether a statement that begins with these words does so. Words are in capitals, with one space between them.
 * Savepoints are allowed within a transaction. */
bool script_controls_transaction(const char *words, bool in_transaction);
/* Whether a statement that begins with these words sets something for the rest of the session. */
bool script_sets_session(const char *words);
