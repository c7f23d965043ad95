/*
 * Computes git's id of a text.
 *
 * The id goes into the database's history and must be the same with libgit2, without it, and on a device that
 * has no cryptographic library at all: hence a SHA-1 of our own (FIPS 180-4, section 6.1). It identifies; it
 * protects nothing.
 */
#include "cmig/vcs.h"

enum { BLOCK = 64, DIGEST = 20 };

struct sha1 {
    uint32_t h[5];
    uint64_t size; /* bytes so far */
    unsigned char block[BLOCK];
};

static uint32_t rotate(uint32_t x, unsigned n)
{
    return x << n | x >> (32 - n);
}

/* The functions of the rounds. */
#define CHOOSE(b, c, d) ((d) ^ ((b) & ((c) ^ (d))))
#define PARITY(b, c, d) ((b) ^ (c) ^ (d))
#define MAJORITY(b, c, d) (((b) & (c)) | ((d) & ((b) | (c))))

/* Twenty rounds, five at a time: after five, each variable has its own value again. */
#define ROUND(a, b, c, d, e, function, constant, i) \
    (e += rotate(a, 5) + function(b, c, d) + (constant) + w[i], b = rotate(b, 30))
#define ROUNDS(function, constant, first) \
    for (unsigned i = (first); i < (first) + 20; i += 5) { \
        ROUND(a, b, c, d, e, function, constant, i); \
        ROUND(e, a, b, c, d, function, constant, i + 1); \
        ROUND(d, e, a, b, c, function, constant, i + 2); \
        ROUND(c, d, e, a, b, function, constant, i + 3); \
        ROUND(b, c, d, e, a, function, constant, i + 4); \
    }

static void add_block(struct sha1 *s, const unsigned char *p)
{
    uint32_t w[80], a = s->h[0], b = s->h[1], c = s->h[2], d = s->h[3], e = s->h[4];

    for (size_t i = 0; i < 16; i++, p += 4)
        w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    for (size_t i = 16; i < 80; i++)
        w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    ROUNDS(CHOOSE, 0x5a827999, 0)
    ROUNDS(PARITY, 0x6ed9eba1, 20)
    ROUNDS(MAJORITY, 0x8f1bbcdc, 40)
    ROUNDS(PARITY, 0xca62c1d6, 60)
    s->h[0] += a;
    s->h[1] += b;
    s->h[2] += c;
    s->h[3] += d;
    s->h[4] += e;
}

static void add_bytes(struct sha1 *s, const void *data, size_t n)
{
    const unsigned char *p = data;
    size_t used, piece;

    while (n) {
        used = (size_t)(s->size % BLOCK);
        piece = n < BLOCK - used ? n : BLOCK - used;
        memcpy(s->block + used, p, piece);
        s->size += piece;
        if (used + piece == BLOCK)
            add_block(s, s->block);
        p += piece;
        n -= piece;
    }
}

static void finish(struct sha1 *s, unsigned char digest[DIGEST])
{
    uint64_t bits = s->size * 8;
    unsigned char length[8];

    for (size_t i = 0; i < sizeof(length); i++)
        length[i] = (unsigned char)(bits >> (56 - 8 * i));
    add_bytes(s, "\x80", 1);
    while (s->size % BLOCK != BLOCK - sizeof(length))
        add_bytes(s, "", 1);
    add_bytes(s, length, sizeof(length));
    for (size_t i = 0; i < DIGEST; i++)
        digest[i] = (unsigned char)(s->h[i / 4] >> (24 - 8 * (i % 4)));
}

static const struct sha1 start = {.h = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}};

static void add_head(struct sha1 *s, size_t size)
{
    char head[32];

    add_bytes(s, head, (size_t)snprintf(head, sizeof(head), "blob %zu", size) + 1);
}

static void write_id(struct sha1 *s, char ret[41])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[DIGEST];

    finish(s, digest);
    for (size_t i = 0; i < DIGEST; i++) {
        ret[2 * i] = digits[digest[i] >> 4];
        ret[2 * i + 1] = digits[digest[i] & 15];
    }
    ret[2 * DIGEST] = '\0';
}

void vcs_blob_id(const char *text, size_t size, char ret[41])
{
    struct sha1 s = start;

    add_head(&s, size);
    add_bytes(&s, text, size);
    write_id(&s, ret);
}

/* The next carriage return before a line feed, or the end. */
static const char *find_crlf(const char *s, const char *end)
{
    while (s < end && !(s[0] == '\r' && s + 1 < end && s[1] == '\n'))
        s++;
    return s;
}

void vcs_blob_id_lf(const char *text, size_t size, char ret[41])
{
    const char *end = text + size, *next;
    struct sha1 s = start;

    for (const char *at = text; (next = find_crlf(at, end)) < end; at = next + 1)
        size--;
    add_head(&s, size);
    for (const char *at = text; at < end; at = next + (next < end)) {
        next = find_crlf(at, end);
        add_bytes(&s, at, (size_t)(next - at));
    }
    write_id(&s, ret);
}
