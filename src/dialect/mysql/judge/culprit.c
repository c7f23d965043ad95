/*
 * Finds the column or check that the server does not accept.
 *
 * The server's message repeats the end of the statement, which says little. So the parts are tried one by one.
 */
#include "dialect/mysql/judge/judge.h"

static bool is_accepted(const struct trial *trial, const struct table *t)
{
    struct ctx *ctx = trial->my->base.ctx;
    bool ok = trial->create(trial->r, trial->my, t, "CREATE TEMPORARY TABLE");

    err_clear(ctx);
    if (ok && !my_query(trial->my, ctx_printf(ctx, "DROP TEMPORARY TABLE `%s`", t->name.name), NULL))
        err_clear(ctx);
    return ok;
}

/* All columns, of which only this one keeps its expressions. */
static struct table *with_one_column(struct ctx *ctx, const struct table *wanted, size_t at)
{
    struct table *t = table_copy(ctx, wanted);

    t->checks.n = 0;
    for (size_t i = 0; i < t->columns.n; i++)
        if (i != at) {
            t->columns.v[i]->dflt = t->columns.v[i]->on_update = (struct value){0};
            t->columns.v[i]->generated = NULL;
        }
    return t;
}

static bool find_column(const struct trial *trial, const struct table *wanted, struct culprit *ret)
{
    struct ctx *ctx = trial->my->base.ctx;

    vec_each(i, &wanted->columns) {
        const struct column *c = wanted->columns.v[i];

        if (is_accepted(trial, with_one_column(ctx, wanted, i)))
            continue;
        *ret = (struct culprit){c->pos, ctx_printf(ctx, "column '%s'", c->name)};
        return true;
    }
    return false;
}

static bool find_check(
    const struct trial *trial, const struct table *wanted, const struct table *named, struct culprit *ret)
{
    struct ctx *ctx = trial->my->base.ctx;

    vec_each(i, &wanted->checks) {
        const char *name = named->checks.v[i]->name;
        struct table *t = table_copy(ctx, wanted);

        t->checks.v[0] = t->checks.v[i];
        t->checks.n = 1;
        if (is_accepted(trial, t))
            continue;
        *ret =
            (struct culprit){named->checks.v[i]->pos, name ? ctx_printf(ctx, "check '%s'", name) : "a check"};
        return true;
    }
    return false;
}

void my_find_culprit(
    const struct trial *trial, const struct table *tried, const struct table *wanted, struct culprit *ret)
{
    struct ctx *ctx = trial->my->base.ctx;
    struct table *unchecked = table_copy(ctx, tried);
    struct err err = ctx->err;

    ctx->err = (struct err){0};
    unchecked->checks.n = 0;
    *ret = (struct culprit){0};
    if (is_accepted(trial, unchecked))
        find_check(trial, tried, wanted, ret);
    else
        find_column(trial, tried, ret);
    ctx->err = err;
}
