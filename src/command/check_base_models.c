/*
 * check --base: whether the models changed without a revision.
 *
 * The models are compared with the schema to which the revisions lead, here and at the commit at which the branch left the
 * base. Only differences that are new here are findings: others are not this branch's, or of the kind that only a database
 * can tell.
 */
#include "check_base.h"

struct comparison_side {
    const struct graph *graph;
    const struct config *config;
    bool is_fork;
    struct differences found;
    struct revisions unread;
    bool is_comparable; /* else `why` says why not */
    const char *why;
};

/* The call's project with the models of a side, and nothing that was opened or read. */
static struct project project_of(struct base_check *b, const struct comparison_side *side)
{
    struct project p = b->c->project;

    p.config.models = side->config->models;
    p.config.model_sources = side->config->model_sources;
    p.conn = NULL;
    p.models = NULL;
    p.models_document = p.sql_models = NULL;
    p.source_texts = NULL;
    return p;
}

static bool connect_server(struct base_check *b)
{
    const struct sides_request request = {.dialect = b->dialect,
        .scratch_url = b->c->project.config.scratch_url,
        .wait_ms = b->c->globals->wait_ms};
    struct project p = b->c->project;

    p.conn = NULL;
    return b->server.conn || sides_connect(&p, &request, &b->server);
}

/* Reads the models that are not YAML files. A commit can be anybody's, so its programs do not run. */
static bool read_others(struct base_check *b, struct comparison_side *side, struct project *p)
{
    struct schema files = {0};

    if (side->is_fork && p->config.model_sources.n) {
        side->why = "programs and databases of another commit are not used";
        return true;
    }
    if (!schema_load(b->ctx, &p->config.models, &files))
        return false;
    if (files.sql_files.n || p->config.model_sources.n) {
        if (!connect_server(b))
            return false;
        if (!b->server.conn) {
            side->why = "a scratch database needs a server: set --url or 'scratch_url'";
            return true;
        }
        p->conn = b->server.conn;
        p->url = b->server.url;
        if (!migrate_read_models(p, b->dialect))
            return false;
    }
    side->is_comparable = true;
    return true;
}

static bool compare(struct base_check *b, struct comparison_side *side)
{
    struct lint_replay replayed = {0};
    struct project p = project_of(b, side);

    if (!read_others(b, side, &p))
        return false;
    if (!side->is_comparable)
        return true;
    if (!base_replay(b, side->graph, &replayed) ||
        !migrate_compare_replayed(&p, b->dialect, replayed.schema, &side->found))
        return false;
    side->unread = replayed.unread;
    return true;
}

/* False without an error: the models there are not known. */
static bool compare_fork(struct base_check *b, struct comparison_side *side)
{
    struct revisions files = b->base.fork.all;
    struct graph graph;

    side->graph = &graph;
    side->config = &b->base.fork.config;
    side->is_fork = true;
    bool ok = graph_build(b->ctx, &files, &graph) && compare(b, side);
    if (!ok)
        side->why = err_text(b->ctx);
    err_clear(b->ctx);
    return ok && side->is_comparable;
}

static bool had(const struct comparison_side *fork, const struct difference *d)
{
    vec_each(i, &fork->found)
        if (str_eq(fork->found.v[i]->text, d->text))
            return true;
    return false;
}

/* A revision of this branch with SQL that cannot be read, for example: it may do what the models say. */
static const struct revision *unread_here(const struct base_check *b, const struct comparison_side *own)
{
    vec_each(i, &own->unread)
        if (!map_get(&b->base.fork.by_id, own->unread.v[i]->id))
            return own->unread.v[i];
    return NULL;
}

static void report(
    struct base_check *b, const struct comparison_side *own, const struct comparison_side *fork)
{
    const struct revision *unread = unread_here(b, own);
    size_t n = 0;

    differences_sort((struct differences *)(uintptr_t)&own->found);
    vec_each(i, &own->found) {
        const struct difference *d = own->found.v[i];

        if (had(fork, d))
            continue;
        n++;
        if (!unread)
            base_add(b, BASE_MODELS, NULL, d->pos, "Run 'cmig revision --autogenerate -m MESSAGE'",
                "the models changed without a revision: %s", d->text);
    }
    if (n && unread)
        log_info(b->ctx,
            "cannot tell whether the models changed without a revision: revision %s cannot be followed "
            "without a database",
            unread->id);
}

bool base_check_models(struct base_check *b)
{
    struct comparison_side own = {.graph = &b->c->project.graph, .config = &b->c->project.config}, fork = {0};

    if (!compare(b, &own)) {
        if (!b->is_guessed)
            return false;
        err_clear(b->ctx);
        log_info(b->ctx,
            "the models were not compared with the revisions: name the database system with --dialect");
        return true;
    }
    if (!own.is_comparable) {
        log_info(b->ctx, "the models were not compared with the revisions: %s", own.why);
        return true;
    }
    if (!own.found.n)
        return true;
    if (!compare_fork(b, &fork)) {
        if (!own.config->model_sources.n)
            return true;
        log_info(b->ctx, "differences within '%s' are reported, too: %.*s", b->base.at.name,
            (int)strcspn(fork.why, "\n"), fork.why);
    }
    report(b, &own, &fork);
    return true;
}
