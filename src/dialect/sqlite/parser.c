/* Moves a parser over SQLite's tokens. */
#include "dialect/sqlite/parser.h"

void parser_begin(struct parser *p, struct ctx *ctx, const char *sql)
{
    *p = (struct parser){.ctx = ctx, .at = sql, .end = sql};
    p->token = token_read(&p->at);
}

void parser_next(struct parser *p)
{
    p->end = p->at;
    p->token = token_read(&p->at);
}

bool parser_unknown(struct parser *p)
{
    if (!p->problem)
        p->problem = p->token.kind == TOKEN_END ? "its end"
                                                : ctx_printf(p->ctx, "'%.*s'", (int)p->token.n, p->token.s);
    return false;
}

bool parser_at(const struct parser *p, const char *word)
{
    return token_is(&p->token, word);
}

bool parser_accept(struct parser *p, const char *word)
{
    if (!token_is(&p->token, word))
        return false;
    parser_next(p);
    return true;
}

bool parser_accept_op(struct parser *p, const char *op)
{
    if (!token_op(&p->token, op))
        return false;
    parser_next(p);
    return true;
}

bool parser_expect(struct parser *p, const char *word)
{
    return parser_accept(p, word) || parser_unknown(p);
}

bool parser_expect_op(struct parser *p, const char *op)
{
    return parser_accept_op(p, op) || parser_unknown(p);
}

bool parser_name(struct parser *p, const char **ret)
{
    enum token_kind kind = p->token.kind;
    if (kind != TOKEN_WORD && kind != TOKEN_QUOTED && kind != TOKEN_STRING)
        return parser_unknown(p);
    *ret = token_name(&p->ctx->arena, &p->token);
    parser_next(p);
    return true;
}

bool parser_brackets(struct parser *p, struct span *ret)
{
    size_t depth = 1;
    if (!parser_expect_op(p, "("))
        return false;
    const char *from = p->token.s;
    while (p->token.kind != TOKEN_END && p->token.kind != TOKEN_BAD) {
        depth += token_op(&p->token, "(");
        depth -= token_op(&p->token, ")");
        if (depth == 0) {
            *ret = (struct span){from, (size_t)(p->token.s - from)};
            parser_next(p);
            return true;
        }
        parser_next(p);
    }
    return parser_unknown(p);
}

bool parser_names(struct parser *p, struct strings *ret)
{
    if (!parser_expect_op(p, "("))
        return false;
    do {
        const char *name;
        if (!parser_name(p, &name))
            return false;
        vec_add(p->ctx, ret, name);
    } while (parser_accept_op(p, ","));
    return parser_expect_op(p, ")");
}

bool parser_qname(struct parser *p, const char **ret)
{
    if (!parser_name(p, ret))
        return false;
    return !parser_accept_op(p, ".") || parser_name(p, ret);
}

const char *parser_text(struct parser *p, struct span s, bool unwrap)
{
    return text_canonical(p->ctx, s.s, s.n, unwrap);
}
