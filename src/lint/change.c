/*
 * Rules about a single change: what the dialect says of its cost, what running programs notice of it, and what is lost.
 */
#include "lint.h"

/* ---- operations: cost -------------------------------------------------------------------------------------- */

/* The operation is safe in the form in which it is written. */
static bool is_concurrent(const struct item *item)
{
    const struct op *op = item->op;

    return (op->kind == OP_CREATE_INDEX && op->u.create_index.concurrently) ||
           (op->kind == OP_DROP_INDEX && op->u.drop_index.concurrently) ||
           (op->kind == OP_DETACH_PARTITION && item->change && item->change->concurrently);
}

static const struct qname *table_of_index(const struct review *v, const char *name)
{
    const struct tables *tables = &v->l->schema->tables;

    for (size_t i = 0; name && i < tables->n; i++)
        if (table_index(tables->v[i], name))
            return &tables->v[i]->name;
    return NULL;
}

static const struct qname *table_of(const struct review *v, const struct op *op)
{
    const struct qname *name = op_table_name(op);

    if ((!name || !name->name) && op->kind == OP_DROP_INDEX)
        name = table_of_index(v, op->u.drop_index.name);
    return name && name->name ? name : NULL;
}

static bool is_new_partition(const struct review *v, const struct op *op)
{
    return op->kind == OP_ATTACH_PARTITION && review_is_fresh(v, &op->u.partition.partition);
}

static void check_cost(struct review *v, const struct item *item)
{
    const struct hazard_facts *facts = v->l->dialect->hazards;
    const struct qname *table = table_of(v, item->op);
    struct hazards found = {0};
    const struct hazard_call call = {.ctx = v->ctx,
        .dialect = v->l->dialect,
        .version = v->l->request->version,
        .schema = v->l->schema,
        .op = item->op,
        .table = table ? review_table(v, table) : NULL,
        .ret = &found};

    if (!facts || !facts->inspect || is_concurrent(item) || review_is_fresh(v, table) ||
        is_new_partition(v, item->op))
        return;
    facts->inspect(&call);
    vec_each(i, &found) {
        if (is_online(v, item) && lint_rules[found.v[i].rule].flags & LINT_ONLINE)
            continue;
        v->is_minor = found.v[i].is_minor;
        review_add(v, found.v[i].rule, item->pos, table, "%s", found.v[i].text);
        v->is_minor = false;
    }
}

static bool is_numbered(const struct column *c)
{
    const char *type = c->type.text;

    return c->identity || c->autoincrement == TRI_TRUE || c->generated || (type && strstr(type, "serial"));
}

static void check_required(struct review *v, const struct item *item)
{
    const struct op_add_column *o = &item->op->u.add_column;
    const struct hazard_facts *facts = v->l->dialect->hazards;

    if (o->column.nullable || o->column.dflt.kind != VALUE_NONE || is_numbered(&o->column) ||
        review_is_fresh(v, &o->table) || (facts && facts->fills_required_columns))
        return;
    review_add(v, RULE_ADD_REQUIRED_COLUMN, item->pos, &o->table,
        "column '%s' is NOT NULL and has no default: table '%s' must be empty", o->column.name,
        review_name(v, &o->table));
}

static void check_partition(struct review *v, const struct item *item)
{
    const struct table *t = &item->op->u.create_table.table;

    if (t->partition_of.name && !review_is_fresh(v, &t->partition_of))
        review_add(v, RULE_CREATE_PARTITION, item->pos, &t->partition_of,
            "partition '%s' waits for all queries on table '%s'", review_name(v, &t->name),
            review_name(v, &t->partition_of));
}

/* ---- operations: transactions -------------------------------------------------------------------------------- */

static const char *pending_key(const struct review *v, const struct qname *table, const char *name)
{
    return ctx_printf(v->ctx, "%s %s", review_name(v, table), name);
}

static void note_unproved(struct review *v, const struct item *item)
{
    const struct op_create_constraint *o = &item->op->u.create_constraint;

    if (o->constraint.not_valid && o->constraint.name)
        map_set(&v->pending, pending_key(v, &o->table, o->constraint.name), v);
}

static void check_validate(struct review *v, const struct item *item)
{
    const struct op_validate_constraint *o = &item->op->u.validate_constraint;

    if (!v->body.outside && map_get(&v->pending, pending_key(v, &o->table, o->name)) &&
        !review_is_fresh(v, &o->table))
        review_add(v, RULE_VALIDATE_TOGETHER, item->pos, &o->table,
            "constraint '%s' of table '%s' is created and validated in one transaction", o->name,
            review_name(v, &o->table));
}

/* ---- operations: running programs ------------------------------------------------------------------------------ */

static void add_column_rename(
    struct review *v, const struct item *item, const struct qname *table, const char *from, const char *to)
{
    if (!review_is_fresh(v, table))
        review_add(v, RULE_RENAME_COLUMN, item->pos, NULL, "column '%s' of table '%s' is renamed to '%s'",
            from, review_name(v, table), to);
}

static void check_rename_column(struct review *v, const struct item *item)
{
    const struct op_rename_part *o = &item->op->u.rename_part;

    add_column_rename(v, item, &o->table, o->name, o->new_name);
}

/* A view under the old name keeps programs running. */
static bool leaves_view(const struct review *v, const struct qname *old)
{
    vec_each(i, &v->body.upgrade) {
        const struct op *op = v->body.upgrade.v[i];
        if (op->kind == OP_CREATE_VIEW && str_eq(review_name(v, &op->u.view.view.name), review_name(v, old)))
            return true;
    }
    return false;
}

static void check_rename_table(struct review *v, const struct item *item)
{
    const struct op_rename *o = &item->op->u.rename;

    if (!review_is_fresh(v, &o->name) && !leaves_view(v, &o->name))
        review_add(v, RULE_RENAME_TABLE, item->pos, NULL, "table '%s' is renamed to '%s'",
            review_name(v, &o->name), review_name(v, &o->new_name));
}

static void check_alter_column(struct review *v, const struct item *item)
{
    const struct op_alter_column *o = &item->op->u.alter_column;
    const struct table *t = review_table(v, &o->table);
    const struct column *was = t ? table_column(t, o->name) : NULL;

    if (review_is_fresh(v, &o->table))
        return;
    if (ALTER_HAS(o, ALTER_NEW_NAME))
        add_column_rename(v, item, &o->table, o->name, o->new_name);
    if (ALTER_HAS(o, ALTER_NULLABLE) && o->nullable && !(was && was->nullable))
        review_add(v, RULE_DROP_NOT_NULL, item->pos, NULL, "column '%s' of table '%s' may be null afterwards",
            o->name, review_name(v, &o->table));
}

static void check_alter_enum(struct review *v, const struct item *item)
{
    const struct op_alter_enum *o = &item->op->u.alter_enum;

    vec_each(i, &o->rename)
        review_add(v, RULE_RENAME_ENUM_VALUE, item->pos, NULL, "value '%s' of enum '%s' is renamed to '%s'",
            o->rename.v[i]->from, review_name(v, &o->name), o->rename.v[i]->to);
}

/* ---- operations: data -------------------------------------------------------------------------------------------- */

/* What the downgrade does about it; SQL may do anything. */
static const char *way_back(const struct review *v, enum tri is_restored, const char *what)
{
    if (!v->body.has_downgrade)
        return ", and there is no downgrade";
    switch (is_restored) {
    case TRI_UNSET:
        return "";
    case TRI_TRUE:
        return ctx_printf(v->ctx, ", and the downgrade brings back the %s without them", what);
    case TRI_FALSE:
        break;
    }
    return ctx_printf(v->ctx, ", and the downgrade does not bring back the %s", what);
}

static enum tri adds_column(const struct review *v, const struct op_drop_column *dropped)
{
    vec_each(i, &v->body.downgrade) {
        const struct op *op = v->body.downgrade.v[i];
        if (op->kind == OP_EXECUTE)
            return TRI_UNSET;
        if (op->kind == OP_ADD_COLUMN && str_eq_ci(op->u.add_column.column.name, dropped->name) &&
            str_eq(review_name(v, &op->u.add_column.table), review_name(v, &dropped->table)))
            return TRI_TRUE;
    }
    return TRI_FALSE;
}

static enum tri creates_table(const struct review *v, const struct qname *dropped)
{
    vec_each(i, &v->body.downgrade) {
        const struct op *op = v->body.downgrade.v[i];
        if (op->kind == OP_EXECUTE)
            return TRI_UNSET;
        if (op->kind == OP_CREATE_TABLE &&
            str_eq(review_name(v, &op->u.create_table.table.name), review_name(v, dropped)))
            return TRI_TRUE;
    }
    return TRI_FALSE;
}

static void check_drop_column(struct review *v, const struct item *item)
{
    const struct op_drop_column *o = &item->op->u.drop_column;

    if (review_is_fresh(v, &o->table))
        return;
    review_add(v, RULE_DROP_COLUMN, item->pos, NULL, "the values of column '%s' of table '%s' are lost%s",
        o->name, review_name(v, &o->table), way_back(v, adds_column(v, o), "column"));
    if (o->cascade)
        review_add(v, RULE_CASCADE, item->pos, NULL,
            "all that depends on column '%s' of table '%s' is dropped", o->name, review_name(v, &o->table));
}

static void check_drop_table(struct review *v, const struct item *item)
{
    const struct op_drop *o = &item->op->u.drop;

    if (review_is_fresh(v, &o->name))
        return;
    review_add(v, RULE_DROP_TABLE, item->pos, NULL, "the rows of table '%s' are lost%s",
        review_name(v, &o->name), way_back(v, creates_table(v, &o->name), "table"));
    if (o->cascade)
        review_add(v, RULE_CASCADE, item->pos, NULL, "all that depends on table '%s' is dropped",
            review_name(v, &o->name));
}

static void check_drop_schema(struct review *v, const struct item *item)
{
    if (item->op->u.schema.cascade)
        review_add(v, RULE_DROP_SCHEMA, item->pos, NULL, "all that schema '%s' contains is lost",
            item->op->u.schema.name);
}

static void check_drop_constraint(struct review *v, const struct item *item)
{
    const struct op_drop_constraint *o = &item->op->u.drop_constraint;

    if (o->cascade)
        review_add(v, RULE_CASCADE, item->pos, NULL,
            "all that depends on constraint '%s' of table '%s' is dropped", o->name ? o->name : "",
            review_name(v, &o->table));
}

static void (*const op_checks[OP_KINDS])(struct review *v, const struct item *item) = {
    [OP_ADD_COLUMN] = check_required,
    [OP_CREATE_TABLE] = check_partition,
    [OP_RENAME_COLUMN] = check_rename_column,
    [OP_RENAME_TABLE] = check_rename_table,
    [OP_ALTER_COLUMN] = check_alter_column,
    [OP_ALTER_ENUM] = check_alter_enum,
    [OP_DROP_COLUMN] = check_drop_column,
    [OP_DROP_TABLE] = check_drop_table,
    [OP_DROP_SCHEMA] = check_drop_schema,
    [OP_DROP_CONSTRAINT] = check_drop_constraint,
    [OP_CREATE_CHECK_CONSTRAINT] = note_unproved,
    [OP_CREATE_FOREIGN_KEY] = note_unproved,
    [OP_VALIDATE_CONSTRAINT] = check_validate,
};

static void check_op(struct review *v, const struct item *item)
{
    check_cost(v, item);
    objects_check(v, item);
    if (op_checks[item->op->kind])
        op_checks[item->op->kind](v, item);
    if (op_object_verb(item->op->kind) == OBJECT_DROP && item->op->u.object.cascade)
        review_add(v, RULE_CASCADE, item->pos, NULL, "all that depends on the object is dropped");
}

/* ---- statements ----------------------------------------------------------------------------------------------- */

static void check_concurrently(struct review *v, const struct item *item)
{
    const struct sql_change *c = item->change;

    if (c->concurrently && !v->body.outside && c->act != SQL_ACT_REFRESH)
        review_add(v, RULE_CONCURRENTLY_IN_TRANSACTION, item->pos, NULL,
            "the revision is a transaction, and CONCURRENTLY cannot run in one");
}

/* A statement that fails when it runs a second time. */
static void check_repeatable(struct review *v, const struct item *item)
{
    static const enum op_kind kinds[] = {OP_CREATE_TABLE, OP_DROP_TABLE, OP_CREATE_INDEX, OP_DROP_INDEX,
        OP_ADD_COLUMN, OP_DROP_COLUMN, OP_DROP_CONSTRAINT};
    bool is_one = item->change->act == SQL_ACT_DROP_OTHER;

    for (size_t i = 0; item->op && i < COUNT_OF(kinds); i++)
        is_one |= item->op->kind == kinds[i];
    if (is_one && v->body.outside && !item->change->is_guarded)
        review_add(v, RULE_NOT_REPEATABLE, item->pos, NULL, "the statement fails if it is repeated");
}

static void note_write(struct review *v, const struct item *item)
{
    const struct qname *table = &item->change->table;

    if (v->body.outside || v->l->dialect->has.commits_ddl || review_is_fresh(v, table) || v->write.file)
        return;
    v->write = item->pos;
    v->written = *table;
}

void change_check_writes(struct review *v)
{
    if (!v->has_ddl || !v->write.file || v->has_reported_write)
        return;
    review_add(v, RULE_BACKFILL_IN_TRANSACTION, v->write, &v->written,
        "rows of table '%s' are changed in a transaction that also changes the schema",
        review_name(v, &v->written));
    v->has_reported_write = true;
}

static void check_table_act(struct review *v, const struct item *item)
{
    const struct sql_change *c = item->change;
    const char *table = c->table.name ? review_name(v, &c->table) : "";

    switch (c->act) {
    case SQL_ACT_TRUNCATE:
        review_add(v, RULE_TRUNCATE, item->pos, NULL, "all rows of table '%s' are lost", table);
        break;
    case SQL_ACT_DELETE_ALL:
        review_add(v, RULE_TRUNCATE, item->pos, NULL, "all rows of table '%s' are deleted", table);
        break;
    case SQL_ACT_REFRESH:
        if (!c->concurrently)
            review_add(v, RULE_REFRESH_BLOCKING, item->pos, NULL,
                "nobody can read view '%s' while it is refreshed", table);
        break;
    case SQL_ACT_REWRITE:
        review_add(v, RULE_REWRITE_TABLE, item->pos, &c->table,
            "nobody can use table '%s' while it is rewritten", table);
        break;
    case SQL_ACT_LOCK:
        review_add(v, RULE_LOCK_TABLE, item->pos, NULL,
            "table '%s' is locked until the revision is committed", table);
        break;
    case SQL_ACT_UPDATE_ALL:
        review_add(v, RULE_UNBATCHED_UPDATE, item->pos, &c->table,
            "all rows of table '%s' are updated at once", table);
        note_write(v, item);
        break;
    case SQL_ACT_WRITE:
        note_write(v, item);
        break;
    default:
        break;
    }
}

static void check_other_act(struct review *v, const struct item *item)
{
    const struct sql_change *c = item->change;

    switch (c->act) {
    case SQL_ACT_DROP_DATABASE:
        review_add(v, RULE_DROP_DATABASE, item->pos, NULL, "a database is dropped");
        break;
    case SQL_ACT_DROP_OTHER:
        review_add(v, RULE_DROP_OBJECT, item->pos, NULL, "an object is dropped");
        break;
    case SQL_ACT_REINDEX:
        if (!c->concurrently)
            review_add(v, RULE_REINDEX_BLOCKING, item->pos, NULL, "nobody can write while '%s' is rebuilt",
                c->name ? c->name : "");
        break;
    case SQL_ACT_RENAME_VALUE:
        review_add(v, RULE_RENAME_ENUM_VALUE, item->pos, NULL, "a value of enum '%s' is renamed", c->name);
        break;
    case SQL_ACT_RENAME_SCHEMA:
        review_add(v, RULE_RENAME_SCHEMA, item->pos, NULL, "schema '%s' is renamed", c->name);
        break;
    case SQL_ACT_DOMAIN_CHECK:
        review_add(
            v, RULE_CHANGE_DOMAIN, item->pos, NULL, "every table that uses domain '%s' is checked", c->name);
        break;
    case SQL_ACT_NEW_DOMAIN_CHECK:
        review_add(v, RULE_DOMAIN_CONSTRAINT, item->pos, NULL, "domain '%s' has a constraint", c->name);
        break;
    case SQL_ACT_UNKNOWN:
        review_add(v, RULE_UNPARSED, item->pos, NULL, "lint does not understand the statement");
        if (!v->silent)
            log_debug(
                v->ctx, "%slint does not understand the statement", pos_text(&v->ctx->arena, item->pos));
        break;
    default:
        break;
    }
}

static void check_statement(struct review *v, const struct item *item)
{
    const struct sql_change *c = item->change;

    if (c->problem)
        review_add(v, RULE_SYNTAX_ERROR, item->pos, NULL, "%s", c->problem);
    check_concurrently(v, item);
    check_repeatable(v, item);
    if (!item->op && c->cascade)
        review_add(v, RULE_CASCADE, item->pos, NULL, "the statement drops all that depends on the object");
    if (!review_is_fresh(v, c->table.name ? &c->table : NULL))
        check_table_act(v, item);
    check_other_act(v, item);
}

void change_check_version(struct review *v, const struct op *op, const char *sql, struct pos pos)
{
    const struct hazard_facts *facts = v->l->dialect->hazards;
    const int version = v->l->request->version;
    const char *newer = NULL;

    if (version && facts && op && facts->newer)
        newer = facts->newer(v->ctx, version, op);
    if (version && facts && sql && facts->newer_sql)
        newer = facts->newer_sql(v->ctx, version, sql);
    if (newer)
        review_add(v, RULE_NEEDS_VERSION, pos, NULL, "%s", newer);
}

void change_check(struct review *v, const struct item *item)
{
    change_check_version(v, item->op, NULL, item->pos);
    if (item->change)
        check_statement(v, item);
    if (item->op)
        check_op(v, item);
}
