/* Reads definitions of tables and changes of tables in user SQL. */
#include "dialect/read_sql.h"

/* ---- columns --------------------------------------------------------------------------------------------- */

static const char *const column_words[] = {"NOT NULL", "NULL", "DEFAULT", "PRIMARY KEY", "UNIQUE",
    "REFERENCES", "CHECK", "GENERATED", "COLLATE", "CONSTRAINT", "AUTO_INCREMENT", "AUTOINCREMENT", "COMMENT",
    "ON UPDATE", "AS", "STORAGE", "COMPRESSION", "KEY", "FIRST", "AFTER", "USING", "CHARACTER SET", "VIRTUAL",
    "STORED", "PERSISTENT", "ON CONFLICT", NULL};

static bool at_column_word(struct reader *r)
{
    size_t at = r->at;
    bool is_one = read_any(r, column_words);

    r->at = at;
    return is_one;
}

/* A type: the words before the next part of the column's definition. */
static const char *take_type(struct reader *r, size_t end)
{
    size_t from = r->at;

    while (r->at < end && (r->at == from || !at_column_word(r)))
        if (is_sign(read_peek(r, 0), '('))
            read_skip_parentheses(r);
        else
            r->at++;
    return read_source(r, from, r->at);
}

/* What a column's definition creates beside the column. */
struct column_parts {
    bool unique, check, primary;
    struct constraint *references;
};

static void take_generated(struct reader *r, struct column *c, size_t end)
{
    read_take(r, "ALWAYS");
    read_take(r, "BY DEFAULT");
    if (read_take(r, "AS IDENTITY")) {
        c->identity = ctx_new(r->ctx, struct identity);
        return;
    }
    read_take(r, "AS");
    size_t from = r->at;
    read_skip_parentheses(r);
    c->generated = ctx_new(r->ctx, struct generated);
    c->generated->expr.sql = plain(read_source(r, from, r->at));
    c->generated->stored = r->at < end && (read_take(r, "STORED") || read_take(r, "PERSISTENT"));
}

static void take_default(struct reader *r, struct column *c, size_t end)
{
    size_t from = r->at++;

    while (r->at < end && !at_column_word(r))
        if (is_sign(read_peek(r, 0), '('))
            read_skip_parentheses(r);
        else
            r->at++;
    const char *text = read_source(r, from, r->at);
    if (!str_eq_ci(text, "NULL"))
        c->dflt = (struct value){.kind = VALUE_SQL, .expr.sql = plain(text)};
}

static void take_references(struct reader *r, const char *column, struct column_parts *parts)
{
    struct constraint *k = ctx_new(r->ctx, struct constraint);

    k->kind = CONSTRAINT_FOREIGN_KEY;
    vec_add(r->ctx, &k->columns, column);
    if (read_qname(r, &k->references))
        parts->references = k;
    read_skip_parentheses(r);
}

/* A column's definition up to `end`, without its name. */
static void take_column(struct reader *r, size_t end, struct column *c, struct column_parts *parts)
{
    c->nullable = true;
    c->type = plain(take_type(r, end));
    while (r->at < end) {
        if (read_take(r, "NOT NULL"))
            c->nullable = false;
        else if (read_take(r, "DEFAULT"))
            take_default(r, c, end);
        else if (read_take(r, "PRIMARY KEY"))
            parts->primary = true;
        else if (read_take(r, "UNIQUE"))
            parts->unique = true;
        else if (read_take(r, "REFERENCES"))
            take_references(r, c->name, parts);
        else if (read_take(r, "CHECK"))
            parts->check = true;
        else if (read_take(r, "GENERATED") || is_word(read_peek(r, 0), "AS"))
            take_generated(r, c, end);
        else if (read_take(r, "AUTO_INCREMENT") || read_take(r, "AUTOINCREMENT"))
            c->autoincrement = TRI_TRUE;
        else if (is_sign(read_peek(r, 0), '('))
            read_skip_parentheses(r);
        else
            r->at++;
    }
    if (str_eq_ci(c->type.text, "serial") || str_eq_ci(c->type.text, "bigserial") ||
        str_eq_ci(c->type.text, "smallserial"))
        c->nullable = false;
}

/* ---- constraints ----------------------------------------------------------------------------------------- */

/* At the words that say which constraint it is; false: it is none. */
static bool take_constraint(struct reader *r, size_t end, struct constraint *k)
{
    static const struct {
        const char *words;
        enum constraint_kind kind;
    } kinds[] = {{"PRIMARY KEY", CONSTRAINT_PRIMARY_KEY}, {"UNIQUE", CONSTRAINT_UNIQUE},
        {"FOREIGN KEY", CONSTRAINT_FOREIGN_KEY}, {"CHECK", CONSTRAINT_CHECK},
        {"EXCLUDE", CONSTRAINT_EXCLUDE}};
    bool found = false;

    if (read_take(r, "CONSTRAINT") && !is_word(read_peek(r, 0), "UNIQUE") &&
        !is_word(read_peek(r, 0), "FOREIGN"))
        read_name(r, &k->name);
    for (size_t i = 0; i < COUNT_OF(kinds) && !found; i++)
        if ((found = read_take(r, kinds[i].words)))
            k->kind = kinds[i].kind;
    if (!found)
        return false;
    for (size_t i = r->at; i + 1 < end; i++)
        k->not_valid |= is_word(&r->words.v[i], "NOT") && is_word(&r->words.v[i + 1], "VALID");
    if (k->kind == CONSTRAINT_CHECK) {
        size_t from = r->at;
        read_skip_parentheses(r);
        k->check.sql = plain(read_source(r, from + 1, r->at > from + 1 ? r->at - 1 : from + 1));
    } else if (k->kind != CONSTRAINT_EXCLUDE) {
        read_take(r, "KEY");
        read_take(r, "INDEX");
        if (!is_sign(read_peek(r, 0), '(') && !is_word(read_peek(r, 0), "USING"))
            read_name(r, &k->name);
        read_columns(r, &k->columns);
    }
    if (k->kind == CONSTRAINT_FOREIGN_KEY && read_take(r, "REFERENCES") && read_qname(r, &k->references))
        read_columns(r, &k->referred_columns);
    return true;
}

static void add_constraint(struct reader *r, const struct qname *table, struct constraint *k, size_t end)
{
    struct sql_change *c = read_add(r, SQL_ACT_OPERATION);

    c->is_ddl = true;
    c->op = op_create_constraint_new(r->ctx, table, k);
    for (size_t i = r->at; i + 1 < end; i++)
        if (is_word(&r->words.v[i], "USING") && is_word(&r->words.v[i + 1], "INDEX") && i + 2 < end)
            c->op->u.create_constraint.using_index = r->words.v[i + 2].text;
}

/* ---- CREATE TABLE ---------------------------------------------------------------------------------------- */

static void take_key_column(struct reader *r, struct table *t, const char *column)
{
    t->primary_key = ctx_new(r->ctx, struct constraint);
    t->primary_key->kind = CONSTRAINT_PRIMARY_KEY;
    vec_add(r->ctx, &t->primary_key->columns, column);
}

static void take_definition(struct reader *r, struct table *t, size_t end)
{
    struct constraint *k = ctx_new(r->ctx, struct constraint);
    struct column_parts parts = {0};
    struct column *c;

    if (take_constraint(r, end, k)) {
        if (k->kind == CONSTRAINT_PRIMARY_KEY)
            t->primary_key = k;
        else
            vec_add(r->ctx, table_constraints(t, k->kind), k);
        return;
    }
    if (is_word(read_peek(r, 0), "LIKE") || is_word(read_peek(r, 0), "KEY") ||
        is_word(read_peek(r, 0), "INDEX"))
        return;
    c = ctx_new(r->ctx, struct column);
    if (!read_name(r, &c->name))
        return;
    take_column(r, end, c, &parts);
    vec_add(r->ctx, &t->columns, c);
    if (parts.primary)
        take_key_column(r, t, c->name);
    if (parts.references)
        vec_add(r->ctx, &t->foreign_keys, parts.references);
}

bool read_create_table(struct reader *r)
{
    bool guarded = read_take(r, "IF NOT EXISTS");
    struct qname name, parent;
    struct op *op;

    if (!read_qname(r, &name))
        return false;
    bool is_partition = read_take(r, "PARTITION OF");
    if (!is_partition && !is_sign(read_peek(r, 0), '(')) { /* made from a query */
        struct sql_change *c = read_add(r, SQL_ACT_HARMLESS);
        c->table = name;
        c->is_ddl = true;
        c->is_guarded = guarded;
        return true;
    }
    op = read_add_op(r, OP_CREATE_TABLE);
    read_last(r)->is_guarded = op->u.create_table.if_not_exists = guarded;
    op->u.create_table.table.name = name;
    if (is_partition) {
        if (!read_qname(r, &parent))
            return false;
        op->u.create_table.table.partition_of = parent;
        return true;
    }
    read_sign(r, '(');
    do {
        size_t end = read_item_end(r, r->at);
        take_definition(r, &op->u.create_table.table, end);
        r->at = end;
    } while (read_sign(r, ','));
    return true;
}

/* ---- ALTER TABLE ----------------------------------------------------------------------------------------- */

/* One action: the table, and where it ends. */
struct action {
    struct qname table;
    size_t end;
};

static bool alter_add(struct reader *r, const struct action *a)
{
    struct constraint *k = ctx_new(r->ctx, struct constraint);
    struct column_parts parts = {0};
    struct op *op;

    if (take_constraint(r, a->end, k)) {
        add_constraint(r, &a->table, k, a->end);
        return true;
    }
    if (is_word(read_peek(r, 0), "INDEX") || is_word(read_peek(r, 0), "KEY") ||
        is_word(read_peek(r, 0), "FULLTEXT")) {
        op = read_add_op(r, OP_CREATE_INDEX);
        op->u.create_index.table = a->table;
        return true;
    }
    read_take(r, "COLUMN");
    bool guarded = read_take(r, "IF NOT EXISTS");
    op = read_add_op(r, OP_ADD_COLUMN);
    read_last(r)->is_guarded = op->u.add_column.if_not_exists = guarded;
    op->u.add_column.table = a->table;
    if (!read_name(r, &op->u.add_column.column.name))
        return false;
    take_column(r, a->end, &op->u.add_column.column, &parts);
    op->u.add_column.references = parts.references;
    op->u.add_column.column.primary_key = parts.primary;
    *k = (struct constraint){.kind = parts.unique ? CONSTRAINT_UNIQUE : CONSTRAINT_CHECK};
    vec_add(r->ctx, &k->columns, op->u.add_column.column.name);
    if (parts.unique || parts.check)
        add_constraint(r, &a->table, k, r->at);
    return true;
}

static bool alter_drop(struct reader *r, const struct action *a)
{
    bool is_constraint =
        read_take(r, "CONSTRAINT") || read_take(r, "PRIMARY KEY") || read_take(r, "FOREIGN KEY");
    bool is_index = !is_constraint && (read_take(r, "INDEX") || read_take(r, "KEY"));
    struct op *op = read_add_op(r, is_constraint ? OP_DROP_CONSTRAINT
                                   : is_index    ? OP_DROP_INDEX
                                                 : OP_DROP_COLUMN);
    const char *name = NULL;

    read_take(r, "COLUMN");
    bool guarded = read_take(r, "IF EXISTS");
    read_name(r, &name);
    bool cascade = read_has(r, r->at, a->end, "CASCADE");
    read_last(r)->is_guarded = guarded;
    if (is_constraint)
        op->u.drop_constraint = (struct op_drop_constraint){
            .table = a->table, .name = name, .if_exists = guarded, .cascade = cascade};
    else if (is_index)
        op->u.drop_index = (struct op_drop_index){.table = a->table, .name = name, .if_exists = guarded};
    else
        op->u.drop_column = (struct op_drop_column){
            .table = a->table, .name = name, .if_exists = guarded, .cascade = cascade};
    return true;
}

static struct op_alter_column *add_alter(struct reader *r, const struct action *a, const char *column)
{
    struct op *op = read_add_op(r, OP_ALTER_COLUMN);

    op->u.alter_column.table = a->table;
    op->u.alter_column.name = column;
    return &op->u.alter_column;
}

static void set_type(struct reader *r, struct op_alter_column *o, size_t end)
{
    o->given |= 1u << ALTER_TYPE;
    o->type = plain(take_type(r, end));
    if (read_take(r, "COLLATE")) {
        r->at++;
        o->given |= 1u << ALTER_COLLATION;
    }
    if (!read_take(r, "USING"))
        return;
    o->given |= 1u << ALTER_USING;
    o->using = plain(read_source(r, r->at, end));
}

static bool alter_column(struct reader *r, const struct action *a)
{
    const char *name;

    read_take(r, "COLUMN");
    if (!read_name(r, &name))
        return false;
    if (read_take(r, "TYPE") || read_take(r, "SET DATA TYPE")) {
        set_type(r, add_alter(r, a, name), a->end);
    } else if (read_take(r, "SET NOT NULL") || read_take(r, "DROP NOT NULL")) {
        struct op_alter_column *o = add_alter(r, a, name);
        o->given |= 1u << ALTER_NULLABLE;
        o->nullable = is_word(&r->words.v[r->at - 3], "DROP");
    } else if (read_take(r, "SET EXPRESSION")) {
        struct op_alter_column *o = add_alter(r, a, name);
        o->given |= 1u << ALTER_GENERATED;
        o->generated = ctx_new(r->ctx, struct generated);
        o->generated->stored = true;
    } else {
        read_add(r, SQL_ACT_HARMLESS)->is_ddl = true;
    }
    return true;
}

/* MODIFY and CHANGE, which repeat the whole definition. */
static bool alter_modify(struct reader *r, const struct action *a, bool renames)
{
    struct column c = {0};
    struct column_parts parts = {0};
    struct op_alter_column *o;

    read_take(r, "COLUMN");
    read_take(r, "IF EXISTS");
    if (!read_name(r, &c.name))
        return false;
    o = add_alter(r, a, c.name);
    if (renames && read_name(r, &o->new_name) && !str_eq_ci(o->new_name, c.name))
        o->given |= 1u << ALTER_NEW_NAME;
    take_column(r, a->end, &c, &parts);
    o->type = c.type;
    o->nullable = c.nullable;
    o->given |= 1u << ALTER_TYPE | 1u << ALTER_NULLABLE;
    return true;
}

static bool alter_rename(struct reader *r, const struct action *a)
{
    struct op *op;

    if (read_take(r, "TO") || read_take(r, "AS")) {
        op = read_add_op(r, OP_RENAME_TABLE);
        op->u.rename.name = a->table;
        return read_qname(r, &op->u.rename.new_name);
    }
    bool is_constraint = read_take(r, "CONSTRAINT"), is_index = read_take(r, "INDEX") || read_take(r, "KEY");
    op = read_add_op(r, is_constraint ? OP_RENAME_CONSTRAINT : is_index ? OP_RENAME_INDEX : OP_RENAME_COLUMN);
    op->u.rename_part.table = a->table;
    read_take(r, "COLUMN");
    return read_name(r, &op->u.rename_part.name) && read_take(r, "TO") &&
           read_name(r, &op->u.rename_part.new_name);
}

static bool alter_partition(struct reader *r, const struct action *a, enum op_kind kind)
{
    struct op *op = read_add_op(r, kind);

    op->u.partition.table = a->table;
    if (!read_qname(r, &op->u.partition.partition))
        return false;
    read_last(r)->concurrently = read_has(r, r->at, a->end, "CONCURRENTLY");
    return true;
}

static bool alter_validate(struct reader *r, const struct action *a)
{
    struct op *op = read_add_op(r, OP_VALIDATE_CONSTRAINT);

    op->u.validate_constraint.table = a->table;
    return read_name(r, &op->u.validate_constraint.name);
}

static bool alter_action(struct reader *r, const struct action *a)
{
    static const char *const rewriting[] = {
        "SET LOGGED", "SET UNLOGGED", "SET TABLESPACE", "SET ACCESS METHOD", "ENGINE", "CONVERT TO", NULL};

    if (read_take(r, "ADD"))
        return alter_add(r, a);
    if (read_take(r, "DROP"))
        return alter_drop(r, a);
    if (read_take(r, "ALTER"))
        return alter_column(r, a);
    if (read_take(r, "MODIFY"))
        return alter_modify(r, a, false);
    if (read_take(r, "CHANGE"))
        return alter_modify(r, a, true);
    if (read_take(r, "RENAME"))
        return alter_rename(r, a);
    if (read_take(r, "VALIDATE CONSTRAINT"))
        return alter_validate(r, a);
    if (read_take(r, "ATTACH PARTITION"))
        return alter_partition(r, a, OP_ATTACH_PARTITION);
    if (read_take(r, "DETACH PARTITION"))
        return alter_partition(r, a, OP_DETACH_PARTITION);
    bool is_rewrite = read_any(r, rewriting);
    struct sql_change *c = read_add(r, is_rewrite ? SQL_ACT_REWRITE : SQL_ACT_HARMLESS);
    c->is_ddl = true;
    if (is_rewrite)
        c->table = a->table;
    return true;
}

bool read_alter_table(struct reader *r)
{
    struct action a;
    bool guarded = read_take(r, "IF EXISTS");

    read_take(r, "ONLY");
    if (!read_qname(r, &a.table))
        return false;
    read_sign(r, '*');
    do {
        a.end = read_item_end(r, r->at);
        if (!alter_action(r, &a))
            return false;
        read_last(r)->is_guarded |= guarded;
        r->at = a.end;
    } while (read_sign(r, ','));
    return r->at == r->words.n;
}
