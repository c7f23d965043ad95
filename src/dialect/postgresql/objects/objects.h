/* Objects of the table of kinds in PostgreSQL: objects/<kind>.c has what differs from kind to kind. */
#pragma once

#include "dialect/postgresql/reflect/reflect.h"
#include "dialect/postgresql/render/render.h"

struct pg_object {
    const char *keyword; /* EXTENSION */
    void (*create)(struct rendering *r, const struct object *o, bool if_not_exists);
    /* Changes the settings that are given. */
    void (*alter)(struct rendering *r, const struct object *o);
};
extern const struct pg_object pg_extension;

bool pg_render_object(struct rendering *r, const struct op *op);

/* A statement that creates it for the judge; it does nothing where the object is there, or where the role may not. */
void pg_object_scratch(
    struct rendering *r, enum object_kind kind, const struct object *wanted, const char *default_schema);

/* Takes a list of names and settings: whether it is built in, the name, and the settings in the order of the kind's row. */
void reflection_objects(struct reflection *r, enum object_kind kind, const struct answer *rows);
bool take_extensions(struct pg *pg, void *user, const struct answer *rows);
