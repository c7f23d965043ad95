/*
 * Divides the operations of a comparison into an expand and a contract revision.
 *
 * What programs of the old version do not survive goes into the second one, and so does what names the same objects. A
 * column that is renamed, or gets another type, has a twin in between: the first revision adds it, with triggers that keep
 * both in step, and fills it; the second one drops the triggers. A rename then drops the twin and renames the column, which
 * keeps its indexes and constraints; a new type drops the column, and the twin takes its name.
 */
#include "migrate/ties.h"

#define NAMES (1u << ALTER_TABLE_NAME | 1u << ALTER_NAME)

struct twin;
struct dividing {
    struct ctx *ctx;
    const struct dialect *dialect;
    const struct schema *before, *after;
    const struct ops *ops;   /* of the upgrade */
    struct ops later;        /* operations that the contract revision has, before twins */
    struct map later_things; /* "users.email" that they change */
    struct strings fresh;    /* the same of columns and tables that are new */
    struct strings relaxed;  /* of old columns that accept NULL between the revisions */
    struct VEC_OF(struct twin *) twins;
    struct phases *ret;
};

/* ---- which phase ------------------------------------------------------------------------------------------ */

static const char *thing(struct dividing *d, const struct op *op, const char *part)
{
    const struct qname *object = op_subject(op);
    const char *name = object ? qname_text(&d->ctx->arena, object) : "";

    return part ? ctx_printf(d->ctx, "%s.%s", name, part) : name;
}

static bool is_retyped(const struct op *op)
{
    return op->kind == OP_ALTER_COLUMN && ALTER_HAS(&op->u.alter_column, ALTER_TYPE);
}

static bool forbids_null(const struct op *op)
{
    return op->kind == OP_ALTER_COLUMN && ALTER_HAS(&op->u.alter_column, ALTER_NULLABLE) &&
           !op->u.alter_column.nullable;
}

static bool restricts_rows(struct dividing *d, const struct op *op)
{
    const struct op_create_constraint *o = &op->u.create_constraint;

    if (op->kind < OP_CREATE_PRIMARY_KEY || op->kind > OP_CREATE_EXCLUDE_CONSTRAINT)
        return false;
    if (strings_have(&d->fresh, qname_text(&d->ctx->arena, &o->table)))
        return false;
    vec_each(i, &o->constraint.columns)
        if (!strings_have(&d->fresh, thing(d, op, o->constraint.columns.v[i])))
            return true;
    return !o->constraint.columns.n;
}

/* What the old version of the program does not survive. */
static bool breaks(struct dividing *d, const struct op *op)
{
    const enum object_verb verb = op_object_verb(op->kind);

    switch ((int)op->kind) {
    case OP_RENAME_TABLE:
    case OP_RENAME_VIEW:
    case OP_RENAME_ENUM:
    case OP_RENAME_SEQUENCE:
    case OP_RENAME_COLUMN:
    case OP_DROP_VIEW:
    case OP_DROP_ENUM:
    case OP_DROP_SEQUENCE:
        return true;
    case OP_ALTER_COLUMN:
        return is_retyped(op) || forbids_null(op);
    }
    return op_table[op->kind].destroys || verb == OBJECT_DROP || verb == OBJECT_RENAME ||
           restricts_rows(d, op);
}

static bool is_same_table(const struct op *a, const struct op *b)
{
    const struct qname *one = op_subject(a), *other = op_subject(b);

    return one && other && qname_eq(one, other);
}

/* Whether an operation uses a name that a deferred one removes or adds, so that it must be deferred, too. */
static bool follows(struct dividing *d, const struct op *op, const struct op *later)
{
    const struct qname *object = op_subject(later);
    const bool is_rename = later->kind == OP_RENAME_COLUMN;
    const char *part = op_part(later);

    if (part)
        return is_same_table(op, later) &&
               (op_names(d->ctx, op, part) ||
                   (is_rename && op_names(d->ctx, op, later->u.rename_part.new_name)));
    return object && object->name && op_names(d->ctx, op, object->name);
}

static bool is_later(struct dividing *d, const struct op *op)
{
    if (breaks(d, op))
        return true;
    vec_each(i, &d->later)
        if (follows(d, op, d->later.v[i]))
            return true;
    return false;
}

static void note_later(struct dividing *d, struct op *op)
{
    vec_add(d->ctx, &d->later, op);
    map_set(&d->later_things, thing(d, op, op_part(op)), d);
    if (op->kind == OP_RENAME_COLUMN)
        map_set(&d->later_things, thing(d, op, op->u.rename_part.new_name), d);
}

static void note_fresh(struct dividing *d, const struct op *op)
{
    if (op->kind == OP_CREATE_TABLE || op->kind == OP_ADD_COLUMN)
        vec_add(d->ctx, &d->fresh, thing(d, op, op_part(op)));
}

/* ---- twins ------------------------------------------------------------------------------------------------ */

struct twin {
    struct op *op; /* the rename, or the change of the type */
    const struct table *table;
    const struct column *column, *result; /* before and after */
    const char *name;                     /* of the twin */
    struct in_step in_step;
    struct indexed_twin indexed;
    bool has_key;
    bool
        is_relaxed; /* the column is NOT NULL, but new programs store rows without it, or are without it for a moment */
};

/* Why there can be no twin; NULL: there can. */
static const char *hindrance(struct dividing *d, struct twin *w)
{
    const char *why;

    if (!w->table || !w->column || !w->result)
        return "the table changes, too";
    if (is_key_column(w->table, w->column->name))
        return "it is part of the primary key";
    if (w->column->generated || w->column->identity || w->column->autoincrement == TRI_TRUE ||
        w->result->generated || w->result->identity)
        return "the database sets its values";
    if ((w->column->values || w->result->values) && d->dialect->has.rebuilds)
        return "a check limits its values";
    if ((w->column->nullable || w->result->nullable) && w->column->dflt.kind != VALUE_NONE)
        return "it is nullable and has a default, so that a NULL could not be told from a missing value";
    if (table_column(w->table, w->name))
        return ctx_printf(d->ctx, "there is a column '%s' already", w->name);
    if (!is_retyped(w->op))
        return NULL;
    why = column_tie(d->before, w->table, w->column->name);
    w->indexed = (struct indexed_twin){.table = w->table, .column = w->column->name, .twin = w->name};
    return why ? why : twin_find_indexes(d->ctx, d->ops, &w->indexed);
}

static void name_twin(struct dividing *d, struct op *op, struct twin *ret)
{
    const struct op_rename_part *rename = &op->u.rename_part;
    const struct op_alter_column *alter = &op->u.alter_column;
    const bool is_rename = op->kind == OP_RENAME_COLUMN;
    const struct table *after = schema_table(d->after, is_rename ? &rename->table : &alter->table);
    struct twin w = {.op = op, .table = schema_table(d->before, is_rename ? &rename->table : &alter->table)};

    w.name = is_rename ? rename->new_name : ctx_printf(d->ctx, "%s_new", alter->name);
    w.column = w.table ? table_column(w.table, is_rename ? rename->name : alter->name) : NULL;
    w.result = after ? table_column(after, is_rename ? rename->new_name : alter->name) : NULL;
    *ret = w;
}

static bool find_twin(struct dividing *d, struct op *op, struct twin *ret, bool *ret_found)
{
    struct twin w;

    *ret_found = false;
    if (op->kind != OP_RENAME_COLUMN && !is_retyped(op))
        return true;
    name_twin(d, op, &w);
    const char *why = hindrance(d, &w);
    if (why) {
        log_warn(d->ctx, "%s is not divided: %s", op_describe(&d->ctx->arena, op), why);
        return true;
    }
    struct twins twins = {.table = w.table, .column = w.column->name, .twin = w.name};
    if (is_retyped(op)) {
        twins.column_type = w.column->native;
        twins.twin_type = w.result->native;
        twins.to_twin = dtext_for(&op->u.alter_column.using, d->dialect->name);
    }
    if (!d->dialect->keep_in_step(d->ctx, &twins, &w.in_step))
        return false;
    if (!w.in_step.objects.n) {
        log_warn(d->ctx, "%s is not divided: a cast between the types would lose values",
            op_describe(&d->ctx->arena, op));
        return true;
    }
    w.has_key = w.table->primary_key && w.table->primary_key->columns.n == 1;
    w.is_relaxed = !w.column->nullable && (d->dialect->has.rebuilds || w.result->nullable);
    *ret = w;
    *ret_found = true;
    return true;
}

/* ---- operations of a twin --------------------------------------------------------------------------------- */

/* The operation on one of the objects that keep the columns in step. */
static struct op *step_op(struct dividing *d, const struct twin *w, size_t i, enum object_verb verb)
{
    const struct in_step_object *from = &w->in_step.objects.v[i];
    struct op *op = op_new(d->ctx, op_kind_of_object(from->kind, verb));
    struct object *o = &op->u.object.object;

    o->name = from->name;
    if (from->kind == OBJECT_TRIGGER)
        o->of = w->table->name;
    else
        o->signature = "";
    object_make_key(&d->ctx->arena, from->kind, o);
    if (verb == OBJECT_CREATE)
        o->sql.text = from->sql;
    return op;
}

static void create_steps(struct dividing *d, const struct twin *w, struct ops *ret)
{
    for (size_t i = 0; i < w->in_step.objects.n; i++)
        vec_add(d->ctx, ret, step_op(d, w, i, OBJECT_CREATE));
}

static void drop_steps(struct dividing *d, const struct twin *w, struct ops *ret)
{
    for (size_t i = w->in_step.objects.n; i-- > 0;)
        vec_add(d->ctx, ret, step_op(d, w, i, OBJECT_DROP));
}

/* In the place of the other column, where that has a meaning. */
static struct op *add_plain(
    struct dividing *d, const struct twin *w, const struct column *like, const char *name, const char *after)
{
    struct op *op = op_new(d->ctx, OP_ADD_COLUMN);
    struct column *c = &op->u.add_column.column;

    op->u.add_column.table = w->table->name;
    op->u.add_column.after = d->dialect->has.column_places || d->dialect->has.rebuilds ? after : NULL;
    *c = (struct column){.name = name,
        .type = like->type,
        .native = like->native,
        .collation = like->collation,
        .values = like->values,
        .options = like->options,
        .nullable = true,
        .nullable_said = true};
    return op;
}

static struct op *drop(struct dividing *d, const struct twin *w, const char *name)
{
    struct op *op = op_new(d->ctx, OP_DROP_COLUMN);

    op->u.drop_column = (struct op_drop_column){.table = w->table->name, .name = name};
    return op;
}

static struct op *rename_to(struct dividing *d, const struct twin *w, const char *name, const char *new_name)
{
    struct op *op = op_new(d->ctx, OP_RENAME_COLUMN);

    op->u.rename_part = (struct op_rename_part){.table = w->table->name, .name = name, .new_name = new_name};
    return op;
}

static struct op *alter(struct dividing *d, const struct qname *table, const char *name)
{
    struct op *op = op_new(d->ctx, OP_ALTER_COLUMN);

    op->u.alter_column.table = *table;
    op->u.alter_column.name = name;
    op->u.alter_column.given = NAMES;
    return op;
}

static struct op *set_nullable(struct dividing *d, const struct qname *table, const char *name, bool nullable)
{
    struct op *op = alter(d, table, name);

    op->u.alter_column.nullable = nullable;
    op->u.alter_column.given |= 1u << ALTER_NULLABLE;
    return op;
}

/* What a plain column lacks of the one that it replaces. */
static void complete(struct dividing *d, const struct twin *w, const struct column *like, struct ops *ret)
{
    struct op *op = alter(d, &w->table->name, w->column->name);
    struct op_alter_column *o = &op->u.alter_column;

    if (like->dflt.kind != VALUE_NONE) {
        o->dflt = like->dflt;
        o->given |= 1u << ALTER_DEFAULT;
    }
    if (like->on_update.kind != VALUE_NONE) {
        o->on_update = like->on_update;
        o->given |= 1u << ALTER_ON_UPDATE;
    }
    if (like->comment) {
        o->comment = like->comment;
        o->given |= 1u << ALTER_COMMENT;
    }
    if (!like->nullable)
        o->given |= 1u << ALTER_NULLABLE;
    if (o->given != NAMES)
        vec_add(d->ctx, ret, op);
}

static void fill(
    struct dividing *d, const struct twin *w, const char *name, const char *value, struct ops *ret)
{
    vec_add(d->ctx, ret, fill_op(d->ctx, d->dialect, &w->table->name, name, value, w->has_key));
}

/* The triggers come first where other sessions may write in between. */
static void start(struct dividing *d, const struct twin *w, struct ops *ret)
{
    const bool is_alone = d->dialect->has.embedded;

    if (is_alone)
        fill(d, w, w->name, w->in_step.twin_value, ret);
    create_steps(d, w, ret);
    if (!is_alone)
        fill(d, w, w->name, w->in_step.twin_value, ret);
}

/* A rename: the twin goes, and the column gets its name. */
static void divide_rename(struct dividing *d, const struct twin *w, struct phases *p)
{
    struct ops *up = &p->up[PHASE_CONTRACT], *down = &p->down[PHASE_CONTRACT];

    vec_add(d->ctx, up, drop(d, w, w->name));
    vec_add(d->ctx, up, rename_to(d, w, w->column->name, w->name));
    vec_add(d->ctx, down, rename_to(d, w, w->name, w->column->name));
    vec_add(d->ctx, down, add_plain(d, w, w->column, w->name, NULL));
    if (w->is_relaxed && !w->result->nullable)
        vec_add(d->ctx, up, set_nullable(d, &w->table->name, w->name, false));
    if (w->is_relaxed)
        vec_add(d->ctx, down, set_nullable(d, &w->table->name, w->column->name, true));
    start(d, w, down);
}

/* A new type: the column goes, and the twin gets its name. */
static void divide_retype(struct dividing *d, const struct twin *w, struct phases *p)
{
    struct ops *up = &p->up[PHASE_CONTRACT];

    twin_drop_indexes(d->ctx, &w->indexed, false, up);
    vec_add(d->ctx, up, drop(d, w, w->column->name));
    vec_add(d->ctx, up, rename_to(d, w, w->name, w->column->name));
    twin_rename_copies(d->ctx, &w->indexed, up);
    complete(d, w, w->result, up);
}

static struct op *without_not_null(struct dividing *d, const struct op *op)
{
    struct op *ret = op_new(d->ctx, OP_ALTER_COLUMN);

    *ret = *op;
    if (forbids_null(op))
        ret->u.alter_column.given &= ~(1u << ALTER_NULLABLE);
    return ret;
}

/* Back, the twin gets the values before the column has its old type again, which is done in place. */
static bool retype_back(struct dividing *d, const struct twin *w, struct op *op)
{
    const struct twins same = {.table = w->table, .column = w->column->name, .twin = w->name};
    struct ops *down = &d->ret->down[PHASE_CONTRACT];
    struct in_step copy;

    if (!d->dialect->keep_in_step(d->ctx, &same, &copy))
        return false;
    vec_add(d->ctx, down, add_plain(d, w, w->result, w->name, w->column->name));
    fill(d, w, w->name, copy.twin_value, down);
    vec_add(d->ctx, down, w->is_relaxed ? without_not_null(d, op) : op);
    if (w->is_relaxed)
        vec_add(d->ctx, down, set_nullable(d, &w->table->name, w->column->name, true));
    twin_copy_indexes(d->ctx, &w->indexed, down);
    create_steps(d, w, down);
    return true;
}

static void divide(struct dividing *d, const struct twin *w)
{
    struct phases *p = d->ret;
    struct ops *up = &p->up[PHASE_EXPAND], *down = &p->down[PHASE_EXPAND];

    if (is_retyped(w->op))
        vec_add(d->ctx, up, add_plain(d, w, w->result, w->name, w->column->name));
    else
        vec_add(d->ctx, up, add_plain(d, w, w->column, w->name, NULL));
    if (w->is_relaxed)
        vec_add(d->ctx, up, set_nullable(d, &w->table->name, w->column->name, true));
    start(d, w, up);
    twin_copy_indexes(d->ctx, &w->indexed, up);
    drop_steps(d, w, down);
    if (w->is_relaxed)
        vec_add(d->ctx, down, set_nullable(d, &w->table->name, w->column->name, false));
    twin_drop_indexes(d->ctx, &w->indexed, true, down);
    vec_add(d->ctx, down, drop(d, w, w->name));
    drop_steps(d, w, &p->up[PHASE_CONTRACT]);
    if (w->is_relaxed && !is_retyped(w->op)) {
        vec_add(d->ctx, &d->relaxed, thing(d, w->op, w->column->name));
        vec_add(d->ctx, &d->relaxed, thing(d, w->op, w->name));
    }
    (is_retyped(w->op) ? divide_retype : divide_rename)(d, w, p);
}

/* ---- NOT NULL --------------------------------------------------------------------------------------------- */

/* Old programs go on writing rows without a value, so that the values are given just before they must be there. */
static bool fills_for(struct dividing *d, const struct op *op, const struct ops *ops)
{
    if (op->kind != OP_BACKFILL && op->kind != OP_EXECUTE)
        return false;
    vec_each(i, ops) {
        const struct op_alter_column *o = &ops->v[i]->u.alter_column;

        if (forbids_null(ops->v[i]) && op_names(d->ctx, op, o->table.name) && op_names(d->ctx, op, o->name))
            return true;
    }
    return false;
}

/* A new column that rows of old programs would lack. */
static bool is_required(struct dividing *d, const struct op *op)
{
    const struct column *c = &op->u.add_column.column;

    return op->kind == OP_ADD_COLUMN && !c->nullable && c->dflt.kind == VALUE_NONE && !c->generated &&
           !c->identity && c->autoincrement != TRI_TRUE &&
           !strings_have(&d->fresh, qname_text(&d->ctx->arena, &op->u.add_column.table));
}

static void allow_null_first(struct dividing *d, const struct op *op)
{
    const struct op_add_column *o = &op->u.add_column;
    struct op *first = op_new(d->ctx, OP_ADD_COLUMN), *last;

    *first = *op;
    first->note = NULL;
    first->u.add_column.column.nullable = first->u.add_column.column.nullable_said = true;
    last = set_nullable(d, &o->table, o->column.name, false);
    last->note = diff_note_nulls;
    vec_add(d->ctx, &d->ret->up[PHASE_EXPAND], first);
    vec_add(d->ctx, &d->ret->up[PHASE_CONTRACT], last);
    vec_add(d->ctx, &d->ret->down[PHASE_CONTRACT], set_nullable(d, &o->table, o->column.name, true));
}

/* New programs do not write a column that will be dropped. The downgrade of the first revision fails until their rows have a
 * value. */
static void relax_dropped(struct dividing *d, const struct op *op)
{
    const struct op_drop_column *o = &op->u.drop_column;
    const struct table *t = op->kind == OP_DROP_COLUMN ? schema_table(d->before, &o->table) : NULL;
    const struct column *c = t ? table_column(t, o->name) : NULL;
    struct op *last;

    if (!c || c->nullable || c->dflt.kind != VALUE_NONE || c->generated || c->identity ||
        c->autoincrement == TRI_TRUE || is_key_column(t, c->name))
        return;
    last = set_nullable(d, &o->table, o->name, false);
    last->note = diff_note_nulls;
    vec_add(d->ctx, &d->relaxed, thing(d, op, o->name));
    vec_add(d->ctx, &d->ret->up[PHASE_EXPAND], set_nullable(d, &o->table, o->name, true));
    vec_add(d->ctx, &d->ret->down[PHASE_EXPAND], last);
}

/* The contract revision's downgrade brings such a column back as the first revision leaves it. False: nothing is left. */
static bool bring_back(struct dividing *d, struct op **op)
{
    struct op *copy;

    if (!strings_have(&d->relaxed, thing(d, *op, op_part(*op))))
        return true;
    if (forbids_null(*op))
        return false;
    if ((*op)->kind != OP_ADD_COLUMN)
        return true;
    copy = op_new(d->ctx, OP_ADD_COLUMN);
    *copy = **op;
    copy->note = NULL;
    copy->u.add_column.column.nullable = copy->u.add_column.column.nullable_said = true;
    *op = copy;
    return true;
}

/* ---- together --------------------------------------------------------------------------------------------- */

static const struct twin *copy_twin(struct dividing *d, const struct twin *w)
{
    struct twin *ret = ctx_new(d->ctx, struct twin);

    *ret = *w;
    vec_add(d->ctx, &d->twins, ret);
    return ret;
}

/* The operations of the first revision; false: it belongs to the second one. */
static bool take_early(struct dividing *d, struct op *op, const struct ops *ops)
{
    if (is_later(d, op) || fills_for(d, op, ops))
        return false;
    note_fresh(d, op);
    if (is_required(d, op))
        allow_null_first(d, op);
    else
        vec_add(d->ctx, &d->ret->up[PHASE_EXPAND], op);
    return true;
}

static bool divide_up(struct dividing *d, const struct ops *ops)
{
    vec_each(i, ops) {
        struct op *op = ops->v[i];
        struct twin w;
        bool found;

        if (take_early(d, op, ops))
            continue;
        note_later(d, op);
        relax_dropped(d, op);
        if (forbids_null(op) && strings_have(&d->fresh, thing(d, op, op_part(op))))
            vec_add(d->ctx, &d->ret->down[PHASE_CONTRACT],
                set_nullable(d, &op->u.alter_column.table, op->u.alter_column.name, true));
        if (!find_twin(d, op, &w, &found))
            return false;
        if (found)
            divide(d, copy_twin(d, &w));
        else
            vec_add(d->ctx, &d->ret->up[PHASE_CONTRACT], op);
    }
    return true;
}

/* Of a rename the downgrade has the other name first. */
static const struct twin *twin_of(struct dividing *d, const struct op *op)
{
    vec_each(i, &d->twins) {
        const struct twin *w = d->twins.v[i];
        const char *name = op->kind == OP_RENAME_COLUMN ? w->name : w->column->name;

        if (w->op->kind == op->kind && is_retyped(op) == is_retyped(w->op) && is_same_table(w->op, op) &&
            str_eq(op_part(op), name))
            return w;
    }
    return NULL;
}

static bool divide_down(struct dividing *d, const struct ops *ops)
{
    vec_each(i, ops) {
        struct op *op = ops->v[i];
        const struct twin *w = twin_of(d, op);
        const char *changed = thing(d, op, op_part(op));
        const bool undoes = op_table[op->kind].destroys && strings_have(&d->fresh, changed),
                   is_contract = !undoes && map_get(&d->later_things, changed);

        if (!w && bring_back(d, &op))
            vec_add(d->ctx, &d->ret->down[is_contract ? PHASE_CONTRACT : PHASE_EXPAND], op);
        else if (w && is_retyped(op) && !retype_back(d, w, op))
            return false;
    }
    return true;
}

bool phases_divide(
    struct ctx *ctx, const struct dialect *dialect, const struct comparison *found, struct phases *ret)
{
    struct dividing d = {.ctx = ctx,
        .dialect = dialect,
        .before = &found->database,
        .after = &found->models,
        .ops = &found->diff.up,
        .later_things = MAP(ctx),
        .ret = ret};

    *ret = (struct phases){0};
    return divide_up(&d, &found->diff.up) && divide_down(&d, &found->diff.down);
}
