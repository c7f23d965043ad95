/* Columns: added empty and filled in batches; NOT NULL once it is proved. */
#include "dialect/postgresql/online/online.h"

#include "dialect/postgresql/hazards/hazards.h"
#include "dialect/postgresql/postgresql.h"
#include "dialect/postgresql/reflect/reflect.h"
#include "dialect/postgresql/spell/names.h"
#include "dialect/postgresql/spell/types.h"
#include "dialect/postgresql/wire/exec.h"

enum { NAMED_NOT_NULL = 180000 }; /* the first version in which NOT NULL is a constraint with a name */

static struct op *alter(struct recipe_call *k, const char *column, enum alter_field given)
{
    struct op *ret = op_new(k->ctx, OP_ALTER_COLUMN);
    ret->u.alter_column.table = k->table.name;
    ret->u.alter_column.name = column;
    ret->u.alter_column.given = 1u << ALTER_TABLE_NAME | 1u << ALTER_NAME | 1u << given;
    return ret;
}

static struct op *set_nullable(struct recipe_call *k, const char *column, bool nullable)
{
    struct op *ret = alter(k, column, ALTER_NULLABLE);
    ret->u.alter_column.nullable = nullable;
    return ret;
}

static struct op *validate(struct recipe_call *k, const char *name)
{
    struct op *ret = op_new(k->ctx, OP_VALIDATE_CONSTRAINT);
    ret->u.validate_constraint = (struct op_validate_constraint){.table = k->table.name, .name = name};
    return ret;
}

/* ---- NOT NULL ------------------------------------------------------------------------------------------ */

/* The check must not go in the statement that sets NOT NULL, which then would scan the table. */
static bool by_check(struct recipe_call *k, const char *column, struct op *last)
{
    const char *name = pg_object_name(&k->ctx->arena, k->table.name.name, column, "cmig_not_null");
    struct op *set = last ? last : set_nullable(k, column, false);
    struct sql q = sql_begin(k->ctx, &postgresql_dialect);
    sql_addf(&q, "%I IS NOT NULL", column);
    recipe_prove(k, &k->table.name, name, sql_end(&q), recipe_work(k, "scans"));
    struct segment *s = recipe_add(k, set, LOCK_ACCESS_EXCLUSIVE, NULL);
    s->stays = last;
    vec_add(k->ctx, &s->undo, set_nullable(k, column, true));
    recipe_add(k, recipe_drop_constraint(k, name), LOCK_ACCESS_EXCLUSIVE, NULL);
    return true;
}

bool recipe_read_not_null(struct recipe_call *k, const char *column, const char **ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    const char *params[] = {pg_qname(&k->ctx->arena, &k->table.name), column};
    *ret = NULL;
    if (!k->pg || k->version < NAMED_NOT_NULL)
        return true;
    if (!pg_query(k->pg,
            "SELECT k.conname FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_attribute a "
            "ON a.attrelid = k.conrelid AND k.conkey = ARRAY[a.attnum] "
            "WHERE k.contype = 'n' AND k.conrelid = pg_catalog.to_regclass($1) AND a.attname = $2",
            params, 2, &a))
        return false;
    *ret = answer_rows(&a) ? answer_copy(&a, 0, 0) : NULL;
    return true;
}

/* A column has only one such constraint: one of another name, which is not validated perhaps, stays. */
static bool by_constraint(struct recipe_call *k, const char *column, struct op *last)
{
    const char *own = pg_object_name(&k->ctx->arena, k->table.name.name, column, "not_null"), *name;
    struct sql q = sql_begin(k->ctx, &postgresql_dialect);
    if (!recipe_read_not_null(k, column, &name))
        return false;
    if (!name || str_eq(name, own)) {
        sql_addf(&q, "ALTER TABLE %Q ADD CONSTRAINT %I NOT NULL %I NOT VALID", &k->table.name, own, column);
        struct segment *s = recipe_add(k, recipe_sql(k, sql_end(&q)), LOCK_ACCESS_EXCLUSIVE, NULL);
        vec_add(k->ctx, &s->undo, set_nullable(k, column, true));
        if (!name)
            recipe_claim(k, CLAIM_CONSTRAINT, &k->table.name, own);
        name = own;
    }
    recipe_add(k, validate(k, name), LOCK_SHARE_UPDATE_EXCLUSIVE, recipe_work(k, "scans"));
    if (last)
        recipe_add(k, last, LOCK_ACCESS_EXCLUSIVE, NULL)->stays = true;
    return true;
}

bool recipe_set_not_null(struct recipe_call *k, const char *column, struct op *last)
{
    return (k->version < NAMED_NOT_NULL ? by_check : by_constraint)(k, column, last);
}

/* ---- changing one -------------------------------------------------------------------------------------- */

bool recipe_alter_column(struct recipe_call *k)
{
    const struct op_alter_column *o = &k->op->u.alter_column;
    const uint32_t only = 1u << ALTER_TABLE_NAME | 1u << ALTER_NAME | 1u << ALTER_NULLABLE;
    if (!ALTER_HAS(o, ALTER_NULLABLE) || o->nullable)
        return recipe_as_it_is(k);
    return recipe_set_not_null(k, o->name, o->given & ~only ? recipe_plain(k) : NULL);
}

/* Writers wait for the rows of a batch. */
enum { ONLINE_BATCH = 1000 };

/* ---- adding one ---------------------------------------------------------------------------------------- */

bool recipe_fill(struct recipe_call *k, const char *column, const char *value, const char *condition)
{
    if (k->table.kind && !k->table.has_key)
        return recipe_refuse(
            k, ctx_printf(k->ctx, "table '%s' has no primary key, so its rows cannot be filled in batches",
                   qname_text(&k->ctx->arena, &k->table.name)));
    struct op *fill = fill_op(k->ctx, &postgresql_dialect, &k->table.name, column, value, true);
    fill->u.backfill.batch = ONLINE_BATCH;
    struct dtext *where = &fill->u.backfill.where;
    if (condition)
        where->text = ctx_printf(k->ctx, "%s AND %s", where->text, condition);
    fill->pos = k->op->pos;
    if (k->pg && !backfill_check(&k->pg->base, fill))
        return fail_in(
            k->ctx, "%s%s", pos_text(&k->ctx->arena, k->op->pos), op_describe(&k->ctx->arena, k->op));
    recipe_add(k, fill, LOCK_ROW_EXCLUSIVE, ctx_printf(k->ctx, "%s in batches", recipe_work(k, "updates")));
    return true;
}

/* A trigger may have taken the value away. Without one, a row without a value got its default. */
static void prove_filled(struct recipe_call *k, const char *column)
{
    struct sql body = sql_begin(k->ctx, &postgresql_dialect), q = body;
    sql_addf(&body,
        "DECLARE cmig_triggers pg_catalog.text := (%E); BEGIN IF cmig_triggers IS NOT NULL THEN "
        "IF EXISTS (SELECT FROM %Q WHERE %I IS NULL) THEN "
        "RAISE EXCEPTION 'rows of %% have no value in the new column', %L USING HINT = "
        "'Triggers of the table may prevent updates: ' || cmig_triggers || '. "
        "Disable them, set the column where it is NULL, and run cmig again.'; END IF; END IF; END",
        pg_triggers_query(k->ctx, &k->table.name), &k->table.name, column,
        ctx_printf(k->ctx, "%s.%s", qname_text(&k->ctx->arena, &k->table.name), column));
    sql_addf(&q, "DO %L", sql_end(&body));
    recipe_add(k, recipe_sql(k, sql_end(&q)), NULL, recipe_work(k, "scans"));
}

struct op *recipe_bare_column(struct recipe_call *k)
{
    struct op *ret = recipe_plain(k);
    ret->u.add_column.column.nullable = true;
    ret->u.add_column.column.dflt = (struct value){0};
    ret->u.add_column.references = NULL;
    return ret;
}

/* Whether one of the functions in a default is volatile: *ret_known only if the server has a function of that name, which
 * one that an earlier operation creates may not be. */
static bool ask_volatile(struct recipe_call *k, const char *value, bool *ret_known, bool *ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    const struct strings called = pg_called_functions(k->ctx, value);
    const char *params[] = {array_literal(k->ctx, &called)};
    *ret_known = false;
    if (!k->pg || !called.n)
        return true;
    if (!pg_query(k->pg,
            "SELECT COALESCE(pg_catalog.bool_or(p.provolatile = 'v'), false), pg_catalog.count(p.oid) > 0 "
            "FROM pg_catalog.pg_proc p WHERE p.proname IN (SELECT n FROM pg_catalog.unnest($1::text[]) n "
            "UNION SELECT pg_catalog.lower(n) FROM pg_catalog.unnest($1::text[]) n)",
            params, 1, &a))
        return false;
    *ret = answer_bool(&a, 0, 0);
    *ret_known = answer_bool(&a, 0, 1);
    return true;
}

static bool find_per_row(struct recipe_call *k, const char *value, bool *ret)
{
    bool is_known = false, is_sure;
    *ret = false;
    if (!value)
        return true;
    if (!ask_volatile(k, value, &is_known, ret))
        return false;
    if (!is_known)
        *ret = pg_volatile_function(k->ctx, value, &is_sure);
    return true;
}

bool recipe_add_references(struct recipe_call *k)
{
    const struct op_add_column *o = &k->op->u.add_column;
    struct recipe_call key = *k;
    if (!o->references)
        return true;
    key.op = op_create_constraint_new(k->ctx, &o->table, o->references);
    return recipe_not_valid_first(&key);
}

struct op *recipe_drop_column(struct recipe_call *k, const char *column)
{
    struct op *ret = op_new(k->ctx, OP_DROP_COLUMN);
    ret->u.drop_column = (struct op_drop_column){.table = k->table.name, .name = column, .if_exists = true};
    return ret;
}

/* The server rewrites the table for a domain with constraints, also if no row gets a value. */
static bool check_type(struct recipe_call *k)
{
    struct column c = k->op->u.add_column.column;
    bool is_checked;
    if (!c.native && !pg_type_native(k->ctx, NULL, &c, &c.native))
        return false;
    if (!recipe_is_checked_domain(k, c.native, &is_checked))
        return false;
    return !is_checked ||
           recipe_refuse(k, ctx_printf(k->ctx,
                                "the table would be rewritten while nobody can use it, since domain '%s' has "
                                "constraints",
                                c.native));
}

bool recipe_add_column(struct recipe_call *k)
{
    const struct op_add_column *o = &k->op->u.add_column;
    const struct column *c = &o->column;
    const char *value = NULL;
    if (c->dflt.kind != VALUE_NONE && !postgresql_dialect.value_native(k->ctx, c, &c->dflt, &value))
        return false;
    bool per_row;
    if (!check_type(k) || !find_per_row(k, value, &per_row))
        return false;
    if (!per_row && !(o->references && value))
        return recipe_as_it_is(k);
    struct op *add = recipe_bare_column(k), *dflt = alter(k, c->name, ALTER_DEFAULT);
    if (!per_row) {
        add->u.add_column.column.nullable = c->nullable;
        add->u.add_column.column.dflt = c->dflt;
    }
    dflt->u.alter_column.dflt = c->dflt;
    struct segment *s = recipe_add(k, add, LOCK_ACCESS_EXCLUSIVE, NULL);
    if (per_row)
        vec_add(k->ctx, &s->ops, dflt);
    vec_add(k->ctx, &s->undo, recipe_drop_column(k, c->name));
    if (per_row && !recipe_fill(k, c->name, value, NULL))
        return false;
    if (per_row && c->nullable)
        prove_filled(k, c->name);
    if (per_row && !c->nullable && !recipe_set_not_null(k, c->name, NULL))
        return false;
    return recipe_add_references(k);
}
