/* Extensions. */
#include "dialect/postgresql/objects/objects.h"

enum { SCHEMA, VERSION };

bool take_extensions(ATTR_UNUSED struct pg *pg, void *user, const struct answer *rows)
{
    struct reflection *r = user;
    for (int i = 0; i < answer_rows(rows); i++) {
        struct object *o = ctx_new(r->ctx, struct object);
        o->built_in = answer_bool(rows, i, 0);
        o->rank = (size_t)i;
        o->name.name = o->key = answer_copy(rows, i, 1);
        o->settings[SCHEMA] = answer_copy(rows, i, 2);
        o->settings[VERSION] = answer_copy(rows, i, 3);
        if (!r->scope || !scope_excludes(r->scope, "extension", &o->name, r->home))
            vec_add(r->ctx, &r->s->objects[OBJECT_EXTENSION], o);
    }
    return true;
}

void pg_create_extension(struct rendering *r, const struct object *o, bool if_not_exists)
{
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "CREATE EXTENSION %E%I", if_not_exists ? "IF NOT EXISTS " : "", o->name.name);
    if (o->settings[SCHEMA])
        sql_addf(&q, " WITH SCHEMA %I", o->settings[SCHEMA]);
    if (o->settings[VERSION])
        sql_addf(&q, " VERSION %L", o->settings[VERSION]);
    pg_render_add(r, &q);
}

void pg_alter_extension(struct rendering *r, const struct object *o)
{
    if (o->settings[SCHEMA]) {
        struct sql q = pg_render_begin(r);
        sql_addf(&q, "ALTER EXTENSION %I SET SCHEMA %I", o->name.name, o->settings[SCHEMA]);
        pg_render_add(r, &q);
    }
    if (o->settings[VERSION]) {
        struct sql q = pg_render_begin(r);
        sql_addf(&q, "ALTER EXTENSION %I UPDATE TO %L", o->name.name, o->settings[VERSION]);
        pg_render_add(r, &q);
    }
}

/* In the schema of the models, if they give one, and in any version. */
void pg_scratch_extension(struct rendering *r, const struct object *wanted, const char *default_schema)
{
    struct statements list = {0}, *ret = r->ret;
    struct object o = *wanted;
    const char *schema = object_schema(OBJECT_EXTENSION, &o);
    struct sql body = pg_render_begin(r), q = pg_render_begin(r);
    sql_addf(&body,
        "DECLARE path text := pg_catalog.current_setting('search_path');\nBEGIN\n"
        "    PERFORM pg_catalog.set_config('search_path', pg_catalog.quote_ident(%L), true);\n",
        default_schema);
    if (schema)
        sql_addf(&body, "    CREATE SCHEMA IF NOT EXISTS %I;\n", schema);
    o.settings[VERSION] = NULL;
    r->ret = &list;
    pg_create_extension(r, &o, true);
    pg_alter_extension(r, &o);
    r->ret = ret;
    vec_each(i, &list)
        sql_addf(&body, "    %E;\n", list.v[i]->text);
    sql_add(&body, "    PERFORM pg_catalog.set_config('search_path', path, true);\n"
                   "EXCEPTION WHEN insufficient_privilege THEN NULL;\nEND");
    sql_addf(&q, "DO %L", sql_end(&body));
    pg_render_add(r, &q);
}
