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

/* Whether an index uses a column at all; *ret_plain: only as one of its columns, by the rules of every type. */
static bool index_uses(const struct index *x, const char *column, bool *ret_plain)
{
    bool uses = expr_uses(&x->where, column) || strings_have(&x->include, column);
    bool is_plain = !uses;
    vec_each(i, &x->parts) {
        const struct index_part *part = x->parts.v[i];
        const bool is_it = str_eq(part->column, column), is_in_it = expr_uses(&part->expr, column);

        uses = uses || is_it || is_in_it;
        is_plain = is_plain && !is_in_it && !(is_it && (part->opclass || part->collation || part->length));
    }
    *ret_plain = is_plain;
    return uses;
}

bool column_indexes(struct ctx *ctx, const struct table *t, const char *column, struct indexes *ret)
{
    bool is_plain;
    vec_each(i, &t->indexes) {
        if (!index_uses(t->indexes.v[i], column, &is_plain))
            continue;
        if (!is_plain)
            return false;
        vec_add(ctx, ret, t->indexes.v[i]);
    }
    return true;
}

bool is_key_column(const struct table *t, const char *column)
{
    return t->primary_key && strings_have(&t->primary_key->columns, column);
}

const char *column_tie(const struct schema *s, const struct table *t, const char *column)
{
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
