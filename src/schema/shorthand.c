/* Turns the shorthands on a column into constraints and indexes of its table. */

#include "schema/records.h"

static struct shorthand *shorthand_of(struct decoder *d, void *value)
{
    struct shorthand **s = value;

    if (!*s)
        *s = ctx_new(d->ctx, struct shorthand);
    return *s;
}

/* `true`, `false`, a name or a mapping. *ret_none: it was false. */
static bool flag_or_object(
    struct decoder *d, const struct record *r, const struct node *n, void *object, bool *ret_none)
{
    bool flag = true;

    *ret_none = false;
    if (n->kind == NODE_SCALAR && !n->quoted && (node_is_null(n) || node_bool(n, &flag))) {
        *ret_none = node_is_null(n) || !flag;
        *(struct pos *)((char *)object + r->pos_offset) = node_pos(n);
        return true;
    }
    return record_decode(d, r, n, object);
}

static bool unique_decode(struct decoder *d, const struct node *n, void *value)
{
    struct constraint *c = ctx_new(d->ctx, struct constraint);
    bool none;

    c->kind = CONSTRAINT_UNIQUE;
    if (!flag_or_object(d, &column_unique_record, n, c, &none))
        return false;
    if (!none)
        shorthand_of(d, value)->unique = c;
    return true;
}

static bool index_decode(struct decoder *d, const struct node *n, void *value)
{
    struct index *i = ctx_new(d->ctx, struct index);
    bool none;

    if (!flag_or_object(d, &column_index_record, n, i, &none))
        return false;
    if (!none)
        shorthand_of(d, value)->index = i;
    return true;
}

static bool references_decode(struct decoder *d, const struct node *n, void *value)
{
    struct constraint *c = ctx_new(d->ctx, struct constraint);

    if (node_is_null(n))
        return true;
    c->kind = CONSTRAINT_FOREIGN_KEY;
    if (!record_decode(d, &column_reference_record, n, c))
        return false;
    if (c->referred_columns.n > 1)
        return decode_fail(d, n, "one column cannot refer to %u", c->referred_columns.n);
    shorthand_of(d, value)->references = c;
    return true;
}

/* A text, texts by dialect, or the mapping of a check. */
static bool check_decode(struct decoder *d, const struct node *n, void *value)
{
    struct constraint *c = ctx_new(d->ctx, struct constraint);

    if (node_is_null(n))
        return true;
    c->kind = CONSTRAINT_CHECK;
    c->pos = node_pos(n);
    if (n->kind == NODE_MAPPING && (node_get(n, "sql") || node_get(n, "name"))) {
        if (!record_decode(d, &check_record, n, c))
            return false;
    } else if (!expr_custom.decode(d, n, &c->check)) {
        return false;
    }
    shorthand_of(d, value)->check = c;
    return true;
}

/* Never written: what it was has become part of the table. */
static struct node *no_node(ATTR_UNUSED struct arena *a, ATTR_UNUSED const void *value)
{
    return NULL;
}

static bool always_equal(ATTR_UNUSED const void *a, ATTR_UNUSED const void *b)
{
    return true;
}

#define FLAG_SCHEMA "{\"type\": [\"boolean\", \"string\", \"object\"]}"
#define TEXT_SCHEMA "{\"type\": [\"string\", \"object\"]}"
const struct field_custom shorthand_unique = {unique_decode, no_node, always_equal, FLAG_SCHEMA, NULL};
const struct field_custom shorthand_index = {index_decode, no_node, always_equal, FLAG_SCHEMA, NULL};
const struct field_custom shorthand_references = {
    references_decode, no_node, always_equal, TEXT_SCHEMA, NULL};
const struct field_custom shorthand_check = {check_decode, no_node, always_equal, TEXT_SCHEMA, NULL};

/* `unique: true` beside `index: true`, or beside the name of an index. One that says more, such as a constraint with a
 * name or an index with a condition, stays by itself. */
static bool is_unique_index(const struct shorthand *s)
{
    const struct constraint *u = s->unique;
    const struct index *i = s->index;

    if (!u || !i)
        return false;
    return !u->name && !u->include.n && !u->deferrable && !u->nulls_not_distinct && !u->comment &&
           !u->options && !i->using && !i->where.native && !dtext_is_set(&i->where.sql) && !i->parts.n;
}

void column_expand(struct ctx *ctx, struct column *c, struct table *t)
{
    struct shorthand *s = c->shorthand;

    if (!s)
        return;
    if (is_unique_index(s)) {
        s->index->unique = true;
        s->index->is_column_key = true;
        s->unique = NULL;
    }
    if (s->unique) {
        vec_add(ctx, &s->unique->columns, c->name);
        vec_add(ctx, &t->uniques, s->unique);
    }
    if (s->check)
        vec_add(ctx, &t->checks, s->check);
    if (s->references) {
        vec_add(ctx, &s->references->columns, c->name);
        vec_add(ctx, &t->foreign_keys, s->references);
    }
    if (s->index) {
        struct index_part *part = ctx_new(ctx, struct index_part);

        part->column = c->name;
        vec_add(ctx, &s->index->parts, part);
        vec_add(ctx, &t->indexes, s->index);
    }
    c->shorthand = NULL;
}
