/* Extensions. */
#include "dialect/postgresql/objects/objects.h"

enum { SCHEMA, VERSION };

bool take_extensions(ATTR_UNUSED struct pg *pg, void *user, const struct answer *rows)
{
    reflection_objects(user, OBJECT_EXTENSION, rows);
    return true;
}

static void create(struct rendering *r, const struct object *o, bool if_not_exists)
{
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "CREATE EXTENSION %E%I", if_not_exists ? "IF NOT EXISTS " : "", o->name.name);
    if (o->settings[SCHEMA])
        sql_addf(&q, " WITH SCHEMA %I", o->settings[SCHEMA]);
    if (o->settings[VERSION])
        sql_addf(&q, " VERSION %L", o->settings[VERSION]);
    pg_render_add(r, &q);
}

static void alter(struct rendering *r, const struct object *o)
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

const struct pg_object pg_extension = {"EXTENSION", create, alter};
