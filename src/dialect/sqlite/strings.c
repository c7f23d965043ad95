/*
 * Finds names in double quotes that SQLite takes for strings.
 *
 * SQLite takes "a" for a string where the table has no column of that name, and rewrites it as 'a' whenever a
 * column of any table is renamed. So it is read as a string.
 */
#include "dialect/sqlite/parse.h"
#include "dialect/sqlite/token.h"

static bool is_column(struct ctx *ctx, const struct table *t, const struct token *quoted)
{
    static const char *const rowid[] = {"rowid", "oid", "_rowid_"};
    const char *name = token_name(&ctx->arena, quoted);
    for (size_t i = 0; i < COUNT_OF(rowid); i++)
        if (str_eq_ci(name, rowid[i]))
            return true;
    vec_each(i, &t->columns)
        if (str_eq_ci(name, t->columns.v[i]->name))
            return true;
    return false;
}

/* Functions, collations, types and qualified names are not columns. */
static bool is_string(struct ctx *ctx, const struct table *t, const struct tokens *list, size_t i)
{
    const struct token *token = &list->v[i], *before = i ? token - 1 : NULL;
    const struct token *next = i + 1 < list->n ? token + 1 : NULL;
    if (token->kind != TOKEN_QUOTED || *token->s != '"')
        return false;
    if (next && (token_op(next, "(") || token_op(next, ".")))
        return false;
    if (before && (token_op(before, ".") || token_is(before, "COLLATE") || token_is(before, "AS")))
        return false;
    return !is_column(ctx, t, token);
}

static void add_string(struct str *out, const char *text)
{
    str_addc(out, '\'');
    for (; *text; text++) {
        if (*text == '\'')
            str_addc(out, '\'');
        str_addc(out, *text);
    }
    str_addc(out, '\'');
}

const char *text_with_strings(struct ctx *ctx, const struct table *t, const char *text)
{
    struct str out = STR(ctx);
    struct tokens list;
    const char *rest = text;
    if (!text || !strchr(text, '"'))
        return text;
    tokens_read(ctx, text, strlen(text), &list);
    vec_each(i, &list)
        if (is_string(ctx, t, &list, i)) {
            str_addn(&out, rest, (size_t)(list.v[i].s - rest));
            add_string(&out, token_name(out.arena, &list.v[i]));
            rest = list.v[i].s + list.v[i].n;
        }
    str_add(&out, rest);
    return str_get(&out);
}
