/* Renders tables. */
#include "dialect/postgresql/render/render.h"

#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/spell/types.h"

/* ---- settings ---------------------------------------------------------------------------------------- */

static const char *setting(const struct options *options, const char *key)
{
    return options ? options_get(options, "postgresql", key) : NULL;
}

static void add_replica_identity(struct sql *q, const char *value)
{
    if (!*value)
        sql_add(q, "REPLICA IDENTITY DEFAULT");
    else if (str_eq_ci(value, "full") || str_eq_ci(value, "nothing"))
        sql_addf(q, "REPLICA IDENTITY %E", str_eq_ci(value, "full") ? "FULL" : "NOTHING");
    else
        sql_addf(q, "REPLICA IDENTITY USING INDEX %I", value);
}

static void add_cluster(struct sql *q, const char *value)
{
    if (*value)
        sql_addf(q, "CLUSTER ON %I", value);
    else
        sql_add(q, "SET WITHOUT CLUSTER");
}

static bool is_on(const char *value)
{
    bool flag = false;
    return option_flag(value, &flag) && flag;
}

static void add_row_security(struct sql *q, const char *value)
{
    sql_addf(q, "%E ROW LEVEL SECURITY", is_on(value) ? "ENABLE" : "DISABLE");
}

static void add_force_row_security(struct sql *q, const char *value)
{
    sql_addf(q, "%E ROW LEVEL SECURITY", is_on(value) ? "FORCE" : "NO FORCE");
}

bool pg_is_set(const struct options *o, const char *key)
{
    return o && is_on(options_get(o, "postgresql", key));
}

static void add_unlogged(struct sql *q, const char *value)
{
    sql_add(q, is_on(value) ? "SET UNLOGGED" : "SET LOGGED");
}

static void add_type(struct sql *q, const char *value)
{
    struct qname type = {0};
    if (*value && qname_parse(q->text.arena, value, &type))
        sql_addf(q, "OF %Q", &type);
    else
        sql_add(q, "NOT OF");
}

static void add_tablespace(struct sql *q, const char *value)
{
    sql_addf(q, "SET TABLESPACE %I", *value ? value : "pg_default");
}

static void add_access_method(struct sql *q, const char *value)
{
    sql_addf(q, "SET ACCESS METHOD %I", *value ? value : "heap");
}

/* Settings that have a form of their own; all others are storage parameters. Those that name an index wait until
 * it is there, and foreign keys are checked before their rows are hidden from the owner, too. */
static const struct {
    const char *key;
    void (*add)(struct sql *q, const char *value);
    bool later;
} forms[] = {
    {"unlogged", add_unlogged, false},
    {"of", add_type, false},
    {"tablespace", add_tablespace, false},
    {"access_method", add_access_method, false},
    {"replica_identity", add_replica_identity, true},
    {"cluster_on", add_cluster, true},
    {"row_security", add_row_security, false},
    {"force_row_security", add_force_row_security, true},
};

/* Such a table must not be completed later: it may have existed. */
static bool is_conditional(const struct op *op)
{
    return op->kind == OP_CREATE_TABLE && op->u.create_table.if_not_exists;
}

static void pg_render_setting(struct rendering *r, const struct qname *table, const struct option *o)
{
    struct sql q = pg_render_alter(r, table);
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        if (!str_eq(forms[i].key, o->key))
            continue;
        forms[i].add(&q, o->value);
        if (forms[i].later && !is_conditional(r->op))
            pg_render_later(r, &q);
        else
            pg_render_add(r, &q);
        return;
    }
    if (*o->value)
        sql_addf(&q, "SET (%E = %L)", o->key, o->value);
    else
        sql_addf(&q, "RESET (%E)", o->key);
    pg_render_add(r, &q);
}

bool pg_render_alter_table(struct rendering *r, const struct op *op)
{
    const struct op_alter_table *o = &op->u.alter_table;
    /* As in CREATE TABLE, fillfactor comes first. */
    for (size_t i = 0; i < 2 * o->options.n; i++) {
        const struct option *one = &o->options.v[i % o->options.n];
        if (str_eq(one->dialect, "postgresql") && str_eq(one->key, "fillfactor") == (i < o->options.n))
            pg_render_setting(r, &o->table, one);
    }
    return true;
}

/* ---- creating ---------------------------------------------------------------------------------------- */

static bool is_key(const struct constraint *c)
{
    return c->kind == CONSTRAINT_PRIMARY_KEY || c->kind == CONSTRAINT_UNIQUE;
}

/* Inside of CREATE TABLE everything is taken for valid, and of two keys on the same columns only one is made, without a
 * word. So these come afterwards. */
static bool is_late(const struct table *t, const struct constraint *c)
{
    size_t state = 0;
    if (c->not_valid)
        return true;
    for (const struct constraint *other; is_key(c) && (other = table_next_constraint(t, &state)) != c;)
        if (is_key(other) && strings_eq(&other->columns, &c->columns))
            return true;
    return false;
}

static bool add_constraints(struct rendering *r, struct sql *q, const struct table *t)
{
    size_t state = 0;
    for (const struct constraint *c; (c = table_next_constraint(t, &state));) {
        if (c->implied || is_late(t, c))
            continue;
        sql_add(q, ",\n    ");
        if (!pg_render_constraint(r, q, c))
            return false;
    }
    return true;
}

/* The columns of parents come by themselves. */
static bool add_columns(struct rendering *r, struct sql *q, const struct table *t)
{
    size_t n = 0;
    vec_each(i, &t->columns) {
        if (t->columns.v[i]->is_inherited)
            continue;
        sql_add(q, n++ ? ",\n    " : "\n    ");
        if (!pg_render_column_definition(r, q, t, t->columns.v[i]))
            return false;
    }
    return true;
}

/* Columns and constraints in brackets; a partition may have none. */
static bool add_parts(struct rendering *r, struct sql *q, const struct table *t)
{
    struct sql columns = pg_render_begin(r), constraints = pg_render_begin(r);
    if (!add_columns(r, &columns, t) || !add_constraints(r, &constraints, t))
        return false;
    const char *first = sql_end(&columns), *rest = sql_end(&constraints);
    if (!*first && *rest)
        rest++;
    if (!table_is_partition(t) || *rest)
        sql_addf(q, " (%E%E\n)", first, rest);
    return true;
}

static void add_parents(struct rendering *r, struct sql *q, const struct table *t)
{
    vec_each(i, &t->inherits) {
        struct qname name = {0};
        if (qname_parse(&r->ctx->arena, t->inherits.v[i], &name))
            sql_addf(q, i ? ", %Q" : " INHERITS (%Q", &name);
    }
    if (t->inherits.n)
        sql_add(q, ")");
}

static bool pg_render_late_constraints(struct rendering *r, const struct table *t)
{
    size_t state = 0;
    for (const struct constraint *c; (c = table_next_constraint(t, &state));) {
        if (c->implied)
            continue;
        if (is_late(t, c)) {
            struct sql q = pg_render_alter(r, &t->name);
            sql_add(&q, "ADD ");
            if (!pg_render_constraint(r, &q, c))
                return false;
            if (c->not_valid)
                sql_add(&q, " NOT VALID");
            pg_render_add(r, &q);
        }
        if (!pg_render_constraint_extras(r, &t->name, c))
            return false;
    }
    return true;
}

/* CREATE TABLE has no syntax for them. */
static bool is_set_afterwards(const char *key)
{
    static const char *const keys[] = {
        "replica_identity", "cluster_on", "row_security", "force_row_security", "of"};
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (str_eq(keys[i], key))
            return true;
    return false;
}

static bool add_own_defaults(struct rendering *r, const struct table *t)
{
    vec_each(i, &t->defaults) {
        const struct column *c = t->defaults.v[i];
        struct sql q = pg_render_alter(r, &t->name);
        sql_addf(
            &q, "ALTER COLUMN %I %E", c->name, c->dflt.kind == VALUE_NONE ? "DROP DEFAULT" : "SET DEFAULT ");
        if (c->dflt.kind != VALUE_NONE && !pg_render_value(r, &q, &c->dflt))
            return false;
        pg_render_add(r, &q);
    }
    return true;
}

static bool pg_render_table_extras(struct rendering *r, const struct table *t)
{
    if (t->comment)
        pg_render_comment(r, ctx_printf(r->ctx, "TABLE %s", pg_qname(&r->ctx->arena, &t->name)), t->comment);
    vec_each(i, &t->not_null) {
        struct sql q = pg_render_alter(r, &t->name);
        sql_addf(&q, "ALTER COLUMN %I SET NOT NULL", t->not_null.v[i]);
        pg_render_add(r, &q);
    }
    if (!add_own_defaults(r, t))
        return false;
    vec_each(i, &t->columns)
        if (!pg_render_column_extras(r, &t->name, t->columns.v[i]))
            return false;
    vec_each(i, &t->indexes) {
        struct op_create_index o = {.table = t->name, .index = *t->indexes.v[i]};
        if (!pg_render_index(r, &t->name, &o))
            return false;
    }
    for (size_t i = 0; t->options && i < t->options->n; i++)
        if (is_set_afterwards(t->options->v[i].key) && *t->options->v[i].value)
            pg_render_setting(r, &t->name, &t->options->v[i]);
    return pg_render_late_constraints(r, t);
}

bool pg_render_create_table(struct rendering *r, const struct op *op)
{
    const struct table *t = &op->u.create_table.table;
    size_t from = r->ret->n;
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "CREATE %ETABLE %E%Q", pg_is_set(t->options, "unlogged") ? "UNLOGGED " : "",
        op->u.create_table.if_not_exists ? "IF NOT EXISTS " : "", &t->name);
    if (table_is_partition(t))
        sql_addf(&q, " PARTITION OF %Q", &t->partition_of);
    if (!add_parts(r, &q, t))
        return false;
    if (table_is_partition(t))
        sql_addf(&q, " %E", pg_render_expr(&t->bound));
    add_parents(r, &q, t);
    if (table_is_partitioned(t))
        sql_addf(&q, " PARTITION BY %E", pg_render_expr(&t->partition_by));
    if (setting(t->options, "access_method"))
        sql_addf(&q, " USING %I", setting(t->options, "access_method"));
    pg_render_storage(&q, t->options);
    if (setting(t->options, "tablespace"))
        sql_addf(&q, " TABLESPACE %I", setting(t->options, "tablespace"));
    pg_render_add(r, &q);
    if (!pg_render_table_extras(r, t))
        return false;
    if (is_conditional(op) && r->ret->n > from + 1)
        pg_render_unless(r, from, pg_render_is_there(r, &t->name));
    return true;
}

bool pg_render_partition(struct rendering *r, const struct op *op)
{
    const struct op_partition *o = &op->u.partition;
    struct sql q = pg_render_alter(r, &o->table);
    if (op->kind == OP_ATTACH_PARTITION)
        sql_addf(&q, "ATTACH PARTITION %Q %E", &o->partition, pg_render_expr(&o->bound));
    else
        sql_addf(&q, "DETACH PARTITION %Q%E", &o->partition, o->concurrently ? " CONCURRENTLY" : "");
    pg_render_add(r, &q)->flags = o->concurrently ? STATEMENT_OUTSIDE : 0;
    return true;
}

bool pg_render_parent(struct rendering *r, const struct op *op)
{
    struct sql q = pg_render_alter(r, &op->u.parent.table);
    sql_addf(&q, op->kind == OP_ADD_PARENT ? "INHERIT %Q" : "NO INHERIT %Q", &op->u.parent.parent);
    pg_render_add(r, &q);
    return true;
}

/* ---- the rest ---------------------------------------------------------------------------------------- */

bool pg_render_drop_table(struct rendering *r, const struct op *op)
{
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "DROP TABLE %E%Q%E", op->u.drop.if_exists ? "IF EXISTS " : "", &op->u.drop.name,
        op->u.drop.cascade ? " CASCADE" : "");
    pg_render_add(r, &q);
    return true;
}

/* The columns that own a sequence. */
static bool numbered_online(struct rendering *r, const struct qname *table, struct strings *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    const char *params[] = {pg_qname(&r->ctx->arena, table)};
    if (!pg_query(r->pg,
            "SELECT a.attname FROM pg_catalog.pg_depend d "
            "JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S' "
            "JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid "
            "WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = "
            "'pg_catalog.pg_class'::regclass "
            "AND d.refobjid = pg_catalog.to_regclass($1) AND d.deptype IN ('a', 'i') ORDER BY s.relname",
            params, 1, &a))
        return false;
    for (int i = 0; i < answer_rows(&a); i++)
        if (!strings_have(ret, answer_text(&a, i, 0)))
            vec_add(r->ctx, ret, answer_copy(&a, i, 0));
    return true;
}

static bool numbered_offline(struct rendering *r, const struct qname *table, struct strings *ret)
{
    const struct table *t = r->state->schema ? schema_table(r->state->schema, table) : NULL;
    for (size_t i = 0; t && i < t->columns.n; i++) {
        const struct column *c = t->columns.v[i];
        bool is_numbered =
            c->identity || c->dflt.kind == VALUE_SQL || pg_is_serial(c) || pg_is_generated_key(t, c);
        if (is_numbered && !c->is_inherited)
            vec_add(r->ctx, ret, c->name);
    }
    return true;
}

/* The name of a column after the operations so far; NULL: it is gone. */
static const char *column_after(const struct rendering *r, const struct qname *table, const char *old)
{
    struct qname name = pg_render_old_table(r, table);
    for (size_t i = 0; i < r->at; i++) {
        const struct op *op = r->ops->v[i];
        if (op->kind == OP_RENAME_TABLE && qname_eq(&op->u.rename.name, &name))
            name = op->u.rename.new_name;
        else if (op->kind == OP_RENAME_COLUMN && qname_eq(&op->u.rename_part.table, &name) &&
                 str_eq(op->u.rename_part.name, old))
            old = op->u.rename_part.new_name;
        else if (op->kind == OP_DROP_COLUMN && qname_eq(&op->u.drop_column.table, &name) &&
                 str_eq(op->u.drop_column.name, old))
            return NULL;
    }
    return old;
}

/* Whether an earlier operation has taken the column's sequence from the table. */
static bool leaves_table(struct rendering *r, const struct qname *table, const char *column)
{
    struct column_now now;
    for (size_t i = 0; i < r->at; i++) {
        const struct op *op = r->ops->v[i];
        if (op->kind != OP_ALTER_SEQUENCE || op->u.sequence.sequence.owner.name)
            continue;
        if (pg_render_column_now(r, table, column, NULL, &now) &&
            qname_eq(&now.sequence, &op->u.sequence.sequence.name))
            return true;
    }
    return false;
}

/* Sequences that were named after the table (of serial and identity columns) follow it, so that the table does
 * not differ from one that always had this name. */
static bool rename_sequences(struct rendering *r, const struct op_rename *o)
{
    struct strings columns = {0};
    struct qname old = pg_render_old_table(r, &o->name), renamed = {o->name.schema, o->new_name.name};
    if (str_eq(o->name.name, o->new_name.name))
        return true;
    if (!(r->pg ? numbered_online : numbered_offline)(r, &old, &columns))
        return false;
    vec_each(i, &columns) {
        const char *column = column_after(r, &o->name, columns.v[i]);
        struct column_now now;
        if (leaves_table(r, &o->name, columns.v[i]))
            continue;
        if (column && (!pg_render_column_now(r, &o->name, column, NULL, &now) ||
                          !pg_render_sequence_follows(r, &now, &o->name, column, &renamed, column)))
            return false;
    }
    return true;
}

bool pg_render_rename_table(struct rendering *r, const struct op *op)
{
    const struct op_rename *o = &op->u.rename;
    if (!str_eq(o->name.name, o->new_name.name)) {
        struct sql q = pg_render_alter(r, &o->name);
        sql_addf(&q, "RENAME TO %I", o->new_name.name);
        pg_render_add(r, &q);
    }
    if (!rename_sequences(r, o))
        return false;
    if (!str_eq(o->name.schema, o->new_name.schema)) {
        struct qname moved = {o->name.schema, o->new_name.name};
        struct sql q = pg_render_alter(r, &moved);
        sql_addf(&q, "SET SCHEMA %I",
            o->new_name.schema ? o->new_name.schema
            : r->pg            ? r->pg->base.default_schema
                               : "public");
        pg_render_add(r, &q);
    }
    return true;
}

bool pg_render_table_comment(struct rendering *r, const struct op *op)
{
    const char *comment = op->kind == OP_DROP_TABLE_COMMENT ? NULL : op->u.table_comment.comment;
    pg_render_comment(
        r, ctx_printf(r->ctx, "TABLE %s", pg_qname(&r->ctx->arena, &op->u.table_comment.table)), comment);
    return true;
}
