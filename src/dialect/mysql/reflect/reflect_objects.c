/* Reads views, and lists unmodelled objects: triggers, routines and events. */
#include "dialect/mysql/reflect/reflect.h"

/* ---- views ------------------------------------------------------------------------------------------- */

enum { VIEW_NAME, VIEW_BODY, VIEW_CHECK, VIEW_SECURITY, VIEW_ALGORITHM };

/* The server puts the database before each table name; a model does not. */
static const char *without_database(struct reading *r, const char *body)
{
    struct sql q = sql_begin(r->ctx, &mysql_dialect);
    struct str out = STR(r->ctx);
    sql_addf(&q, "%I.", r->my->database);
    const char *prefix = sql_end(&q);
    size_t n = strlen(prefix);
    while (*body) {
        const struct sql_piece p = sql_piece(body, SQL_MYSQL);
        if (p.kind == SQL_QUOTED && strncmp(body, prefix, n) == 0) {
            body += n;
            continue;
        }
        str_addn(&out, p.s, p.n);
        body += p.n;
    }
    return str_get(&out);
}

static void set_option(struct reading *r, struct view *v, const char *key, const char *value)
{
    if (!v->options)
        v->options = ctx_new(r->ctx, struct options);
    options_set(r->ctx, v->options, "mysql", key, str_lower(&r->ctx->arena, value));
}

static bool take_view(struct reading *r, ATTR_UNUSED struct table *none, const struct my_answer *a)
{
    struct view *v = ctx_new(r->ctx, struct view);
    v->name.name = my_copy(a, VIEW_NAME);
    v->body.native = without_database(r, my_text(a, VIEW_BODY));
    if (!str_eq(my_text(a, VIEW_CHECK), "NONE"))
        set_option(r, v, "check_option", my_text(a, VIEW_CHECK));
    if (!str_eq(my_text(a, VIEW_SECURITY), "DEFINER"))
        set_option(r, v, "security", my_text(a, VIEW_SECURITY));
    if (!str_eq(my_text(a, VIEW_ALGORITHM), "UNDEFINED"))
        set_option(r, v, "algorithm", my_text(a, VIEW_ALGORITHM));
    vec_add(r->ctx, &r->schema->views, v);
    return true;
}

const struct reading_query my_views_query = {
    .sql = "SELECT table_name, view_definition, check_option, security_type, algorithm FROM "
           "information_schema.views WHERE table_schema = DATABASE()",
    .column = "table_name",
    .order = "table_name",
    .take = take_view,
    .takes_others = true,
};

/* ---- objects that are only listed -------------------------------------------------------------------- */

static void name(struct reading *r, const char *kind, const char *object, const char *table)
{
    struct unmodelled *u = ctx_new(r->ctx, struct unmodelled);
    u->kind = kind;
    u->name.name = ctx_strdup(r->ctx, object);
    u->on.name = ctx_strdup(r->ctx, table);
    vec_add(r->ctx, &r->schema->unmodelled, u);
}

static bool take_trigger(struct reading *r, ATTR_UNUSED struct table *t, const struct my_answer *a)
{
    name(r, "trigger", my_text(a, 1), my_text(a, 0));
    return true;
}

const struct reading_query my_triggers_list_query = {
    .sql = "SELECT event_object_table, trigger_name FROM information_schema.triggers WHERE "
           "trigger_schema = DATABASE()",
    .column = "event_object_table",
    .order = "trigger_name",
    .take = take_trigger,
    .takes_others = true,
};

static bool take_routine(struct reading *r, ATTR_UNUSED struct table *t, const struct my_answer *a)
{
    name(r, str_lower(&r->ctx->arena, my_text(a, 1)), my_text(a, 0), NULL);
    return true;
}

const struct reading_query my_routines_query = {
    .sql = "SELECT routine_name, routine_type FROM information_schema.routines WHERE routine_schema = "
           "DATABASE()",
    .column = "routine_name",
    .order = "routine_name, routine_type",
    .take = take_routine,
    .takes_others = true,
};

static bool take_event(struct reading *r, ATTR_UNUSED struct table *t, const struct my_answer *a)
{
    name(r, "event", my_text(a, 0), NULL);
    return true;
}

const struct reading_query my_events_query = {
    .sql = "SELECT event_name FROM information_schema.events WHERE event_schema = DATABASE()",
    .column = "event_name",
    .order = "event_name",
    .take = take_event,
    .takes_others = true,
};
