/*
 * Tells what an operation on an existing table costs PostgreSQL.
 *
 * The locks, scans and rewrites were measured on PostgreSQL 12 to 18.
 */
#include "dialect/postgresql/hazards/hazards.h"
#include "dialect/postgresql/postgresql.h"
#include "dialect/postgresql/render/render.h"

#include <ctype.h>

static const char *table_text(const struct hazard_call *h)
{
    return qname_text(&h->ctx->arena, op_table_name(h->op));
}

static const char *names_text(const struct hazard_call *h, const struct strings *names)
{
    return strings_join(&h->ctx->arena, names, ", ");
}

/* ---- columns ------------------------------------------------------------------------------------------- */

static bool is_numbered(const struct column *c)
{
    const char *type = dtext_for(&c->type, "postgresql");

    return c->identity || c->autoincrement == TRI_TRUE ||
           (type &&
               (str_eq_ci(type, "serial") || str_eq_ci(type, "bigserial") || str_eq_ci(type, "smallserial")));
}

static const char *default_sql(const struct value *v)
{
    if (v->kind == VALUE_FUNC) {
        const char *name = dtext_for(&v->expr.sql, "postgresql");
        return str_eq(name, "uuid") ? "gen_random_uuid()" : NULL;
    }
    if (v->kind != VALUE_SQL)
        return NULL;
    const char *sql = dtext_for(&v->expr.sql, "postgresql");
    return sql ? sql : v->expr.native;
}

static void inspect_default(const struct hazard_call *h, const struct column *c)
{
    const char *sql = default_sql(&c->dflt), *name;
    bool known;

    if (!sql || !(name = pg_volatile_function(h->ctx, sql, &known)))
        return;
    if (known)
        hazard_add(h, RULE_ADD_COLUMN_REWRITE,
            "column '%s' computes its default %s() for each row of table '%s', which "
            "is rewritten",
            c->name, name, table_text(h));
    else
        hazard_add(h, RULE_ADD_COLUMN_REWRITE,
            "column '%s' may rewrite table '%s': its default calls %s(), which is volatile unless declared "
            "otherwise",
            c->name, table_text(h), name);
}

static void inspect_add_column(const struct hazard_call *h)
{
    const struct op_add_column *o = &h->op->u.add_column;
    const struct column *c = &o->column;

    if (is_numbered(c))
        hazard_add(h, RULE_ADD_NUMBERED_COLUMN,
            "column '%s' numbers all rows of table '%s', which is rewritten", c->name, table_text(h));
    else if (c->generated && c->generated->stored)
        hazard_add(h, RULE_ADD_GENERATED_COLUMN, "stored generated column '%s' rewrites table '%s'", c->name,
            table_text(h));
    else
        inspect_default(h, c);
    if (o->references && c->dflt.kind != VALUE_NONE)
        hazard_add(h, RULE_ADD_FOREIGN_KEY,
            "all rows of table '%s' are checked for the foreign key of column '%s'", table_text(h), c->name);
    if (c->primary_key)
        hazard_add(
            h, RULE_ADD_PRIMARY_KEY, "the index of the primary key of table '%s' is built", table_text(h));
}

/* The letters, digits and signs of an expression, in lower case and without the parentheses and quotes that PostgreSQL adds. */
static const char *condensed(struct ctx *ctx, const char *sql)
{
    struct str out = STR(ctx);

    for (; *sql; sql++)
        if (!isspace((unsigned char)*sql) && !strchr("()\"", *sql))
            str_addc(&out, (char)tolower((unsigned char)*sql));
    return str_get(&out);
}

/* Whether a valid check proves that no row has a null: "c IS NOT NULL", or a conjunction with that. */
static bool is_proved(const struct hazard_call *h, const char *column)
{
    const char *wanted = condensed(h->ctx, ctx_printf(h->ctx, "%s IS NOT NULL", column));
    size_t n = strlen(wanted);

    for (size_t i = 0; h->table && i < h->table->checks.n; i++) {
        const struct constraint *k = h->table->checks.v[i];
        const char *sql = dtext_for(&k->check.sql, "postgresql"), *text, *at;

        if (k->not_valid || (!sql && !(sql = k->check.native)) || sql_mentions(sql, "or"))
            continue;
        text = condensed(h->ctx, sql);
        for (at = text; (at = strstr(at, wanted)); at++) {
            bool begins = at == text || (at - text >= 3 && strncmp(at - 3, "and", 3) == 0);
            if (begins && (!at[n] || str_starts(at + n, "and")))
                return true;
        }
    }
    return false;
}

/* A conversion that is not a plain cast to the new type computes each value. */
static bool is_plain_using(const struct hazard_call *h, const char *using, const char *type)
{
    const struct op_alter_column *o = &h->op->u.alter_column;
    const char *text = using ? condensed(h->ctx, using) : NULL;

    return !text || str_eq(text, condensed(h->ctx, o->name)) ||
           str_eq(text, condensed(h->ctx, ctx_printf(h->ctx, "%s::%s", o->name, type)));
}

static const char *native_of(const struct hazard_call *h, const struct column *was)
{
    const struct op_alter_column *o = &h->op->u.alter_column;
    const char *text = dtext_for(&o->type, "postgresql"), *native;
    struct column c = was ? *was : (struct column){.name = o->name};

    if (!text)
        return NULL;
    c.type = o->type;
    c.native = NULL;
    if (h->dialect->type_native(h->ctx, h->table, &c, &native))
        return native;
    err_clear(h->ctx);
    return text;
}

/* What has to be checked again although the rows stay as they are. */
static void inspect_uses(const struct hazard_call *h, const char *column)
{
    for (size_t i = 0; h->table && i < h->table->checks.n; i++) {
        const struct constraint *k = h->table->checks.v[i];
        const char *sql = dtext_for(&k->check.sql, "postgresql");

        if (!k->implied && (sql || (sql = k->check.native)) && sql_mentions(sql, column))
            hazard_add(h, RULE_CHANGE_COLUMN_TYPE, "check '%s' is validated again for all rows of table '%s'",
                k->name ? k->name : sql, table_text(h));
    }
    for (size_t i = 0; h->table && i < h->table->foreign_keys.n; i++) {
        const struct constraint *k = h->table->foreign_keys.v[i];

        if (strings_have(&k->columns, column))
            hazard_add(h, RULE_CHANGE_COLUMN_TYPE, "foreign key (%s) of table '%s' is validated again",
                names_text(h, &k->columns), table_text(h));
    }
}

static void report_cost(const struct hazard_call *h, const char *from, const char *to, enum type_cost cost)
{
    const char *column = h->op->u.alter_column.name, *table = table_text(h);
    const char *change =
        from ? ctx_printf(h->ctx, "from %s to %s", from, to) : ctx_printf(h->ctx, "to %s", to);

    switch (cost) {
    case TYPE_COST_NONE:
        inspect_uses(h, column);
        break;
    case TYPE_COST_INDEXES:
        hazard_add(h, RULE_CHANGE_COLUMN_TYPE,
            "column '%s' changes %s: its indexes on table '%s' are built again", column, change, table);
        break;
    case TYPE_COST_TIME_ZONE:
        hazard_add(h, RULE_CHANGE_COLUMN_TYPE,
            "column '%s' changes %s: table '%s' is rewritten, unless the session's time zone is UTC", column,
            change, table);
        break;
    case TYPE_COST_UNKNOWN:
        hazard_add(h, RULE_CHANGE_COLUMN_TYPE, "column '%s' changes %s: table '%s' may be rewritten", column,
            change, table);
        break;
    case TYPE_COST_REWRITE:
        hazard_add(h, RULE_CHANGE_COLUMN_TYPE, "column '%s' changes %s: table '%s' is rewritten", column,
            change, table);
        break;
    }
}

static void inspect_type(const struct hazard_call *h, const struct column *was)
{
    const struct op_alter_column *o = &h->op->u.alter_column;
    const char *to = native_of(h, was), *from = was ? was->native : NULL;
    const char *using = ALTER_HAS(o, ALTER_USING) ? dtext_for(&o->using, "postgresql") : NULL;
    enum type_cost cost;

    if (!to)
        return;
    cost = from ? pg_type_cost(h->ctx, from, to) : TYPE_COST_UNKNOWN;
    if (cost == TYPE_COST_NONE && from && str_eq(from, to) && !using)
        return;
    if (!is_plain_using(h, using, to))
        cost = TYPE_COST_REWRITE;
    report_cost(h, from, to, cost);
}

static void inspect_alter_column(const struct hazard_call *h)
{
    const struct op_alter_column *o = &h->op->u.alter_column;
    const struct column *was = h->table ? table_column(h->table, o->name) : NULL;

    if (ALTER_HAS(o, ALTER_TYPE))
        inspect_type(h, was);
    if (ALTER_HAS(o, ALTER_NULLABLE) && !o->nullable && !(was && !was->nullable) && !is_proved(h, o->name))
        hazard_add(h, RULE_SET_NOT_NULL, "all rows of table '%s' are read to prove that '%s' is never null",
            table_text(h), o->name);
    if (ALTER_HAS(o, ALTER_COLLATION))
        hazard_add(h, RULE_CHANGE_COLUMN_TYPE, "the indexes of column '%s' of table '%s' are built again",
            o->name, table_text(h));
    if (ALTER_HAS(o, ALTER_GENERATED) && o->generated && o->generated->stored)
        hazard_add(h, RULE_CHANGE_GENERATED, "the new expression of column '%s' rewrites table '%s'", o->name,
            table_text(h));
}

/* ---- indexes and constraints ----------------------------------------------------------------------------- */

static void inspect_create_index(const struct hazard_call *h)
{
    const struct op_create_index *o = &h->op->u.create_index;

    if (!o->concurrently)
        hazard_add(h, RULE_CREATE_INDEX_BLOCKING, "nobody can write to table '%s' while index '%s' is built",
            table_text(h), o->index.name ? o->index.name : "");
}

static void inspect_drop_index(const struct hazard_call *h)
{
    const struct op_drop_index *o = &h->op->u.drop_index;

    if (!o->concurrently)
        hazard_add(
            h, RULE_DROP_INDEX_BLOCKING, "dropping index '%s' waits for all queries on its table", o->name);
}

static void inspect_constraint(const struct hazard_call *h)
{
    const struct op_create_constraint *o = &h->op->u.create_constraint;
    const char *table = table_text(h), *name = o->constraint.name ? o->constraint.name : "";

    if (o->constraint.not_valid || o->using_index)
        return;
    switch ((int)h->op->kind) {
    case OP_CREATE_PRIMARY_KEY:
        hazard_add(h, RULE_ADD_PRIMARY_KEY,
            "nobody can use table '%s' while the index of its primary key is built", table);
        break;
    case OP_CREATE_UNIQUE_CONSTRAINT:
        hazard_add(h, RULE_ADD_UNIQUE,
            "nobody can use table '%s' while the index of constraint '%s' is built", table, name);
        break;
    case OP_CREATE_CHECK_CONSTRAINT:
        hazard_add(
            h, RULE_ADD_CHECK, "nobody can use table '%s' while all rows are checked for '%s'", table, name);
        break;
    case OP_CREATE_FOREIGN_KEY:
        hazard_add(h, RULE_ADD_FOREIGN_KEY,
            "nobody can write to '%s' and '%s' while all rows of '%s' are checked", table,
            qname_text(&h->ctx->arena, &o->constraint.references), table);
        break;
    case OP_CREATE_EXCLUDE_CONSTRAINT:
        hazard_add(
            h, RULE_ADD_EXCLUSION, "nobody can use table '%s' while constraint '%s' is built", table, name);
        break;
    }
}

/* ---- partitions, options, enums ---------------------------------------------------------------------------- */

static void inspect_attach(const struct hazard_call *h)
{
    const struct op_partition *o = &h->op->u.partition;
    const struct table *t = schema_table(h->schema, &o->partition);

    /* A check may prove the bound; which one does is not decided here. */
    for (size_t i = 0; t && i < t->checks.n; i++)
        if (!t->checks.v[i]->not_valid && !t->checks.v[i]->implied)
            return;
    hazard_add(h, RULE_ATTACH_PARTITION, "all rows of table '%s' are checked while nobody can use it",
        qname_text(&h->ctx->arena, &o->partition));
}

static void inspect_detach(const struct hazard_call *h)
{
    hazard_add(h, RULE_DETACH_PARTITION, "detaching '%s' waits for all queries on table '%s'",
        qname_text(&h->ctx->arena, &h->op->u.partition.partition),
        qname_text(&h->ctx->arena, &h->op->u.partition.table));
}

static void inspect_alter_table(const struct hazard_call *h)
{
    static const char *const rewriting[] = {"unlogged", "tablespace", "access_method"};
    const struct options *o = &h->op->u.alter_table.options;

    for (size_t i = 0; i < o->n; i++)
        for (size_t k = 0; str_eq(o->v[i].dialect, "postgresql") && k < COUNT_OF(rewriting); k++)
            if (str_eq(o->v[i].key, rewriting[k]))
                hazard_add(
                    h, RULE_REWRITE_TABLE, "option '%s' rewrites table '%s'", o->v[i].key, table_text(h));
}

/* Whether `values` begins with, or has in between, all of the old values in their order. */
static bool keeps_order(const struct strings *old, const struct strings *values)
{
    size_t at = 0;

    vec_each(i, values)
        if (at < old->n && str_eq(old->v[at], values->v[i]))
            at++;
    return at == old->n;
}

static void inspect_alter_enum(const struct hazard_call *h)
{
    const struct op_alter_enum *o = &h->op->u.alter_enum;
    const struct enumeration *e = schema_enum(h->schema, &o->name);
    const struct strings *old = o->existing_values.n ? &o->existing_values : e ? &e->values : NULL;
    struct strings renamed = {0};

    for (size_t i = 0; old && i < old->n; i++) {
        const char *value = old->v[i];
        vec_each(k, &o->rename)
            if (str_eq(o->rename.v[k]->from, old->v[i]))
                value = o->rename.v[k]->to;
        vec_add(h->ctx, &renamed, value);
    }
    if (!keeps_order(&renamed, &o->values))
        hazard_add(h, RULE_RECREATE_ENUM,
            "enum '%s' is created again, and all tables that use it are rewritten",
            qname_text(&h->ctx->arena, &o->name));
}

static void (*const inspectors[OP_KINDS])(const struct hazard_call *h) = {
    [OP_ADD_COLUMN] = inspect_add_column,
    [OP_ALTER_COLUMN] = inspect_alter_column,
    [OP_CREATE_INDEX] = inspect_create_index,
    [OP_DROP_INDEX] = inspect_drop_index,
    [OP_CREATE_PRIMARY_KEY] = inspect_constraint,
    [OP_CREATE_UNIQUE_CONSTRAINT] = inspect_constraint,
    [OP_CREATE_CHECK_CONSTRAINT] = inspect_constraint,
    [OP_CREATE_FOREIGN_KEY] = inspect_constraint,
    [OP_CREATE_EXCLUDE_CONSTRAINT] = inspect_constraint,
    [OP_ATTACH_PARTITION] = inspect_attach,
    [OP_DETACH_PARTITION] = inspect_detach,
    [OP_ALTER_TABLE] = inspect_alter_table,
    [OP_ALTER_ENUM] = inspect_alter_enum,
};

static void inspect(const struct hazard_call *h)
{
    if (inspectors[h->op->kind])
        inspectors[h->op->kind](h);
}

static const struct sql_pattern patterns[] = {
    {RULE_DISABLE_TRIGGERS, "ALTER TABLE * DISABLE TRIGGER", "triggers are disabled"},
    {RULE_DISABLE_TRIGGERS, "ALTER EVENT TRIGGER * DISABLE", "an event trigger is disabled"},
    {RULE_DISABLE_CHECKS, "SET * session_replication_role TO|= replica",
        "triggers and foreign keys are switched off"},
    {RULE_DISABLE_TIMEOUT, "SET * lock_timeout|statement_timeout|transaction_timeout TO|= 0|0s|0ms|0min",
        "statements wait without a limit"},
    {RULE_REPLICA_IDENTITY, "ALTER TABLE * REPLICA IDENTITY FULL|NOTHING",
        "the replica identity is not the primary key"},
    {RULE_ENUM_VALUE_ORDER, "ALTER TYPE * ADD VALUE !BEFORE|AFTER",
        "the new value of the enum becomes the last one"},
    {RULE_CREATE_EXTENSION, "CREATE EXTENSION", "an extension is created"},
    {RULE_RENAME_OBJECT,
        "ALTER AGGREGATE|DOMAIN|FUNCTION|MATERIALIZED|PROCEDURE|ROUTINE|SEQUENCE|TYPE|VIEW * RENAME TO",
        "an object is renamed"},
    {RULE_RENAME_OBJECT, "ALTER * SET SCHEMA", "an object is moved to another schema"},
    {RULE_CHANGE_IDENTITY, "ALTER TABLE * ALTER * DROP IDENTITY", "a column is no longer numbered"},
    {RULE_CHANGE_IDENTITY, "ALTER TABLE * ALTER * DROP EXPRESSION", "a column is no longer computed"},
    {RULE_CHANGE_IDENTITY, "ALTER TABLE * ALTER * SET GENERATED", "the identity of a column changes"},
    {0},
};

const struct hazard_facts pg_hazards = {
    .inspect = inspect,
    .read = pg_read_statement,
    .newer = pg_newer,
    .patterns = patterns,
    .default_schema = "public",
};
