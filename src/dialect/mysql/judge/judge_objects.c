/*
 * How would this server print the models' triggers, routines and events?
 *
 * A routine or an event is created under a name of its own for a moment, an event disabled. A trigger would act on rows:
 * it is created on a copy of its table in a scratch database, if the user may create one, and only to see whether the
 * server accepts it, since the server keeps its text as it is.
 */
#include "dialect/mysql/judge/judge.h"
#include "dialect/mysql/judge/scratch.h"
#include "dialect/mysql/objects/objects.h"

#include <mysqld_error.h>

struct judging {
    struct my *my;
    struct ctx *ctx;
    const struct schema *wanted;
    const char *scratch;     /* the name of what is created for a moment */
    const char *database;    /* the scratch database, once it is needed; NULL: there is none */
    bool has_tried_database; /* to create it */
};

/* What only this session, or this moment, lacks is no fault of the model: then texts are compared as they are. */
static bool is_tolerable(struct my *my)
{
    static const unsigned codes[] = {ER_NO_SUCH_TABLE, ER_DBACCESS_DENIED_ERROR, ER_TABLEACCESS_DENIED_ERROR,
        ER_PROCACCESS_DENIED_ERROR, ER_SPECIFIC_ACCESS_DENIED_ERROR, ER_OPTION_PREVENTS_STATEMENT,
        ER_ACCESS_DENIED_ERROR, ER_EVENTS_DB_ERROR};
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        if (my_failed_with(my, codes[i]))
            return true;
    return false;
}

static bool fail_object(struct judging *j, enum object_kind kind, const struct object *o)
{
    struct ctx *ctx = j->ctx;
    if (ctx->err.status == STATUS_FAILED)
        ctx->err.status = STATUS_CONFIG;
    return fail_in(ctx, "%sthe database does not accept %s '%s'", pos_text(&ctx->arena, o->pos),
        object_table[kind].name, object_text(&ctx->arena, o));
}
#define fail_object(...) fail_false(fail_object(__VA_ARGS__))

static void print(struct judging *j, enum object_kind kind, const struct object *wanted, const char *native,
    struct schema *ret)
{
    struct object *o = ctx_new(j->ctx, struct object);
    *o = *wanted;
    o->native = native;
    vec_add(j->ctx, &ret->objects[kind], o);
}

static bool drop(struct judging *j, enum object_kind kind)
{
    struct sql q = sql_begin(j->ctx, &mysql_dialect);
    sql_addf(&q, "DROP %E IF EXISTS %I", object_table[kind].name, j->scratch);
    return my_query(j->my, sql_end(&q), NULL);
}

/* Creates it under the scratch name, and takes what the server prints; *ret_parts is left as it is if it may not. */
static bool try_create(
    struct judging *j, enum object_kind kind, const struct object *o, struct my_create *ret_parts)
{
    const char *text = NULL;
    struct my_create printed;
    if (!my_run(j->my, my_create_sent(j->ctx, kind, ret_parts, j->scratch, true), NULL)) {
        if (!is_tolerable(j->my))
            return fail_object(j, kind, o);
        err_clear(j->ctx);
        return true;
    }
    bool ok = my_show_create(j->my, kind, j->scratch, &text, &printed);
    ok = drop(j, kind) && ok;
    if (ok && text) {
        *ret_parts = printed;
        ret_parts->definer = NULL;
    }
    return ok;
}

/* ---- routines ---------------------------------------------------------------------------------------- */

static bool judge_routine(
    struct judging *j, enum object_kind kind, const struct object *o, struct schema *ret)
{
    struct my_create c;
    if (!my_create_parse(j->ctx, kind, o->native, &c))
        return true;
    c.definer = NULL;
    const char *signature = my_create_signature(j->ctx, c.rest);
    if (!str_eq_ci(signature, o->signature)) {
        fail_at(j->ctx, STATUS_CONFIG, o->pos, "%s '%s': its SQL has the parameters (%s)",
            object_table[kind].name, o->key, signature);
        return fail_hint(j->ctx, "Name it '%s(%s)' in the model.", o->name.name, signature);
    }
    if (!try_create(j, kind, o, &c))
        return false;
    print(j, kind, o, my_create_sql(j->ctx, kind, &c, o->name.name, false), ret);
    return true;
}

/* ---- events ------------------------------------------------------------------------------------------ */

/* Where STARTS, or the time of AT, is in a schedule; NULL: nowhere. */
static const char *find_time(const char *schedule, const char *word, size_t *ret_n)
{
    for (struct sql_piece p; (p = sql_piece(schedule, SQL_MYSQL)).kind != SQL_END; schedule += p.n) {
        if (!sql_piece_is(&p, word))
            continue;
        const struct sql_piece time = sql_piece(sql_skip_space(p.s + p.n, SQL_MYSQL), SQL_MYSQL);
        *ret_n = time.n;
        return time.kind == SQL_STRING ? time.s : NULL;
    }
    return NULL;
}

/* A time that a model leaves to the moment of creation is the one that the event of the database has. */
static void take_time(
    struct ctx *ctx, const char *word, const char *written, const char *there, const char **printed)
{
    size_t ignored, n = 0, m = 0;
    const char *from = find_time(there, word, &n), *at = find_time(*printed, word, &m);
    if (from && at && !find_time(written, word, &ignored))
        *printed = ctx_printf(ctx, "%.*s%.*s%s", (int)(at - *printed), *printed, (int)n, from, at + m);
}

static bool settle_times(struct judging *j, const struct object *o, const char *written, struct my_event *e)
{
    struct my_create c;
    struct my_event there;
    const char *text;
    if (!my_show_create(j->my, OBJECT_EVENT, o->name.name, &text, &c))
        return false;
    if (!text || !my_event_parse(j->ctx, c.rest, &there))
        return true;
    take_time(j->ctx, "starts", written, there.schedule, &e->schedule);
    take_time(j->ctx, "at", written, there.schedule, &e->schedule);
    return true;
}

static bool judge_event(struct judging *j, const struct object *o, struct schema *ret)
{
    struct my_create c, tried;
    struct my_event e, quiet, printed;
    if (!my_create_parse(j->ctx, OBJECT_EVENT, o->native, &c))
        return true;
    c.definer = NULL;
    if (!my_event_parse(j->ctx, c.rest, &e)) {
        fail_at(j->ctx, STATUS_CONFIG, o->pos, "event '%s': its SQL is not CREATE EVENT … ON SCHEDULE … DO …",
            o->name.name);
        return fail_hint(j->ctx, "Write the whole statement that creates it.");
    }
    quiet = e;
    quiet.preserve = true;
    quiet.status = "DISABLE";
    tried = c;
    tried.rest = my_event_rest(j->ctx, &quiet);
    if (!try_create(j, OBJECT_EVENT, o, &tried))
        return false;
    if (my_event_parse(j->ctx, tried.rest, &printed)) {
        const char *written = e.schedule;
        e.schedule = printed.schedule;
        e.comment = printed.comment;
        if (!settle_times(j, o, written, &e))
            return false;
    }
    tried.rest = my_event_rest(j->ctx, &e);
    print(j, OBJECT_EVENT, o, my_create_sql(j->ctx, OBJECT_EVENT, &tried, o->name.name, false), ret);
    return true;
}

/* ---- triggers ---------------------------------------------------------------------------------------- */

/* What the database calls a trigger, which the models may rename. */
static const char *name_there(struct judging *j, const char *name)
{
    const struct objects *list = &j->wanted->objects[OBJECT_TRIGGER];
    vec_each(i, list)
        if (str_eq(list->v[i]->name.name, name) && list->v[i]->is_renamed && list->v[i]->renamed_from)
            return list->v[i]->renamed_from;
    return name;
}

/* Whether the database has both triggers, and runs them in this order. */
static bool is_in_order(struct judging *j, const struct object *o, const struct my_trigger *t, bool *ret)
{
    struct strings row;
    struct sql q = sql_begin(j->ctx, &mysql_dialect);
    sql_addf(&q,
        "SELECT a.action_order %E b.action_order FROM information_schema.triggers a JOIN "
        "information_schema.triggers b USING (trigger_schema, event_object_table, action_timing, "
        "event_manipulation) WHERE trigger_schema = DATABASE() AND a.trigger_name = %L AND b.trigger_name = "
        "%L",
        str_eq(t->order, "FOLLOWS") ? ">" : "<", name_there(j, o->name.name), name_there(j, t->other));
    if (!my_query_row(&j->my->base, sql_end(&q), &row))
        return false;
    *ret = row.n && str_eq(row.v[0], "1");
    return true;
}

static bool create_scratch_trigger(struct judging *j, const struct object *o, const struct my_create *c)
{
    const struct table *t = schema_table(j->wanted, &o->of);
    struct my_trigger trigger;
    struct my_create tried = *c;
    if (!t || !my_trigger_parse(j->ctx, c->rest, &trigger))
        return true;
    if (!my_judge_create_table(j->my, t))
        return false;
    trigger.table = t->name.name;
    trigger.order = NULL;
    tried.rest = my_trigger_rest(j->ctx, &trigger);
    return my_run(j->my, my_create_sent(j->ctx, OBJECT_TRIGGER, &tried, o->name.name, false), NULL);
}

static bool use(struct judging *j, const char *database)
{
    struct sql q = sql_begin(j->ctx, &mysql_dialect);
    sql_addf(&q, "USE %I", database);
    return my_query(j->my, sql_end(&q), NULL);
}

/* The scratch database of the triggers; none without the privilege. */
static bool open_database(struct judging *j)
{
    if (j->has_tried_database)
        return true;
    j->has_tried_database = true;
    if (my_scratch_create(&j->my->base, &j->database) || !is_tolerable(j->my))
        return j->database;
    err_clear(j->ctx);
    return true;
}

/* The session is back in its own database, also after a failure or an interruption. */
static bool leave_database(struct judging *j)
{
    const volatile sig_atomic_t *interrupt = j->ctx->interrupt;
    struct err err = j->ctx->err;
    j->ctx->interrupt = NULL;
    j->ctx->err = (struct err){0};
    bool ok = use(j, j->my->database);
    j->ctx->interrupt = interrupt;
    if (ok || err.status != STATUS_OK)
        j->ctx->err = err;
    return ok;
}

/* In a database of its own: the name of a trigger's table cannot have another one in front, so the session changes to
 * it. */
static bool try_trigger(struct judging *j, const struct object *o, const struct my_create *c)
{
    if (!open_database(j))
        return false;
    if (!j->database)
        return true;
    bool ok = use(j, j->database) && create_scratch_trigger(j, o, c);
    if (!ok && is_tolerable(j->my)) {
        err_clear(j->ctx);
        ok = true;
    }
    bool is_back = leave_database(j);
    return ok ? is_back : fail_object(j, OBJECT_TRIGGER, o);
}

/* As the server prints the settings that a text names. */
static bool settle_settings(struct judging *j, const struct object *o, struct my_create *c)
{
    struct my_answer a CLEANUP(my_answer_free) = {0};
    struct sql q = sql_begin(j->ctx, &mysql_dialect);
    if (!c->settings)
        return true;
    sql_addf(&q, "SET STATEMENT %E FOR SELECT @@sql_mode", c->settings);
    if (!my_run(j->my, sql_end(&q), &a))
        return fail_object(j, OBJECT_TRIGGER, o);
    c->settings = my_settings_of(j->ctx, my_next(&a) ? my_text(&a, 0) : NULL, NULL);
    return true;
}

static bool judge_trigger(struct judging *j, const struct object *o, struct schema *ret)
{
    struct my_create c;
    struct my_trigger t;
    bool is_ordered = false;
    if (!my_create_parse(j->ctx, OBJECT_TRIGGER, o->native, &c))
        return true;
    c.definer = NULL;
    if (!my_trigger_parse(j->ctx, c.rest, &t)) {
        fail_at(j->ctx, STATUS_CONFIG, o->pos,
            "trigger '%s': its SQL is not CREATE TRIGGER … ON … FOR EACH ROW …",
            object_text(&j->ctx->arena, o));
        return fail_hint(j->ctx, "Write the whole statement that creates it.");
    }
    if (!str_eq(t.table, o->of.name))
        return fail_at(j->ctx, STATUS_CONFIG, o->pos, "trigger '%s': its SQL creates it on table '%s'",
            object_text(&j->ctx->arena, o), t.table);
    if (!settle_settings(j, o, &c) || !try_trigger(j, o, &c) ||
        (t.order && !is_in_order(j, o, &t, &is_ordered)))
        return false;
    if (is_ordered || (!t.order && t.has_database))
        my_trigger_simplify(j->ctx, &c);
    print(j, OBJECT_TRIGGER, o, my_create_sql(j->ctx, OBJECT_TRIGGER, &c, o->name.name, false), ret);
    return true;
}

/* ---- all of them ------------------------------------------------------------------------------------- */

static bool judge_all(struct judging *j, const struct schema *wanted, struct schema *ret)
{
    static const enum object_kind routines[] = {OBJECT_FUNCTION, OBJECT_PROCEDURE};
    for (size_t i = 0; i < COUNT_OF(routines); i++)
        vec_each(k, &wanted->objects[routines[i]])
            if (!judge_routine(j, routines[i], wanted->objects[routines[i]].v[k], ret))
                return false;
    vec_each(i, &wanted->objects[OBJECT_EVENT])
        if (!judge_event(j, wanted->objects[OBJECT_EVENT].v[i], ret))
            return false;
    vec_each(i, &wanted->objects[OBJECT_TRIGGER])
        if (!judge_trigger(j, wanted->objects[OBJECT_TRIGGER].v[i], ret))
            return false;
    return true;
}

bool my_judge_objects(struct my *my, const struct schema *wanted, struct schema *ret)
{
    struct ctx *ctx = my->base.ctx;
    struct judging j = {.my = my,
        .ctx = ctx,
        .wanted = wanted,
        .scratch = ctx_printf(ctx, MY_SCRATCH "_object_%lu", my->lib.mysql_thread_id(my->conn))};
    bool ok = judge_all(&j, wanted, ret);
    if (j.database)
        my_scratch_drop(&my->base, j.database);
    return ok;
}
