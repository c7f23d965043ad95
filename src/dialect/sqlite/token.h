/* SQL as SQLite cuts it into tokens. */
#pragma once

#include "cmig/base.h"

enum token_kind {
    TOKEN_END,
    TOKEN_WORD,     /* a keyword or a bare name */
    TOKEN_QUOTED,   /* "x" `x` [x] */
    TOKEN_STRING,   /* 'x' */
    TOKEN_BLOB,     /* x'00' */
    TOKEN_NUMBER,   /* 1 .5 1e9 0x1F */
    TOKEN_VARIABLE, /* ?1 :a @a $a */
    TOKEN_OPERATOR, /* one or several characters: ( , || ->> */
    TOKEN_BAD,      /* what SQLite refuses, such as a quote that is not closed */
};
struct token {
    enum token_kind kind;
    const char *s; /* within the text */
    size_t n;
};
struct tokens VEC_OF(struct token);

/* The next token after *at, which moves; comments and white space are skipped. */
struct token token_read(const char **at);
/* The n bytes at s, without the token that ends them. */
void tokens_read(struct ctx *ctx, const char *s, size_t n, struct tokens *ret);
bool token_is(const struct token *t, const char *word); /* a bare word, in either case */
bool token_op(const struct token *t, const char *op);
/* What a name, or a string in place of one, says, without its quotes. */
char *token_name(struct arena *a, const struct token *t);
/* Whether a bare word can never be a name. */
bool token_is_reserved(const struct token *t);

char *text_upper(struct ctx *ctx, const char *s); /* ASCII letters */
/* Without comments, with one way of spacing, reserved words in upper case and plain quotes. `unwrap` takes brackets
 * around the whole away. */
const char *text_canonical(struct ctx *ctx, const char *s, size_t n, bool unwrap);
bool text_has_comments(const char *sql);
/* Whether two texts are the same to SQLite whatever their spacing, case and quotes. */
bool text_same(struct ctx *ctx, const char *a, const char *b);
