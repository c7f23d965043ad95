/*
 * Reads the expressions and defaults of MySQL's information_schema, which are not SQL there.
 *
 * Its expressions have a backslash before each quote, and its strings the character set in which they were written, as in
 * _utf8mb4\'a\'. A default that is a literal has no quotes; an expression is one if `extra` says so.
 */
#include "dialect/mysql/reflect/reflect.h"
#include "dialect/mysql/spell/text.h"
#include "dialect/mysql/spell/types.h"

static const char *unescaped(struct ctx *ctx, const char *text)
{
    struct str out = STR(ctx);
    for (const char *s = text; *s; s++) {
        if (s[0] == '\\' && (s[1] == '\'' || s[1] == '\\'))
            s++;
        str_addc(&out, *s);
    }
    return str_get(&out);
}

const char *my_without_charsets(struct ctx *ctx, const char *text)
{
    struct str out = STR(ctx);
    for (struct sql_piece p; (p = sql_piece(text, SQL_MYSQL)).kind != SQL_END; text = p.s + p.n) {
        const struct sql_piece following = sql_piece(p.s + p.n, SQL_MYSQL);
        bool is_charset = p.kind == SQL_WORD && *p.s == '_' && following.kind == SQL_STRING;
        if (!is_charset)
            str_addn(&out, p.s, p.n);
    }
    return str_get(&out);
}

const char *my_read_expression(struct my *my, const char *text)
{
    struct ctx *ctx = my->base.ctx;
    if (!text || my->server->prints_sql)
        return ctx_strdup(ctx, text);
    return my_without_charsets(ctx, unescaped(ctx, text));
}

const char *my_read_default(struct my *my, const struct column *c, const char *text, const char *extra)
{
    static const char now[] = "CURRENT_TIMESTAMP";
    struct ctx *ctx = my->base.ctx;
    if (my->server->prints_sql)
        return ctx_strdup(ctx, text);
    bool is_now = my_type_is_time(c->native) && str_starts(text, now); /* MySQL 5.7 does not mark it */
    if (is_now || strstr(extra, "DEFAULT_GENERATED")) {
        const char *rest = text + strlen(now);
        return !str_starts(text, now) ? my_read_expression(my, text)
                                      : ctx_printf(ctx, "current_timestamp%s", *rest ? rest : "()");
    }
    bool is_bare = my_type_is_number(c->native) || str_starts(c->native, "bit");
    return is_bare ? ctx_strdup(ctx, text) : my_literal(ctx, text);
}
