/* Compares SQL texts, and writes them in one normal form. */
#include "dialect/sqlite/token.h"

/* Words that work like operators between or before expressions, though SQLite also takes them for names. */
static bool is_operator_word(const struct token *t)
{
    static const char *const words[] = {"LIKE", "GLOB", "MATCH", "REGEXP", "END", "DESC", "ASC", "BY", "CAST",
        "OVER", "LEFT", "INNER", "CROSS", "OFFSET", "WITH", "RECURSIVE", "FILTER", "PARTITION"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (token_is(t, words[i]))
            return true;
    return false;
}

/* Whether an expression has ended with this token, so that a sign after it is a binary operator. */
static bool ends_operand(const struct token *t)
{
    if (t->kind == TOKEN_OPERATOR)
        return token_op(t, ")");
    if (t->kind != TOKEN_WORD)
        return true;
    if (token_is_reserved(t))
        return token_is(t, "NULL") || token_is(t, "ISNULL") || token_is(t, "NOTNULL") ||
               str_starts(t->s, "CURRENT_") || str_starts(t->s, "current_");
    return token_is(t, "END") || !is_operator_word(t);
}

static bool is_sign(const struct tokens *list, size_t i)
{
    const struct token *t = &list->v[i];
    if (token_op(t, "~"))
        return true;
    return (token_op(t, "-") || token_op(t, "+")) && (i == 0 || !ends_operand(&list->v[i - 1]));
}

/* Whether the word before a bracket is a function's name: like(a, b) is a call, `a LIKE (b)` is not. */
static bool is_call(const struct tokens *list, size_t word)
{
    const struct token *t = &list->v[word];
    if (t->kind == TOKEN_QUOTED || token_is(t, "CAST"))
        return true;
    if (t->kind != TOKEN_WORD || token_is_reserved(t))
        return false;
    return !is_operator_word(t) || word == 0 || !ends_operand(&list->v[word - 1]);
}

static bool wants_space(const struct tokens *list, size_t i)
{
    const struct token *t = &list->v[i], *before = &list->v[i - 1];
    if (token_op(t, ",") || token_op(t, ")") || token_op(t, ".") || token_op(t, ";"))
        return false;
    if (token_op(before, "(") || token_op(before, "."))
        return false;
    if (is_sign(list, i - 1)) /* two minus signs would begin a comment */
        return t->kind == TOKEN_OPERATOR && !token_op(t, "(");
    return !token_op(t, "(") || !is_call(list, i - 1);
}

char *text_upper(struct ctx *ctx, const char *s)
{
    char *out = ctx_strdup(ctx, s);
    for (char *c = out; *c; c++)
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
    return out;
}

/* [a] and `a` are always names; "a" may be a string after all and keeps its quotes. */
static void add_token(struct str *out, const struct token *t)
{
    if (t->kind == TOKEN_QUOTED && *t->s != '"') {
        char *name = token_name(out->arena, t);
        str_addc(out, '"');
        for (const char *c = name; *c; c++) {
            if (*c == '"')
                str_addc(out, '"');
            str_addc(out, *c);
        }
        str_addc(out, '"');
    } else if (token_is_reserved(t)) {
        for (size_t i = 0; i < t->n; i++) /* letters and underscores only */
            str_addc(out, (char)(t->s[i] & ~(t->s[i] >= 'a' ? 0x20 : 0)));
    } else {
        str_addn(out, t->s, t->n);
    }
}

/* Whether the first token is a bracket that the last one closes. */
static bool is_wrapped(const struct tokens *list)
{
    size_t depth = 0;
    if (list->n < 3 || !token_op(&list->v[0], "("))
        return false;
    vec_each(i, list) {
        depth += token_op(&list->v[i], "(");
        depth -= token_op(&list->v[i], ")") && depth;
        if (depth == 0)
            return i + 1 == list->n;
    }
    return false;
}

static void unwrap_tokens(struct tokens *list)
{
    while (is_wrapped(list)) {
        list->v++;
        list->n -= 2;
        list->cap = list->n; /* no longer its own memory's start */
    }
}

const char *text_canonical(struct ctx *ctx, const char *s, size_t n, bool unwrap)
{
    struct str out = STR(ctx);
    struct tokens list;
    tokens_read(ctx, s, n, &list);
    if (unwrap)
        unwrap_tokens(&list);
    vec_each(i, &list) {
        if (i && wants_space(&list, i))
            str_addc(&out, ' ');
        add_token(&out, &list.v[i]);
    }
    return str_get(&out);
}

bool text_has_comments(const char *sql)
{
    for (;;) {
        const char *from = sql + strspn(sql, " \t\n\f\r");
        struct token t = token_read(&sql);
        if (t.s != from)
            return true;
        if (t.kind == TOKEN_END || t.kind == TOKEN_BAD)
            return false;
    }
}

/* Two spellings of one operator. */
static bool same_operator(const struct token *a, const struct token *b)
{
    static const char *const twins[][2] = {{"=", "=="}, {"==", "="}, {"<>", "!="}, {"!=", "<>"}};
    if (a->n == b->n && memcmp(a->s, b->s, a->n) == 0)
        return true;
    for (size_t i = 0; i < COUNT_OF(twins); i++)
        if (token_op(a, twins[i][0]) && token_op(b, twins[i][1]))
            return true;
    return false;
}

static bool same_name(struct ctx *ctx, const struct token *a, const struct token *b)
{
    if (a->kind != b->kind && (token_is_reserved(a) || token_is_reserved(b)))
        return false;
    return str_eq_ci(token_name(&ctx->arena, a), token_name(&ctx->arena, b));
}

static bool is_name(const struct token *t)
{
    return t->kind == TOKEN_WORD || t->kind == TOKEN_QUOTED;
}

static bool same_token(struct ctx *ctx, const struct token *a, const struct token *b)
{
    if (is_name(a) && is_name(b))
        return same_name(ctx, a, b);
    if (a->kind != b->kind)
        return false;
    if (a->kind == TOKEN_OPERATOR)
        return same_operator(a, b);
    if (a->n != b->n)
        return false;
    if (a->kind == TOKEN_STRING)
        return memcmp(a->s, b->s, a->n) == 0;
    return str_eq_ci(arena_strndup(&ctx->arena, a->s, a->n), arena_strndup(&ctx->arena, b->s, b->n));
}

bool text_same(struct ctx *ctx, const char *a, const char *b)
{
    struct tokens x, y;
    tokens_read(ctx, a, strlen(a), &x);
    tokens_read(ctx, b, strlen(b), &y);
    unwrap_tokens(&x);
    unwrap_tokens(&y);
    if (x.n != y.n)
        return false;
    vec_each(i, &x)
        if (!same_token(ctx, &x.v[i], &y.v[i]))
            return false;
    return true;
}
