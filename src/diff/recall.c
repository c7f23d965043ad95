/*
 * Restores the spelling of the revisions for objects of the database.
 *
 * One database does not know everything: on SQLite a bigint key is an integer, and nothing has a comment. If
 * the schema that the revisions lead to has the same object, as far as this database can tell, the object gets
 * its spelling from there, so that the downgrade is right for every database of the project. Different objects
 * keep the reflected spelling: user SQL may have created them.
 */
#include "diff/differ.h"

struct recall {
    struct ctx *ctx;
    const struct dialect *dialect;
    const struct schema *models;
    struct schema *replayed, *database;
};

/* ---- texts, comments and options ---------------------------------------------------------------------------- */

static void recall_expr(const struct recall *r, const struct expr *said, struct expr *e)
{
    if (dtext_is_set(&said->sql) && e->native && same_expr(r->ctx, r->dialect, NULL, e->native, said->native))
        e->sql = said->sql;
}

static void recall_comment(const struct recall *r, const char *said, const char **comment)
{
    if (!r->dialect->has.comments && !*comment)
        *comment = said;
}

/* Those of other dialects. */
static void recall_options(const struct recall *r, const struct options *said, struct options **options)
{
    struct options *all = ctx_new(r->ctx, struct options);

    for (size_t i = 0; *options && i < (*options)->n; i++)
        vec_add(r->ctx, all, (*options)->v[i]);
    for (size_t i = 0; said && i < said->n; i++)
        if (!str_eq(said->v[i].dialect, r->dialect->name))
            options_set(r->ctx, all, said->v[i].dialect, said->v[i].key, said->v[i].value);
    if (all->n)
        *options = all;
}

static void recall_parts(
    const struct recall *r, const struct index_parts *said, const struct index_parts *parts)
{
    for (size_t i = 0; i < parts->n && i < said->n; i++)
        recall_expr(r, &said->v[i]->expr, &parts->v[i]->expr);
}

/* ---- columns ------------------------------------------------------------------------------------------------ */

/* Whether the type is one that comes with a sequence, in a database where that is a thing of its own. */
static bool is_serial(const struct recall *r, const struct column *said)
{
    const char *type = dtext_for(&said->type, r->dialect->name);

    return r->dialect->column_sequence && type && strstr(type, "serial");
}

static void recall_type(const struct recall *r, const struct column *said, struct column *c)
{
    const struct dtext_by *by = c->type.by;
    bool has_enums = r->dialect->has.enums;

    if (!dtext_is_set(&said->type) || is_serial(r, said) || !same_native_type(r->dialect, c, said) ||
        (!has_enums && (c->values || said->values)))
        return;
    c->type = said->type;
    /* This database spells it in another way, and keeps that. */
    if (!str_eq(c->native, said->native) && by && !said->type.by)
        c->type.by = by;
}

static void recall_default(const struct recall *r, const struct column *said, struct column *c)
{
    const char *native = c->dflt.expr.native;

    if (c->dflt.kind == VALUE_NONE || said->dflt.kind == VALUE_NONE || !dtext_is_set(&said->dflt.expr.sql) ||
        !same_expr(r->ctx, r->dialect, c, native, said->dflt.expr.native))
        return;
    c->dflt = said->dflt;
    c->dflt.expr.native = native;
}

static void recall_on_update(const struct column *said, struct column *c)
{
    const char *native = c->on_update.expr.native;

    if (c->on_update.kind == VALUE_NONE || said->on_update.kind == VALUE_NONE ||
        !str_eq(native, said->on_update.expr.native))
        return;
    c->on_update = said->on_update;
    c->on_update.expr.native = native;
}

/* Whether the models have the column, perhaps under another name. */
static bool is_kept(const struct recall *r, const struct table *t, const struct column *c)
{
    vec_each(i, &r->models->tables) {
        const struct table *model = r->models->tables.v[i];

        if (table_before(r->ctx, r->dialect, r->database, model) != t)
            continue;
        vec_each(k, &model->columns) {
            const struct column *column = model->columns.v[k];

            if (same_name(r->dialect, column->renamed_from ? column->renamed_from : column->name, c->name))
                return true;
        }
    }
    return false;
}

/* A dropped enum column: the models no longer tell that its check is for the enum's values. */
static void recall_enum(const struct recall *r, struct table *t, const struct column *said, struct column *c)
{
    const struct enumeration *e;

    if (r->dialect->has.enums || c->values || !said->values || is_kept(r, t, c))
        return;
    e = column_enumeration(r->ctx, r->dialect, r->replayed, said);
    if (e)
        pair_enum_column(r->ctx, r->dialect, r->database, t, e, said);
}

static void recall_column(
    const struct recall *r, struct table *t, const struct column *said, struct column *c)
{
    recall_enum(r, t, said, c);
    recall_type(r, said, c);
    recall_default(r, said, c);
    recall_on_update(said, c);
    if (c->generated && said->generated)
        recall_expr(r, &said->generated->expr, &c->generated->expr);
    recall_comment(r, said->comment, &c->comment);
    recall_options(r, said->options, &c->options);
}

/* ---- tables ------------------------------------------------------------------------------------------------- */

static void recall_constraints(
    const struct recall *r, const struct constraints *said, const struct constraints *list)
{
    struct match m = match_constraints(r->ctx, r->dialect, list, said);

    vec_each(i, said) {
        const struct constraint *from = said->v[i];
        struct constraint *c = m.of[i];

        if (!c || !same_constraint(r->ctx, r->dialect, c, from))
            continue;
        recall_expr(r, &from->check, &c->check);
        recall_expr(r, &from->where, &c->where);
        recall_parts(r, &from->parts, &c->parts);
        recall_comment(r, from->comment, &c->comment);
        recall_options(r, from->options, &c->options);
    }
}

/* A key that has more than columns has no short form. */
static void recall_key(const struct recall *r, const struct table *said, struct table *t)
{
    struct constraint *key = t->primary_key;
    struct column *c;

    if (!key || !said->primary_key || !same_constraint(r->ctx, r->dialect, key, said->primary_key))
        return;
    recall_comment(r, said->primary_key->comment, &key->comment);
    recall_options(r, said->primary_key->options, &key->options);
    if ((key->comment || key->options) && (c = table_column(t, key->columns.v[0])))
        c->primary_key = false;
}

static void recall_indexes(const struct recall *r, const struct indexes *said, const struct indexes *list)
{
    struct match m = match_indexes(r->ctx, r->dialect, list, said);

    vec_each(i, said) {
        const struct index *from = said->v[i];
        struct index *index = m.of[i];

        if (!index || !same_index(r->ctx, r->dialect, index, from))
            continue;
        recall_expr(r, &from->where, &index->where);
        recall_parts(r, &from->parts, &index->parts);
        recall_comment(r, from->comment, &index->comment);
        recall_options(r, from->options, &index->options);
    }
}

static void recall_table(const struct recall *r, struct table *said, struct table *t)
{
    vec_each(i, &t->columns) {
        struct column *c = t->columns.v[i];
        const struct column *from = table_column(said, c->name);

        if (from)
            recall_column(r, t, from, c);
    }
    for (int kind = CONSTRAINT_UNIQUE; kind <= CONSTRAINT_EXCLUDE; kind++)
        recall_constraints(r, table_constraints(said, (enum constraint_kind)kind),
            table_constraints(t, (enum constraint_kind)kind));
    recall_key(r, said, t);
    recall_expr(r, &said->partition_by, &t->partition_by);
    recall_expr(r, &said->bound, &t->bound);
    recall_indexes(r, &said->indexes, &t->indexes);
    recall_comment(r, said->comment, &t->comment);
    recall_options(r, said->options, &t->options);
}

/* ---- together ----------------------------------------------------------------------------------------------- */

static void recall_view(const struct recall *r, const struct view *said, struct view *v)
{
    if (!same_expr(r->ctx, r->dialect, NULL, v->body.native, said->body.native))
        return;
    recall_expr(r, &said->body, &v->body);
    recall_comment(r, said->comment, &v->comment);
    recall_options(r, said->options, &v->options);
    if (!r->dialect->has.materialized) {
        v->materialized = said->materialized;
        v->indexes = said->indexes;
    }
    if (v->materialized && said->materialized)
        v->with_data = said->with_data;
    recall_indexes(r, &said->indexes, &v->indexes);
}

/* An object's text for this database is its own; those for others are the revisions'. */
static void recall_object(const struct recall *r, const struct object *said, struct object *o)
{
    const struct dtext *sql = &said->sql;
    struct dtext_by *by;
    size_t n = 0;
    bool same = sql_same_but_for_renames(o->native, dtext_for(sql, r->dialect->name), NULL);

    recall_comment(r, said->comment, &o->comment);
    if (!sql->by) {
        if (same)
            o->sql = *sql;
        return;
    }
    while (sql->by[n].dialect)
        n++;
    by = arena_alloc(&r->ctx->arena, (n + 2) * sizeof(*by));
    memcpy(by, sql->by, n * sizeof(*by));
    for (size_t i = 0; i < n && !same; i++)
        if (str_eq(by[i].dialect, r->dialect->name)) {
            by[i].text = o->native;
            same = true;
        }
    if (!same)
        by[n] = (struct dtext_by){r->dialect->name, o->native};
    o->sql = (struct dtext){.text = sql->text, .by = by};
}

static void recall_objects(const struct recall *r)
{
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        for (size_t i = 0; object_table[kind].has_sql && i < r->database->objects[kind].n; i++) {
            struct object *o = r->database->objects[kind].v[i];
            const struct object *said = objects_find(&r->replayed->objects[kind], o);

            if (said && dtext_is_set(&said->sql))
                recall_object(r, said, o);
        }
}

void diff_recall(struct ctx *ctx, const struct dialect *dialect, struct schema *replayed,
    const struct schema *models, struct schema *database)
{
    const struct recall r = {ctx, dialect, models, replayed, database};

    vec_each(i, &database->tables) {
        struct table *said = schema_table(replayed, &database->tables.v[i]->name);

        if (said)
            recall_table(&r, said, database->tables.v[i]);
    }
    vec_each(i, &database->views) {
        const struct view *said = schema_view(replayed, &database->views.v[i]->name);

        if (said)
            recall_view(&r, said, database->views.v[i]);
    }
    recall_objects(&r);
}
