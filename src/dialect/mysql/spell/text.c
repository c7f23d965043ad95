/* Reads and compares SQL texts without the server. */
#include "dialect/mysql/spell/text.h"

#include <ctype.h>

/* ---- strings ----------------------------------------------------------------------------------------- */

char my_unescaped(char c)
{
    static const char letters[][2] = {
        {'0', '\0'}, {'b', '\b'}, {'n', '\n'}, {'r', '\r'}, {'t', '\t'}, {'Z', 26}};
    for (size_t i = 0; i < COUNT_OF(letters); i++)
        if (letters[i][0] == c)
            return letters[i][1];
    return c;
}

char *my_string_value(struct arena *a, const struct sql_piece *p)
{
    struct str out = {.arena = a};
    for (size_t i = 1; i + 1 < p->n; i++) {
        if (p->s[i] == '\\' && i + 2 < p->n)
            str_addc(&out, my_unescaped(p->s[++i]));
        else
            str_addc(&out, p->s[i]);
        i += p->s[i] == *p->s && p->s[i + 1] == *p->s && i + 2 < p->n;
    }
    return arena_strdup(a, str_get(&out));
}

const char *my_literal(struct ctx *ctx, const char *value)
{
    struct sql q = sql_begin(ctx, &mysql_dialect);
    sql_string(&q, value);
    return sql_end(&q);
}

bool my_only_piece(const char *text, struct sql_piece *ret)
{
    const struct sql_piece p = sql_piece(sql_skip_space(text, SQL_MYSQL), SQL_MYSQL);
    if (p.kind == SQL_END || *sql_skip_space(p.s + p.n, SQL_MYSQL))
        return false;
    *ret = p;
    return true;
}

/* ---- expressions ------------------------------------------------------------------------------------- */

/* White space and comments become one blank. */
const char *my_expr_native(struct ctx *ctx, const char *sql)
{
    struct str out = STR(ctx);
    bool is_pending = false;
    if (!sql)
        return NULL;
    for (struct sql_piece p; (p = sql_piece(sql, SQL_MYSQL)).kind != SQL_END; sql = p.s + p.n) {
        bool is_blank = p.kind == SQL_SPACE || p.kind == SQL_COMMENT;
        if (!is_blank && is_pending && out.n)
            str_addc(&out, ' ');
        if (!is_blank)
            str_addn(&out, p.s, p.n);
        is_pending = is_blank;
    }
    return str_get(&out);
}

/* Names are equal with and without backquotes, keywords in any case, strings however they are escaped. */
static bool same_piece(struct ctx *ctx, const struct sql_piece *a, const struct sql_piece *b)
{
    bool names =
        (a->kind == SQL_WORD || a->kind == SQL_QUOTED) && (b->kind == SQL_WORD || b->kind == SQL_QUOTED);
    if (names)
        return str_eq_ci(sql_piece_text(&ctx->arena, a), sql_piece_text(&ctx->arena, b));
    if (a->kind != b->kind)
        return false;
    if (a->kind == SQL_STRING)
        return str_eq(my_string_value(&ctx->arena, a), my_string_value(&ctx->arena, b));
    return a->n == b->n && strncmp(a->s, b->s, a->n) == 0;
}

bool my_expr_same(struct ctx *ctx, ATTR_UNUSED const struct column *c, const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    for (;;) {
        const struct sql_piece p = sql_piece(sql_skip_space(a, SQL_MYSQL), SQL_MYSQL);
        const struct sql_piece q = sql_piece(sql_skip_space(b, SQL_MYSQL), SQL_MYSQL);
        if (p.kind == SQL_END || q.kind == SQL_END)
            return p.kind == q.kind;
        if (!same_piece(ctx, &p, &q))
            return false;
        a = p.s + p.n;
        b = q.s + q.n;
    }
}
