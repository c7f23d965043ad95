/*
 * Words of other tools, and cmig's word for the same thing.
 *
 * Capitals, dashes and underscores make no difference: foreignKey and foreign_key are one word.
 */
#include "cmig/base.h"

#include <ctype.h>

static const char *skip_marks(const char *s)
{
    return s + strspn(s, "-_ ");
}

static bool is_same_word(const char *a, const char *b)
{
    for (a = skip_marks(a), b = skip_marks(b); *a && *b; a = skip_marks(a + 1), b = skip_marks(b + 1))
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
    return !*a && !*b;
}

const struct foreign_word *foreign_find(
    const struct foreign_word *rows, const char *word, const char *const *candidates, size_t n)
{
    for (; rows->word; rows++) {
        if (!is_same_word(rows->word, word))
            continue;
        if (!rows->ours)
            return rows;
        for (size_t i = 0; i < n; i++)
            if (str_eq(candidates[i], rows->ours))
                return rows;
    }
    return NULL;
}
