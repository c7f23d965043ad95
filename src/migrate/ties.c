/*
 * Finds what uses a column, so that another column cannot take its place.
 */
#include "migrate/ties.h"

static bool expr_uses(const struct expr *e, const char *column)
{
    return e->native ? sql_mentions(e->native, column) : e->sql.text && sql_mentions(e->sql.text, column);
}

static bool constraints_use(const struct constraints *list, const char *column)
{
    vec_each(i, list)
        if (strings_have(&list->v[i]->columns, column) || strings_have(&list->v[i]->include, column) ||
            expr_uses(&list->v[i]->check, column))
            return true;
    return false;
}

static bool indexes_use(const struct table *t, const char *column)
{
    vec_each(i, &t->indexes) {
        const struct index *x = t->indexes.v[i];

        if (expr_uses(&x->where, column) || strings_have(&x->include, column))
            return true;
        vec_each(k, &x->parts)
            if (str_eq(x->parts.v[k]->column, column) || expr_uses(&x->parts.v[k]->expr, column))
                return true;
    }
    return false;
}

bool is_key_column(const struct table *t, const char *column)
{
    return t->primary_key && strings_have(&t->primary_key->columns, column);
}

const char *column_tie(const struct schema *s, const struct table *t, const char *column)
{
    if (indexes_use(t, column))
        return "an index uses it";
    if (constraints_use(&t->uniques, column) || constraints_use(&t->checks, column) ||
        constraints_use(&t->foreign_keys, column))
        return "a constraint uses it";
    vec_each(i, &s->tables)
        vec_each(k, &s->tables.v[i]->foreign_keys) {
            const struct constraint *key = s->tables.v[i]->foreign_keys.v[k];

            if (qname_eq(&key->references, &t->name) && strings_have(&key->referred_columns, column))
                return "a foreign key refers to it";
        }
    vec_each(i, &s->views)
        if (expr_uses(&s->views.v[i]->body, column) && expr_uses(&s->views.v[i]->body, t->name.name))
            return "a view may use it";
    return NULL;
}
