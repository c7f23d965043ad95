/* The table of recipes, and what they are made of. */
#include "dialect/postgresql/online/online.h"

#include "dialect/postgresql/postgresql.h"
#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/spell/types.h"

enum { OLDEST_VERSION = 120000 };

typedef bool recipe(struct recipe_call *k);

static bool uses_index(const struct recipe_call *k)
{
    return k->op->u.create_constraint.using_index;
}

static bool is_not_valid(const struct recipe_call *k)
{
    return k->op->u.create_constraint.constraint.not_valid;
}

static bool is_partitioned(const struct recipe_call *k)
{
    return k->table.kind == 'p';
}

/* Where a key that is not valid cannot be added to the whole table. */
static bool is_key_on_partitions(const struct recipe_call *k)
{
    return is_partitioned(k) && k->version < 180000;
}

static bool refuse_exclusion(struct recipe_call *k)
{
    return recipe_refuse(k, "an exclusion constraint builds its index while nobody can use the table");
}

static bool adds_stored(const struct recipe_call *k)
{
    const struct generated *g = k->op->u.add_column.column.generated;
    return g && g->stored;
}

static bool adds_numbered(const struct recipe_call *k)
{
    const struct column *c = &k->op->u.add_column.column;
    return c->identity || pg_is_serial(c) || c->autoincrement == TRI_TRUE;
}

static bool changes_generated(const struct recipe_call *k)
{
    return ALTER_HAS(&k->op->u.alter_column, ALTER_GENERATED);
}

static bool changes_type(const struct recipe_call *k)
{
    const struct op_alter_column *o = &k->op->u.alter_column;
    return ALTER_HAS(o, ALTER_TYPE) || ALTER_HAS(o, ALTER_COLLATION) || ALTER_HAS(o, ALTER_USING);
}

/* Options that the server changes by writing the table again. */
static bool rewrites(const struct recipe_call *k)
{
    static const char *const keys[] = {"unlogged", "tablespace", "access_method"};
    const struct options *options = &k->op->u.alter_table.options;
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (options_get(options, "postgresql", keys[i]))
            return true;
    return false;
}

static bool refuse_rewrite(struct recipe_call *k)
{
    return recipe_refuse(k, "the table would be rewritten while nobody can use it");
}

/* The first row that fits is taken; an operation without one is done as it is. */
static const struct {
    enum op_kind kind;
    bool (*fits)(const struct recipe_call *k); /* NULL: always */
    recipe *build;
} recipes[] = {
    {OP_CREATE_INDEX, NULL, recipe_create_index},
    {OP_DROP_INDEX, is_partitioned, recipe_as_it_is},
    {OP_DROP_INDEX, NULL, recipe_drop_concurrently},
    {OP_CREATE_UNIQUE_CONSTRAINT, uses_index, recipe_as_it_is},
    {OP_CREATE_UNIQUE_CONSTRAINT, NULL, recipe_key},
    {OP_CREATE_PRIMARY_KEY, NULL, recipe_key},
    {OP_CREATE_CHECK_CONSTRAINT, is_not_valid, recipe_as_it_is},
    {OP_CREATE_CHECK_CONSTRAINT, NULL, recipe_not_valid_first},
    {OP_CREATE_FOREIGN_KEY, is_not_valid, recipe_as_it_is},
    {OP_CREATE_FOREIGN_KEY, is_key_on_partitions, recipe_key_on_partitions},
    {OP_CREATE_FOREIGN_KEY, NULL, recipe_not_valid_first},
    {OP_CREATE_EXCLUDE_CONSTRAINT, NULL, refuse_exclusion},
    {OP_ALTER_TABLE, rewrites, refuse_rewrite},
    {OP_ALTER_COLUMN, changes_generated, recipe_change_generated},
    {OP_ALTER_COLUMN, changes_type, recipe_change_type},
    {OP_ALTER_COLUMN, NULL, recipe_alter_column},
    {OP_ADD_COLUMN, adds_stored, refuse_rewrite},
    {OP_ADD_COLUMN, adds_numbered, recipe_add_numbered},
    {OP_ADD_COLUMN, NULL, recipe_add_column},
    {OP_DROP_TABLE, NULL, recipe_drop},
    {OP_DROP_COLUMN, NULL, recipe_drop},
    {OP_ATTACH_PARTITION, NULL, recipe_attach},
    {OP_DETACH_PARTITION, NULL, recipe_detach},
};

bool pg_online(struct ctx *ctx, struct state *state, const struct op *op, struct segments *ret)
{
    struct claims claims = {0};
    struct pg *pg = state->conn ? pg_of(state->conn) : NULL;
    struct recipe_call k = {.ctx = ctx,
        .state = state,
        .pg = pg,
        .version = pg ? pg->version : OLDEST_VERSION,
        .op = op,
        .ret = ret,
        .claims = &claims};
    const struct qname *name = op->kind == OP_ATTACH_PARTITION || op->kind == OP_DETACH_PARTITION
                                   ? &op->u.partition.table
                                   : op_table_name(op);
    if (!online_table_read(&k, name, &k.table))
        return false;
    for (size_t i = 0; i < COUNT_OF(recipes); i++)
        if (recipes[i].kind == op->kind && (!recipes[i].fits || recipes[i].fits(&k)))
            return recipes[i].build(&k) && recipe_check_claims(&k);
    return recipe_as_it_is(&k);
}

/* ---- what recipes are made of ------------------------------------------------------------------------ */

struct segment *recipe_add(struct recipe_call *k, struct op *op, const char *lock, const char *work)
{
    struct segment s = {.lock = lock, .work = work};
    vec_add(k->ctx, &s.ops, op);
    vec_add(k->ctx, k->ret, s);
    return &k->ret->v[k->ret->n - 1];
}

const char *recipe_work(struct recipe_call *k, const char *what)
{
    return ctx_printf(k->ctx, "%s %s", what, qname_text(&k->ctx->arena, &k->table.name));
}

struct op *recipe_plain(struct recipe_call *k)
{
    struct op *ret = ctx_new(k->ctx, struct op);
    *ret = *k->op;
    ret->online = false;
    return ret;
}

struct op *recipe_sql(struct recipe_call *k, const char *sql)
{
    struct op *ret = op_new(k->ctx, OP_EXECUTE);
    ret->u.execute.sql = (struct dtext){.text = sql};
    return ret;
}

struct op *recipe_drop_constraint(struct recipe_call *k, const char *name)
{
    struct op *ret = op_new(k->ctx, OP_DROP_CONSTRAINT);
    ret->u.drop_constraint =
        (struct op_drop_constraint){.table = k->table.name, .name = name, .if_exists = true};
    return ret;
}

struct op *recipe_drop_index(struct recipe_call *k, const char *name)
{
    struct op *ret = op_new(k->ctx, OP_DROP_INDEX);
    ret->u.drop_index = (struct op_drop_index){.table = k->table.name, .name = name, .if_exists = true};
    return ret;
}

void recipe_prove(struct recipe_call *k, const struct qname *table, const char *name, const char *condition,
    const char *work)
{
    struct op *add = op_new(k->ctx, OP_CREATE_CHECK_CONSTRAINT), *drop = recipe_drop_constraint(k, name),
              *validate = op_new(k->ctx, OP_VALIDATE_CONSTRAINT);
    add->u.create_constraint.table = validate->u.validate_constraint.table = drop->u.drop_constraint.table =
        *table;
    add->u.create_constraint.constraint = (struct constraint){
        .kind = CONSTRAINT_CHECK, .name = name, .not_valid = true, .check = {.sql = {.text = condition}}};
    validate->u.validate_constraint.name = name;
    recipe_claim(k, CLAIM_CONSTRAINT, table, name);
    struct segment *s = recipe_add(k, add, LOCK_ACCESS_EXCLUSIVE, NULL);
    vec_add(k->ctx, &s->undo, drop);
    recipe_add(k, validate, LOCK_SHARE_UPDATE_EXCLUSIVE, work);
}

bool(recipe_refuse)(struct recipe_call *k, const char *why)
{
    fail_at(k->ctx, STATUS_CONFIG, k->op->pos, "%s cannot be done online: %s",
        op_describe(&k->ctx->arena, k->op), why);
    return fail_hint(k->ctx, "Remove 'online' from the operation to accept that.");
}

bool recipe_as_it_is(struct recipe_call *k)
{
    recipe_add(k, recipe_plain(k), LOCK_ACCESS_EXCLUSIVE, NULL)->stays = true;
    return true;
}

/* ---- the table --------------------------------------------------------------------------------------- */

static void take_child(struct recipe_call *k, struct online_table *t, const struct answer *a, int row)
{
    struct online_child c = {
        .name = {answer_copy(a, row, 1), answer_copy(a, row, 2)},
        .parent = {answer_copy(a, row, 3), answer_copy(a, row, 4)},
        .is_leaf = answer_bool(a, row, 5),
    };
    if (c.name.name)
        vec_add(k->ctx, &t->children, c);
}

static bool ask(struct recipe_call *k, struct online_table *t)
{
    struct answer a CLEANUP(answer_finish) = {0};
    const char *params[] = {pg_qname(&k->ctx->arena, &t->name)};
    if (!pg_query(k->pg,
            "SELECT c.relkind, n.nspname, child.relname, pn.nspname, parent.relname, t.isleaf, "
            "EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisprimary) "
            "FROM pg_catalog.pg_class c "
            "LEFT JOIN LATERAL pg_catalog.pg_partition_tree(c.oid) t ON c.relkind = 'p' AND t.level > 0 "
            "LEFT JOIN pg_catalog.pg_class child ON child.oid = t.relid "
            "LEFT JOIN pg_catalog.pg_namespace n ON n.oid = child.relnamespace "
            "LEFT JOIN pg_catalog.pg_class parent ON parent.oid = t.parentrelid "
            "LEFT JOIN pg_catalog.pg_namespace pn ON pn.oid = parent.relnamespace "
            "WHERE c.oid = pg_catalog.to_regclass($1) ORDER BY t.level, 2, 3",
            params, 1, &a))
        return false;
    for (int i = 0; i < answer_rows(&a); i++) {
        t->kind = *answer_text(&a, i, 0);
        t->has_key = answer_bool(&a, i, 6);
        take_child(k, t, &a, i);
    }
    return true;
}

/* Below a parent, level by level. */
static void find_children(struct recipe_call *k, const struct schema *s, struct online_table *t)
{
    struct qname parent = t->name;
    for (size_t next = 0;; next++) {
        vec_each(i, &s->tables) {
            const struct table *child = s->tables.v[i];
            struct online_child c = {child->name, parent, !table_is_partitioned(child)};
            if (qname_eq(&child->partition_of, &parent))
                vec_add(k->ctx, &t->children, c);
        }
        if (next >= t->children.n)
            return;
        parent = t->children.v[next].name;
    }
}

bool online_table_read(struct recipe_call *k, const struct qname *name, struct online_table *ret)
{
    *ret = (struct online_table){.name = *name};
    if (k->pg)
        return ask(k, ret);
    const struct table *t = k->state->schema ? schema_table(k->state->schema, name) : NULL;
    if (!t)
        return true;
    ret->kind = table_is_partitioned(t) ? 'p' : 'r';
    ret->has_key = t->primary_key;
    find_children(k, k->state->schema, ret);
    return true;
}
