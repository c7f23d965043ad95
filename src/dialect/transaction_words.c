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

/* What a dump has around its transaction. */
static bool is_setting(const char *words)
{
    return str_starts(words, "PRAGMA") || (str_starts(words, "SET ") && script_sets_session(words));
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
    size_t first = 0, last = list->n - 1;
    while (first < list->n && is_setting(list->v[first].words))
        first++;
    while (last > first && is_setting(list->v[last].words))
        last--;
    if (first >= last || first >= list->n || !is_any(list->v[first].words, opens) ||
        !is_any(list->v[last].words, closes))
        return text;
    char *copy = ctx_strdup(ctx, text);
    script_blank(copy, list->v[first].from, list->v[first].to);
    script_blank(copy, list->v[last].from, list->v[last].to);
    return copy;
}
