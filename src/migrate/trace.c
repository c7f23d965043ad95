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
    struct revisions list = {0};

    if (!proof_list(&proof->project, of, &list) || !snapshot_take(&proof->project, at))
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

/* What the revisions give, in a snapshot. */
static bool apply_all(struct proof *proof, const struct revisions *of, struct snapshot *ret)
{
    struct ctx *ctx = proof->project.ctx;
    struct revisions list = {0};

    if (!proof_list(&proof->project, of, &list))
        return false;
    vec_each(i, &list) {
        log_progress(ctx, "revisions", i, list.n);
        if (!proof_walk(proof, list.v[i], DIRECTION_UP))
            return false;
    }
    log_progress(ctx, NULL, 0, 0);
    return snapshot_take(&proof->project, ret);
}

bool migrate_drift(struct project *p, const struct revisions *of, struct strings *ret)
{
    struct proof proof;
    struct snapshot expected = {0}, found = {0};
    struct strings differences = {0};

    bool ok = proof_open(p, 0, &proof) && apply_all(&proof, of, &expected) && snapshot_take(p, &found) &&
              snapshot_compare(p->ctx, &expected, &found, &differences);
    snapshot_finish(&expected);
    snapshot_finish(&found);
    proof_close(&proof);
    *ret = differences;
    return ok;
}

/* ---- objects by their paths ---------------------------------------------------------------------------- */

/* The end of a name at the beginning of a path; NULL: it begins otherwise. */
static const char *after_name(const char *path, const char *name)
{
    const size_t n = strlen(name);

    return strncmp(path, name, n) == 0 && strchr(". ", path[n]) ? path + n : NULL;
}

static const char *after_component(const char *path)
{
    const char *end = strpbrk(path, ". ");

    return end && *end == '.' ? end + 1 : NULL;
}

const char *trace_rest(const char *change, const char *object, const char *part)
{
    const char *at = after_component(change);

    at = at ? after_name(at, object) : NULL;
    if (!at || *at == ' ' || !part)
        return at;
    at = after_component(at + 1);
    return at ? after_name(at, part) : NULL;
}
