/*
 * Finds what a comparison adds, changes and drops.
 *
 * Objects and columns that only one of two schemas has are found by the picture; the operations say what was renamed or
 * altered.
 */
#include "picture.h"

const char *const sign_texts[SIGNS] = {"", "+", "~", "−"};
const char *const sign_words[SIGNS] = {"", "added", "changed", "dropped"};

/* A key, check or index that an operation creates, drops or changes. */
struct part_note {
    const char *table, *text;
    enum sign sign;
};

struct changes {
    struct ctx *ctx;
    struct map old_names;   /* new key of an object: its old name */
    struct map new_keys;    /* the other way round: its new key */
    struct map old_columns; /* by column_key(): its old name */
    struct map altered;     /* the same, or the object's key alone */
    struct VEC_OF(struct part_note) notes;
};

static const char *column_key(struct ctx *ctx, const char *table, const char *column)
{
    return ctx_printf(ctx, "%s\x1f%s", table, column);
}

const char *changes_new_key(const struct changes *c, const struct qname *name)
{
    const char *key = qname_text(&c->ctx->arena, name);
    const char *renamed = map_get(&c->new_keys, key);

    return renamed ? renamed : key;
}

static void add_rename(struct changes *c, const struct op_rename *o)
{
    const char *key = qname_text(&c->ctx->arena, &o->new_name);
    const char *old_key = qname_text(&c->ctx->arena, &o->name);
    struct qname *old = ctx_new(c->ctx, struct qname);
    const struct qname *oldest = map_get(&c->old_names, old_key);

    *old = oldest ? *oldest : o->name;
    map_set(&c->old_names, key, old);
    map_set(&c->new_keys, qname_text(&c->ctx->arena, old), (void *)key);
    map_set(&c->altered, key, c);
}

static void add_column_rename(struct changes *c, const char *table, const char *old, const char *new)
{
    map_set(&c->old_columns, column_key(c->ctx, table, new), (void *)old);
    map_set(&c->altered, column_key(c->ctx, table, new), c);
}

/* ---- keys, checks and indexes ---- */

static const char *index_columns(struct ctx *ctx, const struct index *index)
{
    struct strings list = {0};

    vec_each(i, &index->parts)
        vec_add(ctx, &list, index->parts.v[i]->column ? index->parts.v[i]->column : "…");
    return strings_join(&ctx->arena, &list, ", ");
}

static const char *constraint_text(struct ctx *ctx, const struct constraint *k)
{
    const char *columns = strings_join(&ctx->arena, &k->columns, ", ");

    switch (k->kind) {
    case CONSTRAINT_PRIMARY_KEY:
        return ctx_printf(ctx, "primary key (%s)", columns);
    case CONSTRAINT_UNIQUE:
        return ctx_printf(ctx, "unique (%s)", columns);
    case CONSTRAINT_FOREIGN_KEY:
        return ctx_printf(ctx, "foreign key (%s) → %s", columns, qname_text(&ctx->arena, &k->references));
    case CONSTRAINT_CHECK:
        return ctx_printf(ctx, "check%s%s", k->name ? " " : "", k->name ? k->name : "");
    case CONSTRAINT_EXCLUDE:
        return ctx_printf(ctx, "exclude%s%s", k->name ? " " : "", k->name ? k->name : "");
    }
    return "";
}

static const char *dropped_text(struct ctx *ctx, const struct op_drop_constraint *o)
{
    if (o->name)
        return ctx_printf(ctx, "constraint %s", o->name);
    return ctx_printf(ctx, "%s (%s)", o->type ? constraint_kind_names[o->type - 1] : "constraint",
        strings_join(&ctx->arena, &o->columns, ", "));
}

static void add_note(struct changes *c, const char *table, enum sign sign, const char *text)
{
    const struct part_note note = {table, text, sign};

    vec_add(c->ctx, &c->notes, note);
}

/* False: the operation is not about such a part. */
static bool read_part(struct changes *c, const struct op *op, const char *table)
{
    struct ctx *ctx = c->ctx;

    switch ((int)op->kind) {
    case OP_CREATE_INDEX:
        add_note(c, table, SIGN_ADDED,
            ctx_printf(ctx, "%s (%s)", op->u.create_index.index.unique ? "unique index" : "index",
                index_columns(ctx, &op->u.create_index.index)));
        return true;
    case OP_DROP_INDEX:
        add_note(c, table, SIGN_DROPPED, ctx_printf(ctx, "index %s", op->u.drop_index.name));
        return true;
    case OP_CREATE_PRIMARY_KEY:
    case OP_CREATE_UNIQUE_CONSTRAINT:
    case OP_CREATE_CHECK_CONSTRAINT:
    case OP_CREATE_EXCLUDE_CONSTRAINT:
    case OP_CREATE_FOREIGN_KEY:
        add_note(c, table, SIGN_ADDED, constraint_text(ctx, &op->u.create_constraint.constraint));
        return true;
    case OP_DROP_CONSTRAINT:
        add_note(c, table, SIGN_DROPPED, dropped_text(ctx, &op->u.drop_constraint));
        return true;
    case OP_RENAME_INDEX:
    case OP_RENAME_CONSTRAINT:
        add_note(c, table, SIGN_CHANGED,
            ctx_printf(ctx, "%s %s → %s", op->kind == OP_RENAME_INDEX ? "index" : "constraint",
                op->u.rename_part.name, op->u.rename_part.new_name));
        return true;
    default:
        return false;
    }
}

/* A trigger, policy or rule is a part of its table; other objects are not drawn. */
static void read_object(struct changes *c, const struct op *op)
{
    static const enum sign signs[OBJECT_VERBS] = {SIGN_ADDED, SIGN_CHANGED, SIGN_DROPPED, SIGN_CHANGED};
    const struct object *o = &op->u.object.object;
    const char *key;

    if (!o->of.name)
        return;
    key = changes_new_key(c, &o->of);
    map_set(&c->altered, key, c);
    add_note(c, key, signs[op_object_verb(op->kind)],
        ctx_printf(c->ctx, "%s %s", object_table[op_object_kind(op->kind)].name, o->name.name));
}

/* ---- operations ---- */

static void read_op(struct changes *c, const struct op *op)
{
    const struct qname *subject = op_table_name(op);
    const char *key;

    if (op->kind == OP_RENAME_TABLE || op->kind == OP_RENAME_VIEW || op->kind == OP_RENAME_ENUM) {
        add_rename(c, &op->u.rename);
        return;
    }
    if (op_object_kind(op->kind) != OBJECT_KINDS) {
        read_object(c, op);
        return;
    }
    if (!subject)
        subject = op_subject(op);
    if (!subject || !op_changes_schema(op))
        return;
    key = changes_new_key(c, subject);
    map_set(&c->altered, key, c);
    if (read_part(c, op, key))
        return;
    if (op->kind == OP_RENAME_COLUMN)
        add_column_rename(c, key, op->u.rename_part.name, op->u.rename_part.new_name);
    else if (op->kind == OP_ALTER_COLUMN && ALTER_HAS(&op->u.alter_column, ALTER_NEW_NAME))
        add_column_rename(c, key, op->u.alter_column.name, op->u.alter_column.new_name);
    else if (op->kind == OP_ALTER_COLUMN)
        map_set(&c->altered, column_key(c->ctx, key, op->u.alter_column.name), c);
}

struct changes *changes_read(struct picture *p)
{
    struct changes *c = ctx_new(p->ctx, struct changes);
    const struct ops *ops = p->source->ops;

    *c = (struct changes){.ctx = p->ctx,
        .old_names = MAP(p->ctx),
        .new_keys = MAP(p->ctx),
        .old_columns = MAP(p->ctx),
        .altered = MAP(p->ctx)};
    for (size_t i = 0; ops && i < ops->n; i++)
        read_op(c, ops->v[i]);
    return c;
}

struct qname changes_old_name(const struct changes *c, const struct qname *name)
{
    const struct qname *old = map_get(&c->old_names, qname_text(&c->ctx->arena, name));

    return old ? *old : *name;
}

const char *changes_old_column(const struct changes *c, const char *table, const char *column)
{
    const char *old = map_get(&c->old_columns, column_key(c->ctx, table, column));

    return old ? old : column;
}

bool changes_alter(const struct changes *c, const char *table, const char *column)
{
    return map_get(&c->altered, column ? column_key(c->ctx, table, column) : table);
}

void changes_add_notes(const struct changes *c, const char *table, struct lines *ret)
{
    vec_each(i, &c->notes) {
        const struct line line = {
            .name = c->notes.v[i].text, .type = "", .is_note = true, .sign = c->notes.v[i].sign};

        if (str_eq(c->notes.v[i].table, table))
            vec_add(c->ctx, ret, line);
    }
}
