/* Completes a model's table as the server would. */
#include "dialect/mysql/spell/prepare.h"

#include "dialect/mysql/render/refuse.h"
#include "dialect/mysql/render/render.h"
#include "dialect/mysql/spell/partitions.h"
#include "dialect/mysql/spell/periods.h"
#include "dialect/mysql/spell/types.h"

static bool has_sequence_options(const struct identity *identity)
{
    const struct sequence_options *o = &identity->options;
    return o->start || o->increment || o->min || o->max || o->cycle != TRI_UNSET;
}

static bool in_period(struct ctx *ctx, const struct table *t, const struct column *c)
{
    const struct my_period p = my_period_of(ctx, t->options);
    return p.name && (str_eq_ci(p.from, c->name) || str_eq_ci(p.to, c->name));
}

/* Identity and serial columns become AUTO_INCREMENT columns. */
static bool settle_column(struct ctx *ctx, struct table *t, struct column *c)
{
    if (c->identity && has_sequence_options(c->identity))
        return fail_at(
            ctx, STATUS_CONFIG, c->pos, "MySQL has no start or step for the numbers of column '%s'", c->name);
    bool is_numbered = my_is_numbered(t, c);
    if (is_numbered || column_in_key(t, c->name))
        c->nullable = false;
    if (is_numbered || (t->primary_key && t->primary_key->columns.n == 1 && column_in_key(t, c->name) &&
                           my_type_is_integer(c->native)))
        c->autoincrement = is_numbered ? TRI_TRUE : TRI_FALSE;
    c->identity = NULL;
    if (my_system_time(c) || in_period(ctx, t, c))
        c->nullable = false;
    if (c->generated)
        c->nullable = true; /* such a column cannot have NOT NULL */
    if (c->on_update.kind != VALUE_NONE && my_is_now(c->on_update.expr.native))
        c->on_update.expr.native = MY_NOW;
    return true;
}

static void settle_constraint(struct constraint *c)
{
    c->not_valid = false; /* the server checks every row */
    c->no_inherit = false;
    c->comment = NULL;
    if (c->kind == CONSTRAINT_PRIMARY_KEY)
        c->name = NULL;
    c->on_delete = c->on_delete == FK_RESTRICT ? FK_NO_ACTION : c->on_delete;
    c->on_update = c->on_update == FK_RESTRICT ? FK_NO_ACTION : c->on_update;
}

bool my_prepare_table(struct ctx *ctx, ATTR_UNUSED struct schema *s, struct table *t)
{
    struct constraint *c;
    vec_each(i, &t->columns)
        if (!settle_column(ctx, t, t->columns.v[i]))
            return false;
    for (size_t state = 0; (c = table_next_constraint(t, &state));)
        settle_constraint(c);
    vec_each(i, &t->indexes)
        if (t->indexes.v[i]->using && str_eq_ci(t->indexes.v[i]->using, "btree"))
            t->indexes.v[i]->using = NULL;
    if (t->options) {
        const struct my_partitioning p = my_partitioning_of(ctx, t->options);
        if (p.by)
            my_partitioning_set(ctx, t->options, &p);
    }
    return my_refuse_table(ctx, t);
}

bool my_generation_same(ATTR_UNUSED const struct table *ta, const struct column *a,
    ATTR_UNUSED const struct table *tb, const struct column *b)
{
    return (a->autoincrement == TRI_TRUE) == (b->autoincrement == TRI_TRUE);
}
