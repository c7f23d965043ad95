/*
 * Keeps events from running in a scratch database.
 *
 * An event that begins at once would run before the database is dropped, and its body may name tables of other databases.
 * It is created disabled, and reflection gives back what its statement had, also a schedule without a beginning.
 */
#include "dialect/mysql/judge/scratch.h"
#include "dialect/mysql/objects/objects.h"
#include "dialect/mysql/spell/comments.h"

static const char *name_in(struct ctx *ctx, const char *sql)
{
    size_t at, n;
    if (!object_sql_name(OBJECT_EVENT, sql, &at, &n))
        return NULL;
    const struct sql_piece p = sql_piece(sql + at, SQL_MYSQL);
    return sql_piece_text(&ctx->arena, &p);
}

const char *my_quiet_event(struct my *my, const char *sql)
{
    struct ctx *ctx = my->base.ctx;
    const char *text = my_visible(ctx, sql), *name;
    struct my_create c;
    struct my_event *e = ctx_new(ctx, struct my_event), quiet;
    if (!my_create_parse(ctx, OBJECT_EVENT, text, &c) || !(name = name_in(ctx, text)) ||
        !my_event_parse(ctx, c.rest, e))
        return sql;
    quiet = *e;
    quiet.preserve = true;
    quiet.status = "DISABLE";
    map_set(my->events, str_lower(&ctx->arena, name), e);
    return ctx_printf(ctx, "%.*s%s", (int)(c.rest - text), text, my_event_rest(ctx, &quiet));
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
