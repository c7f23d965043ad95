/* Prepares a model's constraints and indexes for one database, and resolves foreign keys. */

#include "schema/prepare.h"

bool has_text(const struct expr *e)
{
    return e->native || dtext_is_set(&e->sql);
}

bool expr_prepare(struct preparing *p, struct expr *e)
{
    const char *sql;

    if (!dtext_is_set(&e->sql))
        return e->native != NULL;
    sql = dtext_for(&e->sql, p->dialect->name);
    if (!sql)
        return false;
    e->native = p->dialect->expr_native(p->ctx, sql);
    return true;
}

/* What has no condition for this dialect has none at all. */
static void where_prepare(struct preparing *p, struct expr *e)
{
    if (!expr_prepare(p, e))
        *e = (struct expr){0};
}

/* False when a part has no text for this dialect: then there is no such index here. */
static bool parts_prepare(struct preparing *p, struct index_parts *parts)
{
    vec_each(i, parts)
        if (!parts->v[i]->column && !expr_prepare(p, &parts->v[i]->expr))
            return false;
    return true;
}

static bool include_check(struct preparing *p, struct pos pos, const struct strings *include)
{
    return !include->n || p->dialect->has.include ||
           fail_at(
               p->ctx, STATUS_CONFIG, pos, "%s has no INCLUDE columns", dialect_title(p->ctx, p->dialect));
}

static bool constraint_prepare(struct preparing *p, struct constraint *c)
{
    where_prepare(p, &c->where);
    return include_check(p, c->pos, &c->include) &&
           options_check(p, constraint_kind_names[c->kind], c->options);
}

static bool index_prepare(struct preparing *p, struct index *index)
{
    where_prepare(p, &index->where);
    return include_check(p, index->pos, &index->include) && options_check(p, "index", index->options);
}

bool indexes_prepare(struct preparing *p, struct indexes *list)
{
    size_t kept = 0;

    vec_each(i, list) {
        struct index *index = list->v[i];

        if (!parts_prepare(p, &index->parts))
            continue;
        if (!index_prepare(p, index))
            return false;
        list->v[kept++] = index;
    }
    list->n = kept;
    return true;
}

static void checks_prepare(struct preparing *p, struct table *t)
{
    size_t kept = 0;

    vec_each(i, &t->checks)
        if (expr_prepare(p, &t->checks.v[i]->check))
            t->checks.v[kept++] = t->checks.v[i];
    t->checks.n = kept;
}

static bool excludes_prepare(struct preparing *p, struct table *t)
{
    size_t kept = 0;

    vec_each(i, &t->excludes) {
        if (!parts_prepare(p, &t->excludes.v[i]->parts))
            continue;
        if (!p->dialect->has.exclusion)
            return fail_at(p->ctx, STATUS_CONFIG, t->excludes.v[i]->pos, "%s has no exclusion constraints",
                dialect_title(p->ctx, p->dialect));
        t->excludes.v[kept++] = t->excludes.v[i];
    }
    t->excludes.n = kept;
    return true;
}

bool constraints_prepare(struct preparing *p, struct table *t)
{
    struct constraint *c;
    size_t state = 0;

    checks_prepare(p, t);
    if (!excludes_prepare(p, t))
        return false;
    while ((c = table_next_constraint(t, &state)))
        if (!constraint_prepare(p, c))
            return false;
    return indexes_prepare(p, &t->indexes);
}

/* ---- references --------------------------------------------------------------------------------------- */

/* A schema of which the models contain no table is not managed; its contents are unknown. */
static bool is_foreign_schema(const struct preparing *p, const char *schema)
{
    vec_each(i, &p->schema->tables)
        if (str_eq(p->schema->tables.v[i]->name.schema, schema))
            return false;
    return schema != NULL;
}

static bool fail_no_table(struct preparing *p, struct pos pos, const struct qname *name, const char *hint)
{
    struct strings names = {0};
    const char *text = qname_text(&p->ctx->arena, name);

    vec_each(i, &p->schema->tables)
        vec_add(p->ctx, &names, qname_text(&p->ctx->arena, &p->schema->tables.v[i]->name));
    if (!hint || str_nearest(text, names.v, names.n))
        return fail_nearest(p, pos, text, &names, "referenced table '%s' does not exist", text);
    fail_at(p->ctx, STATUS_CONFIG, pos, "referenced table '%s' does not exist", text);
    return fail_hint(p->ctx, "%s", hint);
}

/* The table, also by a name in other letters where that makes no difference. */
static const struct table *referred_table(struct preparing *p, const struct qname *name)
{
    const struct table *t = schema_table(p->schema, name);

    if (t || !p->dialect->has.folded_names)
        return t;
    return map_get(&p->folded, str_lower(&p->ctx->arena, qname_text(&p->ctx->arena, name)));
}

static bool same_column(const struct preparing *p, const char *a, const char *b)
{
    return p->dialect->has.folded_names ? str_eq_ci(a, b) : str_eq(a, b);
}

static bool has_column(const struct preparing *p, const struct table *t, const char *column)
{
    vec_each(i, &t->columns)
        if (same_column(p, t->columns.v[i]->name, column))
            return true;
    return false;
}

/* ---- keys --------------------------------------------------------------------------------------------- */

/* In any order. */
static bool same_set(const struct preparing *p, const struct strings *a, const struct strings *b)
{
    vec_each(i, a) {
        size_t k = 0;

        while (k < b->n && !same_column(p, a->v[i], b->v[k]))
            k++;
        if (k == b->n)
            return false;
    }
    return a->n == b->n;
}

/* A unique index on columns alone, over all rows. */
static bool is_key_index(struct preparing *p, const struct index *x, const struct strings *columns)
{
    struct strings names = {0};

    if (!x->unique || x->where.native || dtext_for(&x->where.sql, p->dialect->name))
        return false;
    vec_each(i, &x->parts) {
        if (!x->parts.v[i]->column)
            return false;
        vec_add(p->ctx, &names, x->parts.v[i]->column);
    }
    return same_set(p, &names, columns);
}

/* Whether no two rows can share these columns, as a foreign key wants it; what is only checked at the end of a transaction
 * does not do. */
static bool is_key(struct preparing *p, const struct table *t, const struct strings *columns)
{
    const struct constraint *key = t->primary_key;

    if (key && !key->deferrable && same_set(p, &key->columns, columns))
        return true;
    vec_each(i, &t->uniques)
        if (!t->uniques.v[i]->deferrable && same_set(p, &t->uniques.v[i]->columns, columns))
            return true;
    vec_each(i, &t->indexes)
        if (is_key_index(p, t->indexes.v[i], columns))
            return true;
    return false;
}

/* Partitions have the keys of their parents. */
static bool has_key(struct preparing *p, const struct table *t, const struct strings *columns)
{
    for (; t; t = table_is_partition(t) ? schema_table(p->schema, &t->partition_of) : NULL)
        if (is_key(p, t, columns))
            return true;
    return false;
}

static const struct constraint *primary_key_of(struct preparing *p, const struct table *t)
{
    while (t && !t->primary_key)
        t = table_is_partition(t) ? schema_table(p->schema, &t->partition_of) : NULL;
    return t ? t->primary_key : NULL;
}

static bool begins_with(const struct preparing *p, const struct strings *key, const struct strings *columns)
{
    vec_each(i, columns)
        if (i >= key->n || !same_column(p, key->v[i], columns->v[i]))
            return false;
    return true;
}

/* Whether an index begins with the columns; the rows may share them. */
static bool has_index(const struct preparing *p, const struct table *t, const struct strings *columns)
{
    if (t->primary_key && begins_with(p, &t->primary_key->columns, columns))
        return true;
    vec_each(i, &t->uniques)
        if (begins_with(p, &t->uniques.v[i]->columns, columns))
            return true;
    vec_each(i, &t->indexes) {
        struct strings names = {0};

        for (size_t k = 0; k < t->indexes.v[i]->parts.n; k++) {
            const struct index_part *part = t->indexes.v[i]->parts.v[k];

            if (!part->column || part->length)
                break;
            vec_add(p->ctx, &names, part->column);
        }
        if (begins_with(p, &names, columns))
            return true;
    }
    return false;
}

static bool referred_key_check(struct preparing *p, const struct constraint *c, const struct table *t)
{
    if (has_key(p, t, &c->referred_columns) ||
        (p->dialect->has.loose_keys && has_index(p, t, &c->referred_columns)))
        return true;
    const char *columns = strings_join(&p->ctx->arena, &c->referred_columns, ", ");
    fail_at(p->ctx, STATUS_CONFIG, c->pos, "referenced table '%s' has no key on (%s)",
        qname_text(&p->ctx->arena, &t->name), columns);
    return fail_hint(p->ctx,
        "Make the columns unique there, as in 'uniques: [[%s]]', or refer to the primary key.", columns);
}

/* ---- what is referred to ------------------------------------------------------------------------------ */

static bool referred_column_check(
    struct preparing *p, struct pos pos, const struct table *t, const char *column)
{
    struct strings names = {0};

    if (has_column(p, t, column))
        return true;
    vec_each(i, &t->columns)
        vec_add(p->ctx, &names, t->columns.v[i]->name);
    return fail_nearest(p, pos, column, &names, "referenced table '%s' has no column '%s'",
        qname_text(&p->ctx->arena, &t->name), column);
}

static bool referred_columns_check(struct preparing *p, const struct constraint *c, const struct table *t)
{
    vec_each(i, &c->referred_columns)
        if (!referred_column_check(p, c->pos, t, c->referred_columns.v[i]))
            return false;
    if (c->columns.n != c->referred_columns.n)
        return fail_at(p->ctx, STATUS_CONFIG, c->pos,
            "a foreign key of %u column%s refers to the primary key of '%s', which has %u", c->columns.n,
            c->columns.n == 1 ? "" : "s", t->name.name, c->referred_columns.n);
    return true;
}

static bool reference_prepare(struct preparing *p, struct constraint *c)
{
    const struct table *t;

    if (!name_local(p, c->pos, "table", &c->references))
        return false;
    if (c->external)
        return true;
    t = referred_table(p, &c->references);
    if (!t && c->referred_columns.n && is_foreign_schema(p, c->references.schema))
        return true;
    if (!t)
        return fail_no_table(p, c->pos, &c->references,
            "If the models leave it out on purpose, write {table: ..., columns: [...], external: true}.");
    if (!c->referred_columns.n && !primary_key_of(p, t))
        return fail_at(p->ctx, STATUS_CONFIG, c->pos,
            "referenced table '%s' has no primary key; name the columns", t->name.name);
    if (!c->referred_columns.n)
        c->referred_columns = primary_key_of(p, t)->columns;
    return referred_columns_check(p, c, t) && referred_key_check(p, c, t);
}

/* Whether reference_prepare() would take it. */
bool reference_resolves(struct preparing *p, const struct constraint *c)
{
    const struct table *t = referred_table(p, &c->references);
    const struct strings *columns = &c->referred_columns;

    if (!t)
        return columns->n && is_foreign_schema(p, c->references.schema);
    if (!columns->n && primary_key_of(p, t))
        columns = &primary_key_of(p, t)->columns;
    vec_each(i, columns)
        if (!has_column(p, t, columns->v[i]))
            return false;
    return columns->n == c->columns.n && has_key(p, t, columns);
}

bool references_prepare(struct preparing *p, struct table *t)
{
    vec_each(i, &t->foreign_keys)
        if (!reference_prepare(p, t->foreign_keys.v[i]))
            return false;
    return true;
}

bool sequence_owner_check(struct preparing *p, const struct sequence *q)
{
    const struct table *t;

    if (!q->owner.name)
        return true;
    t = referred_table(p, &q->owner);
    if (!t)
        return fail_no_table(p, q->pos, &q->owner, NULL);
    return referred_column_check(p, q->pos, t, q->owner_column);
}
