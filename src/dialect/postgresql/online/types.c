/*
 * Changes of a column's type: tells what they cost, and refuses those that cannot be done online.
 *
 * A type that only the catalogue notices is changed as it is. Otherwise a second column takes the place of the first
 * one (second_column.c), unless something depends on the column that cannot be moved to another one.
 */
#include "dialect/postgresql/online/types.h"

#include "dialect/postgresql/hazards/hazards.h"
#include "dialect/postgresql/postgresql.h"
#include "dialect/postgresql/reflect/reflect.h"
#include "dialect/postgresql/spell/names.h"

/* ---- the column ------------------------------------------------------------------------------------------ */

static bool read_table(struct recipe_call *k, const struct table **ret)
{
    struct schema *s = k->state->schema;
    struct qname name = k->table.name;
    if (k->pg) {
        struct scope scope = {0};
        s = ctx_new(k->ctx, struct schema);
        if (str_eq(name.schema, k->pg->base.default_schema))
            name.schema = NULL;
        if (name.schema)
            vec_add(k->ctx, &scope.schemas, name.schema);
        if (!pg_reflect(&k->pg->base, &scope, s))
            return false;
    }
    *ret = s ? schema_table(s, &name) : NULL;
    return true;
}

static bool uses(const struct expr *e, const char *column)
{
    const char *sql = pg_render_expr(e);
    return sql && sql_mentions(sql, column);
}

static bool parts_use(const struct index_parts *parts, const char *column)
{
    vec_each(i, parts)
        if (str_eq(parts->v[i]->column, column) || uses(&parts->v[i]->expr, column))
            return true;
    return false;
}

/* Offline: the name that the server gives to it. */
static bool name_constraint(struct change *c, struct rendering *r, struct constraint **k)
{
    if ((*k)->name)
        return true;
    struct op_drop_constraint shape = {.table = c->k->table.name,
        .type = (int)(*k)->kind + 1,
        .columns = (*k)->columns,
        .check = (*k)->check};
    struct constraint *named = ctx_new(c->k->ctx, struct constraint);
    *named = **k;
    *k = named;
    return pg_find_constraint(r, &shape, &named->name);
}

static bool take_users(struct change *c, struct rendering *r)
{
    const struct table *t = c->table;
    const char *column = c->o->name;
    struct ctx *ctx = c->k->ctx;
    vec_each(i, &t->indexes) {
        struct index *x = t->indexes.v[i];
        if (parts_use(&x->parts, column) || uses(&x->where, column) || strings_have(&x->include, column))
            vec_add(ctx, &c->indexes, x);
    }
    vec_each(i, &t->uniques)
        if (strings_have(&t->uniques.v[i]->columns, column) ||
            strings_have(&t->uniques.v[i]->include, column))
            vec_add(ctx, &c->uniques, t->uniques.v[i]);
    vec_each(i, &t->checks)
        if (uses(&t->checks.v[i]->check, column))
            vec_add(ctx, &c->checks, t->checks.v[i]);
    vec_each(i, &c->uniques)
        if (!name_constraint(c, r, &c->uniques.v[i]))
            return false;
    vec_each(i, &c->checks)
        if (!name_constraint(c, r, &c->checks.v[i]))
            return false;
    return true;
}

static bool read_column(struct change *c)
{
    struct ops none = {0};
    struct statements unused = {0};
    struct rendering r = {
        .ctx = c->k->ctx, .state = c->k->state, .pg = c->k->pg, .ops = &none, .op = c->k->op, .ret = &unused};
    if (!pg_render_retyping(&r, c->o, &c->to) || !read_table(c->k, &c->table))
        return false;
    if (c->table && !table_column(c->table, c->o->name))
        c->table = NULL;
    return !c->table || take_users(c, &r);
}

/* ---- what it costs --------------------------------------------------------------------------------------- */

/* The type that a domain is stored as, through domains of domains; of any other type, the type itself. */
struct stored_type {
    const char *name;
    bool is_checked; /* a domain has constraints */
};

static bool read_stored(struct recipe_call *k, const char *type, struct stored_type *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    *ret = (struct stored_type){.name = type};
    if (!pg_query(k->pg,
            "WITH RECURSIVE d AS (SELECT pg_catalog.to_regtype($1)::pg_catalog.oid AS oid, -1 AS typmod, "
            "false AS is_checked UNION ALL SELECT t.typbasetype, t.typtypmod, d.is_checked OR t.typnotnull "
            "OR "
            "EXISTS (SELECT FROM pg_catalog.pg_constraint c WHERE c.contypid = t.oid) "
            "FROM d JOIN pg_catalog.pg_type t ON t.oid = d.oid AND t.typtype = 'd') "
            "SELECT CASE WHEN d.oid <> pg_catalog.to_regtype($1) "
            "THEN pg_catalog.format_type(d.oid, d.typmod) END, d.is_checked "
            "FROM d JOIN pg_catalog.pg_type t ON t.oid = d.oid AND t.typtype <> 'd'",
            &type, 1, &a))
        return false;
    if (!answer_rows(&a))
        return true;
    ret->is_checked = answer_bool(&a, 0, 1);
    if (answer_text(&a, 0, 0))
        ret->name = answer_copy(&a, 0, 0);
    return true;
}

bool recipe_is_checked_domain(struct recipe_call *k, const char *type, bool *ret)
{
    struct stored_type stored = {0};
    if (k->pg && !read_stored(k, type, &stored))
        return false;
    *ret = stored.is_checked;
    return true;
}

static bool cost_of_others(struct change *c, enum type_cost *ret)
{
    struct stored_type from, to;
    struct recipe_call *k = c->k;
    if (!read_stored(k, c->to.now.type, &from) || !read_stored(k, c->to.type, &to))
        return false;
    *ret = to.is_checked ? TYPE_COST_REWRITE : pg_type_cost(k->ctx, from.name, to.name);
    return true;
}

/* PostgreSQL compares the offset of the session's time zone with zero. */
static bool cost_of_time_zone(struct recipe_call *k, enum type_cost *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    if (!pg_query(k->pg,
            "SELECT pg_catalog.lower(pg_catalog.current_setting('TimeZone')) IN ('utc', 'etc/utc', 'uct', "
            "'etc/uct', 'gmt', 'etc/gmt', 'gmt0', 'universal', 'etc/universal', 'zulu', 'etc/zulu')",
            NULL, 0, &a))
        return false;
    *ret = answer_bool(&a, 0, 0) ? TYPE_COST_INDEXES : TYPE_COST_REWRITE;
    return true;
}

static bool is_converted(const struct change *c)
{
    const char *using = dtext_for(&c->o->using, "postgresql");
    return using && !str_eq(using, c->o->name) && !str_eq(using, pg_ident(&c->k->ctx->arena, c->o->name));
}

static bool find_cost(struct change *c)
{
    static const char *const texts[] = {
        [TYPE_COST_INDEXES] = "the indexes of the column would be built while nobody can use the table",
        [TYPE_COST_TIME_ZONE] = "the table would be rewritten while nobody can use it",
        [TYPE_COST_UNKNOWN] = "the table would be rewritten while nobody can use it",
        [TYPE_COST_REWRITE] = "the table would be rewritten while nobody can use it"};
    enum type_cost cost = pg_type_cost(c->k->ctx, c->to.now.type, c->to.type);
    if (cost == TYPE_COST_UNKNOWN && c->k->pg && !cost_of_others(c, &cost))
        return false;
    if (cost == TYPE_COST_TIME_ZONE && c->k->pg && !cost_of_time_zone(c->k, &cost))
        return false;
    if (cost == TYPE_COST_NONE && ALTER_HAS(c->o, ALTER_COLLATION) &&
        !str_eq(c->to.collation, c->to.now.collation))
        cost = TYPE_COST_INDEXES;
    if (is_converted(c))
        cost = TYPE_COST_REWRITE;
    if (cost == TYPE_COST_INDEXES && !c->indexes.n && !c->uniques.n)
        cost = TYPE_COST_NONE;
    c->cost = texts[cost];
    return true;
}

/* ---- what prevents it ------------------------------------------------------------------------------------ */

static bool is_in_tree(const struct change *c)
{
    const struct table *t = c->table;
    return table_is_partitioned(t) || t->partition_of.name || t->inherits.n;
}

static bool is_typed(const struct change *c)
{
    return c->table->options && options_get(c->table->options, "postgresql", "of");
}

static bool is_generated(const struct change *c)
{
    return c->to.now.generated || ALTER_HAS(c->o, ALTER_GENERATED);
}

static bool is_numbered(const struct change *c)
{
    return c->to.now.identity || c->to.now.owns_sequence || c->to.is_serial ||
           ALTER_HAS(c->o, ALTER_IDENTITY) || ALTER_HAS(c->o, ALTER_AUTOINCREMENT);
}

static bool is_in_primary_key(const struct change *c)
{
    const struct constraint *key = c->table->primary_key;
    return key && (strings_have(&key->columns, c->o->name) || strings_have(&key->include, c->o->name));
}

static bool is_in_foreign_key(const struct change *c)
{
    vec_each(i, &c->table->foreign_keys)
        if (strings_have(&c->table->foreign_keys.v[i]->columns, c->o->name))
            return true;
    return false;
}

static bool is_excluded(const struct change *c)
{
    const struct constraints *list = &c->table->excludes;
    vec_each(i, list)
        if (parts_use(&list->v[i]->parts, c->o->name) || uses(&list->v[i]->where, c->o->name))
            return true;
    vec_each(i, &c->uniques)
        if (options_get(c->uniques.v[i]->options ? c->uniques.v[i]->options : &(struct options){0},
                "postgresql", "without_overlaps"))
            return true;
    return false;
}

static bool is_read_by_generated(const struct change *c)
{
    vec_each(i, &c->table->columns) {
        const struct column *other = c->table->columns.v[i];
        if (other->generated && uses(&other->generated->expr, c->o->name))
            return true;
    }
    return false;
}

/* The columns of such an index must be NOT NULL. */
static bool loses_identity(const struct change *c)
{
    const struct options *all = c->table->options;
    const char *index = all ? options_get(all, "postgresql", "replica_identity") : NULL;
    bool found = false;
    vec_each(i, &c->indexes)
        found |= str_eq(c->indexes.v[i]->name, index);
    vec_each(i, &c->uniques)
        found |= str_eq(c->uniques.v[i]->name, index);
    return found && ALTER_HAS(c->o, ALTER_NULLABLE) && c->o->nullable;
}

/* A trigger before the change of a row does not see their values. */
static bool converts_generated(const struct change *c)
{
    vec_each(i, &c->table->columns)
        if (c->table->columns.v[i]->generated && sql_mentions(c->to.conversion, c->table->columns.v[i]->name))
            return true;
    return false;
}

static const struct {
    bool (*holds)(const struct change *c);
    const char *why;
} reasons[] = {
    {is_in_tree, "the table is part of an inheritance or partition tree"},
    {is_typed, "the table is of a composite type"},
    {is_generated, "it is generated"},
    {is_numbered, "a sequence numbers it"},
    {is_in_primary_key, "it is part of the primary key"},
    {is_in_foreign_key, "it is part of a foreign key"},
    {is_excluded, "it is part of an exclusion constraint"},
    {is_read_by_generated, "a generated column reads it"},
    {loses_identity, "it is part of the replica identity, which cannot be null"},
    {converts_generated, "'using' reads a generated column"},
};

/* Whatever depends on the column, and is not an index, a constraint or a default of the table. Subscribers to a
 * publication do not have a second column. */
static bool find_dependent(const struct change *c, const char **ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    const char *params[] = {pg_qname(&c->k->ctx->arena, &c->k->table.name), c->o->name};
    *ret = NULL;
    if (!c->k->pg)
        return true;
    if (!pg_query(c->k->pg,
            "WITH col AS (SELECT a.attrelid, a.attnum FROM pg_catalog.pg_attribute a WHERE a.attrelid = "
            "pg_catalog.to_regclass($1) AND a.attname = $2 AND NOT a.attisdropped) "
            "SELECT CASE WHEN w.rulename = '_RETURN' "
            "THEN pg_catalog.pg_describe_object('pg_catalog.pg_class'::regclass, w.ev_class, 0) "
            "ELSE pg_catalog.pg_describe_object(d.classid, d.objid, 0) END FROM col "
            "JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::regclass "
            "AND d.refobjid = col.attrelid AND d.refobjsubid = col.attnum "
            "LEFT JOIN pg_catalog.pg_class x ON d.classid = 'pg_catalog.pg_class'::regclass AND x.oid = "
            "d.objid "
            "LEFT JOIN pg_catalog.pg_rewrite w ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND w.oid = "
            "d.objid "
            "LEFT JOIN pg_catalog.pg_constraint k ON d.classid = 'pg_catalog.pg_constraint'::regclass "
            "AND k.oid = d.objid AND k.conrelid = col.attrelid "
            "LEFT JOIN pg_catalog.pg_attrdef f ON d.classid = 'pg_catalog.pg_attrdef'::regclass "
            "AND f.oid = d.objid AND f.adrelid = col.attrelid AND f.adnum = col.attnum "
            "WHERE COALESCE(x.relkind <> 'i', k.contype NOT IN ('u', 'c', 'n'), f.oid IS NULL) "
            "UNION SELECT pg_catalog.pg_describe_object('pg_catalog.pg_class'::regclass, i.inhrelid, 0) "
            "FROM col JOIN pg_catalog.pg_inherits i ON i.inhparent = col.attrelid "
            "UNION SELECT 'publication ' || pg_catalog.quote_ident(p.pubname) FROM col "
            "JOIN pg_catalog.pg_class t ON t.oid = col.attrelid "
            "JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace "
            "JOIN pg_catalog.pg_publication_tables p ON p.schemaname = n.nspname AND p.tablename = t.relname "
            "UNION SELECT 'security label ' || s.label FROM col JOIN pg_catalog.pg_seclabel s "
            "ON s.classoid = 'pg_catalog.pg_class'::regclass AND s.objoid = col.attrelid "
            "AND s.objsubid = col.attnum ORDER BY 1 LIMIT 1",
            params, 2, &a))
        return false;
    if (answer_rows(&a))
        *ret = ctx_printf(c->k->ctx, "%s depends on it", answer_text(&a, 0, 0));
    return true;
}

static bool check(const struct change *c)
{
    const char *why = NULL;
    for (size_t i = 0; !why && i < COUNT_OF(reasons); i++)
        why = reasons[i].holds(c) ? reasons[i].why : NULL;
    if (!why && !find_dependent(c, &why))
        return false;
    return !why ||
           recipe_refuse(c->k, ctx_printf(c->k->ctx, "%s, and another column cannot replace '%s', since %s",
                                   c->cost, c->o->name, why));
}

/* ---- the recipe ------------------------------------------------------------------------------------------ */

bool recipe_prove_not_null(struct recipe_call *k)
{
    const struct op_alter_column *o = &k->op->u.alter_column;
    if (!ALTER_HAS(o, ALTER_NULLABLE) || o->nullable)
        return true;
    return recipe_set_not_null(k, ALTER_HAS(o, ALTER_NEW_NAME) ? o->new_name : o->name, NULL);
}

/* The NOT NULL in statements of its own: in that of the type, the server would check the proof again. */
static bool as_it_is(struct recipe_call *k)
{
    const struct op_alter_column *o = &k->op->u.alter_column;
    struct op *first = recipe_plain(k);
    if (!o->nullable)
        first->u.alter_column.given &= ~(1u << ALTER_NULLABLE);
    recipe_add(k, first, LOCK_ACCESS_EXCLUSIVE, NULL)->stays = true;
    return recipe_prove_not_null(k);
}

bool recipe_change_type(struct recipe_call *k)
{
    struct change c = {.k = k, .o = &k->op->u.alter_column};
    if (!read_column(&c))
        return false;
    if (!c.table || !c.to.now.type)
        return as_it_is(k);
    if (!find_cost(&c))
        return false;
    if (!c.cost) {
        bool done;
        return change_and_validate(&c, &done) && (done || as_it_is(k));
    }
    return check(&c) && change_by_second_column(&c);
}

/* ---- generated columns ----------------------------------------------------------------------------------- */

/* PostgreSQL 13 drops the expression of a stored column in the catalogue, and 18 replaces that of a virtual one. */
static bool changes_catalogue_only(const struct recipe_call *k, const struct column_now *now)
{
    const struct generated *wanted = k->op->u.alter_column.generated;
    if (!wanted)
        return now->generated != 'v' && k->version >= 130000;
    return !wanted->stored && now->generated == 'v' && k->version >= 180000;
}

bool recipe_change_generated(struct recipe_call *k)
{
    const struct op_alter_column *o = &k->op->u.alter_column;
    struct column_now now;
    struct ops none = {0};
    struct statements unused = {0};
    struct rendering r = {
        .ctx = k->ctx, .state = k->state, .pg = k->pg, .ops = &none, .op = k->op, .ret = &unused};
    if (!pg_render_column_now(&r, &o->table, o->name, NULL, &now))
        return false;
    if (!now.type || changes_catalogue_only(k, &now))
        return as_it_is(k);
    return recipe_refuse(k, "the table would be rewritten while nobody can use it");
}
