/*
 * Collations that models state although a table or column would inherit them.
 *
 * Reflection leaves inherited collations out. Where a model states the same one, the reflected object states it, too,
 * so that there is no difference, and operations that create an object still have it.
 */
#include "dialect/mysql/reflect/reflect.h"

static const char *stated(const struct table *t)
{
    return t->options ? options_get(t->options, mysql_dialect.name, "collation") : NULL;
}

/* utf8_bin and utf8mb3_bin are one collation. */
static bool is_same(const char *a, const char *b)
{
    static const char old[] = "utf8_", new[] = "utf8mb3_";
    if (str_starts(a, old) && str_starts(b, new))
        return str_eq_ci(a + strlen(old), b + strlen(new));
    if (str_starts(a, new) && str_starts(b, old))
        return str_eq_ci(a + strlen(new), b + strlen(old));
    return str_eq_ci(a, b);
}

static void state_columns(struct table *t, const char *collation, const struct table *model)
{
    vec_each(i, &model->columns) {
        const char *wanted = model->columns.v[i]->collation;
        struct column *c = wanted ? table_column(t, model->columns.v[i]->name) : NULL;
        if (c && is_same(wanted, c->collation ? c->collation : collation))
            c->collation = wanted;
    }
}

void my_state_inherited(struct conn *conn, struct schema *database, const struct schema *models)
{
    const char *usual = my_of(conn)->collation;
    vec_each(i, &models->tables) {
        const struct table *model = models->tables.v[i];
        struct table *t = schema_table(database, &model->name);
        if (!t || !usual)
            continue;
        const char *own = stated(t) ? stated(t) : usual, *wanted = stated(model);
        state_columns(t, own, model);
        if (!wanted || !is_same(wanted, own))
            continue;
        if (!t->options)
            t->options = ctx_new(conn->ctx, struct options);
        options_set(conn->ctx, t->options, mysql_dialect.name, "collation", wanted);
    }
}
