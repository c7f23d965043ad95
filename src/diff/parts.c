/* Differences between the keys, checks, foreign keys and indexes of two tables. */
#include "diff/differ.h"

/* A pair of tables in comparison. */
struct sides {
    struct differ *d;
    const struct table *a, *b;
};

static const char *const kind_labels[] = {
    [CONSTRAINT_PRIMARY_KEY] = "primary key",
    [CONSTRAINT_UNIQUE] = "unique constraint",
    [CONSTRAINT_CHECK] = "check",
    [CONSTRAINT_FOREIGN_KEY] = "foreign key",
    [CONSTRAINT_EXCLUDE] = "exclusion constraint",
};

static void found(const struct sides *s, struct pos pos, const char *kind, const char *name, const char *how)
{
    if (s->d->found)
        differ_found(s->d, pos.file ? pos : s->b->pos, "%s: %s%s%s%s %s",
            qname_text(&s->d->ctx->arena, &s->b->name), kind, name ? " '" : " without a name",
            name ? name : "", name ? "'" : "", how);
}

/* ---- constraints ------------------------------------------------------------------------------------------ */

/* The server drops neither the key nor the parent's index without the other, and the index only with CASCADE. */
static void refuse_attached(const struct sides *s, const struct table *t, const struct constraint *c)
{
    differ_refuse(s->d, s->b->pos,
        ctx_printf(s->d->ctx,
            "cannot drop %s '%s' of partition '%s': its index is attached to an index of the parent",
            kind_labels[c->kind], c->name, qname_text(&s->d->ctx->arena, &t->name)),
        "In a revision of its own, drop the parent's index and the key with an 'execute' that cascades.");
}

static void drop(const struct sides *s, const struct constraint *c)
{
    enum phase phase = c->kind == CONSTRAINT_FOREIGN_KEY ? PHASE_DROP_FOREIGN_KEY : PHASE_DROP_CONSTRAINT;

    if (c->attached && !c->is_inherited && table_is_partition(s->a) && table_is_partition(s->b))
        refuse_attached(s, s->b, c);
    differ_add(s->d, phase, op_drop_constraint_for(s->d, s->b, c));
    if (c->kind == CONSTRAINT_PRIMARY_KEY || c->kind == CONSTRAINT_UNIQUE)
        vec_add(s->d->ctx, &s->d->lost, ((struct lost_key){.table = s->b, .columns = &c->columns}));
}

/* On the way back to a key that some partitions lacked these have it afterwards, under names beside those of their own
 * indexes. */
static void create(const struct sides *s, const struct constraint *c)
{
    enum phase phase =
        c->kind == CONSTRAINT_FOREIGN_KEY || c->invalid ? PHASE_CREATE_FOREIGN_KEY : PHASE_CREATE_CONSTRAINT;
    struct op *op;

    if (c->is_inherited && c->kind != CONSTRAINT_CHECK) /* attach_partition creates it */
        return;
    op = op_create_constraint_for(s->d, s->b, c);
    op->pos = c->pos;
    differ_add(s->d, phase, op);
}

/* Whether a column that it names is dropped first, so that the part must be, too. */
static bool is_disturbed(const struct sides *s, const struct constraint *c)
{
    for (size_t i = 0; s->d->remade.n && i < s->b->columns.n; i++) {
        const char *column = s->b->columns.v[i]->name;
        enum remade how = differ_remade(s->d, s->b, column);

        if (how == REMADE_NOT || !constraint_names(s->d->dialect, c, column))
            continue;
        if (how == REMADE_COLUMN || c->check.native || c->where.native || c->parts.n)
            return true;
    }
    return false;
}

/* A name that was not given is that of the database. */
static bool take_name(const struct constraint *a, struct constraint *b)
{
    if (!b->name_made || !a->name)
        return false;
    b->name = a->name;
    b->name_made = false;
    return true;
}

/* The server renames such a key with its table, whatever the models call it. */
static bool follows_table(const struct sides *s, const struct constraint *a, struct constraint *b)
{
    const struct dialect *dialect = s->d->dialect;

    if (a->kind != CONSTRAINT_FOREIGN_KEY || !dialect->table_in_name || !a->name || !b->name ||
        !dialect->table_in_name(a->name) || !dialect->table_in_name(b->name))
        return false;
    b->name = a->name;
    return true;
}

static void rename_pair(const struct sides *s, const struct constraint *a, struct constraint *b)
{
    bool is_guess = a->is_inherited && a->name_made;

    if (is_guess || follows_table(s, a, b) || same_name(s->d->dialect, a->name, b->name) || take_name(a, b))
        return;
    if (a->name && b->name) {
        differ_add(
            s->d, PHASE_RENAME_PART, op_rename_part_for(s->d, OP_RENAME_CONSTRAINT, s->b, a->name, b->name));
    } else if (!b->name_made) {
        drop(s, a);
        create(s, b);
    } else {
        b->name = NULL;
        return;
    }
    found(s, b->pos, kind_labels[b->kind], b->name,
        ctx_printf(s->d->ctx, "is called '%s' in the database", a->name ? a->name : ""));
}

static void comment_constraint(const struct sides *s, const struct constraint *a, const struct constraint *b)
{
    if (!s->d->dialect->has.comments || str_eq(a->comment, b->comment) || !b->name)
        return;
    differ_add(s->d, PHASE_COMMENT,
        op_set_comment_for(s->d, "constraint", &s->b->name, (struct qname){.name = b->name}, b->comment));
    found(s, b->pos, kind_labels[b->kind], b->name, "has a different comment");
}

static void validate(const struct sides *s, const struct constraint *b)
{
    struct op *op = op_new(s->d->ctx, OP_VALIDATE_CONSTRAINT);

    op->u.validate_constraint = (struct op_validate_constraint){.table = s->b->name, .name = b->name};
    differ_add(s->d, PHASE_CREATE_FOREIGN_KEY, op);
    found(s, b->pos, kind_labels[b->kind], b->name, "is not valid in the database");
}

static const char not_in_all[] = "is invalid in the database: not all partitions have it";

static void compare_constraint(const struct sides *s, const struct constraint *a, struct constraint *b)
{
    bool same = same_constraint(s->d->ctx, s->d->dialect, a, b) && (a->not_valid || !b->not_valid) &&
                a->invalid == b->invalid;

    if (!same || is_disturbed(s, a)) {
        drop(s, a);
        create(s, b);
        if (!same)
            found(
                s, b->pos, kind_labels[b->kind], b->name, a->invalid && !b->invalid ? not_in_all : "differs");
        return;
    }
    rename_pair(s, a, b);
    if (a->not_valid && !b->not_valid)
        validate(s, b);
    comment_constraint(s, a, b);
}

static void compare_constraints(
    const struct sides *s, const struct constraints *a, const struct constraints *b)
{
    struct match m;

    if (!a->n && !b->n)
        return;
    m = match_constraints(s->d->ctx, s->d->dialect, a, b);
    vec_each(i, b) {
        if (m.of[i]) {
            compare_constraint(s, m.of[i], b->v[i]);
        } else if (!b->v[i]->implied) {
            create(s, b->v[i]);
            found(s, b->v[i]->pos, kind_labels[b->v[i]->kind], b->v[i]->name, "is not in the database");
        }
    }
    for (size_t i = 0; m.any_left && i < a->n; i++) {
        if (!m.left[i])
            continue;
        drop(s, a->v[i]);
        found(s, s->b->pos, kind_labels[a->v[i]->kind], a->v[i]->name, "is not in the models");
    }
}

static void compare_key(const struct sides *s)
{
    struct constraint *a = s->a->primary_key, *b = s->b->primary_key;

    if (a && b) {
        compare_constraint(s, a, b);
    } else if (a) {
        drop(s, a);
        found(s, s->b->pos, kind_labels[a->kind], a->name, "is not in the models");
    } else if (b) {
        create(s, b);
        found(s, b->pos, kind_labels[b->kind], b->name, "is not in the database");
    }
}

/* ---- indexes ---------------------------------------------------------------------------------------------- */

/* Foreign keys may refer to the columns of a unique index as to those of a constraint. */
static void lose_index(const struct sides *s, const struct index *i)
{
    struct strings *columns;

    if (!i->unique || i->where.native)
        return;
    columns = ctx_new(s->d->ctx, struct strings);
    vec_each(k, &i->parts) {
        if (!i->parts.v[k]->column)
            return;
        vec_add(s->d->ctx, columns, i->parts.v[k]->column);
    }
    vec_add(s->d->ctx, &s->d->lost, ((struct lost_key){.table = s->b, .columns = columns}));
}

static bool is_index_of(const struct differ *d, const struct index *i, const struct constraint *c)
{
    if (!c->attached || c->columns.n != i->parts.n)
        return false;
    vec_each(k, &i->parts)
        if (!same_name(d->dialect, i->parts.v[k]->column, c->columns.v[k]))
            return false;
    return true;
}

static void refuse_attached_keys(const struct sides *s, const struct index *i)
{
    for (size_t k = 0; table_is_partitioned(s->a) && k < s->d->from->tables.n; k++) {
        const struct table *t = s->d->from->tables.v[k];
        const struct constraint *c;

        if (!table_is_partition(t) || !qname_eq(&t->partition_of, &s->a->name))
            continue;
        for (size_t state = 0; (c = table_next_constraint(t, &state));)
            if (is_index_of(s->d, i, c))
                refuse_attached(s, t, c);
    }
}

static void drop_index(const struct sides *s, const struct index *i)
{
    refuse_attached_keys(s, i);
    differ_add(s->d, PHASE_DROP_INDEX, op_drop_index_for(s->d, s->b, i));
    lose_index(s, i);
}

static void create_index(const struct sides *s, const struct index *i)
{
    struct op *op;

    if (i->is_inherited) /* attach_partition creates it */
        return;
    op = op_create_index_for(s->d, s->b, i);
    op->pos = i->pos;
    differ_add(s->d, i->on_only ? PHASE_NAME_INDEX : PHASE_CREATE_INDEX, op);
}

static bool has_expression(const struct index *i)
{
    vec_each(k, &i->parts)
        if (!i->parts.v[k]->column)
            return true;
    return i->where.native;
}

static bool index_disturbed(const struct sides *s, const struct index *index)
{
    for (size_t i = 0; s->d->remade.n && i < s->b->columns.n; i++) {
        const char *column = s->b->columns.v[i]->name;
        enum remade how = differ_remade(s->d, s->b, column);

        if (how != REMADE_NOT && index_names(s->d->dialect, index, column) &&
            (how == REMADE_COLUMN || has_expression(index)))
            return true;
    }
    return false;
}

static void rename_index(const struct sides *s, const struct index *a, struct index *b)
{
    bool is_guess = a->is_inherited && a->name_made;

    if (is_guess || same_name(s->d->dialect, a->name, b->name))
        return;
    if (b->name_made) {
        b->name = a->name;
        b->name_made = false;
        return;
    }
    differ_add(s->d, PHASE_RENAME_PART, op_rename_part_for(s->d, OP_RENAME_INDEX, s->b, a->name, b->name));
    found(s, b->pos, "index", b->name, ctx_printf(s->d->ctx, "is called '%s' in the database", a->name));
}

/* The index of a partitioned table is invalid as long as any partition lacks an index that is attached to it. */
static const char *index_difference(const struct index *a, const struct index *b)
{
    if (a->on_only && !b->on_only)
        return not_in_all;
    return a->invalid && !b->invalid
               ? "is invalid in the database: a concurrent build failed or is still running"
               : "differs";
}

/* attach_partition takes an index of the table for the parent's if it is like that one. One that stays the table's own
 * beside the parent's comes afterwards. */
static bool would_be_taken(const struct sides *s, const struct index *b)
{
    const struct indexes *list = &s->b->indexes;

    for (size_t i = 0; !b->is_inherited && i < list->n; i++)
        if (list->v[i]->is_inherited && same_index(s->d->ctx, s->d->dialect, list->v[i], b))
            return true;
    return false;
}

static void compare_index(const struct sides *s, const struct index *a, struct index *b)
{
    bool same = same_index(s->d->ctx, s->d->dialect, a, b) && !differ_loses_part(s->d, s->b, a->name, b);

    if (!same || index_disturbed(s, a) || would_be_taken(s, b)) {
        drop_index(s, a);
        create_index(s, b);
        if (!same)
            found(s, b->pos, "index", b->name, index_difference(a, b));
        return;
    }
    rename_index(s, a, b);
    if (s->d->dialect->has.comments && !str_eq(a->comment, b->comment)) {
        differ_add(s->d, PHASE_COMMENT,
            op_set_comment_for(s->d, "index", &s->b->name,
                (struct qname){.schema = s->b->name.schema, .name = b->name}, b->comment));
        found(s, b->pos, "index", b->name, "has a different comment");
    }
}

static bool begins_with(const struct index_parts *parts, const struct strings *columns)
{
    if (parts->n < columns->n)
        return false;
    vec_each(i, columns)
        if (!str_eq(parts->v[i]->column, columns->v[i]))
            return false;
    return true;
}

static bool strings_begin(const struct strings *list, const struct strings *first)
{
    if (list->n < first->n)
        return false;
    vec_each(i, first)
        if (!str_eq(list->v[i], first->v[i]))
            return false;
    return true;
}

static bool is_served(const struct table *t, const struct strings *columns)
{
    const struct constraint *c;

    for (size_t state = 0; (c = table_next_constraint(t, &state));) {
        bool is_key = c->kind == CONSTRAINT_PRIMARY_KEY || c->kind == CONSTRAINT_UNIQUE;

        if (is_key && strings_begin(&c->columns, columns))
            return true;
    }
    vec_each(i, &t->indexes)
        if (begins_with(&t->indexes.v[i]->parts, columns))
            return true;
    return false;
}

/* Whether the database created the index for a foreign key that the other table has, too, and no other index serves. */
static bool comes_with_key(const struct index *index, const struct table *other)
{
    for (size_t i = 0; index->with_key && i < other->foreign_keys.n; i++) {
        const struct strings *columns = &other->foreign_keys.v[i]->columns;

        if (columns->n == index->parts.n && begins_with(&index->parts, columns) && !is_served(other, columns))
            return true;
    }
    return false;
}

static void compare_indexes(const struct sides *s)
{
    const struct indexes *a = &s->a->indexes, *b = &s->b->indexes;
    struct match m;

    if (!a->n && !b->n)
        return;
    m = match_indexes(s->d->ctx, s->d->dialect, a, b);
    vec_each(i, b) {
        if (m.of[i]) {
            compare_index(s, m.of[i], b->v[i]);
        } else if (!comes_with_key(b->v[i], s->a)) {
            create_index(s, b->v[i]);
            found(s, b->v[i]->pos, "index", b->v[i]->name, "is not in the database");
        }
    }
    for (size_t i = 0; m.any_left && i < a->n; i++) {
        if (!m.left[i] || comes_with_key(a->v[i], s->b))
            continue;
        drop_index(s, a->v[i]);
        found(s, s->b->pos, "index", a->v[i]->name, "is not in the models");
    }
}

void compare_parts(struct differ *d, const struct table *a, const struct table *b)
{
    struct sides s = {d, a, b};

    compare_key(&s);
    compare_constraints(&s, &a->uniques, &b->uniques);
    compare_constraints(&s, &a->checks, &b->checks);
    compare_constraints(&s, &a->foreign_keys, &b->foreign_keys);
    compare_constraints(&s, &a->excludes, &b->excludes);
    compare_indexes(&s);
}

void compare_view_indexes(struct differ *d, const struct view *a, const struct view *b)
{
    struct table *x = ctx_new(d->ctx, struct table), *y = ctx_new(d->ctx, struct table);

    *x = view_as_table(a);
    *y = view_as_table(b);
    compare_indexes(&(struct sides){d, x, y});
}

/* ---- foreign keys that nothing is the matter with but what they refer to ----------------------------------- */

/* A key of a partitioned table is also one of its partitions. */
static bool has_key_of(const struct differ *d, const struct qname *name, const struct qname *parent)
{
    const struct table *t;

    if (same_qname(d->dialect, name, parent))
        return true;
    t = schema_table(d->from, name);
    return t && table_is_partition(t) && has_key_of(d, &t->partition_of, parent);
}

static bool refers_to_lost(const struct differ *d, const struct constraint *c)
{
    vec_each(i, &d->lost)
        if (has_key_of(d, &c->references, &d->lost.v[i].table->name) &&
            same_name_set(d->dialect, d->lost.v[i].columns, &c->referred_columns))
            return true;
    return false;
}

static bool is_touched(const struct differ *d, const struct qname *table, const struct strings *columns)
{
    const struct touched *t = differ_touched(d, table);

    for (size_t i = 0; t && i < t->columns.n; i++)
        vec_each(k, columns)
            if (same_name(d->dialect, t->columns.v[i], columns->v[k]))
                return true;
    return false;
}

/* The index of a key is recreated if a column that it only includes gets another type. */
static bool is_rebuilt(const struct differ *d, const struct constraint *key, const struct constraint *c)
{
    return key && key->include.n && same_name_set(d->dialect, &key->columns, &c->referred_columns) &&
           is_touched(d, &c->references, &key->include);
}

static bool is_key_rebuilt(const struct differ *d, const struct constraint *c)
{
    const struct table *t = schema_table(d->from, &c->references);

    for (size_t i = 0; t && i < t->uniques.n; i++)
        if (is_rebuilt(d, t->uniques.v[i], c))
            return true;
    return t && is_rebuilt(d, t->primary_key, c);
}

static bool must_step_aside(const struct differ *d, const struct table *t, const struct constraint *c)
{
    return refers_to_lost(d, c) || is_touched(d, &t->name, &c->columns) ||
           is_touched(d, &c->references, &c->referred_columns) || is_key_rebuilt(d, c);
}

static bool is_dropped(const struct differ *d, const struct table *t, const struct constraint *c)
{
    const struct ops *drops = &d->phases[PHASE_DROP_FOREIGN_KEY];

    vec_each(i, drops) {
        const struct op_drop_constraint *o = &drops->v[i]->u.drop_constraint;

        if (qname_eq(&o->table, &t->name) && str_eq(o->name, c->name) &&
            (c->name || (same_names(d->dialect, &o->columns, &c->columns) &&
                            qname_eq(&o->references, &c->references))))
            return true;
    }
    return false;
}

void drop_foreign_key(struct differ *d, const struct table *t, const struct constraint *c)
{
    if (!is_dropped(d, t, c))
        differ_add(d, PHASE_DROP_FOREIGN_KEY, op_drop_constraint_for(d, t, c));
}

static void step_aside(struct differ *d, const struct table *a, const struct table *b)
{
    struct sides s = {d, a, b};
    struct match m;

    m = match_constraints(d->ctx, d->dialect, &a->foreign_keys, &b->foreign_keys);
    vec_each(i, &b->foreign_keys) {
        const struct constraint *before = m.of[i];

        if (!before || !same_name(d->dialect, before->name, b->foreign_keys.v[i]->name) ||
            !must_step_aside(d, b, before) || is_dropped(d, b, before))
            continue;
        drop(&s, before);
        create(&s, b->foreign_keys.v[i]);
    }
}

/* Dropped objects depend on keys and columns, too, until they are dropped. */
static void let_go(struct differ *d, const struct table *t)
{
    vec_each(i, &t->foreign_keys) {
        const struct constraint *c = t->foreign_keys.v[i];

        if (refers_to_lost(d, c) || is_touched(d, &c->references, &c->referred_columns))
            drop_foreign_key(d, t, c);
    }
}

void compare_foreign_keys(struct differ *d)
{
    if (differ_rebuilds(d) || (!d->lost.n && !d->touched.n))
        return;
    vec_each(i, &d->to->tables) {
        const struct table *b = d->to->tables.v[i], *a = schema_table(d->from, &b->name);

        if (a && a->foreign_keys.n && b->foreign_keys.n && !differ_replaces(d, &b->name))
            step_aside(d, a, b);
    }
    vec_each(i, &d->dropped)
        let_go(d, d->dropped.v[i]);
}
