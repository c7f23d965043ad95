/*
 * Removes differences in constraints that SQLite does not have, or spells in several ways.
 */
#include "dialect/sqlite/parse.h"
#include "dialect/sqlite/prepare.h"

/* The i-th place of "asc, desc"; "" when there is none. */
static char *place_of(struct ctx *ctx, const char *list, size_t i)
{
    for (; i > 0 && *list; i--) {
        list += strcspn(list, ",");
        list += *list == ',';
    }
    return str_trim(&ctx->arena, arena_strndup(&ctx->arena, list, strcspn(list, ",")));
}

static const char *order_spell(ATTR_UNUSED struct ctx *ctx, ATTR_UNUSED const struct column *c, char *word)
{
    return str_eq_ci(word, "desc") ? "desc" : "";
}

static const char *collation_spell(struct ctx *ctx, const struct column *c, char *word)
{
    const char *name = *word ? collation_of_key(ctx, word, c ? c->collation : NULL) : NULL;
    return name ? name : "";
}

static void drop_option(struct options *o, const char *key)
{
    for (size_t i = o->n; i-- > 0;)
        if (str_eq(o->v[i].dialect, "sqlite") && str_eq(o->v[i].key, key))
            vec_remove(o, i);
}

/* Gives an option that has a place for each column the spelling that the parser makes of it. */
static void settle_places(struct ctx *ctx, const struct table *t, const struct constraint *k, const char *key,
    const char *(*spell)(struct ctx *ctx, const struct column *c, char *word))
{
    const char *text = k->options ? options_get(k->options, "sqlite", key) : NULL;
    struct str out = STR(ctx);
    bool any = false;
    if (!text)
        return;
    vec_each(i, &k->columns) {
        const char *place = spell(ctx, table_named_column(t, k->columns.v[i]), place_of(ctx, text, i));
        any = any || *place;
        str_addf(&out, i ? ", %s" : "%s", place);
    }
    if (any)
        options_set(ctx, k->options, "sqlite", key, str_get(&out));
    else
        drop_option(k->options, key);
}

void table_settle_constraints(struct ctx *ctx, struct table *t)
{
    struct constraint *c;
    for (size_t state = 0; (c = table_next_constraint(t, &state));) {
        settle_places(ctx, t, c, "order", order_spell);
        settle_places(ctx, t, c, "collate", collation_spell);
        /* Every row is checked, and nothing inherits. */
        c->not_valid = false;
        c->no_inherit = false;
    }
}
