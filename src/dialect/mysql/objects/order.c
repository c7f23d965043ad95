/*
 * Keeps the order in which the triggers of a table run.
 *
 * CREATE OR REPLACE puts a trigger after all others of its time and event, and so does CREATE for one that comes back in
 * a downgrade. Where that is not its place, the operation's SQL gets a PRECEDES.
 */
#include "dialect/mysql/objects/objects.h"

struct place {
    const char *name, *table, *timing, *event;
};
struct places VEC_OF(struct place);

static bool read_places(struct my *my, struct places *ret)
{
    struct my_answer a CLEANUP(my_answer_free) = {0};
    if (!my_query(my,
            "SELECT trigger_name, event_object_table, action_timing, event_manipulation FROM "
            "information_schema.triggers WHERE trigger_schema = DATABASE() ORDER BY event_object_table, "
            "action_timing, event_manipulation, action_order",
            &a))
        return false;
    while (my_next(&a))
        vec_add(my->base.ctx, ret,
            ((struct place){my_copy(&a, 0), my_copy(&a, 1), my_copy(&a, 2), my_copy(&a, 3)}));
    return true;
}

static size_t find(const struct places *list, const char *name)
{
    size_t i = 0;
    while (i < list->n && !str_eq(list->v[i].name, name))
        i++;
    return i;
}

static void take_out(struct places *list, const char *name)
{
    size_t at = find(list, name);
    if (at < list->n)
        vec_remove(list, at);
}

static bool are_together(const struct place *a, const struct place *b)
{
    return str_eq(a->table, b->table) && str_eq_ci(a->timing, b->timing) && str_eq_ci(a->event, b->event);
}

static bool puts_trigger(const struct op *op)
{
    return op->kind == OP_CREATE_TRIGGER || op->kind == OP_CHANGE_TRIGGER;
}

/* Whether an operation from `at` on gives the trigger another place. */
static bool moves_later(const struct ops *ops, size_t at, const char *name)
{
    for (; at < ops->n; at++)
        if (puts_trigger(ops->v[at]) && str_eq(ops->v[at]->u.object.object.name.name, name))
            return true;
    return false;
}

/* The first of `now` that comes after a trigger in `wanted`, and has its place already; now->n: none, or the trigger has no
 * place there. */
static size_t successor(const struct places *wanted, const struct places *now, const struct place *p,
    const struct ops *ops, size_t later)
{
    size_t at = find(wanted, p->name);
    if (at == wanted->n || !are_together(&wanted->v[at], p))
        return now->n;
    for (size_t i = at + 1; i < wanted->n && are_together(&wanted->v[i], p); i++) {
        size_t found = find(now, wanted->v[i].name);
        if (found < now->n && are_together(&now->v[found], p) && !moves_later(ops, later, wanted->v[i].name))
            return found;
    }
    return now->n;
}

static void set_sql(struct ctx *ctx, struct object *o, const char *text)
{
    struct dtext_by *by;
    size_t n = 0;
    if (!o->sql.by) {
        o->sql.text = text;
        return;
    }
    while (o->sql.by[n].dialect)
        n++;
    by = arena_alloc(&ctx->arena, (n + 2) * sizeof(*by));
    by[0] = (struct dtext_by){mysql_dialect.name, text};
    for (size_t i = 0, k = 1; i < n; i++)
        if (!str_eq(o->sql.by[i].dialect, mysql_dialect.name))
            by[k++] = o->sql.by[i];
    o->sql.by = by;
}

/* Follows one operation that creates or replaces a trigger, and gives its SQL a place where it needs one. */
static void put(
    struct ctx *ctx, const struct ops *ops, size_t op, const struct places *wanted, struct places *now)
{
    struct object *o = &ops->v[op]->u.object.object;
    const char *text = dtext_for(&o->sql, mysql_dialect.name);
    struct my_create c;
    struct my_trigger t;
    if (!my_create_parse(ctx, OBJECT_TRIGGER, text, &c) || !my_trigger_parse(ctx, c.rest, &t))
        return;
    const struct place p = {o->name.name, t.table, t.timing, t.event};
    take_out(now, p.name);
    size_t at = successor(wanted, now, &p, ops, op + 1);
    if (t.order) {
        at = find(now, t.other);
        at += at < now->n && str_eq(t.order, "FOLLOWS");
    } else if (at < now->n) {
        t.order = "PRECEDES";
        t.other = now->v[at].name;
        c.rest = my_trigger_rest(ctx, &t);
        set_sql(ctx, o, my_create_sql(ctx, OBJECT_TRIGGER, &c, o->name.name, false));
    }
    vec_insert(ctx, now, at, p);
}

static void rename_table(struct places *list, const struct op_rename *o)
{
    vec_each(i, list)
        if (str_eq(list->v[i].table, o->name.name))
            list->v[i].table = o->new_name.name;
}

static void rename_trigger(struct places *list, const struct op_object *o)
{
    size_t at = find(list, o->object.name.name);
    if (at < list->n)
        list->v[at].name = o->new_name;
}

static void follow(struct ctx *ctx, struct ops *ops, struct places *wanted, struct places *now)
{
    vec_each(i, ops) {
        struct op *op = ops->v[i];
        if (op->kind == OP_RENAME_TABLE) {
            rename_table(wanted, &op->u.rename);
            rename_table(now, &op->u.rename);
        }
        if (op->kind == OP_RENAME_TRIGGER) {
            rename_trigger(wanted, &op->u.object);
            rename_trigger(now, &op->u.object);
        }
        if (op->kind == OP_DROP_TRIGGER)
            take_out(now, op->u.object.object.name.name);
        if (puts_trigger(op))
            put(ctx, ops, i, wanted, now);
    }
}

static struct places copy(struct ctx *ctx, const struct places *list)
{
    struct places ret = {0};
    vec_each(i, list)
        vec_add(ctx, &ret, list->v[i]);
    return ret;
}

static bool has_triggers(const struct ops *ops)
{
    vec_each(i, ops)
        if (op_object_kind(ops->v[i]->kind) == OBJECT_TRIGGER)
            return true;
    return false;
}

/* The names of tables and triggers that the upgrade changes are the new ones in the beginning of the downgrade. */
bool my_complete(struct conn *conn, struct ops *up, struct ops *down)
{
    struct places now = {0};
    if (!has_triggers(up) && !has_triggers(down))
        return true;
    if (!read_places(my_of(conn), &now))
        return false;
    struct places wanted = copy(conn->ctx, &now);
    follow(conn->ctx, up, &wanted, &now);
    follow(conn->ctx, down, &wanted, &now);
    return true;
}
