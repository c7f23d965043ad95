/*
 * Loads models that are SQL.
 *
 * The statements run in a scratch database, of which nothing stays, and the result is reflected: as 'inspect' would
 * print it, and so exactly as the compared database prints its own objects.
 */
#include "migrate/sql_models.h"

#include "migrate/model_sources.h"

/* ---- the scratch database ------------------------------------------------------------------------ */

static bool open_scratch(struct project *p, struct scratch *ret)
{
    struct ctx *ctx = p->ctx;
    const struct dialect *dialect = p->conn->dialect;
    struct url given;
    bool is_given = p->config.scratch_url && dialect->scratch_reset;
    if (is_given && !url_parse(ctx, p->config.scratch_url, p->config.folder, &given))
        return fail_in(ctx, "cannot use 'scratch_url'");
    if (is_given && given.dialect != dialect)
        return fail(ctx, STATUS_CONFIG, "'scratch_url' is a database of %s, not of %s",
            dialect_title(ctx, given.dialect), dialect_title(ctx, dialect));
    if (!dialect->scratch_open(p->conn, &p->url, is_given ? &given : NULL, ret))
        return false;
    if (ret->conn)
        return true;
    fail(ctx, STATUS_FAILED, "cannot load models in SQL: no scratch database (%s)", ret->why);
    return fail_hint(ctx, "%s, or name an empty database in 'scratch_url'.", ret->hint);
}

static bool check_managed(struct project *p, const struct schema *s)
{
    if (!s->unmanaged.n)
        return true;
    fail(p->ctx, STATUS_CONFIG, "models in SQL create schema '%s', which is not under management",
        s->unmanaged.v[0]);
    return fail_hint(p->ctx, "Add '%s' to 'schemas' in cmig.yaml.", s->unmanaged.v[0]);
}

static void report_unmodelled(struct project *p, const struct schema *s)
{
    vec_each(i, &s->unmodelled) {
        const struct unmodelled *u = s->unmodelled.v[i];
        log_warn(p->ctx, "models in SQL create an object that cmig neither models nor compares: %s '%s'",
            u->kind, qname_text(&p->ctx->arena, &u->name));
    }
}

/* A statement that the server rejects is an error of the models. */
static bool run_files(struct conn *conn, const struct statements *list)
{
    if (conn->dialect->exec(conn, list, false))
        return true;
    if (conn->ctx->err.status == STATUS_FAILED)
        conn->ctx->err.status = STATUS_CONFIG;
    return false;
}

static bool load(
    struct project *p, struct conn *conn, bool is_begun, const struct statements *list, struct node **ret)
{
    struct schema schema = {0};
    if ((!is_begun && !conn->dialect->begin(conn)) || !run_files(conn, list) ||
        (conn->dialect->scratch_reset && !conn->dialect->scratch_reset(conn)) ||
        !conn->dialect->reflect(conn, &p->scope, &schema) || !check_managed(p, &schema))
        return false;
    report_unmodelled(p, &schema);
    vec_each(i, &schema.tables)
        table_spell(p->ctx, conn->dialect, schema.tables.v[i]);
    schema_mark_external(p->ctx, conn->dialect, &schema);
    *ret = schema_encode(p->ctx, conn->dialect, &schema);
    return true;
}

/* What the SQL creates, as a document of models. */
static bool read_document(struct project *p, const struct model_sqls *sqls, struct node **ret)
{
    struct statements list = {0};
    struct scratch scratch;
    vec_each(i, sqls)
        if (!model_script(p->ctx, p->conn->dialect, &sqls->v[i], &list))
            return false;
    if (!open_scratch(p, &scratch))
        return false;
    bool ok = load(p, scratch.conn, scratch.begun, &list, ret);
    p->conn->dialect->scratch_close(p->conn, &scratch);
    if (ok)
        sql_models_place(p->ctx, p->conn->dialect, p->conn->default_schema, &list, *ret);
    return ok;
}

/* Owners and grants in SQL are skipped, and so all grants would be revoked. */
static bool check_manages(struct project *p, const struct model_sqls *sqls)
{
    if (!p->config.manages || !p->conn->dialect->has.privileges)
        return true;
    fail_at(p->ctx, STATUS_CONFIG, (struct pos){sqls->v[0].name, 1, 1},
        "models in SQL cannot contain owners and grants, which 'manage' in cmig.yaml requires");
    return fail_hint(p->ctx, "Write the models in YAML, as 'cmig inspect' prints them, or remove 'manage'.");
}

/* Together with YAML, SQL lists only the kinds that it contains. */
static void leave_other_kinds(struct schema *part)
{
    part->namespaces_given = false;
    for (int kind = 0; kind < OBJECT_KINDS; kind++)
        part->manages[kind] = part->objects[kind].n > 0;
}

static bool add_sql(struct project *p, const struct model_sqls *sqls, struct schema *models)
{
    struct schema part = {0};
    const bool has_documents = models->has_documents;
    const struct schema own = *models;
    if (!sqls->n)
        return true;
    if (!check_manages(p, sqls))
        return false;
    if (!p->sql_models && !read_document(p, sqls, &p->sql_models))
        return false;
    if (!schema_of_document(p->ctx, p->sql_models, &part))
        return fail_in(p->ctx, "cannot use the models in SQL");
    if (has_documents)
        leave_other_kinds(&part);
    return schema_join(p->ctx, &own, &part, models);
}

bool models_complete(struct project *p, const struct dialect *dialect, struct schema *models)
{
    struct model_sqls sqls = {0};
    vec_each(i, &models->sql_files) {
        const struct model_sql file = {.name = models->sql_files.v[i]};
        vec_add(p->ctx, &sqls, file);
    }
    return model_sources_add(p, dialect, models, &sqls) && add_sql(p, &sqls, models);
}
