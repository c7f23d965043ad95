/*
 * Keeps events from running in a scratch database.
 *
 * An event that begins at once would run before the database is dropped, and its body may name tables of other databases.
 * It is created disabled, and reflection gives back what its statement had, also a schedule without a beginning.
 */
#include "dialect/mysql/judge/scratch.h"
#include "dialect/mysql/objects/objects.h"
#include "dialect/mysql/spell/comments.h"
#include "dialect/mysql/spell/text.h"

static const char *name_in(struct ctx *ctx, const char *sql)
{
    size_t at, n;
    if (!object_sql_name(OBJECT_EVENT, sql, &at, &n))
        return NULL;
    const struct sql_piece p = sql_piece(sql + at, SQL_MYSQL);
    return sql_piece_text(&ctx->arena, &p);
}

/* The statement that creates a disabled event; NULL: it creates none. */
static const char *quiet(struct my *my, const char *text)
{
    struct ctx *ctx = my->base.ctx;
    const char *name;
    struct my_create c;
    struct my_event *e = ctx_new(ctx, struct my_event), disabled;
    if (!my_create_parse(ctx, OBJECT_EVENT, text, &c) || !(name = name_in(ctx, text)) ||
        !my_event_parse(ctx, c.rest, e))
        return NULL;
    disabled = *e;
    disabled.preserve = true;
    disabled.status = "DISABLE";
    map_set(my->events, str_lower(&ctx->arena, name), e);
    return ctx_printf(ctx, "%.*s%s", (int)(c.rest - text), text, my_event_rest(ctx, &disabled));
}

static struct sql_piece next(const char **s)
{
    const struct sql_piece p = sql_piece(sql_skip_space(*s, SQL_MYSQL), SQL_MYSQL);
    *s = p.s + p.n;
    return p;
}

/* SET STATEMENT … FOR EXECUTE IMMEDIATE 'CREATE EVENT …', as an event with settings is sent. */
static const char *quiet_literal(struct my *my, const char *text)
{
    struct ctx *ctx = my->base.ctx;
    struct sql_piece before = {0};
    const char *s = text;
    for (struct sql_piece p; (p = next(&s)).kind != SQL_END; before = p) {
        if (p.kind != SQL_STRING || !sql_piece_is(&before, "immediate"))
            continue;
        const char *inner = quiet(my, my_string_value(&ctx->arena, &p));
        return inner ? ctx_printf(ctx, "%.*s%s%s", (int)(p.s - text), text, my_literal(ctx, inner), s) : NULL;
    }
    return NULL;
}

/* ALTER EVENT a RENAME TO b: what is known of a is known of b. */
static void follow_rename(struct my *my, const char *text)
{
    static const char *const words[] = {"alter", "event", NULL, "rename", "to", NULL};
    struct arena *a = &my->base.ctx->arena;
    struct sql_piece names[COUNT_OF(words)];
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        names[i] = next(&text);
        if (words[i] && !sql_piece_is(&names[i], words[i]))
            return;
    }
    void *e = map_get(my->events, str_lower(a, sql_piece_text(a, &names[2])));
    if (e)
        map_set(my->events, str_lower(a, sql_piece_text(a, &names[5])), e);
}

const char *my_quiet_event(struct my *my, const char *sql)
{
    const char *text = my_visible(my->base.ctx, sql), *disabled = quiet(my, text);
    if (!disabled)
        disabled = quiet_literal(my, text);
    if (!disabled)
        follow_rename(my, text);
    return disabled ? disabled : sql;
}

void my_restore_event(struct my *my, const char *name, struct my_create *c)
{
    struct ctx *ctx = my->base.ctx;
    struct my_event printed;
    const struct my_event *e =
        my->events ? map_get(my->events, str_lower(&ctx->arena, ctx_strdup(ctx, name))) : NULL;
    if (!e || !my_event_parse(ctx, c->rest, &printed))
        return;
    printed.schedule = e->schedule;
    printed.preserve = e->preserve;
    printed.status = e->status;
    c->rest = my_event_rest(ctx, &printed);
}
