/*
 * Replaces git.c in a build without git: only ids of files are known.
 */
#include "cmig/vcs.h"

struct vcs {
    struct ctx *ctx;
};

struct vcs *vcs_open(struct ctx *ctx, const char *folder)
{
    struct vcs *vcs = ctx_new(ctx, struct vcs);

    (void)folder;
    vcs->ctx = ctx;
    return vcs;
}

void vcs_close(struct vcs *vcs)
{
    (void)vcs;
}

void vcs_file(struct vcs *vcs, const char *path, const char *text, size_t size, struct vcs_file *ret)
{
    (void)vcs, (void)path;
    *ret = (struct vcs_file){0};
    vcs_blob_id_lf(text, size, ret->blob);
}

bool vcs_select(struct vcs *vcs, const char *ref)
{
    return fail(vcs->ctx, STATUS_FAILED, "cannot read '%s': cmig was built without git", ref);
}

bool vcs_mount(struct vcs *vcs, const char *ref, const char *folder, const char **ret_folder)
{
    (void)folder, (void)ret_folder;
    return vcs_select(vcs, ref);
}

bool vcs_find_base(struct vcs *vcs, const char *ref, struct vcs_base *ret)
{
    (void)ret;
    return vcs_select(vcs, ref);
}

const char *vcs_author(struct vcs *vcs)
{
    (void)vcs;
    return NULL;
}

bool vcs_find(struct vcs *vcs, const char *blob, const char *commit, struct vcs_found *ret)
{
    (void)vcs, (void)blob, (void)commit;
    *ret = (struct vcs_found){.kind = VCS_NO_REF};
    return false;
}

void vcs_state(struct vcs *vcs, struct vcs_state *ret)
{
    (void)vcs;
    *ret = (struct vcs_state){0};
}

void vcs_origins(struct vcs *vcs, struct vcs_origin *files, size_t n)
{
    (void)vcs, (void)files, (void)n;
}
