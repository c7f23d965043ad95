/*
 * SHA-2, for comparing the files of other tools with the checksums in their version tables.
 */
#include "import.h"

/* The two forms differ in the size of their words: 32 and 64 bits, here both in 64. */
struct form {
    unsigned bits, rounds,
        rotations[4][3];  /* SIGMA0, SIGMA1, sigma0, sigma1; the last of the small ones shifts */
    size_t block, result; /* bytes */
    uint64_t begin[8];
};

static const struct form sha256 = {
    .bits = 32,
    .rounds = 64,
    .rotations = {{2, 13, 22}, {6, 11, 25}, {7, 18, 3}, {17, 19, 10}},
    .block = 64,
    .result = 32,
    .begin = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19},
};
static const struct form sha384 = {
    .bits = 64,
    .rounds = 80,
    .rotations = {{28, 34, 39}, {14, 18, 41}, {1, 8, 7}, {19, 61, 6}},
    .block = 128,
    .result = 48,
    .begin = {0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17, 0x152fecd8f70e5939,
        0x67332667ffc00b31, 0x8eb44a8768581511, 0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4},
};

/* The first 64 bits of the fractional parts of the cube roots of the first 80 primes; SHA-256 uses the first halves. */
static const uint64_t constants[80] = {
    0x428a2f98d728ae22,
    0x7137449123ef65cd,
    0xb5c0fbcfec4d3b2f,
    0xe9b5dba58189dbbc,
    0x3956c25bf348b538,
    0x59f111f1b605d019,
    0x923f82a4af194f9b,
    0xab1c5ed5da6d8118,
    0xd807aa98a3030242,
    0x12835b0145706fbe,
    0x243185be4ee4b28c,
    0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f,
    0x80deb1fe3b1696b1,
    0x9bdc06a725c71235,
    0xc19bf174cf692694,
    0xe49b69c19ef14ad2,
    0xefbe4786384f25e3,
    0x0fc19dc68b8cd5b5,
    0x240ca1cc77ac9c65,
    0x2de92c6f592b0275,
    0x4a7484aa6ea6e483,
    0x5cb0a9dcbd41fbd4,
    0x76f988da831153b5,
    0x983e5152ee66dfab,
    0xa831c66d2db43210,
    0xb00327c898fb213f,
    0xbf597fc7beef0ee4,
    0xc6e00bf33da88fc2,
    0xd5a79147930aa725,
    0x06ca6351e003826f,
    0x142929670a0e6e70,
    0x27b70a8546d22ffc,
    0x2e1b21385c26c926,
    0x4d2c6dfc5ac42aed,
    0x53380d139d95b3df,
    0x650a73548baf63de,
    0x766a0abb3c77b2a8,
    0x81c2c92e47edaee6,
    0x92722c851482353b,
    0xa2bfe8a14cf10364,
    0xa81a664bbc423001,
    0xc24b8b70d0f89791,
    0xc76c51a30654be30,
    0xd192e819d6ef5218,
    0xd69906245565a910,
    0xf40e35855771202a,
    0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8,
    0x1e376c085141ab53,
    0x2748774cdf8eeb99,
    0x34b0bcb5e19b48a8,
    0x391c0cb3c5c95a63,
    0x4ed8aa4ae3418acb,
    0x5b9cca4f7763e373,
    0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc,
    0x78a5636f43172f60,
    0x84c87814a1f0ab72,
    0x8cc702081a6439ec,
    0x90befffa23631e28,
    0xa4506cebde82bde9,
    0xbef9a3f7b2c67915,
    0xc67178f2e372532b,
    0xca273eceea26619c,
    0xd186b8c721c0c207,
    0xeada7dd6cde0eb1e,
    0xf57d4f7fee6ed178,
    0x06f067aa72176fba,
    0x0a637dc5a2c898a6,
    0x113f9804bef90dae,
    0x1b710b35131c471b,
    0x28db77f523047d84,
    0x32caab7b40c72493,
    0x3c9ebe0a15c9bebc,
    0x431d67c49c100d4c,
    0x4cc5d4becb3e42b6,
    0x597f299cfc657e2a,
    0x5fcb6fab3ad6faec,
    0x6c44198c4a475817,
};

static uint64_t cut(const struct form *f, uint64_t x)
{
    return f->bits == 64 ? x : x & 0xffffffff;
}

static uint64_t rotate(const struct form *f, uint64_t x, unsigned n)
{
    return cut(f, x >> n | x << (f->bits - n));
}

static uint64_t sigma(const struct form *f, unsigned which, uint64_t x)
{
    const unsigned *r = f->rotations[which];

    return rotate(f, x, r[0]) ^ rotate(f, x, r[1]) ^ (which < 2 ? rotate(f, x, r[2]) : x >> r[2]);
}

static void add_block(const struct form *f, const unsigned char *bytes, uint64_t state[8])
{
    uint64_t w[80], v[8];
    const size_t size = f->bits / 8;

    for (size_t i = 0; i < 16; i++) {
        w[i] = 0;
        for (size_t k = 0; k < size; k++)
            w[i] = w[i] << 8 | bytes[i * size + k];
    }
    for (size_t i = 16; i < f->rounds; i++)
        w[i] = cut(f, sigma(f, 3, w[i - 2]) + w[i - 7] + sigma(f, 2, w[i - 15]) + w[i - 16]);
    memcpy(v, state, sizeof(v));
    for (size_t i = 0; i < f->rounds; i++) {
        const uint64_t k = f->bits == 64 ? constants[i] : constants[i] >> 32;
        const uint64_t t1 = v[7] + sigma(f, 1, v[4]) + ((v[4] & v[5]) ^ (~v[4] & v[6])) + k + w[i];
        const uint64_t t2 = sigma(f, 0, v[0]) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));

        memmove(v + 1, v, 7 * sizeof(*v));
        v[4] = cut(f, v[4] + t1);
        v[0] = cut(f, t1 + t2);
    }
    for (size_t i = 0; i < 8; i++)
        state[i] = cut(f, state[i] + v[i]);
}

static const char *sum_of(struct arena *a, const struct form *f, const char *text)
{
    const size_t n = strlen(text), whole = n - n % f->block;
    unsigned char end[256] = {0}, result[64];
    const size_t rest = n - whole, padded = rest + 1 + f->block / 8 <= f->block ? f->block : 2 * f->block;
    uint64_t state[8];

    memcpy(state, f->begin, sizeof(state));
    for (size_t i = 0; i < whole; i += f->block)
        add_block(f, (const unsigned char *)text + i, state);
    memcpy(end, text + whole, rest);
    end[rest] = 0x80;
    for (size_t i = 0; i < 8; i++)
        end[padded - 1 - i] = (unsigned char)((uint64_t)n * 8 >> 8 * i);
    for (size_t i = 0; i < padded; i += f->block)
        add_block(f, end + i, state);
    for (size_t i = 0; i < f->result; i++)
        result[i] = (unsigned char)(state[i / (f->bits / 8)] >> (f->bits - 8 - 8 * (i % (f->bits / 8))));
    return str_lower(a, str_hex(a, result, f->result) + 2);
}

const char *import_sha256(struct arena *a, const char *text)
{
    return sum_of(a, &sha256, text);
}

const char *import_sha384(struct arena *a, const char *text)
{
    return sum_of(a, &sha384, text);
}
