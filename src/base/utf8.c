/*
 * Checks UTF-8 and counts characters.
 */
#include "cmig/base.h"

/* What may follow a lead byte: RFC 3629, section 4. No overlong forms, no surrogates, nothing past U+10FFFF.
 */
static const struct lead {
    unsigned char first, last; /* the lead bytes of this row */
    unsigned char low, high;   /* range of the second byte; later ones are 80..BF */
    unsigned char size;
} leads[] = {
    {0xc2, 0xdf, 0x80, 0xbf, 2},
    {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3},
    {0xed, 0xed, 0x80, 0x9f, 3},
    {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4},
    {0xf1, 0xf3, 0x80, 0xbf, 4},
    {0xf4, 0xf4, 0x80, 0x8f, 4},
};

/* Bytes of the character of several bytes at p, or 0. */
static size_t sequence_size(const unsigned char *p, size_t n)
{
    for (const struct lead *lead = leads; lead < leads + COUNT_OF(leads); lead++) {
        if (*p < lead->first || *p > lead->last)
            continue;
        if (n < lead->size || p[1] < lead->low || p[1] > lead->high)
            return 0;
        for (size_t i = 2; i < lead->size; i++)
            if ((p[i] & 0xc0) != 0x80)
                return 0;
        return lead->size;
    }
    return 0;
}

/* How many bytes from here are ASCII, a word at a time: nearly all text is nothing else. */
static size_t ascii_run(const unsigned char *p, size_t n)
{
    uint64_t word;
    size_t i = 0;

    for (; i + sizeof(word) <= n; i += sizeof(word)) {
        memcpy(&word, p + i, sizeof(word));
        if (word & 0x8080808080808080u)
            break;
    }
    while (i < n && p[i] < 0x80)
        i++;
    return i;
}

bool str_utf8(const char *s, size_t n, size_t *ret_bad)
{
    const unsigned char *p = (const unsigned char *)s;
    size_t at = 0, size;

    for (;;) {
        at += ascii_run(p + at, n - at);
        if (at == n)
            return true;
        size = sequence_size(p + at, n - at);
        if (!size) {
            if (ret_bad)
                *ret_bad = at;
            return false;
        }
        at += size;
    }
}

size_t str_width(const char *s)
{
    size_t n = 0;

    for (; *s; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

size_t str_printable(const char *s)
{
    const unsigned char c = (unsigned char)*s;
    size_t n = 1;

    while (c >= 0xc0 && ((unsigned char)s[n] & 0xc0) == 0x80)
        n++;
    bool is_control = c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)s[1] < 0xa0);
    return !is_control && str_utf8(s, n, NULL) ? n : 0;
}

size_t str_deceptive(const char *s)
{
    const unsigned char *c = (const unsigned char *)s;

    if (c[0] != 0xe2 || (c[1] != 0x80 && c[1] != 0x81))
        return 0;
    /* zero width space, marks and overrides of direction; joiners are part of words and emoji */
    bool found = c[1] == 0x80 ? c[2] == 0x8b || c[2] == 0x8e || c[2] == 0x8f || (c[2] >= 0xaa && c[2] <= 0xae)
                              : c[2] >= 0xa6 && c[2] <= 0xa9;
    return found ? 3 : 0;
}

char *str_plain(struct arena *a, const char *s)
{
    struct str out = {.arena = a};

    while (*s) {
        const size_t n = str_printable(s);

        str_addn(&out, n ? s : "?", n ? n : 1);
        s += n ? n : 1;
    }
    return arena_strdup(a, str_get(&out));
}
