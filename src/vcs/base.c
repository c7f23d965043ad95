/*
 * Finds the branch that this one will be merged into, and the commit at which it left that branch.
 */
#include "git.h"

#include <stdlib.h>

static bool find_tip(struct vcs *vcs, const char *ref, git_oid *ret)
{
    git_object *object = NULL, *commit = NULL;
    bool ok = vcs->git.git_revparse_single(&object, vcs->repository, ref) >= 0 &&
              vcs->git.git_object_peel(&commit, object, GIT_OBJECT_COMMIT) >= 0;

    if (ok)
        *ret = *vcs->git.git_object_id(commit);
    if (object)
        vcs->git.git_object_free(object);
    if (commit)
        vcs->git.git_object_free(commit);
    return ok;
}

/* The branch of a pull request's target, as CI systems name it; NULL: none does. */
static const char *ci_target(void)
{
    static const char *const variables[] = {"GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
        "BITBUCKET_PR_DESTINATION_BRANCH", "SYSTEM_PULLREQUEST_TARGETBRANCH", "CHANGE_TARGET",
        "BUILDKITE_PULL_REQUEST_BASE_BRANCH", "DRONE_TARGET_BRANCH", "CI_COMMIT_TARGET_BRANCH"};

    for (size_t i = 0; i < COUNT_OF(variables); i++) {
        const char *value = getenv(variables[i]);
        if (value && *value)
            return str_starts(value, "refs/heads/") ? value + strlen("refs/heads/") : value;
    }
    return NULL;
}

/* A CI system fetches the target into origin, and often has no local branch of it. */
static bool find_auto(struct vcs *vcs, struct vcs_base *base, git_oid *ret)
{
    struct ctx *ctx = vcs->ctx;
    const char *target = ci_target();

    base->name = target ? ctx_printf(ctx, "origin/%s", target) : "origin/HEAD";
    if (find_tip(vcs, base->name, ret))
        return true;
    if (target) {
        base->name = target;
        if (find_tip(vcs, target, ret))
            return true;
        fail(ctx, STATUS_USAGE, "git does not know the target branch '%s' of the CI system", target);
        return fail_hint(ctx, "Run 'git fetch origin %s:refs/remotes/origin/%s' first.", target, target);
    }
    fail(ctx, STATUS_USAGE,
        "cannot find the base branch: no CI variable names it, and origin has no default branch here");
    return fail_hint(
        ctx, "Name the branch, as in '--base origin/main', or run 'git remote set-head origin --auto'.");
}

static bool find_ref(struct vcs *vcs, const char *ref, git_oid *ret)
{
    if (find_tip(vcs, ref, ret))
        return true;
    fail(vcs->ctx, STATUS_USAGE, "git does not know '%s': %s", ref, git_problem(vcs));
    return fail_hint(vcs->ctx, "Name a branch, tag or commit; 'git fetch' may have to get it first.");
}

static bool fail_unrelated(struct vcs *vcs, const struct vcs_base *base)
{
    struct ctx *ctx = vcs->ctx;

    if (!vcs->git.git_repository_is_shallow(vcs->repository)) {
        fail(ctx, STATUS_FAILED, "HEAD and '%s' have no common commit", base->name);
        return fail_hint(ctx, "Name the branch into which this one will be merged.");
    }
    fail(ctx, STATUS_FAILED, "the clone is shallow: it lacks the commit that HEAD and '%s' have in common",
        base->name);
    return fail_hint(ctx,
        "Run 'git fetch --unshallow', or 'git fetch --deepen=100'; CI systems fetch all commits with "
        "'fetch-depth: 0' (GitHub) or 'GIT_DEPTH: 0' (GitLab).");
}

bool vcs_find_base(struct vcs *vcs, const char *ref, struct vcs_base *ret)
{
    struct vcs_base base = {.name = ctx_strdup(vcs->ctx, ref)};
    git_oid tip, head, common;

    if (!git_need(vcs, ref) ||
        !(str_eq(ref, "auto") ? find_auto(vcs, &base, &tip) : find_ref(vcs, ref, &tip)))
        return false;
    if (!find_tip(vcs, "HEAD", &head))
        return fail(vcs->ctx, STATUS_FAILED, "the repository has no commit yet");
    if (vcs->git.git_merge_base(&common, vcs->repository, &head, &tip) < 0)
        return fail_unrelated(vcs, &base);
    vcs->git.git_oid_fmt(base.tip, &tip);
    vcs->git.git_oid_fmt(base.merge_base, &common);
    *ret = base;
    return true;
}
