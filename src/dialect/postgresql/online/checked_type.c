/*
 * A type change that only the catalogue notices, of a column with checks: the server would read all rows to check them
 * again. The checks are replaced by ones that are not validated, and validated afterwards.
 *
 * Once that has begun, the type is the new one already. So the comment of each of these checks tells the old type until
 * the end, for a run that continues or reverts the change.
 */
#include "dialect/postgresql/online/types.h"

#include "dialect/postgresql/postgresql.h"

static const char mark[] = "cmig: the type was ";

static const char *find_mark(const struct constraint *check)
{
    return check->comment ? strstr(check->comment, mark) : NULL;
}

static bool has_begun(const struct change *c)
{
    return str_eq(c->to.type, c->to.now.type) && str_eq(c->to.collation, c->to.now.collation);
}

/* Those that the server would validate again, or that an earlier run has replaced. */
static struct constraints checks_of(const struct change *c)
{
    struct constraints ret = {0};
    vec_each(i, &c->checks) {
        struct constraint *check = c->checks.v[i];
        bool is_enforced = !check->options || !options_get(check->options, "postgresql", "not_enforced");
        if (has_begun(c) ? find_mark(check) != NULL : !check->not_valid && is_enforced)
            vec_add(c->k->ctx, &ret, check);
    }
    return ret;
}

static const char *marked_comment(const struct change *c, const struct constraint *check)
{
    const char *comment = check->comment;
    if (find_mark(check))
        return comment;
    return ctx_printf(
        c->k->ctx, "%s%s%s%s", comment ? comment : "", comment ? "\n" : "", mark, c->to.now.type);
}

/* The comment as it was. */
static const char *own_comment(const struct change *c, const struct constraint *check)
{
    const char *at = find_mark(check);
    if (!at || at == check->comment)
        return at ? NULL : check->comment;
    return ctx_printf(c->k->ctx, "%.*s", (int)(at - check->comment) - 1, check->comment);
}

static const char *old_type(const struct change *c, const struct constraints *checks)
{
    return has_begun(c) ? find_mark(checks->v[0]) + strlen(mark) : c->to.now.type;
}

static struct op *create(const struct change *c, const struct constraint *check, bool is_marked)
{
    struct constraint k = *check;
    k.not_valid = is_marked;
    k.comment = is_marked ? marked_comment(c, check) : own_comment(c, check);
    return op_create_constraint_new(c->k->ctx, &c->k->table.name, &k);
}

static void drop_all(const struct change *c, const struct constraints *checks, struct ops *ops)
{
    vec_each(i, checks)
        vec_add(c->k->ctx, ops, recipe_drop_constraint(c->k, checks->v[i]->name));
}

static void create_all(
    const struct change *c, const struct constraints *checks, bool is_marked, struct ops *ops)
{
    vec_each(i, checks)
        vec_add(c->k->ctx, ops, create(c, checks->v[i], is_marked));
}

/* Of the operation, only a new type can be reverted. */
static void change_type(const struct change *c, const struct constraints *checks)
{
    const uint32_t known =
        1u << ALTER_TABLE_NAME | 1u << ALTER_NAME | 1u << ALTER_TYPE | 1u << ALTER_NULLABLE;
    struct op *plain = recipe_plain(c->k), *back = op_new(c->k->ctx, OP_ALTER_COLUMN);
    struct segment all = {.lock = LOCK_ACCESS_EXCLUSIVE, .stays = c->o->given & ~known};
    plain->u.alter_column.given &= ~(1u << ALTER_NULLABLE);
    drop_all(c, checks, &all.ops);
    vec_add(c->k->ctx, &all.ops, plain);
    create_all(c, checks, true, &all.ops);
    back->u.alter_column = (struct op_alter_column){.table = c->k->table.name,
        .name = c->o->name,
        .type.text = old_type(c, checks),
        .given = 1u << ALTER_TABLE_NAME | 1u << ALTER_NAME | 1u << ALTER_TYPE};
    drop_all(c, checks, &all.undo);
    vec_add(c->k->ctx, &all.undo, back);
    create_all(c, checks, false, &all.undo);
    vec_add(c->k->ctx, c->k->ret, all);
}

static void validate(const struct change *c, const struct constraints *checks)
{
    struct segment all = {.lock = LOCK_SHARE_UPDATE_EXCLUSIVE, .work = recipe_work(c->k, "scans")};
    vec_each(i, checks) {
        struct op *op = op_new(c->k->ctx, OP_VALIDATE_CONSTRAINT);
        op->u.validate_constraint =
            (struct op_validate_constraint){.table = c->k->table.name, .name = checks->v[i]->name};
        vec_add(c->k->ctx, &all.ops, op);
    }
    vec_add(c->k->ctx, c->k->ret, all);
}

static void restore_comments(const struct change *c, const struct constraints *checks)
{
    struct segment all = {.lock = LOCK_SHARE_UPDATE_EXCLUSIVE, .stays = true};
    vec_each(i, checks) {
        struct op *op = op_new(c->k->ctx, OP_SET_COMMENT);
        op->u.set_comment = (struct op_set_comment){.on = "constraint",
            .table = c->k->table.name,
            .name.name = checks->v[i]->name,
            .comment = own_comment(c, checks->v[i])};
        vec_add(c->k->ctx, &all.ops, op);
    }
    vec_add(c->k->ctx, c->k->ret, all);
}

bool change_and_validate(const struct change *c, bool *ret_done)
{
    const struct constraints checks = checks_of(c);
    *ret_done = checks.n;
    if (!checks.n)
        return true;
    change_type(c, &checks);
    validate(c, &checks);
    if (!recipe_prove_not_null(c->k))
        return false;
    restore_comments(c, &checks);
    return true;
}
