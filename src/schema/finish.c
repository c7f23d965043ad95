/* Checks and completes objects that were just read, each by itself. */

#include "schema/records.h"

#include <stdlib.h>

/* ---- columns ------------------------------------------------------------------------------------------ */

bool column_finish(struct decoder *d, const struct node *n, void *object)
{
    struct column *c = object;
    const char *name = c->name ? c->name : "";

    if (c->name && !c->name[0])
        return decode_fail(d, n, "a column needs a name");
    if (c->type.text && c->type.text[strspn(c->type.text, " \t\n")] == '\0')
        return decode_fail(d, n, "column '%s' has an empty type", name);
    if (c->generated && c->identity)
        return decode_fail(d, n, "column '%s' is generated and has an identity", name);
    if (c->generated && c->dflt.kind != VALUE_NONE)
        return decode_fail(d, n, "column '%s' is generated and has a default", name);
    if (c->identity && c->dflt.kind != VALUE_NONE)
        return decode_fail(d, n, "column '%s' has an identity and a default", name);
    if ((c->generated || c->identity) && c->on_update.kind != VALUE_NONE)
        return decode_fail(d, n, "column '%s' %s on_update", name,
            c->generated ? "is generated and has" : "has an identity and");
    if (!c->nullable_said)
        c->nullable = !c->primary_key;
    return true;
}

static bool nullable_decode(struct decoder *d, const struct node *n, void *object)
{
    struct column *c = object;

    if (n->kind != NODE_SCALAR || n->quoted || !node_bool(n, &c->nullable))
        return decode_fail(d, n, "key 'nullable': expected true or false%s%s%s",
            n->kind == NODE_SCALAR ? ", found '" : "", n->kind == NODE_SCALAR ? n->scalar : "",
            n->kind == NODE_SCALAR ? "'" : "");
    c->nullable_said = true;
    return true;
}

/* Values that follow from the key are not written: false in a primary key, true elsewhere. */
static struct node *nullable_encode(struct arena *a, const void *object)
{
    const struct column *c = object;
    bool implied = !c->primary_key;

    return c->nullable == implied && !(c->nullable && c->nullable_said) ? NULL : node_boolean(a, c->nullable);
}

static bool nullable_eq(const void *va, const void *vb)
{
    const struct column *a = va, *b = vb;

    return a->nullable == b->nullable;
}

const struct field_custom column_nullable = {
    .decode = nullable_decode,
    .encode = nullable_encode,
    .equal = nullable_eq,
    .json_schema = "{\"type\": \"boolean\"}",
};

/* ---- parts, constraints and enums --------------------------------------------------------------------- */

bool part_finish(struct decoder *d, const struct node *n, void *object)
{
    const struct index_part *part = object;

    if (!part->column == !dtext_is_set(&part->expr.sql))
        return decode_fail(
            d, n, part->column ? "either `column` or `sql`, not both" : "expected `column` or `sql`");
    return true;
}

bool primary_key_finish(ATTR_UNUSED struct decoder *d, ATTR_UNUSED const struct node *n, void *object)
{
    ((struct constraint *)object)->kind = CONSTRAINT_PRIMARY_KEY;
    return true;
}

bool unique_finish(ATTR_UNUSED struct decoder *d, ATTR_UNUSED const struct node *n, void *object)
{
    ((struct constraint *)object)->kind = CONSTRAINT_UNIQUE;
    return true;
}

bool check_finish(struct decoder *d, const struct node *n, void *object)
{
    struct constraint *c = object;

    c->kind = CONSTRAINT_CHECK;
    return dtext_is_set(&c->check.sql) || decode_fail(d, n, "a check needs a condition");
}

bool foreign_key_finish(struct decoder *d, const struct node *n, void *object)
{
    struct constraint *c = object;

    c->kind = CONSTRAINT_FOREIGN_KEY;
    if (c->columns.n && c->referred_columns.n && c->columns.n != c->referred_columns.n)
        return decode_fail(d, n, "a foreign key of %u column%s refers to %u", c->columns.n,
            c->columns.n == 1 ? "" : "s", c->referred_columns.n);
    return true;
}

bool exclude_finish(struct decoder *d, const struct node *n, void *object)
{
    struct constraint *c = object;

    c->kind = CONSTRAINT_EXCLUDE;
    vec_each(i, &c->parts)
        if (!c->parts.v[i]->op)
            return decode_fail(d, n, "each column of an exclusion constraint needs an `op`");
    return true;
}

static bool initially_decode(struct decoder *d, const struct node *n, void *object)
{
    struct constraint *c = object;
    bool deferred = n->kind == NODE_SCALAR && str_eq_ci(n->scalar, "deferred");

    if (!deferred && (n->kind != NODE_SCALAR || !str_eq_ci(n->scalar, "immediate")))
        return decode_fail(d, n, "expected `deferred` or `immediate`");
    c->initially_deferred = deferred;
    c->deferrable = c->deferrable || deferred;
    return true;
}

static struct node *initially_encode(struct arena *a, const void *object)
{
    const struct constraint *c = object;

    return c->initially_deferred ? node_scalar(a, "deferred") : NULL;
}

static bool initially_eq(const void *va, const void *vb)
{
    const struct constraint *a = va, *b = vb;

    return a->initially_deferred == b->initially_deferred;
}

const struct field_custom constraint_initially = {
    .decode = initially_decode,
    .encode = initially_encode,
    .equal = initially_eq,
    .json_schema = "{\"enum\": [\"deferred\", \"immediate\"]}",
};

bool generated_finish(struct decoder *d, const struct node *n, void *object)
{
    const struct generated *g = object;

    return dtext_is_set(&g->expr.sql) || decode_fail(d, n, "a generated column needs an expression");
}

static bool by_trim(struct ctx *ctx, struct dtext *text)
{
    struct dtext_by *copy;
    size_t n = 0;

    while (text->by && text->by[n].dialect)
        n++;
    if (!n)
        return true;
    copy = arena_alloc(&ctx->arena, (n + 1) * sizeof(*copy));
    memcpy(copy, text->by, (n + 1) * sizeof(*copy));
    for (size_t i = 0; i < n; i++)
        if (copy[i].text && !query_trim(&ctx->arena, &copy[i].text))
            return false;
    text->by = copy;
    return true;
}

bool view_finish(struct decoder *d, const struct node *n, void *object)
{
    struct view *v = object;
    bool ok = true;

    if (dtext_is_set(&v->file) && dtext_is_set(&v->body.sql))
        return decode_fail(d, n, "a view takes 'sql' or 'file', not both");
    if (!dtext_is_set(&v->body.sql) && !dtext_is_set(&v->file))
        return decode_fail(d, n, "a view needs a query");
    if (!v->materialized && (v->indexes.n || v->with_data != TRI_UNSET))
        return decode_fail(d, n, "'%s' needs 'materialized: true'", v->indexes.n ? "indexes" : "with_data");
    if (v->body.sql.text)
        ok = query_trim(&d->ctx->arena, &v->body.sql.text);
    return (ok && by_trim(d->ctx, &v->body.sql)) ||
           decode_fail(d, n, "the query of a view is followed by more SQL");
}

bool enumeration_finish(struct decoder *d, const struct node *n, void *object)
{
    struct enumeration *e = object;
    struct map seen = MAP(d->ctx);

    vec_each(i, &e->values) {
        if (map_get(&seen, e->values.v[i]))
            return decode_fail(d, n, "duplicate value '%s'", e->values.v[i]);
        map_set(&seen, e->values.v[i], e);
    }
    return true;
}

/* ---- the primary key of a table ----------------------------------------------------------------------- */

static bool table_key_decode(struct decoder *d, const struct node *n, void *object)
{
    struct table *t = object;

    if (node_is_null(n))
        return true;
    t->primary_key = ctx_new(d->ctx, struct constraint);
    return record_decode(d, &primary_key_record, n, t->primary_key);
}

/* Whether the columns' own `primary_key: true` says all. */
static bool key_on_columns(const struct table *t)
{
    const struct strings *names = &t->primary_key->columns;
    size_t found = 0;

    vec_each(i, &t->columns) {
        if (!t->columns.v[i]->primary_key)
            continue;
        if (found == names->n || !str_eq(t->columns.v[i]->name, names->v[found]))
            return false;
        found++;
    }
    return found == names->n;
}

static struct node *table_key_encode(struct arena *a, const void *object)
{
    const struct table *t = object;
    struct record full = primary_key_record;
    struct node *n;

    if (!t->primary_key)
        return NULL;
    n = t->primary_key->name ? NULL : key_encode_short(a, t->primary_key);
    if (n)
        return key_on_columns(t) ? NULL : n;
    full.encode_short = NULL;
    return record_encode(a, &full, t->primary_key);
}

static bool table_key_eq(const void *va, const void *vb)
{
    const struct constraint *a = ((const struct table *)va)->primary_key;
    const struct constraint *b = ((const struct table *)vb)->primary_key;

    return a && b ? record_equal(&primary_key_record, a, b) : a == b;
}

const struct field_custom table_primary_key = {
    .decode = table_key_decode,
    .encode = table_key_encode,
    .equal = table_key_eq,
    .json_schema =
        "{\"oneOf\": [{\"type\": [\"string\", \"null\"]}, {\"type\": \"array\", \"items\": {\"type\": "
        "\"string\"}}, {\"type\": \"object\", \"required\": [\"columns\"], \"properties\": {\"name\": "
        "{\"type\": \"string\"}, \"columns\": {\"type\": [\"string\", \"array\"], \"items\": {\"type\": "
        "\"string\"}}}}]}",
};

/* Columns that say so make the key; both ways at once must mean the same. */
static bool table_key_complete(struct decoder *d, const struct node *n, struct table *t)
{
    struct constraint *pk = t->primary_key;
    const struct column *first = NULL;

    vec_each(i, &t->columns)
        if (t->columns.v[i]->primary_key && !first)
            first = t->columns.v[i];
    if (pk && pk->columns.n == 0)
        return decode_fail(d, n, "a primary key needs columns");
    if (!first)
        return true;
    if (pk && !key_on_columns(t))
        return fail_at(d->ctx, STATUS_CONFIG, first->pos,
            "column '%s' is a primary key, but the table's `primary_key` says otherwise", first->name);
    if (pk)
        return true;
    pk = t->primary_key = ctx_new(d->ctx, struct constraint);
    pk->kind = CONSTRAINT_PRIMARY_KEY;
    pk->pos = first->pos;
    vec_each(i, &t->columns)
        if (t->columns.v[i]->primary_key)
            vec_add(d->ctx, &pk->columns, t->columns.v[i]->name);
    return true;
}

/* ---- what a table says of its columns ----------------------------------------------------------------- */

static bool no_such_column(struct ctx *ctx, const struct table *t, struct pos pos, const char *column)
{
    const char **names = arena_alloc(&ctx->arena, (t->columns.n + 1) * sizeof(*names)), *near;

    vec_each(i, &t->columns)
        names[i] = t->columns.v[i]->name;
    near = str_nearest(column, names, t->columns.n);
    fail_at(ctx, STATUS_CONFIG, pos, "table '%s' has no column '%s'",
        t->name.name ? qname_text(&ctx->arena, &t->name) : "", column);
    if (near)
        return fail_hint(ctx, "Did you mean '%s'?", near);
    if (strchr(column, '('))
        return fail_hint(ctx, "Write an expression as {sql: %s}.", column);
    return false;
}

static bool columns_exist(struct ctx *ctx, const struct table *t, struct pos pos, const struct strings *names)
{
    vec_each(i, names)
        if (!table_column(t, names->v[i]))
            return no_such_column(ctx, t, pos, names->v[i]);
    return true;
}

static bool parts_exist(
    struct ctx *ctx, const struct table *t, struct pos pos, const struct index_parts *parts)
{
    vec_each(i, parts)
        if (parts->v[i]->column && !table_column(t, parts->v[i]->column))
            return no_such_column(ctx, t, pos, parts->v[i]->column);
    return true;
}

static bool constraint_check(struct ctx *ctx, const struct table *t, const struct constraint *c)
{
    bool listed = c->kind == CONSTRAINT_UNIQUE || c->kind == CONSTRAINT_FOREIGN_KEY;

    if (c->name && !c->name[0])
        return fail_at(ctx, STATUS_CONFIG, c->pos, "a constraint's name cannot be empty");
    if (listed && !c->columns.n)
        return fail_at(ctx, STATUS_CONFIG, c->pos, "a constraint needs columns");
    return columns_exist(ctx, t, c->pos, &c->columns) && columns_exist(ctx, t, c->pos, &c->include) &&
           columns_exist(ctx, t, c->pos, &c->set_columns) && parts_exist(ctx, t, c->pos, &c->parts);
}

static bool index_check(struct ctx *ctx, const struct table *t, const struct index *i)
{
    if (i->name && !i->name[0])
        return fail_at(ctx, STATUS_CONFIG, i->pos, "an index's name cannot be empty");
    if (!i->parts.n)
        return fail_at(ctx, STATUS_CONFIG, i->pos, "an index needs columns");
    return parts_exist(ctx, t, i->pos, &i->parts) && columns_exist(ctx, t, i->pos, &i->include);
}

static bool columns_check(struct ctx *ctx, const struct table *t)
{
    vec_each(i, &t->columns) {
        const struct column *c = t->columns.v[i], *other = c->name ? table_column(t, c->name) : NULL;

        if (!c->name)
            return fail_at(ctx, STATUS_CONFIG, c->pos, "a column needs a name");
        if (other != c)
            return fail_at(ctx, STATUS_CONFIG, c->pos, "duplicate column '%s'; the first is in line %u",
                c->name, other->pos.line);
    }
    return true;
}

static void key_columns_not_null(struct table *t)
{
    vec_each(i, &t->primary_key->columns) {
        struct column *c = table_column(t, t->primary_key->columns.v[i]);

        if (c && !c->nullable_said)
            c->nullable = false;
    }
}

/* A table that has parents may name their columns, which are not known yet. */
static bool parts_check(struct ctx *ctx, const struct table *t)
{
    const struct constraint *c;
    size_t state = 0;

    if (t->inherits.n || table_is_partition(t) || t->bound.sql.text)
        return true;
    while ((c = table_next_constraint(t, &state)))
        if (!constraint_check(ctx, t, c))
            return false;
    vec_each(i, &t->indexes)
        if (!index_check(ctx, t, t->indexes.v[i]))
            return false;
    return true;
}

static bool parents_check(struct decoder *d, const struct node *n, const struct table *t)
{
    bool is_partition = table_is_partition(t) || t->bound.sql.text;

    if (table_is_partition(t) && !t->bound.sql.text)
        return decode_fail(d, n, "a partition needs a `bound`");
    if (is_partition && t->columns.n)
        return decode_fail(d, n, "a partition has the columns of its parent, and no others");
    if (is_partition && t->inherits.n)
        return decode_fail(d, n, "a partition cannot have `inherits`");
    if (t->not_null.n && !is_partition && !t->inherits.n)
        return decode_fail(d, n, "`not_null` lists columns of parents, and this table has none");
    if (t->defaults.n && !is_partition && !t->inherits.n)
        return decode_fail(d, n, "`defaults` lists columns of parents, and this table has none");
    if (t->index_names.n && !is_partition)
        return decode_fail(d, n, "`index_names` names indexes of a partition, and this table is none");
    if (t->partitions.n && !t->partition_by.sql.text)
        return decode_fail(d, n, "a table with `partitions` needs `partition_by`");
    return true;
}

bool table_finish(struct decoder *d, const struct node *n, void *object)
{
    struct table *t = object;

    if (!columns_check(d->ctx, t) || !parents_check(d, n, t))
        return false;
    t->has_partitions = n->kind == NODE_MAPPING && node_get(n, "partitions");
    vec_each(i, &t->columns)
        column_expand(d->ctx, t->columns.v[i], t);
    if (!table_key_complete(d, n, t) || !parts_check(d->ctx, t))
        return false;
    if (t->primary_key)
        key_columns_not_null(t);
    return true;
}
