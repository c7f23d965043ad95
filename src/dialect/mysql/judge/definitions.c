/*
 * Prints the statements that create packages, which are not modelled, for baselines.
 *
 * The server keeps them for its Oracle mode, under which their text must be read again.
 */
#include "dialect/mysql/judge/judge.h"
#include "dialect/mysql/objects/objects.h"
#include "dialect/mysql/spell/text.h"

static struct sql_piece next(const char **s)
{
    const struct sql_piece p = sql_piece(sql_skip_space(*s, SQL_MYSQL), SQL_MYSQL);
    *s = p.s + p.n;
    return p;
}

/* CREATE DEFINER="a"@"b" PACKAGE …: without the definer if that is the current user. */
static const char *without_definer(struct ctx *ctx, const char *text, const char *current)
{
    const char *s = text;
    const struct sql_piece create = next(&s), word = next(&s);
    if (!sql_piece_is(&create, "create") || !sql_piece_is(&word, "definer"))
        return text;
    next(&s); /* = */
    const struct sql_piece user = next(&s), at = next(&s), host = next(&s);
    if (at.kind != SQL_OTHER || *at.s != '@')
        return text;
    const char *account =
        ctx_printf(ctx, "%s@%s", sql_piece_text(&ctx->arena, &user), sql_piece_text(&ctx->arena, &host));
    return str_eq(account, current) ? ctx_printf(ctx, "CREATE%s", s) : text;
}

static bool define(struct my *my, const struct unmodelled *u, const char *current, struct definitions *ret)
{
    enum { MODE = 1, TEXT = 2 };
    struct ctx *ctx = my->base.ctx;
    struct strings row = {0};
    struct sql q = sql_begin(ctx, &mysql_dialect), create = q;
    sql_addf(&q, "SHOW CREATE %E %I", u->kind, u->name.name);
    if (!my_query_row(&my->base, sql_end(&q), &row))
        return false;
    if (row.n <= TEXT || !row.v[TEXT]) /* without the privilege */
        return true;
    const char *text = without_definer(ctx, row.v[TEXT], current);
    const char *settings = my_settings_of(ctx, row.v[MODE], NULL);
    if (settings)
        sql_addf(&create, "SET STATEMENT %E FOR EXECUTE IMMEDIATE %L", settings, text);
    else
        sql_add(&create, text);
    struct definition *d = ctx_new(ctx, struct definition);
    *d = (struct definition){u->kind, u->name, u->detail, sql_end(&create), STAGE_LAST};
    vec_add(ctx, ret, d);
    return true;
}

bool my_definitions(struct conn *conn, ATTR_UNUSED const struct scope *scope, const struct schema *schema,
    struct definitions *ret)
{
    struct definitions list = {0};
    struct strings row = {0};
    if (!my_query_row(conn, "SELECT current_user()", &row))
        return false;
    vec_each(i, &schema->unmodelled) {
        const struct unmodelled *u = schema->unmodelled.v[i];
        if (!u->hidden && str_starts(u->kind, "package") && !define(my_of(conn), u, row.v[0], &list))
            return false;
    }
    *ret = list;
    return true;
}
