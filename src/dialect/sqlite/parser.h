/* A text being parsed: what parse.c and its parts share. */
#pragma once

#include "dialect/sqlite/layout.h"
#include "dialect/sqlite/token.h"

struct parser {
    struct ctx *ctx;
    struct token token;  /* the next token */
    const char *at;      /* after it */
    const char *end;     /* the position after the previous token */
    const char *problem; /* the first part that cannot be parsed */
    const char *name;    /* CONSTRAINT name, until it is used */
    struct table *table;
    struct map *types; /* a type as written → as reflection gives it; or NULL */
    struct constraints keys;
    bool key_behind;               /* PRIMARY KEY (…) comes after the columns */
    struct constraint *constraint; /* the last one that was read */
    struct layout *layout;         /* where the parts are; NULL: not asked for */
};

/* A stretch of the text. */
struct span {
    const char *s;
    size_t n;
};

void parser_begin(struct parser *p, struct ctx *ctx, const char *sql);
void parser_next(struct parser *p);
bool parser_unknown(struct parser *p); /* records the problem; false */
bool parser_at(const struct parser *p, const char *word);
bool parser_accept(struct parser *p, const char *word);
bool parser_accept_op(struct parser *p, const char *op);
bool parser_expect(struct parser *p, const char *word);
bool parser_expect_op(struct parser *p, const char *op);
bool parser_name(struct parser *p, const char **ret);
/* ( … ), without the brackets. */
bool parser_brackets(struct parser *p, struct span *ret);
/* (a, b) */
bool parser_names(struct parser *p, struct strings *ret);
/* [schema.]name; the schema is discarded */
bool parser_qname(struct parser *p, const char **ret);
const char *parser_text(struct parser *p, struct span s, bool unwrap);

/* A constraint of a column or of the table. `CONSTRAINT name` is one of its own, whose name the next one takes.
 * False: it cannot be parsed. */
bool parser_column_constraint(struct parser *p, struct column *c, struct part *ret_part);
bool parser_table_constraint(struct parser *p);
