/* Whether two objects have the same definition, apart from their names. */
#include "diff/differ.h"

bool same_name(const struct dialect *dialect, const char *a, const char *b)
{
    return dialect->has.folded_names ? str_eq_ci(a, b) : str_eq(a, b);
}

bool same_qname(const struct dialect *dialect, const struct qname *a, const struct qname *b)
{
    return same_name(dialect, a->name, b->name) && same_name(dialect, a->schema, b->schema);
}

bool same_names(const struct dialect *dialect, const struct strings *a, const struct strings *b)
{
    if (a->n != b->n)
        return false;
    vec_each(i, a)
        if (!same_name(dialect, a->v[i], b->v[i]))
            return false;
    return true;
}

bool same_name_set(const struct dialect *dialect, const struct strings *a, const struct strings *b)
{
    vec_each(i, a) {
        size_t k = 0;

        while (k < b->n && !same_name(dialect, a->v[i], b->v[k]))
            k++;
        if (k == b->n)
            return false;
    }
    return a->n == b->n;
}

bool same_expr(
    struct ctx *ctx, const struct dialect *dialect, const struct column *c, const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    return str_eq(a, b) || dialect->expr_same(ctx, c, a, b);
}

bool same_native_type(const struct dialect *dialect, const struct column *a, const struct column *b)
{
    if (str_eq(a->native, b->native))
        return true;
    return a->native && b->native && dialect->type_same && dialect->type_same(a, b);
}

/* ---- options ---------------------------------------------------------------------------------------------- */

bool option_counts(const struct dialect *dialect, const struct option *o)
{
    if (!str_eq(o->dialect, dialect->name))
        return false;
    for (const char *const *key = dialect->cosmetic; key && *key; key++)
        if (str_eq(*key, o->key))
            return false;
    return true;
}

static size_t options_count(const struct dialect *dialect, const struct options *o)
{
    size_t n = 0;

    for (size_t i = 0; o && i < o->n; i++)
        n += option_counts(dialect, &o->v[i]);
    return n;
}

bool same_options(const struct dialect *dialect, const struct options *a, const struct options *b)
{
    if (a == b)
        return true;
    if (options_count(dialect, a) != options_count(dialect, b))
        return false;
    for (size_t i = 0; a && i < a->n; i++)
        if (option_counts(dialect, &a->v[i]) &&
            !option_values_same(a->v[i].value, options_get(b, dialect->name, a->v[i].key)))
            return false;
    return true;
}

/* ---- parts of indexes ------------------------------------------------------------------------------------- */

/* The default position of NULLs. */
static int part_nulls(const struct index_part *p)
{
    if (p->nulls != NULLS_DEFAULT)
        return p->nulls;
    return p->order == ORDER_DESC ? NULLS_FIRST : NULLS_LAST;
}

bool same_part_kind(const struct dialect *dialect, const struct index_part *a, const struct index_part *b)
{
    return str_eq(a->opclass, b->opclass) && same_name(dialect, a->collation, b->collation);
}

/* Only the judge knows the default collation and operator class of a column or expression, and whether an
 * expression is a column. */
static bool like_part(const struct dialect *dialect, const struct index_part *a, const struct index_part *b)
{
    return (!a->column || !b->column || same_name(dialect, a->column, b->column)) && a->order == b->order &&
           part_nulls(a) == part_nulls(b) && str_eq(a->op, b->op) && str_eq(a->length, b->length);
}

static bool like_parts(
    const struct dialect *dialect, const struct index_parts *a, const struct index_parts *b)
{
    if (a->n != b->n)
        return false;
    vec_each(i, a)
        if (!like_part(dialect, a->v[i], b->v[i]))
            return false;
    return true;
}

static bool same_part_texts(
    struct ctx *ctx, const struct dialect *dialect, const struct index_parts *a, const struct index_parts *b)
{
    vec_each(i, a)
        if (!a->v[i]->column != !b->v[i]->column || !same_part_kind(dialect, a->v[i], b->v[i]) ||
            (!a->v[i]->column && !same_expr(ctx, dialect, NULL, a->v[i]->expr.native, b->v[i]->expr.native)))
            return false;
    return true;
}

/* The default method. */
static const char *method(const struct dialect *dialect, const char *using)
{
    return using || dialect->has.table_methods ? using : "btree";
}

/* ---- indexes ---------------------------------------------------------------------------------------------- */

bool like_index(const struct dialect *dialect, const struct index *a, const struct index *b)
{
    return a->unique == b->unique && a->nulls_not_distinct == b->nulls_not_distinct &&
           a->invalid == b->invalid && a->on_only == b->on_only && like_parts(dialect, &a->parts, &b->parts) &&
           same_names(dialect, &a->include, &b->include) &&
           str_eq_ci(method(dialect, a->using), method(dialect, b->using)) &&
           same_options(dialect, a->options, b->options);
}

bool same_index(struct ctx *ctx, const struct dialect *dialect, const struct index *a, const struct index *b)
{
    return like_index(dialect, a, b) && same_part_texts(ctx, dialect, &a->parts, &b->parts) &&
           same_expr(ctx, dialect, NULL, a->where.native, b->where.native);
}

/* ---- constraints ------------------------------------------------------------------------------------------ */

/* A property that is not given for an external table is as in the database. */
static bool same_referred(
    const struct dialect *dialect, const struct constraint *a, const struct constraint *b)
{
    if ((a->external || b->external) && (!a->referred_columns.n || !b->referred_columns.n))
        return true;
    return same_names(dialect, &a->referred_columns, &b->referred_columns);
}

static bool same_reference(
    const struct dialect *dialect, const struct constraint *a, const struct constraint *b)
{
    return same_qname(dialect, &a->references, &b->references) && same_referred(dialect, a, b) &&
           a->on_delete == b->on_delete && a->on_update == b->on_update && a->match == b->match &&
           same_names(dialect, &a->set_columns, &b->set_columns);
}

bool like_constraint(const struct dialect *dialect, const struct constraint *a, const struct constraint *b)
{
    if (a->kind != b->kind || !same_names(dialect, &a->columns, &b->columns) ||
        !same_names(dialect, &a->include, &b->include))
        return false;
    if (a->deferrable != b->deferrable || a->initially_deferred != b->initially_deferred ||
        a->nulls_not_distinct != b->nulls_not_distinct || a->no_inherit != b->no_inherit)
        return false;
    if (a->kind == CONSTRAINT_FOREIGN_KEY && !same_reference(dialect, a, b))
        return false;
    if (a->kind == CONSTRAINT_EXCLUDE &&
        !str_eq_ci(a->using ? a->using : "gist", b->using ? b->using : "gist"))
        return false;
    return like_parts(dialect, &a->parts, &b->parts) && same_options(dialect, a->options, b->options);
}

bool same_constraint(
    struct ctx *ctx, const struct dialect *dialect, const struct constraint *a, const struct constraint *b)
{
    return like_constraint(dialect, a, b) &&
           same_expr(ctx, dialect, NULL, a->check.native, b->check.native) &&
           same_part_texts(ctx, dialect, &a->parts, &b->parts) &&
           same_expr(ctx, dialect, NULL, a->where.native, b->where.native);
}

/* ---- which columns they name ------------------------------------------------------------------------------ */

static bool strings_name(const struct dialect *dialect, const struct strings *list, const char *column)
{
    vec_each(i, list)
        if (same_name(dialect, list->v[i], column))
            return true;
    return false;
}

static bool parts_name(const struct dialect *dialect, const struct index_parts *parts, const char *column)
{
    vec_each(i, parts)
        if (parts->v[i]->column ? same_name(dialect, parts->v[i]->column, column)
                                : sql_mentions(parts->v[i]->expr.native, column))
            return true;
    return false;
}

bool constraint_names(const struct dialect *dialect, const struct constraint *c, const char *column)
{
    return strings_name(dialect, &c->columns, column) || strings_name(dialect, &c->include, column) ||
           parts_name(dialect, &c->parts, column) || sql_mentions(c->check.native, column) ||
           sql_mentions(c->where.native, column);
}

bool index_names(const struct dialect *dialect, const struct index *i, const char *column)
{
    return parts_name(dialect, &i->parts, column) || strings_name(dialect, &i->include, column) ||
           sql_mentions(i->where.native, column);
}
