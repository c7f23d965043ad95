/*
 * Finds which revisions made a schema what it is.
 *
 * The revisions run in a scratch database, which is read after each of them.
 */
#include "migrate/proof.h"

static bool trace_revision(
    struct proof *proof, const struct revision *r, struct snapshot *at, struct traced *ret)
{
    struct ctx *ctx = proof->project.ctx;
    struct snapshot is = {0};

    ret->revision = r;
    bool ok = proof_walk(proof, r, DIRECTION_UP) && snapshot_take(&proof->project, &is) &&
              snapshot_compare(ctx, at, &is, &ret->changes);
    snapshot_finish(at);
    *at = is;
    return ok;
}

static bool trace_all(
    struct proof *proof, const struct revisions *of, struct snapshot *at, struct traceds *ret)
{
    struct ctx *ctx = proof->project.ctx;
    struct revisions list;

    graph_below(ctx, &proof->project.graph, of, &list);
    if (!snapshot_take(&proof->project, at))
        return false;
    vec_each(i, &list) {
        struct traced *t = ctx_new(ctx, struct traced);

        log_progress(ctx, "revisions", i, list.n);
        if (!trace_revision(proof, list.v[i], at, t))
            return false;
        vec_add(ctx, ret, t);
    }
    log_progress(ctx, NULL, 0, 0);
    return true;
}

bool migrate_trace(struct project *p, const struct revisions *of, struct traceds *ret)
{
    struct proof proof;
    struct snapshot at = {0};
    struct traceds found = {0};

    bool ok = proof_open(p, 0, &proof) && trace_all(&proof, of, &at, &found);
    snapshot_finish(&at);
    proof_close(&proof);
    *ret = found;
    return ok;
}

bool migrate_drift(struct project *p, const struct revisions *of, struct tree_changes *ret)
{
    struct proof proof;
    struct snapshot expected = {0}, found = {0};
    struct tree_changes differences = {0};

    bool ok = proof_open(p, 0, &proof) && proof_apply(&proof, of) &&
              snapshot_take(&proof.project, &expected) && snapshot_take(p, &found) &&
              snapshot_compare(p->ctx, &expected, &found, &differences);
    snapshot_finish(&expected);
    snapshot_finish(&found);
    proof_close(&proof);
    *ret = differences;
    return ok;
}

bool migrate_replay(struct project *p, struct schema *ret, const char **ret_why)
{
    struct proof proof;
    struct revisions heads;

    *ret_why = NULL;
    if (!project_connect(p, NULL))
        return false;
    graph_heads(p->ctx, &p->graph, &heads);
    bool ok = proof_open(p, 0, &proof);
    if (!ok && !proof.scratch.conn && proof.scratch.why) {
        err_clear(p->ctx);
        *ret_why = proof.scratch.why;
        return true;
    }
    ok = ok && proof_apply(&proof, &heads) && migrate_inspect(&proof.project, ret);
    proof_close(&proof);
    return ok;
}

/* ---- objects by their paths ---------------------------------------------------------------------------- */

enum { OBJECT = 1, PART = 3 }; /* of "tables", "users", "columns", "email" */

bool trace_concerns(const struct tree_change *change, const char *object, const char *part)
{
    const struct strings *path = &change->path;

    if (path->n <= OBJECT || !str_eq(path->v[OBJECT], object))
        return false;
    if (!part)
        return true;
    return path->n > PART ? str_eq(path->v[PART], part) : strings_have(&change->parts, part);
}

void trace_functions(struct ctx *ctx, const struct traceds *all, const char *name, struct strings *ret)
{
    const size_t n = strlen(name);

    vec_each(i, all)
        vec_each(k, &all->v[i]->changes) {
            const struct strings *path = &all->v[i]->changes.v[k]->path;
            const char *object = path->n > OBJECT ? path->v[OBJECT] : "";

            if (strncmp(object, name, n) == 0 && object[n] == '(' && !strings_have(ret, object))
                vec_add(ctx, ret, object);
        }
}

bool trace_creates(const struct tree_change *change, const char *part)
{
    return change->is_new && change->path.n <= (part ? PART : OBJECT) + 1;
}
