/* Differences between two columns, and the operations for them. */
#include "diff/differ.h"

#include <stdlib.h>

static const char *column_label(struct differ *d, const struct table *t, const char *column)
{
    return ctx_printf(d->ctx, "%s.%s", qname_text(&d->ctx->arena, &t->name), column);
}

/* The place of a difference: in the models, if they have the object. */
static struct pos place(const struct column *c, const struct table *t)
{
    return c->pos.file ? c->pos : t->pos;
}

/* ---- one thing after the other ---------------------------------------------------------------------------- */

/* A column in comparison. */
struct change {
    struct differ *d;
    const struct table *ta, *tb;
    const struct column *a, *b;
    struct column *spelled; /* b's copy, made when the first thing differs */
    struct op *op;
};

const char diff_note_nulls[] = "fails if a row contains NULL; --fill gives such rows a value";

static struct op_alter_column *change_op(struct change *c)
{
    if (!c->op) {
        c->spelled = spelled_column(c->d, c->tb, c->b);
        c->op = op_new(c->d->ctx, OP_ALTER_COLUMN);
        c->op->pos = c->b->pos;
        c->op->u.alter_column.table = c->tb->name;
        c->op->u.alter_column.name = c->b->name;
        c->op->u.alter_column.given = 1u << ALTER_TABLE_NAME | 1u << ALTER_NAME;
    }
    return &c->op->u.alter_column;
}

static void found(const struct change *c, const char *what, const char *a, const char *b)
{
    if (c->d->found)
        differ_found(c->d, place(c->b, c->tb), "%s: %s %s in the database, %s in the models",
            column_label(c->d, c->tb, c->b->name), what, a ? a : "none", b ? b : "none");
}

/* Without enum types a column is an enum if it has values; the values are compared with the enum. */
static bool same_type(struct differ *d, const struct column *a, const struct column *b)
{
    if (!same_native_type(d->dialect, a, b))
        return false;
    if (d->dialect->has.enums)
        return true;
    if (!a->values || !b->values)
        return a->values == b->values;
    return strings_eq(a->values, b->values) || enum_covers(d, a, b);
}

/* Up to the arguments: "numeric" of "numeric(10,2)". */
static bool same_base(const char *a, const char *b)
{
    size_t n = strcspn(a, "("), m = strcspn(b, "(");

    return n == m && strncmp(a, b, n) == 0;
}

static bool is_integer(const char *native, int *ret_rank)
{
    static const char *const ranked[] = {"smallint", "integer", "bigint"};

    for (size_t i = 0; i < COUNT_OF(ranked); i++) {
        if (!str_eq_ci(native, ranked[i]))
            continue;
        *ret_rank = (int)i;
        return true;
    }
    return false;
}

/* Whether every value of one type surely is one of the other. */
static bool is_wider(const char *from, const char *to)
{
    int a = 0, b = 0;
    char *end_a, *end_b;

    if (is_integer(from, &a) && is_integer(to, &b))
        return a <= b;
    if (str_eq_ci(to, "text") && (str_starts(from, "character varying") || str_starts(from, "VARCHAR")))
        return true;
    if (!same_base(from, to) || !strchr(from, '('))
        return same_base(from, to) && !strchr(to, '(');
    if (!strchr(to, '('))
        return true;
    unsigned long long wa = strtoull(strchr(from, '(') + 1, &end_a, 10),
                       wb = strtoull(strchr(to, '(') + 1, &end_b, 10);
    return wa <= wb && str_eq(end_a, end_b);
}

/*
 * The type as it is written into an operation. Where a spelling means another thing in a key (SQLite numbers the rows
 * of an INTEGER key), and the key comes later than the type, the dialect's own says which one is meant.
 */
static struct dtext said_type(struct change *c)
{
    struct ctx *ctx = c->d->ctx;
    const struct dialect *dialect = c->d->dialect;
    struct dtext type = c->spelled->type;
    struct table keyless = {.name = c->tb->name};
    struct column *lone = column_copy(ctx, c->spelled);
    struct dtext_by *by;
    const char *native;

    if (!differ_rebuilds(c->d) || type.by)
        return type;
    if (!dialect->type_native(ctx, &keyless, lone, &native)) {
        err_clear(ctx);
        return type;
    }
    if (str_eq(native, c->b->native))
        return type;
    by = arena_alloc(&ctx->arena, 2 * sizeof *by);
    by[0] = (struct dtext_by){dialect->name, c->b->native};
    by[1] = (struct dtext_by){0};
    type.by = by;
    return type;
}

static void change_type(struct change *c)
{
    struct differ *d = c->d;
    struct op_alter_column *o;

    if (same_type(d, c->a, c->b))
        return;
    refuse_key_column(d, c->tb, c->b);
    o = change_op(c);
    o->type = said_type(c);
    o->given |= 1u << ALTER_TYPE;
    /* The check is dropped with the values. */
    if (c->spelled->values || c->a->values) {
        o->values = c->spelled->values;
        o->given |= 1u << ALTER_VALUES;
    }
    if (!is_wider(c->a->native, c->b->native))
        c->op->note =
            "values that do not fit the new type are rejected; SQLite keeps them as they are, except in "
            "STRICT tables";
    found(c, "type", c->a->native, c->b->native);
}

/* Whether it may really contain NULL: a column that the database numbers may not. */
static bool is_nullable(const struct column *c)
{
    return c->nullable && !c->identity;
}

static void change_nullable(struct change *c)
{
    struct op_alter_column *o;

    if (is_nullable(c->a) == is_nullable(c->b))
        return;
    if (column_in_key(c->tb, c->b->name) && !c->d->dialect->has.null_keys)
        return;
    o = change_op(c);
    o->nullable = c->b->nullable;
    o->given |= 1u << ALTER_NULLABLE;
    if (!c->b->nullable && !c->op->note)
        c->op->note = diff_note_nulls;
    found(c, "nullable", is_nullable(c->a) ? "true" : "false", is_nullable(c->b) ? "true" : "false");
}

static bool same_default(const struct change *c)
{
    const struct value *a = &c->a->dflt, *b = &c->b->dflt;

    if (a->kind == VALUE_NONE || b->kind == VALUE_NONE)
        return a->kind == b->kind;
    return same_expr(c->d->ctx, c->d->dialect, c->b, a->expr.native, b->expr.native);
}

/* Whether a default takes numbers from a sequence of another type than the column's: it is independent of the type.
 * Where the types are the same, an operation that does not mention the default means a serial column, whose sequence
 * gets the new type, too. */
static bool takes_by_itself(const struct change *c)
{
    const struct sequence *q;
    struct qname name;
    int rank;

    if (!is_integer(c->b->native, &rank) ||
        !column_takes_from(c->d->ctx, c->d->dialect, c->d->from, c->ta, c->a, &name))
        return false;
    q = schema_sequence(c->d->from, &name);
    return q && !str_eq(q->type ? q->type : "bigint", c->a->native);
}

/* A default of the old type may be in the way of the new one: the operation then repeats it. */
static bool default_in_the_way(const struct change *c)
{
    return !takes_by_itself(c) && c->op && ALTER_HAS(&c->op->u.alter_column, ALTER_TYPE) &&
           c->a->dflt.kind != VALUE_NONE && !same_base(c->a->native, c->b->native);
}

static void change_default(struct change *c)
{
    struct op_alter_column *o;
    bool same = (c->a->generated && c->b->generated) || same_default(c);

    if (same && !default_in_the_way(c))
        return;
    o = change_op(c);
    o->dflt = c->spelled->dflt;
    o->given |= 1u << ALTER_DEFAULT;
    if (!same)
        found(c, "default", c->a->dflt.kind == VALUE_NONE ? NULL : c->a->dflt.expr.native,
            c->b->dflt.kind == VALUE_NONE ? NULL : c->b->dflt.expr.native);
}

/* Databases keep the text as it is given to them. */
static bool same_on_update(const struct column *a, const struct column *b)
{
    bool has_a = a->on_update.kind != VALUE_NONE, has_b = b->on_update.kind != VALUE_NONE;

    return has_a == has_b && (!has_a || str_eq(a->on_update.expr.native, b->on_update.expr.native));
}

static void change_on_update(struct change *c)
{
    struct op_alter_column *o;

    if (same_on_update(c->a, c->b))
        return;
    o = change_op(c);
    o->on_update = c->spelled->on_update;
    o->given |= 1u << ALTER_ON_UPDATE;
    found(c, "on_update", c->a->on_update.expr.native, c->b->on_update.expr.native);
}

/* Whether the database generates the numbers: given, or implied by a single integer key. */
static enum tri is_numbered(const struct change *c)
{
    const struct constraint *key = c->tb->primary_key;
    struct type type;

    if (c->b->autoincrement != TRI_UNSET)
        return c->b->autoincrement;
    if (!key || key->columns.n != 1 || !same_name(c->d->dialect, key->columns.v[0], c->b->name) ||
        c->b->generated || c->b->dflt.kind != VALUE_NONE)
        return TRI_FALSE;
    if (!column_type(c->d->ctx, c->d->dialect->name, c->spelled, &type)) {
        err_clear(c->d->ctx);
        return TRI_FALSE;
    }
    return type_is_integer(&type) ? TRI_TRUE : TRI_FALSE;
}

static void change_generation(struct change *c)
{
    struct op_alter_column *o;

    if (c->d->dialect->generation_same(c->ta, c->a, c->tb, c->b))
        return;
    o = change_op(c);
    if (c->a->identity || c->b->identity) {
        o->identity = c->spelled->identity;
        o->given |= 1u << ALTER_IDENTITY;
    }
    bool no_identity = !c->a->identity && !c->b->identity;
    if (c->a->autoincrement != c->b->autoincrement || no_identity) {
        o->autoincrement = is_numbered(c);
        o->given |= 1u << ALTER_AUTOINCREMENT;
    }
    /* `serial` is a type of its own in the spelling only. */
    if (!c->b->identity && !ALTER_HAS(o, ALTER_TYPE)) {
        o->type = c->spelled->type;
        o->given |= 1u << ALTER_TYPE;
    }
    if (c->d->found)
        differ_found(c->d, place(c->b, c->tb), "%s: database and models number it differently",
            column_label(c->d, c->tb, c->b->name));
}

static bool same_generated(struct differ *d, const struct column *a, const struct column *b)
{
    if (!a->generated || !b->generated)
        return a->generated == b->generated;
    return a->generated->stored == b->generated->stored &&
           same_expr(d->ctx, d->dialect, NULL, a->generated->expr.native, b->generated->expr.native);
}

static void change_generated(struct change *c)
{
    struct op_alter_column *o;

    if (same_generated(c->d, c->a, c->b))
        return;
    o = change_op(c);
    o->generated = c->spelled->generated;
    o->given |= 1u << ALTER_GENERATED;
    found(c, "generated", c->a->generated ? c->a->generated->expr.native : NULL,
        c->b->generated ? c->b->generated->expr.native : NULL);
}

static void change_comment(struct change *c)
{
    struct op_alter_column *o;

    if (!c->d->dialect->has.comments || str_eq(c->a->comment, c->b->comment))
        return;
    o = change_op(c);
    o->comment = c->b->comment;
    o->given |= 1u << ALTER_COMMENT;
    if (c->d->found)
        differ_found(
            c->d, place(c->b, c->tb), "%s: the comment differs", column_label(c->d, c->tb, c->b->name));
}

/* A collation belongs to the type: both are given. */
static void change_collation(struct change *c)
{
    struct op_alter_column *o;

    if (same_name(c->d->dialect, c->a->collation, c->b->collation))
        return;
    o = change_op(c);
    o->collation = c->b->collation;
    o->type = c->spelled->type;
    o->given |= 1u << ALTER_COLLATION | 1u << ALTER_TYPE;
    if (c->spelled->values) {
        o->values = c->spelled->values;
        o->given |= 1u << ALTER_VALUES;
    }
    found(c, "collation", c->a->collation, c->b->collation);
}

static void change_options(struct change *c)
{
    struct op_alter_column *o;

    if (same_options(c->d->dialect, c->a->options, c->b->options))
        return;
    o = change_op(c);
    o->options = options_between(c->d, c->a->options, c->b->options);
    o->given |= 1u << ALTER_OPTIONS;
    if (c->d->found)
        differ_found(c->d, place(c->b, c->tb), "%s: the %s options differ",
            column_label(c->d, c->tb, c->b->name), c->d->dialect->name);
}

/* A column that is no longer generated does not depend on later changes. */
static enum phase change_phase(const struct change *c)
{
    if (c->a->generated && !c->b->generated)
        return PHASE_ADD_COLUMN;
    if (differ_remade(c->d, c->tb, c->b->name) == REMADE_TYPE && enum_is_left(c->d, c->a, c->b))
        return PHASE_LEAVE_ENUM;
    return PHASE_ALTER_COLUMN;
}

static void compare_column(struct differ *d, const struct table *ta, const struct column *a,
    const struct table *tb, const struct column *b)
{
    struct change c = {.d = d, .ta = ta, .tb = tb, .a = a, .b = b};

    change_type(&c);
    change_nullable(&c);
    change_generated(&c);
    change_default(&c);
    change_on_update(&c);
    change_generation(&c);
    change_comment(&c);
    change_collation(&c);
    change_options(&c);
    if (!c.op)
        return;
    differ_add(d, change_phase(&c), c.op);
    if (ALTER_HAS(&c.op->u.alter_column, ALTER_TYPE) && !differ_rebuilds(d))
        touch_column(d, tb, b->name);
}

/* ---- columns that must be recreated ------------------------------------------------------------------------ */

enum {
    MENTIONS_DEEP = 16
}; /* a word in a string may look like a column: that must not go round in circles */

static bool is_remade(struct differ *d, const struct table *ta, const struct column *a,
    const struct table *tb, const struct column *b, unsigned depth);

/* Whether a column that a generated one names is about to change its type, or to be dropped and added. */
static bool is_disturbed(
    struct differ *d, const struct table *ta, const struct table *tb, const struct column *b, unsigned depth)
{
    vec_each(i, &ta->columns) {
        const struct column *a = ta->columns.v[i], *other = table_column(tb, a->name);

        if (!other || other == b || !sql_mentions(b->generated->expr.native, a->name))
            continue;
        if (!a->generated &&
            (!same_type(d, a, other) || !same_name(d->dialect, a->collation, other->collation)))
            return true;
        if (depth < MENTIONS_DEEP && is_remade(d, ta, a, tb, other, depth + 1))
            return true;
    }
    return false;
}

static bool is_remade(struct differ *d, const struct table *ta, const struct column *a,
    const struct table *tb, const struct column *b, unsigned depth)
{
    if (!b->generated || differ_rebuilds(d))
        return false;
    return !same_generated(d, a, b) || !same_type(d, a, b) || is_disturbed(d, ta, tb, b, depth);
}

/* A generated column depends on others, and its expression cannot be changed on every database. */
static bool must_remake(struct differ *d, const struct table *ta, const struct column *a,
    const struct table *tb, const struct column *b)
{
    return is_remade(d, ta, a, tb, b, 0);
}

static void drop_column(struct differ *d, const struct table *t, const struct column *c, enum phase phase)
{
    struct op *op = op_new(d->ctx, OP_DROP_COLUMN);

    op->u.drop_column.table = t->name;
    op->u.drop_column.name = c->name;
    op->note = c->generated ? NULL : "destroys the column's data";
    refuse_key_column(d, t, c);
    if (has_heirs(d, t)) {
        op->u.drop_column.cascade = true;
        op->note = "destroys the column's data, also in the tables that inherit it";
    }
    differ_add(d, phase, op);
    touch_column(d, t, c->name);
}

/* ---- places ----------------------------------------------------------------------------------------------- */

/* Whether a column of the target exists when another one is added: generated ones are added last. */
static bool is_there(struct differ *d, const struct table *ta, const struct table *tb,
    const struct column *other, const struct column *c)
{
    const struct column *before = table_column(ta, other->name);

    return (before && !must_remake(d, ta, before, tb, other)) || !other->generated || c->generated;
}

/* Of two columns that are added in the same phase, the later one is not there. */
static bool is_there_later(struct differ *d, const struct table *ta, const struct table *tb,
    const struct column *other, const struct column *c)
{
    const struct column *before = table_column(ta, other->name);

    return (before && !must_remake(d, ta, before, tb, other)) || (!other->generated && c->generated);
}

/* A column that is not the last one says after which it is. */
static void place_column(struct differ *d, const struct table *ta, const struct table *tb,
    const struct column *c, struct op_add_column *o)
{
    bool is_before = false, is_after = false;

    if (!d->dialect->has.column_places)
        return;
    vec_each(i, &tb->columns) {
        const struct column *other = tb->columns.v[i];

        if (other == c)
            is_before = true;
        else if (is_before)
            is_after = is_after || is_there_later(d, ta, tb, other, c);
        else if (is_there(d, ta, tb, other, c))
            o->after = other->name;
    }
    if (!is_after)
        o->after = NULL;
    else
        o->first = !o->after;
}

static void add_column(
    struct differ *d, const struct table *ta, const struct table *t, const struct column *c)
{
    struct op *op = op_add_column_for(d, t, c);
    bool filled = c->nullable || c->dflt.kind != VALUE_NONE || c->identity || c->generated ||
                  c->autoincrement == TRI_TRUE;

    op->pos = c->pos;
    place_column(d, ta, t, c, &op->u.add_column);
    if (!filled)
        op->note =
            "fails if the table has rows: they have no value for it, unless revision --fill gives them one";
    differ_add(d, c->generated ? PHASE_ADD_GENERATED : PHASE_ADD_COLUMN, op);
}

/* ---- lists of columns ------------------------------------------------------------------------------------- */

static const struct column *column_at(const struct table *t, size_t at, const char *name)
{
    if (at < t->columns.n && str_eq(t->columns.v[at]->name, name))
        return t->columns.v[at];
    return table_column(t, name);
}

static void ask_renamed(
    struct differ *d, const struct table *a, const struct table *b, const struct column *new)
{
    vec_each(i, &a->columns) {
        const struct column *old = a->columns.v[i];
        struct rename_question *q;

        if (table_column(b, old->name) || !same_type(d, old, new) || !old->generated != !new->generated)
            continue;
        q = ctx_new(d->ctx, struct rename_question);
        *q = (struct rename_question){.kind = "column", .table = b->name, .from = old->name, .to = new->name};
        vec_add(d->ctx, d->questions, q);
    }
}

static void compare_new_column(
    struct differ *d, const struct table *a, const struct table *b, const struct column *c)
{
    add_column(d, a, b, c);
    if (d->found)
        differ_found(d, place(c, b), "%s: the column is not in the database", column_label(d, b, c->name));
    if (d->questions)
        ask_renamed(d, a, b, c);
}

bool column_is_of_parents(
    struct differ *d, const struct table *a, const struct table *b, const struct column *c)
{
    const struct table *before, *parent;

    if (c->is_inherited)
        return true;
    for (size_t at = 0; (parent = table_parent(d->ctx, d->to, b, at)); at++) {
        before = schema_table(d->from, &parent->name);
        if (before && table_is_child(a, &before->name) && table_column(parent, c->name) &&
            table_column(before, c->name))
            return true;
    }
    return false;
}

/* Whether the parent's column may be NULL afterwards, and may not before: its children get that, too. */
static bool parent_allows_null(
    struct differ *d, const struct table *a, const struct table *b, const char *name)
{
    const struct table *parent;

    for (size_t at = 0; (parent = table_parent(d->ctx, d->to, b, at)); at++) {
        const struct table *before = schema_table(d->from, &parent->name);
        const struct column *c = table_column(parent, name),
                            *was = before ? table_column(before, name) : NULL;

        if (c && was && c->nullable && !was->nullable && table_is_child(a, &before->name))
            return true;
    }
    return false;
}

/* A child's own column has its own `on_update`, since children inherit none, and may be NOT NULL by itself. */
static void compare_own(struct differ *d, const struct table *ta, const struct column *a,
    const struct table *tb, const struct column *b)
{
    struct change c = {.d = d, .ta = ta, .tb = tb, .a = a, .b = b};

    if (!a || a->is_inherited || b->is_inherited || table_is_partition(tb))
        return;
    change_on_update(&c);
    change_nullable(&c);
    if (!b->nullable && !a->nullable && parent_allows_null(d, ta, tb, b->name)) {
        change_op(&c)->nullable = false;
        c.op->u.alter_column.given |= 1u << ALTER_NULLABLE;
    }
    if (c.op)
        differ_add(d, PHASE_ALTER_CHILD, c.op);
}

struct columns_found VEC_OF(const struct column *);

/* The last one that no other of them names; if there is none, which a word in a string can pretend, the last one. */
static size_t find_free(const struct columns_found *list)
{
    for (size_t i = list->n; i-- > 0;) {
        bool is_named = false;

        for (size_t k = 0; k < list->n; k++)
            is_named = is_named || (k != i && list->v[k]->generated &&
                                       sql_mentions(list->v[k]->generated->expr.native, list->v[i]->name));
        if (!is_named)
            return i;
    }
    return list->n - 1;
}

/* Generated columns that go, and columns that are dropped and added again: before each those that depend on it. */
static void drop_generated(struct differ *d, const struct table *a, const struct table *b)
{
    struct columns_found list = {0};

    vec_each(i, &a->columns) {
        const struct column *before = a->columns.v[i], *c = table_column(b, before->name);

        if (before->is_inherited || (c && column_is_of_parents(d, a, b, c)))
            continue;
        if (c ? must_remake(d, a, before, b, c) : before->generated != NULL)
            vec_add(d->ctx, &list, before);
    }
    while (list.n) {
        size_t at = find_free(&list);

        drop_column(d, b, list.v[at], PHASE_DROP_COLUMN_EARLY);
        vec_remove(&list, at);
    }
}

void compare_columns(struct differ *d, const struct table *a, const struct table *b)
{
    drop_generated(d, a, b);
    vec_each(i, &b->columns) {
        const struct column *c = b->columns.v[i], *before = column_at(a, i, c->name);

        if (column_is_of_parents(d, a, b, c) || (before && before->is_inherited)) {
            compare_own(d, a, before, b, c);
            continue;
        }
        if (!before) {
            compare_new_column(d, a, b, c);
        } else if (must_remake(d, a, before, b, c)) {
            add_column(d, a, b, c);
            differ_remake(d, b, c->name, REMADE_COLUMN);
            if (d->found && !(same_generated(d, before, c) && same_type(d, before, c)))
                differ_found(d, place(c, b), "%s: the generated column differs", column_label(d, b, c->name));
        } else {
            compare_column(d, a, before, b, c);
        }
    }
    vec_each(i, &a->columns) {
        const struct column *c = a->columns.v[i];

        if (c->is_inherited || column_at(b, i, c->name))
            continue;
        if (!c->generated)
            drop_column(d, b, c, differ_remade(d, b, c->name) ? PHASE_DROP_COLUMN_EARLY : PHASE_DROP_COLUMN);
        if (d->found)
            differ_found(d, b->pos, "%s: the column is not in the models", column_label(d, b, c->name));
    }
}
