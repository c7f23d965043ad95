/* Short forms and required keys of operations. */
#include "op/records.h"

/* ---- short forms ------------------------------------------------------------------------------------------ */

bool op_schema_short(struct decoder *d, const struct node *n, void *object)
{
    return decode_string(d, n, &((struct op_schema *)object)->name);
}

struct node *op_schema_encode_short(struct arena *a, const void *object)
{
    const struct op_schema *o = object;

    return o->if_exists || o->if_not_exists || o->cascade ? NULL : node_scalar(a, o->name);
}

bool op_drop_short(struct decoder *d, const struct node *n, void *object)
{
    return decode_qname(d, n, &((struct op_drop *)object)->name);
}

struct node *op_drop_encode_short(struct arena *a, const void *object)
{
    const struct op_drop *o = object;

    return o->if_exists || o->cascade || o->dangling ? NULL : node_scalar(a, qname_text(a, &o->name));
}

bool op_object_short(struct decoder *d, const struct node *n, void *object)
{
    return decode_string(d, n, &((struct op_object *)object)->object.key);
}

struct node *op_object_encode_short(struct arena *a, const void *object)
{
    const struct op_object *o = object;

    for (size_t i = 0; i < OBJECT_SETTINGS; i++)
        if (o->object.settings[i])
            return NULL;
    return o->if_not_exists || o->if_exists || o->cascade || o->object.of.name || dtext_is_set(&o->object.sql)
               ? NULL
               : node_string(a, o->object.key);
}

bool op_comment_short(struct decoder *d, const struct node *n, void *object)
{
    return decode_qname(d, n, &((struct op_table_comment *)object)->table);
}

struct node *op_comment_encode_short(struct arena *a, const void *object)
{
    return node_scalar(a, qname_text(a, &((const struct op_table_comment *)object)->table));
}

bool op_execute_short(struct decoder *d, const struct node *n, void *object)
{
    return decode_dtext(d, n, &((struct op_execute *)object)->sql);
}

struct node *op_execute_encode_short(struct arena *a, const void *object)
{
    const struct op_execute *o = object;

    return dtext_is_set(&o->file) ? NULL : encode_dtext(a, &o->sql);
}

bool rename_pair_short(struct decoder *d, const struct node *n, void *object)
{
    return decode_string(d, n, &((struct rename_pair *)object)->to);
}

struct node *rename_pair_encode_short(struct arena *a, const void *object)
{
    return node_string(a, ((const struct rename_pair *)object)->to);
}

bool op_run_short(struct decoder *d, const struct node *n, void *object)
{
    return decode_strings(d, n, &((struct op_run *)object)->command);
}

struct node *op_run_encode_short(struct arena *a, const void *object)
{
    return encode_strings(a, &((const struct op_run *)object)->command);
}

bool assignment_short(struct decoder *d, const struct node *n, void *object)
{
    return decode_string(d, n, &((struct assignment *)object)->sql.text);
}

struct node *assignment_encode_short(struct arena *a, const void *object)
{
    const struct assignment *o = object;

    return o->sql.by ? NULL : node_string(a, o->sql.text);
}

/* ---- what must be there ----------------------------------------------------------------------------------- */

/* A model names these by their key; an operation must contain the name. */
static bool need_name(struct decoder *d, const struct node *n, const char *what, const char *name)
{
    return name || decode_fail(d, n, "%s needs a 'name'", what);
}

/* Models give renames with this key; among operations, one of its own does it. */
static bool refuse_renamed(struct decoder *d, const struct node *n, const char *renamed_from, const char *op)
{
    const struct node *at = node_get(n, "renamed_from");

    if (!renamed_from)
        return true;
    decode_fail(d, at ? at : n, "'renamed_from' is a key of models");
    return fail_hint(d->ctx, "Write the operation %s.", op);
}

/* The place of a column is that of its name. */
static bool refuse_renamed_columns(struct decoder *d, const struct table *t)
{
    vec_each(i, &t->columns) {
        const struct column *c = t->columns.v[i];

        if (!c->renamed_from)
            continue;
        fail_at(d->ctx, STATUS_CONFIG, c->pos, "column '%s': 'renamed_from' is a key of models", c->name);
        return fail_hint(d->ctx, "Write the operation rename_column.");
    }
    return true;
}

/* The SQL of an operation decides what happens if the object already exists, unless cmig writes that SQL. */
static bool refuse_condition(struct decoder *d, const struct node *n, enum object_kind kind)
{
    if (kind == OBJECT_VIRTUAL_TABLE && node_get(n, "cascade"))
        return decode_fail(
            d, node_get(n, "cascade"), "a virtual table cannot be dropped with its dependents");
    if (kind == OBJECT_EXTENSION || kind == OBJECT_VIRTUAL_TABLE || !node_get(n, "if_not_exists"))
        return true;
    decode_fail(d, node_get(n, "if_not_exists"), "a %s is created by its own SQL", object_table[kind].name);
    return fail_hint(d->ctx, "Write IF NOT EXISTS or OR REPLACE in the SQL, if the database supports that.");
}

bool op_create_table_finish(struct decoder *d, const struct node *n, void *object)
{
    const struct table *t = &((struct op_create_table *)object)->table;

    if (!refuse_renamed(d, n, t->renamed_from, "rename_table") || !refuse_renamed_columns(d, t))
        return false;
    if (t->partitions.n)
        return decode_fail(d, node_get(n, "partitions"),
            "create_table takes no 'partitions': each is a create_table with 'partition_of'");
    if (dtext_is_set(&t->bound.sql) && !t->partition_of.name)
        return decode_fail(d, node_get(n, "bound"), "a 'bound' needs 'partition_of'");
    return need_name(d, n, "create_table", t->name.name);
}

bool op_create_enum_finish(struct decoder *d, const struct node *n, void *object)
{
    const struct enumeration *e = &((struct op_create_enum *)object)->enumeration;

    return refuse_renamed(d, n, e->renamed_from, "rename_enum") &&
           need_name(d, n, "create_enum", e->name.name);
}

bool op_sequence_finish(struct decoder *d, const struct node *n, void *object)
{
    return need_name(d, n, "a sequence", ((struct op_sequence *)object)->sequence.name.name);
}

bool op_add_column_finish(struct decoder *d, const struct node *n, void *object)
{
    const struct op_add_column *o = object;

    if (o->after && o->first)
        return decode_fail(d, node_get(n, "first"), "add_column takes 'after' or 'first', not both");
    if (!refuse_renamed(d, n, o->column.renamed_from, "rename_column"))
        return false;
    return need_name(d, n, "add_column", o->column.name);
}

bool op_set_comment_finish(struct decoder *d, const struct node *n, void *object)
{
    static const char *const known[] = {"index", "constraint", "view", "enum", "sequence", "schema"};
    const struct op_set_comment *o = object;
    enum object_kind kind = object_kind_by_name(o->on);

    if ((str_eq(o->on, "constraint") ||
            (kind < OBJECT_KINDS && object_table[kind].naming == NAMED_ON_TABLE)) &&
        !o->table.name)
        return decode_fail(d, n, "a comment on a %s needs its 'table'", o->on);
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (str_eq(known[i], o->on))
            return true;
    if (kind < OBJECT_KINDS)
        return true;
    decode_fail(d, node_get(n, "on"), "set_comment does not support '%s'", o->on);
    decode_suggest(d, o->on, known, COUNT_OF(known));
    return false;
}

bool op_object_finish(struct decoder *d, const struct node *n, enum object_kind kind, void *object)
{
    struct op_object *o = object;

    if (!need_name(d, n, "the operation", o->object.key) || !refuse_condition(d, n, kind))
        return false;
    if (dtext_is_set(&o->object.file))
        return decode_fail(d, node_get(n, "file"), "an operation holds the SQL itself, under 'sql'");
    if (!object_take_key(&d->ctx->arena, kind, &o->object))
        return decode_fail(d, n, "'%s' is not the name of a %s", o->object.key, object_table[kind].name);
    struct object renamed;
    if (o->new_name && !object_under_name(&d->ctx->arena, kind, &o->object, o->new_name, &renamed))
        return decode_fail(d, node_get(n, "new_name"), "'%s' is not the name of a %s%s", o->new_name,
            object_table[kind].name, strchr(o->new_name, '(') ? " with the same arguments" : "");
    return true;
}

bool op_access_finish(struct decoder *d, const struct node *n, void *object)
{
    const struct op_access *o = object;
    const struct access_kind *kind = access_kind(o->on);
    enum object_kind ignored;
    struct object target;

    if (!kind)
        return decode_fail(d, node_get(n, "on"), "unknown kind of object '%s'", o->on);
    if (access_default_kind(kind) < DEFAULT_KINDS && !o->privileges.n)
        return decode_fail(d, n, "%s need 'privileges', and have no owner", o->on);
    if (!need_name(d, n, "the operation", o->name) || !need_name(d, n, "the operation", o->role))
        return false;
    if (!op_access_name(&d->ctx->arena, o, NULL, &ignored, &target))
        return decode_fail(d, node_get(n, "name"), "'%s' is not the name of a %s", o->name, o->on);
    vec_each(i, &o->privileges)
        if (!access_kind_knows(kind, o->privileges.v[i]))
            return decode_fail(
                d, node_get(n, "privileges"), "unknown privilege '%s' on '%s'", o->privileges.v[i], o->on);
    return !o->columns.n || kind->has_columns ||
           decode_fail(d, node_get(n, "columns"), "only tables and views have privileges on columns");
}

bool op_view_finish(struct decoder *d, const struct node *n, void *object)
{
    return need_name(d, n, "a view", ((struct op_view *)object)->view.name.name);
}

bool op_drop_constraint_finish(struct decoder *d, const struct node *n, void *object)
{
    const struct op_drop_constraint *o = object;

    return o->name || o->type ||
           decode_fail(d, n, "drop_constraint needs a 'name', or a 'type' and its 'columns'");
}

bool op_execute_finish(struct decoder *d, const struct node *n, void *object)
{
    const struct op_execute *o = object;

    if (dtext_is_set(&o->sql) != dtext_is_set(&o->file))
        return true;
    return decode_fail(d, n,
        dtext_is_set(&o->sql) ? "execute takes 'sql' or 'file', not both" : "execute needs 'sql' or 'file'");
}

bool op_backfill_finish(struct decoder *d, const struct node *n, void *object)
{
    const struct op_backfill *o = object;

    if (!o->set.n)
        return decode_fail(d, n, "backfill must set a column");
    if (node_get(n, "batch") && o->batch < 1)
        return decode_fail(d, node_get(n, "batch"), "'batch' must be a positive number of rows, not %lld",
            (long long)o->batch);
    vec_each(i, &o->set)
        if (o->key && str_eq(o->set.v[i]->column, o->key))
            return decode_fail(d, node_get(n, "set"), "backfill cannot set its key '%s'", o->key);
    return true;
}

bool op_bulk_insert_finish(struct decoder *d, const struct node *n, void *object)
{
    const struct op_bulk_insert *o = object;
    bool has_rows = node_get(n, "rows") != NULL;

    if (has_rows == (o->file != NULL))
        return decode_fail(d, n,
            has_rows ? "bulk_insert takes 'rows' or 'file', not both" : "bulk_insert needs 'rows' or 'file'");
    return !o->file || rows_know_format(d->ctx, o->file) ||
           fail_in(d->ctx, "%s'file'", pos_text(&d->ctx->arena, node_pos(node_get(n, "file"))));
}

bool op_run_finish(struct decoder *d, const struct node *n, void *object)
{
    const struct op_run *o = object;

    return (o->command.n && *o->command.v[0]) || decode_fail(d, n, "run needs a program");
}

bool op_assert_finish(struct decoder *d, const struct node *n, void *object)
{
    const struct op_assertion *o = object;

    return (o->message && *o->message) || decode_fail(d, n, "assert needs a 'message'");
}

/* ---- rows ------------------------------------------------------------------------------------------------- */

/* Rows contain data, but `now()` without quotes is hardly meant as a string. */
static bool check_row_value(struct decoder *d, const struct node *n, const struct value *v)
{
    const char *text = v->expr.sql.text;

    if (v->kind != VALUE_STRING || !v->bare || !text || !literal_is_expression(text, true))
        return true;
    decode_fail(d, n, "'%s' is a string, not an expression", text);
    return fail_hint(d->ctx, "Write {sql: %s} for the expression, or put the string in quotes.", text);
}

static bool decode_row(struct decoder *d, const struct node *n, struct rows *ret)
{
    struct row *row = ctx_new(d->ctx, struct row);

    if (n->kind != NODE_MAPPING)
        return decode_fail(
            d, n, "a row must be a mapping from column to value, not %s", node_describe(&d->ctx->arena, n));
    for (size_t i = 0; i < n->n; i++) {
        struct row_value *v = ctx_new(d->ctx, struct row_value);

        if (!decode_string(d, n->v[2 * i], &v->column) || !value_custom.decode(d, n->v[2 * i + 1], &v->value))
            return false;
        if (!check_row_value(d, n->v[2 * i + 1], &v->value))
            return false;
        vec_add(d->ctx, row, v);
    }
    vec_add(d->ctx, ret, row);
    return true;
}

static bool decode_rows(struct decoder *d, const struct node *n, void *value)
{
    if (n->kind != NODE_SEQUENCE)
        return decode_fail(d, n, "'rows' must be a list of rows, not %s", node_describe(&d->ctx->arena, n));
    for (size_t i = 0; i < n->n; i++)
        if (!decode_row(d, n->v[i], value))
            return false;
    return true;
}

static struct node *encode_rows(struct arena *a, const void *value)
{
    const struct rows *rows = value;
    struct node *list = node_sequence(a);

    if (!rows->n)
        return NULL;
    vec_each(i, rows) {
        struct node *row = node_mapping(a);

        vec_each(k, rows->v[i]) {
            const struct row_value *v = rows->v[i]->v[k];
            struct node *said = value_custom.encode(a, &v->value);

            node_set(a, row, v->column, said ? said : node_null(a));
        }
        node_append(a, list, row);
    }
    list->block = true;
    return list;
}

static bool rows_equal(const void *a, const void *b)
{
    const struct rows *x = a, *y = b;

    if (x->n != y->n)
        return false;
    vec_each(i, x) {
        if (x->v[i]->n != y->v[i]->n)
            return false;
        vec_each(k, x->v[i])
            if (!str_eq(x->v[i]->v[k]->column, y->v[i]->v[k]->column) ||
                !value_custom.equal(&x->v[i]->v[k]->value, &y->v[i]->v[k]->value))
                return false;
    }
    return true;
}

const struct field_custom rows_custom = {
    .decode = decode_rows,
    .encode = encode_rows,
    .equal = rows_equal,
    .json_schema = "{\"type\": \"array\", \"items\": {\"type\": \"object\"}}",
};
