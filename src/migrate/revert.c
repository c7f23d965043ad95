/*
 * Reverts the applied operations of a half-applied revision.
 *
 * Created objects are dropped and renamed ones renamed back, in reverse order. A change of an object that is dropped
 * in this way needs no reversal. A dropped or changed object is restored by the matching operation of the revision's
 * downgrade, if the whole downgrade consists of such matches and of the foreign keys that were dropped with an object. Any
 * other operation, and one whose object may have existed before, cannot be undone: then nothing is undone, and the error
 * lists all of them.
 */
#include "migrate/run.h"

/* ---- the operation that undoes another ---------------------------------------------------------- */

/* `if_exists`: it may not have been applied. NULL: it cannot be undone. */
typedef struct op *inverse_function(struct ctx *ctx, const struct op *op, bool if_exists);

static struct op *undo_schema(struct ctx *ctx, const struct op *op, bool if_exists)
{
    if (op->u.schema.if_not_exists)
        return NULL;
    struct op *ret = op_new(ctx, OP_DROP_SCHEMA);
    ret->u.schema = (struct op_schema){.name = op->u.schema.name, .if_exists = if_exists};
    return ret;
}

static struct op *drop(struct ctx *ctx, enum op_kind kind, const struct qname *name, bool if_exists)
{
    struct op *ret = op_new(ctx, kind);
    ret->u.drop = (struct op_drop){.name = *name, .if_exists = if_exists};
    return ret;
}

static struct op *undo_enum(struct ctx *ctx, const struct op *op, bool if_exists)
{
    return drop(ctx, OP_DROP_ENUM, &op->u.create_enum.enumeration.name, if_exists);
}

static struct op *undo_sequence(struct ctx *ctx, const struct op *op, bool if_exists)
{
    return drop(ctx, OP_DROP_SEQUENCE, &op->u.sequence.sequence.name, if_exists);
}

static struct op *undo_view(struct ctx *ctx, const struct op *op, bool if_exists)
{
    return drop(ctx, OP_DROP_VIEW, &op->u.view.view.name, if_exists);
}

static struct op *undo_table(struct ctx *ctx, const struct op *op, bool if_exists)
{
    if (op->u.create_table.if_not_exists)
        return NULL;
    return drop(ctx, OP_DROP_TABLE, &op->u.create_table.table.name, if_exists);
}

static struct op *undo_column(struct ctx *ctx, const struct op *op, bool if_exists)
{
    const struct op_add_column *o = &op->u.add_column;
    if (o->if_not_exists)
        return NULL;
    struct op *ret = op_new(ctx, OP_DROP_COLUMN);
    ret->u.drop_column =
        (struct op_drop_column){.table = o->table, .name = o->column.name, .if_exists = if_exists};
    return ret;
}

static struct op *undo_index(struct ctx *ctx, const struct op *op, bool if_exists)
{
    const struct op_create_index *o = &op->u.create_index;
    if (o->if_not_exists || o->attach_to.name)
        return NULL;
    struct op *ret = op_new(ctx, OP_DROP_INDEX);
    ret->u.drop_index =
        (struct op_drop_index){.table = o->table, .name = o->index.name, .if_exists = if_exists};
    return ret;
}

static struct op *undo_constraint(struct ctx *ctx, const struct op *op, bool if_exists)
{
    const struct op_create_constraint *o = &op->u.create_constraint;
    if (o->using_index || !o->constraint.name)
        return NULL;
    struct op *ret = op_new(ctx, OP_DROP_CONSTRAINT);
    ret->u.drop_constraint =
        (struct op_drop_constraint){.table = o->table, .name = o->constraint.name, .if_exists = if_exists};
    return ret;
}

static struct op *undo_object(struct ctx *ctx, const struct op *op, bool if_exists)
{
    if (op->u.object.if_not_exists)
        return NULL;
    const struct object *o = &op->u.object.object;
    struct op *ret = op_new(ctx, op_kind_of_object(op_object_kind(op->kind), OBJECT_DROP));
    ret->u.object.object =
        (struct object){.key = o->key, .name = o->name, .signature = o->signature, .of = o->of};
    ret->u.object.if_exists = if_exists;
    return ret;
}

static struct op *undo_attach(struct ctx *ctx, const struct op *op, bool if_exists)
{
    struct op *ret = op_new(ctx, OP_DETACH_PARTITION);
    ret->u.partition =
        (struct op_partition){.table = op->u.partition.table, .partition = op->u.partition.partition};
    return if_exists ? NULL : ret;
}

static struct op *undo_add_parent(struct ctx *ctx, const struct op *op, bool if_exists)
{
    struct op *ret = op_new(ctx, OP_DROP_PARENT);
    ret->u.parent = op->u.parent;
    return if_exists ? NULL : ret;
}

static struct op *undo_rename(struct ctx *ctx, const struct op *op, bool if_exists)
{
    struct op *ret = op_new(ctx, op->kind);
    ret->u.rename = (struct op_rename){.name = op->u.rename.new_name, .new_name = op->u.rename.name};
    return if_exists ? NULL : ret;
}

static struct op *undo_rename_part(struct ctx *ctx, const struct op *op, bool if_exists)
{
    const struct op_rename_part *o = &op->u.rename_part;
    struct op *ret = op_new(ctx, op->kind);
    ret->u.rename_part = (struct op_rename_part){.table = o->table, .name = o->new_name, .new_name = o->name};
    return if_exists ? NULL : ret;
}

static struct op *undo_rename_object(struct ctx *ctx, const struct op *op, bool if_exists)
{
    const struct object *o = &op->u.object.object;
    struct op *ret = op_new(ctx, op->kind);
    ret->u.object.object = op_renamed_object(&ctx->arena, op);
    ret->u.object.new_name = o->of.name ? o->name.name : qname_text(&ctx->arena, &o->name);
    return if_exists ? NULL : ret;
}

static inverse_function *const inverses[OP_KINDS] = {
    [OP_CREATE_SCHEMA] = undo_schema,
    [OP_CREATE_ENUM] = undo_enum,
    [OP_RENAME_ENUM] = undo_rename,
    [OP_CREATE_SEQUENCE] = undo_sequence,
    [OP_RENAME_SEQUENCE] = undo_rename,
    [OP_CREATE_TABLE] = undo_table,
    [OP_RENAME_TABLE] = undo_rename,
    [OP_ATTACH_PARTITION] = undo_attach,
    [OP_ADD_PARENT] = undo_add_parent,
    [OP_ADD_COLUMN] = undo_column,
    [OP_RENAME_COLUMN] = undo_rename_part,
    [OP_CREATE_INDEX] = undo_index,
    [OP_RENAME_INDEX] = undo_rename_part,
    [OP_CREATE_UNIQUE_CONSTRAINT] = undo_constraint,
    [OP_CREATE_CHECK_CONSTRAINT] = undo_constraint,
    [OP_CREATE_FOREIGN_KEY] = undo_constraint,
    [OP_CREATE_EXCLUDE_CONSTRAINT] = undo_constraint,
    [OP_RENAME_CONSTRAINT] = undo_rename_part,
    [OP_CREATE_VIEW] = undo_view,
};

/* ---- the operation of the downgrade that answers one of the upgrade ------------------------------ */

static const struct {
    enum op_kind up, down;
} answers[] = {
    {OP_CREATE_SCHEMA, OP_DROP_SCHEMA},
    {OP_DROP_SCHEMA, OP_CREATE_SCHEMA},
    {OP_CREATE_ENUM, OP_DROP_ENUM},
    {OP_DROP_ENUM, OP_CREATE_ENUM},
    {OP_ALTER_ENUM, OP_ALTER_ENUM},
    {OP_CREATE_SEQUENCE, OP_DROP_SEQUENCE},
    {OP_DROP_SEQUENCE, OP_CREATE_SEQUENCE},
    {OP_ALTER_SEQUENCE, OP_ALTER_SEQUENCE},
    {OP_CREATE_TABLE, OP_DROP_TABLE},
    {OP_DROP_TABLE, OP_CREATE_TABLE},
    {OP_ALTER_DATABASE, OP_ALTER_DATABASE},
    {OP_ALTER_TABLE, OP_ALTER_TABLE},
    {OP_ATTACH_PARTITION, OP_DETACH_PARTITION},
    {OP_DETACH_PARTITION, OP_ATTACH_PARTITION},
    {OP_ADD_PARENT, OP_DROP_PARENT},
    {OP_DROP_PARENT, OP_ADD_PARENT},
    {OP_ADD_COLUMN, OP_DROP_COLUMN},
    {OP_DROP_COLUMN, OP_ADD_COLUMN},
    {OP_ALTER_COLUMN, OP_ALTER_COLUMN},
    {OP_CREATE_INDEX, OP_DROP_INDEX},
    {OP_DROP_INDEX, OP_CREATE_INDEX},
    {OP_CREATE_PRIMARY_KEY, OP_DROP_CONSTRAINT},
    {OP_CREATE_UNIQUE_CONSTRAINT, OP_DROP_CONSTRAINT},
    {OP_CREATE_CHECK_CONSTRAINT, OP_DROP_CONSTRAINT},
    {OP_CREATE_FOREIGN_KEY, OP_DROP_CONSTRAINT},
    {OP_CREATE_EXCLUDE_CONSTRAINT, OP_DROP_CONSTRAINT},
    {OP_DROP_CONSTRAINT, OP_CREATE_PRIMARY_KEY},
    {OP_DROP_CONSTRAINT, OP_CREATE_UNIQUE_CONSTRAINT},
    {OP_DROP_CONSTRAINT, OP_CREATE_CHECK_CONSTRAINT},
    {OP_DROP_CONSTRAINT, OP_CREATE_FOREIGN_KEY},
    {OP_DROP_CONSTRAINT, OP_CREATE_EXCLUDE_CONSTRAINT},
    {OP_CREATE_TABLE_COMMENT, OP_CREATE_TABLE_COMMENT},
    {OP_CREATE_TABLE_COMMENT, OP_DROP_TABLE_COMMENT},
    {OP_DROP_TABLE_COMMENT, OP_CREATE_TABLE_COMMENT},
    {OP_SET_COMMENT, OP_SET_COMMENT},
    {OP_CREATE_VIEW, OP_DROP_VIEW},
    {OP_DROP_VIEW, OP_CREATE_VIEW},
    {OP_REPLACE_VIEW, OP_REPLACE_VIEW},
};

/* "create_table t" → "t" */
static const char *subject_of(struct ctx *ctx, const struct op *op)
{
    const char *text = op_describe(&ctx->arena, op);
    return text + strcspn(text, " ");
}

/* A USING clause gives the conversion, not the result. */
static bool changes_the_same(const struct op *a, const struct op *b)
{
    const uint32_t using = 1u << ALTER_USING;
    return a->kind != OP_ALTER_COLUMN ||
           (a->u.alter_column.given | using) == (b->u.alter_column.given | using);
}

static inverse_function *inverse_of(enum op_kind kind)
{
    switch (op_object_verb(kind)) {
    case OBJECT_CREATE:
        return undo_object;
    case OBJECT_RENAME:
        return undo_rename_object;
    case OBJECT_CHANGE:
    case OBJECT_DROP:
    case OBJECT_VERBS:
        break;
    }
    return inverses[kind];
}

static bool is_rename(enum op_kind kind)
{
    return inverse_of(kind) == undo_rename || inverse_of(kind) == undo_rename_part ||
           inverse_of(kind) == undo_rename_object;
}

static bool answers_kind(enum op_kind up, enum op_kind down)
{
    static const enum object_verb of_object[] = {[OBJECT_CREATE] = OBJECT_DROP,
        [OBJECT_CHANGE] = OBJECT_CHANGE,
        [OBJECT_DROP] = OBJECT_CREATE,
        [OBJECT_RENAME] = OBJECT_RENAME};
    if (op_object_kind(up) != OBJECT_KINDS)
        return op_object_kind(up) == op_object_kind(down) &&
               of_object[op_object_verb(up)] == op_object_verb(down);
    for (size_t i = 0; i < COUNT_OF(answers); i++)
        if (answers[i].up == up && answers[i].down == down)
            return true;
    return false;
}

static bool is_answer(struct ctx *ctx, const struct op *up, const struct op *down)
{
    if (is_rename(up->kind))
        return up->kind == down->kind;
    return answers_kind(up->kind, down->kind) && changes_the_same(up, down) &&
           str_eq(subject_of(ctx, up), subject_of(ctx, down));
}

/* The only operation of a list that reverts `op`, or that `op` reverts; NULL: there is none, or more than one. */
static struct op *only_match(struct ctx *ctx, const struct ops *list, const struct op *op, bool is_up)
{
    struct op *found = NULL;
    vec_each(i, list) {
        if (!(is_up ? is_answer(ctx, op, list->v[i]) : is_answer(ctx, list->v[i], op)))
            continue;
        if (found)
            return NULL;
        found = list->v[i];
    }
    return found;
}

static bool drops_with(const struct op *drop, const struct op *key)
{
    const struct op_create_constraint *o = &key->u.create_constraint;
    if (key->kind != OP_CREATE_FOREIGN_KEY)
        return false;
    if (drop->kind == OP_DROP_TABLE)
        return qname_eq(&drop->u.drop.name, &o->table);
    return drop->kind == OP_DROP_COLUMN && qname_eq(&drop->u.drop_column.table, &o->table) &&
           strings_have(&o->constraint.columns, drop->u.drop_column.name);
}

/* The operation that drops a foreign key together with its table or the first of its columns; NULL: none does, or the key
 * is dropped by itself. */
static const struct op *dropped_by(struct ctx *ctx, const struct ops *upgrade, const struct op *key)
{
    if (only_match(ctx, upgrade, key, false))
        return NULL;
    vec_each(i, upgrade)
        if (drops_with(upgrade->v[i], key))
            return upgrade->v[i];
    return NULL;
}

/* Operations that create the foreign keys that go with a dropped table or column: those of `create`, which creates it, and
 * those that the downgrade creates after it. */
static struct ops keys_of(
    struct ctx *ctx, const struct revision_body *body, const struct op *drop, const struct op *create)
{
    const struct constraints *own = &create->u.create_table.table.foreign_keys;
    struct ops ret = {0};
    for (size_t i = 0; create->kind == OP_CREATE_TABLE && i < own->n; i++)
        vec_add(ctx, &ret, op_create_constraint_new(ctx, &create->u.create_table.table.name, own->v[i]));
    vec_each(i, &body->downgrade)
        if (dropped_by(ctx, &body->upgrade, body->downgrade.v[i]) == drop)
            vec_add(ctx, &ret, body->downgrade.v[i]);
    return ret;
}

/* Whether a downgrade only reverts the upgrade, operation by operation. */
static bool only_answers(struct ctx *ctx, const struct revision_body *body)
{
    vec_each(i, &body->downgrade)
        if (!is_rename(body->downgrade.v[i]->kind) &&
            !dropped_by(ctx, &body->upgrade, body->downgrade.v[i]) &&
            !only_match(ctx, &body->upgrade, body->downgrade.v[i], false))
            return false;
    return true;
}

/* ---- changes of what goes anyway ---------------------------------------------------------------- */

static bool creates_table(const struct op *op, const struct qname *table)
{
    const struct op_create_table *o = &op->u.create_table;
    return op->kind == OP_CREATE_TABLE && !o->if_not_exists && qname_eq(&o->table.name, table);
}

static bool adds_column(const struct op *op, const struct qname *table, const char *column)
{
    const struct op_add_column *o = &op->u.add_column;
    return op->kind == OP_ADD_COLUMN && !o->if_not_exists && qname_eq(&o->table, table) &&
           str_eq(o->column.name, column);
}

/* Whether one of the first n operations created the column, alone or with its table. */
static bool is_new_column(const struct ops *ops, size_t n, const struct qname *table, const char *column)
{
    for (size_t i = 0; i < n; i++)
        if (creates_table(ops->v[i], table) || (column && adds_column(ops->v[i], table, column)))
            return true;
    return false;
}

static bool changes_new_object(const struct ops *ops, size_t n)
{
    const struct op *op = ops->v[n];
    const struct qname *table = op_table_name(op);
    if (!table)
        return false;
    if (is_new_column(ops, n, table, NULL))
        return op->kind != OP_DROP_TABLE && op->kind != OP_RENAME_TABLE;
    if (op->kind == OP_ALTER_COLUMN && !ALTER_HAS(&op->u.alter_column, ALTER_NEW_NAME))
        return is_new_column(ops, n, table, op->u.alter_column.name);
    if (op->kind != OP_BACKFILL)
        return false;
    vec_each(i, &op->u.backfill.set)
        if (!is_new_column(ops, n, table, op->u.backfill.set.v[i]->column))
            return false;
    return true;
}

/* ---- all of them -------------------------------------------------------------------------------- */

static bool refuse(struct run *r, const struct work *w, const struct strings *remaining)
{
    struct ctx *ctx = r->p->ctx;
    const struct progress *at = &r->attempt.at;
    fail(ctx, STATUS_FAILED, "cannot revert half-applied revision %s", at->revision);
    fail_detail(ctx, "%s", progress_text(ctx, at));
    vec_each(i, remaining)
        fail_detail(ctx, "cannot be undone: %s", remaining->v[i]);
    return fail_hint(ctx,
        "Nothing was changed. Run 'cmig upgrade %s' to complete the revision; or undo by hand what is "
        "applied, and run 'cmig stamp %s', which removes the record.",
        w->step->revision->id, *at->rows ? at->rows : "base");
}

static const char *place_of(struct ctx *ctx, const struct op *op)
{
    return ctx_printf(ctx, "%s%s", pos_text(&ctx->arena, op->pos), op_label(&ctx->arena, op));
}

static void add_undo(struct run *r, struct work *w, const struct op *op, const struct op *undo)
{
    struct op *copy = ctx_new(r->p->ctx, struct op);
    *copy = *undo;
    copy->online = false;
    if (!copy->pos.file)
        copy->pos = op->pos;
    vec_add(r->p->ctx, &w->revert, copy);
}

/* An index that was being dropped may still be there, and no longer be used. */
static bool recreate_index(struct run *r, struct work *w, const struct op *op, bool is_answered)
{
    struct ctx *ctx = r->p->ctx;
    struct op *create = is_answered ? only_match(ctx, &w->body.downgrade, op, true) : NULL;
    if (op->kind != OP_DROP_INDEX || !create)
        return false;
    struct op *drop = op_new(ctx, OP_DROP_INDEX);
    drop->u.drop_index = op->u.drop_index;
    drop->u.drop_index.if_exists = true;
    add_undo(r, w, op, drop);
    add_undo(r, w, op, create);
    return true;
}

/* Some keys of a table or column that was being dropped may still be there. */
static bool recreate_keys(struct run *r, struct work *w, const struct op *op, bool is_answered)
{
    struct ctx *ctx = r->p->ctx;
    const struct op *create = is_answered ? only_match(ctx, &w->body.downgrade, op, true) : NULL;
    if (!create || (op->kind != OP_DROP_TABLE && op->kind != OP_DROP_COLUMN))
        return false;
    const struct ops keys = keys_of(ctx, &w->body, op, create);
    vec_each(i, &keys) {
        const char *name = keys.v[i]->u.create_constraint.constraint.name;
        struct op *drop = op_new(ctx, OP_DROP_CONSTRAINT);
        if (!name)
            return false;
        drop->u.drop_constraint =
            (struct op_drop_constraint){.table = *op_table_name(op), .name = name, .if_exists = true};
        add_undo(r, w, op, drop);
        add_undo(r, w, op, keys.v[i]);
    }
    return keys.n > 0;
}

/* The segments that are applied, and the one that has begun, in reverse order. */
static bool undo_segments(
    struct run *r, struct work *w, const struct op *op, bool is_answered, struct strings *remaining)
{
    const struct progress *at = &r->attempt.at;
    struct segments all = {0};
    if (!run_segments(r, w, op, true, &all))
        return false;
    for (size_t i = (size_t)at->part + (at->state && (size_t)at->part < all.n); i-- > 0;) {
        if (all.v[i].stays) {
            if (recreate_index(r, w, op, is_answered) || recreate_keys(r, w, op, is_answered))
                return true;
            vec_add(r->p->ctx, remaining, place_of(r->p->ctx, op));
            return true;
        }
        vec_each(k, &all.v[i].undo)
            add_undo(r, w, op, all.v[i].undo.v[k]);
    }
    return true;
}

/* Also of one that is applied in part (`in_part`). */
static void undo_op(
    struct run *r, struct work *w, size_t i, bool in_part, bool is_answered, struct strings *remaining)
{
    struct ctx *ctx = r->p->ctx;
    const struct op *op = w->body.upgrade.v[i];
    inverse_function *inverse = inverse_of(op->kind);
    struct op *undo = inverse ? inverse(ctx, op, in_part) : NULL;
    if (!undo && !inverse && is_answered && !in_part)
        undo = only_match(ctx, &w->body.downgrade, op, true);
    if (undo)
        add_undo(r, w, op, undo);
    else
        vec_add(ctx, remaining, place_of(ctx, op));
    for (size_t k = 0; undo && is_answered && k < w->body.downgrade.n; k++)
        if (dropped_by(ctx, &w->body.upgrade, w->body.downgrade.v[k]) == op)
            add_undo(r, w, op, w->body.downgrade.v[k]);
}

bool run_find_revert(struct run *r, struct work *w)
{
    struct ctx *ctx = r->p->ctx;
    const struct ops *ops = &w->body.upgrade;
    const struct progress *at = &r->attempt.at;
    struct strings remaining = {0};
    size_t n = (size_t)at->operation;
    bool in_part = at->part || at->state;
    if (!run_check_continued(r, ops))
        return false;
    bool is_answered = only_answers(ctx, &w->body);
    for (size_t i = n + (in_part && n < ops->n); i-- > 0;) {
        if (i == n && run_is_online(r, ops->v[i])) {
            if (!undo_segments(r, w, ops->v[i], is_answered, &remaining))
                return false;
        } else if (ops->v[i]->kind != OP_ASSERT && !changes_new_object(ops, i)) {
            undo_op(r, w, i, i == n, is_answered, &remaining);
        }
    }
    w->reverts = true;
    return !remaining.n || refuse(r, w, &remaining);
}
