/*
 * Leaves out of a comparison what the connected user may not read in the database.
 *
 * It may exist there and be equal: taken for missing, it would be created a second time.
 */
#include "cmig/diff.h"

static bool is_hidden(
    const struct schema *database, const char *kind, const struct qname *name, bool is_found)
{
    vec_each(i, &database->unmodelled) {
        const struct unmodelled *u = database->unmodelled.v[i];
        if (u->hidden && str_eq(u->hidden, kind) && (u->hides_all ? !is_found : qname_eq(&u->name, name)))
            return true;
    }
    return false;
}

static bool has_object(const struct objects *list, const struct object *o)
{
    vec_each(i, list)
        if (qname_eq(&list->v[i]->name, &o->name) && qname_eq(&list->v[i]->of, &o->of))
            return true;
    return false;
}

static void leave_objects(const struct schema *database, struct schema *models, enum object_kind kind)
{
    struct objects *list = &models->objects[kind];
    size_t kept = 0;
    vec_each(i, list) {
        struct object *o = list->v[i];
        if (!is_hidden(database, object_table[kind].name, &o->name, has_object(&database->objects[kind], o)))
            list->v[kept++] = o;
    }
    list->n = (uint32_t)kept;
}

void diff_leave_hidden(const struct schema *database, struct schema *models)
{
    size_t kept = 0;
    bool has_hidden = false;
    vec_each(i, &database->unmodelled)
        has_hidden |= database->unmodelled.v[i]->hidden != NULL;
    if (!has_hidden)
        return;
    vec_each(i, &models->tables) {
        struct table *t = models->tables.v[i];
        if (!is_hidden(database, "table", &t->name, schema_table(database, &t->name)))
            models->tables.v[kept++] = t;
    }
    models->tables.n = (uint32_t)kept;
    kept = 0;
    vec_each(i, &models->views) {
        struct view *v = models->views.v[i];
        if (!is_hidden(database, "view", &v->name, schema_view(database, &v->name)))
            models->views.v[kept++] = v;
    }
    models->views.n = (uint32_t)kept;
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        leave_objects(database, models, (enum object_kind)kind);
}
