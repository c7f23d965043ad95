/*
 * Rules about what is created: types, keys, names, and indexes for foreign keys.
 */
#include "lint.h"

/* ---- types ------------------------------------------------------------------------------------------------- */

static const struct {
    const char *native; /* what the type begins with */
    enum rule rule;
    const char *text;
    bool is_whole; /* and nothing follows */
} type_rules[] = {
    {"json", RULE_JSON_TYPE, "json has no equality", true},
    {"character(", RULE_CHAR_TYPE, "values are padded with blanks", false},
    {"character varying(", RULE_VARCHAR_TYPE, "a shorter limit rewrites the table later", false},
    {"timestamp without time zone", RULE_TIMESTAMP_TYPE, "the moment depends on the reader's time zone",
        true},
    {"integer", RULE_INTEGER_TYPE, "it ends at 2147483647", true},
    {"smallint", RULE_INTEGER_TYPE, "it ends at 32767", true},
    {"money", RULE_MONEY_TYPE, "the decimals depend on the server's locale", true},
};

static const char *native_of(struct review *v, const struct column *c)
{
    struct column copy = *c;
    const char *native;

    if (c->native)
        return c->native;
    if (!dtext_is_set(&c->type))
        return NULL;
    if (v->l->dialect->type_native(v->ctx, NULL, &copy, &native))
        return native;
    err_clear(v->ctx);
    return NULL;
}

static void check_type(struct review *v, struct pos pos, const struct qname *table, const struct column *c)
{
    if (c->pos.line)
        pos = c->pos;
    const char *native = native_of(v, c), *written = dtext_for(&c->type, v->l->dialect->name);

    /* Elsewhere these words mean other types. */
    if (!native || !v->l->dialect->has.enums)
        return;
    for (size_t i = 0; i < COUNT_OF(type_rules); i++)
        if (type_rules[i].is_whole ? str_eq(native, type_rules[i].native)
                                   : str_starts(native, type_rules[i].native))
            review_add(v, type_rules[i].rule, pos, NULL, "column '%s' of table '%s' is of type %s: %s",
                c->name, review_name(v, table), native, type_rules[i].text);
    if (written && str_ends(written, "serial"))
        review_add(v, RULE_SERIAL_TYPE, pos, NULL, "column '%s' of table '%s' is of type %s", c->name,
            review_name(v, table), written);
}

/* ---- keys -------------------------------------------------------------------------------------------------- */

/* A key that the database numbers; others need not grow. */
static bool is_generated_key(const struct table *t, const struct column *c, bool is_sql)
{
    const char *type = c->type.text;

    return c->identity || c->autoincrement == TRI_TRUE || (type && strstr(type, "serial")) ||
           (!is_sql && c->autoincrement != TRI_FALSE && c->dflt.kind == VALUE_NONE && t->primary_key &&
               t->primary_key->columns.n == 1 && !t->foreign_keys.n);
}

static void check_integer_key(struct review *v, const struct item *item)
{
    const struct table *t = &item->op->u.create_table.table;
    static const char *const small[] = {"integer", "smallint", "int", "tinyint", "mediumint"};
    const struct column *c;
    const char *native;

    /* Where an integer always has 64 bits, keys do not run out. */
    if (v->l->dialect->has.embedded || !t->primary_key || t->primary_key->columns.n != 1)
        return;
    c = table_column(t, t->primary_key->columns.v[0]);
    if (!c || !is_generated_key(t, c, item->change) || !(native = native_of(v, c)))
        return;
    size_t n = strcspn(native, "( ");
    for (size_t i = 0; i < COUNT_OF(small); i++)
        if (strlen(small[i]) == n && strncmp(native, small[i], n) == 0)
            review_add(v, RULE_INTEGER_KEY, item->pos, NULL, "the key '%s' of table '%s' is of type %s",
                c->name, review_name(v, &t->name), native);
}

/* ---- operations -------------------------------------------------------------------------------------------- */

static void check_create_table(struct review *v, const struct item *item)
{
    const struct table *t = &item->op->u.create_table.table;

    vec_each(i, &t->columns)
        check_type(v, item->pos, &t->name, t->columns.v[i]);
    check_integer_key(v, item);
}

static void check_alter_type(struct review *v, const struct item *item)
{
    const struct op_alter_column *o = &item->op->u.alter_column;
    const struct column c = {.name = o->name, .type = o->type};

    if (ALTER_HAS(o, ALTER_TYPE))
        check_type(v, item->pos, &o->table, &c);
}

static void check_index(struct review *v, const struct item *item)
{
    enum { MOST_COLUMNS = 3 };
    const struct op_create_index *o = &item->op->u.create_index;

    if (!o->index.unique && o->index.parts.n > MOST_COLUMNS)
        review_add(v, RULE_WIDE_INDEX, item->pos, NULL, "index '%s' of table '%s' has %u columns",
            o->index.name ? o->index.name : "", review_name(v, &o->table), o->index.parts.n);
}

static bool has_new_key(const struct op *op)
{
    return op->kind == OP_CREATE_FOREIGN_KEY ||
           (op->kind == OP_CREATE_TABLE && op->u.create_table.table.foreign_keys.n) ||
           (op->kind == OP_ADD_COLUMN && op->u.add_column.references);
}

void design_check(struct review *v, const struct item *item)
{
    const struct op *op = item->op;

    if (!op)
        return;
    switch ((int)op->kind) {
    case OP_CREATE_TABLE:
        check_create_table(v, item);
        break;
    case OP_ADD_COLUMN:
        check_type(v, item->pos, &op->u.add_column.table, &op->u.add_column.column);
        break;
    case OP_ALTER_COLUMN:
        check_alter_type(v, item);
        break;
    case OP_CREATE_INDEX:
        check_index(v, item);
        break;
    }
    if (has_new_key(op))
        vec_add(v->ctx, &v->new_keys, (struct op *)(uintptr_t)op);
}

/* ---- foreign keys without an index --------------------------------------------------------------------------- */

/* Whether the first columns are those of the key, in any order. */
static bool begins_with(const struct strings *columns, const struct strings *key)
{
    if (columns->n < key->n)
        return false;
    for (size_t i = 0; i < key->n; i++)
        if (!strings_have(key, columns->v[i]))
            return false;
    return true;
}

static bool index_serves(struct review *v, const struct index *x, const struct strings *key)
{
    struct strings columns = {0};

    if (dtext_is_set(&x->where.sql) || x->where.native)
        return false;
    for (size_t i = 0; i < x->parts.n && x->parts.v[i]->column; i++)
        vec_add(v->ctx, &columns, x->parts.v[i]->column);
    return begins_with(&columns, key);
}

static bool is_indexed(struct review *v, const struct table *t, const struct strings *key)
{
    if (t->primary_key && begins_with(&t->primary_key->columns, key))
        return true;
    vec_each(i, &t->uniques)
        if (begins_with(&t->uniques.v[i]->columns, key))
            return true;
    vec_each(i, &t->indexes)
        if (index_serves(v, t->indexes.v[i], key))
            return true;
    return false;
}

static void check_key(
    struct review *v, const struct op *op, const struct qname *table, const struct constraint *key)
{
    const struct table *t = review_table(v, table);
    const char *columns = strings_join(&v->ctx->arena, &key->columns, ", ");

    if (t && key->columns.n && !is_indexed(v, t, &key->columns))
        review_add(v, RULE_FOREIGN_KEY_WITHOUT_INDEX, op->pos, table,
            "no index of table '%s' begins with (%s), the columns of its foreign key to '%s'",
            review_name(v, table), columns, review_name(v, &key->references));
}

static void check_column_key(struct review *v, const struct op *op)
{
    struct constraint key = *op->u.add_column.references;

    if (!key.columns.n)
        vec_add(v->ctx, &key.columns, op->u.add_column.column.name);
    check_key(v, op, &op->u.add_column.table, &key);
}

void design_check_keys(struct review *v)
{
    const struct hazard_facts *facts = v->l->dialect->hazards;

    if (facts && facts->indexes_foreign_keys)
        return;
    vec_each(i, &v->new_keys) {
        const struct op *op = v->new_keys.v[i];
        const struct table *t = &op->u.create_table.table;

        if (op->kind == OP_CREATE_FOREIGN_KEY)
            check_key(v, op, &op->u.create_constraint.table, &op->u.create_constraint.constraint);
        else if (op->kind == OP_ADD_COLUMN)
            check_column_key(v, op);
        for (size_t k = 0; op->kind == OP_CREATE_TABLE && k < t->foreign_keys.n; k++)
            check_key(v, op, &t->name, t->foreign_keys.v[k]);
    }
}

/* ---- names --------------------------------------------------------------------------------------------------- */

/* Of two objects that would get one name the second has a number. */
static bool is_name(const char *name, const char *expected)
{
    size_t n = strlen(expected);

    return str_eq(name, expected) ||
           (strncmp(name, expected, n) == 0 && name[n + (name[n] == '_')] &&
               name[n + (name[n] == '_')] >= '0' && name[n + (name[n] == '_')] <= '9');
}

static void compare_name(struct review *v, const struct op *op, const struct qname *table, const char *what,
    const char *name, const char *expected)
{
    if (name && expected && !is_name(name, expected))
        review_add(v, RULE_NAMING, op->pos, NULL, "%s '%s' of table '%s' would be called '%s'", what, name,
            review_name(v, table), expected);
}

static bool has_pattern(const struct naming *n, enum constraint_kind kind)
{
    switch (kind) {
    case CONSTRAINT_PRIMARY_KEY:
        return n->primary_key;
    case CONSTRAINT_UNIQUE:
        return n->unique;
    case CONSTRAINT_FOREIGN_KEY:
        return n->foreign_key;
    case CONSTRAINT_CHECK: /* its pattern needs the name */
    case CONSTRAINT_EXCLUDE:
        break;
    }
    return false;
}

static void check_constraint_name(
    struct review *v, const struct op *op, const struct qname *name, const struct constraint *c)
{
    const struct naming *naming = v->l->request->config->naming;
    const struct table t = {.name = *name};
    struct constraint copy = *c;

    if (!c->name || !has_pattern(naming, c->kind))
        return;
    copy.name = NULL;
    if (!schema_name_constraint(v->ctx, naming, v->l->dialect, &t, &copy))
        err_clear(v->ctx);
    compare_name(v, op, name, "constraint", c->name, copy.name);
}

static void check_index_name(
    struct review *v, const struct op *op, const struct qname *name, const struct index *x)
{
    const struct naming *naming = v->l->request->config->naming;
    const struct table t = {.name = *name};
    struct index copy = *x;

    if (!x->name || !naming->index)
        return;
    copy.name = NULL;
    if (!schema_name_index(v->ctx, naming, v->l->dialect, &t, &copy))
        err_clear(v->ctx);
    compare_name(v, op, name, "index", x->name, copy.name);
}

static void check_table_names(struct review *v, const struct op *op)
{
    const struct table *t = &op->u.create_table.table;
    const struct constraint *c;
    size_t state = 0;

    while ((c = table_next_constraint(t, &state)))
        check_constraint_name(v, op, &t->name, c);
    vec_each(i, &t->indexes)
        check_index_name(v, op, &t->name, t->indexes.v[i]);
}

void naming_check_ops(struct review *v, const struct ops *ops)
{
    vec_each(i, ops) {
        const struct op *op = ops->v[i];

        switch ((int)op->kind) {
        case OP_CREATE_TABLE:
            check_table_names(v, op);
            break;
        case OP_CREATE_INDEX:
            check_index_name(v, op, &op->u.create_index.table, &op->u.create_index.index);
            break;
        case OP_CREATE_PRIMARY_KEY:
        case OP_CREATE_UNIQUE_CONSTRAINT:
        case OP_CREATE_FOREIGN_KEY:
            check_constraint_name(v, op, &op->u.create_constraint.table, &op->u.create_constraint.constraint);
            break;
        }
    }
}
