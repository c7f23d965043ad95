/*
 * Renders triggers, routines and events.
 *
 * The server renames events only. Another object is created under its new name, from the text that the server has, and
 * then dropped under the old one.
 */
#include "dialect/mysql/objects/objects.h"
#include "dialect/mysql/render/render.h"

static const char *text_of(const struct object *o)
{
    const char *written = dtext_for(&o->sql, mysql_dialect.name);
    return written || o->sql.by ? written : o->native;
}

/* As it is written, unless something must be added to it. */
static void create(struct rendering *r, enum object_kind kind, const struct object *o, bool replaces)
{
    const char *text = text_of(o);
    struct my_create c;
    struct sql q = my_render_begin(r);
    if (!text)
        return;
    if (my_create_parse(r->ctx, kind, text, &c) && (replaces || c.settings))
        text = my_create_sent(r->ctx, kind, &c, o->name.name, replaces);
    sql_addf(&q, "%E", str_trim(&r->ctx->arena, text));
    my_render_add(r, &q);
}

static void drop(struct rendering *r, enum object_kind kind, const char *name, bool if_exists)
{
    struct sql q = my_render_begin(r);
    sql_addf(&q, "DROP %E %E%I", object_table[kind].name, if_exists ? "IF EXISTS " : "", name);
    my_render_add(r, &q);
}

/* ---- renaming ---------------------------------------------------------------------------------------- */

static bool show(struct rendering *r, enum object_kind kind, const struct object *o, struct my_create *ret,
    bool *ret_found)
{
    const struct object *known;
    const char *text;
    if (r->state->conn) {
        bool ok = my_show_create(my_of(r->state->conn), kind, o->name.name, &text, ret);
        *ret_found = ok && text;
        return ok;
    }
    known = r->state->schema ? objects_find(&r->state->schema->objects[kind], o) : NULL;
    *ret_found = known && my_create_parse(r->ctx, kind, text_of(known), ret);
    return true;
}

/* The new trigger takes the place of the old one among the others. */
static void put_before(struct rendering *r, const struct object *o, struct my_create *c)
{
    struct my_trigger t;
    if (!my_trigger_parse(r->ctx, c->rest, &t))
        return;
    t.order = "PRECEDES";
    t.other = o->name.name;
    c->rest = my_trigger_rest(r->ctx, &t);
}

static bool rename_by_text(struct rendering *r, enum object_kind kind, const struct op *op)
{
    const struct object *o = &op->u.object.object, now = op_renamed_object(&r->ctx->arena, op);
    struct my_create c;
    struct sql q = my_render_begin(r);
    bool is_found;
    if (!show(r, kind, o, &c, &is_found))
        return false;
    if (!is_found && r->state->begun && r->at == 0) {
        sql_add(&q, "DO 0"); /* an earlier run did it */
        my_render_add(r, &q);
        return true;
    }
    if (!is_found)
        return fail(r->ctx, STATUS_FAILED, "%s '%s' does not exist", object_table[kind].name, o->key);
    if (kind == OBJECT_TRIGGER)
        put_before(r, o, &c);
    sql_addf(&q, "%E", my_create_sent(r->ctx, kind, &c, now.name.name, false));
    my_render_add(r, &q);
    if (kind != OBJECT_TRIGGER && !my_move_access(r, object_table[kind].name, &o->name, now.name.name, true))
        return false;
    drop(r, kind, o->name.name, false);
    return true;
}

static bool rename_object(struct rendering *r, enum object_kind kind, const struct op *op)
{
    struct sql q = my_render_begin(r);
    if (kind != OBJECT_EVENT)
        return rename_by_text(r, kind, op);
    sql_addf(&q, "ALTER EVENT %I RENAME TO %I", op->u.object.object.name.name,
        op_renamed_object(&r->ctx->arena, op).name.name);
    my_render_add(r, &q);
    return true;
}

/* ---- all of them ------------------------------------------------------------------------------------- */

bool my_object_change(ATTR_UNUSED struct ctx *ctx, ATTR_UNUSED enum object_kind kind,
    ATTR_UNUSED const struct object *a, ATTR_UNUSED const struct object *b,
    ATTR_UNUSED struct strings *ret_steps)
{
    return true; /* CREATE OR REPLACE takes all of them */
}

/* Other kinds do not exist here. */
bool my_render_object(struct rendering *r, const struct op *op)
{
    enum object_kind kind = op_object_kind(op->kind);
    const struct op_object *o = &op->u.object;
    if (!(mysql_dialect.objects & 1u << kind))
        return true;
    switch (op_object_verb(op->kind)) {
    case OBJECT_CREATE:
        create(r, kind, &o->object, false);
        break;
    case OBJECT_CHANGE:
        create(r, kind, &o->object, true);
        break;
    case OBJECT_RENAME:
        return rename_object(r, kind, op);
    case OBJECT_DROP:
        drop(r, kind, o->object.name.name, o->if_exists);
        break;
    case OBJECT_VERBS:
        break;
    }
    return true;
}
