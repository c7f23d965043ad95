/*
 * Applies attach_partition and detach_partition, and what changes of a table mean for its children.
 *
 * The server merges a table's keys and indexes with those of the parent that are alike; a detached partition keeps them.
 */
#include "op/apply.h"
#include "op/apply_schema.h"

/* ---- what is alike ------------------------------------------------------------------------------------ */

static bool same_text(const struct expr *a, const struct expr *b)
{
    if (a->native && b->native)
        return str_eq(a->native, b->native);
    return dtext_eq(&a->sql, &b->sql);
}

static bool same_value(const struct value *a, const struct value *b)
{
    return a->kind == b->kind && (a->kind == VALUE_NONE || same_text(&a->expr, &b->expr));
}

static bool same_parts(const struct index_parts *a, const struct index_parts *b)
{
    if (a->n != b->n)
        return false;
    vec_each(i, a)
        if (!str_eq(a->v[i]->column, b->v[i]->column) || a->v[i]->order != b->v[i]->order ||
            !same_text(&a->v[i]->expr, &b->v[i]->expr))
            return false;
    return true;
}

static bool same_index(const struct index *a, const struct index *b)
{
    return a->unique == b->unique && str_eq(a->using, b->using) && same_parts(&a->parts, &b->parts) &&
           strings_eq(&a->include, &b->include) && same_text(&a->where, &b->where);
}

static bool same_constraint(const struct constraint *a, const struct constraint *b)
{
    if (a->kind == CONSTRAINT_CHECK)
        return str_eq(a->name, b->name);
    return strings_eq(&a->columns, &b->columns) && qname_eq(&a->references, &b->references) &&
           same_parts(&a->parts, &b->parts);
}

/* ---- attaching ---------------------------------------------------------------------------------------- */

static void merge_constraints(struct constraints *list, const struct constraints *of_parent)
{
    for (size_t i = list->n; i-- > 0;)
        vec_each(k, of_parent)
            if (same_constraint(list->v[i], of_parent->v[k])) {
                vec_remove(list, i);
                break;
            }
}

static void merge_indexes(struct indexes *list, const struct indexes *of_parent)
{
    for (size_t i = list->n; i-- > 0;)
        vec_each(k, of_parent)
            if (same_index(list->v[i], of_parent->v[k])) {
                vec_remove(list, i);
                break;
            }
}

static void merge(struct ctx *ctx, struct table *t, const struct table *parent)
{
    struct strings not_null = {0};

    vec_each(i, &t->columns)
        if (!t->columns.v[i]->nullable)
            vec_add(ctx, &not_null, t->columns.v[i]->name); /* the parent's are left out again */
    if (parent->primary_key)
        t->primary_key = NULL;
    merge_constraints(&t->uniques, &parent->uniques);
    merge_constraints(&t->checks, &parent->checks);
    merge_constraints(&t->foreign_keys, &parent->foreign_keys);
    merge_constraints(&t->excludes, &parent->excludes);
    merge_indexes(&t->indexes, &parent->indexes);
    vec_each(i, &t->columns) {
        struct column *c = t->columns.v[i];
        const struct column *from = table_column(parent, c->name);

        c->is_inherited = true;
        c->own_default = from && !c->generated && !same_value(&c->dflt, &from->dflt);
    }
    t->not_null = not_null;
}

static bool find(const struct op_call *o, const struct qname *name, struct table **ret)
{
    struct qname plain = call_name(o, *name);

    *ret = call_find_table(o, &plain);
    return *ret ||
           fail(o->ctx, STATUS_CONFIG, "table '%s' does not exist", qname_text(&o->ctx->arena, &plain));
}

bool call_attach_partition(const struct op_call *o)
{
    const struct op_partition *op = &o->op->u.partition;
    struct table *parent, *t;

    if (!find(o, &op->table, &parent) || !find(o, &op->partition, &t))
        return false;
    if (table_is_partition(t))
        return fail(o->ctx, STATUS_CONFIG, "table '%s' is already a partition of '%s'",
            qname_text(&o->ctx->arena, &t->name), qname_text(&o->ctx->arena, &t->partition_of));
    merge(o->ctx, t, table_apart(o->ctx, o->dialect, o->schema, parent));
    t->partition_of = parent->name;
    t->bound = op->bound;
    call_prepare_child(o, t);
    schema_note_table(o->ctx, o->schema, t);
    schema_inherit(o->ctx, o->schema);
    return true;
}

bool call_detach_partition(const struct op_call *o)
{
    const struct op_partition *op = &o->op->u.partition;
    struct table *parent, *t;

    if (!find(o, &op->table, &parent) || !find(o, &op->partition, &t))
        return false;
    if (!table_is_partition(t) || !qname_eq(&t->partition_of, &parent->name))
        return fail(o->ctx, STATUS_CONFIG, "table '%s' is not a partition of '%s'",
            qname_text(&o->ctx->arena, &t->name), qname_text(&o->ctx->arena, &parent->name));
    *t = *table_apart(o->ctx, o->dialect, o->schema, t);
    schema_note_table(o->ctx, o->schema, t);
    schema_inherit(o->ctx, o->schema);
    return true;
}

/* ---- indexes that belong to one of the parent ---------------------------------------------------------- */

bool call_rename_partition_index(const struct op_call *o)
{
    const struct op_rename_part *op = &o->op->u.rename_part;
    const struct index *ignored;
    struct table *t;

    if (!find(o, &op->table, &t))
        return false;
    if (!table_above_with(o->schema, t, op->name, &ignored))
        return fail(o->ctx, STATUS_CONFIG, "no parent of table '%s' has an index or key '%s'",
            qname_text(&o->ctx->arena, &t->name), op->name);
    table_set_index_name(o->ctx, t, op->name, op->new_name);
    return true;
}

/* By the name of the index above it; between them there may be a partition that names its own part of it. */
bool call_attach_index(const struct op_call *o, struct table *t)
{
    const struct op_create_index *op = &o->op->u.create_index;
    const struct table *parent = table_is_partition(t) ? schema_table(o->schema, &t->partition_of) : NULL;
    const char *of = op->attach_to.name;

    if (!parent)
        return fail(
            o->ctx, STATUS_CONFIG, "table '%s' is not a partition", qname_text(&o->ctx->arena, &t->name));
    vec_each(i, &parent->index_names)
        if (str_eq(parent->index_names.v[i].name, of))
            of = parent->index_names.v[i].of;
    table_set_index_name(o->ctx, t, of, op->index.name);
    return true;
}

bool op_is_about_index(const struct op *op)
{
    return op->kind == OP_CREATE_INDEX || op->kind == OP_DROP_INDEX || op->kind == OP_RENAME_INDEX;
}

static void index_names_follow(struct table *t, const struct op *op)
{
    const bool renames = op->kind == OP_RENAME_INDEX || op->kind == OP_RENAME_CONSTRAINT;
    const char *gone = op->kind == OP_DROP_INDEX        ? op->u.drop_index.name
                       : op->kind == OP_DROP_CONSTRAINT ? op->u.drop_constraint.name
                                                        : NULL;

    for (size_t i = t->index_names.n; i-- > 0;) {
        struct index_name *entry = &t->index_names.v[i];

        if (renames && str_eq(entry->of, op->u.rename_part.name))
            entry->of = op->u.rename_part.new_name;
        else if (gone && str_eq(entry->of, gone))
            vec_remove(&t->index_names, i);
    }
}

/* ---- children ----------------------------------------------------------------------------------------- */

static void native_text(const struct op_call *o, struct expr *e,
    const char *(*native)(struct ctx *, const struct dialect *, const char *))
{
    const char *text = o->dialect ? dtext_for(&e->sql, o->dialect->name) : NULL;

    if (text)
        e->native = native(o->ctx, o->dialect, text);
}

void call_prepare_child(const struct op_call *o, struct table *t)
{
    if (o->dialect && !o->dialect->has.children)
        t->partition_by = t->bound = (struct expr){0};
    native_text(o, &t->partition_by, partition_by_native);
    native_text(o, &t->bound, bound_native);
    if (table_is_partition(t))
        t->partition_of = call_name(o, t->partition_of);
    vec_each(i, &t->inherits) {
        struct qname q;

        if (!qname_parse(&o->ctx->arena, t->inherits.v[i], &q))
            continue;
        q = call_name(o, q);
        t->inherits.v[i] = qname_text(&o->ctx->arena, &q);
    }
}

bool call_inherit(const struct op_call *o, struct table *t)
{
    size_t parents = table_is_partition(t) ? 1 : t->inherits.n;

    for (size_t at = 0; at < parents; at++)
        if (!table_parent(o->ctx, o->schema, t, at))
            return fail(o->ctx, STATUS_CONFIG, "the parent of table '%s' does not exist: '%s'",
                qname_text(&o->ctx->arena, &t->name),
                table_is_partition(t) ? qname_text(&o->ctx->arena, &t->partition_of) : t->inherits.v[at]);
    if (parents)
        table_inherit(o->ctx, o->schema, t);
    return !t->defaults.n || fail(o->ctx, STATUS_CONFIG, "table '%s' inherits no column '%s' with a default",
                                 qname_text(&o->ctx->arena, &t->name), t->defaults.v[0]->name);
}

static struct table *find_child(const struct schema *s, const struct qname *parent, bool only_partitions)
{
    vec_each(i, &s->tables)
        if (table_is_child(s->tables.v[i], parent) &&
            (!only_partitions || table_is_partition(s->tables.v[i])))
            return s->tables.v[i];
    return NULL;
}

/* A child's own default gets the column's new name, and is lost when the parent's column gets another one. */
static void default_follows(const struct table *child, const struct op *op)
{
    const struct op_alter_column *alter = &op->u.alter_column;
    bool renames = op->kind == OP_RENAME_COLUMN, alters = op->kind == OP_ALTER_COLUMN;
    struct column *c = renames  ? table_column(child, op->u.rename_part.name)
                       : alters ? table_column(child, alter->name)
                                : NULL;

    if (!c || !c->is_inherited || !c->own_default)
        return;
    if (alters && ALTER_HAS(alter, ALTER_DEFAULT))
        c->own_default = false;
    if (renames)
        c->name = op->u.rename_part.new_name;
    else if (ALTER_HAS(alter, ALTER_NEW_NAME))
        c->name = alter->new_name;
}

/* What the children list of the parent's column: the server gives and takes their NOT NULL with the parent's. */
static void lists_follow(const struct schema *s, const struct table *parent, const struct op *op)
{
    const struct op_alter_column *alter = &op->u.alter_column;

    vec_each(i, &s->tables) {
        struct table *t = s->tables.v[i];

        if (!table_is_child(t, &parent->name))
            continue;
        default_follows(t, op);
        index_names_follow(t, op);
        if (op->kind == OP_RENAME_COLUMN)
            names_replace(NULL, &t->not_null, op->u.rename_part.name, op->u.rename_part.new_name);
        else if (op->kind == OP_DROP_COLUMN)
            strings_forget(&t->not_null, op->u.drop_column.name);
        else if (op->kind == OP_ALTER_COLUMN && ALTER_HAS(alter, ALTER_NULLABLE))
            strings_forget(&t->not_null, alter->name);
        if (op->kind == OP_ALTER_COLUMN && ALTER_HAS(alter, ALTER_NEW_NAME))
            names_replace(NULL, &t->not_null, alter->name, alter->new_name);
        lists_follow(s, t, op);
    }
}

void children_follow(struct ctx *ctx, struct schema *s, const struct table *t, const struct op *op)
{
    if (!schema_may_have_children(ctx, s))
        return;
    lists_follow(s, t, op);
    if (!op_is_about_index(op) && find_child(s, &t->name, false))
        schema_inherit(ctx, s);
}

struct table *next_dropped_child(struct ctx *ctx, struct schema *s, const struct qname *parent, bool cascade)
{
    return schema_may_have_children(ctx, s) ? find_child(s, parent, !cascade) : NULL;
}

void children_rename(
    struct ctx *ctx, const struct schema *s, const struct qname *from, const struct qname *to)
{
    const char *old = qname_text(&ctx->arena, from);

    vec_each(i, &s->tables) {
        struct table *t = s->tables.v[i];

        if (table_is_partition(t) && qname_eq(&t->partition_of, from))
            t->partition_of = *to;
        for (size_t k = 0; k < t->inherits.n; k++)
            if (str_eq(t->inherits.v[k], old))
                t->inherits.v[k] = qname_text(&ctx->arena, to);
    }
}
