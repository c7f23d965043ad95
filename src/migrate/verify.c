/*
 * verify: runs revisions in a scratch database, up, down and up again.
 *
 * The schema is read after each step, in the form that `inspect` prints, together with the SQL of what cmig does not
 * model. It must be the same before a revision and after its downgrade, and after both of its upgrades.
 */
#include "migrate/proof.h"

struct verifying {
    struct project *p; /* of the scratch database */
    struct proof proof;
    const struct verify_options *options;
    struct verification *result;
    struct snapshot before, after; /* the revision */
    bool is_as_after;              /* the database is as the last revision left it */
    struct verified *now;
};

/* Adds how the database differs from a snapshot. */
static bool compare(struct verifying *v, const struct snapshot *was, const char *when)
{
    struct ctx *ctx = v->p->ctx;
    struct snapshot is = {0};
    struct tree_changes found = {0};

    bool ok = snapshot_take(v->p, &is) && snapshot_compare(ctx, was, &is, &found);
    snapshot_finish(&is);
    vec_each(i, &found)
        vec_add(ctx, &v->now->differences, ctx_printf(ctx, "after %s: %s", when, found.v[i]->text));
    return ok;
}

/* ---- one revision --------------------------------------------------------------------------------------- */

static bool read_body(struct verifying *v, const struct revision *r, struct revision_body *ret)
{
    struct project *p = v->p;
    const struct audience to = project_audience(p, p->conn->dialect->name);

    if (!revision_body(p->ctx, r, &to, ret))
        return false;
    if (proof_skips_program(&v->proof, ret))
        vec_add(p->ctx, &v->now->notes, "its program did not run: it cannot open a database in memory");
    return true;
}

/* True if the revision did what it must, but for differences; *ret_upgraded: at least its first upgrade worked. */
static bool try_revision(struct verifying *v, const struct revision *r, bool *ret_upgraded)
{
    struct revision_body body;

    *ret_upgraded = false;
    if (!read_body(v, r, &body) || !proof_walk(&v->proof, r, DIRECTION_UP) || !snapshot_take(v->p, &v->after))
        return false;
    *ret_upgraded = true;
    if (!body.has_downgrade) {
        v->now->result = VERIFIED_IRREVERSIBLE;
        return true;
    }
    if (!proof_walk(&v->proof, r, DIRECTION_DOWN) || !compare(v, &v->before, "the downgrade"))
        return false;
    if (v->now->differences.n) /* then the second upgrade proves nothing */
        return true;
    return proof_walk(&v->proof, r, DIRECTION_UP) && compare(v, &v->after, "the second upgrade");
}

static bool note_error(struct verifying *v)
{
    struct ctx *ctx = v->p->ctx;

    if (ctx_interrupted(ctx) || ctx->err.status == STATUS_UNREACHABLE)
        return false;
    v->now->result = VERIFIED_FAILED;
    v->now->error = err_text(ctx);
    err_clear(ctx);
    return true;
}

/* Once, although the revision ran twice. */
static void note_unmet(struct verifying *v)
{
    vec_each(i, &v->proof.unmet)
        if (!strings_have(&v->now->notes, v->proof.unmet.v[i]))
            vec_add(v->p->ctx, &v->now->notes, v->proof.unmet.v[i]);
}

/* *ret_continues: the database is, or can be made, as the revision leaves it. False after an interruption. */
static bool verify_revision(struct verifying *v, const struct revision *r, bool *ret_continues)
{
    struct ctx *ctx = v->p->ctx;
    const uint64_t start = time_monotonic_us();

    v->now = ctx_new(ctx, struct verified);
    v->proof.unmet = (struct strings){0};
    v->now->revision = r;
    if (!try_revision(v, r, ret_continues) && !note_error(v))
        return false;
    note_unmet(v);
    if (v->now->differences.n)
        v->now->result = VERIFIED_DIFFERS;
    v->now->microseconds = time_monotonic_us() - start;
    v->result->failures += v->now->result == VERIFIED_DIFFERS || v->now->result == VERIFIED_FAILED;
    vec_add(ctx, &v->result->revisions, v->now);
    v->options->report(v->options->user, v->now);
    return true;
}

/* ---- the models ----------------------------------------------------------------------------------------- */

static bool has_all_heads(struct verifying *v)
{
    struct revisions heads;
    struct strings rows;
    bool exists;

    if (!project_versions(v->p, &rows, &exists))
        return false;
    graph_heads(v->p->ctx, &v->p->graph, &heads);
    vec_each(i, &heads)
        if (revision_is_real_head(heads.v[i]) && !strings_have(&rows, heads.v[i]->id))
            return false;
    return true;
}

static bool compare_models(struct verifying *v)
{
    static const struct rename_hint no_renames = {0};
    const struct compare_options options = {.renames = &no_renames, .no_rename = true};
    struct comparison found;

    const struct schema *models = v->p->models;

    if (!models->has_documents && !models->sql_files.n && !v->p->config.model_sources.n) /* it has none */
        return true;
    if (!has_all_heads(v))
        return v->p->ctx->err.status == STATUS_OK;
    if (!migrate_compare(v->p, &options, &found))
        return false;
    v->result->has_models = true;
    v->result->models = found.diff.found;
    return true;
}

/* ---- all ------------------------------------------------------------------------------------------------ */

/* The schema before a revision is often that after the last one, since filling tables does not change it. */
static bool take_before(struct verifying *v)
{
    const struct snapshot before = v->before;

    if (!v->is_as_after)
        return snapshot_take(v->p, &v->before);
    v->before = v->after;
    v->after = before;
    return true;
}

/* Applies a revision that is not verified, or not any more. */
static bool pass(struct verifying *v, const struct revision *r)
{
    return proof_fill(&v->proof) && proof_walk(&v->proof, r, DIRECTION_UP);
}

/* After a downgrade that failed or did something else: the same revisions in a new database. */
static bool start_again(struct verifying *v, const struct revisions *list, size_t upto)
{
    if (!proof_reopen(&v->proof))
        return false;
    for (size_t i = 0; i <= upto; i++)
        if (!pass(v, list->v[i]))
            return false;
    return true;
}

static bool verify_all(struct verifying *v)
{
    struct ctx *ctx = v->p->ctx;
    const struct revisions *range = &v->options->range;
    struct revisions list = {0};
    bool *wanted = arena_alloc(&ctx->arena, v->p->graph.all.n + 1), continues = true;

    vec_each(i, range)
        wanted[range->v[i]->order] = true;
    graph_below(ctx, &v->p->graph, range, &list);
    for (size_t i = 0; i < list.n; i++) {
        log_progress(ctx, "revisions", i, list.n);
        if (!wanted[list.v[i]->order]) {
            v->is_as_after = false;
            if (!pass(v, list.v[i]))
                return false;
            continue;
        }
        if (!continues) {
            vec_add(ctx, &v->result->untried, list.v[i]);
            continue;
        }
        if (!proof_fill(&v->proof) || !take_before(v) || !verify_revision(v, list.v[i], &continues))
            return false;
        v->is_as_after = v->now->result == VERIFIED_OK || v->now->result == VERIFIED_IRREVERSIBLE;
        if (continues && !v->is_as_after && !start_again(v, &list, i))
            return false;
    }
    log_progress(ctx, NULL, 0, 0);
    v->result->notes = v->proof.sample.notes;
    return continues ? compare_models(v) : true;
}

bool migrate_verify(struct project *p, const struct verify_options *options, struct verification *ret)
{
    struct verifying v = {.options = options, .result = ret};

    *ret = (struct verification){.server = p->conn->server};
    if (!migrate_models(p))
        return false;
    v.p = &v.proof.project;
    bool ok = proof_open(p, options->rows, &v.proof) && verify_all(&v);
    snapshot_finish(&v.before);
    snapshot_finish(&v.after);
    proof_close(&v.proof);
    return ok;
}
