/*
 * How many columns of a terminal a text has.
 *
 * wcwidth(3) depends on the locale of the process, which belongs to the program that the library is part of. The tables
 * have the ranges of UAX #11 and the blocks of combining characters, without single exceptions in rare scripts.
 */
#include "cmig/base.h"

struct range {
    uint32_t first, last;
};

static const struct range without_width[] = {{0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd},
    {0x0610, 0x061a}, {0x064b, 0x065f}, {0x06d6, 0x06dc}, {0x0900, 0x0902}, {0x093c, 0x093c},
    {0x0941, 0x0948}, {0x094d, 0x094d}, {0x0e31, 0x0e31}, {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e},
    {0x1160, 0x11ff}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x202a, 0x202e},
    {0x2060, 0x2064}, {0x20d0, 0x20ff}, {0x3099, 0x309a}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
    {0xfeff, 0xfeff}, {0x1f3fb, 0x1f3ff}, {0xe0000, 0xe01ef}};

static const struct range wide[] = {{0x1100, 0x115f}, {0x231a, 0x231b}, {0x2329, 0x232a}, {0x23e9, 0x23ec},
    {0x25fd, 0x25fe}, {0x2614, 0x2615}, {0x2648, 0x2653}, {0x26a1, 0x26a1}, {0x26aa, 0x26ab},
    {0x26bd, 0x26be}, {0x26c4, 0x26c5}, {0x26d4, 0x26d4}, {0x26ea, 0x26ea}, {0x26f2, 0x26f3},
    {0x26f5, 0x26f5}, {0x26fa, 0x26fa}, {0x26fd, 0x26fd}, {0x2705, 0x2705}, {0x270a, 0x270b},
    {0x2728, 0x2728}, {0x274c, 0x274c}, {0x274e, 0x274e}, {0x2753, 0x2755}, {0x2757, 0x2757},
    {0x2795, 0x2797}, {0x27b0, 0x27b0}, {0x27bf, 0x27bf}, {0x2b1b, 0x2b1c}, {0x2b50, 0x2b50},
    {0x2b55, 0x2b55}, {0x2e80, 0x303e}, {0x3041, 0x3098}, {0x309b, 0x4dbf}, {0x4e00, 0xa4cf},
    {0xa960, 0xa97c}, {0xac00, 0xd7a3}, {0xf900, 0xfaff}, {0xfe10, 0xfe19}, {0xfe30, 0xfe6f},
    {0xff01, 0xff60}, {0xffe0, 0xffe6}, {0x1f004, 0x1f004}, {0x1f0cf, 0x1f0cf}, {0x1f18e, 0x1f18e},
    {0x1f191, 0x1f19a}, {0x1f200, 0x1f320}, {0x1f32d, 0x1f335}, {0x1f337, 0x1f3fa}, {0x1f400, 0x1f64f},
    {0x1f680, 0x1f6ff}, {0x1f7e0, 0x1f7eb}, {0x1f90c, 0x1f9ff}, {0x1fa70, 0x1faff}, {0x20000, 0x3fffd}};

static bool is_among(uint32_t code, const struct range *ranges, size_t n)
{
    for (size_t i = 0; i < n && ranges[i].first <= code; i++)
        if (code <= ranges[i].last)
            return true;
    return false;
}

/* The columns of the character at s, and its bytes. A byte that is no UTF-8 is a character. */
static size_t columns_of(const char *s, size_t *ret_size)
{
    const unsigned char first = (unsigned char)*s;
    const size_t size = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    uint32_t code = first & (0x7fu >> size);

    *ret_size = 1;
    if (first < 0x80)
        return first >= 0x20 && first != 0x7f;
    for (size_t i = 1; i < size; i++) {
        if (((unsigned char)s[i] & 0xc0) != 0x80)
            return 1;
        code = code << 6 | ((unsigned char)s[i] & 0x3f);
    }
    *ret_size = size;
    return is_among(code, without_width, COUNT_OF(without_width)) ? 0
           : is_among(code, wide, COUNT_OF(wide))                 ? 2
                                                                  : 1;
}

/* The bytes of an escape sequence that sets a colour; 0: none begins here. */
static size_t color_size(const char *s)
{
    if (s[0] != '\033' || s[1] != '[')
        return 0;
    const size_t n = 2 + strspn(s + 2, "0123456789;");

    return s[n] == 'm' ? n + 1 : 0;
}

size_t str_columns(const char *s)
{
    size_t n = 0, size;

    for (; *s; s += size) {
        size = color_size(s);
        if (!size)
            n += columns_of(s, &size);
    }
    return n;
}

size_t str_fit(const char *s, size_t columns)
{
    size_t at = 0, used = 0, size;

    for (; s[at]; at += size) {
        size = color_size(s + at);
        if (!size)
            used += columns_of(s + at, &size);
        if (used > columns)
            break;
    }
    return at;
}
