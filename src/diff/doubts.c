/*
 * Lists differences that only the database's own printing can decide.
 *
 * Two different texts may be the same expression. Tables and views with such texts are listed, on both sides, for
 * the judge; its output replaces them, and then texts are compared literally.
 */
#include "diff/differ.h"

struct doubts {
    struct ctx *ctx;
    const struct dialect *dialect;
    const struct schema *database, *models;
    struct schema *ret_database, *ret_models;
};

static bool unsure(const struct doubts *d, const struct column *c, const char *a, const char *b)
{
    return a && b && !same_expr(d->ctx, d->dialect, c, a, b);
}

/* ---- tables ----------------------------------------------------------------------------------------------- */

/* The dialect spells the types that cmig knows, but not those that are passed unchanged. */
static bool type_unsure(const struct doubts *d, const struct column *a, const struct column *b)
{
    struct type type;

    if (same_native_type(d->dialect, a, b) || !dtext_is_set(&b->type))
        return false;
    if (!column_type(d->ctx, d->dialect->name, b, &type)) {
        err_clear(d->ctx);
        return false;
    }
    return type.kind == TYPE_OTHER;
}

static bool column_unsure(const struct doubts *d, const struct column *a, const struct column *b)
{
    if (type_unsure(d, a, b))
        return true;
    if (a->generated && b->generated)
        return unsure(d, NULL, a->generated->expr.native, b->generated->expr.native);
    if (a->dflt.kind == VALUE_NONE)
        return b->dflt.kind == VALUE_SQL && sql_mentions(b->dflt.expr.native, "null");
    return b->dflt.kind != VALUE_NONE && unsure(d, b, a->dflt.expr.native, b->dflt.expr.native);
}

static bool columns_unsure(const struct doubts *d, const struct table *a, const struct table *b)
{
    vec_each(i, &b->columns) {
        const struct column *c = b->columns.v[i];
        const struct column *before = i < a->columns.n && str_eq(a->columns.v[i]->name, c->name)
                                          ? a->columns.v[i]
                                          : table_column(a, c->name);

        if (before && column_unsure(d, before, c))
            return true;
    }
    return false;
}

static bool constraint_unsure(const struct doubts *d, const struct constraint *a, const struct constraint *b)
{
    return like_constraint(d->dialect, a, b) && !same_constraint(d->ctx, d->dialect, a, b);
}

/* One with the same name, or any that could match one of the rest. */
static bool constraints_unsure(
    const struct doubts *d, const struct constraints *a, const struct constraints *b)
{
    struct match m;

    if (!a->n || !b->n)
        return false;
    m = match_constraints(d->ctx, d->dialect, a, b);
    vec_each(j, b) {
        if (m.of[j] && constraint_unsure(d, m.of[j], b->v[j]))
            return true;
        for (size_t i = 0; !m.of[j] && !b->v[j]->implied && i < a->n; i++)
            if (m.left[i] && constraint_unsure(d, a->v[i], b->v[j]))
                return true;
    }
    return false;
}

static bool index_unsure(const struct doubts *d, const struct index *a, const struct index *b)
{
    return like_index(d->dialect, a, b) && !same_index(d->ctx, d->dialect, a, b);
}

static bool indexes_unsure(const struct doubts *d, const struct indexes *a, const struct indexes *b)
{
    struct match m;

    if (!a->n || !b->n)
        return false;
    m = match_indexes(d->ctx, d->dialect, a, b);
    vec_each(j, b) {
        if (m.of[j] && index_unsure(d, m.of[j], b->v[j]))
            return true;
        for (size_t i = 0; !m.of[j] && i < a->n; i++)
            if (m.left[i] && index_unsure(d, a->v[i], b->v[j]))
                return true;
    }
    return false;
}

static bool options_unsure(const struct doubts *d, const struct table *a, const struct table *b)
{
    const char *name = d->dialect->name;

    for (const struct option_row *o = d->dialect->options; o && o->on; o++)
        if (str_eq(o->kind, "sql") &&
            unsure(d, NULL, a->options ? options_get(a->options, name, o->key) : NULL,
                b->options ? options_get(b->options, name, o->key) : NULL))
            return true;
    return false;
}

static bool table_unsure(const struct doubts *d, const struct table *a, const struct table *b)
{
    return unsure(d, NULL, a->partition_by.native, b->partition_by.native) ||
           unsure(d, NULL, a->bound.native, b->bound.native) || options_unsure(d, a, b) ||
           columns_unsure(d, a, b) || constraints_unsure(d, &a->checks, &b->checks) ||
           constraints_unsure(d, &a->excludes, &b->excludes) || indexes_unsure(d, &a->indexes, &b->indexes);
}

/* ---- what the judge is given ------------------------------------------------------------------------------ */

/* A table with its parents, and those whose rows its columns hold. */
static void take_table(const struct doubts *d, const struct schema *s, struct schema *ret, struct table *t)
{
    struct table *parent;

    if (!t || schema_table(ret, &t->name))
        return;
    schema_insert_table(d->ctx, ret, t);
    vec_each(i, &t->columns)
        take_table(d, s, ret, column_row_type(d->ctx, d->dialect, s, t->columns.v[i]));
    for (size_t at = 0; (parent = table_parent(d->ctx, s, t, at)); at++)
        take_table(d, s, ret, parent);
}

/* A text's words are looked up before it is searched for a name: there may be many names, and many texts. */
static bool may_read(const struct doubts *d, const struct view *v, const struct map *words, const char *name)
{
    return v->depends_on.n || map_get(words, str_lower(&d->ctx->arena, name));
}

/* A view with all objects that it reads, so that it can be created in an empty database, too. */
static void take_view(const struct doubts *d, const struct schema *s, struct schema *ret, struct view *v)
{
    struct map words = MAP(d->ctx);

    if (!v || schema_view(ret, &v->name))
        return;
    schema_insert_view(d->ctx, ret, v);
    words_of_sql(d->ctx, v->body.native, &words, NULL);
    vec_each(i, &s->tables) {
        const struct qname *name = &s->tables.v[i]->name;

        if (may_read(d, v, &words, name->name) && view_reads_name(s, v, name))
            take_table(d, s, ret, s->tables.v[i]);
    }
    vec_each(i, &s->views) {
        const struct qname *name = &s->views.v[i]->name;

        if (s->views.v[i] != v && may_read(d, v, &words, name->name) && view_reads_name(s, v, name))
            take_view(d, s, ret, s->views.v[i]);
    }
}

/* Whether the database's enum has all values that a text may name; then no stand-in is needed. */
static bool enum_does(const struct doubts *d, const struct enumeration *e)
{
    const struct enumeration *there = schema_enum(d->database, &e->name);
    struct map values = MAP(d->ctx);

    for (size_t i = 0; there && i < there->values.n; i++)
        map_set(&values, there->values.v[i], &values);
    for (size_t i = 0; there && i < e->values.n; i++)
        if (!map_get(&values, e->values.v[i]))
            return false;
    return there;
}

static void take_enums(const struct doubts *d, struct schema *ret)
{
    vec_each(i, &d->models->enums)
        if (!enum_does(d, d->models->enums.v[i]))
            vec_add(d->ctx, &ret->enums, d->models->enums.v[i]);
}

static void begin(struct schema *ret, const struct schema *s)
{
    *ret = (struct schema){
        .default_schema = s->default_schema,
        .namespaces = s->namespaces,
        .sequences = s->sequences,
    };
}

/* The tables and views of the models that an object is on, or names. */
static void take_named(
    const struct doubts *d, const struct map *tables, const struct object *o, struct schema *ret)
{
    struct map seen = MAP(d->ctx);
    struct strings words = {0};

    words_of_sql(d->ctx, o->native, &seen, &words);
    if (o->of.name)
        vec_add(d->ctx, &words, str_lower(&d->ctx->arena, o->of.name));
    vec_each(i, &words) {
        const struct strings *names = map_get(tables, words.v[i]);

        for (size_t k = 0; names && k < names->n; k++) {
            struct qname name;

            if (!qname_parse(&d->ctx->arena, names->v[k], &name))
                continue;
            take_table(d, d->models, ret, schema_table(d->models, &name));
            take_view(d, d->models, ret, schema_view(d->models, &name));
        }
    }
}

static void add_name(const struct doubts *d, struct map *ret, const struct qname *name)
{
    const char *key = str_lower(&d->ctx->arena, name->name);
    struct strings *names = map_get(ret, key);

    if (!names)
        map_set(ret, key, names = ctx_new(d->ctx, struct strings));
    vec_add(d->ctx, names, qname_text(&d->ctx->arena, name));
}

/* New, renamed and different objects; the judge creates those that other new texts may need, and prints the rest. */
static void take_objects(const struct doubts *d, const struct schema *base, struct schema *ret)
{
    struct map tables = MAP(d->ctx);

    vec_each(i, &d->models->tables)
        add_name(d, &tables, &d->models->tables.v[i]->name);
    vec_each(i, &d->models->views)
        add_name(d, &tables, &d->models->views.v[i]->name);
    for (size_t kind = 0; kind < OBJECT_KINDS; kind++) {
        const struct objects all = objects_ranked(d->ctx, &d->models->objects[kind]);

        vec_each(i, &all) {
            struct object *o = all.v[i];
            const struct object *there = objects_find(&base->objects[kind], o);

            o->is_new = !objects_find(&d->database->objects[kind], o);
            o->is_renamed = there && o->is_new;
            if (there && !o->is_new && object_same(there, o))
                continue;
            vec_add(d->ctx, &ret->objects[kind], o);
            take_named(d, &tables, o, ret);
        }
    }
}

static void doubt_tables(struct doubts *d, const struct schema *base)
{
    vec_each(i, &d->models->tables) {
        struct table *t = d->models->tables.v[i];
        const struct table *before = i < base->tables.n && qname_eq(&base->tables.v[i]->name, &t->name)
                                         ? base->tables.v[i]
                                         : schema_table(base, &t->name);

        if (!before || !table_unsure(d, before, t))
            continue;
        take_table(d, d->models, d->ret_models, t);
        take_table(d, d->database, d->ret_database, table_before(d->ctx, d->dialect, d->database, t));
    }
}

static void doubt_views(struct doubts *d, const struct schema *base)
{
    vec_each(i, &d->models->views) {
        struct view *v = d->models->views.v[i];
        const struct view *before = schema_view(base, &v->name);

        if (!before || (!unsure(d, NULL, before->body.native, v->body.native) &&
                           same_names(d->dialect, &before->columns, &v->columns) &&
                           !indexes_unsure(d, &before->indexes, &v->indexes)))
            continue;
        take_view(d, d->models, d->ret_models, v);
        take_view(d, d->database, d->ret_database, schema_view(d->database, &v->name));
    }
}

bool diff_doubts(struct ctx *ctx, const struct dialect *dialect, const struct schema *database,
    const struct schema *models, struct schema *ret_database, struct schema *ret_models)
{
    struct doubts d = {ctx, dialect, database, models, ret_database, ret_models};
    struct renames renames = {0};
    struct ops ops = {0};
    struct schema before = *database, *base;

    begin(ret_database, database);
    begin(ret_models, models);
    take_enums(&d, ret_models);
    renames_collect(ctx, dialect, database, models, &renames);
    if (!renames_follow(ctx, dialect, &before, models, &renames, &ops, &base))
        return false;
    take_objects(&d, base, ret_models);
    doubt_tables(&d, base);
    doubt_views(&d, base);
    return true;
}

/* ---- what is new ------------------------------------------------------------------------------------------ */

/* Whether a literal may be none of the type's values although its spelling is right. */
static bool is_doubtful_literal(const struct type *type, enum value_kind kind)
{
    bool is_text = type->kind == TYPE_STRING || type->kind == TYPE_CHAR || type->kind == TYPE_TEXT;

    if (type->dimensions)
        return kind == VALUE_STRING;
    switch (kind) {
    case VALUE_STRING:
        return !is_text && type->kind != TYPE_ENUM && type->kind != TYPE_JSON && type->kind != TYPE_UUID;
    case VALUE_NUMBER:
        return !type_is_integer(type) && type->kind != TYPE_NUMERIC && type->kind != TYPE_REAL &&
               type->kind != TYPE_DOUBLE;
    case VALUE_BOOL:
        return type->kind != TYPE_BOOLEAN;
    case VALUE_NONE:
    case VALUE_SQL:
    case VALUE_FUNC:
        return false;
    }
    return false;
}

/* Only the trigger's first run would show that a function gives no value of the type. */
static bool is_doubtful_on_update(const struct type *type, const struct value *v)
{
    bool is_time = type->kind == TYPE_DATE || type->kind == TYPE_TIME || type->kind == TYPE_TIMESTAMP ||
                   type->kind == TYPE_TIMESTAMPTZ;

    if (v->kind == VALUE_FUNC)
        return type->dimensions || !(str_eq(v->expr.sql.text, "uuid") ? type->kind == TYPE_UUID : is_time);
    return is_doubtful_literal(type, v->kind);
}

static bool column_says_sql(const struct doubts *d, const struct column *c)
{
    struct type type;

    if (c->dflt.kind == VALUE_SQL || c->on_update.kind == VALUE_SQL || c->generated || c->collation)
        return true;
    if (!dtext_is_set(&c->type))
        return false;
    if (column_type(d->ctx, d->dialect->name, c, &type))
        return type.kind == TYPE_OTHER || is_doubtful_literal(&type, c->dflt.kind) ||
               is_doubtful_on_update(&type, &c->on_update);
    err_clear(d->ctx);
    return true;
}

static bool part_says_sql(const struct index_part *p)
{
    return !p->column || p->opclass || p->collation;
}

static bool index_says_sql(const struct index *index)
{
    vec_each(i, &index->parts)
        if (part_says_sql(index->parts.v[i]))
            return true;
    return index->where.native || index->using;
}

/* Whether a database may reject any part of it; it never rejects the portable types and plain keys. */
static bool table_says_sql(const struct doubts *d, const struct table *t)
{
    vec_each(i, &t->columns)
        if (column_says_sql(d, t->columns.v[i]))
            return true;
    vec_each(i, &t->checks)
        if (!t->checks.v[i]->implied)
            return true;
    vec_each(i, &t->indexes)
        if (index_says_sql(t->indexes.v[i]))
            return true;
    return t->excludes.n > 0 || t->options || table_is_partitioned(t) || table_is_partition(t);
}

/* Whether the column, or its default, is new. */
static bool is_new_default(const struct column *before, const struct column *c)
{
    return !before || (before->dflt.kind == VALUE_NONE && c->dflt.kind != VALUE_NONE);
}

/* Whether an expression names a column that the table is about to lose. */
static bool misses_column(const struct table *before, const struct table *t, const char *sql)
{
    vec_each(i, &before->columns)
        if (!table_column(t, before->columns.v[i]->name) && sql_mentions(sql, before->columns.v[i]->name))
            return true;
    return false;
}

/* Its text is never printed by the database, so any changed text is a new one. */
static bool is_new_on_update(
    const struct table *ta, const struct column *a, const struct table *tb, const struct column *b)
{
    const char *sql = b->on_update.expr.native;

    return b->on_update.kind != VALUE_NONE &&
           (!a || !str_eq(a->on_update.expr.native, sql) || misses_column(ta, tb, sql));
}

static bool has_news(const struct table *before, const struct table *t)
{
    if (!before || t->checks.n > before->checks.n || t->excludes.n > before->excludes.n ||
        t->indexes.n > before->indexes.n)
        return true;
    vec_each(i, &t->columns) {
        const struct column *c = t->columns.v[i], *column = table_column(before, c->name);

        if (is_new_default(column, c) || is_new_on_update(before, column, t, c))
            return true;
    }
    return false;
}

static bool is_new_view(const struct view *before, const struct view *v)
{
    return !before || v->indexes.n > before->indexes.n;
}

void diff_news(struct ctx *ctx, const struct dialect *dialect, const struct schema *database,
    const struct schema *models, struct schema *ret)
{
    struct doubts d = {.ctx = ctx, .dialect = dialect, .database = database, .models = models};

    vec_each(i, &models->tables) {
        struct table *t = models->tables.v[i];

        if (has_news(table_before(ctx, dialect, database, t), t) && table_says_sql(&d, t))
            take_table(&d, models, ret, t);
    }
    vec_each(i, &models->views)
        if (is_new_view(schema_view(database, &models->views.v[i]->name), models->views.v[i]))
            take_view(&d, models, ret, models->views.v[i]);
}
