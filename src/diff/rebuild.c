/*
 * Replaces partitioned tables whose partition key changes, plain tables that become partitioned, and partitioned ones that
 * become plain.
 *
 * No server changes the key of a table that exists. The tree is set aside under other names, without keys and indexes,
 * whose names are needed; the new one is created, gets the rows, and the old one is dropped. All that depends on the tables
 * or is on them is dropped before and created afterwards, as for a table that is dropped. All of it is one transaction.
 */
#include "diff/differ.h"

static const char *text_of(struct differ *d, const struct qname *name)
{
    return qname_text(&d->ctx->arena, name);
}

const struct table *partition_root(const struct schema *s, const struct table *t)
{
    const struct table *parent;

    while (table_is_partition(t) && (parent = schema_table(s, &t->partition_of)))
        t = parent;
    return t;
}

bool differ_replaces_tree(const struct differ *d, const struct schema *s, const struct table *t)
{
    return d->replaced.n && map_get(&d->replaced, differ_key(d, &partition_root(s, t)->name));
}

bool differ_replaces(const struct differ *d, const struct qname *name)
{
    const struct table *a = schema_table(d->from, name), *b = schema_table(d->to, name);

    return a && b && differ_replaces_tree(d, d->from, a) && differ_replaces_tree(d, d->to, b);
}

/* ---- what is refused -------------------------------------------------------------------------------------- */

static const char copy_hint[] =
    "Create a table of another name, copy the rows with 'execute', drop the old table, and "
    "rename the new one.";

static void refuse(struct differ *d, const struct table *b, const char *why, const char *hint)
{
    differ_refuse(d, b->pos,
        ctx_printf(d->ctx, "cannot change 'partition_by' of table '%s': %s", text_of(d, &b->name), why),
        hint);
}

static bool has_partitions(const struct schema *s, const struct table *t)
{
    vec_each(i, &s->tables)
        if (table_is_partition(s->tables.v[i]) && qname_eq(&s->tables.v[i]->partition_of, &t->name))
            return true;
    return false;
}

static bool is_row_type(struct differ *d, const struct table *t)
{
    vec_each(i, &d->from->tables)
        vec_each(k, &d->from->tables.v[i]->columns)
            if (column_row_type(d->ctx, d->dialect, d->from, d->from->tables.v[i]->columns.v[k]) == t)
                return true;
    return false;
}

static const char *retyped_column(const struct differ *d, const struct table *a, const struct table *b)
{
    vec_each(i, &b->columns) {
        const struct column *before = table_column(a, b->columns.v[i]->name);

        if (before && !same_native_type(d->dialect, before, b->columns.v[i]))
            return before->name;
    }
    return NULL;
}

/* Grants name tables and columns as they are before the revision. */
static bool is_renamed(const struct differ *d, const struct table *b)
{
    const struct ops *renames = &d->phases[PHASE_RENAME];

    vec_each(i, renames) {
        const struct op *op = renames->v[i];

        if ((op->kind == OP_RENAME_TABLE && qname_eq(&op->u.rename.new_name, &b->name)) ||
            (op->kind == OP_RENAME_COLUMN && qname_eq(&op->u.rename_part.table, &b->name)))
            return true;
    }
    return false;
}

static bool share_column(const struct table *a, const struct table *b)
{
    vec_each(i, &b->columns)
        if (!b->columns.v[i]->generated && table_column(a, b->columns.v[i]->name))
            return true;
    return false;
}

static void refuse_impossible(struct differ *d, const struct table *a, const struct table *b)
{
    const char *retyped = retyped_column(d, a, b);

    if (table_is_partitioned(b) && !has_partitions(d->to, b))
        refuse(d, b, "the models list no partition for its rows", "List its partitions under 'partitions'.");
    if (retyped)
        refuse(d, b, ctx_printf(d->ctx, "the type of column '%s' changes, too", retyped),
            "Change the type in a revision of its own.");
    if (is_renamed(d, b))
        refuse(d, b, "it is renamed, or one of its columns is", "Rename it in a revision of its own.");
    if (!share_column(a, b))
        refuse(d, b, "none of its columns stays", copy_hint);
    if (is_row_type(d, a))
        refuse(d, b, "a column of another table holds its rows", copy_hint);
    if (table_type(a) || table_type(b))
        refuse(d, b, "it is a typed table", copy_hint);
    vec_each(i, &d->to->tables)
        if (table_inherits(d->to->tables.v[i], &b->name))
            refuse(d, b,
                ctx_printf(d->ctx, "table '%s' inherits from it", text_of(d, &d->to->tables.v[i]->name)),
                "Drop the parent in a revision of its own.");
}

/* A function whose arguments are rows of the table cannot be dropped by cmig unless models list it. */
static void refuse_unmodelled(struct differ *d, const struct table *b)
{
    vec_each(i, &d->from->unmodelled) {
        const struct unmodelled *u = d->from->unmodelled.v[i];

        if (u->object && u->object->signature && sql_mentions(u->object->signature, b->name.name))
            refuse(d, b, ctx_printf(d->ctx, "%s '%s' takes its rows", u->kind, u->object->key),
                "List it in the models, so that it is dropped and created again.");
    }
}

/* ---- which tables ----------------------------------------------------------------------------------------- */

static bool same_key(struct differ *d, const struct table *a, const struct table *b)
{
    const char *from = a->partition_by.native, *to = b->partition_by.native;

    return from == to || (from && to && same_expr(d->ctx, d->dialect, NULL, from, to));
}

static void found_key(struct differ *d, const struct table *a, const struct table *b)
{
    const char *from = a->partition_by.native, *to = b->partition_by.native;

    if (d->found)
        differ_found(d, b->pos, "%s: partition_by %s in the database, %s in the models", text_of(d, &b->name),
            from ? from : "none", to ? to : "none");
}

/* The parts of serial columns that both tables have; so the sequence stays, with its counter. */
static void split_serials(struct differ *d, struct table *a, struct table *b)
{
    struct qname from, to;
    bool has_from, has_to;

    vec_each(i, &b->columns) {
        struct column *c = b->columns.v[i], *before = table_column(a, c->name);

        if (!before || !d->dialect->column_sequence || !d->dialect->serial_apart ||
            !d->dialect->column_sequence(d->ctx, a, before, &from, &has_from) ||
            !d->dialect->column_sequence(d->ctx, b, c, &to, &has_to) || !has_from || !has_to ||
            !same_qname(d->dialect, &from, &to))
            continue;
        struct sequence *q = d->dialect->serial_apart(d->ctx, a, before);
        struct sequence *other = d->dialect->serial_apart(d->ctx, b, c);
        if (q && !schema_sequence(d->from, &q->name))
            schema_insert_sequence(d->ctx, d->from, q);
        if (other && !schema_sequence(d->to, &other->name))
            schema_insert_sequence(d->ctx, d->to, other);
    }
}

void find_replaced(struct differ *d)
{
    vec_each(i, &d->to->tables) {
        struct table *b = d->to->tables.v[i], *a = schema_table(d->from, &b->name);

        if (!a || differ_rebuilds(d) || same_key(d, a, b))
            continue;
        const struct table *ra = partition_root(d->from, a), *rb = partition_root(d->to, b);
        struct table *root = schema_table(d->to, &ra->name), *before = schema_table(d->from, &ra->name);

        found_key(d, a, b);
        if (root != rb) {
            refuse(d, b, "its parent changes, too", copy_hint);
            continue;
        }
        if (map_get(&d->replaced, differ_key(d, &root->name)))
            continue;
        map_set(&d->replaced, differ_key(d, &root->name), root);
        refuse_impossible(d, before, root);
        refuse_unmodelled(d, root);
        split_serials(d, before, root);
    }
}

/* ---- operations ------------------------------------------------------------------------------------------- */

static struct qname aside_name(struct differ *d, const struct qname *name)
{
    struct qname aside = *name;

    for (unsigned n = 0;; n++) {
        aside.name = name_aside(d->ctx, d->dialect, name->name, n);
        if (!schema_table(d->from, &aside) && !schema_table(d->to, &aside) && !schema_view(d->from, &aside) &&
            !schema_view(d->to, &aside))
            return aside;
    }
}

/* Their names are those of the new table's. */
static void drop_keys(struct differ *d, const struct table *t)
{
    const struct constraint *c;

    for (size_t state = 0; (c = table_next_constraint(t, &state));)
        if (c->kind != CONSTRAINT_CHECK && c->kind != CONSTRAINT_FOREIGN_KEY)
            differ_add(d, PHASE_DROP_CONSTRAINT, op_drop_constraint_for(d, t, c));
    vec_each(i, &t->indexes)
        differ_add(d, PHASE_DROP_INDEX, op_drop_index_for(d, t, t->indexes.v[i]));
}

/* Whether the database may number the column. */
static bool is_numbered(struct differ *d, const struct table *t, const struct column *c)
{
    bool is_key = t->primary_key && t->primary_key->columns.n == 1 && column_in_key(t, c->name);
    struct qname name;
    bool comes_with_it = false;

    if (c->identity || c->autoincrement == TRI_TRUE || (is_key && c->autoincrement == TRI_UNSET))
        return true;
    return d->dialect->column_sequence && d->dialect->column_sequence(d->ctx, t, c, &name, &comes_with_it) &&
           comes_with_it;
}

static struct op *copy_op(
    struct differ *d, const struct table *b, const struct table *a, const struct qname *aside)
{
    struct op *op = op_new(d->ctx, OP_COPY_ROWS);
    struct op_copy_rows *o = &op->u.copy_rows;

    o->table = b->name;
    o->from = *aside;
    o->with_owner = true; /* a sequence has the owner of its table */
    op->pos = b->pos;
    op->note = "copies all rows; the tables are locked until the revision is complete";
    vec_each(i, &b->columns) {
        const struct column *c = b->columns.v[i], *before = table_column(a, c->name);

        if (before && !c->generated)
            vec_add(d->ctx, &o->columns, c->name);
        if (before && is_numbered(d, a, before) && is_numbered(d, b, c))
            vec_add(d->ctx, &o->numbered, c->name);
    }
    return op;
}

static void move_sequences(struct differ *d, const struct table *b)
{
    vec_each(i, &d->to->sequences) {
        const struct sequence *q = d->to->sequences.v[i], *before = schema_sequence(d->from, &q->name);

        if (before && qname_eq(&q->owner, &b->name) && qname_eq(&before->owner, &b->name))
            sequence_changes_table(d, q);
    }
}

void put_aside(struct differ *d, const struct table *a)
{
    const struct table *b = schema_table(d->to, &a->name);
    bool is_root = !table_is_partition(a);
    struct qname aside;
    struct op *rename, *drop;

    drop_keys(d, a);
    if (!differ_replaces(d, &a->name)) {
        drop = op_drop_for(d, OP_DROP_TABLE, &a->name);
        drop->note = "drops a partition, whose rows were copied";
        differ_add(d, PHASE_DROP_ASIDE, drop);
        return;
    }
    aside = aside_name(d, &a->name);
    rename = op_new(d->ctx, OP_RENAME_TABLE);
    rename->u.rename = (struct op_rename){.name = a->name, .new_name = aside};
    differ_add(d, PHASE_DROP_TABLE_EARLY, rename);
    if (!is_root)
        return;
    move_sequences(d, b);
    differ_add(d, PHASE_COPY_ROWS, copy_op(d, b, a, &aside));
    drop = op_drop_for(d, OP_DROP_TABLE, &aside);
    drop->note = "drops the old table, whose rows were copied";
    differ_add(d, PHASE_DROP_ASIDE, drop);
}
