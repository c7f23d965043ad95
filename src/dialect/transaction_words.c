/* Recognises SQL that begins or ends a transaction, or that holds for the session. */
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

bool script_sets_session(const char *words)
{
    static const char *const settings[] = {"SET", "RESET", "PRAGMA", "ATTACH", "DETACH", NULL};
    static const char *const others[] = {"SET LOCAL", "SET TRANSACTION", "SET CONSTRAINTS", NULL};
    return begins_with_any(words, settings) && !begins_with_any(words, others);
}

static bool is_any(const char *words, const char *const *list)
{
    for (; *list; list++)
        if (str_eq(words, *list))
            return true;
    return false;
}

void script_blank(char *text, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (text[i] != '\n')
            text[i] = ' ';
}

const char *script_unwrap(struct ctx *ctx, const char *text, const struct script_words_list *list)
{
    static const char *const opens[] = {"BEGIN", "BEGIN TRANSACTION", "BEGIN WORK", "START TRANSACTION",
        "BEGIN IMMEDIATE", "BEGIN IMMEDIATE TRANSACTION", "BEGIN EXCLUSIVE", "BEGIN EXCLUSIVE TRANSACTION",
        "BEGIN DEFERRED", "BEGIN DEFERRED TRANSACTION", NULL};
    static const char *const closes[] = {
        "COMMIT", "COMMIT TRANSACTION", "COMMIT WORK", "END", "END TRANSACTION", "END WORK", NULL};
    char *copy = ctx_strdup(ctx, text);
    bool is_open = false;
    vec_each(i, list) {
        const struct script_words *part = &list->v[i];
        bool opens_one = is_any(part->words, opens), closes_one = is_any(part->words, closes);
        if (!opens_one && !closes_one && script_controls_transaction(part->words, true))
            return text;
        if (opens_one ? is_open : closes_one && !is_open)
            return text;
        if (opens_one || closes_one)
            script_blank(copy, part->from, part->to);
        is_open = opens_one || (is_open && !closes_one);
    }
    return is_open ? text : copy;
}
