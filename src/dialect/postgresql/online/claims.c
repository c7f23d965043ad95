/*
 * The names that recipes give to objects of their own.
 *
 * An object of the user that has such a name would be taken for one of a recipe: replaced, or dropped at the end.
 */
#include "dialect/postgresql/online/online.h"

#include "dialect/postgresql/spell/names.h"

static const struct {
    const char *noun, *query;
} kinds[] = {
    [CLAIM_COLUMN] = {"column", "SELECT FROM pg_catalog.pg_attribute "
                                "WHERE attrelid = pg_catalog.to_regclass($1) AND attname = $2"},
    [CLAIM_CONSTRAINT] = {"constraint", "SELECT FROM pg_catalog.pg_constraint "
                                        "WHERE conrelid = pg_catalog.to_regclass($1) AND conname = $2"},
    [CLAIM_TRIGGER] = {"trigger", "SELECT FROM pg_catalog.pg_trigger "
                                  "WHERE tgrelid = pg_catalog.to_regclass($1) AND tgname = $2"},
    [CLAIM_RELATION] = {"relation", "SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_class t "
                                    "ON t.relnamespace = c.relnamespace "
                                    "WHERE t.oid = pg_catalog.to_regclass($1) AND c.relname = $2"},
    [CLAIM_FUNCTION] = {"function", "SELECT FROM pg_catalog.pg_proc f JOIN pg_catalog.pg_class t "
                                    "ON t.relnamespace = f.pronamespace "
                                    "WHERE t.oid = pg_catalog.to_regclass($1) AND f.proname = $2 "
                                    "AND f.pronargs = 0"},
};

void recipe_claim(struct recipe_call *k, enum claim_kind kind, const struct qname *table, const char *name)
{
    struct claim c = {kind, *table, name};
    vec_add(k->ctx, k->claims, c);
}

static bool refuse_taken(struct recipe_call *k, const struct claim *c)
{
    struct ctx *ctx = k->ctx;
    fail_at(ctx, STATUS_CONFIG, k->op->pos,
        "%s cannot be done online: its form needs the name '%s', which a "
        "%s has",
        op_describe(&ctx->arena, k->op), c->name, kinds[c->kind].noun);
    return fail_hint(ctx, "Rename the %s, or remove 'online' from the operation.", kinds[c->kind].noun);
}

bool recipe_check_claims(struct recipe_call *k)
{
    for (size_t i = 0; k->pg && !k->state->begun && i < k->claims->n; i++) {
        struct answer a CLEANUP(answer_finish) = {0};
        const struct claim *c = &k->claims->v[i];
        const char *params[] = {pg_qname(&k->ctx->arena, &c->table), c->name};
        if (!pg_query(k->pg, kinds[c->kind].query, params, 2, &a))
            return false;
        if (answer_rows(&a))
            return refuse_taken(k, c);
    }
    return true;
}
