/*
 * Reads the revisions of the base branch, and of the commit at which this branch left it.
 */
#include "base.h"

const struct revision *base_find(const struct map *by_id, const char *id)
{
    const struct revision *r = map_get(by_id, id);

    return r && str_eq(r->id, id) ? r : NULL;
}

const char *base_path(const struct base *base, const struct revision *r)
{
    const char *const folders[] = {base->tip.folder, base->fork.folder};

    for (size_t i = 0; i < COUNT_OF(folders); i++) {
        const size_t n = strlen(folders[i]);

        if (str_starts(r->path, folders[i]))
            return fs_join(
                &base->c->ctx->arena, base->c->project.config.folder, r->path + n + strspn(r->path + n, "/"));
    }
    return r->path;
}

/* Directories that the commit does not have contain nothing. */
static struct strings existing(struct ctx *ctx, const struct strings *folders)
{
    struct strings ret = {0};

    vec_each(i, folders)
        if (fs_kind(ctx, folders->v[i]) == FS_DIR)
            vec_add(ctx, &ret, folders->v[i]);
    return ret;
}

static bool read_config(struct call *c, struct base_side *side)
{
    struct config_request request = config_request_of(c->globals);
    const char *own = c->project.config.path ? fs_basename(c->project.config.path) : "cmig.yaml";

    request.file = fs_join(&c->ctx->arena, side->folder, own);
    request.folder = side->folder;
    request.files_only = true;
    return fs_kind(c->ctx, request.file) != FS_FILE || config_load(c->ctx, &request, &side->config);
}

static bool take(struct call *c, struct revision *r, struct base_side *side)
{
    char *text;
    size_t size;

    if (!fs_read(c->ctx, &c->ctx->arena, "revision", r->path, FS_TEXT_LIMIT, &text, &size))
        return false;
    r->text = text;
    vec_add(c->ctx, &side->all, r);
    map_set(&side->by_id, r->id, r);
    return true;
}

static bool read_side(struct base *base, const char *ref, struct base_side *ret)
{
    struct call *c = base->c;
    struct revisions found = {0};
    const struct log log = c->ctx->log;

    ret->by_id = MAP(c->ctx);
    ret->folder = "";
    if (!vcs_mount(base->vcs, ref, c->project.config.folder, &ret->folder) || !read_config(c, ret))
        return false;
    const struct strings folders = existing(c->ctx, &ret->config.migrations);
    c->ctx->log.level = LOG_ERROR; /* of files that are not read, the working tree warns */
    bool ok = revisions_load(c->ctx, &folders, &ret->config.tests, ret->config.recursive, &found);
    c->ctx->log = log;
    for (size_t i = 0; ok && i < found.n; i++)
        ok = take(c, found.v[i], ret);
    return ok;
}

bool base_open(struct call *c, const char *ref, struct base *ret)
{
    *ret = (struct base){.c = c, .vcs = vcs_open(c->ctx, c->project.config.folder)};
    return vcs_find_base(ret->vcs, ref, &ret->at) && read_side(ret, ret->at.name, &ret->tip) &&
           read_side(ret, ret->at.merge_base, &ret->fork);
}

void base_close(struct base *base)
{
    vcs_close(base->vcs);
}
