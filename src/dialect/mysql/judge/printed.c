/*
 * Reads expressions from the output of SHOW CREATE TABLE.
 *
 * That is the only way to see those of a temporary table. Each definition is on a line of its own, keywords are in
 * capitals and names in backquotes; so a definition is cut into pieces, and those in parentheses are skipped.
 */
#include "dialect/mysql/judge/printed.h"

#include "dialect/mysql/spell/text.h"
#include "dialect/mysql/spell/types.h"

/* ---- pieces ------------------------------------------------------------------------------------------ */

static struct sql_piece next(const char **at)
{
    const struct sql_piece p = sql_piece(sql_skip_space(*at, SQL_MYSQL), SQL_MYSQL);
    *at = p.s + p.n;
    return p;
}

/* After the parenthesis that closes the one before `s`. */
static const char *after_closing(const char *s)
{
    unsigned depth = 1;
    for (struct sql_piece p; depth && (p = next(&s)).kind != SQL_END;) {
        depth += sql_piece_is_char(&p, '(');
        depth -= sql_piece_is_char(&p, ')');
    }
    return s;
}

/* The text in the parentheses that begin at *at, which moves after them. */
static const char *take_parentheses(struct ctx *ctx, const char **at)
{
    const struct sql_piece open = next(at);
    if (!sql_piece_is_char(&open, '('))
        return NULL;
    const char *from = *at;
    *at = after_closing(from);
    return arena_strndup(&ctx->arena, from, (size_t)(*at - from - 1));
}

/* The bytes of a binary string need not be text. Those are given as x'…'. */
static const char *as_text(struct ctx *ctx, const char *literal)
{
    struct sql_piece p;
    struct str out = STR(ctx);
    size_t bad;
    if (str_utf8(literal, strlen(literal), &bad) || !my_only_piece(literal, &p) || p.kind != SQL_STRING)
        return literal;
    str_add(&out, "x'");
    for (size_t i = 1; i + 1 < p.n; i++) {
        bool is_escaped = p.s[i] == '\\' && i + 2 < p.n, is_doubled = p.s[i] == '\'' && p.s[i + 1] == '\'';
        i += is_escaped || (is_doubled && i + 2 < p.n);
        str_addf(&out, "%02X", (unsigned)(unsigned char)(is_escaped ? my_unescaped(p.s[i]) : p.s[i]));
    }
    str_addc(&out, '\'');
    return str_get(&out);
}

/* A default goes up to the next keyword outside of parentheses. */
static const char *take_default(struct ctx *ctx, const char **at)
{
    static const char *const keywords[] = {"on", "comment", "check", "invisible", "auto_increment"};
    const char *from = sql_skip_space(*at, SQL_MYSQL), *to = from;
    for (;;) {
        const char *ahead = to;
        const struct sql_piece p = next(&ahead);
        bool is_end = p.kind == SQL_END || sql_piece_is_char(&p, ',') || sql_piece_is_char(&p, ')');
        for (size_t i = 0; i < COUNT_OF(keywords); i++)
            is_end = is_end || sql_piece_is(&p, keywords[i]);
        if (is_end)
            break;
        to = sql_piece_is_char(&p, '(') ? after_closing(ahead) : ahead;
    }
    *at = to;
    return as_text(ctx, arena_strndup(&ctx->arena, from, (size_t)(to - from)));
}

/* ---- definitions ------------------------------------------------------------------------------------- */

static void take_column(struct ctx *ctx, const char *s, struct column *c)
{
    bool has_default = false;
    const char *at = s;
    for (struct sql_piece p;
         (p = next(&at)).kind != SQL_END && !sql_piece_is_char(&p, ',') && !sql_piece_is_char(&p, ')');) {
        if (sql_piece_is_char(&p, '(')) {
            at = after_closing(at);
        } else if (sql_piece_is(&p, "as") && c->generated) {
            c->generated->expr.native = take_parentheses(ctx, &at);
        } else if (sql_piece_is(&p, "default")) {
            const char *text = take_default(ctx, &at);
            has_default = !str_eq_ci(text, "NULL");
            if (has_default && c->dflt.kind != VALUE_NONE)
                c->dflt.expr.native = text;
        }
    }
    if (!has_default)
        c->dflt = (struct value){0};
}

static void take_check(struct ctx *ctx, const char *s, struct table *t)
{
    const struct sql_piece name = next(&s), word = next(&s);
    struct constraint *c = table_constraint(t, sql_piece_text(&ctx->arena, &name));
    if (c && sql_piece_is(&word, "check"))
        c->check.native = take_parentheses(ctx, &s);
}

/* The next definition after a comma outside of parentheses. */
static const char *next_definition(const char *s)
{
    for (;;) {
        const struct sql_piece p = next(&s);
        if (p.kind == SQL_END || sql_piece_is_char(&p, ')'))
            return "";
        if (sql_piece_is_char(&p, ','))
            return s;
        if (sql_piece_is_char(&p, '('))
            s = after_closing(s);
    }
}

void my_take_printed(struct ctx *ctx, const char *printed, struct table *t)
{
    const char *s = printed;
    for (struct sql_piece p; (p = next(&s)).kind != SQL_END && !sql_piece_is_char(&p, '(');)
        continue;
    for (; *s; s = next_definition(s)) {
        const char *at = s;
        const struct sql_piece p = next(&at);
        struct column *c = p.kind == SQL_QUOTED ? table_column(t, sql_piece_text(&ctx->arena, &p)) : NULL;
        if (c)
            take_column(ctx, at, c);
        else if (sql_piece_is(&p, "constraint"))
            take_check(ctx, at, t);
    }
}
