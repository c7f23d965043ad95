/* Which index serves a foreign key, and what the server calls one that it creates. */
#include "dialect/mysql/spell/served.h"

bool my_begins_with(const struct strings *columns, const struct strings *key)
{
    if (columns->n < key->n)
        return false;
    vec_each(i, key)
        if (!str_eq(columns->v[i], key->v[i]))
            return false;
    return true;
}

bool my_index_serves(struct ctx *ctx, const struct index *index, const struct strings *key)
{
    struct strings columns = {0};
    vec_each(i, &index->parts) {
        if (!index->parts.v[i]->column || index->parts.v[i]->length)
            break;
        vec_add(ctx, &columns, index->parts.v[i]->column);
    }
    return !index->using && my_begins_with(&columns, key);
}

bool my_is_served(struct ctx *ctx, const struct table *t, const struct strings *key)
{
    if (t->primary_key && my_begins_with(&t->primary_key->columns, key))
        return true;
    vec_each(i, &t->uniques)
        if (my_begins_with(&t->uniques.v[i]->columns, key))
            return true;
    vec_each(i, &t->indexes)
        if (my_index_serves(ctx, t->indexes.v[i], key))
            return true;
    return false;
}

/* "p" or "p_2", for a key on column p */
bool my_has_servers_name(const struct index *index)
{
    const char *column = index->parts.v[0]->column;
    size_t n = column && str_starts(index->name, column) ? strlen(column) : 0;
    const char *rest = index->name + n;
    return n && (!*rest || (*rest == '_' && rest[1] && !rest[1 + strspn(rest + 1, "0123456789")]));
}
