/*
 * Compares models with the schema to which revisions lead, without a database.
 *
 * The schema takes the place of a database, see paper.c.
 */
#include "migrate/sides.h"
#include "migrate/sql_models.h"

bool migrate_read_models(struct project *p, const struct dialect *dialect)
{
    struct schema models = {0};
    return schema_load(p->ctx, &p->config.models, &models) && models_complete(p, dialect, &models);
}

/* A table without columns, for example, is something that not every database has. */
static bool is_possible(struct project *p)
{
    struct schema ignored = {0};
    if (p->conn->dialect->reflect(p->conn, &p->scope, &ignored))
        return true;
    log_info(p->ctx, "the models were not compared with the revisions, which lead to an invalid schema: %s",
        err_text(p->ctx));
    err_clear(p->ctx);
    return false;
}

bool migrate_compare_replayed(
    struct project *p, const struct dialect *dialect, const struct schema *replayed, struct differences *ret)
{
    static const struct rename_hint no_renames = {0};
    const struct compare_options options = {.renames = &no_renames, .no_rename = true, .is_offline = true};
    struct project of = *p;
    struct comparison found;
    of.url = (struct url){.text = "", .rest = "", .dialect = dialect};
    of.conn = paper_open(p->ctx, dialect, replayed->default_schema);
    of.conn->manages = p->config.manages;
    paper_ignore_generation(of.conn);
    paper_set(of.conn, schema_encode(p->ctx, dialect, replayed));
    *ret = (struct differences){0};
    if (!is_possible(&of))
        return true;
    if (!migrate_compare(&of, &options, &found))
        return false;
    *ret = found.diff.found;
    return true;
}
