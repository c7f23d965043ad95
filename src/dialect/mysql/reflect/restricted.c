/* Reads in other ways what a user with few privileges may not read, and names the rest. */
#include "dialect/mysql/reflect/reflect.h"
#include "dialect/mysql/spell/text.h"

/* ---- foreign keys ------------------------------------------------------------------------------------ */

static struct sql_piece next(const char **s)
{
    const struct sql_piece p = sql_piece(sql_skip_space(*s, SQL_MYSQL), SQL_MYSQL);
    *s = p.s + p.n;
    return p;
}

/* ON DELETE SET NULL: the action after these words. */
static void take_action(const char **s, struct constraint *c)
{
    struct sql_piece event = next(s), first = next(s);
    const char *ahead = *s;
    bool is_delete = sql_piece_is(&event, "delete");
    int action = FK_NO_ACTION;
    if (sql_piece_is(&first, "cascade"))
        action = FK_CASCADE;
    if (sql_piece_is(&first, "set")) {
        const struct sql_piece what = next(&ahead);
        action = sql_piece_is(&what, "null") ? FK_SET_NULL : FK_SET_DEFAULT;
        *s = ahead;
    }
    if (is_delete)
        c->on_delete = action;
    else
        c->on_update = action;
}

static void take_actions(struct ctx *ctx, const char *s, const struct table *t)
{
    struct constraint *c = NULL;
    for (struct sql_piece p; (p = next(&s)).kind != SQL_END;) {
        if (sql_piece_is(&p, "constraint")) {
            const struct sql_piece name = next(&s);
            c = table_constraint(t, sql_piece_text(&ctx->arena, &name));
        } else if (sql_piece_is(&p, "on") && c && c->kind == CONSTRAINT_FOREIGN_KEY) {
            take_action(&s, c);
        } else if (sql_piece_is(&p, "key") || sql_piece_is(&p, "check")) {
            const char *at = s;
            const struct sql_piece open = next(&at);
            c = open.kind == SQL_OTHER && *open.s == '(' && c && c->kind == CONSTRAINT_FOREIGN_KEY ? c : NULL;
        }
    }
}

/* information_schema shows them only to users that may change the tables; SHOW CREATE TABLE also to readers. */
bool my_read_key_actions(struct reading *r)
{
    vec_each(i, &r->schema->tables) {
        struct table *t = r->schema->tables.v[i];
        struct strings row = {0};
        struct sql q = sql_begin(r->ctx, &mysql_dialect);
        sql_addf(&q, "SHOW CREATE TABLE %I", t->name.name);
        if (!t->foreign_keys.n)
            continue;
        if (!my_query_row(&r->my->base, sql_end(&q), &row))
            return false;
        if (row.n > 1)
            take_actions(r->ctx, row.v[1], t);
    }
    return true;
}

/* ---- what stays hidden ------------------------------------------------------------------------------- */

void my_name_hidden(struct reading *r)
{
    const struct my_rights *rights = &r->rights;
    const struct {
        bool is_seen;
        const char *kind, *kinds, *privilege;
    } rows[] = {
        {rights->sees_tables, "table", "tables", "a privilege on each of them"},
        {rights->sees_tables, "view", "views", "a privilege on each of them"},
        {rights->sees_triggers, "trigger", "triggers", "the privilege TRIGGER"},
        {rights->sees_routines, "function", "functions", "the privilege EXECUTE"},
        {rights->sees_routines, "procedure", "procedures", "the privilege EXECUTE"},
        {rights->sees_events, "event", "events", "the privilege EVENT"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (rows[i].is_seen)
            continue;
        struct unmodelled *u = my_add_unmodelled(r, rows[i].kinds, r->my->database);
        u->detail =
            ctx_printf(r->ctx, "this user may not see all of them, which needs %s", rows[i].privilege);
        u->hidden = rows[i].kind;
        u->hides_all = true;
    }
}
