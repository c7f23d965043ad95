/* The database's spelling of an operation's types and expressions. */
#include "op/apply.h"

bool name_same(const struct dialect *dialect, const char *a, const char *b)
{
    return dialect && dialect->has.folded_names ? str_eq_ci(a, b) : str_eq(a, b);
}

size_t names_find(const struct dialect *dialect, const struct strings *list, const char *name)
{
    vec_each(i, list)
        if (name_same(dialect, list->v[i], name))
            return i;
    return list->n;
}

void names_replace(const struct dialect *dialect, struct strings *list, const char *from, const char *to)
{
    size_t at = names_find(dialect, list, from);

    if (at < list->n)
        list->v[at] = to;
}

void native_expr(const struct work *w, struct expr *e)
{
    const char *sql;

    if (!w->dialect || e->native || !(sql = dtext_for(&e->sql, w->dialect->name)))
        return;
    e->native = w->dialect->expr_native(w->ctx, sql);
}

static bool native_default(const struct work *w, struct column *c)
{
    if (c->dflt.kind == VALUE_NONE || c->dflt.expr.native)
        return true;
    return w->dialect->value_native(w->ctx, c, &c->dflt, &c->dflt.expr.native);
}

static bool native_on_update(const struct work *w, struct column *c)
{
    if (c->on_update.kind == VALUE_NONE || c->on_update.expr.native)
        return true;
    if (!column_on_update(w->ctx, w->dialect, c, &c->on_update.expr.native))
        return false;
    if (!c->on_update.expr.native) /* the SQL is for other databases */
        c->on_update = (struct value){0};
    return true;
}

bool native_column(const struct work *w, struct column *c)
{
    if (!w->dialect)
        return true;
    if (!c->native && !w->dialect->type_native(w->ctx, w->table, c, &c->native))
        return false;
    if (c->generated)
        native_expr(w, &c->generated->expr);
    return native_default(w, c) && native_on_update(w, c);
}

static void native_parts(const struct work *w, struct index_parts *parts)
{
    vec_each(i, parts)
        native_expr(w, &parts->v[i]->expr);
}

void native_constraint(const struct work *w, struct constraint *c)
{
    native_expr(w, &c->check);
    native_expr(w, &c->where);
    native_parts(w, &c->parts);
}

void native_index(const struct work *w, struct index *i)
{
    native_expr(w, &i->where);
    native_parts(w, &i->parts);
}

static const char *values_check(const struct work *w, const struct column *c)
{
    struct sql q = sql_begin(w->ctx, w->dialect);

    sql_addf(&q, "%I IN (", c->name);
    vec_each(i, c->values)
        sql_addf(&q, i ? ", %L" : "%L", c->values->v[i]);
    sql_add(&q, ")");
    return sql_end(&q);
}

void imply_check(const struct work *w, const struct column *c)
{
    struct constraints *checks = &w->table->checks;

    if (!w->dialect || w->dialect->has.enums || w->dialect->type_values)
        return;
    for (size_t i = checks->n; i-- > 0;)
        if (checks->v[i]->implied && sql_mentions(checks->v[i]->check.native, c->name))
            vec_remove(checks, i);
    if (!c->values || !c->values->n)
        return;
    struct constraint *check = ctx_new(w->ctx, struct constraint);
    check->kind = CONSTRAINT_CHECK;
    check->implied = true;
    check->check.sql.text = values_check(w, c);
    native_expr(w, &check->check);
    vec_add(w->ctx, checks, check);
}
