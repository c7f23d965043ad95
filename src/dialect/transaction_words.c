/* Recognises SQL that begins or ends a transaction. */
#include "dialect/transaction_words.h"

static bool begins_with_any(const char *words, const char *const *firsts)
{
    for (; *firsts; firsts++) {
        size_t n = strlen(*firsts);
        if (strncmp(words, *firsts, n) == 0 && (words[n] == ' ' || !words[n]))
            return true;
    }
    return false;
}

bool script_controls_transaction(const char *words, bool in_transaction)
{
    static const char *const savepoints[] = {
        "SAVEPOINT", "RELEASE", "ROLLBACK TO", "ROLLBACK WORK TO", "ROLLBACK TRANSACTION TO", NULL};
    static const char *const others[] = {
        "BEGIN", "START TRANSACTION", "COMMIT", "END", "ABORT", "ROLLBACK", "PREPARE TRANSACTION", NULL};
    if (begins_with_any(words, savepoints))
        return !in_transaction;
    return begins_with_any(words, others);
}
