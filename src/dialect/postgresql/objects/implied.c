/* Adds what the server creates along with the objects of a model. */
#include "dialect/postgresql/objects/objects.h"

static bool has_word(const char *sql, const char *word)
{
    for (struct sql_piece piece; (piece = sql_piece(sql, SQL_ANY)).kind != SQL_END; sql += piece.n)
        if (sql_piece_is(&piece, word))
            return true;
    return false;
}

/* CREATE OPERATOR CLASS without FAMILY creates a family of its name, and DROP OPERATOR CLASS leaves it: so it is an
 * object like those that models list. */
void pg_prepare_objects(struct ctx *ctx, struct schema *s)
{
    const struct objects *classes = &s->objects[OBJECT_OPERATOR_CLASS];
    struct objects *families = &s->objects[OBJECT_OPERATOR_FAMILY];
    pg_link_operators(ctx, s);
    s->manages[OBJECT_OPERATOR_FAMILY] |= s->manages[OBJECT_OPERATOR_CLASS];
    vec_each(i, classes) {
        if (has_word(classes->v[i]->native, "family") || objects_find(families, classes->v[i]))
            continue;
        struct object *o = ctx_new(ctx, struct object);
        *o = (struct object){.key = classes->v[i]->key,
            .name = classes->v[i]->name,
            .signature = classes->v[i]->signature,
            .pos = classes->v[i]->pos,
            .rank = families->n,
            .built_in = true};
        struct sql q = sql_begin(ctx, &postgresql_dialect);
        sql_addf(&q, "CREATE OPERATOR FAMILY %Q USING %E", &o->name, o->signature);
        o->native = sql_end(&q);
        objects_insert(ctx, families, o);
    }
}
