/* What is the same for all kinds of objects: reading rows, and DROP. */
#include "dialect/postgresql/objects/objects.h"

static const struct pg_object *const kinds[OBJECT_KINDS] = {
    [OBJECT_EXTENSION] = &pg_extension,
};

/* ---- reading ----------------------------------------------------------------------------------------- */

void reflection_objects(struct reflection *r, enum object_kind kind, const struct answer *rows)
{
    for (int i = 0; i < answer_rows(rows); i++) {
        struct object *o = ctx_new(r->ctx, struct object);
        o->built_in = answer_bool(rows, i, 0);
        o->rank = (size_t)i;
        o->name.name = answer_copy(rows, i, 1);
        for (int at = 0; at < OBJECT_SETTINGS && object_table[kind].settings[at].name; at++)
            o->settings[at] = answer_copy(rows, i, 2 + at);
        if (!r->scope || !scope_excludes(r->scope, object_table[kind].name, &o->name, r->home))
            vec_add(r->ctx, &r->s->objects[kind], o);
    }
}

/* ---- writing ----------------------------------------------------------------------------------------- */

static void drop(struct rendering *r, const struct pg_object *kind, const struct op_drop *o)
{
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "DROP %E %E%Q%E", kind->keyword, o->if_exists ? "IF EXISTS " : "", &o->name,
        o->cascade ? " CASCADE" : "");
    pg_render_add(r, &q);
}

bool pg_render_object(struct rendering *r, const struct op *op)
{
    const struct pg_object *kind = kinds[op_object_kind(op->kind)];
    switch ((int)op_object_verb(op->kind)) {
    case OBJECT_CREATE:
        kind->create(r, &op->u.object.object, op->u.object.if_not_exists);
        break;
    case OBJECT_ALTER:
        kind->alter(r, &op->u.object.object);
        break;
    default:
        drop(r, kind, &op->u.drop);
    }
    return true;
}

/* In the schema of the models, where they say one, and in any version. */
void pg_object_scratch(
    struct rendering *r, enum object_kind kind, const struct object *wanted, const char *default_schema)
{
    struct statements list = {0}, *ret = r->ret;
    struct object o = *wanted;
    const char *schema = object_schema(kind, &o);
    struct sql body = pg_render_begin(r), q = pg_render_begin(r);
    sql_addf(&body,
        "DECLARE path text := pg_catalog.current_setting('search_path');\nBEGIN\n"
        "    PERFORM pg_catalog.set_config('search_path', pg_catalog.quote_ident(%L), true);\n",
        default_schema);
    if (schema)
        sql_addf(&body, "    CREATE SCHEMA IF NOT EXISTS %I;\n", schema);
    for (size_t i = 0; i < OBJECT_SETTINGS; i++)
        if (object_table[kind].settings[i].meaning == SETTING_VERSION)
            o.settings[i] = NULL;
    r->ret = &list;
    kinds[kind]->create(r, &o, true);
    kinds[kind]->alter(r, &o);
    r->ret = ret;
    vec_each(i, &list)
        sql_addf(&body, "    %E;\n", list.v[i]->text);
    sql_add(&body, "    PERFORM pg_catalog.set_config('search_path', path, true);\n"
                   "EXCEPTION WHEN insufficient_privilege THEN NULL;\nEND");
    sql_addf(&q, "DO %L", sql_end(&body));
    pg_render_add(r, &q);
}
