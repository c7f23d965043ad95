/*
 * Compares the partition keys, the parents and the inheritance of tables.
 *
 * A partition has the columns, keys and indexes of its parent: the server changes them with the parent, and only a
 * partition's own parts are compared. A table that becomes a partition first gets the parts that it lacks; a
 * partition that becomes a table of its own keeps the parts from its parent.
 */
#include "diff/differ.h"

static const char *text_of(struct differ *d, const struct qname *name)
{
    return qname_text(&d->ctx->arena, name);
}

/* ---- what cannot change ----------------------------------------------------------------------------------- */

void differ_refuse(struct differ *d, struct pos pos, const char *text, const char *hint)
{
    struct difference *f;

    if (!d->refused)
        return;
    f = ctx_new(d->ctx, struct difference);
    *f = (struct difference){.text = text, .hint = hint, .pos = pos};
    vec_add(d->ctx, d->refused, f);
}

static const char new_table_hint[] = "Create a table of another name, copy the rows with 'execute', drop the "
                                     "old table, and rename the new one.";

/* ---- columns that are NOT NULL only in a child ------------------------------------------------------------ */

static void change_not_null(struct differ *d, const struct table *b, const struct column *c)
{
    struct op *op = op_new(d->ctx, OP_ALTER_COLUMN);
    struct op_alter_column *o = &op->u.alter_column;

    *o = (struct op_alter_column){.table = b->name, .name = c->name, .nullable = c->nullable};
    o->given = 1u << ALTER_TABLE_NAME | 1u << ALTER_NAME | 1u << ALTER_NULLABLE;
    op->pos = b->pos;
    op->note = c->nullable ? NULL : diff_note_nulls;
    differ_add(d, PHASE_ALTER_CHILD, op);
}

/* A change of the parent's column is one of the child's, too: what the child has by itself comes afterwards. */
void compare_not_null(struct differ *d, const struct table *a, const struct table *b)
{
    vec_each(i, &b->columns) {
        const struct column *c = b->columns.v[i], *before = table_column(a, c->name);
        bool was_listed = strings_have(&a->not_null, c->name), listed = strings_have(&b->not_null, c->name);
        bool left_by_key = c->nullable && column_in_key(a, c->name);

        if (!c->is_inherited || (before && !before->is_inherited) || listed == (was_listed || left_by_key))
            continue;
        if (!listed && !c->nullable)
            continue;
        change_not_null(d, b, c);
        if (d->found && before && before->nullable != c->nullable)
            differ_found(d, b->pos, "%s.%s: nullable %s in the database, %s in the models",
                text_of(d, &b->name), c->name, before->nullable ? "true" : "false",
                c->nullable ? "true" : "false");
    }
}

/* ---- defaults that a child has instead of its parent's ---------------------------------------------------- */

static bool same_value(struct differ *d, const struct column *c, const struct value *a, const struct value *b)
{
    if (a->kind == VALUE_NONE || b->kind == VALUE_NONE)
        return a->kind == b->kind;
    return same_expr(d->ctx, d->dialect, c, a->expr.native, b->expr.native);
}

static const struct column *parents_column(struct differ *d, const struct schema *s, const struct table *t,
    const char *name, const struct table **of)
{
    const struct column *c = NULL;

    for (size_t at = 0; !c && (*of = table_parent(d->ctx, s, t, at)); at++)
        c = table_column(*of, name);
    return c;
}

/* A numbered column's default takes from its sequence, without saying so. */
struct value default_in(
    struct differ *d, const struct schema *s, const struct table *t, const struct column *c)
{
    const struct table *of;
    const struct column *from =
        c->is_inherited && !c->own_default ? parents_column(d, s, t, c->name, &of) : NULL;

    if (from)
        return default_in(d, s, of, from);
    struct column *copy = column_copy(d->ctx, c);
    if (copy->dflt.kind == VALUE_NONE && !c->is_inherited && d->dialect->serial_apart)
        d->dialect->serial_apart(d->ctx, t, copy);
    return copy->dflt;
}

/* Whether the parent's column changes in a way that gives its default to the children, too. */
static bool parent_sets_default(
    struct differ *d, const struct table *a, const struct table *b, const char *name)
{
    const struct table *ta, *tb;
    const struct column *before = parents_column(d, d->from, a, name, &ta);
    const struct column *after = parents_column(d, d->to, b, name, &tb);

    if (!before || !after)
        return false;
    const struct value was = default_in(d, d->from, ta, before), is = default_in(d, d->to, tb, after);
    return !same_native_type(d->dialect, before, after) || !same_value(d, after, &was, &is);
}

static const char *default_text(const struct value *v)
{
    return v->kind == VALUE_NONE ? "none" : v->expr.native;
}

static void change_default(
    struct differ *d, const struct table *a, const struct table *b, const struct column *c)
{
    const struct column *before = table_column(a, c->name);
    struct column *wanted = column_copy(d->ctx, c);
    struct op *op = op_new(d->ctx, OP_ALTER_COLUMN);
    struct op_alter_column *o = &op->u.alter_column;

    wanted->dflt = default_in(d, d->to, b, c);
    const struct value was = before ? default_in(d, d->from, a, before) : (struct value){0};
    bool same = before && same_value(d, c, &was, &wanted->dflt);
    bool is_own = c->own_default || !c->is_inherited;
    if (same && !(is_own && parent_sets_default(d, a, b, c->name)))
        return;
    *o = (struct op_alter_column){
        .table = b->name, .name = c->name, .dflt = spelled_column(d, b, wanted)->dflt};
    o->given = 1u << ALTER_TABLE_NAME | 1u << ALTER_NAME | 1u << ALTER_DEFAULT;
    op->pos = c->pos.file ? c->pos : b->pos;
    differ_add(d, PHASE_ALTER_CHILD, op);
    if (d->found && before && !same)
        differ_found(d, op->pos, "%s.%s: default %s in the database, %s in the models", text_of(d, &b->name),
            c->name, default_text(&was), default_text(&wanted->dflt));
}

/* A change of the parent's default is one of the child's, too: what the child has by itself comes afterwards. */
void compare_own_defaults(struct differ *d, const struct table *a, const struct table *b)
{
    vec_each(i, &b->columns) {
        const struct column *c = b->columns.v[i], *before = table_column(a, c->name);
        bool was_own = before && (before->own_default || !before->is_inherited);
        bool is_own = c->own_default || !c->is_inherited;

        if (c->generated || (before && before->generated) || !(is_own || was_own))
            continue;
        if (c->is_inherited || (before && column_is_of_parents(d, a, b, c)))
            change_default(d, a, b, c);
    }
}

/* How many tables a table descends from, at most. */
static size_t depth_of(struct differ *d, const struct table *t, size_t limit)
{
    const struct table *parent;
    size_t deepest = 0;

    for (size_t at = 0; limit && (parent = table_parent(d->ctx, d->to, t, at)); at++) {
        size_t depth = 1 + depth_of(d, parent, limit - 1);

        deepest = depth > deepest ? depth : deepest;
    }
    return deepest;
}

/* What a child sets for itself is set for its own children, too: these come after it. */
void order_children(struct differ *d)
{
    const struct ops found = d->phases[PHASE_ALTER_CHILD];
    struct ops ordered = {0};

    for (size_t depth = 0; ordered.n < found.n; depth++)
        vec_each(i, &found) {
            const struct table *t = schema_table(d->to, &found.v[i]->u.alter_column.table);

            if (depth_of(d, t, d->to->tables.n) == depth)
                vec_add(d->ctx, &ordered, found.v[i]);
        }
    d->phases[PHASE_ALTER_CHILD] = ordered;
}

/* ---- partitions that change ------------------------------------------------------------------------------- */

static void add_partition(struct differ *d, enum op_kind kind, enum phase phase, const struct table *t)
{
    struct op *op = op_new(d->ctx, kind);
    bool attaches = kind == OP_ATTACH_PARTITION;

    op->u.partition = (struct op_partition){.table = t->partition_of, .partition = t->name};
    if (attaches) {
        op->pos = t->pos;
        op->u.partition.bound = t->bound;
        if (!dtext_is_set(&t->bound.sql))
            op->u.partition.bound.sql.text = t->bound.native;
        op->note = "fails if a row is outside the bound";
    }
    differ_add(d, phase, op);
}

static bool same_parent(const struct differ *d, const struct table *a, const struct table *b)
{
    return table_is_partition(a) && table_is_partition(b) &&
           same_qname(d->dialect, &a->partition_of, &b->partition_of);
}

static bool same_bound(struct differ *d, const struct table *a, const struct table *b)
{
    return same_expr(d->ctx, d->dialect, NULL, a->bound.native, b->bound.native);
}

static void move(struct differ *d, const struct table *a, const struct table *b, enum phase detach)
{
    if (table_is_partition(a))
        add_partition(d, OP_DETACH_PARTITION, detach, a);
    if (table_is_partition(b))
        add_partition(d, OP_ATTACH_PARTITION, PHASE_ATTACH, b);
}

void compare_partition(struct differ *d, const struct table *a, const struct table *b, struct table **ret_a,
    struct table **ret_b)
{
    if (!table_is_partition(a) && !table_is_partition(b))
        return;
    if (same_parent(d, a, b)) {
        if (same_bound(d, a, b))
            return;
        move(d, a, b, PHASE_DETACH_BOUND);
        if (d->found)
            differ_found(d, b->pos, "%s: the bound is %s in the database, %s in the models",
                text_of(d, &b->name), a->bound.native, b->bound.native);
        return;
    }
    move(d, a, b, PHASE_DETACH);
    if (d->found)
        differ_found(d, b->pos, "%s: %s %s in the database, %s %s in the models", text_of(d, &b->name),
            table_is_partition(a) ? "a partition of" : "a table of",
            table_is_partition(a) ? text_of(d, &a->partition_of) : "its own",
            table_is_partition(b) ? "a partition of" : "a table of",
            table_is_partition(b) ? text_of(d, &b->partition_of) : "its own");
    /* Names that the table adopts from the partition must be known on the way back. */
    if (table_is_partition(a))
        *ret_a = table_apart(d->ctx, d->dialect, d->from, a);
    if (table_is_partition(b))
        *ret_b = table_apart(d->ctx, d->dialect, d->to, b);
}

enum phase create_phase(const struct differ *d, const struct table *t)
{
    bool waits = table_is_partition(t) && schema_table(d->from, &partition_root(d->to, t)->name) &&
                 !differ_replaces_tree(d, d->to, t);

    return waits ? PHASE_CREATE_PARTITION : PHASE_CREATE_TABLE;
}

/* ---- columns that hold on to children --------------------------------------------------------------------- */

/* Whether a table, or one below it, is partitioned by a column. */
static bool is_key_column(const struct schema *s, const struct table *t, const char *column)
{
    if (sql_mentions(t->partition_by.native, column))
        return true;
    for (size_t i = 0; table_is_partitioned(t) && i < s->tables.n; i++) {
        const struct table *child = s->tables.v[i];

        if (table_is_partition(child) && qname_eq(&child->partition_of, &t->name) &&
            is_key_column(s, child, column))
            return true;
    }
    return false;
}

void refuse_key_column(struct differ *d, const struct table *t, const struct column *c)
{
    const struct table *before = d->refused ? schema_table(d->from, &t->name) : NULL;

    if (before && is_key_column(d->from, before, c->name))
        differ_refuse(d, t->pos,
            ctx_printf(d->ctx,
                "cannot drop column '%s' of table '%s', or change its type: it is part of the partition key",
                c->name, text_of(d, &t->name)),
            new_table_hint);
}

void touch_column(struct differ *d, const struct table *t, const char *column)
{
    vec_add(d->ctx, &differ_touch(d, t)->columns, column);
    vec_each(i, &d->to->tables)
        if (table_is_child(d->to->tables.v[i], &t->name))
            touch_column(d, d->to->tables.v[i], column);
}

bool has_heirs(const struct differ *d, const struct table *t)
{
    vec_each(i, &d->from->tables)
        if (table_inherits(d->from->tables.v[i], &t->name))
            return true;
    return false;
}

/* ---- rows that a new partition needs ---------------------------------------------------------------------- */

static bool is_of(const struct differ *d, const struct tables *list, const struct qname *parent)
{
    vec_each(i, list)
        if (table_is_partition(list->v[i]) && same_qname(d->dialect, &list->v[i]->partition_of, parent))
            return true;
    return false;
}

bool partition_goes_early(const struct differ *d, const struct table *t)
{
    const struct ops *attached = &d->phases[PHASE_ATTACH];

    if (!table_is_partition(t) || !schema_table(d->to, &t->partition_of))
        return false;
    vec_each(i, attached)
        if (same_qname(d->dialect, &attached->v[i]->u.partition.table, &t->partition_of))
            return true;
    return is_of(d, &d->created, &t->partition_of);
}

/* Whether a foreign key of the new schema refers to a table. */
static bool is_referenced(const struct differ *d, const struct qname *table)
{
    vec_each(i, &d->to->tables) {
        const struct constraints *keys = &d->to->tables.v[i]->foreign_keys;

        vec_each(k, keys)
            if (same_qname(d->dialect, &keys->v[k]->references, table))
                return true;
    }
    return false;
}

void detach_dropped(struct differ *d, const struct table *t, enum phase phase)
{
    const struct table *parent = table_is_partition(t) && !differ_replaces_tree(d, d->from, t)
                                     ? schema_table(d->to, &t->partition_of)
                                     : NULL;

    for (const struct table *p = parent; p;
         p = table_is_partition(p) ? schema_table(d->to, &p->partition_of) : NULL)
        if (is_referenced(d, &p->name)) {
            add_partition(d, OP_DETACH_PARTITION, phase, t);
            return;
        }
}

/* ---- what the models leave alone -------------------------------------------------------------------------- */

static bool has_partition(const struct schema *s, const struct qname *parent)
{
    vec_each(i, &s->tables)
        if (table_is_partition(s->tables.v[i]) && qname_eq(&s->tables.v[i]->partition_of, parent))
            return true;
    return false;
}

static void remove_partitions(struct schema *s, const struct qname *parent)
{
    for (size_t i = s->tables.n; i-- > 0;) {
        struct table *t = i < s->tables.n ? s->tables.v[i] : NULL;

        if (!t || !table_is_partition(t) || !qname_eq(&t->partition_of, parent))
            continue;
        vec_remove(&s->tables, i);
        remove_partitions(s, &t->name);
    }
}

void pair_partitions(
    struct ctx *ctx, const struct dialect *dialect, struct schema *database, const struct schema *models)
{
    vec_each(i, &models->tables) {
        const struct table *t = models->tables.v[i];
        const struct table *before;

        if (!table_is_partitioned(t) || t->has_partitions || has_partition(models, &t->name))
            continue;
        before = table_before(ctx, dialect, database, t);
        if (before)
            remove_partitions(database, &(struct qname){before->name.schema, before->name.name});
    }
}
