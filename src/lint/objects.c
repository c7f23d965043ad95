/*
 * Rules about operations on views, routines and other objects, and on what programs rely on in a table: constraints,
 * defaults, privileges.
 */
#include "lint.h"

static const char *kind_of(enum op_kind kind)
{
    static const struct {
        enum op_kind kind;
        const char *name;
    } rows[] = {
        {OP_DROP_VIEW, "view"},
        {OP_RENAME_VIEW, "view"},
        {OP_REPLACE_VIEW, "view"},
        {OP_DROP_SEQUENCE, "sequence"},
        {OP_RENAME_SEQUENCE, "sequence"},
        {OP_DROP_ENUM, "enum"},
        {OP_RENAME_ENUM, "enum"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].kind == kind)
            return rows[i].name;
    return op_object_kind(kind) == OBJECT_KINDS ? "object" : object_table[op_object_kind(kind)].name;
}

static enum op_kind creator_of(enum op_kind drop)
{
    switch ((int)drop) {
    case OP_DROP_VIEW:
        return OP_CREATE_VIEW;
    case OP_DROP_SEQUENCE:
        return OP_CREATE_SEQUENCE;
    case OP_DROP_ENUM:
        return OP_CREATE_ENUM;
    }
    return op_kind_of_object(op_object_kind(drop), OBJECT_CREATE);
}

static const char *name_of(const struct review *v, const struct op *op)
{
    const struct qname *name = op_subject(op);

    return name && name->name ? review_name(v, name) : "";
}

/* Autogenerate drops objects that depend on a changed one, and creates them again. */
static bool comes_back(const struct review *v, const struct op *dropped)
{
    const enum op_kind kind = creator_of(dropped->kind);

    vec_each(i, &v->body.upgrade) {
        const struct op *op = v->body.upgrade.v[i];
        if (op->kind == kind && str_eq(name_of(v, op), name_of(v, dropped)))
            return true;
    }
    return false;
}

static void check_drop(struct review *v, const struct item *item)
{
    const struct op *op = item->op;

    if (!comes_back(v, op))
        review_add(
            v, RULE_DROP_OBJECT, item->pos, NULL, "%s '%s' is dropped", kind_of(op->kind), name_of(v, op));
}

static void check_rename(struct review *v, const struct item *item)
{
    review_add(v, RULE_RENAME_OBJECT, item->pos, NULL, "%s '%s' is renamed", kind_of(item->op->kind),
        name_of(v, item->op));
}

static void check_replace(struct review *v, const struct item *item)
{
    review_add(v, RULE_REPLACE_OBJECT, item->pos, NULL, "%s '%s' is replaced", kind_of(item->op->kind),
        name_of(v, item->op));
}

static void check_extension(struct review *v, const struct item *item)
{
    review_add(v, RULE_CREATE_EXTENSION, item->pos, NULL, "extension '%s' is created", name_of(v, item->op));
}

static void check_revoke(struct review *v, const struct item *item)
{
    const struct op_access *o = &item->op->u.access;

    review_add(v, RULE_REVOKE, item->pos, NULL, "role '%s' loses privileges on %s '%s'", o->role, o->on,
        o->name ? o->name : "");
}

/* ---- parts of a table ---------------------------------------------------------------------------------- */

/* One of the same name, or without a name of its own, replaces it. */
static bool is_replaced(const struct review *v, const struct op_drop_constraint *dropped)
{
    vec_each(i, &v->body.upgrade) {
        const struct op *op = v->body.upgrade.v[i];
        if (op->kind < OP_CREATE_PRIMARY_KEY || op->kind > OP_CREATE_EXCLUDE_CONSTRAINT ||
            !str_eq(review_name(v, op_table_name(op)), review_name(v, &dropped->table)))
            continue;
        const char *name = op->u.create_constraint.constraint.name;
        if (!name || !dropped->name || str_eq(name, dropped->name))
            return true;
    }
    return false;
}

static void check_drop_constraint(struct review *v, const struct item *item)
{
    const struct op_drop_constraint *o = &item->op->u.drop_constraint;

    if (review_is_fresh(v, &o->table) || is_replaced(v, o))
        return;
    review_add(v, RULE_DROP_CONSTRAINT, item->pos, NULL, "constraint '%s' of table '%s' is dropped",
        o->name ? o->name : "", review_name(v, &o->table));
}

static void check_alter_column(struct review *v, const struct item *item)
{
    const struct op_alter_column *o = &item->op->u.alter_column;

    if (review_is_fresh(v, &o->table))
        return;
    if (ALTER_HAS(o, ALTER_DEFAULT))
        review_add(v, RULE_CHANGE_DEFAULT, item->pos, NULL,
            "the default of column '%s' of table '%s' changes", o->name, review_name(v, &o->table));
    if (ALTER_HAS(o, ALTER_IDENTITY))
        review_add(v, RULE_CHANGE_IDENTITY, item->pos, NULL,
            "the identity of column '%s' of table '%s' changes", o->name, review_name(v, &o->table));
}

static void check_alter_table(struct review *v, const struct item *item)
{
    const struct op_alter_table *o = &item->op->u.alter_table;
    const char *identity = options_get(&o->options, "postgresql", "replica_identity");

    if (identity && (str_eq_ci(identity, "full") || str_eq_ci(identity, "nothing")))
        review_add(v, RULE_REPLICA_IDENTITY, item->pos, NULL, "the replica identity of table '%s' is %s",
            review_name(v, &o->table), identity);
}

static bool gets_key(const struct review *v, const struct table *t)
{
    vec_each(i, &t->columns)
        if (t->columns.v[i]->primary_key)
            return true;
    vec_each(i, &v->body.upgrade) {
        const struct op *op = v->body.upgrade.v[i];
        if (op->kind == OP_CREATE_PRIMARY_KEY &&
            str_eq(review_name(v, op_table_name(op)), review_name(v, &t->name)))
            return true;
    }
    return t->primary_key || t->partition_of.name || t->inherits.n;
}

static void check_create_table(struct review *v, const struct item *item)
{
    const struct table *t = &item->op->u.create_table.table;

    if (!gets_key(v, t))
        review_add(v, RULE_TABLE_WITHOUT_KEY, item->pos, NULL, "table '%s' has no primary key",
            review_name(v, &t->name));
}

/* ---- all of them --------------------------------------------------------------------------------------- */

static void (*const checks[OP_KINDS])(struct review *v, const struct item *item) = {
    [OP_DROP_VIEW] = check_drop,
    [OP_DROP_SEQUENCE] = check_drop,
    [OP_DROP_ENUM] = check_drop,
    [OP_RENAME_VIEW] = check_rename,
    [OP_RENAME_SEQUENCE] = check_rename,
    [OP_RENAME_ENUM] = check_rename,
    [OP_REPLACE_VIEW] = check_replace,
    [OP_CREATE_EXTENSION] = check_extension,
    [OP_REVOKE] = check_revoke,
    [OP_DROP_CONSTRAINT] = check_drop_constraint,
    [OP_ALTER_COLUMN] = check_alter_column,
    [OP_ALTER_TABLE] = check_alter_table,
    [OP_CREATE_TABLE] = check_create_table,
};

/* Programs do not name policies, triggers and the like. */
static bool is_named_by_programs(enum object_kind kind)
{
    return kind < OBJECT_POLICY && kind != OBJECT_EXTENSION && kind != OBJECT_STATISTICS;
}

static void (*const verb_checks[OBJECT_VERBS])(struct review *v, const struct item *item) = {
    [OBJECT_CHANGE] = check_replace,
    [OBJECT_DROP] = check_drop,
    [OBJECT_RENAME] = check_rename,
};

void objects_check(struct review *v, const struct item *item)
{
    const enum op_kind kind = item->op->kind;
    const enum object_verb verb = op_object_verb(kind);

    if (checks[kind])
        checks[kind](v, item);
    else if (verb == OBJECT_DROP ||
             (verb != OBJECT_VERBS && verb_checks[verb] && is_named_by_programs(op_object_kind(kind))))
        verb_checks[verb](v, item);
}
