/* Opens the configuration, the revision files and the database of a command. */
#include "cmig/migrate.h"

/* cmig_version keeps its history in cmig_history, any other name NAME in NAME_history. */
static const char *sibling_name(struct ctx *ctx, const char *version_name, const char *what)
{
    if (str_ends(version_name, "_version") && str_starts(version_name, "cmig"))
        return ctx_printf(
            ctx, "%.*s_%s", (int)(strlen(version_name) - strlen("_version")), version_name, what);
    return ctx_printf(ctx, "%s_%s", version_name, what);
}

void version_table_complete(struct ctx *ctx, struct version_table *v)
{
    v->progress = v->lock = (struct qname){.schema = v->name.schema};
    v->progress.name = sibling_name(ctx, v->name.name, "progress");
    v->lock.name = sibling_name(ctx, v->name.name, "lock");
}

void project_name_tables(struct project *p, const char *schema)
{
    p->version = (struct version_table){
        .name = p->config.version_table.name, .column = p->config.version_table.column};
    if (schema)
        p->version.name.schema = schema;
    version_table_complete(p->ctx, &p->version);
    if (!p->config.no_history) {
        p->version.history.schema = p->version.name.schema;
        p->version.history.name = sibling_name(p->ctx, p->version.name.name, "history");
    }
    p->scope = (struct scope){
        .schemas = p->config.schemas,
        .exclude = p->config.exclude,
        .include = p->config.include,
        .version = p->version,
    };
}

bool project_open(struct ctx *ctx, const struct config_request *request, struct project *ret)
{
    struct project p = {.ctx = ctx};
    if (!config_load(ctx, request, &p.config))
        return false;
    project_name_tables(&p, NULL);
    *ret = p;
    return true;
}

bool project_graph(struct project *p)
{
    if (p->graph_loaded)
        return true;
    struct revisions found = {0};
    if (!revisions_load(p->ctx, &p->config.migrations, &p->config.tests, p->config.recursive, &found) ||
        !graph_build(p->ctx, &found, &p->graph))
        return false;
    p->graph_loaded = true;
    return true;
}

bool project_own_graph(struct project *p)
{
    if (!p->shares_graph)
        return true;
    p->shares_graph = p->graph_loaded = false;
    p->graph = (struct graph){0};
    return project_graph(p);
}

struct audience project_audience(const struct project *p, const char *dialect)
{
    return (struct audience){
        .dialect = dialect,
        .environment = p->config.environment,
        .environments = p->config.environments,
    };
}

/* For a command that works in one database. */
static bool choose_target(struct project *p)
{
    struct targets all;
    if (!targets_find(p, &all))
        return false;
    log_info(p->ctx, "in target '%s'%s", all.v[0]->name,
        all.n > 1 ? ctx_printf(p->ctx, ", the first of %u", all.n) : "");
    const bool shares_graph = p->shares_graph;
    project_for(p, p->ctx, all.v[0], p);
    p->shares_graph = shares_graph;
    return true;
}

bool project_url(struct project *p)
{
    const char *text;
    if (p->url.dialect)
        return true;
    if (p->config.targets.n && !p->target && !choose_target(p))
        return false;
    if (!config_url(p->ctx, &p->config, &text))
        return false;
    if (!url_parse(p->ctx, text, p->config.folder, &p->url)) {
        const char *source = p->config.url_source;
        return fail_in(p->ctx, "%scannot use the URL%s%s", pos_text(&p->ctx->arena, p->config.url_pos),
            source ? " of " : "", source ? source : "");
    }
    return true;
}

/* An invalid URL is reported with its origin. */
static bool fail_open(struct project *p)
{
    const char *source = p->ctx->err.status == STATUS_CONFIG ? p->config.url_source : NULL;
    return fail_in(p->ctx, "cannot open database '%s'%s%s", url_text(&p->ctx->arena, p->url.text),
        source ? " of " : "", source ? source : "");
}

static bool open_url(struct project *p, const struct open_options *options)
{
    if (!project_url(p))
        return false;
    return p->url.dialect->open(p->ctx, &p->url, options, &p->conn) || fail_open(p);
}

static bool borrow(struct project *p, const struct open_options *options)
{
    return p->handle_dialect->borrow(p->ctx, p->handle, options, &p->url, &p->conn) ||
           fail_in(p->ctx, "cannot use the connection of the program");
}

void project_locate(struct project *p, const struct dialect *dialect)
{
    if (!dialect->locate)
        return;
    p->finds_version_table |= p->version.name.schema == NULL; /* a second connection is told the schema */
    dialect->locate(p->ctx, p->conn, &p->version);
    p->scope.version = p->version;
}

/* The search path of a session may name a schema that does not exist; then the next one would be used. */
static bool check_schema(struct project *p)
{
    const char *schema = p->target ? p->target->schema : NULL;
    if (!schema || !p->url.dialect->has.schemas || str_eq(p->conn->default_schema, schema))
        return true;
    fail(p->ctx, STATUS_UNREACHABLE, "schema '%s' does not exist, or its use is not permitted", schema);
    return fail_hint(p->ctx, "Create the schema, or take it out of 'targets'.");
}

bool project_connect(struct project *p, const struct open_options *options)
{
    static const struct open_options none = {0};
    if (p->conn)
        return true;
    struct open_options o = options ? *options : none;
    if (!o.lock_timeout_ms)
        o.lock_timeout_ms = p->config.lock_timeout_ms;
    o.table_timeout_ms = p->config.table_timeout_ms;
    o.version = &p->version;
    if (!(p->handle ? borrow(p, &o) : open_url(p, &o)))
        return false;
    p->conn->manages = p->config.manages;
    project_locate(p, p->url.dialect);
    return check_schema(p);
}

/* Running all revisions again because the search path hides the table would be wrong, and so would using the
 * table of another schema with a history of its own. */
static bool check_hidden(struct project *p)
{
    struct ctx *ctx = p->ctx;
    const struct dialect *dialect = p->conn->dialect;
    const struct version_table *v = &p->version;
    struct strings row;
    if (!p->finds_version_table || !dialect->hidden_query)
        return true;
    if (!dialect->query(p->conn, dialect->hidden_query(ctx, v), &row))
        return false;
    if (!row.n)
        return true;
    struct qname first = {row.v[1], v->name.name};
    fail(ctx, STATUS_CONFIG, "version table '%s' is not in the search path, but in schema %s", v->name.name,
        row.v[0]);
    return fail_hint(ctx,
        "Name its schema, as in 'version_table: %s', or run 'cmig ensure-version' to give schema '%s' a "
        "history of its own.",
        qname_text(&ctx->arena, &first), p->conn->default_schema);
}

bool project_versions(struct project *p, struct strings *ret, bool *ret_exists)
{
    return p->conn->dialect->versions(p->conn, &p->version, ret, ret_exists) &&
           (*ret_exists || check_hidden(p));
}

bool project_rows(struct project *p, struct strings *ret)
{
    bool exists;
    *ret = (struct strings){0};
    return project_connect(p, NULL) && project_versions(p, ret, &exists);
}

void project_close(struct project *p)
{
    if (p->conn)
        p->conn->dialect->close(p->conn);
    p->conn = NULL;
}

void project_use_scratch(struct project *p, const struct scratch *scratch)
{
    scratch->conn->manages = p->conn->manages;
    p->conn = scratch->conn;
    p->url = scratch->url;
    p->config.hooks = NULL;
    p->models = NULL;
}
