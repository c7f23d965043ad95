/*
 * Measures texts in a sans-serif font.
 *
 * The widths are those of DejaVu Sans, which is wider than other common fonts: a text fits with any of them.
 */
#include "picture.h"

enum {
    FIRST_PRINTED = 32,
    BOLD_PERCENT = 113,
    OTHER_WIDTH = 700, /* of letters that are not in the table */
    WIDE_WIDTH = 1050, /* of ideographs and emoji */
};

/* Advance widths of the characters from U+0020 to U+007E, in thousandths of the font size. */
static const short widths[] = {318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337,
    636, 636, 636, 636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770,
    632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611,
    685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634,
    612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838};

/* Ranges of other characters, in order. */
static const struct {
    unsigned first, last;
    int width;
} ranges[] = {
    {0x0300, 0x036f, 0}, /* combining */
    {0x0400, 0x052f, 760},
    {0x0590, 0x08ff, 650},
    {0x1100, 0x115f, WIDE_WIDTH},
    {0x200b, 0x200f, 0},
    {0x2010, 0x206f, 900},
    {0x2190, 0x22ff, 838},
    {0x2300, 0x2dff, WIDE_WIDTH},
    {0x2e80, 0xd7ff, WIDE_WIDTH},
    {0xf900, 0xfaff, WIDE_WIDTH},
    {0xfe00, 0xfe0f, 0},
    {0xff00, 0xffef, WIDE_WIDTH},
    {0x1f000, 0x3ffff, WIDE_WIDTH},
};

/* The character that begins here, and its length; a byte that begins none counts as one. */
static unsigned next_character(const char *s, size_t *ret_n)
{
    const unsigned char *u = (const unsigned char *)s;
    size_t n = u[0] < 0xc0 ? 1 : u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;
    unsigned code = n == 1 ? u[0] : u[0] & (0x7fu >> n);

    for (size_t i = 1; i < n; i++) {
        if ((u[i] & 0xc0) != 0x80) {
            n = 1;
            break;
        }
        code = code << 6 | (u[i] & 0x3f);
    }
    *ret_n = n;
    return code;
}

static int character_width(unsigned code)
{
    if (code < FIRST_PRINTED)
        return OTHER_WIDTH;
    if (code - FIRST_PRINTED < COUNT_OF(widths))
        return widths[code - FIRST_PRINTED];
    for (size_t i = 0; i < COUNT_OF(ranges) && ranges[i].first <= code; i++)
        if (code <= ranges[i].last)
            return ranges[i].width;
    return OTHER_WIDTH;
}

/* In pixels / 100000. */
static long scaled_width(unsigned code, int size, bool is_bold)
{
    return (long)character_width(code) * size * (is_bold ? BOLD_PERCENT : 100);
}

enum { SCALE = 100000 };

int text_width(const char *text, int size, bool is_bold)
{
    long sum = 0;

    for (size_t n; *text; text += n) {
        const unsigned code = next_character(text, &n);

        sum += scaled_width(code, size, is_bold);
    }
    return (int)((sum + SCALE - 1) / SCALE);
}

const char *text_fit(struct arena *a, const char *text, int size, bool is_bold, int limit)
{
    long sum = scaled_width(0x2026, size, is_bold);
    size_t at = 0;

    if (text_width(text, size, is_bold) <= limit)
        return text;
    for (size_t n; text[at]; at += n) {
        const unsigned code = next_character(text + at, &n);

        sum += scaled_width(code, size, is_bold);
        if (sum > (long)limit * SCALE)
            break;
    }
    return arena_printf(a, "%.*s…", (int)at, text);
}
