/* Partitioned tables: indexes and keys partition by partition, and partitions that come and go without a scan. */
#include "dialect/postgresql/online/online.h"

#include "dialect/postgresql/postgresql.h"
#include "dialect/postgresql/spell/names.h"

/* ---- indexes ----------------------------------------------------------------------------------------- */

/* Named after the index above it, so that indexes on the same columns do not clash. */
static struct qname child_index(struct recipe_call *k, const struct qname *child, const char *index)
{
    return (struct qname){child->schema, pg_object_name(&k->ctx->arena, child->name, index, "idx")};
}

/* That of the table, or of a partitioned partition. */
static struct qname index_above(struct recipe_call *k, const struct online_child *c, const char *index)
{
    bool is_root = qname_eq(&c->parent, &k->table.children.v[0].parent);
    return is_root ? (struct qname){c->parent.schema, index} : child_index(k, &c->parent, index);
}

static struct op *attach_index(struct recipe_call *k, const struct qname *above, const struct qname *index)
{
    struct sql q = sql_begin(k->ctx, &postgresql_dialect);
    sql_addf(&q, "ALTER INDEX %Q ATTACH PARTITION %Q", above, index);
    return recipe_sql(k, sql_end(&q));
}

/* An attached one is dropped with the index above it. */
static struct op *drop_unattached(struct recipe_call *k, const struct qname *index)
{
    struct sql q = sql_begin(k->ctx, &postgresql_dialect);
    sql_addf(&q,
        "DO $cmig$\nBEGIN\n    IF NOT EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE inhrelid = "
        "pg_catalog.to_regclass(%L)) THEN\n        DROP INDEX IF EXISTS %Q;\n    END IF;\nEND\n$cmig$",
        pg_qname(&k->ctx->arena, index), index);
    return recipe_sql(k, sql_end(&q));
}

static const char *scan_of(struct recipe_call *k, const struct qname *child)
{
    return ctx_printf(k->ctx, "scans %s", child->name);
}

/* Creates the index without those of the partitions: the operation with another table and name. */
static struct op *make_alone(struct recipe_call *k, const struct qname *table, const char *name)
{
    struct op *ret = recipe_plain(k);
    bool is_root = qname_eq(table, &k->table.name);
    if (ret->kind == OP_CREATE_INDEX) {
        ret->u.create_index.table = *table;
        ret->u.create_index.index.name = name;
        ret->u.create_index.alone = true;
        ret->u.create_index.index.comment = is_root ? ret->u.create_index.index.comment : NULL;
    } else {
        ret->u.create_constraint.table = *table;
        ret->u.create_constraint.constraint.name = name;
        ret->u.create_constraint.alone = true;
        ret->u.create_constraint.constraint.comment =
            is_root ? ret->u.create_constraint.constraint.comment : NULL;
    }
    return ret;
}

static void add_leaf(
    struct recipe_call *k, const struct index *index, const struct online_child *c, const char *root)
{
    struct qname name = child_index(k, &c->name, root), above = index_above(k, c, root);
    struct op *build = op_new(k->ctx, OP_CREATE_INDEX), *key = recipe_plain(k);
    build->u.create_index = (struct op_create_index){.table = c->name, .index = *index, .concurrently = true};
    build->u.create_index.index.name = name.name;
    build->u.create_index.index.comment = NULL;
    recipe_claim(k, CLAIM_RELATION, &c->name, name.name);
    struct segment *s = recipe_add(k, build, LOCK_SHARE_UPDATE_EXCLUSIVE, scan_of(k, &c->name));
    if (k->op->kind != OP_CREATE_INDEX) {
        key->u.create_constraint.table = c->name;
        key->u.create_constraint.constraint.name = key->u.create_constraint.using_index = name.name;
        key->u.create_constraint.constraint.comment = NULL;
        vec_add(k->ctx, &s->ops, key);
    }
    vec_add(k->ctx, &s->ops, attach_index(k, &above, &name));
    vec_add(k->ctx, &s->undo, drop_unattached(k, &name));
}

/* First the indexes without rows, from the table down, then one partition after the other. */
bool recipe_index_on_partitions(struct recipe_call *k, const struct index *index)
{
    const struct online_children *children = &k->table.children;
    struct segment *s = recipe_add(k, make_alone(k, &k->table.name, index->name), LOCK_SHARE, NULL);
    vec_add(k->ctx, &s->undo,
        k->op->kind == OP_CREATE_INDEX ? recipe_drop_index(k, index->name)
                                       : recipe_drop_constraint(k, index->name));
    vec_each(i, children) {
        const struct online_child *c = &children->v[i];
        struct qname name = child_index(k, &c->name, index->name), above = index_above(k, c, index->name);
        if (c->is_leaf)
            continue;
        recipe_claim(k, CLAIM_RELATION, &c->name, name.name);
        vec_add(k->ctx, &s->ops, make_alone(k, &c->name, name.name));
        vec_add(k->ctx, &s->ops, attach_index(k, &above, &name));
    }
    vec_each(i, children)
        if (children->v[i].is_leaf)
            add_leaf(k, index, &children->v[i], index->name);
    return true;
}

/* ---- foreign keys -------------------------------------------------------------------------------------- */

/* Until PostgreSQL 17 a partitioned table has no key that is NOT VALID; it takes over one that its partitions have. */
bool recipe_key_on_partitions(struct recipe_call *k)
{
    const struct constraint *c = &k->op->u.create_constraint.constraint;
    struct recipe_call part = *k;
    vec_each(i, &k->table.children) {
        struct op *one = recipe_plain(k);
        if (!k->table.children.v[i].is_leaf)
            continue;
        part.op = one;
        part.table = (struct online_table){.name = k->table.children.v[i].name, .kind = 'r'};
        one->u.create_constraint.table = part.table.name;
        one->u.create_constraint.constraint.name = recipe_constraint_name(k, c);
        one->u.create_constraint.constraint.comment = NULL;
        if (!recipe_not_valid_first(&part))
            return false;
    }
    struct op *last = recipe_plain(k);
    last->u.create_constraint.constraint.name = recipe_constraint_name(k, c);
    struct segment *s = recipe_add(k, last, LOCK_SHARE_ROW_EXCLUSIVE, NULL);
    vec_add(k->ctx, &s->undo, recipe_drop_constraint(k, last->u.create_constraint.constraint.name));
    return true;
}

/* ---- partitions that come and go ------------------------------------------------------------------------- */

#define PROOF "cmig_partition_bound"

static struct op *drop_proof(struct recipe_call *k, const struct qname *table)
{
    struct op *ret = recipe_drop_constraint(k, PROOF);
    ret->u.drop_constraint.table = *table;
    return ret;
}

static void prove(struct recipe_call *k, const struct qname *table, const char *condition)
{
    recipe_prove(k, table, PROOF, condition, scan_of(k, table));
}

/* What the server knows of a partitioned table. */
struct bounds {
    const char *key;           /* "RANGE (day)"; NULL: it is not partitioned */
    struct qname default_part; /* name NULL: none */
    const char *table;         /* '16384'::oid */
};

static bool read_bounds(struct recipe_call *k, struct bounds *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    const char *params[] = {pg_qname(&k->ctx->arena, &k->table.name)};
    *ret = (struct bounds){0};
    if (!pg_query(k->pg,
            "SELECT pg_catalog.pg_get_partkeydef(p.partrelid), n.nspname, c.relname, "
            "pg_catalog.quote_literal(p.partrelid::pg_catalog.text) || '::oid' "
            "FROM pg_catalog.pg_partitioned_table p "
            "LEFT JOIN pg_catalog.pg_class c ON c.oid = p.partdefid "
            "LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
            "WHERE p.partrelid = pg_catalog.to_regclass($1)",
            params, 1, &a))
        return false;
    if (!answer_rows(&a))
        return true;
    ret->key = answer_copy(&a, 0, 0);
    ret->default_part = (struct qname){answer_copy(&a, 0, 1), answer_copy(&a, 0, 2)};
    ret->table = answer_copy(&a, 0, 3);
    return true;
}

/* The condition as the server has it, of a temporary partition with this bound. Only it knows how it is spelled. */
static bool read_condition(struct recipe_call *k, const struct bounds *b, const char *bound, const char **ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    struct sql q = sql_begin(k->ctx, &postgresql_dialect);
    bool inside = pg_has_open_transaction(k->pg);
    sql_addf(&q,
        "%E; CREATE TEMPORARY TABLE cmig_parent (LIKE %Q) PARTITION BY %E; "
        "CREATE TEMPORARY TABLE cmig_child PARTITION OF cmig_parent %E",
        inside ? "SAVEPOINT cmig" : "BEGIN", &k->table.name, b->key, bound);
    bool ok = pg_run(k->pg, sql_end(&q)) &&
              pg_query(k->pg,
                  "SELECT pg_catalog.replace(pg_catalog.pg_get_partition_constraintdef(c.oid), "
                  "pg_catalog.quote_literal(i.inhparent::pg_catalog.oid::pg_catalog.text) || '::oid', $1) "
                  "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid "
                  "WHERE c.oid = pg_catalog.to_regclass('pg_temp.cmig_child')",
                  &b->table, 1, &a);
    if (ok && answer_rows(&a))
        *ret = answer_copy(&a, 0, 0);
    return pg_run(k->pg, inside ? "ROLLBACK TO SAVEPOINT cmig" : "ROLLBACK") && ok;
}

/* Nobody uses the new partition through the table yet; offline the condition is not known, and the server scans it while it
 * is locked. */
bool recipe_attach(struct recipe_call *k)
{
    const struct op_partition *o = &k->op->u.partition;
    const char *bound = o->bound.native ? o->bound.native : dtext_for(&o->bound.sql, "postgresql");
    const char *condition = NULL;
    struct bounds b = {0};
    if (k->pg && !read_bounds(k, &b))
        return false;
    bool is_known = b.key && bound && !str_eq_ci(bound, "DEFAULT");
    if (is_known && !read_condition(k, &b, bound, &condition))
        return false;
    bool has_default = condition && b.default_part.name;
    if (condition)
        prove(k, &o->partition, condition);
    if (has_default)
        prove(k, &b.default_part, ctx_printf(k->ctx, "NOT (%s)", condition));
    struct segment *s = recipe_add(
        k, recipe_plain(k), LOCK_SHARE_UPDATE_EXCLUSIVE, condition ? NULL : scan_of(k, &o->partition));
    struct op *detach = op_new(k->ctx, OP_DETACH_PARTITION);
    detach->u.partition = (struct op_partition){.table = o->table, .partition = o->partition};
    vec_add(k->ctx, &s->undo, detach);
    if (!condition)
        return true;
    s = recipe_add(k, drop_proof(k, &o->partition), LOCK_ACCESS_EXCLUSIVE, NULL);
    if (has_default)
        vec_add(k->ctx, &s->ops, drop_proof(k, &b.default_part));
    return true;
}

/* As a check of the partition it keeps the server from adding one when the partition is detached. */
static bool read_own_condition(struct recipe_call *k, const char **ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    const char *params[] = {pg_qname(&k->ctx->arena, &k->op->u.partition.partition)};
    if (!pg_query(k->pg, "SELECT pg_catalog.pg_get_partition_constraintdef(pg_catalog.to_regclass($1))",
            params, 1, &a))
        return false;
    *ret =
        answer_text(&a, 0, 0) ? answer_copy(&a, 0, 0) : "true"; /* it is detached: nothing is left to prove */
    return true;
}

enum { DETACHES_CONCURRENTLY = 140000 };

bool recipe_detach(struct recipe_call *k)
{
    const struct op_partition *o = &k->op->u.partition;
    struct op *detach = recipe_plain(k);
    const char *condition;
    struct bounds b = {0};
    if (k->pg && !read_bounds(k, &b))
        return false;
    if (!b.key || b.default_part.name || k->version < DETACHES_CONCURRENTLY)
        return recipe_as_it_is(k);
    if (!read_own_condition(k, &condition))
        return false;
    prove(k, &o->partition, condition);
    detach->u.partition.concurrently = true;
    recipe_add(k, detach, LOCK_SHARE_UPDATE_EXCLUSIVE, NULL)->stays = true;
    recipe_add(k, drop_proof(k, &o->partition), LOCK_ACCESS_EXCLUSIVE, NULL);
    return true;
}
