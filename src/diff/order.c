/*
 * The order in which tables are dropped and created.
 *
 * A table with a foreign key is dropped before and created after the table that it refers to, and likewise one
 * that takes numbers from another's sequence. In a circle some foreign keys are dropped before, or created
 * after, the tables. A dropped table whose names (its own, its indexes', its keys') are needed is dropped
 * before the new ones are created; otherwise tables are dropped late, so that rows can still be copied from
 * them.
 */
#include "diff/differ.h"

enum visit { NOT_VISITED, IN_PROGRESS, VISITED };

/* A walk over tables along their foreign keys. */
struct walk {
    struct differ *d;
    const struct schema *schema;
    const struct tables *tables;
    struct map positions; /* name to position + 1 */
    struct map sequences; /* the same, for sequences that are created with columns */
    enum visit *visits;
    bool keeps_partitions; /* until the references to their parents are dropped */
    struct tables order;   /* referenced tables first */
};

static void add_sequences(struct walk *w, size_t at)
{
    const struct table *t = w->tables->v[at];
    struct qname name;
    bool comes_with_it;

    for (size_t i = 0; w->d->dialect->column_sequence && i < t->columns.n; i++)
        if (w->d->dialect->column_sequence(w->d->ctx, t, t->columns.v[i], &name, &comes_with_it) &&
            comes_with_it)
            map_set(&w->sequences, differ_key(w->d, &name), (void *)(uintptr_t)(at + 1));
}

static void walk_begin(
    struct walk *w, struct differ *d, const struct schema *schema, const struct tables *tables)
{
    *w = (struct walk){
        .d = d, .schema = schema, .tables = tables, .positions = MAP(d->ctx), .sequences = MAP(d->ctx)};
    w->visits = arena_alloc(&d->ctx->arena, (tables->n + 1) * sizeof(*w->visits));
    vec_each(i, tables) {
        map_set(&w->positions, differ_key(d, &tables->v[i]->name), (void *)(uintptr_t)(i + 1));
        add_sequences(w, i);
    }
}

/* The position of a table in the walk; the number of tables if it is not in it. */
static size_t walk_find(const struct walk *w, const struct qname *name)
{
    uintptr_t at = (uintptr_t)map_get(&w->positions, differ_key(w->d, name));

    return at ? (size_t)at - 1 : w->tables->n;
}

static void walk_visit(
    struct walk *w, size_t at, void (*on_circle)(struct walk *, const struct table *, struct constraint *));

/* Defaults may take from sequences that come with other tables. */
static void walk_sequences(
    struct walk *w, size_t at, void (*on_circle)(struct walk *, const struct table *, struct constraint *))
{
    const struct table *t = w->tables->v[at];
    struct qname name;
    bool comes_with_it;

    for (size_t i = 0; w->sequences.n && i < t->columns.n; i++) {
        bool takes = w->d->dialect->column_sequence(w->d->ctx, t, t->columns.v[i], &name, &comes_with_it) &&
                     !comes_with_it;
        uintptr_t other = takes ? (uintptr_t)map_get(&w->sequences, differ_key(w->d, &name)) : 0;

        if (other && w->visits[other - 1] == NOT_VISITED)
            walk_visit(w, other - 1, on_circle);
    }
}

/* Tables whose rows are held by columns. */
static void walk_row_types(
    struct walk *w, size_t at, void (*on_circle)(struct walk *, const struct table *, struct constraint *))
{
    const struct table *t = w->tables->v[at];

    vec_each(i, &t->columns) {
        const struct table *other = column_row_type(w->d->ctx, w->d->dialect, w->schema, t->columns.v[i]);
        size_t found = other ? walk_find(w, &other->name) : w->tables->n;

        if (found < w->tables->n && w->visits[found] == NOT_VISITED)
            walk_visit(w, found, on_circle);
    }
}

static void walk_parents(
    struct walk *w, size_t at, void (*on_circle)(struct walk *, const struct table *, struct constraint *))
{
    const struct table *parent;

    for (size_t i = 0; (parent = table_parent(w->d->ctx, w->schema, w->tables->v[at], i)); i++) {
        size_t found = walk_find(w, &parent->name);

        if (found < w->tables->n && w->visits[found] == NOT_VISITED)
            walk_visit(w, found, on_circle);
    }
}

/* A reference to a partitioned table is one to all of its partitions. */
static void walk_partitions(struct walk *w, const struct qname *name,
    void (*on_circle)(struct walk *, const struct table *, struct constraint *))
{
    size_t parent = walk_find(w, name);

    if (!w->keeps_partitions || (parent < w->tables->n && w->visits[parent] != VISITED))
        return;
    vec_each(i, w->tables) {
        const struct table *t = w->tables->v[i];

        if (!table_is_partition(t) || !qname_eq(&t->partition_of, name))
            continue;
        if (w->visits[i] == NOT_VISITED)
            walk_visit(w, i, on_circle);
        walk_partitions(w, &t->name, on_circle);
    }
}

/* Whether a table is the other one, which is partitioned, or one of its partitions. */
static bool is_below(const struct walk *w, const struct table *t, const struct qname *name)
{
    while (t && !qname_eq(&t->name, name))
        t = table_is_partition(t) ? schema_table(w->schema, &t->partition_of) : NULL;
    return t && table_is_partitioned(t);
}

/* Whether a table is IN_PROGRESS, or one that it is a partition of. */
static bool is_in_progress(const struct walk *w, const struct table *t)
{
    for (; t; t = table_is_partition(t) ? schema_table(w->schema, &t->partition_of) : NULL) {
        size_t at = walk_find(w, &t->name);

        if (at < w->tables->n && w->visits[at] == IN_PROGRESS)
            return true;
    }
    return false;
}

static void walk_visit(
    struct walk *w, size_t at, void (*on_circle)(struct walk *, const struct table *, struct constraint *))
{
    struct table *t = w->tables->v[at];

    w->visits[at] = IN_PROGRESS;
    walk_parents(w, at, on_circle);
    walk_row_types(w, at, on_circle);
    vec_each(i, &t->foreign_keys) {
        struct constraint *c = t->foreign_keys.v[i];
        size_t other = walk_find(w, &c->references);

        if (w->keeps_partitions && on_circle && is_below(w, t, &c->references))
            on_circle(w, t, c);
        if (other == w->tables->n || other == at)
            continue;
        bool in_progress = w->visits[other] != VISITED && is_in_progress(w, w->tables->v[other]);
        if (in_progress && on_circle)
            on_circle(w, t, c);
        if (w->visits[other] == NOT_VISITED && !in_progress)
            walk_visit(w, other, on_circle);
        walk_partitions(w, &c->references, on_circle);
    }
    walk_sequences(w, at, on_circle);
    w->visits[at] = VISITED;
    vec_add(w->d->ctx, &w->order, t);
}

static void walk_all(
    struct walk *w, void (*on_circle)(struct walk *, const struct table *, struct constraint *))
{
    for (size_t i = 0; i < w->tables->n; i++)
        if (w->visits[i] == NOT_VISITED)
            walk_visit(w, i, on_circle);
}

/* ---- tables that go --------------------------------------------------------------------------------------- */

static void break_circle(struct walk *w, const struct table *t, struct constraint *c)
{
    drop_foreign_key(w->d, t, c);
}

static void add_name(struct differ *d, struct strings *names, const char *schema, const char *name)
{
    struct qname q = {.schema = schema, .name = name};

    if (name)
        vec_add(d->ctx, names, differ_key(d, &q));
}

/* The names that a table has beside those of its columns, where all of them are in one space. */
static void table_names(struct differ *d, const struct table *t, struct strings *ret)
{
    const char *schema = t->name.schema;

    add_name(d, ret, schema, t->name.name);
    add_name(d, ret, schema, t->primary_key ? t->primary_key->name : NULL);
    vec_each(i, &t->uniques)
        add_name(d, ret, schema, t->uniques.v[i]->name);
    vec_each(i, &t->excludes)
        add_name(d, ret, schema, t->excludes.v[i]->name);
    vec_each(i, &t->indexes)
        add_name(d, ret, schema, t->indexes.v[i]->name);
}

/* Names that are needed before late tables are dropped. */
static void names_taken(struct differ *d, struct map *ret)
{
    const struct ops *renames = &d->phases[PHASE_RENAME_PART], *enums = &d->phases[PHASE_CREATE_ENUM];
    const struct ops *sequences = &d->phases[PHASE_CREATE_SEQUENCE];
    struct strings names = {0};

    vec_each(i, &d->created)
        table_names(d, d->created.v[i], &names);
    vec_each(i, renames)
        add_name(d, &names, renames->v[i]->u.rename_part.table.schema, renames->v[i]->u.rename_part.new_name);
    vec_each(i, enums) {
        const struct qname *name = &enums->v[i]->u.create_enum.enumeration.name;

        add_name(d, &names, name->schema, name->name);
    }
    vec_each(i, sequences) {
        const struct qname *name = &sequences->v[i]->u.sequence.sequence.name;

        add_name(d, &names, name->schema, name->name);
    }
    vec_each(i, &names)
        map_set(ret, names.v[i], ret);
}

/* Whether one of a table's names is among the taken ones, or the table uses an enum that is recreated. */
static bool is_in_the_way(struct differ *d, const struct map *taken, const struct table *t)
{
    struct strings names = {0};

    for (size_t i = 0; d->remade.n && i < t->columns.n; i++)
        if (differ_remade(d, t, t->columns.v[i]->name))
            return true;
    if (!taken->n)
        return false;
    table_names(d, t, &names);
    vec_each(i, &names)
        if (map_get(taken, names.v[i]))
            return true;
    return false;
}

/* Children are dropped before their parents: those of an early table are early, too. */
static void spread_early(const struct walk *w, bool *early)
{
    vec_each(i, &w->order) {
        const struct table *t = w->order.v[i], *parent;

        for (size_t at = 0; (parent = table_parent(w->d->ctx, w->schema, t, at)); at++) {
            size_t found = walk_find(w, &parent->name);

            if (found < w->tables->n && early[found])
                early[walk_find(w, &t->name)] = true;
        }
    }
}

static enum phase drop_phase(bool early)
{
    return early ? PHASE_DROP_TABLE_EARLY : PHASE_DROP_TABLE;
}

static void drop_table(struct differ *d, const struct table *t, bool early)
{
    struct op *op;

    if (differ_replaces_tree(d, d->from, t)) {
        put_aside(d, t);
        return;
    }
    op = op_drop_for(d, OP_DROP_TABLE, &t->name);

    op->note = "drops the table and its rows";
    differ_add(d, drop_phase(early), op);
}

/* Whether a key refers to a table that is dropped early, or to one that it is a partition of. */
static bool refers_to_early(const struct walk *w, const bool *early, const struct constraint *c)
{
    vec_each(i, w->tables)
        if (early[i] && (qname_eq(&w->tables->v[i]->name, &c->references) ||
                            is_below(w, w->tables->v[i], &c->references)))
            return true;
    return false;
}

/* A table that is dropped late may refer to one that is dropped early. */
static void let_go_of_early(struct walk *w, const bool *early)
{
    vec_each(i, w->tables) {
        const struct table *t = w->tables->v[i];

        for (size_t k = 0; !early[i] && k < t->foreign_keys.n; k++)
            if (refers_to_early(w, early, t->foreign_keys.v[k]))
                drop_foreign_key(w->d, t, t->foreign_keys.v[k]);
    }
}

void order_dropped(struct differ *d)
{
    struct map taken = MAP(d->ctx);
    struct walk w;
    bool *early;

    if (!d->dropped.n)
        return;
    walk_begin(&w, d, d->from, &d->dropped);
    vec_each(i, &d->dropped)
        w.keeps_partitions |= table_is_partition(d->dropped.v[i]);
    walk_all(&w, break_circle);
    names_taken(d, &taken);
    early = arena_alloc(&d->ctx->arena, d->dropped.n * sizeof(*early));
    vec_each(i, &d->dropped)
        early[i] = partition_goes_early(d, d->dropped.v[i]) || is_in_the_way(d, &taken, d->dropped.v[i]) ||
                   differ_replaces_tree(d, d->from, d->dropped.v[i]);
    spread_early(&w, early);
    let_go_of_early(&w, early);
    for (size_t i = w.order.n; i-- > 0;)
        detach_dropped(d, w.order.v[i], drop_phase(early[walk_find(&w, &w.order.v[i]->name)]));
    for (size_t i = w.order.n; i-- > 0;)
        drop_table(d, w.order.v[i], early[walk_find(&w, &w.order.v[i]->name)]);
}

/* ---- tables that come ------------------------------------------------------------------------------------- */

static bool is_key(const struct differ *d, const struct table *t, const struct strings *columns)
{
    if (t->primary_key && same_names(d->dialect, &t->primary_key->columns, columns))
        return true;
    vec_each(i, &t->uniques)
        if (same_names(d->dialect, &t->uniques.v[i]->columns, columns))
            return true;
    return false;
}

static bool is_lost(const struct differ *d, const struct table *t, const struct strings *columns)
{
    vec_each(i, &d->lost)
        if (qname_eq(&d->lost.v[i].table->name, &t->name) &&
            same_name_set(d->dialect, d->lost.v[i].columns, columns))
            return true;
    return false;
}

/* Whether the key of an existing table that is referred to exists in its final form from the start. */
static bool is_ready(const struct differ *d, const struct qname *name, const struct strings *columns)
{
    const struct table *t = schema_table(d->from, name);
    const struct touched *touched = differ_touched(d, name);

    if (!t || !schema_table(d->to, name) || !is_key(d, t, columns) || is_lost(d, t, columns))
        return false;
    for (size_t i = 0; touched && i < touched->columns.n; i++)
        if (strings_have(columns, touched->columns.v[i]))
            return false;
    return true;
}

/* Whether a new table's foreign key can be made with it. */
static bool is_inline(
    const struct walk *w, const bool *done, const struct table *t, const struct constraint *c)
{
    size_t other = walk_find(w, &c->references);

    if (qname_eq(&c->references, &t->name))
        return is_key(w->d, t, &c->referred_columns);
    if (other < w->tables->n)
        return done[other] && !table_is_partition(w->tables->v[other]) &&
               is_key(w->d, w->tables->v[other], &c->referred_columns);
    return is_ready(w->d, &c->references, &c->referred_columns);
}

static void create_later(struct differ *d, const struct table *t, const struct constraint *c)
{
    struct op *op = op_create_constraint_for(d, t, c);

    op->pos = c->pos;
    differ_add(d, PHASE_CREATE_FOREIGN_KEY, op);
}

static bool has_children(const struct schema *s, const struct table *t)
{
    vec_each(i, &s->tables)
        if (table_is_child(s->tables.v[i], &t->name))
            return true;
    return false;
}

/* A child that is created afterwards would have a check that is NOT VALID as a valid one. */
static void leave_checks(struct differ *d, const struct table *t, struct constraints *list)
{
    for (size_t i = list->n; i-- > 0;) {
        if (!list->v[i]->not_valid || !has_children(d->to, t))
            continue;
        create_later(d, t, t->checks.v[i]);
        vec_remove(list, i);
    }
}

static void create_table(struct walk *w, const bool *done, const struct table *t)
{
    struct differ *d = w->d;
    struct op *op = op_create_table_for(d, t);
    struct constraints kept = {0};

    op->pos = t->pos;
    leave_checks(d, t, &op->u.create_table.table.checks);
    vec_each(i, &t->foreign_keys) {
        if (is_inline(w, done, t, t->foreign_keys.v[i]))
            vec_add(d->ctx, &kept, op->u.create_table.table.foreign_keys.v[i]);
        else
            create_later(d, t, t->foreign_keys.v[i]);
    }
    op->u.create_table.table.foreign_keys = kept;
    differ_add(d, create_phase(d, t), op);
    vec_each(i, &t->indexes) {
        struct op *made = op_create_index_for(d, t, t->indexes.v[i]);

        made->pos = t->indexes.v[i]->pos;
        differ_add(d, t->indexes.v[i]->on_only ? PHASE_NAME_INDEX : create_phase(d, t), made);
    }
}

void order_created(struct differ *d)
{
    struct walk w;
    bool *done;

    if (!d->created.n)
        return;
    walk_begin(&w, d, d->to, &d->created);
    walk_all(&w, NULL);
    done = arena_alloc(&d->ctx->arena, d->created.n * sizeof(*done));
    vec_each(i, &w.order) {
        create_table(&w, done, w.order.v[i]);
        done[walk_find(&w, &w.order.v[i]->name)] = true;
    }
}
