/* The options of wrappers, servers and foreign tables: ALTER … OPTIONS. */
#include "dialect/postgresql/objects/objects.h"

/* The statement up to OPTIONS, and what is in the parentheses after it. */
struct optioned {
    const char *head, *options;
};

/* False: something follows the options. */
static bool divide(struct ctx *ctx, const char *sql, struct optioned *ret)
{
    int depth = 0;
    *ret = (struct optioned){sql, ""};
    for (const char *s = sql; *s; s += sql_piece(s, SQL_POSTGRESQL).n) {
        const struct sql_piece p = sql_piece(s, SQL_POSTGRESQL);
        const char *list = sql_skip_space(s + p.n, SQL_POSTGRESQL);
        depth += (*s == '(') - (*s == ')');
        if (*s == ';' && depth == 0)
            return false;
        if (depth || !sql_piece_is(&p, "options") || *list != '(')
            continue;
        size_t n = strlen(list);
        while (n && list[n - 1] != ')')
            n--;
        *ret = (struct optioned){arena_strndup(&ctx->arena, sql, (size_t)(s - sql)),
            n > 1 ? arena_strndup(&ctx->arena, list + 1, n - 2) : ""};
        return !*sql_skip_space(list + n, SQL_POSTGRESQL);
    }
    return true;
}

/* "DROP a, DROP b" of "a 'x', b 'y'", or the same with ADD before each whole option. */
static void add_each(struct ctx *ctx, const char *options, const char *word, bool whole, struct strings *ret)
{
    const char *s = sql_skip_space(options, SQL_POSTGRESQL);
    while (*s) {
        const struct sql_piece name = sql_piece(s, SQL_POSTGRESQL);
        const char *end = s + name.n;
        while (*end && *end != ',')
            end += sql_piece(end, SQL_POSTGRESQL).n;
        vec_add(ctx, ret, ctx_printf(ctx, "%s%.*s", word, (int)(whole ? (size_t)(end - s) : name.n), s));
        s = sql_skip_space(end + (*end == ','), SQL_POSTGRESQL);
    }
}

/* All are dropped and added in the same statement, so that the server keeps the order of the models. */
bool pg_options_change(
    struct ctx *ctx, const char *object, const char *a, const char *b, struct strings *ret_steps)
{
    struct optioned before, after;
    struct strings changes = {0};
    if (!a || !b || !divide(ctx, a, &before) || !divide(ctx, b, &after) ||
        !object_same(&(struct object){.native = before.head}, &(struct object){.native = after.head}))
        return false;
    add_each(ctx, before.options, "DROP ", false, &changes);
    add_each(ctx, after.options, "ADD ", true, &changes);
    if (!changes.n)
        return false;
    vec_add(ctx, ret_steps,
        ctx_printf(ctx, "ALTER %s OPTIONS (%s)", object, strings_join(&ctx->arena, &changes, ", ")));
    return true;
}

bool pg_object_possible(struct ctx *ctx, enum object_kind kind, const struct object *a,
    ATTR_UNUSED const struct object *b, const char **ret_why, const char **ret_hint)
{
    if (kind != OBJECT_FOREIGN_DATA_WRAPPER && kind != OBJECT_SERVER && kind != OBJECT_FOREIGN_TABLE)
        return true;
    *ret_why = ctx_printf(ctx,
        "%s '%s' would have to be recreated, but has options whose values cmig does not read, such as "
        "passwords",
        object_table[kind].name, a->key);
    *ret_hint = "Change it with 'execute', or remove these options first.";
    return !strings_have(&a->parts, "secret");
}

/* An option without a value is removed. All are given again, so that the server keeps the order of the models. */
void pg_dictionary_change(
    struct ctx *ctx, const char *object, const char *a, const char *b, struct strings *ret_steps)
{
    struct strings changes = {0};
    add_each(ctx, a, "", false, &changes);
    add_each(ctx, b, "", true, &changes);
    vec_add(
        ctx, ret_steps, ctx_printf(ctx, "ALTER %s (%s)", object, strings_join(&ctx->arena, &changes, ", ")));
}
