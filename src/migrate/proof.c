/* Runs revisions one by one in a scratch database. */
#include "migrate/proof.h"

static bool use_scratch(struct proof *p)
{
    struct project *origin = p->origin;

    if (!p->scratch.conn) {
        fail(origin->ctx, STATUS_FAILED, "cannot create a scratch database: %s", p->scratch.why);
        return fail_hint(
            origin->ctx, "Use a role that may create databases, or name another server with --scratch-url.");
    }
    p->project = *origin;
    project_use_scratch(&p->project, &p->scratch);
    p->project.models = origin->models;
    p->project.version.history = (struct qname){0};
    p->project.is_scratch = true;
    p->project.skips_programs = p->project.url.dialect->has.embedded;
    p->scratch.conn->unmet = &p->unmet;
    p->sample.p = &p->project;
    p->sample.filled = MAP(origin->ctx);
    return true;
}

static bool open_scratch(struct proof *p)
{
    struct project *origin = p->origin;

    return origin->conn->dialect->scratch_open(origin->conn, &origin->url, NULL, &p->scratch) &&
           use_scratch(p);
}

bool proof_open(struct project *origin, int64_t rows, struct proof *ret)
{
    *ret = (struct proof){.origin = origin, .sample.rows = rows};
    return open_scratch(ret);
}

bool proof_copy(struct proof *from, struct proof *ret)
{
    struct conn *conn = from->origin->conn;

    *ret = (struct proof){.origin = from->origin};
    if (!conn->dialect->scratch_copy)
        return false;
    bool ok = conn->dialect->scratch_copy(conn, &from->scratch, &ret->scratch);
    from->project.conn = from->scratch.conn; /* which may be another session */
    return ok && use_scratch(ret);
}

void proof_take(struct proof *from, struct proof *ret)
{
    *ret = *from;
    ret->sample.p = &ret->project;
    from->scratch = (struct scratch){0};
}

bool proof_reopen(struct proof *p)
{
    proof_close(p);
    return open_scratch(p);
}

void proof_close(struct proof *p)
{
    if (p->scratch.conn || p->scratch.name)
        p->origin->conn->dialect->scratch_close(p->origin->conn, &p->scratch);
    p->scratch = (struct scratch){0};
}

bool proof_fill(struct proof *p)
{
    return !p->sample.rows || sample_fill(&p->sample);
}

bool proof_walk(struct proof *p, const struct revision *r, enum direction direction)
{
    struct ctx *ctx = p->project.ctx;
    const struct run_options options = {
        .direction = direction, .only = r, .target = r->id, .drop_stamped = true};
    struct run_result result;
    const enum log_level level = ctx->log.level;

    ctx->log.level = level < LOG_DEBUG ? LOG_ERROR : level;
    bool ok = migrate_run(&p->project, &options, &result);
    ctx->log.level = level;
    return ok;
}

static bool runs_program(const struct ops *ops)
{
    vec_each(i, ops)
        if (ops->v[i]->kind == OP_RUN)
            return true;
    return false;
}

bool proof_skips_program(const struct proof *p, const struct revision_body *body)
{
    return p->project.skips_programs && (runs_program(&body->upgrade) || runs_program(&body->downgrade));
}

bool proof_apply(struct proof *p, const struct revisions *of)
{
    struct ctx *ctx = p->project.ctx;
    struct revisions list;

    graph_below(ctx, &p->project.graph, of, &list);
    vec_each(i, &list) {
        log_progress(ctx, "revisions", i, list.n);
        if (!proof_walk(p, list.v[i], DIRECTION_UP))
            return fail_in(ctx, "cannot apply revision %s in a scratch database",
                revision_title(&ctx->arena, list.v[i]));
    }
    log_progress(ctx, NULL, 0, 0);
    return true;
}
