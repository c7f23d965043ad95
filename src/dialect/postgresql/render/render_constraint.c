/* Renders constraints and indexes. */
#include "dialect/postgresql/render/render.h"

#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/wire/exec.h"

/* ---- settings and parts ------------------------------------------------------------------------------ */

/* Not among WITH (…). */
static bool is_storage(const struct option *o)
{
    static const char *const others[] = {"tablespace", "unlogged", "of", "access_method", "replica_identity",
        "cluster_on", "row_security", "force_row_security", "not_enforced", "period", "without_overlaps"};
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (str_eq(others[i], o->key))
            return false;
    return str_eq(o->dialect, "postgresql") && *o->value;
}

/* fillfactor comes first, as it is usually written: the server keeps the order. */
void pg_render_storage(struct sql *q, const struct options *options)
{
    const char *lead = " WITH (";
    for (size_t i = 0; options && i < 2 * options->n; i++) {
        const struct option *o = &options->v[i % options->n];
        if (!is_storage(o) || str_eq(o->key, "fillfactor") != (i < options->n))
            continue;
        sql_addf(q, "%E%E = %L", lead, o->key, o->value);
        lead = ", ";
    }
    if (*lead == ',')
        sql_add(q, ")");
}

static const char *tablespace_of(const struct options *options)
{
    return options ? options_get(options, "postgresql", "tablespace") : NULL;
}

/* A name of our own, or one that reflection has quoted already since its schema belongs to it. */
void pg_render_collation(struct sql *q, const char *collation)
{
    sql_addf(q, *collation == '"' ? " COLLATE %E" : " COLLATE %I", collation);
}

static bool add_part(struct sql *q, const struct index_part *p)
{
    const char *sql = pg_render_expr(&p->expr);
    if (p->column)
        sql_ident(q, p->column);
    else
        sql_addf(q, "(%E)", sql ? sql : "");
    if (p->collation)
        pg_render_collation(q, p->collation);
    if (p->opclass)
        sql_addf(q, " %E", p->opclass);
    if (p->order == ORDER_DESC)
        sql_add(q, " DESC");
    if (p->nulls != NULLS_DEFAULT)
        sql_add(q, p->nulls == NULLS_FIRST ? " NULLS FIRST" : " NULLS LAST");
    if (p->op)
        sql_addf(q, " WITH %E", p->op);
    return p->column || sql;
}

static bool add_parts(struct rendering *r, struct sql *q, const struct index_parts *parts)
{
    sql_add(q, "(");
    vec_each(i, parts) {
        sql_add(q, i ? ", " : "");
        if (!add_part(q, parts->v[i]))
            return fail(r->ctx, STATUS_CONFIG, "an expression has no SQL for PostgreSQL");
    }
    sql_add(q, ")");
    return true;
}

/* ---- constraints ------------------------------------------------------------------------------------- */

static void add_index_settings(struct sql *q, const struct constraint *c)
{
    if (c->include.n)
        sql_addf(q, " INCLUDE %C", &c->include);
    pg_render_storage(q, c->options);
    if (tablespace_of(c->options))
        sql_addf(q, " USING INDEX TABLESPACE %I", tablespace_of(c->options));
}

static bool add_check(struct rendering *r, struct sql *q, const struct constraint *c)
{
    const char *sql = pg_render_expr(&c->check);
    if (!sql)
        return fail(
            r->ctx, STATUS_CONFIG, "check '%s' has no expression for PostgreSQL", c->name ? c->name : "");
    sql_addf(q, "CHECK (%E)%E", sql, c->no_inherit ? " NO INHERIT" : "");
    return true;
}

static bool add_exclude(struct rendering *r, struct sql *q, const struct constraint *c)
{
    sql_addf(q, "EXCLUDE USING %I ", c->using ? c->using : "gist");
    if (!add_parts(r, q, &c->parts))
        return false;
    add_index_settings(q, c);
    if (pg_render_expr(&c->where))
        sql_addf(q, " WHERE (%E)", pg_render_expr(&c->where));
    return true;
}

static bool is_on(const struct constraint *c, const char *flag)
{
    bool value = false;
    return c->options && option_flag(options_get(c->options, "postgresql", flag), &value) && value;
}

/* A temporal key: its last column is a period. */
static void add_key(struct sql *q, const struct constraint *c)
{
    bool is_temporal = is_on(c, "without_overlaps");
    sql_add(q, "(");
    vec_each(i, &c->columns)
        sql_addf(q, i ? ", %I" : "%I", c->columns.v[i]);
    sql_add(q, is_temporal ? " WITHOUT OVERLAPS)" : ")");
    add_index_settings(q, c);
}

static void add_referring(struct sql *q, const struct constraint *c, const struct strings *columns)
{
    bool is_temporal = is_on(c, "period");
    sql_add(q, "(");
    vec_each(i, columns)
        sql_addf(
            q, "%E%E%I", i ? ", " : "", is_temporal && i + 1 == columns->n ? "PERIOD " : "", columns->v[i]);
    sql_add(q, ")");
}

static bool add_body(struct rendering *r, struct sql *q, const struct constraint *c)
{
    switch (c->kind) {
    case CONSTRAINT_PRIMARY_KEY:
        sql_add(q, "PRIMARY KEY ");
        add_key(q, c);
        return true;
    case CONSTRAINT_UNIQUE:
        sql_addf(q, "UNIQUE%E ", c->nulls_not_distinct ? " NULLS NOT DISTINCT" : "");
        add_key(q, c);
        return true;
    case CONSTRAINT_CHECK:
        return add_check(r, q, c);
    case CONSTRAINT_FOREIGN_KEY:
        sql_add(q, "FOREIGN KEY ");
        add_referring(q, c, &c->columns);
        sql_addf(q, " REFERENCES %Q", &c->references);
        if (c->referred_columns.n) {
            sql_add(q, " ");
            add_referring(q, c, &c->referred_columns);
        }
        return true;
    case CONSTRAINT_EXCLUDE:
        return add_exclude(r, q, c);
    }
    return true;
}

/* For a revision that is being written: a table that no model has must exist when it runs. */
static bool check_external(struct rendering *r, const struct constraint *c)
{
    struct answer a CLEANUP(answer_finish) = {0};
    if (c->kind != CONSTRAINT_FOREIGN_KEY || !c->external || !r->pg || !r->state->elsewhere)
        return true;
    const char *params[] = {pg_qname(&r->ctx->arena, &c->references)};
    if (!pg_query(r->pg, "SELECT pg_catalog.to_regclass($1) IS NOT NULL", params, 1, &a))
        return false;
    if (answer_bool(&a, 0, 0))
        return true;
    fail_at(
        r->ctx, STATUS_CONFIG, c->pos, "table '%s' does not exist, and the models do not have it", params[0]);
    return fail_hint(r->ctx, "Create it in a revision before this one, with 'execute: CREATE TABLE …'.");
}

bool pg_render_constraint(struct rendering *r, struct sql *q, const struct constraint *c)
{
    if (!check_external(r, c))
        return false;
    if (c->name)
        sql_addf(q, "CONSTRAINT %I ", c->name);
    if (!add_body(r, q, c))
        return false;
    sql_reference_options(q, c);
    if (is_on(c, "not_enforced"))
        sql_add(q, " NOT ENFORCED");
    return true;
}

bool pg_render_constraint_extras(struct rendering *r, const struct qname *table, const struct constraint *c)
{
    struct arena *a = &r->ctx->arena;
    if (c->comment && c->name)
        pg_render_comment(
            r, arena_printf(a, "CONSTRAINT %s ON %s", pg_ident(a, c->name), pg_qname(a, table)), c->comment);
    return true;
}

bool pg_render_create_constraint(struct rendering *r, const struct op *op)
{
    const struct op_create_constraint *o = &op->u.create_constraint;
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "ALTER TABLE %E%Q ADD ", o->alone ? "ONLY " : "", &o->table);
    if (o->using_index) {
        if (o->constraint.name)
            sql_addf(&q, "CONSTRAINT %I ", o->constraint.name);
        sql_addf(&q, "%E USING INDEX %I",
            o->constraint.kind == CONSTRAINT_PRIMARY_KEY ? "PRIMARY KEY" : "UNIQUE", o->using_index);
        sql_reference_options(&q, &o->constraint);
    } else if (!pg_render_constraint(r, &q, &o->constraint)) {
        return false;
    }
    if (o->constraint.not_valid)
        sql_add(&q, " NOT VALID");
    pg_render_add(r, &q);
    return pg_render_constraint_extras(r, &o->table, &o->constraint);
}

bool pg_render_drop_constraint(struct rendering *r, const struct op *op)
{
    const struct op_drop_constraint *o = &op->u.drop_constraint;
    const char *name = o->name;
    if (!name && !pg_find_constraint(r, o, &name))
        return false;
    struct sql q = pg_render_alter(r, &o->table);
    sql_addf(
        &q, "DROP CONSTRAINT %E%I%E", o->if_exists ? "IF EXISTS " : "", name, o->cascade ? " CASCADE" : "");
    pg_render_add(r, &q);
    return true;
}

bool pg_render_rename_constraint(struct rendering *r, const struct op *op)
{
    const struct op_rename_part *o = &op->u.rename_part;
    struct sql q = pg_render_alter(r, &o->table);
    sql_addf(&q, "RENAME CONSTRAINT %I TO %I", o->name, o->new_name);
    pg_render_add(r, &q);
    return true;
}

bool pg_render_validate_constraint(struct rendering *r, const struct op *op)
{
    struct sql q = pg_render_alter(r, &op->u.validate_constraint.table);
    sql_addf(&q, "VALIDATE CONSTRAINT %I", op->u.validate_constraint.name);
    pg_render_add(r, &q);
    return true;
}

/* ---- indexes ----------------------------------------------------------------------------------------- */

/* Only for a build that is about to begin: operations before it may still drop what has its name. */
static bool check_index_name(struct rendering *r, const struct qname *table, const struct op_create_index *o)
{
    bool is_next = r->pg && r->at == 0 && !r->state->begun && !r->state->elsewhere;
    return !o->concurrently || !is_next || o->if_not_exists || !o->index.name ||
           concurrent_index_is_free(r->pg, table, o->index.name);
}

bool pg_render_index(struct rendering *r, const struct qname *table, const struct op_create_index *o)
{
    const struct index *x = &o->index;
    if (!check_index_name(r, table, o))
        return false;
    size_t from = r->ret->n;
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "CREATE %EINDEX %E%E", x->unique ? "UNIQUE " : "", o->concurrently ? "CONCURRENTLY " : "",
        o->if_not_exists ? "IF NOT EXISTS " : "");
    if (x->name)
        sql_addf(&q, "%I ", x->name);
    sql_addf(&q, o->alone || x->on_only ? "ON ONLY %Q " : "ON %Q ", table);
    if (x->using)
        sql_addf(&q, "USING %I ", x->using);
    if (!add_parts(r, &q, &x->parts))
        return false;
    if (x->include.n)
        sql_addf(&q, " INCLUDE %C", &x->include);
    if (x->nulls_not_distinct)
        sql_add(&q, " NULLS NOT DISTINCT");
    pg_render_storage(&q, x->options);
    if (tablespace_of(x->options))
        sql_addf(&q, " TABLESPACE %I", tablespace_of(x->options));
    if (pg_render_expr(&x->where))
        sql_addf(&q, " WHERE (%E)", pg_render_expr(&x->where));
    pg_render_add(r, &q)->flags = o->concurrently ? STATEMENT_OUTSIDE : 0;
    struct qname name = {table->schema, x->name};
    if (o->attach_to.name) {
        struct sql attach = pg_render_begin(r);
        sql_addf(&attach, "ALTER INDEX %Q ATTACH PARTITION %Q", &o->attach_to, &name);
        pg_render_add(r, &attach);
    }
    if (x->comment && x->name)
        pg_render_comment(r, ctx_printf(r->ctx, "INDEX %s", pg_qname(&r->ctx->arena, &name)), x->comment);
    if (o->if_not_exists && !o->concurrently && r->ret->n > from + 1)
        pg_render_unless(r, from, pg_render_is_there(r, &name));
    return true;
}

bool pg_render_create_index(struct rendering *r, const struct op *op)
{
    return pg_render_index(r, &op->u.create_index.table, &op->u.create_index);
}

bool pg_render_drop_index(struct rendering *r, const struct op *op)
{
    const struct op_drop_index *o = &op->u.drop_index;
    struct qname name = {o->table.schema, o->name};
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "DROP INDEX %E%E%Q", o->concurrently ? "CONCURRENTLY " : "",
        o->if_exists ? "IF EXISTS " : "", &name);
    pg_render_add(r, &q)->flags = o->concurrently ? STATEMENT_OUTSIDE : 0;
    return true;
}

bool pg_render_rename_index(struct rendering *r, const struct op *op)
{
    const struct op_rename_part *o = &op->u.rename_part;
    struct qname name = {o->table.schema, o->name};
    struct sql q = pg_render_begin(r);
    sql_addf(&q, "ALTER INDEX %Q RENAME TO %I", &name, o->new_name);
    pg_render_add(r, &q);
    return true;
}

/* The server chose the name that the index has now. It may be wanted by another index of a partition; so the two swap
 * their names. */
bool pg_render_rename_partition_index(struct rendering *r, const struct op *op)
{
    const struct op_rename_part *o = &op->u.rename_part;
    struct sql q = pg_render_begin(r);
    sql_addf(&q,
        "DO $cmig$\n"
        "DECLARE\n"
        "    part pg_catalog.regclass := (SELECT i.indexrelid FROM pg_catalog.pg_index i\n"
        "        JOIN pg_catalog.pg_class r ON r.oid = pg_catalog.pg_partition_root(i.indexrelid)\n"
        "        WHERE i.indrelid = %L::pg_catalog.regclass AND r.oid <> i.indexrelid AND r.relname = %L);\n"
        "    old pg_catalog.name := (SELECT relname FROM pg_catalog.pg_class WHERE oid = part);\n"
        "    other pg_catalog.regclass := (SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relname = %L\n"
        "        AND c.relkind IN ('i', 'I') AND c.relispartition AND c.relnamespace =\n"
        "        (SELECT relnamespace FROM pg_catalog.pg_class WHERE oid = part));\n"
        "BEGIN\n"
        "    IF part IS NULL THEN\n"
        "        RAISE EXCEPTION 'partition %%s has no index that belongs to %%s', %L, %L;\n"
        "    END IF;\n"
        "    IF part = other THEN\n"
        "        RETURN;\n"
        "    END IF;\n"
        "    IF other IS NOT NULL THEN\n"
        "        EXECUTE pg_catalog.format('ALTER INDEX %%s RENAME TO cmig_renamed', other);\n"
        "    END IF;\n"
        "    EXECUTE pg_catalog.format('ALTER INDEX %%s RENAME TO %%I', part, %L);\n"
        "    IF other IS NOT NULL THEN\n"
        "        EXECUTE pg_catalog.format('ALTER INDEX %%s RENAME TO %%I', other, old);\n"
        "    END IF;\n"
        "END\n"
        "$cmig$",
        pg_qname(&r->ctx->arena, &o->table), o->name, o->new_name, qname_text(&r->ctx->arena, &o->table),
        o->name, o->new_name);
    pg_render_add(r, &q);
    return true;
}
