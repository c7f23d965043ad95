/*
 * Gives the reflected schema the models' spelling where both mean the same.
 *
 * Reflection leaves inherited collations out. Where a model states the same one, the reflected object states it, too,
 * so that there is no difference, and operations that create an object still have it. With lower_case_table_names the
 * server keeps names in lower case, or finds them in any case.
 */
#include "dialect/mysql/reflect/reflect.h"
#include "dialect/mysql/spell/served.h"

static const char *stated(const struct table *t)
{
    return t->options ? options_get(t->options, mysql_dialect.name, "collation") : NULL;
}

/* utf8_bin and utf8mb3_bin are one collation. */
static bool is_same(const char *a, const char *b)
{
    static const char old[] = "utf8_", new[] = "utf8mb3_";
    if (str_starts(a, old) && str_starts(b, new))
        return str_eq_ci(a + strlen(old), b + strlen(new));
    if (str_starts(a, new) && str_starts(b, old))
        return str_eq_ci(a + strlen(new), b + strlen(old));
    return str_eq_ci(a, b);
}

static void state_columns(struct table *t, const char *collation, const struct table *model)
{
    vec_each(i, &model->columns) {
        const char *wanted = model->columns.v[i]->collation;
        struct column *c = wanted ? table_column(t, model->columns.v[i]->name) : NULL;
        if (c && is_same(wanted, c->collation ? c->collation : collation))
            c->collation = wanted;
    }
}

/* ---- names ------------------------------------------------------------------------------------------- */

static void spell_name(const struct map *names, struct qname *name)
{
    const char *spelled = name->name ? map_get(names, name->name) : NULL;
    if (spelled)
        name->name = spelled;
}

static void note_name(struct ctx *ctx, struct map *names, const struct qname *name)
{
    map_set(names, str_lower(&ctx->arena, name->name), (void *)name->name);
}

/* Only names in lower case are looked up: the server may keep others as they were written. */
static void spell_names(struct ctx *ctx, struct schema *database, const struct schema *models)
{
    struct map names = MAP(ctx);
    vec_each(i, &models->tables)
        note_name(ctx, &names, &models->tables.v[i]->name);
    vec_each(i, &models->views)
        note_name(ctx, &names, &models->views.v[i]->name);
    vec_each(i, &database->tables) {
        struct table *t = database->tables.v[i];
        spell_name(&names, &t->name);
        vec_each(k, &t->foreign_keys)
            spell_name(&names, &t->foreign_keys.v[k]->references);
    }
    vec_each(i, &database->views)
        spell_name(&names, &database->views.v[i]->name);
    vec_each(i, &database->objects[OBJECT_TRIGGER]) {
        struct object *o = database->objects[OBJECT_TRIGGER].v[i];
        spell_name(&names, &o->of);
        spell_name(&names, &o->goes_with);
        object_make_key(&ctx->arena, OBJECT_TRIGGER, o);
    }
    schema_sort(database);
}

/* ---- indexes of foreign keys -------------------------------------------------------------------------- */

/* The server drops an index that it created for a foreign key as soon as another index serves the key. Models that were
 * written before that still list it, which is no difference. */
static void state_served(struct ctx *ctx, struct table *t, const struct table *model)
{
    vec_each(i, &model->indexes) {
        struct index *index = model->indexes.v[i];
        if (index->unique || !index->name || !my_has_servers_name(index) || table_index(t, index->name))
            continue;
        vec_each(k, &t->foreign_keys) {
            const struct strings *key = &t->foreign_keys.v[k]->columns;
            if (key->n == index->parts.n && my_index_serves(ctx, index, key)) {
                vec_add(ctx, &t->indexes, index);
                break;
            }
        }
    }
}

/* ---- together ---------------------------------------------------------------------------------------- */

void my_state_inherited(struct conn *conn, struct schema *database, const struct schema *models)
{
    const char *usual = my_of(conn)->collation;
    if (my_of(conn)->folds_names)
        spell_names(conn->ctx, database, models);
    vec_each(i, &models->tables) {
        const struct table *model = models->tables.v[i];
        struct table *t = schema_table(database, &model->name);
        if (t)
            state_served(conn->ctx, t, model);
        if (!t || !usual)
            continue;
        const char *own = stated(t) ? stated(t) : usual, *wanted = stated(model);
        state_columns(t, own, model);
        if (!wanted || !is_same(wanted, own))
            continue;
        if (!t->options)
            t->options = ctx_new(conn->ctx, struct options);
        options_set(conn->ctx, t->options, mysql_dialect.name, "collation", wanted);
    }
}
