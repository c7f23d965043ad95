/*
 * Spells the triggers that set columns on UPDATE, for `on_update`.
 *
 * The trigger calls a function in the schema of its table, which has the trigger's name. Neither mentions any other
 * column or type, so they do not prevent any change except of the column and of the table's names.
 */
#include "dialect/postgresql/spell/on_update.h"

#include "dialect/postgresql/postgresql.h"
#include "dialect/postgresql/spell/names.h"

const char *pg_on_update_name(struct ctx *ctx, const char *table, const char *column)
{
    return on_update_name(ctx, &postgresql_dialect, table, column);
}

/* ---- the function ------------------------------------------------------------------------------------ */

/* Always in quotes, so that the text does not depend on which words are reserved. */
static const char *quoted(struct ctx *ctx, const char *name)
{
    struct str out = STR(ctx);
    str_addc(&out, '"');
    for (; *name; name++)
        str_add(&out, *name == '"' ? "\"\"" : (const char[]){*name, '\0'});
    str_addc(&out, '"');
    return str_get(&out);
}

/* Compared as text, since some types, such as json, have no equality operator, and others treat different texts as
 * equal. */
static const char *head_of(struct ctx *ctx, const char *column)
{
    const char *name = quoted(ctx, column);
    return ctx_printf(ctx,
        "\nBEGIN\n    IF NEW.%s::text IS NOT DISTINCT FROM OLD.%s::text THEN\n        NEW.%s := ", name, name,
        name);
}

static const char tail[] = ";\n    END IF;\n    RETURN NEW;\nEND\n";

const char *pg_on_update_body(struct ctx *ctx, const char *column, const char *expression)
{
    struct sql q = sql_begin(ctx, &postgresql_dialect);
    sql_addf(&q, "%E%E%E", head_of(ctx, column), expression, tail);
    return sql_end(&q);
}

const char *pg_on_update_expression(struct ctx *ctx, const char *column, const char *body)
{
    const char *head = head_of(ctx, column);
    size_t n = strlen(body), before = strlen(head), after = strlen(tail);
    if (n <= before + after || !str_starts(body, head) || !str_ends(body, tail))
        return NULL;
    return str_trim(&ctx->arena, arena_strndup(&ctx->arena, body + before, n - before - after));
}

/* ---- as the server prints it ------------------------------------------------------------------------- */

const char *pg_on_update_of_function(struct ctx *ctx, const char *column, const struct object *function)
{
    static const char before[] = "()\n RETURNS trigger\n LANGUAGE plpgsql\nAS $";
    const char *at = strstr(function->native, before);
    const char *tag = at ? at + sizeof(before) - 2 : NULL, *body = tag ? strchr(tag + 1, '$') : NULL;
    if (!body || *function->signature || function->comment)
        return NULL;
    size_t n = (size_t)(++body - tag), length = strlen(body);
    if (length < n || strncmp(body + length - n, tag, n) != 0)
        return NULL;
    return pg_on_update_expression(ctx, column, arena_strndup(&ctx->arena, body, length - n));
}

static bool skip(const char **at, const char *text)
{
    bool found = str_starts(*at, text);
    *at += found ? strlen(text) : 0;
    return found;
}

/* A name with its schema, if it has one. */
static void skip_name(const char **at)
{
    while (**at && **at != ' ')
        *at += sql_piece(*at, SQL_POSTGRESQL).n;
}

bool pg_on_update_is_trigger(struct ctx *ctx, const struct object *trigger)
{
    const char *name = pg_ident(&ctx->arena, trigger->name.name), *at = trigger->native;
    const char *schema = trigger->of.schema ? pg_ident(&ctx->arena, trigger->of.schema) : NULL;
    if (trigger->comment || !skip(&at, "CREATE TRIGGER ") || !skip(&at, name) ||
        !skip(&at, " BEFORE UPDATE ON "))
        return false;
    skip_name(&at);
    if (!skip(&at, " FOR EACH ROW EXECUTE FUNCTION ") || (schema && (!skip(&at, schema) || !skip(&at, "."))))
        return false;
    return skip(&at, name) && str_eq(at, "()");
}
