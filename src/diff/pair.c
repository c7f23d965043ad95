/*
 * Pairs objects of the models with those of the database.
 *
 * An unnamed constraint or index of the models takes the name of the one in the database that has its shape,
 * and only what is left is named by the patterns. An object named in this way may still match one of the
 * database, once the judge has printed its text: the name is marked, and diff_schemas matches again.
 */
#include "diff/differ.h"

/* Names are chosen after all matches with the database: they must differ from its names. */
struct pairing {
    struct ctx *ctx;
    const struct dialect *dialect;
    const struct diff_options *options;
    struct map taken; /* "schema\nname" */
};

/* ---- unique indexes of a column ---------------------------------------------------------------------------- */

static bool is_on(const struct pairing *p, const struct index *i, const char *column)
{
    return i->parts.n == 1 && i->parts.v[0]->column && same_name(p->dialect, i->parts.v[0]->column, column) &&
           !i->where.native;
}

/* Whether the database has the index, but not unique. */
static bool has_plain_index(const struct pairing *p, const struct table *before, const struct index *index)
{
    bool found = false;

    vec_each(i, &before->indexes) {
        const struct index *other = before->indexes.v[i];

        if (!is_on(p, other, index->parts.v[0]->column))
            continue;
        if (other->unique)
            return false;
        found = found || !index->name || same_name(p->dialect, index->name, other->name);
    }
    return found;
}

static bool has_unique(const struct pairing *p, const struct table *before, const char *column)
{
    const struct strings columns = {.v = &column, .n = 1};

    vec_each(i, &before->uniques)
        if (same_names(p->dialect, &before->uniques.v[i]->columns, &columns))
            return true;
    return false;
}

/* For cmig 0.1.0 `unique: true` with `index: true` was a constraint and an index: a database that has both
 * agrees with the models. */
static void split_unique_indexes(const struct pairing *p, const struct table *before, struct table *t)
{
    vec_each(i, &t->indexes) {
        struct index *index = t->indexes.v[i];
        struct constraint *unique;

        if (!index->is_column_key || !has_unique(p, before, index->parts.v[0]->column) ||
            !has_plain_index(p, before, index))
            continue;
        unique = ctx_new(p->ctx, struct constraint);
        *unique = (struct constraint){.kind = CONSTRAINT_UNIQUE, .pos = index->pos};
        vec_add(p->ctx, &unique->columns, index->parts.v[0]->column);
        vec_add(p->ctx, &t->uniques, unique);
        index->unique = false;
        index->is_column_key = false;
    }
}

/* ---- names from the database ------------------------------------------------------------------------------ */

static void adopt_constraints(
    const struct pairing *p, const struct constraints *before, const struct constraints *list)
{
    struct match m = match_constraints(p->ctx, p->dialect, before, list);

    vec_each(i, list) {
        const struct constraint *same = m.of[i];

        if (!list->v[i]->name && !list->v[i]->implied && same)
            list->v[i]->name = same->name;
        if (!list->v[i]->name)
            list->v[i]->name_made = !same;
    }
}

static void adopt_indexes(const struct pairing *p, const struct indexes *before, const struct indexes *list)
{
    struct match m = match_indexes(p->ctx, p->dialect, before, list);

    vec_each(i, list) {
        const struct index *same = m.of[i];

        if (list->v[i]->name)
            continue;
        list->v[i]->name = same ? same->name : NULL;
        list->v[i]->name_made = !same;
    }
}

static void adopt_key(const struct pairing *p, const struct constraint *before, struct constraint *key)
{
    if (!key || key->name)
        return;
    if (before && same_constraint(p->ctx, p->dialect, before, key))
        key->name = before->name;
    else
        key->name_made = true;
}

static void adopt_names(const struct pairing *p, const struct table *before, struct table *t)
{
    split_unique_indexes(p, before, t);
    adopt_key(p, before->primary_key, t->primary_key);
    adopt_constraints(p, &before->uniques, &t->uniques);
    adopt_constraints(p, &before->checks, &t->checks);
    adopt_constraints(p, &before->foreign_keys, &t->foreign_keys);
    adopt_constraints(p, &before->excludes, &t->excludes);
    adopt_indexes(p, &before->indexes, &t->indexes);
}

/* ---- names by the patterns -------------------------------------------------------------------------------- */

static const char *name_key(const struct pairing *p, const struct table *t, const char *name)
{
    return ctx_printf(p->ctx, "%s\n%s", t->name.schema ? t->name.schema : "", name);
}

static const char *object_key(const struct pairing *p, const struct qname *name)
{
    return ctx_printf(p->ctx, "%s\n%s", name->schema ? name->schema : "", name->name);
}

static void take_names(struct pairing *p, const struct table *t)
{
    const struct constraint *c;

    map_set(&p->taken, name_key(p, t, t->name.name), p);
    for (size_t state = 0; (c = table_next_constraint(t, &state));)
        if (c->name)
            map_set(&p->taken, name_key(p, t, c->name), p);
    vec_each(i, &t->indexes)
        if (t->indexes.v[i]->name)
            map_set(&p->taken, name_key(p, t, t->indexes.v[i]->name), p);
}

/* A table that was renamed keeps the names of its keys, which a new table of its old name would be given, too. */
static void number_name(struct pairing *p, const struct table *t, const char **name)
{
    const char *plain = *name;
    size_t n = plain ? strlen(plain) : 0;

    for (int i = 1; *name && map_get(&p->taken, name_key(p, t, *name)); i++) {
        const char *end = ctx_printf(p->ctx, "_%d", i);
        size_t room = p->dialect->name_max ? p->dialect->name_max - strlen(end) : n;

        *name = ctx_printf(p->ctx, "%.*s%s", (int)(n < room ? n : room), plain, end);
    }
    if (*name)
        map_set(&p->taken, name_key(p, t, *name), p);
}

static bool name_constraint(struct pairing *p, const struct table *t, struct constraint *c)
{
    if (c->name || !c->name_made)
        return true;
    if (!schema_name_constraint(p->ctx, p->options->naming, p->dialect, t, c))
        return false;
    number_name(p, t, &c->name);
    return true;
}

static bool name_index(struct pairing *p, const struct table *t, struct index *index)
{
    if (index->name)
        return true;
    if (!schema_name_index(p->ctx, p->options->naming, p->dialect, t, index))
        return false;
    number_name(p, t, &index->name);
    return true;
}

static bool name_rest(struct pairing *p, const struct table *t)
{
    struct constraint *c;

    for (size_t state = 0; (c = table_next_constraint(t, &state));)
        if (!c->implied && !name_constraint(p, t, c))
            return false;
    vec_each(i, &t->indexes)
        if (!name_index(p, t, t->indexes.v[i]))
            return false;
    return true;
}

/* ---- serial keys ------------------------------------------------------------------------------------------ */

static const struct {
    enum type_kind kind;
    const char *serial;
} serials[] = {{TYPE_SMALLINT, "smallserial"}, {TYPE_INTEGER, "serial"}, {TYPE_BIGINT, "bigserial"}};

static const char *serial_type(struct ctx *ctx, const struct dialect *dialect, const struct column *c)
{
    struct type type;

    if (c->type.by || !column_type(ctx, dialect->name, c, &type)) {
        err_clear(ctx);
        return NULL;
    }
    for (size_t i = 0; i < COUNT_OF(serials); i++)
        if (serials[i].kind == type.kind && !type.dimensions)
            return serials[i].serial;
    return NULL;
}

static bool is_serial(const struct column *c)
{
    for (size_t i = 0; i < COUNT_OF(serials); i++)
        if (str_eq(c->type.text, serials[i].serial))
            return true;
    return false;
}

/* A model without `identity` accepts both identity and serial: an existing column keeps what it has. */
static bool wants_serial(
    const struct pairing *p, const struct schema *database, const struct table *t, const struct column *c)
{
    const struct table *before = table_before(p->ctx, p->dialect, database, t);
    const struct column *b = before ? column_before(p->dialect, before, c) : NULL;

    if (b && is_serial(b))
        return true;
    return p->options->serial_keys && !(b && p->dialect->generation_same(before, b, t, c));
}

/* A single integer key of the models that the database numbers. */
static void make_key_serial(const struct pairing *p, const struct schema *database, struct table *t)
{
    struct column *c = t->primary_key && t->primary_key->columns.n == 1
                           ? table_column(t, t->primary_key->columns.v[0])
                           : NULL;
    const char *serial;

    if (!c || c->identity || c->generated || c->dflt.kind != VALUE_NONE || c->autoincrement == TRI_FALSE ||
        !wants_serial(p, database, t, c))
        return;
    serial = serial_type(p->ctx, p->dialect, c);
    if (!serial)
        return;
    c->type.text = serial;
    c->autoincrement = TRI_UNSET;
}

static bool is_named(const struct table *t)
{
    const struct constraint *c;

    for (size_t state = 0; (c = table_next_constraint(t, &state));)
        if (c->name_made)
            return false;
    vec_each(i, &t->indexes)
        if (!t->indexes.v[i]->name)
            return false;
    return true;
}

static bool all_are_named(const struct schema *models)
{
    vec_each(i, &models->tables)
        if (!is_named(models->tables.v[i]))
            return false;
    vec_each(i, &models->views) {
        const struct table t = view_as_table(models->views.v[i]);

        if (!is_named(&t))
            return false;
    }
    return true;
}

static bool name_all(struct pairing *p, const struct schema *models)
{
    if (all_are_named(models))
        return true;
    vec_each(i, &models->tables)
        take_names(p, models->tables.v[i]);
    vec_each(i, &models->views) {
        const struct table t = view_as_table(models->views.v[i]);

        take_names(p, &t);
    }
    vec_each(i, &models->sequences)
        map_set(&p->taken, object_key(p, &models->sequences.v[i]->name), p);
    vec_each(i, &models->tables)
        if (!name_rest(p, models->tables.v[i]))
            return false;
    vec_each(i, &models->views) {
        const struct table t = view_as_table(models->views.v[i]);

        if (!name_rest(p, &t))
            return false;
    }
    return true;
}

/* Settings of the database that the models do not give are the application's. */
static void pair_settings(const struct dialect *dialect, struct schema *database, const struct schema *models)
{
    for (size_t i = database->options ? database->options->n : 0; i-- > 0;)
        if (!options_get(models->options, dialect->name, database->options->v[i].key))
            vec_remove(database->options, i);
}

bool diff_pair(struct ctx *ctx, const struct dialect *dialect, const struct diff_options *options,
    struct schema *database, struct schema *models)
{
    static const struct table nothing;
    struct renames renames = {0};
    struct ops ops = {0};
    struct schema *base;

    struct pairing p = {.ctx = ctx, .dialect = dialect, .options = options, .taken = MAP(ctx)};
    if (!renames_resolve(ctx, dialect, options, database, models))
        return false;
    pair_partitions(ctx, dialect, database, models);
    pair_heirs(ctx, dialect, database, models);
    vec_each(i, &models->tables)
        make_key_serial(&p, database, models->tables.v[i]);
    pair_settings(dialect, database, models);
    pair_objects(ctx, dialect, database, models);
    pair_uniques(ctx, dialect, database, models);
    pair_default_accesses(ctx, database, models);
    pair_enums(ctx, dialect, database, models);
    pair_serials(ctx, dialect, database, models);
    renames_collect(ctx, dialect, database, models, &renames);
    if (!renames_follow(ctx, dialect, database, models, &renames, &ops, &base))
        return false;
    vec_each(i, &models->tables) {
        struct table *t = models->tables.v[i];
        const struct table *before = schema_table(base, &t->name);

        adopt_names(&p, before ? before : &nothing, t);
    }
    vec_each(i, &models->views) {
        const struct view *before = schema_view(base, &models->views.v[i]->name);

        adopt_indexes(&p, before ? &before->indexes : &nothing.indexes, &models->views.v[i]->indexes);
    }
    return name_all(&p, models) && schema_check_claims(ctx, dialect, models);
}
