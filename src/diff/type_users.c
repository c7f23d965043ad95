/*
 * Finds the columns that keep a type, domain or collation from being dropped.
 *
 * A server does not drop what a column is of. Where such an object cannot be changed in place, the revision is refused.
 */
#include "diff/differ.h"

/* Whether a column is of the object, or of arrays of it. */
static bool is_of(struct differ *d, const struct column *c, enum object_kind kind, const struct object *o)
{
    const char *text = kind == OBJECT_COLLATION ? c->collation : c->native;
    size_t n = text ? strlen(text) : 0;
    struct qname name;

    while (n > 2 && text[n - 1] == ']' && text[n - 2] == '[')
        n -= 2;
    return n && qname_parse(&d->ctx->arena, arena_strndup(&d->ctx->arena, text, n), &name) &&
           same_qname(d->dialect, &name, &o->name);
}

const char *column_of_object(
    struct differ *d, enum object_kind kind, const struct object *before, const struct object *after)
{
    if (kind != OBJECT_TYPE && kind != OBJECT_DOMAIN && kind != OBJECT_COLLATION)
        return NULL;
    vec_each(i, &d->from->tables) {
        const struct table *a = d->from->tables.v[i], *b = schema_table(d->to, &a->name);

        for (size_t k = 0; b && k < a->columns.n; k++) {
            const struct column *c = a->columns.v[k], *now = table_column(b, c->name);

            if (now && is_of(d, c, kind, before) && is_of(d, now, kind, after) &&
                differ_remade(d, b, c->name) != REMADE_COLUMN)
                return ctx_printf(d->ctx, "%s.%s", qname_text(&d->ctx->arena, &a->name), c->name);
        }
    }
    return NULL;
}
