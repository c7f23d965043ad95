/*
 * Compares models with the schema to which revisions lead, without a database.
 *
 * Nothing can print the texts of the two sides in one form, so that similar ones are treated as equal.
 */
#include "cmig/migrate.h"

/* How an operation leaves the numbers of a key is known to the database only. */
static bool any_generation(
    const struct table *ta, const struct column *a, const struct table *tb, const struct column *b)
{
    (void)ta, (void)a, (void)tb, (void)b;
    return true;
}

static const struct dialect *lenient(struct ctx *ctx, const struct dialect *dialect)
{
    struct dialect *ret = ctx_new(ctx, struct dialect);
    *ret = *dialect;
    ret->generation_same = any_generation;
    if (dialect->expr_alike)
        ret->expr_same = dialect->expr_alike;
    return ret;
}

bool migrate_compare_replayed(struct project *p, const struct dialect *dialect, struct schema *replayed,
    struct schema *models, struct differences *ret)
{
    const struct dialect *comparing = lenient(p->ctx, dialect);
    const struct diff_options how = {
        .naming = p->config.naming,
        .no_rename = true,
        .manages = p->config.manages,
        .serial_keys = p->config.integer_keys != INTEGER_KEYS_IDENTITY && dialect->serial_apart,
    };
    struct diff diff = {0};
    if (!schema_prepare(p->ctx, dialect, replayed->default_schema, models) ||
        !diff_pair(p->ctx, comparing, &how, replayed, models) ||
        !diff_schemas(p->ctx, comparing, &how, replayed, models, &diff))
        return false;
    *ret = diff.found;
    return true;
}
