/*
 * Finds columns whose values a change of a domain would have to check, but cannot.
 *
 * ALTER DOMAIN … ADD CONSTRAINT and SET NOT NULL check the values that tables hold. They fail if a column has values of
 * the domain inside of an array, a composite type or a range, whether or not there are rows.
 */
#include "dialect/postgresql/objects/objects.h"

#include "dialect/postgresql/spell/names.h"

/* The types that contain the domain $1, as the server follows them, and the first column that has such a type. */
/* clang-format off */
static const char holding_column[] =
    "WITH RECURSIVE k (type, class) AS (SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, "
        "'pg_catalog.pg_class'::pg_catalog.regclass), "
    "holders (oid, is_inside) AS ("
        "SELECT pg_catalog.to_regtype($1)::pg_catalog.oid, false "
        "UNION SELECT COALESCE(t.oid, c.reltype), h.is_inside OR t.oid IS NULL OR t.typtype <> 'd' "
        "FROM holders h CROSS JOIN k "
        "JOIN pg_catalog.pg_depend d ON d.refclassid = k.type AND d.refobjid = h.oid "
        "LEFT JOIN pg_catalog.pg_type t ON d.classid = k.type AND t.oid = d.objid "
        "LEFT JOIN pg_catalog.pg_class c ON d.classid = k.class AND d.objsubid > 0 AND c.oid = d.objid "
        "WHERE t.oid IS NOT NULL OR c.reltype <> 0) "
    "SELECT c.oid::pg_catalog.regclass::pg_catalog.text || '.' || pg_catalog.quote_ident(a.attname) "
    "FROM holders h CROSS JOIN k "
    "JOIN pg_catalog.pg_depend d ON d.refclassid = k.type AND d.refobjid = h.oid AND d.classid = k.class "
    "JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relkind IN ('r', 'p', 'm') "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND NOT a.attisdropped "
    "WHERE h.is_inside ORDER BY 1 LIMIT 1";
/* clang-format on */

static const char add_words[] = " ADD CONSTRAINT ", not_valid[] = " NOT VALID";

static bool adds_valid_constraint(const char *step)
{
    return strstr(step, add_words) && !str_ends(step, not_valid);
}

static bool checks_values(const struct op *op)
{
    vec_each(i, &op->u.object.steps)
        if (adds_valid_constraint(op->u.object.steps.v[i]) ||
            str_ends(op->u.object.steps.v[i], " SET NOT NULL"))
            return true;
    return false;
}

/* Sets *ret to a column that the change cannot check, or to NULL. `there` is what the database calls the domain. */
static bool find_column(struct pg *pg, const struct op *op, const struct qname *there, const char **ret)
{
    struct answer a CLEANUP(answer_finish) = {0};
    *ret = NULL;
    if (!checks_values(op))
        return true;
    const char *params[] = {pg_qname(&pg->base.ctx->arena, there)};
    if (!pg_query(pg, holding_column, params, 1, &a))
        return false;
    if (answer_rows(&a))
        *ret = answer_copy(&a, 0, 0);
    return true;
}

bool pg_check_domain_change(struct pg *pg, const struct op *op, const struct qname *there)
{
    struct ctx *ctx = pg->base.ctx;
    const char *column;
    if (!find_column(pg, op, there, &column))
        return false;
    if (!column)
        return true;
    fail_at(ctx, STATUS_CONFIG, op->pos,
        "cannot add a constraint to domain '%s': column %s contains it within another type",
        op->u.object.object.key, column);
    return fail_hint(ctx,
        "Create another domain with the constraint, and use it in the columns; or add the constraint with "
        "ALTER DOMAIN ... NOT VALID after CREATE DOMAIN, so that only new values are checked.");
}

bool pg_weaken_domain_change(struct pg *pg, struct op *op)
{
    struct ctx *ctx = pg->base.ctx;
    struct strings *steps = &op->u.object.steps;
    const char *column;
    if (!find_column(pg, op, &op->u.object.object.name, &column))
        return false;
    if (!column)
        return true;
    vec_each(i, steps)
        if (adds_valid_constraint(steps->v[i]))
            steps->v[i] = ctx_printf(ctx, "%s%s", steps->v[i], not_valid);
    op->note = ctx_printf(
        ctx, "does not check existing values: column %s contains the domain within another type", column);
    return true;
}
