/* Short forms of objects: a column as its type, a key as its columns. */

#include "schema/records.h"

bool options_empty(const struct options *o)
{
    return !o || o->n == 0;
}

static bool sequence_options_empty(const struct sequence_options *o)
{
    return !o->start && !o->increment && !o->min && !o->max && !o->cache && o->cycle == TRI_UNSET;
}

/* ---- columns ------------------------------------------------------------------------------------------ */

bool column_short(struct decoder *d, const struct node *n, void *object)
{
    struct column *c = object;

    if (n->kind != NODE_SCALAR)
        return decode_fail(d, n, "expected a type, or a mapping that describes the column");
    if (node_is_null(n))
        return decode_fail(d, n, "column '%s' needs a type", c->name ? c->name : "");
    return decode_string(d, n, &c->type.text);
}

struct node *column_encode_short(struct arena *a, const void *object)
{
    const struct column *c = object;
    bool plain_type = c->type.text && c->type.text[0] && !c->type.by;
    bool plain_value = c->dflt.kind == VALUE_NONE && c->on_update.kind == VALUE_NONE && !c->identity &&
                       !c->generated && !c->values;
    bool plain_rest = !c->collation && !c->comment && !c->renamed_from && options_empty(c->options);

    if (!plain_type || !plain_value || !plain_rest || !c->nullable || c->nullable_said || c->primary_key ||
        c->autoincrement != TRI_UNSET)
        return NULL;
    return node_string(a, c->type.text);
}

bool identity_short(struct decoder *d, const struct node *n, void *object)
{
    struct identity *identity = object;
    bool flag;

    if (n->kind != NODE_SCALAR)
        return decode_fail(d, n, "expected `always`, `by default` or a mapping");
    if (str_eq(n->scalar, "always"))
        identity->kind = IDENTITY_ALWAYS;
    else if (str_eq(n->scalar, "by default") || (!n->quoted && node_bool(n, &flag) && flag))
        identity->kind = IDENTITY_BY_DEFAULT;
    else
        return decode_fail(d, n, "an identity is `always` or `by default`, not '%s'", n->scalar);
    return true;
}

struct node *identity_encode_short(struct arena *a, const void *object)
{
    const struct identity *identity = object;

    if (!sequence_options_empty(&identity->options))
        return NULL;
    return node_string(a, identity->kind == IDENTITY_ALWAYS ? "always" : "by default");
}

bool generated_short(struct decoder *d, const struct node *n, void *object)
{
    struct generated *g = object;

    return expr_custom.decode(d, n, &g->expr);
}

struct node *generated_encode_short(struct arena *a, const void *object)
{
    const struct generated *g = object;

    return g->stored && !g->expr.sql.by ? expr_custom.encode(a, &g->expr) : NULL;
}

/* ---- indexes ------------------------------------------------------------------------------------------ */

bool part_short(struct decoder *d, const struct node *n, void *object)
{
    struct index_part *part = object;

    if (n->kind != NODE_SCALAR || node_is_null(n))
        return decode_fail(d, n, "expected a column, or a mapping with `column` or `sql`");
    return decode_string(d, n, &part->column);
}

struct node *part_encode_short(struct arena *a, const void *object)
{
    const struct index_part *p = object;

    if (!p->column || p->order || p->nulls || p->opclass || p->collation || p->op || p->length)
        return NULL;
    return node_string(a, p->column);
}

static bool part_add(struct decoder *d, const struct node *n, struct index_parts *list)
{
    struct index_part *part = ctx_new(d->ctx, struct index_part);

    vec_add(d->ctx, list, part);
    return record_decode(d, &index_part_record, n, part);
}

bool index_short(struct decoder *d, const struct node *n, void *object)
{
    struct index *index = object;

    if (n->kind == NODE_SCALAR)
        return part_add(d, n, &index->parts);
    for (size_t i = 0; i < n->n; i++)
        if (!part_add(d, n->v[i], &index->parts))
            return false;
    return true;
}

struct node *index_encode_short(struct arena *a, const void *object)
{
    const struct index *index = object;
    struct node *n;

    if (index->unique || index->nulls_not_distinct || index->where.native || index->on_only ||
        dtext_is_set(&index->where.sql) || index->include.n || index->using || index->comment ||
        !options_empty(index->options))
        return NULL;
    n = node_sequence(a);
    vec_each(i, &index->parts)
        node_append(a, n, record_encode(a, &index_part_record, index->parts.v[i]));
    return n;
}

/* ---- constraints -------------------------------------------------------------------------------------- */

static bool name_decode(struct decoder *d, const struct node *n, const char **ret)
{
    if (n->kind != NODE_SCALAR)
        return decode_fail(d, n, "expected true, a name or a mapping");
    return decode_string(d, n, ret);
}

bool column_unique_short(struct decoder *d, const struct node *n, void *object)
{
    return name_decode(d, n, &((struct constraint *)object)->name);
}

bool column_index_short(struct decoder *d, const struct node *n, void *object)
{
    return name_decode(d, n, &((struct index *)object)->name);
}

bool key_short(struct decoder *d, const struct node *n, void *object)
{
    struct constraint *c = object;

    return decode_strings(d, n, &c->columns);
}

struct node *key_encode_short(struct arena *a, const void *object)
{
    const struct constraint *c = object;

    if (c->include.n || c->deferrable || c->initially_deferred || c->nulls_not_distinct || c->comment ||
        !options_empty(c->options))
        return NULL;
    return encode_strings(a, &c->columns);
}

bool check_short(struct decoder *d, const struct node *n, void *object)
{
    struct constraint *c = object;

    if (n->kind != NODE_SCALAR)
        return decode_fail(d, n, "expected a condition, or a mapping with `sql`");
    return expr_custom.decode(d, n, &c->check);
}

struct node *check_encode_short(struct arena *a, const void *object)
{
    const struct constraint *c = object;

    if (c->not_valid || c->no_inherit || c->comment || c->check.sql.by || !options_empty(c->options))
        return NULL;
    return expr_custom.encode(a, &c->check);
}

/* ---- the rest ----------------------------------------------------------------------------------------- */

bool enumeration_short(struct decoder *d, const struct node *n, void *object)
{
    struct enumeration *e = object;

    if (n->kind != NODE_SEQUENCE)
        return decode_fail(d, n, "expected a list of values, or a mapping with `values`");
    return decode_strings(d, n, &e->values);
}

struct node *enumeration_encode_short(struct arena *a, const void *object)
{
    const struct enumeration *e = object;

    return e->comment || e->renamed_from || access_is_given(e->access) ? NULL : encode_strings(a, &e->values);
}

/* In a list the string is the name; after a name there is no short form. */
bool namespace_short(struct decoder *d, const struct node *n, void *object)
{
    struct namespace *ns = object;

    if (n->kind != NODE_SCALAR || (ns->name && !node_is_null(n)))
        return decode_fail(d, n, "expected the name of a schema, or a mapping");
    return node_is_null(n) || decode_string(d, n, &ns->name);
}

bool view_short(struct decoder *d, const struct node *n, void *object)
{
    struct view *v = object;

    if (n->kind != NODE_SCALAR)
        return decode_fail(d, n, "expected a query, or a mapping with `sql`");
    return expr_custom.decode(d, n, &v->body);
}

struct node *view_encode_short(struct arena *a, const void *object)
{
    const struct view *v = object;

    if (access_is_given(v->access) || v->columns.n || v->comment || v->materialized || v->body.sql.by ||
        !options_empty(v->options))
        return NULL;
    for (size_t i = 0; i < COUNT_OF(v->on); i++)
        if (v->on[i].n)
            return NULL;
    return expr_custom.encode(a, &v->body);
}
