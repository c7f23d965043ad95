/*
 * Finds the known word that is nearest to a misspelt one.
 *
 * By optimal string alignment: inserted, missing, wrong and swapped neighbouring letters each count one.
 */
#include "cmig/base.h"

enum { WORD_LIMIT = 64 }; /* nobody misspells a longer one into another */

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    unsigned least = a < b ? a : b;

    return least < c ? least : c;
}

static bool same_letter(char a, char b)
{
    return str_eq_ci((const char[]){a, '\0'}, (const char[]){b, '\0'});
}

static unsigned distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
    unsigned rows[3][WORD_LIMIT + 1];

    for (size_t j = 0; j <= b_size; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= a_size; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *higher = rows[(i + 1) % 3];

        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_size; j++) {
            row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + !same_letter(a[i - 1], b[j - 1]));
            if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) && same_letter(a[i - 2], b[j - 1]))
                row[j] = min3(row[j], row[j], higher[j - 2] + 1);
        }
    }
    return rows[a_size % 3][b_size];
}

const char *str_nearest(const char *word, const char *const *candidates, size_t n)
{
    size_t size = strlen(word), candidate_size;
    unsigned best = 0, d;
    const char *nearest = NULL;

    if (size > WORD_LIMIT)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        candidate_size = strlen(candidates[i]);
        if (candidate_size > WORD_LIMIT)
            continue;
        d = distance(word, size, candidates[i], candidate_size);
        /* A word of which no letter is left suggests nothing. */
        if (d > 1 + size / 4 || d >= size || d >= candidate_size)
            continue;
        if (!nearest || d < best) {
            best = d;
            nearest = candidates[i];
        }
    }
    return nearest;
}
