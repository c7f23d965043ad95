/*
 * Parts of tables that the judge may fail to create, since an object that they depend on changes.
 *
 * A type or enum that changes has a temporary form beside the existing one, and both cannot be mixed: operators,
 * functions and operator classes that exist accept only the existing form. A part that fails for that reason is left
 * out, and compared as it is written.
 */
#include "dialect/postgresql/judge/scratch.h"

static bool names_changing(struct judge *j, const char *text)
{
    struct map seen = MAP(j->ctx);
    struct strings words = {0};
    if (!text || !(j->names_changed.n + j->enums_changed.n))
        return false;
    words_of_sql(j->ctx, text, &seen, &words);
    vec_each(i, &words)
        if (map_get(&j->names_changed, words.v[i]) || map_get(&j->enums_changed, words.v[i]))
            return true;
    return false;
}

/* Whether the text depends on an object that changes, perhaps by the type of a column. */
static bool is_unsure(struct judge *j, const struct table *t, const char *text)
{
    if (names_changing(j, text))
        return true;
    vec_each(i, &t->columns) {
        const struct column *c = t->columns.v[i];
        if (sql_mentions(text, c->name) && names_changing(j, c->native))
            return true;
    }
    return false;
}

static bool are_parts_unsure(struct judge *j, const struct table *t, const struct index_parts *parts)
{
    vec_each(i, parts) {
        const struct index_part *p = parts->v[i];
        const struct column *c = p->column ? table_column(t, p->column) : NULL;
        if (is_unsure(j, t, p->expr.native) || is_unsure(j, t, p->opclass) ||
            (c && names_changing(j, c->native)))
            return true;
    }
    return false;
}

static bool is_constraint_unsure(struct judge *j, const struct table *t, const struct constraint *c)
{
    return is_unsure(j, t, c->check.native) || is_unsure(j, t, c->where.native) ||
           are_parts_unsure(j, t, &c->parts);
}

bool scratch_index_is_unsure(struct judge *j, const struct table *t, const struct index *x)
{
    return is_unsure(j, t, x->where.native) || are_parts_unsure(j, t, &x->parts);
}

static const char *column_key(struct judge *j, const struct qname *table, const char *column)
{
    return ctx_printf(j->ctx, "%s\n%s", qname_text(&j->ctx->arena, table), column);
}

bool scratch_column_is_left_out(struct judge *j, const struct qname *table, const char *column)
{
    return map_get(&j->left_out, column_key(j, table, column)) != NULL;
}

static struct column *sure_column(
    struct judge *j, const struct table *original, const struct column *was, struct column *c)
{
    const char *generated = was->generated ? was->generated->expr.native : NULL;
    if (!is_unsure(j, original, generated) &&
        (was->dflt.kind == VALUE_NONE ||
            (!names_changing(j, was->dflt.expr.native) && !names_changing(j, was->native))))
        return c;
    struct column *copy = ctx_new(j->ctx, struct column);
    *copy = *c;
    copy->dflt = (struct value){0};
    copy->generated = NULL;
    map_set(&j->left_out, column_key(j, &original->name, c->name), copy);
    return copy;
}

static void take_sure(struct judge *j, const struct table *original, const struct constraints *was,
    const struct constraints *from, struct constraints *ret)
{
    *ret = (struct constraints){0};
    vec_each(i, from)
        if (!is_constraint_unsure(j, original, was->v[i]))
            vec_add(j->ctx, ret, from->v[i]);
}

const struct table *scratch_sure_table(struct judge *j, size_t at)
{
    const struct table *original = j->original->tables.v[at], *wanted = j->wanted->tables.v[at];
    struct table *t = ctx_new(j->ctx, struct table);
    bool differs = false;
    *t = *wanted;
    t->columns = (struct columns){0};
    vec_each(i, &wanted->columns) {
        struct column *c = sure_column(j, original, original->columns.v[i], wanted->columns.v[i]);
        differs |= c != wanted->columns.v[i];
        vec_add(j->ctx, &t->columns, c);
    }
    take_sure(j, original, &original->checks, &wanted->checks, &t->checks);
    take_sure(j, original, &original->excludes, &wanted->excludes, &t->excludes);
    return differs || t->checks.n < wanted->checks.n || t->excludes.n < wanted->excludes.n ? t : NULL;
}
