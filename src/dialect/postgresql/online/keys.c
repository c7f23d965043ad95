/* Indexes, keys and constraints: built while other sessions work, and checked after they are in force. */
#include "dialect/postgresql/online/online.h"

#include "dialect/postgresql/render/render.h"
#include "dialect/postgresql/spell/names.h"

/* ---- indexes ----------------------------------------------------------------------------------------- */

bool recipe_build_index(struct recipe_call *k, const struct index *index, bool if_not_exists)
{
    struct op *build = op_new(k->ctx, OP_CREATE_INDEX);
    build->pos = k->op->pos;
    build->u.create_index = (struct op_create_index){
        .table = k->table.name, .index = *index, .if_not_exists = if_not_exists, .concurrently = true};
    if (k->pg && !pg_check_version(k->ctx, k->pg, build))
        return false;
    struct segment *s = recipe_add(k, build, LOCK_SHARE_UPDATE_EXCLUSIVE, recipe_work(k, "scans"));
    if (!if_not_exists)
        vec_add(k->ctx, &s->undo, recipe_drop_index(k, index->name));
    return true;
}

bool recipe_create_index(struct recipe_call *k)
{
    const struct op_create_index *o = &k->op->u.create_index;
    if (k->table.kind != 'p')
        return recipe_build_index(k, &o->index, o->if_not_exists);
    if (o->if_not_exists)
        return recipe_refuse(
            k, "with 'if_not_exists', some partitions may already have their part of the index");
    return recipe_index_on_partitions(k, &o->index);
}

bool recipe_drop_concurrently(struct recipe_call *k)
{
    struct op *op = recipe_plain(k);
    op->u.drop_index.concurrently = true;
    recipe_add(k, op, LOCK_SHARE_UPDATE_EXCLUSIVE, NULL)->stays = true;
    return true;
}

/* ---- primary keys and unique constraints --------------------------------------------------------------- */

/* The name that the server would choose. */
static const char *key_name(struct recipe_call *k, const struct constraint *c)
{
    struct arena *a = &k->ctx->arena;
    if (c->name)
        return c->name;
    return c->kind == CONSTRAINT_PRIMARY_KEY
               ? pg_object_name(a, k->table.name.name, NULL, "pkey")
               : pg_object_name(a, k->table.name.name, strings_join(a, &c->columns, "_"), "key");
}

struct index recipe_key_index(struct recipe_call *k, const struct constraint *c)
{
    struct index ret = {.name = key_name(k, c),
        .unique = true,
        .nulls_not_distinct = c->nulls_not_distinct,
        .include = c->include,
        .options = c->options};
    vec_each(i, &c->columns) {
        struct index_part *part = ctx_new(k->ctx, struct index_part);
        part->column = c->columns.v[i];
        vec_add(k->ctx, &ret.parts, part);
    }
    return ret;
}

/* A key whose columns are not known to be NOT NULL would scan the table. */
bool recipe_key(struct recipe_call *k)
{
    const struct constraint *c = &k->op->u.create_constraint.constraint;
    struct index index = recipe_key_index(k, c);
    struct op *last = recipe_plain(k);
    for (size_t i = 0; c->kind == CONSTRAINT_PRIMARY_KEY && i < c->columns.n; i++)
        if (!recipe_set_not_null(k, c->columns.v[i], NULL))
            return false;
    if (k->table.kind == 'p')
        return recipe_index_on_partitions(k, &index);
    if (!k->op->u.create_constraint.using_index && !recipe_build_index(k, &index, false))
        return false;
    last->u.create_constraint.constraint.name = index.name;
    if (!last->u.create_constraint.using_index)
        last->u.create_constraint.using_index = index.name;
    struct segment *s = recipe_add(k, last, LOCK_ACCESS_EXCLUSIVE, NULL);
    vec_add(k->ctx, &s->undo, recipe_drop_constraint(k, index.name));
    return true;
}

/* ---- checks and foreign keys --------------------------------------------------------------------------- */

const char *recipe_constraint_name(struct recipe_call *k, const struct constraint *c)
{
    struct arena *a = &k->ctx->arena;
    if (c->name)
        return c->name;
    return c->kind == CONSTRAINT_CHECK
               ? pg_object_name(a, k->table.name.name, NULL, "check")
               : pg_object_name(a, k->table.name.name, strings_join(a, &c->columns, "_"), "fkey");
}

bool recipe_not_valid_first(struct recipe_call *k)
{
    struct op *add = recipe_plain(k), *validate = op_new(k->ctx, OP_VALIDATE_CONSTRAINT);
    struct constraint *c = &add->u.create_constraint.constraint;
    bool is_key = c->kind == CONSTRAINT_FOREIGN_KEY;
    c->name = recipe_constraint_name(k, c);
    c->not_valid = true;
    validate->u.validate_constraint =
        (struct op_validate_constraint){.table = k->table.name, .name = c->name};
    const char *lock = is_key ? LOCK_SHARE_ROW_EXCLUSIVE : LOCK_ACCESS_EXCLUSIVE;
    struct segment *s = recipe_add(k, add, lock, NULL);
    vec_add(k->ctx, &s->undo, recipe_drop_constraint(k, c->name));
    recipe_add(k, validate, LOCK_SHARE_UPDATE_EXCLUSIVE, recipe_work(k, "scans"));
    return true;
}
