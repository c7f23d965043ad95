/*
 * Compares any two of databases, models and revisions.
 *
 * migrate_compare() compares a database with models. So the first side becomes a database: its own, or a scratch database
 * in which models are created and revisions applied. The second side becomes models: its own, or a document of what a
 * database contains. Without a server, a schema in memory replaces the scratch database.
 */
#include "migrate/sides.h"

#include "cmig/hazard.h"

#include "migrate/model_sources.h"
#include "migrate/proof.h"
#include "migrate/run.h"

struct sides {
    struct project own;    /* the project, as it was */
    struct project server; /* with the connection that creates scratch databases; without one: none */
    struct proof from;     /* the first side, unless it is a database */
};

static const char *default_schema_of(const struct project *p, const struct dialect *dialect)
{
    if (p->config.schemas.n)
        return p->config.schemas.v[0];
    return dialect->hazards ? dialect->hazards->default_schema : NULL;
}

/* ---- a server ------------------------------------------------------------------------------------ */

static bool choose_url(const struct sides_request *r, const struct side *to, struct project *server)
{
    struct ctx *ctx = server->ctx;
    if (r->dialect->has.embedded)
        return url_parse(ctx, ctx_printf(ctx, "%s://", r->dialect->name), ".", &server->url);
    if (r->scratch_url)
        return url_parse(ctx, r->scratch_url, server->config.folder, &server->url) ||
               fail_in(ctx, "cannot use --scratch-url");
    if (to->kind == SIDE_DATABASE) {
        server->config = to->project.config;
        server->url = to->project.url;
    }
    if (server->url.dialect || (!server->config.url && !server->config.url_command.n))
        return true;
    return project_url(server);
}

/* Without a server, expressions are compared as text: that is better than nothing. */
static bool connect_server(
    struct project *p, const struct sides_request *r, const struct side *to, struct project *server)
{
    struct project found = *p;
    const struct open_options options = {.wait_ms = r->wait_ms};
    if (r->offline && !r->dialect->has.embedded && to->kind != SIDE_DATABASE)
        return true;
    if (!choose_url(r, to, &found))
        return false;
    if (found.url.dialect != r->dialect)
        return !r->scratch_url ||
               fail(p->ctx, STATUS_USAGE, "--scratch-url is a database of %s, not of %s",
                   dialect_title(p->ctx, found.url.dialect), dialect_title(p->ctx, r->dialect));
    if (!project_connect(&found, &options)) {
        if (to->kind == SIDE_DATABASE || r->scratch_url || ctx_interrupted(p->ctx))
            return false;
        log_warn(p->ctx, "%s", err_text(p->ctx));
        err_clear(p->ctx);
        return true;
    }
    *server = found;
    return true;
}

/* ---- in a scratch database ----------------------------------------------------------------------- */

static void use_models(struct project *p, const struct side *side)
{
    p->config.models = side->project.config.models;
    p->config.model_sources = side->project.config.model_sources;
    p->source_texts = NULL;
    p->sql_models = NULL;
    p->models = NULL;
    p->models_document = NULL;
}

/* The operations that create the models of a side in an empty database. */
static bool find_creation(struct project *p, const struct side *side, struct ops *ret)
{
    static const struct rename_hint no_renames = {0};
    const struct compare_options options = {.renames = &no_renames, .no_rename = true};
    struct comparison found;
    use_models(p, side);
    if (!migrate_compare(p, &options, &found))
        return false;
    *ret = found.diff.up;
    return true;
}

static bool create_models(struct project *p, const struct side *side)
{
    struct statements list = {0};
    struct ops ops;
    struct conn *conn = p->conn;
    return find_creation(p, side, &ops) && migrate_render(p, &ops, &list) && conn->dialect->begin(conn) &&
           conn->dialect->exec(conn, &list, true);
}

static bool apply_revisions(struct proof *proof, const struct side *side)
{
    proof->project.graph = side->project.graph;
    proof->project.graph_loaded = true;
    return proof_apply(proof, &side->revisions);
}

/* The revisions of a side as a document of models, from a scratch database. */
static bool revisions_document(struct project *server, const struct side *side, struct node **ret)
{
    struct proof proof;
    struct schema schema = {0};
    bool ok = proof_open(server, 0, &proof) && apply_revisions(&proof, side) &&
              migrate_inspect(&proof.project, &schema);
    if (ok)
        *ret = schema_encode(server->ctx, server->conn->dialect, &schema);
    proof_close(&proof);
    return ok;
}

/* False without an error: there is no scratch database. */
static bool open_scratch(struct sides *s, struct proof *ret)
{
    struct ctx *ctx = s->server.ctx;
    if (proof_open(&s->server, 0, ret))
        return true;
    if (ret->scratch.conn || ctx_interrupted(ctx))
        return false;
    log_warn(ctx, "%s", err_text(ctx));
    err_clear(ctx);
    return false;
}

/* ---- in memory ----------------------------------------------------------------------------------- */

/* The schema after the statements of users is not known. */
static bool warn_of_sql(struct run *r, const struct side *side)
{
    struct ctx *ctx = r->p->ctx;
    struct revisions list;
    graph_below(ctx, &r->p->graph, &side->revisions, &list);
    vec_each(i, &list) {
        struct revision_body body;
        if (!run_body(r, list.v[i], &body))
            return false;
        vec_each(k, &body.upgrade)
            if (body.upgrade.v[k]->kind == OP_EXECUTE) {
                log_warn(ctx, "%sthe effect of SQL in revisions is not known without a server",
                    pos_text(&ctx->arena, body.upgrade.v[k]->pos));
                return true;
            }
    }
    return true;
}

static bool replay_document(
    struct project *p, const struct dialect *dialect, const struct side *side, struct node **ret)
{
    const struct run_options options = {.direction = DIRECTION_UP};
    struct project of = side->project;
    struct run r = {.p = &of, .dialect = dialect, .options = &options, .offline = true};
    of.conn = NULL;
    r.replayed = ctx_new(p->ctx, struct schema);
    r.replayed->default_schema = default_schema_of(p, dialect);
    vec_each(i, &side->revisions)
        vec_add(p->ctx, &r.rows, side->revisions.v[i]->id);
    strings_sort(&r.rows);
    if (!warn_of_sql(&r, side) || !run_replay_rows(&r))
        return false;
    *ret = schema_encode(p->ctx, dialect, r.replayed);
    return true;
}

/* A connection to a schema in memory, empty at first. */
static void use_paper(struct project *p, const struct dialect *dialect)
{
    p->url = (struct url){.text = "", .rest = "", .dialect = dialect};
    p->is_scratch = true;
    p->conn = paper_open(p->ctx, dialect, default_schema_of(p, dialect));
}

static bool models_document(
    struct project *p, const struct dialect *dialect, const struct side *side, struct node **ret)
{
    struct project empty = *p;
    struct schema schema = {.default_schema = default_schema_of(p, dialect)};
    struct ops ops;
    use_paper(&empty, dialect);
    if (!find_creation(&empty, side, &ops) || !ops_apply(p->ctx, dialect, &schema, &ops))
        return false;
    *ret = schema_encode(p->ctx, dialect, &schema);
    return true;
}

static bool is_empty(const struct side *side)
{
    return side->kind == SIDE_MODELS && !side->project.config.models.n &&
           !side->project.config.model_sources.n;
}

static bool open_paper(struct project *p, const struct sides_request *r, const struct side *side)
{
    if (is_empty(side)) {
        use_paper(p, r->dialect);
        return true;
    }
    struct node *document;
    bool ok = side->kind == SIDE_REVISIONS ? replay_document(p, r->dialect, side, &document)
                                           : models_document(p, r->dialect, side, &document);
    if (!ok)
        return false;
    use_paper(p, r->dialect);
    paper_set(p->conn, document);
    return true;
}

/* ---- the two sides ------------------------------------------------------------------------------- */

static bool open_from(struct project *p, const struct sides_request *r, struct side *from, struct sides *s)
{
    const struct open_options options = {
        .wait_ms = r->wait_ms, .missing = r->must_exist ? MISSING_FAILS : MISSING_IS_EMPTY};
    if (from->kind == SIDE_DATABASE) {
        if (!project_connect(&from->project, &options))
            return false;
        *p = from->project;
        return true;
    }
    if (!s->server.conn)
        return open_paper(p, r, from);
    if (!open_scratch(s, &s->from))
        return s->server.ctx->err.status == STATUS_OK && open_paper(p, r, from);
    if (!(from->kind == SIDE_REVISIONS ? apply_revisions(&s->from, from)
                                       : create_models(&s->from.project, from)))
        return false;
    *p = s->from.project;
    return true;
}

static bool open_to(struct project *p, const struct sides_request *r, struct side *to, struct sides *s)
{
    struct project *server = s->server.conn ? &s->server : p;
    struct node *document = NULL;
    use_models(p, to);
    switch (to->kind) {
    case SIDE_MODELS:
        return true;
    case SIDE_DATABASE:
        if (!model_database_read(&to->project, r->dialect, to->project.url.text, &document))
            return false;
        break;
    case SIDE_REVISIONS:
        if (!(p->conn->unjudged ? replay_document(p, r->dialect, to, &document)
                                : revisions_document(server, to, &document)))
            return false;
        break;
    }
    p->models_document = document;
    return true;
}

bool sides_open(
    struct project *p, const struct sides_request *r, struct side *from, struct side *to, struct sides **ret)
{
    struct sides *s = ctx_new(p->ctx, struct sides);
    s->own = *p;
    s->server = (struct project){.ctx = p->ctx};
    *ret = s;
    if (from->kind != SIDE_DATABASE && !connect_server(p, r, to, &s->server))
        return false;
    return open_from(p, r, from, s) ? open_to(p, r, to, s) : fail_in(p->ctx, "cannot read '%s'", from->name);
}

bool sides_connect(struct project *p, const struct sides_request *request, struct project *ret_server)
{
    const struct side models = {.kind = SIDE_MODELS};
    *ret_server = (struct project){.ctx = p->ctx};
    return connect_server(p, request, &models, ret_server);
}

void sides_close(struct project *p, struct sides *s)
{
    if (s->from.scratch.conn || s->from.scratch.name)
        proof_close(&s->from);
    else
        project_close(p);
    project_close(&s->server);
    *p = s->own;
}
