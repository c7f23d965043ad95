/*
 * Matches names against patterns with * ? [abc].
 *
 * fnmatch(3) depends on the locale of the program that uses the library; names must match alike everywhere.
 */
#include "cmig/base.h"

/* Bytes of the character at s; of text that is no UTF-8, 1. */
static size_t char_size(const char *s)
{
    size_t n = 1;

    while (n < 4 && ((unsigned char)s[n] & 0xc0) == 0x80)
        n++;
    return (unsigned char)*s < 0x80 ? 1 : n;
}

static uint32_t char_code(const char *s)
{
    uint32_t code = 0;

    for (size_t i = 0; i < char_size(s); i++) /* keeps the order of code points */
        code = code << 8 | (unsigned char)s[i];
    return code;
}

/* Whether the set that opens at `set` ("[a-c_]", "[!x]") holds the character. False too when it never closes,
 * with *ret_end NULL: then [ stands for itself, as in a shell. */
static bool set_has(const char *set, const char *s, const char **ret_end)
{
    const char *p = set + 1;
    uint32_t code = char_code(s), from, to;
    bool negated = *p == '!' || *p == '^', has = false;
    const char *first;

    if (negated)
        p++;
    for (first = p; *p && (*p != ']' || p == first);) {
        from = to = char_code(p);
        p += char_size(p);
        if (p[0] == '-' && p[1] && p[1] != ']') {
            to = char_code(p + 1);
            p += 1 + char_size(p + 1);
        }
        has |= code >= from && code <= to;
    }
    *ret_end = *p ? p + 1 : NULL;
    return *p && has != negated;
}

/* Whether the first element of the pattern, no star, matches the character; then *ret_rest is after it. */
static bool match_one(const char *pattern, const char *s, const char **ret_rest)
{
    const char *end;
    bool has;

    if (*pattern == '[') {
        has = set_has(pattern, s, &end);
        *ret_rest = end ? end : pattern + 1;
        return end ? has : *s == '[';
    }
    *ret_rest = pattern + (*pattern == '?' ? 1 : char_size(pattern));
    return *pattern == '?' || char_code(pattern) == char_code(s);
}

bool str_glob(const char *pattern, const char *s)
{
    const char *star = NULL, *retry = NULL, *rest;

    while (*s) {
        if (*pattern == '*') { /* try it as nothing first; only the last star need ever be reconsidered */
            star = ++pattern;
            retry = s;
        } else if (*pattern && match_one(pattern, s, &rest)) {
            pattern = rest;
            s += char_size(s);
        } else if (star) {
            pattern = star;
            s = retry += char_size(retry);
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}
